"""What a call may be told: fields, keywords, and which of them wins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias, TypedDict

from ..calling.kinds import check
from ..calling.settings import WIRE_OPTIONS, call_options, check_known, check_settings, own_defaults, wire_parameters
from ..cost import Budget
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..observe import Observe
from ..policies.options import CallOptions, CostCallback, Expect, RequestTransform, Transform, Validate
from ..routing import RoutePlan
from ..stack import Model
from ..types import (
    UNSET,
    CompletionParameters,
    JSONValue,
    NativeTool,
    ReasoningConfig,
    ResponseFormat,
    TokenPrice,
    ToolChoice,
    ToolDefinition,
    Unset,
)
from ..types.lifetime import lifetime_seconds

__all__ = ["BranchOptions", "Call", "NodeCompletionParameters", "Options", "Params", "resolve"]

Missing = Literal["keep", "error"]
OnCancel = Literal["discard", "keep"]
Unsupported = Literal["error", "warn", "drop"]
# Callable is what a Tool and a typed function have in common: naming the class would load its room.
Tools = Sequence[ToolDefinition | NativeTool | Callable[..., Any]]
Choice = ToolChoice | str | ToolDefinition | Callable[..., Any] | Sequence[str | ToolDefinition | Callable[..., Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCompletionParameters:
    """How a node completes. Times are in seconds; ``UNSET`` takes the default named here.

    Args:
        params: what goes on the wire beside messages and tools.
        tools: what the model may call: tools, typed functions, definitions, hosts' own; nothing here runs them.
        tool_choice: how free it is to call them: ``"auto"``, ``"none"``, ``"required"``, one tool or its name that
            must be called, a list of which one must be, or a ToolChoice.
        system_prompt: stands in for the leading system message, for this request only; ``""`` leaves it out. Sent as
            it is: placeholders are filled in messages only.
        format_kwargs: fill placeholders of all messages, before any node's own.
        missing: ``"error"`` refuses to send a message with an unfilled placeholder (default ``"keep"``).
        merge_contiguous: join neighbouring messages of one role with a newline (default False).
        attach: False gives a reply that knows its parent but is not among its children (default True).
        on_cancel: what becomes of a stream that is left early: ``"discard"`` (default) or ``"keep"`` it as a reply.
        cache: mark the end of the prompt for the host's cache, beside the nodes' own marks (default False); a text
            such as ``"1h"`` says for how long.
        expect: the answer must hold JSON: an ``"object"``, an ``"array"`` or ``"any"`` value.
        parse_json: the same as ``expect="any"``.
        validate: called with the value of the answer (with its text, where none is asked for); where it gives False
            or raises a ValueError, the answer is InvalidOutput. Plain or async.
        correction: how often an answer that is InvalidOutput is asked for again, with the answer and the error shown
            (default 2, but no more than ``retry``); 0 leaves it to ``retry``, which asks the same again. Streams are
            never asked again.
        crash_on_refusal: a declined or filtered answer raises Refusal, and is asked again (default False).
        crash_on_empty_response: an empty answer raises EmptyResponse, and is asked again (default False).
        force_prepend: the answer begins with this text, where the host continues a started answer.
        prepend_instruction: elsewhere ask for it in words instead of raising (default False).
        transforms: pure changes of the request and of the events, a list of ``Transform``.
        unsupported: what the host cannot take: ``"error"``, ``"warn"`` (default) or ``"drop"``.
        retry: attempts beyond the first (default 4).
        exp_back_off: double the wait after every failure (default False).
        back_off_time: the wait before the second attempt (default 1.0).
        max_back_off: no wait of ours is longer (default 15.0).
        max_retry_after: the longest wait a host may ask for (default 60.0).
        deadline: for the whole call, waits and retries included (default None).
        connect_timeout: for a connection, each attempt (default 10).
        first_byte_timeout: from sending to the first byte of the answer, each attempt (default 600).
        idle_timeout: between two bytes of the answer (default 120).
        track_cost: ask the host for usage; None (default) asks wherever it understands that.
        token_price: USD per million tokens for this call; wins over every other price.
        budget: a purse that the call draws on, beside those whose blocks it is made in.
        observe: who is told what happens in this call: a hook, an Observer, or several.
        cost_callback: called once with the bill of the whole call, also when it failed.
    """

    params: CompletionParameters | None = None
    tools: Tools | None | Unset = UNSET
    tool_choice: Choice | None | Unset = UNSET
    system_prompt: str | None | Unset = UNSET
    format_kwargs: Mapping[str, Any] | None | Unset = field(default=UNSET, hash=False)
    missing: Missing | Unset = UNSET
    merge_contiguous: bool | Unset = UNSET
    attach: bool | Unset = UNSET
    on_cancel: OnCancel | Unset = UNSET
    cache: bool | str | Unset = UNSET
    expect: Expect | None | Unset = UNSET
    parse_json: bool | Unset = UNSET
    validate: Validate | None | Unset = UNSET
    correction: int | None | Unset = UNSET
    crash_on_refusal: bool | Unset = UNSET
    crash_on_empty_response: bool | Unset = UNSET
    force_prepend: str | None | Unset = UNSET
    prepend_instruction: bool | Unset = UNSET
    transforms: Sequence[Transform | RequestTransform] | Unset = UNSET
    unsupported: Unsupported | Unset = UNSET
    retry: int | Unset = UNSET
    exp_back_off: bool | Unset = UNSET
    back_off_time: float | Unset = UNSET
    max_back_off: float | Unset = UNSET
    max_retry_after: float | Unset = UNSET
    deadline: float | None | Unset = UNSET
    connect_timeout: float | None | Unset = UNSET
    first_byte_timeout: float | None | Unset = UNSET
    idle_timeout: float | None | Unset = UNSET
    track_cost: bool | None | Unset = UNSET
    token_price: TokenPrice | None | Unset = UNSET
    budget: Budget | None | Unset = UNSET
    observe: Observe | None | Unset = UNSET
    cost_callback: CostCallback | None | Unset = UNSET


Params: TypeAlias = NodeCompletionParameters | CompletionParameters | None


class BranchOptions(TypedDict, total=False):
    """:class:`Options` without ``n``, which ``branch`` takes itself."""

    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    min_p: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    repetition_penalty: float | None
    stop: str | Sequence[str] | None
    seed: int | None
    logit_bias: Mapping[str, float] | None
    logprobs: bool | None
    top_logprobs: int | None
    response_format: ResponseFormat | None
    reasoning: ReasoningConfig | str | None
    verbosity: str | None
    parallel_tool_calls: bool | None
    modalities: Sequence[str] | None
    audio: Mapping[str, JSONValue] | None
    prediction: Mapping[str, JSONValue] | None
    service_tier: str | None
    store: bool | None
    cache_key: str | None
    end_user: str | None
    metadata: Mapping[str, JSONValue] | None
    extra: Mapping[str, JSONValue] | None
    tools: Tools | None
    tool_choice: Choice | None
    system_prompt: str | None
    format_kwargs: Mapping[str, Any] | None
    missing: Missing
    merge_contiguous: bool
    attach: bool
    on_cancel: OnCancel
    cache: bool | str
    expect: Expect | None
    parse_json: bool
    validate: Validate | None
    correction: int | None
    crash_on_refusal: bool
    crash_on_empty_response: bool
    force_prepend: str | None
    prepend_instruction: bool
    transforms: Sequence[Transform | RequestTransform]
    unsupported: Unsupported
    retry: int
    exp_back_off: bool
    back_off_time: float
    max_back_off: float
    max_retry_after: float
    deadline: float | None
    connect_timeout: float | None
    first_byte_timeout: float | None
    idle_timeout: float | None
    track_cost: bool | None
    token_price: TokenPrice | None
    budget: Budget | None
    observe: Observe | None
    cost_callback: CostCallback | None


class Options(BranchOptions, total=False):
    """Every field of CompletionParameters and NodeCompletionParameters as a keyword.

    Absent inherits, None is deliberately not sent.
    """

    n: int | None


_NO_OPTIONS = CallOptions()


@dataclass(slots=True, kw_only=True)
class Call:
    """Everything one call was told, with every default filled in."""

    parameters: CompletionParameters = CompletionParameters()
    options: CallOptions = _NO_OPTIONS
    tools: tuple[ToolDefinition | NativeTool, ...] = ()
    tool_choice: ToolChoice | None = None
    system_prompt: str | None = None
    format_kwargs: Mapping[str, Any] | None = None
    missing: Missing = "keep"
    merge_contiguous: bool = False
    attach: bool = True
    on_cancel: OnCancel = "discard"
    cache: bool | str = False
    cost_callback: CostCallback | None = None
    # What it sends beside messages and tools, the form of the output included; made by the first request.
    sent: CompletionParameters | None = field(default=None, init=False, repr=False, compare=False)


_NODE = frozenset(item.name for item in fields(NodeCompletionParameters)) - {"params"}
_CALL = frozenset(item.name for item in fields(Call) if item.init) - {"parameters", "options", "tools", "tool_choice"}


def resolve(
    model: Model,
    params: Params,
    options: Mapping[str, Any],
    output: Any = None,
) -> Call:
    """Keyword over ``params`` over the generator's defaults over the host's row.

    Raises:
        ConfigurationError: no such option, or one with an impossible value.
    """
    if not isinstance(model, _KEEPING) or not (output is None or isinstance(output, type)):
        return _resolved(model, params, options, output)
    # Programs ask with the same few settings again and again; a Call is only read once it is made. Of keywords plain
    # values only, each with its type: 1, 1.0 and True are equal, and so may be objects that go out otherwise.
    key: Any = id(params), id(output)
    if options:
        kinds = tuple(map(type, options.values()))
        if not _PLAIN.issuperset(kinds):
            return _resolved(model, params, options, output)
        key = key, kinds, tuple(options.items())
    calls: dict[Any, tuple[Call, Params, Any]] = model.prepared.get("calls") or model.prepared.setdefault("calls", {})
    known = calls.get(key)
    if known is not None:
        return known[0]
    call = _resolved(model, params, options, output)
    if params is None or _lasts(params):
        if len(calls) >= _MOST_CALLS:
            calls.clear()
        calls[key] = call, params, output  # kept with it, so that nothing else has their ids
    return call


def _lasts(params: CompletionParameters | NodeCompletionParameters) -> bool:
    """Whether nobody can change what a Call takes over of it: it is frozen itself, but what it holds may not be."""
    wire = params.params if isinstance(params, NodeCompletionParameters) else params
    if wire is not None and isinstance(wire.extra, Mapping):
        return False
    node = params if isinstance(params, NodeCompletionParameters) else NodeCompletionParameters()
    held = node.tools, node.tool_choice, node.transforms
    return not any(isinstance(each, Sequence) and not isinstance(each, str | tuple) for each in held)


_KEEPING = GeneratorInfo, RoutePlan  # what has room for it
_MOST_CALLS = 64
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _resolved(
    model: Model,
    params: CompletionParameters | NodeCompletionParameters | None,
    options: Mapping[str, Any],
    output: Any,
) -> Call:
    defaults = own_defaults(model)
    if params is None and not options and output is None:
        return Call(parameters=defaults)
    node = params if isinstance(params, NodeCompletionParameters) else None
    wire = node.params if node is not None else params
    if wire is not None and not isinstance(wire, CompletionParameters):
        raise ConfigurationError(
            f"params must be CompletionParameters or NodeCompletionParameters, not {type(wire).__name__}"
        )
    parameters = defaults if wire is None else defaults.merged(wire)
    said = {} if node is None else {name: v for name in _NODE if (v := getattr(node, name)) is not UNSET}
    check_known(options, WIRE_OPTIONS | _NODE)
    said.update((name, value) for name, value in options.items() if name in _NODE and value is not UNSET)
    parameters = wire_parameters(parameters, options)
    check(said)
    return _call(model, parameters, said, output)


def _call(model: Model, parameters: CompletionParameters, said: dict[str, Any], output: Any) -> Call:
    _check(said)
    call = Call(parameters=parameters, options=call_options(model, said, output))
    for name in _CALL:
        if name in said:
            setattr(call, name, said[name])
    _offer(call, said.get("tools"), said.get("tool_choice"))
    return call


def _check(said: Mapping[str, Any]) -> None:
    """What CallOptions does not see."""
    for name, words in _WORDS.items():
        if name in said and said[name] not in words:
            raise ConfigurationError(f"{name} must be {' or '.join(map(repr, words))}, not {said[name]!r}")
    check_settings(said)
    cache = said.get("cache", False)
    if not isinstance(cache, bool) and (not isinstance(cache, str) or lifetime_seconds(cache) is None):
        raise ConfigurationError(f"cache must be True, False, or how long, such as '5m' or '1h', not {cache!r}")
    kwargs = said.get("format_kwargs")
    if kwargs is not None and not isinstance(kwargs, Mapping):
        raise ConfigurationError(f"format_kwargs must be a mapping of names to values, not {type(kwargs).__name__}")


_WORDS = {"missing": ("keep", "error"), "on_cancel": ("discard", "keep")}


def _offer(call: Call, tools: Tools | None, choice: Choice | None) -> None:
    if tools:
        from ..tools.offered import definitions

        call.tools = definitions(tools)
    if choice is not None:
        from ..tools.choice import as_choice

        call.tool_choice = as_choice(choice, call.tools)
