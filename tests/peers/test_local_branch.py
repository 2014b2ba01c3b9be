"""Branches and options at the real local model: both of its slots work at once, and leaving frees them.

The server itself tells which of its slots are busy; nothing here looks at what the model says.
"""

import asyncio

import pytest

from minillm import ChatNode, GeneratorInfo
from tests.peers.test_local_model import LONG, POLITE, SHORT, busy_slots, gen, running

__all__ = ["gen"]  # a fixture is used by its name

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="module")]

# A test that waits for ever has failed.
LONGEST = 120


async def until_busy(gen: GeneratorInfo, count: int) -> None:
    server = await running(gen)
    while len(await busy_slots(server)) != count:
        await asyncio.sleep(0.02)


async def test_both_slots_are_busy_at_once_and_free_when_it_is_left(gen: GeneratorInfo) -> None:
    node = ChatNode.root(POLITE).add_user("Count.")
    async with asyncio.timeout(LONGEST):
        async with node.branch(gen, n=2, **LONG) as run:
            await until_busy(gen, 2)
        await until_busy(gen, 0)
    assert run.outcomes == (None, None)
    assert node.children == ()


async def test_more_siblings_than_slots_are_all_answered(gen: GeneratorInfo) -> None:
    node = ChatNode.root(POLITE).add_user("Count.")
    async with asyncio.timeout(LONGEST):
        branch = await node.branch(gen, n=5, **SHORT)
    assert len(branch) == len(node.children) == 5
    assert all(reply.text for reply in branch)


async def test_with_marks_one_slot_works_before_the_other(gen: GeneratorInfo) -> None:
    """The leader is answered as a stream, the others whole; each is a reply like any other."""
    node = ChatNode.root(POLITE).cache_breakpoint().add_user("Count.")
    async with asyncio.timeout(LONGEST):
        branch = await node.branch(gen, n=3, unsupported="drop", **SHORT)
    assert [len(reply.attempts) for reply in branch] == [1, 1, 1]
    assert branch[0].attempts[0].first_content_after is not None
    assert all(reply.response.usage is not None for reply in branch)


async def test_a_started_answer_is_continued(gen: GeneratorInfo) -> None:
    """What the model makes of it is its own; what we began stands in front, whole and streamed, and once."""
    start = "The capital of France is "
    node = ChatNode.root(POLITE).add_user("What is the capital of France?")
    async with asyncio.timeout(LONGEST):
        reply = await node.complete(gen, force_prepend=start, **SHORT)
        async with node.stream(gen, force_prepend=start, **SHORT) as stream:
            pieces = [chunk.delta async for chunk in stream]
    assert pieces[0] == start
    assert stream.node.text == "".join(pieces)
    for text in (reply.text, stream.node.text):
        assert text.startswith(start)
        assert text.count(start.strip()) == 1
        assert len(text) > len(start)


async def test_a_stop_text_ends_the_answer(gen: GeneratorInfo) -> None:
    """Whatever the model would have said behind it."""
    node = ChatNode.root(POLITE).add_user("Write a sentence.")
    async with asyncio.timeout(LONGEST):
        branch = await node.branch(gen, n=2, stop=["e", " "], max_tokens=30, temperature=0.5, seed=7)
    for reply in branch:
        assert not {"e", " "} & set(reply.text)
        assert reply.response.losses == ()
