"""What was asked: a neutral request, or one read out of a wire's own JSON; and how its answer is to be said."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..calling.kinds import check
from ..calling.settings import (
    CALL_OPTIONS,
    TIMEOUTS,
    WIRE_OPTIONS,
    call_options,
    check_known,
    check_settings,
    own_defaults,
    response_format,
    wire_parameters,
)
from ..errors import BadRequestError, ConfigurationError, DecodeError
from ..generator import GeneratorInfo
from ..policies.options import CallOptions, CostCallback
from ..report import Report
from ..routing import RoutePlan
from ..stack import Model
from ..types import UNSET, ChatRequest
from ..wire import get_codec

__all__ = ["Asked", "asked"]

_CHAT: Final = "openai_chat_completions"
_KNOWN: Final = WIRE_OPTIONS | CALL_OPTIONS - {"timeouts", "source"} | {*TIMEOUTS, "parse_json", "cost_callback"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, settled.

    Args:
        request: neutral, with everything that the call and the generator set.
        model: who is asked.
        options: what the policies obey.
        callback: who is told the bill.
        reply: the wire in which it is answered; None is neutrally.
        report: collects what cannot be said; None leaves it to ``unsupported``.
        counts: whether a stream in ``reply`` tells its tokens.
    """

    request: ChatRequest
    model: Model
    options: CallOptions
    callback: CostCallback | None
    reply: str | None
    report: Report | None
    counts: bool


def asked(
    request: ChatRequest | Mapping[str, Any],
    model: Model,
    wire: str | None,
    reply_wire: str | None,
    report: Report | None,
    options: Mapping[str, Any],
) -> Asked:
    """Everything that one call was told.

    Raises:
        BadRequestError: the body is no request of its wire; status 400, as a host would answer.
        ConfigurationError: no such wire or option, or one with an impossible value.
    """
    neutral = isinstance(request, ChatRequest)
    if not neutral and wire is None:
        raise ConfigurationError("wire= must say in which protocol the body is, such as 'anthropic_messages'")
    for name in (wire, reply_wire):
        if name is not None:
            get_codec(name)  # raises where there is no such
    read = request if isinstance(request, ChatRequest) else _read(request, wire or "", report)
    said = _said(options, report)
    settings = call_options(model, said, options.get("output"))
    if wire is not None:
        settings = replace(settings, source=wire)
    reply = reply_wire or (None if neutral else wire)
    return Asked(
        _settled(read, model, options, settings),
        model,
        settings,
        said.get("cost_callback"),
        reply,
        report,
        # A client of Chat Completions that did not ask for counts may not know a chunk without choices
        # (https://platform.openai.com/docs/api-reference/chat-streaming: ``stream_options``).
        reply != _CHAT or read.include_usage is True or (read.include_usage is None and wire != _CHAT),
    )


def _read(body: object, wire: str, report: Report | None) -> ChatRequest:
    if not isinstance(body, Mapping):
        raise ConfigurationError(f"a request is a ChatRequest or a JSON object of a wire, not {type(body).__name__}")
    try:
        return get_codec(wire).decode_request(body, report=report)
    except DecodeError as error:
        # Whoever answers requests is the host here: the fault is the client's, not that of a host behind.
        raise BadRequestError(str(error), status=400) from error


def _said(options: Mapping[str, Any], report: Report | None) -> dict[str, Any]:
    check_known(options, _KNOWN)
    said = {name: value for name, value in options.items() if name not in WIRE_OPTIONS and value is not UNSET}
    check(said)
    check_settings(said)
    if report is not None:
        said.setdefault("unsupported", "drop")  # it is told there
        if report.strict:
            said["unsupported"] = "error"
    return said


def _settled(request: ChatRequest, model: Model, options: Mapping[str, Any], settings: CallOptions) -> ChatRequest:
    """The request with the model and the parameters that are asked for."""
    parameters = wire_parameters(own_defaults(model).merged(request.parameters), options)
    if settings.output is not None and parameters.response_format is UNSET:
        parameters = replace(parameters, response_format=response_format(settings.output))
    name = request.model
    if isinstance(model, GeneratorInfo):
        name = model.model
    elif isinstance(model, RoutePlan):
        name = None  # each route has its own
    usage = request.include_usage if settings.track_cost is False else True
    return replace(request, model=name, parameters=parameters, include_usage=usage)
