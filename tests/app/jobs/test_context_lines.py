"""A typed context is pairs, or an error that names its line."""

import pytest

from sealscope.app.jobs.context_lines import parse_context
from sealscope.errors import UsageError


class TestParsing:
    def test_one_pair_a_line_in_the_order_typed(self) -> None:
        assert parse_context("b=2\na=1") == (("b", "2"), ("a", "1"))

    def test_nothing_typed_is_an_empty_context(self) -> None:
        assert parse_context("\n  \n") == ()

    def test_only_the_first_equals_sign_ends_the_name(self) -> None:
        assert parse_context("key=a=b==") == (("key", "a=b=="),)

    def test_spaces_and_backslashes_are_kept_as_typed(self) -> None:
        assert parse_context(r" p = C:\new ") == ((" p ", r" C:\new "),)

    def test_a_value_may_be_empty(self) -> None:
        assert parse_context("flag=") == (("flag", ""),)


class TestRefusing:
    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("a=1\nwords", "A line of the context has no ="),
            ("a=1\n=2", "A line of the context has no name"),
            ("a=1\na=2", "A name is in the context twice"),
            ("a=1\naws-crypto-public-key=x", "Names that start with aws-crypto- are reserved"),
        ],
    )
    def test_a_wrong_line_is_named_with_its_reason(self, text: str, title: str) -> None:
        with pytest.raises(UsageError) as refused:
            parse_context(text)
        assert refused.value.title == title
        assert refused.value.detail.startswith("line 2: ")
