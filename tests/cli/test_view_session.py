"""The viewer in a terminal, key by key, without one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.cli.view_session import ViewSession
from minillm.tree import Node
from minillm.view.outline import Outline
from tests.view.samples import hostile, rivers

KEYS = [
    *"jkhlgGeE[]/nNpb?q x",
    "up",
    "down",
    "left",
    "right",
    "enter",
    "escape",
    "backspace",
    "home",
    "end",
    "page up",
    "page down",
]


@pytest.fixture
def session() -> ViewSession:
    return ViewSession(Outline(rivers().iter_depth_first()), 15, "rivers.jsonl")


def press(session: ViewSession, *keys: str) -> str:
    for key in keys:
        assert session.press(key)
    return "\n".join(line.plain for line in session.draw(90, 20))


def here(session: ViewSession) -> str:
    return session.outline.nodes[session.here].text


def test_it_begins_at_the_end_and_moves(session: ViewSession) -> None:
    assert "rivers.jsonl · 16 nodes" in press(session)
    press(session, "up")
    assert here(session).startswith("A weir")
    press(session, "home", "down")
    assert here(session).startswith("Which river")
    press(session, "page down")
    assert session.here == 15


def test_folding_hides_and_shows(session: ViewSession) -> None:
    press(session, "home", "down", "down")
    assert "And when?" in press(session)
    assert "And when?" not in press(session, "left")
    assert "And when?" in press(session, "right")
    press(session, "right", "left", "left")
    assert here(session).startswith("Take the Loire between Nevers and Orl")
    shown = press(session, "end", "up", "E")
    assert here(session).startswith("Take the Dordogne")
    assert "+2" in shown
    assert len(session.outline.rows) == 5
    press(session, "e")
    assert len(session.outline.rows) == 16


def test_siblings_are_a_key_apart(session: ViewSession) -> None:
    press(session, "[")
    assert here(session).startswith("Take the Dordogne")
    assert "no further" in press(session, "]", "]")


def test_searching_goes_from_match_to_match(session: ViewSession) -> None:
    press(session, "E", "/", *"loirx", "backspace", "e")
    shown = press(session, "enter")
    assert "3 found" in shown
    press(session, "n")
    assert session.here == 2
    press(session, "n")
    assert session.here == 4
    assert "1 of 3" in press(session, "N")
    assert "nothing found" in press(session, "/", *"zzz", "enter")
    assert "nothing is searched for" in press(session, "n")
    before = session.here
    press(session, "/", *"loire", "escape")
    assert session.here == before


def test_the_path_the_bill_and_the_keys_are_pages(session: ViewSession) -> None:
    shown = press(session, "[", "down", "down", "p")
    assert "A weir; carry" in shown
    assert "patient guide" in press(session, "home")
    assert "at least $0.01117" in press(session, "b", "end")
    assert "a row up, down" in press(session, "?")
    assert "▾" in press(session, "q")
    assert not session.press("q")


def test_interrupt_leaves_from_anywhere(session: ViewSession) -> None:
    press(session, "/", "a")
    assert not session.press("interrupt")


def test_a_long_message_is_cut_and_says_so() -> None:
    session = ViewSession(Outline(Node.root("x" * 1_000_000).iter_depth_first()), 0, "t")
    assert "980,000 more characters" in press(session, "p", "end")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(KEYS), max_size=30), st.integers(1, 120), st.integers(1, 30))
def test_any_keys_at_any_size_draw_a_screen(keys: list[str], width: int, height: int) -> None:
    """And no control character of a hostile file is on it."""
    session = ViewSession(Outline(hostile().iter_depth_first()), 0, "\x1b[2J")
    for key in keys:
        if not session.press(key):
            break
        lines = session.draw(width, height)
        assert len(lines) <= height
        assert all(line.cell_len <= width for line in lines)
        assert not set("\x1b\x07\u202e") & set("".join(line.plain for line in lines))
