"""From a generator, or any ChatModel, to a wrapped ChatModel: the onion, one visible list, built per call."""

from collections.abc import Callable

from .chat_model import ChatModel
from .client import HTTPModel
from .errors import ConfigurationError
from .generator import GeneratorInfo
from .policies.correction import Correction
from .policies.cost import Cost
from .policies.deadline import Deadline
from .policies.options import CallOptions
from .policies.output import Output
from .policies.prefill import Prefill, continues
from .policies.retry import Retry
from .policies.streamed import Streamed
from .policies.transform import Transform
from .types import Attempt

__all__ = ["Model", "build"]

Model = GeneratorInfo | ChatModel


def build(
    model: Model,
    options: CallOptions,
    *,
    attempts: list[Attempt] | None = None,
    native: bool = False,
    begun: Callable[[], object] | None = None,
) -> ChatModel:
    """The model with the policies that this call needs, innermost first.

    Cost is innermost, so that every exchange is booked; output is inside retry, so that an
    empty or refused answer can be asked again; correction is outside it, so that one that does
    not fit is asked for again with the error shown, and not blindly.

    Args:
        attempts: every exchange is put here as it starts, so that those of a cancelled call are known too.
        native: keep the wire's own frames on the events of streams.
        begun: called when the first content of an answer has come, whole answers included.

    Raises:
        ConfigurationError: ``model`` is nothing that can answer.
    """
    deadline = None if options.deadline is None else Deadline(options.deadline)
    if isinstance(model, GeneratorInfo):
        built: ChatModel = HTTPModel(model, options, deadline, attempts=attempts, native=native)
        price, host = model.price, model.provider.name
    elif hasattr(model, "complete") and hasattr(model, "stream"):
        built, price, host = model, None, type(model).__name__
    else:
        raise ConfigurationError(
            f"{type(model).__name__} cannot answer: give a GeneratorInfo or an object with complete() and stream()"
        )
    if begun is not None:
        built = Streamed(built, begun)
    built = Cost(
        built,
        options.token_price or price,
        price_wins=options.token_price is not None,
        host=host if isinstance(model, GeneratorInfo) else None,
        own_address=not isinstance(model, GeneratorInfo) or model.base_url is None,
    )
    if options.transforms:
        built = Transform(built, options.transforms)
    if options.force_prepend:
        built = Prefill(
            built,
            options.force_prepend,
            continues=not isinstance(model, GeneratorInfo) or continues(model.endpoint.quirks, model.model),
            instruct=options.prepend_instruction,
            host=getattr(model, "name", host),
        )
    if options.judges:
        built = Output(built, options, formats=_formats(model))
    if options.retry > 0:
        built = Retry(built, options, deadline)
    if options.corrections > 0 and (options.wants_value or options.validate is not None):
        built = Correction(built, options)
    return built


def _formats(model: Model) -> frozenset[str] | None:
    """The kinds of response format that can be asked for; None for a model that is no host."""
    if not isinstance(model, GeneratorInfo):
        return None
    formats = model.endpoint.quirks.response_formats
    if model.capabilities.structured_output is False:
        formats -= {"json_schema", "closed_json_schema"}
    return formats
