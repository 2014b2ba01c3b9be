"""A call that is shown is the call itself; the display is drawn now and then, and always at the end."""

import asyncio

import pytest

from minillm import Branch, BranchFailed, ChatNode, MockModel, ServerError, notebook
from minillm.notebook import showing
from minillm.notebook.fragment import Fragment


def question() -> ChatNode:
    return ChatNode.root("Be terse.").add_user("Hi")


class Screen:
    """Stands where a notebook does, and keeps all that it was shown."""

    def __init__(self) -> None:
        self.shown: list[Fragment] = []

    def begin(self, first: Fragment) -> object:
        self.shown.append(first)
        return self.shown.append


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setattr(showing, "begin_display", made.begin)
    return made


async def test_awaited_it_gives_what_the_call_gives(screen: Screen) -> None:
    node = question()
    branch = await notebook.show(node.branch(MockModel(["a", "b"]), n=2))
    assert isinstance(branch, Branch)
    assert [reply.text for reply in branch] == ["a", "b"]
    assert node.children == tuple(branch)
    assert '<pre dir="auto">b</pre>' in screen.shown[-1].html
    reply = await notebook.show(branch[0].add_user("More?").stream(MockModel(["c"])))
    assert (reply.text, reply.parent.text) == ("c", "More?")
    assert str(screen.shown[-1]).startswith("-- mock")


async def test_as_a_block_it_gives_the_call_itself(screen: Screen) -> None:
    texts = []
    async with notebook.show(question().branch(MockModel(["a", "b"]), n=2)) as run:
        async for reply in run:
            texts.append(reply.text)
    assert sorted(texts) == ["a", "b"]
    async with notebook.show(question().stream(MockModel(["c"]))) as stream:
        assert [chunk.delta async for chunk in stream] == ["c"]
    assert stream.node.text == "c"


async def test_it_is_drawn_while_it_runs(screen: Screen) -> None:
    """By a timer: the call waits for no display."""
    gate = asyncio.Event()

    async def answering(request: object) -> str:
        await gate.wait()
        return "a"

    task = asyncio.ensure_future(awaited(notebook.show(question().branch(MockModel(answering)))))
    while len(screen.shown) < 3:
        await asyncio.sleep(0.01)
    assert "waiting" in screen.shown[-1].html
    gate.set()
    await task
    count = len(screen.shown)
    await asyncio.sleep(2 * showing._INTERVAL)
    assert len(screen.shown) == count


async def awaited(shown: object) -> object:
    return await shown  # type: ignore[misc]


async def test_the_last_picture_stands_whatever_ends_the_call(screen: Screen) -> None:
    with pytest.raises(BranchFailed):
        await notebook.show(question().branch(MockModel([ServerError("one"), ServerError("two")]), n=2, retry=0))
    assert "ServerError: two" in screen.shown[-1].html
    with pytest.raises(ServerError):
        await notebook.show(question().stream(MockModel([ServerError("three")]), retry=0))
    assert "ServerError: three" in screen.shown[-1].html

    never = asyncio.Event()

    async def answering(request: object) -> str:
        await never.wait()
        return ""

    task = asyncio.ensure_future(awaited(notebook.show(question().branch(MockModel(answering)))))
    count = len(screen.shown)
    while len(screen.shown) == count:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "left after" in screen.shown[-1].html


async def test_without_a_notebook_nothing_is_drawn() -> None:
    shown = notebook.show(question().branch(MockModel(["a"])))
    assert (await shown)[0].text == "a"
    assert shown._timer is None
    assert str(shown.picture()).endswith("\na")


async def test_a_slow_display_does_not_hold_up_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures take one part in ten of the time at most: the slower they are, the rarer."""
    waits: list[float] = []
    shown = notebook.show(question().branch(MockModel(["a"])))
    shown._update = lambda _: None
    shown._loop = type("Loop", (), {"call_later": lambda _, wait, what: waits.append(wait)})()
    clock = iter([0.0, 0.5, 1.0, 1.001])
    monkeypatch.setattr(showing, "perf_counter", lambda: next(clock))
    shown._tick()
    shown._tick()
    assert waits == [4.5, showing._INTERVAL]
