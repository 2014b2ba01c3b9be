"""How much to think, both ways. Which field says it changed with the models: up to 4.5 a budget in tokens, with 4.6
either, from 5 on an effort alone; some cannot be kept from thinking
(https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from ...types import Native, ReasoningConfig, ReasoningEffort
from ..encoding import Encoding
from ..fields import as_count, as_object, as_text
from ..residue import HINTS, own
from .dialect import WIRE, native

__all__ = ["SINCE_4_6", "decode_thinking", "say_thinking"]

SINCE_4_6: Final = re.compile(
    r"claude-(?:[a-z]+-(?:4[-.](?:[6-9]|[1-9]\d)(?!\d)|[5-9](?!\d)|[1-9]\d(?!\d))|fable|mythos)"
)
_SINCE_5: Final = re.compile(r"claude-(?:[a-z]+-(?:[5-9](?!\d)|[1-9]\d(?!\d))|fable|mythos)")
_NUMBERED: Final = re.compile(r"claude-(?:\d|instant|[a-z]+-\d)")
_ALWAYS_THINKS: Final = re.compile(r"claude-(?:opus-5[-.]5|fable)")

_PATH: Final = "parameters.reasoning"
_EFFORTS: Final[dict[str, str]] = {ReasoningEffort.MINIMAL: "low"}
# Tokens for models that take no effort. The vendor names none; these fit below the smallest ceiling of a model that
# thinks (32,000, with the answer), and the least is the vendor's.
_BUDGETS: Final[dict[str, int]] = {
    ReasoningEffort.MINIMAL: 1024,
    ReasoningEffort.LOW: 2048,
    ReasoningEffort.MEDIUM: 8192,
    ReasoningEffort.HIGH: 16384,
    ReasoningEffort.XHIGH: 24576,
    ReasoningEffort.MAX: 24576,
}
_LEAST: Final = 1024


def say_thinking(
    config: ReasoningConfig | None, model: str, most: int | None, said: dict[str, Any], enc: Encoding
) -> int | None:
    """Say how to think; gives the budget, if there is one.

    Args:
        most: the ceiling for answer and thinking together, where one was set.
    """
    if config is None:
        return None
    at_home = own(config.native, WIRE) is not None
    budget, effort = config.budget_tokens, config.effort
    if effort == ReasoningEffort.NONE:
        if at_home or not _ALWAYS_THINKS.search(model):
            said["thinking"] = {"type": "disabled"}
            return None
        enc.report.degraded(f"{_PATH}.effort", "effort none", "this model always thinks; the least is low")
        effort = ReasoningEffort.LOW
    if not at_home:
        if budget is not None and _SINCE_5.search(model):
            enc.report.degraded(f"{_PATH}.budget_tokens", "thinking budget", "this model takes an effort, no budget")
            budget = None
            said["thinking"] = {"type": "adaptive"}
        elif effort is not None and _NUMBERED.search(model) and not SINCE_4_6.search(model):
            budget = budget if budget is not None else _budget(effort, most, enc)
            if budget is None:
                return None
            effort = None
    return _say(config, effort, budget, said, enc)


def _budget(effort: str, most: int | None, enc: Encoding) -> int | None:
    budget = _BUDGETS.get(effort)
    if budget is None:
        enc.report.lost(f"{_PATH}.effort", f"effort {effort}", "this model takes a budget in tokens")
        return None
    if most is not None:
        budget = min(budget, most * 3 // 4)  # something is left for the answer
    if budget < _LEAST:
        enc.report.lost(
            f"{_PATH}.effort", f"effort {effort}", f"max_tokens leaves no room for {_LEAST} tokens of thinking"
        )
        return None
    enc.report.note(f"{_PATH}.effort", f"effort {effort}", f"this model takes a budget: {budget} tokens")
    return budget


def _say(
    config: ReasoningConfig, effort: str | None, budget: int | None, said: dict[str, Any], enc: Encoding
) -> int | None:
    if effort is not None:
        said.setdefault("output_config", {})["effort"] = _EFFORTS.get(effort, str(effort))
        if effort == ReasoningEffort.MINIMAL:
            enc.report.degraded(f"{_PATH}.effort", "effort minimal", "the least this wire knows is low")
    display = "omitted" if config.exclude else "summarized" if config.summary or config.exclude is False else None
    if budget is not None:
        thinking: dict[str, Any] = {"type": "enabled", "budget_tokens": budget}
    elif effort is not None or display is not None or "thinking" in said:
        thinking = {"type": "adaptive"}
    else:
        return None
    if display is not None:
        thinking["display"] = display
    said["thinking"] = thinking
    return budget


def decode_thinking(raw: Mapping[str, Any]) -> ReasoningConfig | None:
    """What a body says of it. The residue tells that it was this wire's own: it goes back as it came."""
    thinking, config = as_object(raw.get("thinking")), as_object(raw.get("output_config")) or {}
    effort = as_text(config.get("effort"))
    if thinking is None:
        return None if effort is None else ReasoningConfig(effort=effort, native=Native(WIRE, {}))
    if thinking.get("type") == "disabled":
        return ReasoningConfig(effort=ReasoningEffort.NONE, native=Native(WIRE, {}))
    display = thinking.get("display")
    if thinking.get("type") == "adaptive" and effort is None and display is None:
        return ReasoningConfig(native=native({HINTS: {"adaptive": True}}))  # a wish without a neutral word
    return ReasoningConfig(
        effort=effort,
        budget_tokens=as_count(thinking.get("budget_tokens")),
        summary="auto" if display == "summarized" else None,
        exclude=True if display == "omitted" else None,
        native=Native(WIRE, {}),
    )
