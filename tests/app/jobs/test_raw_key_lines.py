"""Raw keys as they are typed into a form."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.app.jobs.raw_key_lines import NamedFile, parse_named_files, with_file
from sealscope.errors import UsageError
from tests.hostile import HOSTILE


class TestLines:
    def test_are_one_key_each_and_empty_ones_count_for_nothing(self) -> None:
        assert parse_named_files("a/b=c.key\n\n  \nd/e=f g.key") == (
            NamedFile("a", "b", Path("c.key")),
            NamedFile("d", "e", Path("f g.key")),
        )

    def test_end_the_names_at_the_first_equals_sign_and_the_namespace_at_the_first_slash(
        self,
    ) -> None:
        (key,) = parse_named_files("a/b/c=d=/e")
        assert key == NamedFile("a", "b/c", Path("d=/e"))

    def test_may_name_the_home_folder(self, empty_home: Path) -> None:
        (key,) = parse_named_files("a/b=~/k")
        assert key.file == empty_home / "k"

    @pytest.mark.parametrize("text", ["a/b", "a/b=", "a/b= ", "a"])
    def test_without_a_file_are_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="has no file"):
            parse_named_files(text)

    @pytest.mark.parametrize("text", ["=k", "a=k", "/b=k", "a/=k"])
    def test_without_both_names_are_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="lacks its namespace or its name"):
            parse_named_files(text)

    def test_that_name_a_key_again_are_refused_and_counted(self) -> None:
        with pytest.raises(UsageError, match="named twice") as caught:
            parse_named_files("a/b=c\na/b=d")
        assert caught.value.detail.startswith("line 2")

    def test_of_any_text_give_keys_or_our_error(self) -> None:
        for text in HOSTILE:
            for typed in (text, f"{text}/{text}={text}"):
                try:
                    parse_named_files(typed)
                except UsageError:
                    continue


class TestAPickedFile:
    @pytest.mark.parametrize(
        ("text", "row", "after", "at"),
        [
            ("", 0, "=k", 0),
            ("a/b", 0, "a/b=k", 0),
            ("a/b=", 0, "a/b=k", 0),
            ("a/b=c", 0, "a/b=c\n=k", 1),
            ("a/b=c\n", 0, "a/b=c\n=k", 1),
            ("a/b=c\n", 1, "a/b=c\n=k", 1),
            ("a/b\nd/e=f", 0, "a/b=k\nd/e=f", 0),
        ],
    )
    def test_completes_its_line_or_begins_one(
        self, text: str, row: int, after: str, at: int
    ) -> None:
        assert with_file(text, row, "k") == (after, at)
