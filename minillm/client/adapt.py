"""From what was asked to what this host is asked: model, stream, usage, and the report of losses."""

from collections.abc import Mapping
from typing import Any

from ..errors import EncodeError
from ..generator import GeneratorInfo
from ..policies.options import CallOptions
from ..report import Report
from ..types import ChatRequest, Loss, Severity
from ..types.making import new_request
from ..wire import Codec
from ..wire.rewrite import translated_request
from .abilities import fitted_abilities
from .fitting import Fitting, fitting_of
from .limits import fitted_media
from .routing import fitted_routing

__all__ = ["adapt", "encode"]


def adapt(request: ChatRequest, generator: GeneratorInfo, options: CallOptions, *, stream: bool) -> ChatRequest:
    """The request as this generator sends it."""
    model, include_usage = request.model or generator.model, request.include_usage
    if include_usage is None and options.track_cost is not False:
        include_usage = True
    if model == request.model and stream is request.stream and include_usage is request.include_usage:
        return request
    return new_request(
        model,
        request.messages,
        request.tools,
        request.tool_choice,
        request.parameters,
        stream,
        include_usage,
        extra=request.extra,
        native=request.native,
    )


def encode(
    request: ChatRequest, generator: GeneratorInfo, codec: Codec, options: CallOptions
) -> tuple[Mapping[str, Any], tuple[Loss, ...]]:
    """The JSON body, and what it could not say.

    Raises:
        EncodeError: something is lost and ``unsupported="error"``, the host would refuse it, or it cannot be said.
    """
    report = told = Report()
    if options.source is not None and options.source != codec.name:
        request, told = translated_request(request, options.source, codec.name, report)
    fitting: Fitting = generator.prepared.get("fitting") or fitting_of(generator)
    if request.model != generator.model or not fitting.passes(request):
        request = _fitted(request, generator, options, told)
    body = codec.encode_request(request, origin=fitting.origin, report=told)
    losses = report.losses
    if losses:
        _judge(losses, generator, options)
    return body, losses


def _fitted(request: ChatRequest, generator: GeneratorInfo, options: CallOptions, report: Report) -> ChatRequest:
    """The request as the model is documented to take it."""
    if request.model == generator.model:
        capabilities = fitting_of(generator).capabilities
    else:
        capabilities = generator.replace(model=request.model).capabilities
    request = fitted_routing(request, generator, report)
    request = fitted_abilities(request, generator, capabilities, report)
    return fitted_media(request, generator, capabilities, drop=options.unsupported == "drop", report=report)


def _judge(losses: tuple[Loss, ...], generator: GeneratorInfo, options: CallOptions) -> None:
    """Only what is lost counts: a note or a weaker form never fails a call."""
    lost = [loss for loss in losses if loss.severity is Severity.LOST]
    if not lost or options.unsupported == "drop":
        return
    text = f"{generator.name} cannot take: " + "; ".join(str(loss) for loss in lost)
    if options.unsupported == "error":
        raise EncodeError(f"{text}. unsupported='warn' or 'drop' sends the rest", path=lost[0].path)
    import warnings

    from ..errors import LossWarning

    warnings.warn(text, LossWarning, stacklevel=2)
