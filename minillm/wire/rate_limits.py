"""Rate-limit headers of all families, as :class:`RateLimit` by name.

Families (wire-spec: errors and limits): OpenAI and most others ``x-ratelimit-limit-requests``, with Go
durations; Mistral ``x-ratelimit-limit-req-minute``; Together and OpenRouter bare ``x-ratelimit-limit``, the
latter with a reset in epoch milliseconds; Anthropic ``anthropic-ratelimit-requests-limit``, with RFC 3339.
"""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from ..types import RateLimit

__all__ = ["parse_rate_limits", "seconds_of", "tells_limits"]

_MARKS: Final = ("ratelimit", "tokenlimit")
_FIELDS: Final = ("limit", "remaining", "reset")

# One of the three facts, before the name of the limit (most) or behind it (Anthropic).
_HEADER: Final = re.compile(
    r"^(?:x-)?(?:(?P<vendor>anthropic)-)?(?P<family>ratelimitbysize|ratelimit|tokenlimit)"
    r"(?:-(?P<first>limit|remaining|reset)(?:-(?P<name>[a-z0-9-]+))?"
    r"|-(?P<name2>[a-z0-9-]+)-(?P<last>limit|remaining|reset))$"
)
_NAMES: Final = {"req": "requests", "request": "requests", "token": "tokens"}
_GO_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)")
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_rate_limits(
    headers: Mapping[str, str], *, names: tuple[str, ...] | None = None, now: float | None = None
) -> dict[str, RateLimit]:
    """The limits by name (``requests``, ``tokens``, ``input_tokens``, ``tokens_minute``, ...); mostly empty.

    Args:
        headers: of an answer; any case.
        names: those of the headers, where the caller has them at hand.
        now: seconds since the epoch, for resets that say how long from now.
    """
    telling = _telling(tuple(headers) if names is None else names)
    if not telling:
        return {}
    moment = time.time() if now is None else now
    limits: dict[str, RateLimit] = {}
    for name, *facts in telling:
        limit, remaining, reset = [None if header is None else headers[header] for header in facts]
        found = _limit(limit, remaining, reset, moment)
        if found is not None:
            limits[name] = found
    return limits


def tells_limits(names: tuple[str, ...]) -> bool:
    """Whether any of these headers tells of a limit."""
    return bool(_telling(names))


# A host's answers have the same headers again and again; which of them tell limits is worked out once.
@lru_cache(maxsize=256)
def _telling(names: tuple[str, ...]) -> tuple[tuple[str, str | None, str | None, str | None], ...]:
    """The limits that are told, each with the headers of its three facts."""
    found: dict[str, dict[str, str]] = {}
    for header in dict.fromkeys(names):
        meaning = _meaning(header)
        if meaning is not None:
            name, fact = meaning
            found.setdefault(name, {})[fact] = header
    return tuple((name, *map(facts.get, _FIELDS)) for name, facts in found.items())  # type: ignore[misc]


@lru_cache(maxsize=1024)
def _meaning(header: str) -> tuple[str, str] | None:
    lowered = header.lower()
    meaning = None
    if any(mark in lowered for mark in _MARKS):
        match = _HEADER.match(lowered)
        if match is not None:
            fact = match["first"] or match["last"]
            name = match["name"] or match["name2"] or ("tokens" if match["family"] == "tokenlimit" else "requests")
            if match["family"] == "ratelimitbysize":
                name = "size"
            words = [_NAMES.get(word, word) for word in name.split("-")]
            meaning = "_".join(words), fact
    return meaning


def _limit(limit: str | None, remaining: str | None, reset: str | None, now: float) -> RateLimit | None:
    size, left, reset_at = _count(limit), _count(remaining), _moment(reset, now)
    if size is None and left is None and reset_at is None:
        return None
    return RateLimit(size, left, reset_at)


def _count(text: str | None) -> int | None:
    """Azure's -1 means unknown."""
    if not text:
        return None
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        return None
    return number if number >= 0 else None


def _moment(text: str | None, now: float) -> float | None:
    """A reset as seconds since the epoch: it may be that already, in milliseconds, a date, or a duration."""
    if not text or text.startswith("-"):
        return None
    if "T" in text:
        try:
            return datetime.fromisoformat(text).timestamp()
        except ValueError:
            return None
    seconds = seconds_of(text)
    if seconds is None:
        return None
    if seconds > 1e11:
        return seconds / 1000.0
    return seconds if seconds > 1e9 else now + seconds


def seconds_of(value: Any) -> float | None:
    """Seconds out of a number, its text, or a Go duration such as ``6m0s``, ``1h2m3.5s``, ``12ms``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0 <= value < 1e15 else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text[-1:].isalpha():
        return _duration(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 <= number < 1e15 else None


def _duration(text: str) -> float | None:
    one = _GO_DURATION.fullmatch(text)  # as most are
    if one is not None:
        return float(one[1]) * _UNITS[one[2]]
    pieces = _GO_DURATION.findall(text)
    if not pieces or "".join(count + unit for count, unit in pieces) != text:
        return None
    return float(sum(float(count) * _UNITS[unit] for count, unit in pieces))
