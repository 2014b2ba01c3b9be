"""Measurements made by hand."""

from decimal import Decimal
from typing import Any

from minillm.benchmark import Measurement, Results


def row(**said: Any) -> Measurement:
    """An answered request of three seconds: due at 10, sent at 10.5, first token at 11, 21 tokens to 13."""
    facts: dict[str, Any] = {
        "target": "host:model",
        "prompt": "short",
        "load": "1 at once",
        "number": 0,
        "due": 10.0,
        "sent": 10.5,
        "first": 11.0,
        "first_text": 11.0,
        "last": 13.0,
        "ended": 13.0,
        "pieces": 21,
        "waits": [0.1] * 20,
        "longest_wait": 0.1,
        "input_tokens": 1000,
        "cached_tokens": 250,
        "output_tokens": 21,
        "usd": Decimal("0.002"),
        "known_usd": Decimal("0.002"),
        "priced": "resolved",
        "status": 200,
        "finish": "stop",
    }
    return Measurement(**{**facts, **said})


def failure(**said: Any) -> Measurement:
    """A request that the host refused after a second."""
    facts: dict[str, Any] = {
        "first": None,
        "first_text": None,
        "last": None,
        "ended": 11.5,
        "pieces": 0,
        "waits": [],
        "longest_wait": None,
        "input_tokens": None,
        "cached_tokens": None,
        "output_tokens": None,
        "usd": Decimal(0),
        "known_usd": Decimal(0),
        "status": 429,
        "finish": None,
        "error": "RateLimitError",
        "message": "host 429: too fast",
    }
    return row(**{**facts, **said})


def results(*rows: Measurement, **said: Any) -> Results:
    """Finished results of these."""
    made = Results({"started": "2026-11-22T07:15:02+00:00", "targets": [{"name": "host:model"}]}, **said)
    made.extend(rows)
    made.ending = "done"
    return made
