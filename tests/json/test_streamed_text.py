"""The inside of a JSON string, cut anywhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.json.streamed_text import StreamedText, joined_surrogates


def said(*pieces: str, lenient: bool = False) -> tuple[str, str]:
    """What the deltas say together, and the value."""
    text = StreamedText(lenient=lenient)
    deltas = [text.take(piece) for piece in pieces]
    return "".join([*deltas, text.end()]), text.value()


def test_a_pair_in_two_pieces_is_one_character() -> None:
    text = StreamedText()
    assert [text.take("a\\ud83d"), text.take("\\ude00b"), text.end()] == ["a", "😀b", ""]
    assert text.value() == "a😀b"


def test_raw_halves_are_joined_too() -> None:
    """A host that slices UTF-16 sends them."""
    assert said("\ud83d", "\ude00") == ("😀", "😀")
    assert joined_surrogates("\ud83d\ude00\ud83d") == "😀\ud83d"


@pytest.mark.parametrize("raw", ["\\ud83d", "\\ude00", "\\ud83d\\ud83d\\ude00", "\\ud83dx", "\\ude00\\ud83d"])
def test_half_a_pair_stays_as_in_pythons_json(raw: str) -> None:
    value = json.loads(f'"{raw}"')
    assert said(raw) == (value, value)
    assert said(*(raw[i : i + 6] for i in range(0, len(raw), 6))) == (value, value)


def test_lenient_gives_half_a_pair_as_the_replacement_character() -> None:
    assert said("a\\ud83d", "b\\ude00", lenient=True)[0] == "a\ufffdb\ufffd"


def test_lenient_takes_odd_backslashes_and_raw_line_breaks_as_text() -> None:
    assert said("C:\\dir\n\\\\d \\n\\u12x", lenient=True)[0] == "C:\\dir\n\\d \n\\u12x"


@given(st.lists(st.text(max_size=4), max_size=4))
def test_pieces_say_what_the_whole_says(pieces: list[str]) -> None:
    escaped = [json.dumps(piece)[1:-1] for piece in pieces]
    assert said(*escaped) == said("".join(escaped))
