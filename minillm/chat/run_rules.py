"""What holds for all calls of a run, settled once when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..errors import ConfigurationError
from ..tools.definition import Tool
from ..tools.offered import offered
from ..tools.prepared import Runnable, runnable
from ..types import UNSET, NativeTool, ToolDefinition
from .parameters import NodeCompletionParameters, Params
from .run_approval import Approve
from .run_limits import RunLimits

__all__ = ["OnInterrupted", "RunRules", "rules_of"]

OnInterrupted: TypeAlias = Literal["ask", "rerun", "error"]
_ON_INTERRUPTED = ("ask", "rerun", "error")


@dataclass(frozen=True, slots=True)
class RunRules:
    """Which tools there are, who is asked, how far it may go, and what becomes of interrupted calls.

    Args:
        offered: what the model is told of, functions as tools.
        tools: those that can be called, by name.
    """

    offered: tuple[Tool[..., Any] | ToolDefinition | NativeTool, ...]
    tools: Runnable
    approve: Approve | None
    limits: RunLimits
    on_interrupted: OnInterrupted


def rules_of(options: Mapping[str, Any], params: Params) -> RunRules:
    """The rules that the options of a run and its parameters give.

    Raises:
        ConfigurationError: one of them is of a kind that it cannot be, or two tools have one name.
    """
    tools: Any = options.get("tools", UNSET)
    if tools is UNSET and isinstance(params, NodeCompletionParameters):
        tools = params.tools
    made = () if tools is UNSET or tools is None else offered(tools)
    approve: Approve | None = options.get("approve")
    if approve is not None and not callable(approve):
        raise ConfigurationError(f"approve must be a function of an ApprovalRequest, not {type(approve).__name__}")
    limits: Any = options.get("limits")
    if limits is not None and not isinstance(limits, RunLimits):
        raise ConfigurationError(f"limits must be RunLimits, like RunLimits(rounds=5), not {type(limits).__name__}")
    on_interrupted: Any = options.get("on_interrupted", "ask")
    if on_interrupted not in _ON_INTERRUPTED:
        raise ConfigurationError(f"on_interrupted must be 'ask', 'rerun' or 'error', not {on_interrupted!r}")
    return RunRules(made, runnable(made), approve, limits or RunLimits(), on_interrupted)
