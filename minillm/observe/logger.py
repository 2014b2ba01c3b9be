"""The logger ``minillm``: one record an event, with the facts beside the words. No prompt, no answer, no key.

    WARNING  what nobody else tells: a retry, a route that was left, a hook or callback that failed
    INFO     what is over: requests, tools and runs, well or not
    DEBUG    what begins, attempts, waits, first content

A record has ``record.event``, the event's name, and ``record.minillm``, its facts as plain values.
"""

import logging
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from ..types import Attempt, CostInfo, Usage
from . import events
from .events import Event

__all__ = ["LOGGER", "JSONFormatter", "log"]

#: Programs give it handlers and a level; by itself it prints nothing.
LOGGER = logging.getLogger("minillm")
LOGGER.addHandler(logging.NullHandler())

_DEBUG, _INFO, _WARNING = logging.DEBUG, logging.INFO, logging.WARNING


def log(event: Event) -> None:
    """The hook that writes to the logger; there by itself where the logger's level lets anything through."""
    level, words = _RECORDS.get(type(event), (_DEBUG, None))
    if isinstance(event, events.RouteChanged) and event.error_type is None:
        level = _DEBUG  # selected, hedged, abandoned: as it was meant
    if words is None or not LOGGER.isEnabledFor(level):
        return
    facts = facts_of(event)
    LOGGER.log(level, "%s", words(facts), extra={"event": event.name, "minillm": facts})


def facts_of(event: Event) -> dict[str, Any]:
    """An event as plain values, without content."""
    facts: dict[str, Any] = {}
    for field in fields(event):
        name, value = field.name, getattr(event, field.name)
        if value is None or field.metadata.get("content"):
            continue
        if name in _AS_FACTS:
            facts.update(_AS_FACTS[name](value))
        else:
            facts[name] = value if isinstance(value, _PLAIN) else _plain(value)
    return facts


_PLAIN = str | int | float | bool


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [str(item) for item in value]
    return {key: item for key, item in value.items() if isinstance(item, _PLAIN)} if isinstance(value, dict) else None


def _of_usage(usage: Usage) -> dict[str, Any]:
    facts = {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    }
    return {name: tokens for name, tokens in facts.items() if tokens is not None}


def _of_cost(cost: CostInfo) -> dict[str, Any]:
    """The sum as text, so that no digit is lost; why it is not known where it is not."""
    usd = {} if cost.usd is None else {"usd": str(cost.usd)}
    return {**usd, "cost": str(cost.resolution)}


def _of_attempt(attempt: Attempt) -> dict[str, Any]:
    facts = {
        "host": attempt.host,
        "model": attempt.model,
        "outcome": str(attempt.outcome),
        "status": attempt.status,
        "request_id": attempt.request_id,
        "duration": attempt.duration,
        "first_content_after": attempt.first_content_after,
        **({} if attempt.usage is None else _of_usage(attempt.usage)),
        **({} if attempt.cost is None else _of_cost(attempt.cost)),
    }
    return {name: value for name, value in facts.items() if value is not None}


_AS_FACTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "usage": _of_usage,
    "cost": _of_cost,
    "attempt": _of_attempt,
    "attempts": lambda attempts: {"attempts": len(attempts)},
}


def _seconds(facts: dict[str, Any]) -> str:
    return f"{facts['duration']:.3f} s"


def _money(facts: dict[str, Any]) -> str:
    tokens = f"{facts.get('input_tokens', '?')} tokens in, {facts.get('output_tokens', '?')} out"
    attempts = facts.get("attempts", 1)
    more = f", {attempts} attempts" if attempts > 1 else ""
    return f"{tokens}, cost {'$' + facts['usd'] if 'usd' in facts else facts.get('cost', 'unknown')}{more}"


def _why(facts: dict[str, Any]) -> str:
    return f": {facts['error_type']}" if "error_type" in facts else ""


def _status(facts: dict[str, Any]) -> str:
    return f" ({facts['status']})" if "status" in facts else ""


Words = Callable[[dict[str, Any]], str]

_RECORDS: dict[type[Event], tuple[int, Words]] = {
    events.RequestStarted: (_DEBUG, lambda f: f"request {f['id']} to {f['host']}:{f['model']}"),
    events.Paced: (_DEBUG, lambda f: f"request {f['id']} waited {f['wait']:.3f} s for its turn"),
    events.AttemptStarted: (_DEBUG, lambda f: f"request {f['id']}: attempt {f['number']}"),
    events.AttemptEnded: (
        _DEBUG,
        lambda f: f"request {f['id']}: attempt {f['number']} {f.get('outcome', 'unsent')}{_status(f)}",
    ),
    events.RetryScheduled: (
        _WARNING,
        lambda f: f"request {f['id']} failed: {f['error_type']}{_status(f)}; asked again in {f['wait']:.2f} s",
    ),
    events.RouteChanged: (
        _WARNING,
        lambda f: f"request {f['id']}: route {f['route']} {f['news']}{_why(f)}",
    ),
    events.StreamOpened: (_DEBUG, lambda f: f"request {f['id']}: first content after {f['after']:.3f} s"),
    events.ChunkReceived: (_DEBUG, lambda f: f"request {f['id']}: chunk {f['number']}, {f['events']} events"),
    events.RequestEnded: (
        _INFO,
        lambda f: f"request {f['id']} {'left' if f['left'] else 'answered'} after {_seconds(f)}: {_money(f)}",
    ),
    events.RequestFailed: (
        _INFO,
        lambda f: f"request {f['id']} failed after {_seconds(f)}: {f['error_type']}{_status(f)}, {_money(f)}",
    ),
    events.ToolStarted: (_DEBUG, lambda f: f"tool {f['tool']} ({f['call_id']}) called"),
    events.ToolEnded: (_INFO, lambda f: f"tool {f['tool']} ({f['call_id']}) ended after {_seconds(f)}"),
    events.ToolFailed: (
        _INFO,
        lambda f: f"tool {f['tool']} ({f['call_id']}) failed after {_seconds(f)}: {f['error_type']} {f['place']}",
    ),
    events.RunStarted: (_DEBUG, lambda f: f"run {f['id']} with {f['host']}:{f['model']}"),
    events.RunEnded: (_INFO, lambda f: f"run {f['id']} ended after {_seconds(f)}: {f['stop_reason']}, {_money(f)}"),
    events.RunFailed: (_INFO, lambda f: f"run {f['id']} failed after {_seconds(f)}: {f['error_type']}"),
}


class JSONFormatter(logging.Formatter):
    """A record as one line of JSON: ``time``, ``level``, ``logger``, ``message``, ``event``, and the event's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; tracebacks of other records under ``traceback``."""
        import json
        from datetime import UTC, datetime

        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        event = getattr(record, "event", None)
        if event is not None:
            line["event"] = event
        facts = getattr(record, "minillm", None)
        if isinstance(facts, dict):
            line.update((name, value) for name, value in facts.items() if name not in line)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
