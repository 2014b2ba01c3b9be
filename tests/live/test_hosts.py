"""One small conversation a host, with a real key: ``pytest --live tests/live``. Each skips alone without its key.

They cost a fraction of a cent together. Nothing here is run, or even collected, unless it is asked for.
"""

import os

import pytest

from minillm import ChatNode, CostLedger, GeneratorInfo, aclose

pytestmark = pytest.mark.live

# The key, the constructor, and the cheapest model that will do.
HOSTS = {
    "OPENROUTER_API_KEY": (GeneratorInfo.openrouter, "openai/gpt-4.1-nano"),
    "ANTHROPIC_API_KEY": (GeneratorInfo.anthropic, "claude-haiku-4-5"),
    "ANTHROPIC_AUTH_TOKEN": (GeneratorInfo.claude_subscription, "claude-haiku-4-5"),
    "OPENAI_API_KEY": (GeneratorInfo.openai, "gpt-4.1-nano"),
    "GEMINI_API_KEY": (GeneratorInfo.gemini, "gemini-2.5-flash-lite"),
}


def generator(key: str) -> GeneratorInfo:
    """The host of a key, or a skip."""
    if not os.environ.get(key, "").strip():
        pytest.skip(f"{key} is not set")
    make, model = HOSTS[key]
    return make(model)


@pytest.mark.parametrize("key", HOSTS)
async def test_a_conversation(key: str, tmp_path) -> None:
    """A question, one that needs the first, a stream, and a bill without a key in it."""
    gen, ledger = generator(key), CostLedger()
    options = {"max_tokens": 64, "cost_callback": ledger}
    root = ChatNode.root("Answer with one word.")
    first = await root.chat("What is the capital of France?", gen, **options)
    assert "paris" in first.text.lower()
    second = await first.chat("In which country is it?", gen, **options)
    assert "france" in second.text.lower()
    async with second.stream(gen, user="Say it once more.", **options) as stream:
        reply = await stream.finish()
    assert reply.text
    assert [attempt.outcome.value for attempt in ledger.attempts] == ["accepted"] * 3
    assert all(attempt.usage is not None and attempt.usage.output_tokens for attempt in ledger.attempts)
    assert ledger.total.usd is None or ledger.total.usd > 0
    ledger.save_jsonl(tmp_path / "bill.jsonl")
    assert os.environ[key] not in (tmp_path / "bill.jsonl").read_text() + repr(gen) + repr(ledger)


async def test_a_stream_that_was_left_is_on_the_bill() -> None:
    """OpenRouter tells later what it cost."""
    gen, ledger = generator("OPENROUTER_API_KEY"), CostLedger()
    root = ChatNode.root("Be brief.")
    async with root.add_user("Count to thirty.").stream(gen, max_tokens=200, cost_callback=ledger) as stream:
        async for _ in stream:
            break
    assert ledger.total.resolution.value == "pending"
    await aclose()
    (attempt,) = ledger.attempts
    assert attempt.cost is not None
    assert attempt.cost.usd is None or attempt.cost.usd > 0  # the record may come later than we wait
