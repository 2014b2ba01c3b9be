"""What happens while an answer streams in.

``index`` numbers the parts of a choice in the order they open; the decoder assigns it, never the
wire. ``native`` is the decoded frame itself, by reference. Events are made for every chunk, so
they are slotted but not frozen (freezing triples their cost).
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .message import Message
from .native import Native
from .parts import Citation, Part, TokenLogprob
from .response import FinishReason
from .usage import Usage

__all__ = [
    "AudioDelta",
    "CitationAdded",
    "Finish",
    "MessageEnd",
    "MessageStart",
    "NativeEvent",
    "PartEnd",
    "PartStart",
    "ReasoningDelta",
    "RefusalDelta",
    "SignatureDelta",
    "StreamEvent",
    "StreamFailed",
    "TextDelta",
    "ToolCallDelta",
    "UsageUpdate",
]


@dataclass(slots=True)
class MessageStart:
    """The answer begins. ``created`` is in seconds since the epoch."""

    id: str = ""
    model: str = ""
    created: float | None = None
    usage: Usage | None = None
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class PartStart:
    """A part opens: ``part`` is an empty shell that tells its kind, or already whole."""

    index: int
    part: Part
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class TextDelta:
    """More visible text."""

    index: int
    delta: str
    logprobs: tuple[TokenLogprob, ...] | None = None
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class RefusalDelta:
    """More of the model's words for declining."""

    index: int
    delta: str
    logprobs: tuple[TokenLogprob, ...] | None = None
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class ReasoningDelta:
    """More readable thinking."""

    index: int
    delta: str
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class ToolCallDelta:
    """More of a tool call's arguments."""

    index: int
    delta: str
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class SignatureDelta:
    """Sets (does not extend) the signature of a part; ``sealed`` sets its opaque reasoning."""

    index: int
    signature: str | None = None
    sealed: str | None = None
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class CitationAdded:
    """A source for the text of a part."""

    index: int
    citation: Citation
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class AudioDelta:
    """More sound (base64 text), or more of its transcript."""

    index: int
    data: str = ""
    transcript: str = ""
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class PartEnd:
    """A part is complete; ``part`` is the wire's own final form of it, where it sends one."""

    index: int
    part: Part | None = None
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class UsageUpdate:
    """Tokens so far: cumulative, and overwrites what is not None."""

    usage: Usage
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class Finish:
    """Why a choice ended. Not terminal; may come again, and then the last one holds."""

    choice: int = 0
    reason: FinishReason | None = None
    raw_reason: str | None = None
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class NativeEvent:
    """Something without neutral form; ``structural`` ones (pings, padding) are never a loss."""

    wire: str
    name: str
    data: Any = None
    index: int | None = None
    structural: bool = False
    choice: int = 0
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class MessageEnd:
    """The answer is complete. Terminal. ``message`` is the wire's own snapshot, where it sends one."""

    message: Message | None = None
    native: Native | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class StreamFailed:
    """The answer was cut or the host reported an error. Terminal."""

    error: Exception
    native: Native | None = field(default=None, compare=False, repr=False)


StreamEvent: TypeAlias = (
    MessageStart
    | PartStart
    | TextDelta
    | RefusalDelta
    | ReasoningDelta
    | ToolCallDelta
    | SignatureDelta
    | CitationAdded
    | AudioDelta
    | PartEnd
    | UsageUpdate
    | Finish
    | NativeEvent
    | MessageEnd
    | StreamFailed
)
