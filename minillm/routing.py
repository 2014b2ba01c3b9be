"""Plans of several routes, which stand wherever a generator does: one after another, or a second where one is slow.

    plan = fallback([GeneratorInfo.openai("gpt-5.4"), GeneratorInfo.anthropic("claude-sonnet-5")])
    reply = await node.complete(plan)

A plan is inert configuration, like a generator: it opens nothing, and may be shared between trees, threads and loops.
"""

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .chat_model import ChatModel
from .errors import ConfigurationError
from .generator import GeneratorInfo
from .providers import Secret
from .transport import Timeouts

if TYPE_CHECKING:
    from .cost.estimate import Bounds, Estimate
    from .policies.routes import Commit, Midstream, MoveOn, OnRoute, Order, Rules

__all__ = ["Model", "RoutePlan", "fallback", "hedge", "joined"]

N = TypeVar("N", int, Decimal)


class RoutePlan:
    """Several models for one call, and the rules by which they are asked. Made by :func:`fallback` or :func:`hedge`.

    Not to be changed once it is made.

    Args:
        models: generators, other models, or plans.
        rules: how they are asked.

    ``names`` are those of the routes, ``host:model`` for a generator; by ``keys`` their health and speed are
    remembered: one for the same model at the same host with the same key.
    """

    __slots__ = ("keys", "models", "names", "prepared", "rules")

    # No dataclass: this module is loaded with the first call, in programs that use no plan too.
    def __init__(self, models: "Sequence[Model]", rules: "Rules") -> None:
        for model in models:
            if not isinstance(model, GeneratorInfo | RoutePlan) and not _answers(model):
                raise ConfigurationError(
                    f"{type(model).__name__} is no route: give a GeneratorInfo, a plan, or an object with complete() "
                    "and stream()"
                )
        self.models = tuple(models)
        self.rules = rules
        self.names: tuple[str, ...] = tuple(map(_name, models))
        self.keys: tuple[Hashable, ...] = tuple(map(_key, models))
        # Room for what is made once and used for every call.
        self.prepared: dict[str, Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return RoutePlan, (self.models, self.rules)

    def __repr__(self) -> str:
        return self.name

    @property
    def hedges(self) -> bool:
        """Whether several may be asked at a time."""
        return self.rules.after is not None

    @property
    def name(self) -> str:
        """``fallback(host:model, host:model)``."""
        return f"{'hedge' if self.hedges else 'fallback'}({', '.join(self.names)})"

    @property
    def generators(self) -> tuple["GeneratorInfo", ...]:
        """All generators in it, those of plans within it included."""
        found: list[GeneratorInfo] = []
        for model in self.models:
            if isinstance(model, GeneratorInfo):
                found.append(model)
            elif isinstance(model, RoutePlan):
                found.extend(model.generators)
        return tuple(found)

    @property
    def tells_exchanges(self) -> bool:
        """Whether every exchange of a call is known: where there was none, nothing was sent."""
        return all(
            isinstance(model, GeneratorInfo) or (isinstance(model, RoutePlan) and model.tells_exchanges)
            for model in self.models
        )

    @property
    def timeouts(self) -> Timeouts:
        """The longest that any route waits: what a call sets leaves the others at these."""
        each = [generator.timeouts for generator in self.generators] or [Timeouts()]
        return Timeouts(
            _longest([one.connect for one in each]),
            _longest([one.first_byte for one in each]),
            _longest([one.idle for one in each]),
        )


#: Whatever can answer.
Model: TypeAlias = GeneratorInfo | RoutePlan | ChatModel


def fallback(
    routes: Iterable[Model],
    *,
    order: "Order" = "ordered",
    weights: Sequence[float] | None = None,
    move_on: "MoveOn | None" = None,
    commit: "Commit" = "content",
    midstream: "Midstream" = "fail",
    timeout: float | None = None,
    retry: int | None = None,
    patience: float = 2.0,
    cooldown: float | None = 30.0,
    failures: int = 3,
    on_route: "OnRoute | None" = None,
) -> RoutePlan:
    """A plan that asks one route after another until one answers.

    Args:
        routes: generators, other models, or plans; each with its own key, host, defaults, price, purse and retries.
        order: which is asked first: ``"ordered"`` as given; ``"weighted"``, drawn by ``weights`` for each call;
            ``"cheapest"`` by the estimate of the request, unknown prices last; ``"fastest"`` by what was measured
            in this event loop, those not measured in ten minutes first.
        weights: for ``"weighted"``, one a route, not negative; a route of weight 0 comes after all others.
        move_on: error classes that are followed by the next route (True) or end the call (False), over
            :data:`minillm.policies.routes.MOVES_ON`; or a function of the error that says so.
        commit: from where on a stream belongs to its route: ``"start"`` (its host has begun to answer), ``"content"``
            (its first content), ``"text"`` (its first visible text: thoughts alone commit nothing), ``"end"`` (read
            and judged whole before the first event is given out), or a function of an event.
        midstream: what follows a failure after that: ``"fail"``; ``"restart"``, the next route begins anew and the
            partial answer stays as a sibling; ``"continue"``, one that can goes on where the text ended.
        timeout: seconds that each route has to be committed (as a whole answer: to answer), its retries included.
        retry: attempts of each route beyond its first, in place of the call's own.
        patience: the longest wait, in seconds, that a host may ask for where another route is left.
        cooldown: seconds that a failing route is asked after the others, doubled each time; 0 heeds only what hosts
            ask for (``Retry-After``), None nothing.
        failures: how many in a row make a route cool; a refused key, model or quota does so at once.
        on_route: told of everything that happens to a route, a :class:`RouteEvent` each; plain or async.

    Raises:
        ConfigurationError: there is no route, one that cannot answer, or a rule that cannot be.
    """
    from .policies.routes import MOVES_ON, Rules

    rules = Rules(
        order=order,
        weights=() if weights is None else tuple(weights),
        move_on=MOVES_ON if move_on is None else move_on,
        commit=commit,
        midstream=midstream,
        timeout=timeout,
        retry=retry,
        patience=patience,
        cooldown=cooldown,
        failures=failures,
        on_route=on_route,
    )
    models = _routes(routes, "fallback")
    _check_weights(rules, len(models))
    if midstream != "fail" and commit == "end":
        raise ConfigurationError('a stream that is read whole before it is given (commit="end") has no midstream')
    return RoutePlan(models, rules)


def hedge(
    routes: Iterable[Model],
    *,
    after: float | str = "p95",
    unmeasured: float | None = None,
    order: "Order" = "ordered",
    weights: Sequence[float] | None = None,
    move_on: "MoveOn | None" = None,
    commit: "Commit" = "content",
    timeout: float | None = None,
    retry: int | None = None,
    cooldown: float | None = 30.0,
    failures: int = 3,
    on_route: "OnRoute | None" = None,
) -> RoutePlan:
    """A plan that asks the next route too where those that were asked are slow to begin; the fastest answers, and the
    others are cancelled at once. What they cost is on the bill, as far as their hosts tell.

    A route that fails is followed by the next at once, as in :func:`fallback`, whose other arguments these are.

    Args:
        routes: two or more.
        after: when the next one is asked: seconds, or ``"p95"`` (any of ``"p50"`` to ``"p99"``) of the times the first
            one took lately, of its last hundred calls through plans in this event loop.
        unmeasured: seconds in place of a percentile until ten calls were measured; None asks no second route till then.

    Raises:
        ConfigurationError: there are not two routes, or a rule cannot be.
    """
    import re

    from .policies.routes import MOVES_ON, Rules

    valid = re.fullmatch(r"p[5-9]\d", after) if isinstance(after, str) else _is_number(after) and after >= 0
    if not valid:
        raise ConfigurationError(f"after must be seconds, or a percentile from 'p50' to 'p99', not {after!r}")
    rules = Rules(
        order=order,
        weights=() if weights is None else tuple(weights),
        move_on=MOVES_ON if move_on is None else move_on,
        commit=commit,
        timeout=timeout,
        retry=retry,
        patience=_FOREVER,
        cooldown=cooldown,
        failures=failures,
        on_route=on_route,
        after=after,
        unmeasured=unmeasured,
    )
    plan = RoutePlan(_routes(routes, "hedge"), rules)
    if len(plan.models) < 2:
        raise ConfigurationError("hedge needs at least two routes; give the same generator twice to ask it twice")
    _check_weights(rules, len(plan.models))
    return plan


def joined(plan: RoutePlan, estimates: "Sequence[Estimate]") -> "Estimate":
    """What a call through a plan will take, of what each route would: as likely as the first, the bounds of all.
    Where several are asked at a time, all of them may have to be paid."""
    from .cost.estimate import Estimate

    first = estimates[0]
    return Estimate(
        plan.name,
        _bounds([each.input for each in estimates], sums=plan.hedges),
        _bounds([each.output for each in estimates], sums=plan.hedges),
        _bounds([each.usd for each in estimates], sums=plan.hedges),
        first.price,
        tuple(dict.fromkeys(why for each in estimates for why in each.unseen)),
    )


_FOREVER = float("inf")


def _bounds(each: "list[Bounds[N]]", *, sums: bool) -> "Bounds[N]":
    from .cost.estimate import Bounds

    lowers = [bounds.lower for bounds in each if bounds.lower is not None]
    uppers = [bounds.upper for bounds in each if bounds.upper is not None]
    known = len(uppers) == len(each)
    upper = None if not known else sum(uppers[1:], uppers[0]) if sums else max(uppers)
    return Bounds(min(lowers) if len(lowers) == len(each) else None, each[0].likely, upper)


def _routes(routes: object, name: str) -> tuple[Any, ...]:
    if isinstance(routes, GeneratorInfo | RoutePlan | str) or not isinstance(routes, Iterable) or _answers(routes):
        raise ConfigurationError(f"{name} wants a list of generators, models or plans, not {type(routes).__name__}")
    models = tuple(routes)
    if not models:
        raise ConfigurationError(f"{name} needs at least one route")
    return models


def _check_weights(rules: "Rules", count: int) -> None:
    if (rules.order == "weighted") != bool(rules.weights):
        raise ConfigurationError('weights belong to order="weighted", and that wants them')
    if rules.weights and (
        len(rules.weights) != count
        or not all(_is_number(weight) and 0 <= weight < _FOREVER for weight in rules.weights)
        or not any(rules.weights)
    ):
        raise ConfigurationError(f"weights must be {count} numbers of at least 0, not all of them 0")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _answers(model: object) -> bool:
    return not isinstance(model, type) and hasattr(model, "complete") and hasattr(model, "stream")


def _name(model: Model) -> str:
    if isinstance(model, GeneratorInfo | RoutePlan):
        return model.name
    return type(model).__name__


def _key(model: Model) -> Hashable:
    """A generator made anew for each call is still the same route; other models are what they are."""
    if not isinstance(model, GeneratorInfo):
        return _Itself(model)
    headers = tuple((name, Secret(value)) for name, value in model.headers.items())
    host = model.provider.name, model.wire, model.base_url, tuple(model.variables.items()), headers
    where = None if model.transport is None else _Itself(model.transport), model.local_server
    return (host, model.model, model.api_key, model.api_key_env, where)


class _Itself:
    """Equal to another of the same object only. Holds it, so that its id is nobody else's."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other._value is self._value

    def __hash__(self) -> int:
        return id(self._value)


def _longest(seconds: "list[float | None]") -> float | None:
    return None if None in seconds else max(one for one in seconds if one is not None)
