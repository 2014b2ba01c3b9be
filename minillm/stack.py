"""From a generator, or any ChatModel, to a wrapped ChatModel: the onion, one visible list, built per call."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .chat_model import ChatModel
from .client import HTTPModel
from .client.paced import is_paced, limiter_for
from .client.subject import subject_of
from .cost import Budget
from .errors import ConfigurationError
from .generator import GeneratorInfo
from .observe import watchers
from .policies.budget import Budgeted, budgets_of
from .policies.correction import Correction
from .policies.cost import Cost, LookUp
from .policies.deadline import Deadline
from .policies.observe import Observed, ObservedAttempts, Subject
from .policies.options import CallOptions
from .policies.output import Output
from .policies.pacing import Pacing
from .policies.prefill import Prefill, continues
from .policies.retry import Retry
from .policies.streamed import Streamed
from .policies.transform import Transform
from .types import Attempt, ChatRequest, TokenPrice

if TYPE_CHECKING:
    from .cost import Estimate

__all__ = ["Model", "build", "shaped"]

Model = GeneratorInfo | ChatModel


def build(
    model: Model,
    options: CallOptions,
    *,
    attempts: list[Attempt] | None = None,
    native: bool = False,
    begun: Callable[[], object] | None = None,
    lane: Callable[[], Sequence[Hashable]] | None = None,
    budgets: Sequence[Budget] = (),
) -> ChatModel:
    """The model with the policies that this call needs, innermost first.

    Cost is innermost, so that every exchange is booked; output is inside retry, so that an
    empty or refused answer can be asked again; correction is outside it, so that one that does
    not fit is asked for again with the error shown, and not blindly.

    Args:
        attempts: every exchange is put here as it starts, so that those of a cancelled call are known too.
        native: keep the wire's own frames on the events of streams.
        lane: gives the lanes in which the call waits for its turn, where requests are paced: its tree, its node.
        budgets: purses that the call draws on, beside those that the model and the options name.
        begun: called when the first content of an answer has come, whole answers included.

    Raises:
        ConfigurationError: ``model`` is nothing that can answer.
    """
    deadline = None if options.deadline is None else Deadline(options.deadline)
    attempts = [] if attempts is None else attempts
    paced = model if isinstance(model, GeneratorInfo) and is_paced(model) else None
    if isinstance(model, GeneratorInfo):
        built: ChatModel = HTTPModel(
            model, options, deadline, attempts=attempts, native=native, paced=paced is not None
        )
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
        attempts=attempts,
        look_up=_look_up(model, options),
    )
    watching = watchers(options.observe, model.observe if isinstance(model, GeneratorInfo) else None)
    if watching:
        built = ObservedAttempts(built, attempts)
    purses = budgets_of(*budgets, model.budget if isinstance(model, GeneratorInfo) else None, options.budget)
    if purses:
        built = Budgeted(built, purses, _estimate(model, options.token_price))
    if paced is not None:
        limiter = partial(limiter_for, paced)
        built = Pacing(
            built, limiter, lane=lane, deadline=deadline, patience=options.max_retry_after, observed=bool(watching)
        )
    built = shaped(built, model, options)
    if options.retry > 0:
        built = Retry(built, options, deadline, observed=bool(watching))
    if options.corrections > 0 and (options.wants_value or options.validate is not None):
        built = Correction(built, options)
    if watching:
        built = Observed(built, watching, subject_of(model) if isinstance(model, GeneratorInfo) else Subject(host))
    return built


def shaped(inner: ChatModel, model: Model, options: CallOptions) -> ChatModel:
    """``inner`` behind the policies that change what is asked, so that it is asked what ``model``'s host would be."""
    if options.transforms:
        inner = Transform(inner, options.transforms)
    if options.force_prepend:
        inner = Prefill(
            inner,
            options.force_prepend,
            continues=not isinstance(model, GeneratorInfo) or continues(model.endpoint.quirks, model.model),
            instruct=options.prepend_instruction,
            host=getattr(model, "name", type(model).__name__),
        )
    if options.judges:
        inner = Output(inner, options, formats=_formats(model))
    return inner


def _look_up(model: Model, options: CallOptions) -> LookUp | None:
    """How to ask for a bill later, at a host that keeps records of its answers."""
    if not isinstance(model, GeneratorInfo) or options.track_cost is False:
        return None
    path = model.endpoint.generation_record
    if path is None:
        return None
    from .client.generation import GenerationLookup

    return GenerationLookup(model, path)


def _formats(model: Model) -> frozenset[str] | None:
    """The kinds of response format that can be asked for; None for a model that is no host."""
    if not isinstance(model, GeneratorInfo):
        return None
    formats = model.endpoint.quirks.response_formats
    if model.capabilities.structured_output is False:
        formats -= {"json_schema", "closed_json_schema"}
    return formats


def _estimate(model: Model, price: TokenPrice | None) -> "Callable[[ChatRequest], Estimate]":
    """What a request to the model will take, by the price of the call where it has one."""
    if isinstance(model, GeneratorInfo):
        return (model if price is None else model.replace(price=price)).estimate
    from .cost import estimate_request

    return partial(estimate_request, price=price)
