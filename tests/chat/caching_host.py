"""A host that really keeps a prefix cache: what is marked is written, what was written is read, and it expires.

It follows https://platform.claude.com/docs/en/build-with-claude/prompt-caching, in Anthropic's own form and in
OpenRouter's: a hash of all blocks up to each mark; five minutes or an hour from the last use; a shortest length; an
entry that can be read only once the answer that writes it has begun. It refuses what the vendor refuses.
"""

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from minillm import GeneratorInfo
from minillm.transport import MockResponse, MockTransport
from tests.scripted_server import events

__all__ = ["CachingHost", "Clock"]

LIVES = {"5m": 300, "1h": 3600}


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class CachingHost:
    """Answers requests; ``log`` holds one line a request: tokens read, tokens written, tokens of neither.

    Args:
        clock: seconds since the epoch.
        minimum: the shortest prefix it caches, in its tokens: four characters each.
        knows_zero: whether ``max_tokens: 0`` is understood.
    """

    def __init__(self, clock: Clock, minimum: int = 512, *, knows_zero: bool = True) -> None:
        self.clock = clock
        self.minimum = minimum
        self.knows_zero = knows_zero
        self.entries: dict[tuple[str, str], tuple[float, int]] = {}  # (key, hash) -> (until, lifetime)
        self.bodies: list[dict[str, Any]] = []
        self.log: list[tuple[int, int, int]] = []
        self.held: asyncio.Event | None = None  # answers wait for it, and so do writes
        self.cancelled = 0

    @property
    def writes(self) -> int:
        return sum(bool(written) for _, written, _ in self.log)

    @property
    def reads(self) -> int:
        return sum(bool(read) for read, _, _ in self.log)

    def anthropic(self, model: str = "claude-opus-5", **settings: Any) -> GeneratorInfo:
        """A generator at this host that speaks Anthropic's form."""
        return GeneratorInfo.anthropic(model, **{"api_key": "sk-a", "transport": self.transport(), **settings})

    def openrouter(self, model: str = "anthropic/claude-opus-5", **settings: Any) -> GeneratorInfo:
        """A generator at this host that speaks OpenRouter's form."""
        return GeneratorInfo.openrouter(model, **{"api_key": "sk-o", "transport": self.transport(), **settings})

    def transport(self) -> MockTransport:
        async def answer(request: Any) -> MockResponse:
            key = request.headers.get("x-api-key") or request.headers.get("authorization", "")
            status, said = await self.answer(json.loads(request.body), key)
            return MockResponse.sse(said) if isinstance(said, bytes) else MockResponse.json(said, status)

        return MockTransport(answer)

    async def answer(self, body: dict[str, Any], key: str) -> tuple[int, Any]:
        """Status and body: JSON, or the bytes of a stream."""
        self.bodies.append(body)
        wrong = self._refusal(body)
        if wrong is not None:
            return 400, {"type": "error", "error": {"type": "invalid_request_error", "message": wrong}}
        read, writes, total = self._looked_up(body, key)
        try:
            if self.held is not None:
                await self.held.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        written: dict[str, int] = {}
        for digest, ttl, tokens in writes:
            self.entries[key, digest] = (self.clock() + LIVES[ttl], LIVES[ttl])
            written[ttl] = written.get(ttl, 0) + tokens
        self.log.append((read, sum(written.values()), total - read - sum(written.values())))
        return 200, _said(body, read, written, total)

    def _looked_up(self, body: dict[str, Any], key: str) -> tuple[int, list[tuple[str, str, int]], int]:
        """Tokens read, what to write (hash, lifetime, tokens), and all tokens."""
        prefix, tokens, read, writes = sha256(), 0, 0, list[tuple[str, str, int]]()
        reached = 0
        for text, ttl in _blocks(body):
            prefix.update(text.encode())
            tokens += len(text) // 4
            digest = prefix.hexdigest()
            until, life = self.entries.get((key, digest), (0, 0))
            if until > self.clock():
                read = reached = tokens
                writes.clear()
                self.entries[key, digest] = (self.clock() + life, life)
            elif ttl is not None and tokens >= self.minimum:
                writes.append((digest, ttl, tokens - reached))
                reached = tokens
        return read, writes, tokens

    def _refusal(self, body: dict[str, Any]) -> str | None:
        marks = [ttl for _, ttl in _blocks(body) if ttl is not None]
        lives = [LIVES[ttl] for ttl in marks]
        if len(marks) > 4:
            return f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}."
        if lives != sorted(lives, reverse=True):
            return "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"
        if not body["messages"] or body["messages"][-1]["role"] == "assistant":
            return "the conversation must end with a user message"
        if body.get("max_tokens") != 0:
            return None
        if not self.knows_zero:
            return "max_tokens: must be at least 1"
        forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
        schema = (body.get("output_config") or {}).get("format")
        thinks = (body.get("thinking") or {}).get("type", "disabled") != "disabled"
        if body.get("stream") or thinks or forced or schema:
            return "max_tokens: 0 cannot be combined with stream, thinking, output_config.format or a forced tool"
        return None


def _blocks(body: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Each block in the order tools, system, messages, without its mark; and the lifetime of that."""
    system = body.get("system") or []
    system = [{"type": "text", "text": system}] if isinstance(system, str) else system
    for block in [*body.get("tools", ()), *system]:
        yield _block(block, "")
    for message in body["messages"]:
        content = message.get("content")
        content = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
        for block in [*content, *message.get("tool_calls", ())]:
            yield _block(block, message["role"])


def _block(block: dict[str, Any], role: str) -> tuple[str, str | None]:
    mark = block.get("cache_control")
    plain = {key: value for key, value in block.items() if key != "cache_control"}
    return role + json.dumps(plain, sort_keys=True), None if mark is None else mark.get("ttl", "5m")


def _said(body: dict[str, Any], read: int, written: dict[str, int], total: int) -> Any:
    if "anthropic/" in body["model"]:
        return _chat(body, read, written, total)
    usage = {
        "input_tokens": total - read - sum(written.values()),
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": sum(written.values()),
        "cache_creation": {f"ephemeral_{ttl}_input_tokens": written.get(ttl, 0) for ttl in LIVES},
        "output_tokens": min(body["max_tokens"], 2),
    }
    content = [{"type": "text", "text": "Hello."}] if body["max_tokens"] else []
    stop = "end_turn" if body["max_tokens"] > 1 else "max_tokens"
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }
    if not body.get("stream"):
        return message
    return events(
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )


def _chat(body: dict[str, Any], read: int, written: dict[str, int], total: int) -> Any:
    usage = {
        "prompt_tokens": total,
        "completion_tokens": 2,
        "total_tokens": total + 2,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": sum(written.values())},
        "cost": 0.25,
    }
    head = {"id": "gen-1", "model": body["model"], "object": "chat.completion"}
    if not body.get("stream"):
        message = {"role": "assistant", "content": "Hello."}
        return {**head, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}
    delta = {"role": "assistant", "content": "Hello."}
    return events(
        {**head, "choices": [{"index": 0, "delta": delta}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**head, "choices": [], "usage": usage},
        done=True,
    )
