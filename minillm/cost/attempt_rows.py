"""An exchange as one flat row: for JSON lines, tables and data frames. No text of a conversation, no key."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..types import Attempt, CostInfo

__all__ = ["attempt_row", "attempt_rows"]

_BUCKETS = (
    "uncached_tokens",
    "cache_read_tokens",
    "tool_use_tokens",
    "output_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
)


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """The exchange by these names; what is not known is None, money is text so that no digit is lost.

    ``time`` is ISO 8601 in UTC, durations are seconds, ``usd`` is None unless the whole sum is known. ``error`` is a
    class's name: what a host says in its errors stays out.
    """
    usage, cost = attempt.usage, attempt.cost or CostInfo()
    writes = None if usage is None or usage.cache_write_tokens is None else dict(usage.cache_write_tokens)
    return {
        "time": datetime.fromtimestamp(attempt.started_at, UTC).isoformat(timespec="milliseconds"),
        "host": attempt.host,
        "model": attempt.model,
        "wire": attempt.wire,
        "outcome": attempt.outcome.value,
        "status": attempt.status,
        "error": attempt.error,
        "request_id": attempt.request_id,
        "duration": attempt.duration,
        "first_content_after": attempt.first_content_after,
        **{name: None if usage is None else getattr(usage, name) for name in _BUCKETS},
        "cache_write_tokens": writes,
        "usd": None if cost.usd is None else f"{cost.usd:f}",
        "known_usd": f"{cost.known_usd:f}",
        "resolution": cost.resolution.value,
        "source": cost.source,
        "price_table": "" if cost.price is None else cost.price.table,
    }


def attempt_rows(attempts: Iterable[Attempt]) -> list[dict[str, Any]]:
    return [attempt_row(attempt) for attempt in attempts]
