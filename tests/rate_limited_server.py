"""A server on this machine that enforces rate limits as OpenAI and Anthropic do: buckets, headers, 429s."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from minillm import loop_local

CHARACTERS = 4  # a token


class Bucket:
    """Filled continuously, full at the beginning."""

    def __init__(self, per_minute: float) -> None:
        self.capacity = self.level = float(per_minute)
        self.rate = per_minute / 60.0
        self.updated = self.began = time.monotonic()

    def refill(self) -> None:
        now = time.monotonic()
        self.level = min(self.capacity, self.level + (now - self.updated) * self.rate)
        self.updated = now

    def seconds_to(self, amount: float) -> float:
        self.refill()
        return max(0.0, (min(amount, self.capacity) - self.level) / self.rate)

    def allowed(self, seconds: float) -> float:
        """All it has let through at most so many seconds after it began."""
        return self.capacity + self.rate * seconds


def _go_duration(seconds: float) -> str:
    """As OpenAI writes them: 6m0s, 1.5s, 12ms."""
    if seconds < 1.0:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:.3f}s" if minutes else f"{rest:.3f}s"


@dataclass
class Style:
    """How a vendor counts and tells. What a request takes: (its body, its prompt's tokens) -> by bucket."""

    takes: Callable[[dict[str, Any], int], dict[str, float]]
    headers: Callable[[dict[str, Bucket]], dict[str, str]]
    after: dict[str, str]  # bucket -> what of the usage is taken when the answer has been made
    retry_after: Callable[[float], dict[str, str]]
    answer: Callable[[int, int], dict[str, Any]]


def _openai_headers(buckets: dict[str, Bucket]) -> dict[str, str]:
    said = {}
    for name, bucket in buckets.items():
        said[f"x-ratelimit-limit-{name}"] = str(int(bucket.capacity))
        said[f"x-ratelimit-remaining-{name}"] = str(max(0, int(bucket.level)))
        said[f"x-ratelimit-reset-{name}"] = _go_duration((bucket.capacity - bucket.level) / bucket.rate)
    return said


def _anthropic_headers(buckets: dict[str, Bucket]) -> dict[str, str]:
    said = {}
    for name, bucket in buckets.items():
        full_at = math.ceil(time.time() + (bucket.capacity - bucket.level) / bucket.rate)
        left = max(0, int(bucket.level))
        start = f"anthropic-ratelimit-{name.replace('_', '-')}"
        said[f"{start}-limit"] = str(int(bucket.capacity))
        said[f"{start}-remaining"] = str(left if name == "requests" else round(left, -3))
        said[f"{start}-reset"] = datetime.fromtimestamp(full_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return said


def _ceiling(body: dict[str, Any]) -> int:
    return body.get("max_completion_tokens") or body.get("max_tokens") or 100


OPENAI = Style(
    # "the maximum of max_tokens and the estimated number of tokens based on the character count of your request"
    lambda body, prompt: {"requests": 1, "tokens": max(_ceiling(body), prompt)},
    _openai_headers,
    {},
    lambda seconds: {"retry-after-ms": str(math.ceil(seconds * 1000)), "retry-after": str(math.ceil(seconds))},
    lambda prompt, tokens: {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": tokens},
    },
)
ANTHROPIC = Style(
    # Output counts as it is produced; max_tokens is no part of it.
    lambda _, prompt: {"requests": 1, "input_tokens": prompt, "output_tokens": 1},
    _anthropic_headers,
    {"output_tokens": "output"},
    lambda seconds: {"retry-after": str(math.ceil(seconds))},
    lambda prompt, tokens: {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "x"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": prompt, "output_tokens": tokens},
    },
)


@dataclass
class RateLimitedServer:
    """What it allows and what it has seen.

    Args:
        limits: a minute's worth of ``requests``, ``tokens``, ``input_tokens``, ``output_tokens``.
        latency: the longest an answer takes, in seconds.
    """

    style: Style
    limits: dict[str, float]
    latency: float = 0.05
    seed: int = 0
    url: str = ""
    answered: int = 0
    refused: int = 0
    running: int = 0
    most_running: int = 0
    taken: dict[str, float] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)  # the questions, as they were let in

    def __post_init__(self) -> None:
        self.buckets = {name: Bucket(limit) for name, limit in self.limits.items()}
        self._random = random.Random(self.seed)

    def used(self) -> float:
        """The share of what was allowed until now that was used, of the limit that was used most."""
        now = time.monotonic()
        return max(self.taken.get(name, 0) / one.allowed(now - one.began) for name, one in self.buckets.items())

    async def answer(self, http: web.Request) -> web.Response:
        body = await http.json()
        texts = [message["content"] for message in body["messages"]]
        prompt = math.ceil(sum(map(len, texts)) / CHARACTERS) + 7
        takes = {name: amount for name, amount in self.style.takes(body, prompt).items() if name in self.buckets}
        wait = max(self.buckets[name].seconds_to(amount) for name, amount in takes.items())
        if wait > 0.0:
            self.refused += 1
            headers = {**self.style.headers(self.buckets), **self.style.retry_after(wait)}
            error = {"type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "slow down"}
            return web.json_response({"type": "error", "error": error}, status=429, headers=headers)
        self._take(takes)
        self.order.append(texts[-1])
        headers = self.style.headers(self.buckets)
        tokens = self._random.randint(1, _ceiling(body))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(self._random.random() * self.latency)
        finally:
            self.running -= 1
        self._take({name: tokens for name in self.style.after if name in self.buckets})
        self.answered += 1
        return web.json_response(self.style.answer(prompt, tokens), headers=headers)

    def _take(self, amounts: dict[str, float]) -> None:
        for name, amount in amounts.items():
            self.buckets[name].refill()
            self.buckets[name].level -= amount
            self.taken[name] = self.taken.get(name, 0) + amount


@asynccontextmanager
async def limiting(server: RateLimitedServer) -> AsyncIterator[RateLimitedServer]:
    """Listen while the block runs."""
    app = web.Application()
    app.router.add_post("/{tail:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield server
    finally:
        await loop_local.aclose()
        await runner.cleanup()
