"""No raw string reaches a widget: `display` makes all content, and nothing parses markup."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sealscope.app

ROOT = Path(sealscope.app.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# Textual's own widgets that parse the str they are given.
PARSING = {
    "Button", "Checkbox", "Collapsible", "DataTable", "Digits", "DirectoryTree", "Label", "Link",
    "ListItem", "Markdown", "OptionList", "Pretty", "RadioButton", "RichLog", "Select",
    "SelectionList", "Static", "TabPane", "Tab", "Tabs", "Tooltip", "Tree",
}  # fmt: skip
# Wrapped once, in these modules, so that the rest of the app cannot use them wrongly.
WRAPPERS = {"Static": "widgets/line.py", "Button": "widgets/button.py"}
CONTENT = {"Content", "from_markup", "from_text", "from_rich_text", "escape", "styled", "assemble"}
TITLES = {"border_title", "border_subtitle", "tooltip", "sub_title"}


def is_fixed(node: ast.expr) -> bool:
    """Whether an expression is a literal."""
    return isinstance(node, ast.Constant)


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.c` or `c`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def faults(source: str, path: str) -> list[str]:
    """Where a module hands raw text to a widget."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                parsing = name_of(base) in PARSING and WRAPPERS.get(name_of(base)) != path
                found += [f"{node.lineno}: class {node.name}({name_of(base)})"] if parsing else []
        elif isinstance(node, ast.Call):
            name = name_of(node.func)
            if name in PARSING:
                found.append(f"{node.lineno}: {name}(...)")
            if name in CONTENT and path != "display.py":
                found.append(f"{node.lineno}: {name}(...) outside display.py")
            if name == "notify" and path != "display.py":
                found.append(f"{node.lineno}: notify(...) instead of toast(...)")
            if name == "Text" and path != "crash.py":
                found.append(f"{node.lineno}: Text(...)")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            titled = any(isinstance(t, ast.Attribute) and t.attr in TITLES for t in targets)
            if titled and path != "display.py" and not (node.value and is_fixed(node.value)):
                found.append(f"{node.lineno}: a title that is not made by set_titles")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_hands_no_raw_text_to_a_widget(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    assert faults(path.read_text(encoding="utf-8"), name) == []


@pytest.mark.parametrize(
    "source",
    [
        "Static(f'{name}')",
        "Label(name)",
        "widgets.Button(key.alias)",
        "class Mine(Static): ...",
        "app.notify(error.title)",
        "Content(name)",
        "Content.from_markup('[b]x')",
        "self.border_title = alias",
        "self.border_title = f'{alias}'",
        "Text(name)",
    ],
)
def test_the_check_sees_a_raw_sink(source: str) -> None:
    assert faults(source, "keys/place.py") != []


def test_a_module_is_no_longer_than_400_lines() -> None:
    long = [path.name for path in MODULES if path.read_text(encoding="utf-8").count("\n") > 400]
    assert long == []
