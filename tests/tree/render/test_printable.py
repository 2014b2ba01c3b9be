"""Text that cannot steer a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from minillm.tree.render.printable import printable


def test_control_sequences_become_visible():
    assert printable("\x1b[31mred\x07\x9b0m") == "\\x1b[31mred\\x07\\x9b0m"
    assert printable("a\u202eb\u2066c") == "a\\u202eb\\u2066c"
    assert printable("\u200e \u200f \u061c") == "\\u200e \\u200f \\u061c"
    assert printable("over\rwritten") == "over\\x0dwritten".replace("\\x0d", "\\r")


def test_half_a_pair_can_be_written():
    """Python reads one out of JSON and then cannot encode it."""
    assert printable("\ud800 \U0001f469").encode() == "\\ud800 \U0001f469".encode()


def test_ordinary_text_stays():
    text = "tabs\tand\nlines, é, 漢字, 👩‍👩‍👧"
    assert printable(text) == text
    assert printable("dos\r\nline") == "dos\nline"


@given(st.text())
def test_nothing_that_steers_is_left(text):
    assert not any((char < " " and char not in "\t\n") or "\x7f" <= char <= "\x9f" for char in printable(text))
