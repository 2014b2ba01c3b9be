"""What a call looks like from outside while it runs."""

import asyncio

import pytest

from minillm import ChatNode, MockModel, ServerError, StreamInterrupted
from minillm.notebook.watching import watched
from minillm.tree import score
from minillm.types import MessageStart, StreamFailed, TextDelta
from tests.notebook.talks import PRICE, answer


def question() -> ChatNode:
    return ChatNode.root("Be terse.").add_user("Hi")


def seen(call: object, *, ended: bool = False) -> list[tuple[str, str, str]]:
    return [(one.title, one.words, one.state) for one in call.columns(ended=ended)]  # type: ignore[attr-defined]


async def test_a_branch_has_a_column_for_each_sibling() -> None:
    gate = asyncio.Event()

    async def answering(request: object) -> object:
        place = len(model.requests)
        if place == 2:
            await gate.wait()
        return ServerError("down") if place == 3 else answer(f"text {place}")

    model = MockModel(answering)  # type: ignore[arg-type]
    call = watched(question().branch(model, n=3, retry=0, token_price=PRICE))
    assert call.columns(ended=False) == []
    await call.enter()
    while [state for *_, state in seen(call)] != ["done", "waiting", "failed"]:
        await asyncio.sleep(0)
    first, second, third = seen(call)
    assert (first, second) == (("1 · m-1", "text 1", "done"), ("2 · MockModel", "", "waiting"))
    assert third == ("3 · MockModel", "", "failed")
    assert call.columns(ended=False)[2].note == "ServerError: down"
    assert call.columns(ended=False)[0].note == "30 in, 10 out · $0.00005"
    gate.set()
    branch = await call.result()
    score(branch[1], 3)
    await call.leave(None, None, None)
    done = call.columns(ended=True)[1]
    assert (done.words, done.state, done.score) == ("text 2", "done", 3)


async def test_what_is_left_says_so() -> None:
    gate = asyncio.Event()

    async def answering(request: object) -> object:
        await gate.wait()
        return ""

    call = watched(question().branch(MockModel(answering), n=2))  # type: ignore[arg-type]
    await call.enter()
    await call.leave(None, None, None)
    assert [one.note.split(" after")[0] for one in call.columns(ended=True)] == ["left", "left"]


async def test_a_stream_is_one_column_that_grows() -> None:
    long = "x" * 4000
    call = watched(question().stream(MockModel([[MessageStart("id"), TextDelta(0, long), *answer_end()]])))
    assert seen(call) == [("MockModel", "", "waiting")]
    stream = await call.enter()
    async for _ in stream:
        break
    (column,) = call.columns(ended=False)
    assert (column.state, len(column.words) < 1600) == ("writing", True)
    assert column.words.startswith("… (2,500 characters before)\n")
    assert column.note.startswith("writing · 4,000 characters · ")
    reply = await call.result()
    await call.leave(None, None, None)
    assert reply.text == long
    assert seen(call, ended=True) == [("answer", long, "done")]


def answer_end() -> list[object]:
    from minillm.types import Finish, MessageEnd

    return [Finish(), MessageEnd()]


async def test_a_stream_that_is_cut_keeps_what_came_and_says_why() -> None:
    cut = [MessageStart("id"), TextDelta(0, "abc"), StreamFailed(StreamInterrupted("the peer hung up"))]
    call = watched(question().stream(MockModel([cut])))
    await call.enter()
    with pytest.raises(StreamInterrupted) as caught:
        await call.result()
    await call.leave(StreamInterrupted, caught.value, None)
    (column,) = call.columns(ended=True)
    assert (column.words, column.state, column.note) == ("abc", "failed", "StreamInterrupted: the peer hung up")


async def test_a_stream_that_does_not_open_says_why() -> None:
    call = watched(question().stream(MockModel([ServerError("down")]), retry=0))
    with pytest.raises(ServerError):
        await call.enter()
    assert call.columns(ended=True)[0].note == "ServerError: down"


async def test_a_long_answer_is_cut_on_the_page_alone() -> None:
    call = watched(question().stream(MockModel(["y" * 30_000])))
    await call.enter()
    reply = await call.result()
    await call.leave(None, None, None)
    assert call.columns(ended=True)[0].words.endswith("… (10,000 more characters)")
    assert len(reply.text) == 30_000


def test_nothing_else_can_be_watched() -> None:
    with pytest.raises(TypeError, match=r"node\.branch"):
        watched(question())  # type: ignore[arg-type]
