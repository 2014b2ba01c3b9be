"""From a generator, or any ChatModel, to a wrapped ChatModel: the onion, one visible list, built per call."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from .chat_model import ChatModel, EventStream
from .client import HTTPModel
from .client.defaults import defaults_of
from .client.paced import pacer_of
from .client.subject import subject_of
from .cost import Budget
from .cost.budget import Needed
from .errors import ConfigurationError
from .generator import GeneratorInfo
from .observe import watchers
from .policies.budget import Budgeted, budgets_of
from .policies.correction import Correction
from .policies.cost import Cost, LookUp
from .policies.deadline import Deadline, Timed
from .policies.observe import Observed, ObservedAttempts, Subject, observed_rules
from .policies.options import CallOptions
from .policies.output import Output
from .policies.own_defaults import OwnDefaults
from .policies.pacing import Pacing
from .policies.prefill import Prefill, continues
from .policies.retry import Retry
from .policies.streamed import Streamed
from .policies.transform import Transform
from .routing import Model, RoutePlan
from .transforms.chain import as_transform
from .types import Attempt, ChatRequest, TokenPrice

if TYPE_CHECKING:
    from .cost import Estimate
    from .policies.fallback import Fallback

__all__ = ["Model", "build", "shaped"]

Rough = Callable[[ChatRequest], Needed | None]


def build(
    model: Model,
    options: CallOptions,
    *,
    attempts: list[Attempt] | None = None,
    native: bool = False,
    begun: Callable[[EventStream], object] | None = None,
    lane: Callable[[], Sequence[Hashable]] | None = None,
    budgets: Sequence[Budget] = (),
    deadline: Deadline | None = None,
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
        begun: called with the stream when the first content of an answer has come, whole answers included, which are
            then read as streams; transforms and a started answer are in it.
        deadline: of the call that this is a part of; None is as the options say, from now on.

    Raises:
        ConfigurationError: ``model`` is nothing that can answer.
    """
    if deadline is None and options.deadline is not None:
        deadline = Deadline(options.deadline)
    if attempts is None:
        attempts = []
    price = options.token_price
    if isinstance(model, GeneratorInfo):
        pacer, own, budget = pacer_of(model), model.transforms, model.budget
        host, own_address = model.provider.name, model.base_url is None
        look_up = None if options.track_cost is False or "no records" in model.prepared else _look_up(model)
        built: ChatModel = HTTPModel(model, options, deadline, attempts, native, pacer is not None)
        built = Cost(built, price or model.price, price is not None, host, own_address, attempts, look_up)
        watching = watchers(options.observe, model.observe)
    elif isinstance(model, RoutePlan):  # whose routes are built later, perhaps outside of the blocks that pay for them
        return _routed(_Routes(model, options, native, begun, lane, budgets_of(*budgets)), attempts, deadline)
    elif hasattr(model, "complete") and hasattr(model, "stream"):
        pacer, own, budget = None, (), None
        timed = model if deadline is None else Timed(model, deadline)
        built = Cost(timed, price, price is not None, attempts=attempts)
        watching = watchers(options.observe)
    else:
        raise ConfigurationError(
            f"{type(model).__name__} cannot answer: give a GeneratorInfo or an object with complete() and stream()"
        )
    observed = bool(watching)
    if observed:
        built = ObservedAttempts(built, attempts)
    purses = budgets_of(*budgets, budget, options.budget)
    if purses:
        built = Budgeted(built, purses, _estimate(model, price), _rough(model, price))
    if pacer is not None:
        built = Pacing(built, pacer.limiter, lane, deadline, options.max_retry_after, observed)
    if options.shapes or own or begun is not None:
        built = shaped(built, model, options, begun)
    if options.retry > 0:
        built = Retry(built, options, deadline, observed=observed)
    if options.corrects:
        built = Correction(built, options)
    if observed:
        built = Observed(built, watching, _subject(model))
    return built


def _routed(routes: "_Routes", attempts: list[Attempt], deadline: Deadline | None) -> ChatModel:
    """The routes of a plan, each with all its own policies, behind what chooses among them."""
    plan = routes.plan
    watching = watchers(routes.options.observe)
    chooser: type[Fallback] | None = plan.prepared.get("chooser")
    if chooser is None:
        chooser = plan.prepared["chooser"] = _chooser(plan)
    if not watching:
        return chooser(routes, plan.rules, attempts, deadline)
    built = chooser(routes, observed_rules(plan.rules), attempts, deadline)
    return Observed(built, watching, Subject("plan", plan.name, plan=True))


def _chooser(plan: RoutePlan) -> "type[Fallback]":
    if plan.hedges:
        from .policies.hedge import Hedge

        return Hedge
    from .policies.fallback import Fallback

    return Fallback


class _Routes:
    """The routes of one call through a plan: what a call was told, and how a route is built when its turn has come."""

    __slots__ = ("_begun", "_budgets", "_lane", "_native", "keys", "names", "options", "plan")

    def __init__(
        self,
        plan: RoutePlan,
        options: CallOptions,
        native: bool,
        begun: Callable[[EventStream], object] | None,
        lane: Callable[[], Sequence[Hashable]] | None,
        budgets: Sequence[Budget],
    ) -> None:
        self.plan = plan
        self.options = options
        self.names = plan.names
        self.keys = plan.keys
        self._native = native
        self._begun = begun
        self._lane = lane
        self._budgets = budgets

    def model(
        self, index: int, attempts: list[Attempt], deadline: Deadline | None, *, last: bool, prefix: str | None
    ) -> ChatModel | None:
        plan, options = self.plan, self.options
        model = plan.models[index]
        if not last or plan.rules.retry is not None:
            options = _options_of(plan, options, last=last)
        if prefix is not None:
            if isinstance(model, RoutePlan) or not _goes_on(model):
                return None
            options = replace(options, force_prepend=prefix)
        built = build(
            model,
            options,
            attempts=attempts,
            native=self._native,
            begun=self._begun,
            lane=self._lane,
            budgets=self._budgets,
            deadline=deadline,
        )
        if isinstance(model, GeneratorInfo):
            built = OwnDefaults(built, model.model, defaults_of(model), model.prepared)
        return built

    def price(self, index: int, request: ChatRequest) -> Decimal | None:
        model = self.plan.models[index]
        if isinstance(model, RoutePlan):
            return _Routes(model, self.options, self._native, None, None, ()).price(0, request)
        if isinstance(model, GeneratorInfo):
            parameters = defaults_of(model).merged(request.parameters)
            request = replace(request, model=model.model, parameters=parameters)
        return _estimate(model, self.options.token_price)(request).usd.likely


def _options_of(plan: RoutePlan, options: CallOptions, *, last: bool) -> CallOptions:
    """What the plan sets for its routes, over what the call says. Made once for the options of a kind of call."""
    rules = plan.rules
    patient = last or rules.patience >= options.max_retry_after
    if patient and rules.retry is None:
        return options
    known: dict[tuple[int, bool], tuple[CallOptions, CallOptions]] = plan.prepared.setdefault("options", {})
    found = known.get((id(options), patient))
    if found is None:
        if len(known) >= _MOST_OPTIONS:
            known.clear()
        made = replace(
            options,
            retry=options.retry if rules.retry is None else rules.retry,
            max_retry_after=options.max_retry_after if patient else rules.patience,
        )
        found = known[id(options), patient] = (options, made)  # which keeps the id its own
    return found[1]


_MOST_OPTIONS = 64


def _goes_on(model: Model) -> bool:
    """Whether it continues a started answer; of what is no host nobody knows better."""
    return not isinstance(model, GeneratorInfo) or continues(model.endpoint.quirks, model.model)


def shaped(
    inner: ChatModel, model: Model, options: CallOptions, begun: Callable[[EventStream], object] | None = None
) -> ChatModel:
    """``inner`` behind the policies that change what is asked, so that it is asked what ``model``'s host would be."""
    own = model.transforms if isinstance(model, GeneratorInfo) else ()
    if options.transforms or own:  # the generator's own are next to the host
        inner = Transform(inner, (*options.transforms, *map(as_transform, own)) if own else options.transforms)
    if options.force_prepend:
        inner = Prefill(
            inner,
            options.force_prepend,
            continues=_goes_on(model),
            instruct=options.prepend_instruction,
            host=getattr(model, "name", type(model).__name__),
        )
    if begun is not None:
        inner = Streamed(inner, begun)
    if options.judges:
        inner = Output(inner, options, formats=None if options.output is None else _formats(model))
    return inner


def _subject(model: Model) -> Subject:
    """Who is asked, for those who watch."""
    return subject_of(model) if isinstance(model, GeneratorInfo) else Subject(type(model).__name__)


def _look_up(model: GeneratorInfo) -> LookUp | None:
    """How to ask for a bill later, at a host that keeps records of its answers."""
    path = model.endpoint.generation_record
    if path is None:
        model.prepared["no records"] = True
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
        return model.estimate if price is None else lambda request: model.replace(price=price).estimate(request)
    from .cost import estimate_request

    return partial(estimate_request, price=price)


def _rough(model: Model, price: TokenPrice | None) -> Rough:
    """The most that a request to the model may take, where that can be told fast."""
    if not isinstance(model, GeneratorInfo):
        from .cost.ceiling import rough_need

        return partial(rough_need, price=price)
    if price is not None:
        return _rough_at(model, price)
    made: Rough | None = model.prepared.get("rough")
    if made is None:
        made = model.prepared["rough"] = _rough_at(model, model.price)
    return made


def _rough_at(generator: GeneratorInfo, price: TokenPrice | None) -> Rough:
    from .providers.estimating import rough_need_at

    host, own = generator.provider.name, generator.base_url is None
    return rough_need_at(host, model=generator.model, price=price, own_address=own)
