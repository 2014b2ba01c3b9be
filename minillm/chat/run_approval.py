"""Who decides whether a tool may run, what is asked, and what may be answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeAlias

from ..errors import ConfigurationError, ToolError
from ..tools.definition import Tool
from ..tree import Node
from ..types import ToolCallPart

__all__ = ["Allow", "Answer", "ApprovalRequest", "Approve", "Decision", "Defer", "Deny", "Edit", "ask_for_approval"]


@dataclass(frozen=True, slots=True)
class Allow:
    """Run it."""


@dataclass(frozen=True, slots=True)
class Deny:
    """Do not run it; the model is told so as the call's result, an error."""

    reason: str = "the call was not allowed"

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str):
            raise ConfigurationError(f"Deny: the reason must be a text for the model, not {type(self.reason).__name__}")


@dataclass(frozen=True, slots=True)
class Edit:
    """Run it with other arguments. The turn stays as the model wrote it; the model sees the result alone.

    Args:
        arguments: all of them by name, as JSON has them; for a custom tool its text.
    """

    arguments: Mapping[str, Any] | str

    def __post_init__(self) -> None:
        if not isinstance(self.arguments, Mapping | str):
            what = type(self.arguments).__name__
            raise ConfigurationError(f"Edit: give all arguments by name, or the text of a custom tool, not {what}")


@dataclass(frozen=True, slots=True)
class Answer:
    """Do not run it: this is its result, as if the tool had returned it. For a call whose outcome somebody has
    looked up after it was interrupted."""

    value: Any


@dataclass(frozen=True, slots=True)
class Defer:
    """Decide later: the run ends with ``waiting`` when the other calls of the turn have ended, and asks again when it
    goes on."""


Decision: TypeAlias = Allow | Deny | Edit | Answer | Defer


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call that is about to run.

    Args:
        call: what the model asked for; its arguments fit the function.
        tool: what would run.
        arguments: as JSON (repaired, where that was needed); of a custom tool the text.
        node: the turn that the call is in.
        interrupted_at: when an earlier run began it, in seconds since the epoch, if one did that did not live to
            see its result; nobody knows whether it was carried out. None for a call that was never begun.
    """

    call: ToolCallPart
    tool: Tool[..., Any]
    arguments: Any
    node: Node
    interrupted_at: float | None = None

    @property
    def interrupted(self) -> bool:
        return self.interrupted_at is not None


Approve: TypeAlias = Callable[[ApprovalRequest], Decision | bool | Awaitable[Decision | bool]]


async def ask_for_approval(approve: Approve, request: ApprovalRequest) -> Decision:
    """What it decides; True is Allow, False is Deny.

    Raises:
        ConfigurationError: it gave nothing of that; a callback that forgets to return allows nothing.
        ToolError: it was cancelled from within, as by a future of its own that nobody will answer any more.
    """
    from asyncio import CancelledError, current_task

    task = current_task()
    try:
        said = approve(request)
        if isawaitable(said):
            said = await said
    except CancelledError:
        if task is None or task.cancelling():
            raise
        call = request.call
        raise ToolError(f"approve= was cancelled before it decided about the call {call.name} ({call.id})") from None
    if isinstance(said, bool):
        return Allow() if said else Deny()
    if not isinstance(said, Allow | Deny | Edit | Answer | Defer):
        raise ConfigurationError(
            f"approve= must return Allow(), Deny(reason), Edit(arguments), Answer(value), Defer(), True or False, "
            f"not {type(said).__name__}"
        )
    return said
