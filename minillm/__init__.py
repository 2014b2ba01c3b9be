"""An async conversation-tree toolkit for language models.

    cli                                      commands
    chat                                     the tree that talks
    stack                                    generator -> wrapped ChatModel
    client · routing                         where codec, host and transport meet · plans of several generators
    generator                                host row + model + key + defaults
    providers · policies · tree              rows · wrappers around a model · the tree as data
    wire · cost · tools · mock_model         dialects · money arithmetic · functions as tools · answers from a script
    json · report · transport · chat_model · local · environment
    errors
    types · loop_local · run_sync

Each floor imports only from floors below it (docs/architecture.md). Names load when they are first used.
"""

# errors gives types.collecting the class that a cut stream raises, so it comes first and always.
from . import errors as _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import observe as observe
    from .chat import Allow as Allow
    from .chat import Answer as Answer
    from .chat import Branch as Branch
    from .chat import CacheOutcome as CacheOutcome
    from .chat import CacheState as CacheState
    from .chat import ChatNode as ChatNode
    from .chat import ChatStream as ChatStream
    from .chat import Defer as Defer
    from .chat import Deny as Deny
    from .chat import Edit as Edit
    from .chat import NodeCompletionParameters as NodeCompletionParameters
    from .chat import Options as Options
    from .chat import Reply as Reply
    from .chat import Run as Run
    from .chat import RunLimits as RunLimits
    from .chat_model import ChatModel as ChatModel
    from .chat_model import EventStream as EventStream
    from .cost import Budget as Budget
    from .cost import CostLedger as CostLedger
    from .environment import load_env as load_env
    from .errors import AllRoutesFailed as AllRoutesFailed
    from .errors import APIError as APIError
    from .errors import AuthenticationError as AuthenticationError
    from .errors import BadRequestError as BadRequestError
    from .errors import BranchFailed as BranchFailed
    from .errors import BudgetExceeded as BudgetExceeded
    from .errors import ConfigurationError as ConfigurationError
    from .errors import ConnectError as ConnectError
    from .errors import ContextLengthError as ContextLengthError
    from .errors import CycleError as CycleError
    from .errors import DecodeError as DecodeError
    from .errors import EmptyResponse as EmptyResponse
    from .errors import EncodeError as EncodeError
    from .errors import InterruptedToolCalls as InterruptedToolCalls
    from .errors import InvalidOutput as InvalidOutput
    from .errors import LossWarning as LossWarning
    from .errors import MediaError as MediaError
    from .errors import MiniLLMError as MiniLLMError
    from .errors import NotFoundError as NotFoundError
    from .errors import OutputError as OutputError
    from .errors import QuotaError as QuotaError
    from .errors import RateLimitError as RateLimitError
    from .errors import Refusal as Refusal
    from .errors import RunStopped as RunStopped
    from .errors import ServerError as ServerError
    from .errors import StreamConsumed as StreamConsumed
    from .errors import StreamInterrupted as StreamInterrupted
    from .errors import ThreadFormatError as ThreadFormatError
    from .errors import TimeoutExceeded as TimeoutExceeded
    from .errors import ToolError as ToolError
    from .errors import ToolServerGone as ToolServerGone
    from .errors import TransportError as TransportError
    from .errors import TreeError as TreeError
    from .errors import UnansweredToolCalls as UnansweredToolCalls
    from .errors import WireError as WireError
    from .generator import GeneratorInfo as GeneratorInfo
    from .loop_local import aclose as aclose
    from .mock_model import MockModel as MockModel
    from .policies.options import Transform as Transform
    from .policies.routes import RouteEvent as RouteEvent
    from .providers import ProviderSettings as ProviderSettings
    from .routing import RoutePlan as RoutePlan
    from .routing import fallback as fallback
    from .routing import hedge as hedge
    from .run_sync import run_sync as run_sync
    from .tools import Tool as Tool
    from .tools import execute_calls as execute_calls
    from .tools import tool as tool
    from .transport import MockTransport as MockTransport
    from .transport import Timeouts as Timeouts
    from .transport import block_network as block_network
    from .tree import Thread as Thread
    from .tree import format_conversation as format_conversation
    from .tree import pretty_messages as pretty_messages
    from .types import AudioPart as AudioPart
    from .types import CacheBreakpoint as CacheBreakpoint
    from .types import ChatRequest as ChatRequest
    from .types import ChatResponse as ChatResponse
    from .types import CompletionParameters as CompletionParameters
    from .types import CostInfo as CostInfo
    from .types import FilePart as FilePart
    from .types import FinishReason as FinishReason
    from .types import ImagePart as ImagePart
    from .types import Message as Message
    from .types import RateLimits as RateLimits
    from .types import ReasoningConfig as ReasoningConfig
    from .types import ReasoningPart as ReasoningPart
    from .types import ResponseFormat as ResponseFormat
    from .types import Role as Role
    from .types import TextPart as TextPart
    from .types import TokenPrice as TokenPrice
    from .types import ToolCallPart as ToolCallPart
    from .types import ToolChoice as ToolChoice
    from .types import ToolDefinition as ToolDefinition
    from .types import ToolResultPart as ToolResultPart
    from .types import Usage as Usage
    from .types import VideoPart as VideoPart

__version__ = "0.1.0"

_ERRORS = tuple(name for name in _errors.__all__)

# Where each public name lives; the block above says the same to type checkers, and a test compares them.
_HOMES = {
    **dict.fromkeys(_ERRORS, "errors"),
    **dict.fromkeys(("Branch", "CacheOutcome", "CacheState", "ChatNode", "ChatStream"), "chat"),
    **dict.fromkeys(("NodeCompletionParameters", "Options", "Reply"), "chat"),
    **dict.fromkeys(("Allow", "Answer", "Defer", "Deny", "Edit", "Run", "RunLimits"), "chat"),
    **dict.fromkeys(("ChatModel", "EventStream"), "chat_model"),
    **dict.fromkeys(("Budget", "CostLedger"), "cost"),
    "load_env": "environment",
    "GeneratorInfo": "generator",
    "aclose": "loop_local",
    "MockModel": "mock_model",
    "Transform": "policies.options",
    "ProviderSettings": "providers",
    "RouteEvent": "policies.routes",
    **dict.fromkeys(("RoutePlan", "fallback", "hedge"), "routing"),
    "run_sync": "run_sync",
    **dict.fromkeys(("Tool", "execute_calls", "tool"), "tools"),
    **dict.fromkeys(("MockTransport", "Timeouts", "block_network"), "transport"),
    **dict.fromkeys(("Thread", "format_conversation", "pretty_messages"), "tree"),
    **dict.fromkeys(
        (
            "AudioPart",
            "CacheBreakpoint",
            "ChatRequest",
            "ChatResponse",
            "CompletionParameters",
            "CostInfo",
            "FilePart",
            "FinishReason",
            "ImagePart",
            "Message",
            "RateLimits",
            "ReasoningConfig",
            "ReasoningPart",
            "ResponseFormat",
            "Role",
            "TextPart",
            "TokenPrice",
            "ToolCallPart",
            "ToolChoice",
            "ToolDefinition",
            "ToolResultPart",
            "Usage",
            "VideoPart",
        ),
        "types",
    ),
}

__all__ = [
    "APIError",
    "AllRoutesFailed",
    "Allow",
    "Answer",
    "AudioPart",
    "AuthenticationError",
    "BadRequestError",
    "Branch",
    "BranchFailed",
    "Budget",
    "BudgetExceeded",
    "CacheBreakpoint",
    "CacheOutcome",
    "CacheState",
    "ChatModel",
    "ChatNode",
    "ChatRequest",
    "ChatResponse",
    "ChatStream",
    "CompletionParameters",
    "ConfigurationError",
    "ConnectError",
    "ContextLengthError",
    "CostInfo",
    "CostLedger",
    "CycleError",
    "DecodeError",
    "Defer",
    "Deny",
    "Edit",
    "EmptyResponse",
    "EncodeError",
    "EventStream",
    "FilePart",
    "FinishReason",
    "GeneratorInfo",
    "ImagePart",
    "InterruptedToolCalls",
    "InvalidOutput",
    "LossWarning",
    "MediaError",
    "Message",
    "MiniLLMError",
    "MockModel",
    "MockTransport",
    "NodeCompletionParameters",
    "NotFoundError",
    "Options",
    "OutputError",
    "ProviderSettings",
    "QuotaError",
    "RateLimitError",
    "RateLimits",
    "ReasoningConfig",
    "ReasoningPart",
    "Refusal",
    "Reply",
    "ResponseFormat",
    "Role",
    "RouteEvent",
    "RoutePlan",
    "Run",
    "RunLimits",
    "RunStopped",
    "ServerError",
    "StreamConsumed",
    "StreamInterrupted",
    "TextPart",
    "Thread",
    "ThreadFormatError",
    "TimeoutExceeded",
    "Timeouts",
    "TokenPrice",
    "Tool",
    "ToolCallPart",
    "ToolChoice",
    "ToolDefinition",
    "ToolError",
    "ToolResultPart",
    "ToolServerGone",
    "Transform",
    "TransportError",
    "TreeError",
    "UnansweredToolCalls",
    "Usage",
    "VideoPart",
    "WireError",
    "__version__",
    "aclose",
    "block_network",
    "execute_calls",
    "fallback",
    "format_conversation",
    "hedge",
    "load_env",
    "observe",
    "pretty_messages",
    "run_sync",
    "tool",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None and name != "observe":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if home is None:
        return import_module(f"{__name__}.{name}")  # a whole room: minillm.observe.add(hook)
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
