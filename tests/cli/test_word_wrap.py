"""Words wrapped while they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from minillm.cli.word_wrap import WordWrap

pieces = st.lists(st.text(st.sampled_from(["a", "b", " ", "\n", "漢", "é"]), max_size=12), max_size=12)


def wrapped(parts: list[str], width: int) -> str:
    wrap = WordWrap(width)
    return "".join([wrap.feed(part) for part in parts]) + wrap.finish()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one two three", "one two\nthree"),
        ("one\n  two", "one\n  two"),
        ("incomprehensible word", "incomprehensible\nword"),
        ("漢字漢字漢字", "漢字漢字\n漢字"),
        ("ends with space ", "ends\nwith\nspace"),
    ],
)
def test_lines_break_between_words(text: str, shown: str) -> None:
    assert wrapped([text], 8) == shown


@given(pieces, st.integers(1, 20))
def test_however_it_comes_the_result_is_the_same(parts: list[str], width: int) -> None:
    assert wrapped(parts, width) == wrapped(["".join(parts)], width)


@given(pieces, st.integers(2, 20))
def test_no_word_is_lost_and_only_long_words_pass_the_edge(parts: list[str], width: int) -> None:
    shown = wrapped(parts, width)
    assert "".join(shown.split()) == "".join("".join(parts).split())
    for line in shown.split("\n"):
        assert cell_len(line) <= width or len(line.split()) == 1


def test_a_word_is_shown_when_the_next_begins() -> None:
    wrap = WordWrap(20)
    assert [wrap.feed(part) for part in ("Hel", "lo", " wor", "ld", ".\n")] == ["", "", "Hello", "", " world.\n"]
