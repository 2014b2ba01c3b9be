"""A whole request, apart from any wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .json_value import JSONValue
from .message import Message
from .native import Native
from .parameters import CompletionParameters
from .quick import quick
from .tools import NativeTool, ToolChoice, ToolDefinition

__all__ = ["ChatRequest"]

_NO_PARAMETERS = CompletionParameters()


@quick(settled="type(messages) is tuple and type(tools) is tuple")
@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a model.

    Args:
        model: the model's name at its host; None leaves it to the ``ChatModel``.
        messages: the conversation, oldest first.
        tools: what the model may call.
        tool_choice: how free it is to call them; None leaves it to the host.
        parameters: see :class:`CompletionParameters`.
        stream: answer in pieces.
        include_usage: ask for token counts where a host only counts when asked (Chat streams);
            None says nothing.
        extra: keys sent as they are at the top level of the body.
    """

    model: str | None
    messages: tuple[Message, ...] = ()
    tools: tuple[ToolDefinition | NativeTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parameters: CompletionParameters = _NO_PARAMETERS
    stream: bool = False
    include_usage: bool | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, hash=False, kw_only=True)
    native: Native | None = field(default=None, compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.messages, list):
            object.__setattr__(self, "messages", tuple(self.messages))
        if isinstance(self.tools, list):
            object.__setattr__(self, "tools", tuple(self.tools))
