r"""Strings that attack a screen, a terminal or a reader, for every slot that shows outside text.

Use `HOSTILE` to parametrise (`HOSTILE_IDS` names the cases), `HOSTILE_BYTES` for file names that
are no UTF-8, `LOOK_ALIKES` for names that must look different, and `leaks` on what was rendered:

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_a_name_comes_out_clean(text): assert leaks(rendered(text)) == []

Every string here is written with escapes, so that this file itself is plain ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ESC: Final = "\x1b"
BEL: Final = "\x07"
ST: Final = "\x1b\\"

_TERMINAL: Final[dict[str, str]] = {
    "osc-52-writes-the-clipboard": f"{ESC}]52;c;cm0gLXJmIH4K{BEL}",
    "osc-52-closed-by-st": f"{ESC}]52;c;cm0gLXJmIH4K{ST}",
    "osc-52-reads-the-clipboard": f"{ESC}]52;c;?{ST}",
    "osc-0-sets-the-title": f"{ESC}]0;owned{BEL}",
    "osc-2-sets-the-title": f"{ESC}]2;owned{ST}",
    "osc-7-sets-the-folder": f"{ESC}]7;file://host/etc{ST}",
    "osc-8-makes-a-link": f"{ESC}]8;;http://evil.example{ST}safe{ESC}]8;;{ST}",
    "osc-9-notifies": f"{ESC}]9;you have been owned{BEL}",
    "osc-1337-writes-a-file": f"{ESC}]1337;File=name=eA==:eA=={BEL}",
    "osc-4-changes-the-palette": f"{ESC}]4;0;rgb:ff/ff/ff{ST}",
    "osc-unterminated": f"{ESC}]0;never closed",
    "csi-clears-the-screen": f"{ESC}[2J{ESC}[H",
    "csi-clears-the-scrollback": f"{ESC}[3J",
    "csi-moves-the-cursor-up": f"{ESC}[1A{ESC}[2Koverwritten",
    "csi-hides-the-cursor": f"{ESC}[?25l",
    "csi-leaves-the-alternate-screen": f"{ESC}[?1049l",
    "csi-turns-on-mouse-reports": f"{ESC}[?1003h",
    "csi-turns-off-bracketed-paste": f"{ESC}[?2004l",
    "csi-conceals": f"{ESC}[8minvisible{ESC}[0m",
    "csi-colours": f"{ESC}[31mred{ESC}[0m",
    "csi-asks-for-the-cursor": f"{ESC}[6n",
    "csi-asks-for-the-device": f"{ESC}[c",
    "csi-reports-the-title": f"{ESC}[21t",
    "csi-repeats": f"x{ESC}[99999b",
    "csi-unterminated": f"{ESC}[12;",
    "dcs": f"{ESC}Pq#0;2;0;0;0{ST}",
    "dcs-asks-for-a-setting": f"{ESC}P$qm{ST}",
    "dcs-wraps-for-tmux": f"{ESC}Ptmux;{ESC}{ESC}]52;c;eA=={BEL}{ST}",
    "apc": f"{ESC}_Gf=100,a=T;AAAA{ST}",
    "pm": f"{ESC}^private{ST}",
    "sos": f"{ESC}Xstring{ST}",
    "full-reset": f"{ESC}c",
    "line-drawing-charset": f"{ESC}(0qqq{ESC}(B",
    "lone-escape": ESC,
    "escape-at-the-end": f"name{ESC}",
    "c1-csi": "\x9b2J",
    "c1-osc": "\x9d52;c;eA==\x9c",
    "c1-dcs": "\x90q\x9c",
    "c1-apc-pm-sos": "\x9fa\x9c\x9eb\x9c\x98c\x9c",
    "c1-next-line": "one\x85two",
    "c1-all": "".join(map(chr, range(0x80, 0xA0))),
    "c1-as-utf-8-read-as-latin-1": "\u009b31m".encode().decode("latin-1"),
    "c0-all": "".join(map(chr, range(0x20))),
    "nul": "before\x00after",
    "bell": "\x07\x07\x07",
    "backspaces": "rm -rf /\x08\x08\x08\x08\x08\x08\x08\x08harmless",
    "delete": "a\x7fb",
    "shift-out": "\x0egraphic\x0f",
    "form-feed-and-vertical-tab": "a\x0cb\x0bc",
    "carriage-return-overwrites": "evil.exe\rgood.txt",
    "carriage-return-alone": "\r",
    "line-feed": "name\nsecond line: all is well",
    "crlf": "name\r\nX-Injected: yes",
    "tab": "a\tb",
    "newlines-many": "\n" * 200,
}

_UNICODE: Final[dict[str, str]] = {
    "bidi-embeddings-and-overrides": "a\u202ab\u202bc\u202cd\u202de\u202ef",
    "bidi-isolates": "a\u2066b\u2067c\u2068d\u2069e",
    "bidi-marks": "a\u200eb\u200fc\u061cd",
    "bidi-extension-swap": "invoice\u202efdp.exe",
    "zero-width": "a\u200bb\u200cc\u200dd\u2060e\ufefff",
    "zero-width-only": "\u200b",
    "byte-order-mark": "\ufeffname",
    "invisible-operators": "a\u2061b\u2062c\u2063d\u2064e",
    "deprecated-format": "a\u206ab\u206bc\u206cd\u206de\u206ef\u206fg",
    "interlinear-annotation": "\ufff9a\ufffab\ufffb",
    "tag-characters": "x" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all"),
    "language-tag": "\U000e0001en",
    "variation-selectors": "a\ufe00b\ufe0fc",
    "variation-selectors-supplement-hide-data": "x"
    + "".join(chr(0xE0100 + byte) for byte in b"hidden"),
    "mongolian-selectors": "a\u180b\u180c\u180d\u180e\u180fb",
    "grapheme-joiner": "a\u034fb",
    "soft-hyphen": "pass\u00adword",
    "line-separator": "a\u2028b",
    "paragraph-separator": "a\u2029b",
    "spaces": "a\u00a0b\u1680c\u2000d\u2003e\u2007f\u2009g\u200ah\u202fi\u205fj\u3000k",
    "surrogate-low": "a\udc80b",
    "surrogate-high": "a\ud800b",
    "surrogate-pair-split": "\udc00\ud800",
    "surrogate-escaped-csi": b"\x9b2J\x9c".decode("utf-8", "surrogateescape"),
    "private-use": "\ue000\uf8ff\U000f0000\U0010fffd",
    "powerline-private-use": "\ue0b0 prompt \ue0b2",
    "noncharacters": "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff",
    "unassigned": "\u0378\u2fe0\U0003fffd",
    "hangul-fillers": "\u115f\u1160\u3164\uffa0",
    "hangul-lone-vowels": "\u1161\u1162\u11a8\ud7b0",
    "blank-letters": "a\u2800b\u17b4c\u17b5d",
    "combining-run-of-10-kib": "a" + "\u0301" * 5120,
    "combining-first": "\u0336struck",
    "combining-on-a-sign": "=\u0338 [\u20dd /\u0338",
    "enclosing-marks": "1\u20e3 a\u20dd b\u20e0",
    "mark-after-an-invisible": "a\u200b\u0301",
    "decomposed": "e\u0301 \u1112\u1161\u11ab \u304b\u3099",
    "singletons": "\u212b \u2126 \u212a \u037e \u1fef \uf900",
    "zalgo": "h\u0337\u0317e\u0336\u0318l\u0334\u0319l\u0335\u0316o\u0334\u031d",
    "wide-characters-of-10-kib": "\u6f22" * 3413,
    "one-word-of-10-kib": "A" * 10240,
    "emoji-joined": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "emoji-selector": "\u2764\ufe0f",
    "emoji-skin-tone": "\U0001f44d\U0001f3fd",
    "emoji-flag": "\U0001f1eb\U0001f1f7",
    "emoji-keycap": "1\ufe0f\u20e3",
    "full-width": "\uff41\uff44\uff4d\uff49\uff4e\uff0f\uff0e\uff0e\uff0f\uff1b",
    "mathematical-letters": "\U0001d41a\U0001d41d\U0001d426\U0001d422\U0001d427",
    "ligatures": "\ufb01le \ufb02ow \u2165",
    "cyrillic-in-a-latin-word": "p\u0430yp\u0430l",
    "latin-in-cyrillic-clothes": "\u0441\u043e\u0440",
    "greek-in-a-latin-word": "c\u03bfpy",
    "armenian-in-a-latin-word": "f\u0585\u0585",
    "cherokee-and-lisu": "\u13aa\u13a0\u13a2 \ua4d0\ua4d1\ua4e8",
    "slashes-that-are-none": "..\u2215..\u2044etc\u2216passwd\u29f5x",
    "hyphens-that-are-none": "a\u2010b\u2011c\u2012d\u2212e",
    "colons-and-dots-that-are-none": "C\ua789\u2236\u2024\ua4f8",
    "arabic-and-hebrew-letters": "\u0645\u0641\u062a\u0627\u062d \u05e7\u05d5\u05d1\u05e5 1",
}

_MARKUP: Final[dict[str, str]] = {
    "markup-lone-close": "[/",
    "markup-close-all": "[/]",
    "markup-close-unopened": "[/x]",
    "markup-close-after-text": "a[/b",
    "markup-action": "[@click=app.quit]x[/]",
    "markup-action-with-arguments": "[@click=\"app.open_url('http://x')\"]x[/]",
    "markup-link": "[link=http://x]click[/link]",
    "markup-bold-open": "[b",
    "markup-bold": "[bold]x[/bold]",
    "markup-colours": "[red on blue]x",
    "markup-conceal": "[conceal]hidden[/conceal]",
    "markup-unbalanced": "[[[]]",
    "markup-variable": "$var $primary ${x}",
    "markup-variable-in-a-tag": "[$accent]x[/$accent]",
    "markup-escaped": "\\[x]",
    "markup-twice-escaped": "\\\\[x]",
    "markup-array-in-quotes": "[type=x, v={'a[0]'}]",
    "markup-nested-quotes": "[x='[\"']",
    "markup-percent": "%s %(x)s {0} {x!r} %",
    "trailing-backslash": "name\\",
    "trailing-backslashes": "name\\\\\\",
    "fake-escape": "\\x1b\\u202e\\n",
    "fake-escape-doubled": "\\\\x1b",
    "html": "<script>alert(1)</script>&lt;&#27;",
    "markdown": "[x](javascript:1) ![](http://x) `a` **b** # c",
    "emoji-code": ":smile: :skull:",
    "ansi-in-words": "\\033[2J ^[[2J",
}

_NAMES: Final[dict[str, str]] = {
    "name-option": "--overwrite",
    "name-option-short": "-rf",
    "name-option-with-value": "--output=/etc/passwd",
    "name-dot-dot": "..",
    "name-parents": "../../../../etc/passwd",
    "name-absolute": "/etc/passwd",
    "name-home": "~root/.ssh/authorized_keys",
    "name-drive": "C:\\Windows\\System32",
    "name-device": "CON",
    "name-trailing-dot": "name.",
    "name-trailing-space": "name ",
    "name-leading-space": " name",
    "name-spaces-only": "   ",
    "name-empty": "",
    "name-glob": "*.txt",
    "name-shell": "$(reboot) `reboot` ; reboot | x & y > z",
    "name-quotes": "a'b\"c",
    "name-url": "file:///etc/passwd",
    "name-of-255-bytes": "n" * 255,
    "name-of-1-mib": "n" * (1 << 20),
    "json-in-words": '","error":null,"x":"',
}

HOSTILE_BY_NAME: Final[dict[str, str]] = {**_TERMINAL, **_UNICODE, **_MARKUP, **_NAMES}
HOSTILE: Final[tuple[str, ...]] = tuple(HOSTILE_BY_NAME.values())
HOSTILE_IDS: Final[tuple[str, ...]] = tuple(HOSTILE_BY_NAME)

MARKUP: Final[tuple[str, ...]] = tuple(_MARKUP.values())
"""Only those that a markup parser would act on or choke on."""

HOSTILE_BYTES: Final[tuple[bytes, ...]] = (
    b"\xff\xfe",
    b"caf\xe9.txt",
    b"\x9b2J",
    b"\x9d52;c;eA==\x9c",
    b"half \xe2\x80",
    b"overlong \xc0\xaf..\xc0\xaf",
    b"encoded surrogate \xed\xa0\x80",
    b"beyond unicode \xf4\x90\x80\x80",
    b"\x1b]0;owned\x07",
    b"new\nline",
    b"-\xff-",
    b"[b\xff",
    b"\xff" * 255,
)
"""Names as the system stores them: no NUL, no slash, at most 255 bytes."""

HOSTILE_NAMES: Final[tuple[str, ...]] = tuple(
    text
    for text in HOSTILE
    if text not in {"", ".", ".."}
    and not {"/", "\0"} & set(text)
    and not re.search("[\ud800-\udc7f\udd00-\udfff]", text)
    and len(text.encode("utf-8", "surrogateescape")) <= 255
)
"""Those that can be the name of a real file in a folder on a POSIX system."""

LOOK_ALIKES: Final[tuple[tuple[str, str], ...]] = (
    ("alias/paypal", "alias/p\u0430ypal"),
    ("alias/copy", "alias/\u0441opy"),
    ("alias/scope", "alias/\u0455cop\u0435"),
    ("alias/XABC", "alias/\u0425\u0410\u0412\u0421"),
    ("cop", "\u0441\u043e\u0440"),
    ("alias/root", "alias/r\u03bfot"),
    ("alias/TEXT", "alias/\u03a4\u0395\u03a7\u03a4"),
    ("alias/foo", "alias/f\u0585\u0585"),
    ("alias/GATE", "alias/\u13c0ATE"),
    ("alias/DEV", "alias/\ua4d3EV"),
    ("alias/prod", "alias/prod\u200b"),
    ("alias/prod", "alias/pr\u200dod"),
    ("alias/prod", "alias/prod\ufe0f"),
    ("alias/prod", "alias/prod\u00ad"),
    ("alias/prod", "alias/prod\u034f"),
    ("alias/prod", "alias/prod\u3164"),
    ("alias/prod", "\uff41\uff4c\uff49\uff41\uff53/prod"),
    ("alias/prod", "alias/\U0001d429rod"),
    ("alias/bagel", "alias/b\u0251\u0261el"),
    ("alias/cow", "alias/\u1d04\u1d0f\u1d21"),
    ("a b", "a\u00a0b"),
    ("a b", "a\u3000b"),
    ("a-b", "a\u2010b"),
    ("a-b", "a\u2011b"),
    ("a-b", "a\u2212b"),
    ("a/b", "a\u2215b"),
    ("a/b", "a\u2044b"),
    ("a\\b", "a\u2216b"),
    ("a:b", "a\ua789b"),
    ("a:b", "a\u2236b"),
    ("a.b", "a\u2024b"),
    ("a;b", "a\u037eb"),
    ("a!b", "a\u01c3b"),
    ("a|b", "a\u01c0b"),
    ("a`b", "a\u1fefb"),
    ("file", "\ufb01le"),
    ("VI", "\u2165"),
    ("K", "\u212a"),
    ("\u00c5", "\u212b"),
    ("caf\u00e9", "cafe\u0301"),
    ("\ud55c", "\u1112\u1161\u11ab"),
    ("\u304c", "\u304b\u3099"),
    ("a\u0323\u0302", "a\u0302\u0323"),
    ("q\u0303", "q\u0303\u0303"),
    ("\u8c48", "\uf900"),
    ("name", "name\x00"),
    ("name", "name "),
    ("name", "name\n"),
    ("name", "name\x1b[0m"),
    ("\\x1b", "\x1b"),
    ("\\u202e", "\u202e"),
    ("\\n", "\n"),
    ("\\\\n", "\\\n"),
    ("\\\\", "\\"),
    ("a\udce9", "a\u00e9"),
)
"""Pairs that a reader would take for the same name; the parts a screen shows must differ."""

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")
_MARKS_OF_A_LETTER: Final = 2  # Vietnamese, Thai, Hebrew and Arabic need two
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def leaks(text: str, *, allowed: str = "") -> list[str]:
    """What a rendered text still holds that a terminal obeys or that nobody sees.

    Args:
        text: what was rendered, without the renderer's own control sequences.
        allowed: characters that are the renderer's own, `"\\n"` for printed lines.

    Returns:
        One line for each kind of character found, empty for a clean text.
    """
    found: dict[str, int] = {}
    for index, char in enumerate(text):
        if char in allowed:
            continue
        if _is_hidden(char):
            found.setdefault(_described(char), index)
    marks = 0
    for index, char in enumerate(text):
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks > _MARKS_OF_A_LETTER:
            found.setdefault("a run of combining marks", index)
    return [f"{what} at {index}" for what, index in found.items()]


def _is_hidden(char: str) -> bool:
    return (
        unicodedata.category(char) in _FORBIDDEN
        or char in _BLANK_LETTERS
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
        or "\u180b" <= char <= "\u180f"
    )


def _described(char: str) -> str:
    return f"U+{ord(char):04X} {unicodedata.name(char, unicodedata.category(char))}"
