"""Offsets as lines and columns."""

from hypothesis import given
from hypothesis import strategies as st

from minillm.config_file.places import Places


@given(st.text(alphabet="ab\n", max_size=30), st.integers(0, 30))
def test_line_and_column_as_an_editor_counts(text, offset):
    """Lines end at newlines; both count from 1."""
    offset = min(offset, len(text))
    before = text[:offset]
    assert Places(text).line_and_column(offset) == (before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def test_the_first_time_counts():
    """A table that is opened by its first key stands where that key stands."""
    places = Places("x" * 9)
    places.add(("a",), 3)
    places.add(("a",), 7)
    assert places.find(("a",)) == 3
    assert places.find(("a", "b", 0)) == 3
    assert places.find(("z",)) == 0
    places.add_once(("a",), 8)
    assert places.twice == [(("a",), 8)]


def test_words_of_a_value_have_their_own_line():
    """Up to the next key; where they are not to be found, the key itself has to do."""
    places = Places('a = """\nx {one}\n"""\nb = "{one} {two}"')
    places.add(("a",), 0)
    places.add(("b",), 20)
    assert places.line_and_column(places.find_words(("a",), "{one}")) == (2, 3)
    assert places.find_words(("a",), "{two}") == 0
    assert places.find_words(("a",), "") == 0
    assert places.line_and_column(places.find_words(("b",), "{two}")) == (4, 12)
