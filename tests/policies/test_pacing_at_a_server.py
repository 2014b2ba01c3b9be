"""At a server that limits as OpenAI and Anthropic do: nothing that was paced is refused. Counters decide, no clocks."""

import asyncio

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.types import RateLimits
from tests.rate_limited_server import ANTHROPIC, OPENAI, RateLimitedServer, limiting

CHAT, MESSAGES = "openai_chat_completions", "anthropic_messages"
SERVERS = {
    "openai": (OPENAI, CHAT, {"requests": 300, "tokens": 1_000_000}, "tokens_per_minute"),
    "openai, tokens": (OPENAI, CHAT, {"requests": 100_000, "tokens": 120_000}, "tokens_per_minute"),
    "anthropic": (ANTHROPIC, MESSAGES, {"requests": 300, "input_tokens": 500_000}, "input_tokens_per_minute"),
}


def generator(server, wire, **changes):
    return GeneratorInfo.custom("m", base_url=server.url, api_key="k-123456", wire=wire, **changes)


@pytest.mark.parametrize(
    ("name", "known"), [("openai", "given"), ("openai, tokens", "learned"), ("anthropic", "learned")]
)
async def test_a_paced_client_is_not_refused(name, known):
    """Two percent more calls than the server's buckets hold, all at once."""
    style, wire, limits, field = SERVERS[name]
    async with limiting(RateLimitedServer(style, dict(limits))) as server:
        given = RateLimits(requests_per_minute=limits["requests"], **{field: limits[field.removesuffix("_per_minute")]})
        gen = generator(server, wire, limits=given if known == "given" else None)
        root = ChatNode.root("Be terse.")
        await root.chat("Hi", gen)
        each = 200 if name == "openai, tokens" else 1
        calls = int(min(limits.values()) / each * 1.02)
        await asyncio.gather(*(root.chat("Hi", gen, attach=False, max_tokens=200) for _ in range(calls)))
        assert server.answered == calls + 1
        assert server.refused == 0


async def test_no_more_run_at_a_time_than_is_allowed():
    async with limiting(RateLimitedServer(OPENAI, {"requests": 10_000})) as server:
        gen = generator(server, CHAT, limits=RateLimits(concurrency=3))
        await ChatNode.root("Be terse.").branch(gen, user="Hi", n=20)
        assert server.most_running == 3


async def test_a_large_branch_does_not_keep_another_tree_waiting():
    async with limiting(RateLimitedServer(OPENAI, {"requests": 10_000})) as server:
        gen = generator(server, CHAT, limits=RateLimits(concurrency=1))
        big, small = ChatNode.root("Be terse."), ChatNode.root("Be terse.")

        async with big.branch(gen, user="big", n=30) as branch:
            async for _ in branch:
                break
            await small.chat("small", gen)
        assert server.order.index("small") <= 4
