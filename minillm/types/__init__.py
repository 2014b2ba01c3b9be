"""Floor 0: inert values. Equal and hashable by content; identity lives in the tree.

They import nothing but the standard library and know no wire, host or file.
"""

from .attempt import Attempt, Outcome, RateLimit, total_cost
from .collecting import Collector, acollect, collect
from .cost import CostInfo, CostResolution, PriceTier, TokenPrice
from .events import (
    AudioDelta,
    CitationAdded,
    Finish,
    MessageEnd,
    MessageStart,
    NativeEvent,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    TextDelta,
    ToolCallDelta,
    UsageUpdate,
)
from .json_value import UNSET, JSONObject, JSONValue, Unset
from .loss import Loss, Severity
from .message import Content, Message, Origin, Role, as_content
from .native import Native
from .parameters import CompletionParameters, ReasoningConfig, ReasoningEffort, ResponseFormat
from .parts import (
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
    ImagePart,
    MediaPart,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from .rate_limits import RateLimits
from .request import ChatRequest
from .response import ChatResponse, Choice, FinishReason
from .tools import NativeTool, ToolChoice, ToolDefinition, ToolMode
from .usage import Usage

__all__ = [
    "UNSET",
    "Attempt",
    "AudioDelta",
    "AudioPart",
    "CacheBreakpoint",
    "ChatRequest",
    "ChatResponse",
    "Choice",
    "Citation",
    "CitationAdded",
    "Collector",
    "CompletionParameters",
    "Content",
    "CostInfo",
    "CostResolution",
    "FilePart",
    "Finish",
    "FinishReason",
    "ImagePart",
    "JSONObject",
    "JSONValue",
    "Loss",
    "MediaPart",
    "Message",
    "MessageEnd",
    "MessageStart",
    "Native",
    "NativeEvent",
    "NativePart",
    "NativeTool",
    "Origin",
    "Outcome",
    "Part",
    "PartEnd",
    "PartStart",
    "PriceTier",
    "RateLimit",
    "RateLimits",
    "ReasoningConfig",
    "ReasoningDelta",
    "ReasoningEffort",
    "ReasoningPart",
    "RefusalDelta",
    "RefusalPart",
    "ResponseFormat",
    "Role",
    "Severity",
    "SignatureDelta",
    "StreamEvent",
    "StreamFailed",
    "TextDelta",
    "TextPart",
    "TokenLogprob",
    "TokenPrice",
    "ToolCallDelta",
    "ToolCallPart",
    "ToolChoice",
    "ToolDefinition",
    "ToolMode",
    "ToolResultPart",
    "Unset",
    "Usage",
    "UsageUpdate",
    "VideoPart",
    "acollect",
    "as_content",
    "collect",
    "total_cost",
]
