"""What a reply remembers of its call, as JSON and back: the completion record of saved files.

    {"id": ..., "model": ..., "host": ..., "wire": ..., "finish_reason": ..., "usage": {...},
     "attempts": [{...}], "losses": [{...}], ...}

Money is text, so that no digit is lost. What is None or empty is left out. The message is the node's
own and raw bodies are not kept. A record read from a file stays the mapping it is, unknown keys
included, and becomes a response only when somebody asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any

from ..errors import ThreadFormatError
from ..types import (
    Attempt,
    ChatResponse,
    Choice,
    CostInfo,
    CostResolution,
    FinishReason,
    Loss,
    Message,
    Native,
    Outcome,
    PriceTier,
    RateLimit,
    Severity,
    TokenPrice,
    Usage,
)
from .reading import boolean, integer, items, number, object_at, refuse, text

__all__ = ["attempts_to_json", "read_attempts", "read_response", "response_to_json"]

Reader = Callable[[Any, str], Any]


def response_to_json(response: ChatResponse) -> dict[str, Any]:
    record: dict[str, Any] = {"id": response.id, "model": response.model}
    if response.attempts:
        record["host"] = response.attempts[-1].host
        record["wire"] = response.attempts[-1].wire
    if response.finish_reason is not None:
        record["finish_reason"] = _plain(response.finish_reason)
    if response.raw_finish_reason is not None:
        record["raw_finish_reason"] = response.raw_finish_reason
    for name in ("usage", "created", "attempts", "losses", "rate_limits", "raw_text", "repaired"):
        value = getattr(response, name)
        if value is not None and value is not False and value not in ((), {}):
            record[name] = _plain(value)
    return record


def attempts_to_json(attempts: list[Attempt]) -> list[Any]:
    return [_plain(attempt) for attempt in attempts]


def _plain(value: Any) -> Any:
    """A value of ``types`` as JSON; fields at their default are left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Native):
        return {"wire": value.wire, "data": value.data}
    if is_dataclass(value):
        kind: Any = type(value)
        said = ((name, getattr(value, name), default) for name, default in _fields_of(kind))
        return {name: _plain(each) for name, each, default in said if each != default}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((each.name, _default(each)) for each in fields(kind))


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def read_response(record: Mapping[str, Any], message: Message) -> ChatResponse:
    """The response that a record tells of.

    Raises:
        ThreadFormatError: a value in it is not of the kind it must be.
    """
    known = _read(record, _RESPONSE, "record")
    reason, raw_reason = known.pop("finish_reason", None), known.pop("raw_finish_reason", None)
    choice = Choice(0, message, reason, raw_reason)
    return ChatResponse(choices=(choice,), **known)


def read_attempts(value: Any, at: str) -> list[Attempt]:
    return list(_each(_attempt)(value, at))


def _read(mapping: Any, readers: Mapping[str, Reader], at: str) -> dict[str, Any]:
    """The known keys that are there and not null; others are a newer version's business."""
    checked = object_at(mapping, at)
    return {
        name: reader(value, f"{at}.{name}")
        for name, reader in readers.items()
        if (value := checked.get(name)) is not None
    }


def _each(reader: Reader) -> Reader:
    return lambda value, at: tuple(reader(item, f"{at}[{i}]") for i, item in enumerate(items(value, at)))


def _by_name(reader: Reader) -> Reader:
    return lambda value, at: {key: reader(item, f"{at}.{key}") for key, item in object_at(value, at).items()}


def _one_of(kind: type[Enum], otherwise: Enum | None = None) -> Reader:
    names = [str(member.value) for member in kind]

    def read(value: Any, at: str) -> Any:
        if otherwise is not None and isinstance(value, str) and value not in names:
            return otherwise  # a newer minor version may know more of them
        return kind(text(value, at, names))

    return read


def _money(value: Any, at: str) -> Decimal:
    try:
        amount = Decimal(text(value, at))
    except InvalidOperation:
        refuse(at, "must be a decimal number as text")
    if not amount.is_finite() or abs(amount.adjusted()) > 30:
        refuse(at, "is no sum of money")
    return amount


def _built(kind: Callable[..., Any], readers: Mapping[str, Reader], needed: tuple[str, ...] = ()) -> Reader:
    def read(value: Any, at: str) -> Any:
        known = _read(value, readers, at)
        for name in needed:
            if name not in known:
                refuse(f"{at}.{name}", "is missing")
        try:
            return kind(**known)
        except ThreadFormatError:
            raise
        except (TypeError, ValueError) as error:
            refuse(at, str(error))

    return read


def _any(value: Any, at: str) -> Any:
    return value


_usage = _built(
    Usage,
    {
        "uncached_tokens": integer,
        "cache_read_tokens": integer,
        "cache_write_tokens": _by_name(integer),
        "tool_use_tokens": integer,
        "output_tokens": integer,
        "reasoning_tokens": integer,
        "cost_usd": _money,
        "audio_input_tokens": integer,
        "audio_output_tokens": integer,
        "image_input_tokens": integer,
        "image_output_tokens": integer,
        "native": _built(Native, {"wire": text, "data": _any}, ("wire",)),
    },
)
_RATES: dict[str, Reader] = {
    "input": _money,
    "output": _money,
    "cache_read": _money,
    "cache_write": _by_name(_money),
    "per_request": _money,
    "audio_input": _money,
    "audio_cache_read": _money,
    "audio_output": _money,
    "image_input": _money,
    "image_output": _money,
}
_tier = _built(PriceTier, {"above": integer, "price": _built(TokenPrice, _RATES)}, ("above", "price"))
_price = _built(TokenPrice, {**_RATES, "tiers": _each(_tier), "table": text, "date": text})
_cost = _built(
    CostInfo,
    {
        "usd": _money,
        "known_usd": _money,
        "resolution": _one_of(CostResolution, CostResolution.UNKNOWN),
        "source": text,
        "price": _price,
        "usage": _usage,
    },
)
_limits = _by_name(_built(RateLimit, {"limit": integer, "remaining": integer, "reset_at": number}))
_attempt = _built(
    Attempt,
    {
        "host": text,
        "model": text,
        "wire": text,
        "started_at": number,
        "duration": number,
        "first_content_after": number,
        "outcome": _one_of(Outcome, Outcome.PENDING),
        "status": integer,
        "request_id": text,
        "error": text,
        "usage": _usage,
        "cost": _cost,
        "rate_limits": _limits,
    },
)
_loss = _built(
    Loss,
    {"path": text, "what": text, "reason": text, "severity": _one_of(Severity, Severity.LOST), "count": integer},
    ("path", "what", "reason"),
)
_RESPONSE: Mapping[str, Reader] = {
    "id": text,
    "model": text,
    "finish_reason": _one_of(FinishReason, FinishReason.UNKNOWN),
    "raw_finish_reason": text,
    "usage": _usage,
    "created": number,
    "attempts": _each(_attempt),
    "losses": _each(_loss),
    "rate_limits": _limits,
    "raw_text": text,
    "repaired": boolean,
}
