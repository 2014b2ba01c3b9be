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
from typing import Any, Final, TypeAlias

from ..types import RateLimit
from ..types.making import new_rate_limit

__all__ = ["Telling", "parse_rate_limits", "seconds_of", "telling"]

#: The limits that are told, each by its name with the headers of its size, of what is left, and of its reset.
Telling: TypeAlias = tuple[tuple[str, str | None, str | None, str | None], ...]

_MARKS: Final = ("ratelimit", "tokenlimit")
_EXACT: Final = 16  # a number of fewer digits is the same as a float
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
    headers: Mapping[str, str], *, told: Telling | None = None, now: float | None = None
) -> dict[str, RateLimit]:
    """The limits by name (``requests``, ``tokens``, ``input_tokens``, ``tokens_minute``, ...); mostly empty.

    Args:
        headers: of an answer; any case.
        told: what :func:`telling` finds in their names, where the caller has it at hand.
        now: seconds since the epoch, for resets that say how long from now.
    """
    if told is None:
        told = telling(tuple(headers))
    if not told:
        return {}
    moment = time.time() if now is None else now
    limits: dict[str, RateLimit] = {}
    get = headers.get
    for name, limit, remaining, reset in told:
        size = None if limit is None else _count(get(limit))
        left = None if remaining is None else _count(get(remaining))
        reset_at = None
        if reset is not None and (text := get(reset)) and (found := _reset(text)) is not None:
            reset_at = moment + found[0] if found[1] else found[0]
        if size is not None or left is not None or reset_at is not None:
            limits[name] = new_rate_limit(size, left, reset_at)
    return limits


# A host's answers have the same headers again and again; which of them tell limits is worked out once.
@lru_cache(maxsize=256)
def telling(names: tuple[str, ...]) -> Telling:
    """The limits that headers of these names tell; mostly none."""
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


# The size of a limit is the same with each answer, and what is left of one that is far from spent is so mostly.
@lru_cache(maxsize=256)
def _count(text: str | None) -> int | None:
    """Azure's -1 means unknown."""
    if not text:
        return None
    if len(text) < _EXACT and text.isdecimal():
        return int(text)
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        return None
    return number if number >= 0 else None


# A limit that is far from spent comes back after the same few milliseconds again and again, and where a host tells
# dates (Anthropic), those of its limits are mostly one.
@lru_cache(maxsize=256)
def _reset(text: str) -> tuple[float, bool] | None:
    """A reset in seconds, and whether they count from now, not from the epoch.

    It may be a moment already, in seconds or milliseconds, a date, or a duration.
    """
    if text.startswith("-"):
        return None
    if "T" in text:
        try:
            return datetime.fromisoformat(text).timestamp(), False
        except ValueError:
            return None
    seconds = seconds_of(text)
    if seconds is None:
        return None
    if seconds > 1e11:
        return seconds / 1000.0, False
    return seconds, seconds <= 1e9


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
