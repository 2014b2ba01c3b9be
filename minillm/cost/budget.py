"""Purses: what may be spent, what has been, and what is held back for calls that are under way.

All arithmetic is in ``Decimal`` and behind one lock for all purses, so that a call draws on each of several nested
ones or on none, from whichever thread or loop it comes, and nothing can wait for anything.
"""

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from decimal import Decimal
from threading import RLock
from typing import Any, Literal, NamedTuple, Self

from ..errors import BudgetExceeded, ConfigurationError

__all__ = ["Amount", "Budget", "Needed", "Reservation", "open_budgets", "reserve", "reserve_roughly"]

Unpriced = Literal["error", "allow"]

_FREE = Decimal(0)


class Amount(NamedTuple):
    """So much money, so many tokens, so many requests."""

    usd: Decimal = Decimal(0)
    tokens: int = 0
    calls: int = 0

    def __add__(self, other: object) -> "Amount":  # sums, not a longer tuple
        if not isinstance(other, Amount):
            return NotImplemented
        return Amount(self.usd + other.usd, self.tokens + other.tokens, self.calls + other.calls)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.usd - other.usd, self.tokens - other.tokens, self.calls - other.calls)


class _Tally:
    """An amount that changes with every request, under the lock: the same three, in place."""

    __slots__ = ("calls", "tokens", "usd")

    def __init__(self) -> None:
        self.usd = _FREE
        self.tokens = self.calls = 0

    def amount(self) -> Amount:
        return Amount(self.usd, self.tokens, self.calls)


class Needed(NamedTuple):
    """The most that one request may take; None where nobody can say.

    Args:
        why: what would have to be known, where something is None.
    """

    usd: Decimal | None = None
    tokens: int | None = None
    why: str = ""


_lock = RLock()  # a handler of a signal may ask a purse in the midst of a booking of its own thread
_open: ContextVar[tuple["Budget", ...]] = ContextVar("minillm_open_budgets", default=())
#: Gives the purses whose blocks this code runs in, outermost first.
open_budgets: Callable[[], tuple["Budget", ...]] = _open.get
_UNITS = ("usd", "tokens", "calls")
# So many times what is set aside for all that is under way must be left for a rough bound to be good enough.
_PLENTY = 64
_PLENTY_USD = Decimal(_PLENTY)


class Budget:
    """A purse that calls draw on: no request is sent that could cost more than is left.

    Before each request, retries included, the most that it may cost is set aside; when it has ended, what it did cost
    is spent and the rest is given back. A request whose cost stays unknown (it was cut or cancelled, or the host
    reported nothing) keeps what was set aside: see ``uncertain``. If a host bills more than could be foreseen, and the
    purse is empty while other requests run, they are stopped.

    Use it as a context manager, around anything: all calls made inside draw on it, also those of tasks begun there;
    in nested blocks on every purse. Or give it as ``budget=`` to a call or a generator. It may be used again and
    again, from several threads and loops, and has what is left of it.

    Args:
        usd: US dollars; None sets no limit.
        tokens: tokens of questions and answers together.
        calls: requests sent, retries included.
        unpriced: what becomes of a request whose cost cannot be bounded beforehand, because no price of the model or
            no limit of its answer is known: ``"error"`` refuses it (ConfigurationError), ``"allow"`` sends it and
            books what is known afterwards.
        name: what errors call this purse.

    Raises:
        ConfigurationError: no limit, or one that is no number of at least 0.

    Example:
        >>> with Budget(usd="0.50") as purse:
        ...     replies = await node.branch(gen, n=100, max_tokens=200)
        >>> purse.spent.usd, purse.remaining.usd
    """

    def __init__(
        self,
        usd: Decimal | float | str | None = None,
        *,
        tokens: int | None = None,
        calls: int | None = None,
        unpriced: Unpriced = "error",
        name: str = "",
    ) -> None:
        self.usd = None if usd is None else _money(usd)
        self.tokens = None if tokens is None else _count("tokens", tokens)
        self.calls = None if calls is None else _count("calls", calls)
        if self.usd is None and self.tokens is None and self.calls is None:
            raise ConfigurationError("a Budget needs a limit: usd=, tokens= or calls=")
        if unpriced not in ("error", "allow"):
            raise ConfigurationError(f"unpriced must be 'error' or 'allow', not {unpriced!r}")
        self.unpriced = unpriced
        self.name = name
        self._limited = [(unit, limit) for unit, limit in zip(_UNITS, self._limits(), strict=True) if limit is not None]
        self._spent, self._uncertain, self._reserved = _Tally(), _Tally(), _Tally()
        self._running: set[Reservation] = set()

    @property
    def spent(self) -> Amount:
        """What requests that have ended are known to have cost."""
        with _lock:
            return self._spent.amount()

    @property
    def uncertain(self) -> Amount:
        """What is kept back for requests that have ended and whose cost nobody told: the most they can have cost."""
        with _lock:
            return self._uncertain.amount()

    @property
    def reserved(self) -> Amount:
        """What is set aside for requests under way."""
        with _lock:
            return self._reserved.amount()

    @property
    def running(self) -> int:
        """Requests under way."""
        return len(self._running)

    @property
    def used(self) -> Amount:
        """What is spent, uncertain and reserved, together."""
        with _lock:
            return self._used()

    @property
    def remaining(self) -> "Remaining":
        """What the next request may take; below 0 where a host billed more than could be foreseen."""
        used = self.used
        left = [None if limit is None else limit - used[i] for i, limit in enumerate(self._limits())]
        return Remaining(*left)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        _open.set((*_open.get(), self))
        return self

    def __exit__(self, *_: object) -> None:
        # By value and not by token: a notebook or a generator may leave in another context than it entered.
        within = list(_open.get())
        if self in within:
            del within[len(within) - 1 - within[::-1].index(self)]
            _open.set(tuple(within))

    def __repr__(self) -> str:
        used = self.used
        said = [
            f"{_said(_UNITS[i], used[i])} of {_said(_UNITS[i], limit)}"
            for i, limit in enumerate(self._limits())
            if limit is not None
        ]
        return f"Budget({f'{self.name}: ' if self.name else ''}{', '.join(said)} used, {self.running} running)"

    def __reduce__(self) -> Any:
        raise TypeError("a Budget cannot be copied or sent to another process: it would be spent twice")

    def _limits(self) -> tuple[Decimal | None, int | None, int | None]:
        return self.usd, self.tokens, self.calls

    def _used(self) -> Amount:
        return self._spent.amount() + self._uncertain.amount() + self._reserved.amount()

    def _gone(self) -> Amount:
        """What no request under way can give back."""
        return self._spent.amount() + self._uncertain.amount()

    def _allows(self, needed: Needed) -> None:
        """Raises ConfigurationError where it cannot be bounded, and this purse allows no such request."""
        for unit, limit, need in (("usd", self.usd, needed.usd), ("tokens", self.tokens, needed.tokens)):
            if limit is not None and need is None and self.unpriced == "error":
                raise ConfigurationError(
                    f"{self._called()} limits {unit}, and nobody can say what this request takes of it at most: "
                    f"{needed.why or 'nothing is known of the model'}. unpriced='allow' sends it all the same"
                )

    def _check(self, held: Amount, needed: Needed) -> None:
        """Raises BudgetExceeded where it is more than is left; what cannot be bounded may begin while anything is."""
        used = self._used()
        for i, (limit, need) in enumerate(zip(self._limits(), (needed.usd, needed.tokens, 1), strict=True)):
            if limit is not None and (used[i] + held[i] > limit or (need is None and used[i] >= limit)):
                raise self._exceeded(i, limit, held[i])

    def _exceeded(self, i: int, limit: Decimal | int, need: Decimal | int) -> BudgetExceeded:
        unit, spent, reserved = _UNITS[i], self._gone()[i], self._reserved.amount()[i]
        way_out = "" if unit == "calls" else "; a lower max_tokens sets less aside"
        return BudgetExceeded(
            f"{self._called()} of {_said(unit, limit)} does not allow this request, which may take "
            f"{_said(unit, need)}: {_said(unit, spent)} spent, {_said(unit, reserved)} set aside for "
            f"{len(self._running)} under way{way_out}",
            budget=self.name,
            unit=unit,
            limit=limit,
            spent=spent,
            reserved=reserved,
            needed=need,
        )

    def _called(self) -> str:
        return f"the budget {self.name!r}" if self.name else "the budget"

    def _is_empty(self) -> bool:
        """Whether nothing is left even if all that run cost nothing. Requests that were allowed may all be made."""
        for unit, limit in self._limited:
            gone = getattr(self._spent, unit) + getattr(self._uncertain, unit)
            if gone > limit or (gone == limit and getattr(self._reserved, unit) > 0):
                return True
        return False


class Remaining(NamedTuple):
    """What is left of each limit; None where there is none."""

    usd: Decimal | None
    tokens: int | None
    calls: int | None


class Reservation:
    """What is set aside for one request, on all purses it draws on, until it is settled."""

    __slots__ = ("_budgets", "_rough", "_tokens", "_usd", "emptied")

    _budgets: Sequence[Budget]
    _usd: Decimal
    _tokens: int
    _rough: bool  # whether that may be far more than the request can take
    #: The error to fail with, once a purse it draws on is empty.
    emptied: BudgetExceeded | None

    def __init__(self) -> None:
        self.emptied = None

    def stop(self) -> None:
        """Called, from any thread, when a purse is empty before this request has ended."""

    def exactly(self) -> Needed:
        """The most that the request may take, where a rough bound was set aside: asked if nobody tells what it took."""
        return Needed()

    def _set_aside(self, budgets: Sequence[Budget], usd: Decimal, tokens: int, rough: bool) -> None:
        """Behind the lock."""
        self._budgets, self._usd, self._tokens, self._rough = budgets, usd, tokens, rough
        for budget in budgets:
            reserved = budget._reserved
            reserved.usd += usd
            reserved.tokens += tokens
            reserved.calls += 1
            budget._running.add(self)

    def settle(self, usd: Decimal | None, tokens: int | None, *, sent: int = 1, known_usd: Decimal = _FREE) -> None:
        """Book what it really took, and give back the rest. Only the first call counts.

        Args:
            usd: None where nobody told: what was set aside is kept, as ``uncertain``.
            tokens: the same.
            sent: how many requests went out.
            known_usd: the part of the sum that is known, where ``usd`` is None.
        """
        kept = None
        if usd is None or tokens is None:
            kept = self._uncertain(usd, tokens, known_usd)
        spent_usd, spent_tokens = known_usd if usd is None else usd, tokens or 0
        stopped: Sequence[Reservation] = ()
        with _lock:
            budgets, self._budgets = self._budgets, ()
            others = False
            for budget in budgets:
                reserved, spent = budget._reserved, budget._spent
                reserved.usd -= self._usd
                reserved.tokens -= self._tokens
                reserved.calls -= 1
                spent.usd += spent_usd
                spent.tokens += spent_tokens
                spent.calls += sent
                if kept is not None:
                    budget._uncertain.usd += kept.usd
                    budget._uncertain.tokens += kept.tokens
                budget._running.discard(self)
                others = others or bool(budget._running)
            if others:
                stopped = [
                    one for budget in budgets if budget._is_empty() for one in budget._running if one._empty(budget)
                ]
        for one in stopped:  # outside the lock: it is somebody else's code
            one.stop()

    def _uncertain(self, usd: Decimal | None, tokens: int | None, known_usd: Decimal) -> Amount:
        """What nobody told: the most that it can have taken beside what is known. That is what was set aside, or what
        would have been, had the purse been narrower."""
        most_usd, most_tokens = self._usd, self._tokens
        if self._rough:
            exact = self.exactly()
            most_usd = most_usd if exact.usd is None else min(exact.usd, most_usd)
            most_tokens = most_tokens if exact.tokens is None else min(exact.tokens, most_tokens)
        return Amount(max(most_usd - known_usd, _FREE) if usd is None else _FREE, most_tokens if tokens is None else 0)

    def _empty(self, budget: Budget) -> bool:
        """Note that this purse is empty; whether that is news."""
        if self.emptied is not None:
            return False
        gone = budget._gone()
        i = next((i for i, limit in enumerate(budget._limits()) if limit is not None and gone[i] >= limit), 0)
        limit = budget._limits()[i]
        self.emptied = budget._exceeded(i, limit if limit is not None else 0, (self._usd, self._tokens, 1)[i])
        return True


def reserve(budgets: Iterable[Budget], needed: Needed, reservation: Reservation | None = None) -> Reservation:
    """Set the most that a request may take aside, on all of these purses or on none.

    Args:
        reservation: one that holds nothing yet, which is told when a purse is empty before the request has ended.

    Raises:
        BudgetExceeded: one of them has not so much left.
        ConfigurationError: the request cannot be bounded, and one of them allows no such request.
    """
    made = Reservation() if reservation is None else reservation
    drawn = tuple(budgets)
    for budget in drawn:
        budget._allows(needed)
    held = Amount(needed.usd or _FREE, needed.tokens or 0, 1)  # nothing, of what no purse limits and nobody knows
    with _lock:
        for budget in drawn:
            budget._check(held, needed)
        made._set_aside(drawn, held.usd, held.tokens, False)
    return made


def reserve_roughly(budgets: Sequence[Budget], rough: Needed, reservation: Reservation) -> bool:
    """Set a rough bound aside where all of these purses have so much left that a better one would change nothing:
    where all that is set aside, this included, is next to nothing beside what is left.

    Args:
        rough: at least the most that the request may take.
        reservation: as for :func:`reserve`; it can tell what the request takes exactly.

    Returns:
        False where a purse has not so much left, or limits what is not bounded: then nothing is set aside.
    """
    usd, tokens, _ = rough
    with _lock:
        for budget in budgets:
            spent, kept, held = budget._spent, budget._uncertain, budget._reserved
            if (limit := budget.usd) is not None and (
                usd is None or spent.usd + _PLENTY_USD * (held.usd + usd) > (limit - kept.usd if kept.usd else limit)
            ):
                return False
            if (most := budget.tokens) is not None and (
                tokens is None or spent.tokens + kept.tokens + _PLENTY * (held.tokens + tokens) > most
            ):
                return False
            if budget.calls is not None and spent.calls + kept.calls + _PLENTY * (held.calls + 1) > budget.calls:
                return False
        reservation._set_aside(budgets, _FREE if usd is None else usd, tokens or 0, True)
    return True


def _money(usd: object) -> Decimal:
    """Through ``str``, so that 0.1 is a tenth and not its binary neighbour."""
    try:
        amount = Decimal(str(usd).strip().removeprefix("$"))
    except ArithmeticError:
        amount = Decimal(-1)
    if isinstance(usd, bool) or not amount.is_finite() or amount < 0:
        raise ConfigurationError(f"Budget: usd must be a number of US dollars that is not negative, not {usd!r}")
    return amount


def _count(name: str, number: object) -> int:
    if type(number) is not int or number < 0:
        raise ConfigurationError(f"Budget: {name} must be a whole number that is not negative, not {number!r}")
    return number


def _said(unit: str, amount: Decimal | int | None) -> str:
    if unit != "usd" or not isinstance(amount, Decimal):
        return f"{amount} {unit}"
    return f"${amount.normalize():f}" if amount else "$0"
