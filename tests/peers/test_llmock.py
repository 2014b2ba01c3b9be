"""llmock breaks on demand and grades its client: the grade is the verdict here.

The library repeats what failed before any content came. What fails later is raised with the part
that came, and it is the caller who asks again: a started answer is never replayed in silence.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from minillm import Budget, ChatNode, GeneratorInfo, RateLimits, errors
from minillm.types import ToolDefinition
from tests.peers.harness import fetch, fetch_json

pytestmark = pytest.mark.peers

Script = Callable[..., GeneratorInfo]
QUICK: dict[str, Any] = {"retry": 3, "back_off_time": 0.1}
TOOL = ToolDefinition("get_weather", "The weather", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
def script(llmock: str) -> Script:
    """Queue behaviours and get a generator for the server."""

    def queue(*behaviors: dict[str, Any]) -> GeneratorInfo:
        fetch(f"{llmock}/_llmock/reset", {})
        if behaviors:
            fetch(f"{llmock}/_llmock/scenario", {"behaviors": list(behaviors)})
        return GeneratorInfo.custom("gpt-4o", base_url=f"{llmock}/v1", api_key="x")

    return queue


def assert_passed(llmock: str, *, calls: int = 1, attempts: int) -> None:
    """No complaint, warnings included, about exactly the traffic we meant to cause."""
    verdict = fetch_json(f"{llmock}/_llmock/verdict")
    assert verdict["findings"] == []
    assert verdict["passed"] is True
    assert (verdict["calls"], verdict["attempts"]) == (calls, attempts)


def question() -> ChatNode:
    return ChatNode.root("You are terse.").add_user("hi")


async def read(node: ChatNode, gen: GeneratorInfo, **options: Any) -> ChatNode:
    async with node.stream(gen, **options) as stream:
        return await stream.finish()


async def listen(node: ChatNode, gen: GeneratorInfo, seen: list[str]) -> None:
    """Keep what is heard, whatever happens then."""
    async with node.stream(gen, **QUICK) as stream:
        async for delta in stream:
            seen.append(delta.delta)


async def test_undisturbed_answers_are_read(llmock: str, script: Script) -> None:
    gen = script({"type": "reply", "text": "Hello there.", "times": None})
    assert (await question().complete(gen)).text == "Hello there."
    assert (await read(question(), gen)).text == "Hello there."
    assert_passed(llmock, calls=2, attempts=2)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_too_many_requests_waits_as_long_as_the_server_asks(llmock: str, script: Script, streamed: bool) -> None:
    gen = script({"type": "fail", "status": 429, "retry_after": 1, "times": 2})
    reply = await (read if streamed else ChatNode.complete)(question(), gen, **QUICK)
    assert reply.text
    assert [attempt.status for attempt in reply.attempts] == [429, 429, 200]
    assert_passed(llmock, attempts=3)


async def test_wait_longer_than_allowed_fails_at_once(llmock: str, script: Script) -> None:
    """One attempt, the time to come back in hand, and a tree as it was."""
    gen = script({"type": "fail", "status": 429, "retry_after": 90, "times": 2})
    node = question()
    with pytest.raises(errors.RateLimitError) as caught:
        await node.complete(gen, max_retry_after=10, **QUICK)
    assert caught.value.retry_at is not None
    assert [attempt.status for attempt in caught.value.attempts] == [429]
    assert node.children == ()
    assert fetch_json(f"{llmock}/_llmock/verdict")["attempts"] == 1


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_server_error_is_asked_again(llmock: str, script: Script, streamed: bool, status: int) -> None:
    gen = script({"type": "fail", "status": status})
    reply = await (read if streamed else ChatNode.complete)(question(), gen, **QUICK)
    assert [attempt.status for attempt in reply.attempts] == [status, 200]
    assert_passed(llmock, attempts=2)


async def test_server_that_stays_broken_is_given_up(llmock: str, script: Script) -> None:
    gen = script({"type": "fail", "status": 500, "times": None})
    with pytest.raises(errors.ServerError) as caught:
        await question().complete(gen, retry=2, back_off_time=0.05, exp_back_off=True)
    assert len(caught.value.attempts) == 3
    assert fetch_json(f"{llmock}/_llmock/verdict")["passed"] is True


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_hopeless_request_is_made_once(llmock: str, script: Script, status: int) -> None:
    gen = script({"type": "fail", "status": status, "times": None})
    with pytest.raises(errors.APIError) as caught:
        await question().complete(gen, **QUICK)
    assert caught.value.status == status
    assert_passed(llmock, attempts=1)


async def test_line_dropped_before_the_first_word_is_asked_again(llmock: str, script: Script) -> None:
    gen = script({"type": "stream_fault", "kind": "disconnect", "after_chunks": 1})
    assert (await read(question(), gen, **QUICK)).text
    assert_passed(llmock, attempts=2)


async def test_silent_end_before_the_first_word_is_asked_again(llmock: str, script: Script) -> None:
    gen = script({"type": "stream_fault", "kind": "truncate", "after_chunks": 1})
    assert (await read(question(), gen, **QUICK)).text
    assert_passed(llmock, attempts=2)


FAULTS = {
    "disconnect": errors.StreamInterrupted,
    "truncate": errors.StreamInterrupted,
    "malformed": errors.DecodeError,
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_answer_that_breaks_half_way_is_an_error_with_its_part(llmock: str, script: Script, kind: str) -> None:
    """The peer cuts the line, ends in silence, or sends garbage after some words."""
    # Long enough that the server sees us leave; it writes on to whoever stays (a chunk every 30 ms).
    text = " ".join(f"word{number}" for number in range(40))
    gen = script(
        {"type": "stream_fault", "kind": kind, "after_chunks": 3},
        {"type": "reply", "text": text, "times": None},
    )
    node = question()
    seen: list[str] = []
    with pytest.raises(FAULTS[kind]) as caught:
        await listen(node, gen, seen)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "".join(seen)
    assert text.startswith("".join(seen))
    assert seen
    assert node.children == ()  # the tree does not keep half an answer
    # The server counts a request as asked again only if it saw the end of the first; this waits for that.
    await asyncio.to_thread(fetch_json, f"{llmock}/_llmock/requests")
    assert (await read(node, gen, **QUICK)).text == text  # the caller knows, and asks again
    assert_passed(llmock, attempts=2)


async def test_slow_first_token_is_waited_for(llmock: str, script: Script) -> None:
    gen = script({"type": "slow_first_token", "seconds": 1.5})
    assert (await read(question(), gen, **QUICK)).text
    assert_passed(llmock, attempts=1)


async def test_slow_whole_answer_is_waited_for(llmock: str, script: Script) -> None:
    gen = script({"type": "delay", "seconds": 1.0})
    assert (await question().complete(gen, **QUICK)).text
    assert_passed(llmock, attempts=1)


async def test_stall_is_ended_by_the_idle_timeout(llmock: str, script: Script) -> None:
    gen = script({"type": "stream_fault", "kind": "stall", "after_chunks": 3, "stall_seconds": 30})
    with pytest.raises(errors.TimeoutExceeded):
        await read(question(), gen, retry=0, idle_timeout=0.5)
    assert fetch_json(f"{llmock}/_llmock/verdict")["findings"] == []


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_broken_tool_arguments_are_kept_and_cannot_be_parsed(llmock: str, script: Script, streamed: bool) -> None:
    """The call is there to be shown or answered; only using its arguments is an error."""
    gen = script({"type": "tool_fault", "kind": "malformed_arguments"})
    reply = await (read if streamed else ChatNode.complete)(question(), gen, tools=[TOOL], **QUICK)
    (call,) = reply.message.tool_calls
    assert call.name == "get_weather"
    assert call.arguments
    with pytest.raises(ValueError, match=r"."):
        call.parse_arguments()
    assert_passed(llmock, attempts=1)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_parallel_tool_calls_are_read(llmock: str, script: Script, streamed: bool) -> None:
    wanted = [{"name": "get_weather", "arguments": {"city": city}} for city in ("Lisbon", "Porto")]
    gen = script({"type": "reply", "tool_calls": wanted})
    reply = await (read if streamed else ChatNode.complete)(question(), gen, tools=[TOOL], **QUICK)
    calls = reply.message.tool_calls
    assert [{"name": call.name, "arguments": call.parse_arguments()} for call in calls] == wanted
    assert len({call.id for call in calls}) == 2
    assert_passed(llmock, attempts=1)


PACED: dict[str, Any] = {"limits": RateLimits(requests_per_minute=600, concurrency=2)}


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_paced_calls_wait_as_long_as_the_server_asks(llmock: str, script: Script, streamed: bool) -> None:
    """A 429 holds all that wait: none of them runs into it again."""
    gen = script({"type": "fail", "status": 429, "retry_after": 1}).replace(**PACED)
    ask = read if streamed else ChatNode.complete
    questions = [ChatNode.root("You are terse.").add_user(f"question {number}") for number in range(5)]
    replies = await asyncio.gather(*(ask(node, gen, **QUICK) for node in questions))
    statuses = sorted(attempt.status or 0 for reply in replies for attempt in reply.attempts)
    assert statuses == [200] * 5 + [429]
    assert_passed(llmock, calls=5, attempts=6)


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_paced_calls_under_a_budget_ask_again_what_may_pass_only(
    llmock: str, script: Script, status: int
) -> None:
    gen = script({"type": "fail", "status": status}).replace(**PACED)
    with Budget(calls=5) as purse, suppress(errors.APIError):
        await question().complete(gen, **QUICK)
    assert purse.spent.calls == (2 if status == 500 else 1)
    assert_passed(llmock, attempts=purse.spent.calls)


async def test_a_purse_that_is_empty_asks_no_more(llmock: str, script: Script) -> None:
    """Not even again after a failure that may pass."""
    gen = script({"type": "fail", "status": 500, "times": None})
    with pytest.raises(errors.BudgetExceeded) as caught, Budget(calls=2):
        await question().complete(gen, **QUICK)
    assert [attempt.status for attempt in caught.value.attempts] == [500, 500]
    assert fetch_json(f"{llmock}/_llmock/verdict")["attempts"] == 2
