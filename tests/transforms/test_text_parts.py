"""One part while its text is read: what waits, what was said, where its sources point."""

from minillm.transforms.text_parts import Slot, TextPartState
from minillm.types import Citation, PartStart, TextDelta, TextPart


class Nothing:
    patient = False

    def is_plain(self, text):
        return False

    def scan(self, text, at, *, final, cut):
        return [], at


def part(*deltas):
    state = TextPartState((0, 0), TextPart, Nothing())
    for delta in deltas:
        state.hold(Slot(), TextDelta(0, delta), delta)
    return state


def test_text_is_taken_event_by_event():
    state = part("ab", "cde")
    pieces = [state.take(1), state.take(5), state.take(2), state.take(9)]
    assert [(piece.text, piece.whole, piece.first, piece.last) for piece in pieces] == [
        ("a", False, True, False),
        ("b", False, False, True),
        ("cd", False, True, False),
        ("e", False, False, True),
    ]
    assert state.said() == "abcde"


def test_no_event_is_cut_for_nothing():
    """What waits in the middle of one holds all of it, unless it is cut already."""
    state = part("ab", "cde")
    assert [state.whole(count) for count in (1, 2, 4, 5)] == [0, 2, 2, 5]
    state.take(1)
    assert [state.whole(count) for count in (0, 1, 3)] == [0, 1, 1]


def test_a_start_without_text_stands_before_it():
    state = part()
    state.hold(Slot(), PartStart(0, TextPart("")), "")
    assert state.next_is_empty()
    assert not state.undecided
    assert state.take(0).whole


def test_places_move_with_the_text():
    """Inside what was replaced, to its end."""
    state = part("0123456789")
    state.note(2, 5, 1)
    state.forget(5)
    state.note(7, 7, 2)
    source = Citation("https://x.y", start=1, end=9)
    assert state.moved(source, exact=True) == Citation("https://x.y", start=1, end=9)
    assert state.moved(Citation(start=3, end=6), exact=True) == Citation(start=3, end=4)
    assert state.moved(source, exact=False) == Citation("https://x.y")
    assert state.moved(Citation("https://x.y"), exact=False) == Citation("https://x.y")


def test_little_of_a_long_text_is_kept():
    """What is decided is not read again; a little of it stays for those who look back."""
    state = part("x" * 10_000)
    state.forget(9_990)
    assert len(state.text) < 100
    assert state.undecided
    assert state.text[state.at :] == "x" * 10
