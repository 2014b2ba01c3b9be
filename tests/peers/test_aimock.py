"""aimock's faults: each is raised typed with what came, or overcome by asking again; none passes for an answer."""

from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo, errors
from minillm.types import ToolDefinition
from tests.peers.harness import fetch, fetch_json

pytestmark = pytest.mark.peers

QUICK: dict[str, Any] = {"retry": 1, "back_off_time": 0.05}
TOOL = ToolDefinition("get_weather", "The weather", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
def gen(aimock: str) -> GeneratorInfo:
    """A generator for the server, whose journal begins anew."""
    fetch(f"{aimock}/__aimock/reset/journal", {})
    return GeneratorInfo.custom("gpt-4o", base_url=f"{aimock}/v1", api_key="x")


def question(word: str) -> ChatNode:
    return ChatNode.root("You are terse.").add_user(word)


async def read(node: ChatNode, gen: GeneratorInfo, **options: Any) -> ChatNode:
    async with node.stream(gen, **options) as stream:
        return await stream.finish()


async def listen(node: ChatNode, gen: GeneratorInfo, seen: list[str]) -> None:
    """Keep what is heard, whatever happens then."""
    async with node.stream(gen, **QUICK) as stream:
        async for delta in stream:
            seen.append(delta.delta)


WAYS = pytest.mark.parametrize("ask", [ChatNode.complete, read], ids=["whole", "streamed"])


def attempts(aimock: str) -> int:
    """How many requests the server saw."""
    journal = fetch_json(f"{aimock}/__aimock/journal")
    return len(journal if isinstance(journal, list) else journal["entries"])


@WAYS
async def test_text_is_read(gen: GeneratorInfo, ask: Any) -> None:
    assert (await ask(question("greet"), gen)).text == "Good morning from the mock, in several pieces."


@WAYS
async def test_tool_call_is_read(gen: GeneratorInfo, ask: Any) -> None:
    (call,) = (await ask(question("forecast"), gen, tools=[TOOL])).message.tool_calls
    assert (call.name, call.parse_arguments()) == ("get_weather", {"city": "Lisbon"})


@WAYS
async def test_reasoning_is_apart_from_the_answer(gen: GeneratorInfo, ask: Any) -> None:
    reply = await ask(question("ponder"), gen.replace(model="o4-mini"))  # it reasons by model name only
    assert (reply.text, reply.message.reasoning) == ("It is 4.", "Two and two.")


@WAYS
async def test_rate_limit_is_waited_out_and_then_raised(gen: GeneratorInfo, aimock: str, ask: Any) -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        await ask(question("hurry"), gen, **QUICK)
    assert [attempt.status for attempt in caught.value.attempts] == [429, 429]
    assert attempts(aimock) == 2


@WAYS
async def test_long_rate_limit_fails_at_once(gen: GeneratorInfo, aimock: str, ask: Any) -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        await ask(question("hurry"), gen, max_retry_after=0.5, **QUICK)
    assert caught.value.retry_at is not None
    assert attempts(aimock) == 1


@WAYS
async def test_chaotic_rate_limit_is_a_rate_limit(gen: GeneratorInfo, ask: Any) -> None:
    with pytest.raises(errors.RateLimitError):
        await ask(question("limit"), gen, retry=0)


@WAYS
@pytest.mark.parametrize("word", ["crash", "drop"])
async def test_server_error_is_asked_again_and_then_raised(
    gen: GeneratorInfo, aimock: str, ask: Any, word: str
) -> None:
    with pytest.raises(errors.ServerError) as caught:
        await ask(question(word), gen, **QUICK)
    assert [attempt.status for attempt in caught.value.attempts] == [500, 500]
    assert attempts(aimock) == 2


@pytest.mark.parametrize("word", ["truncate", "disconnect"])
async def test_answer_that_loses_its_end_is_interrupted(gen: GeneratorInfo, word: str) -> None:
    node = question(word)
    seen: list[str] = []
    with pytest.raises(errors.StreamInterrupted) as caught:
        await listen(node, gen, seen)
    assert caught.value.response is not None
    assert caught.value.response.text == "".join(seen)
    assert "This answer loses its ".startswith("".join(seen)[:22])
    assert seen
    assert node.children == ()


async def test_late_answer_is_waited_for(gen: GeneratorInfo) -> None:
    assert (await read(question("late"), gen, retry=0)).text == "Late, but whole."


@WAYS
async def test_garbage_instead_of_an_answer_is_a_decode_error(gen: GeneratorInfo, ask: Any) -> None:
    with pytest.raises(errors.DecodeError) as caught:
        await ask(question("garble"), gen, retry=0)
    assert caught.value.raw


@WAYS
async def test_line_that_breaks_without_an_answer_is_a_transport_error(
    gen: GeneratorInfo, aimock: str, ask: Any
) -> None:
    with pytest.raises(errors.TransportError) as caught:
        await ask(question("vanish"), gen, **QUICK)
    assert len(caught.value.attempts) == 2
    assert attempts(aimock) == 2


@WAYS
async def test_request_it_does_not_know_is_refused(gen: GeneratorInfo, ask: Any) -> None:
    """--strict: what no fixture matches is an error, which also shows that the fixtures above were met."""
    with pytest.raises(errors.APIError):
        await ask(question("nothing of the kind"), gen, retry=0)
