"""The value of an expression, with limits on how much work and text it may make."""

from collections.abc import Callable, Mapping
from typing import Any

from .functions import FUNCTIONS, Unfit, kind_of
from .nodes import (
    Binary,
    Call,
    Choice,
    Collected,
    ExpressionError,
    Get,
    Item,
    Listed,
    Literal,
    Name,
    Node,
    Unary,
)

__all__ = ["Scope", "evaluate", "truth"]

Scope = Mapping[str, Any]

_MOST_WORK = 200_000
_LONGEST = 10_000_000


class _Missing(ExpressionError):
    """A key or item that is not there; ``default()`` catches it."""


def evaluate(node: Node, scope: Scope) -> Any:
    """The value of an expression: JSON.

    Args:
        scope: what its names stand for.

    Raises:
        ExpressionError: values that do not fit, a key that is missing, too much work.
    """
    return _Evaluation().value(node, scope)


def truth(value: Any) -> bool:
    """Whether a condition holds.

    Raises:
        ExpressionError: it is neither true nor false; numbers and texts are compared with something.
    """
    if isinstance(value, bool):
        return value
    raise ExpressionError(f"true or false is needed, not {kind_of(value)}: compare it with something")


class _Evaluation:
    def __init__(self) -> None:
        self._work = 0

    def value(self, node: Node, scope: Scope) -> Any:
        self._work += 1
        if self._work > _MOST_WORK:
            raise ExpressionError(f"takes more than {_MOST_WORK} steps of work")
        match node:
            case Literal(value):
                return value
            case Name(name):
                return scope[name]
            case Get(of, key):
                return _member(self.value(of, scope), key)
            case Item(of, at):
                return _item(self.value(of, scope), self.value(at, scope))
            case Call(function, arguments):
                return self._called(function, arguments, scope)
            case Unary("not", value):
                return not truth(self.value(value, scope))
            case Unary(_, value):
                return -_number(self.value(value, scope), "-")
            case Binary("and", left, right):
                return truth(self.value(left, scope)) and truth(self.value(right, scope))
            case Binary("or", left, right):
                return truth(self.value(left, scope)) or truth(self.value(right, scope))
            case Binary(sign, left, right):
                return _limited(_OPERATIONS[sign](self.value(left, scope), self.value(right, scope)))
            case Choice(condition, yes, no):
                return self.value(yes if truth(self.value(condition, scope)) else no, scope)
            case Listed(items):
                return [self.value(item, scope) for item in items]
            case Collected():
                return self._collected(node, scope)

    def _called(self, name: str, arguments: tuple[Node, ...], scope: Scope) -> Any:
        if name == "default":
            try:
                value = self.value(arguments[0], scope)
            except _Missing:
                value = None
            return self.value(arguments[1], scope) if value is None else value
        values = [self.value(argument, scope) for argument in arguments]
        try:
            return _limited(FUNCTIONS[name].run(*values))
        except ExpressionError:
            raise
        except (Unfit, OverflowError) as error:
            raise ExpressionError(f"{name}(): {error}") from None

    def _collected(self, node: Collected, scope: Scope) -> list[Any]:
        items = self.value(node.items, scope)
        if not isinstance(items, list):
            raise ExpressionError(f"for {node.name} in: a list is needed, not {kind_of(items)}")
        found = []
        for item in items:
            inner = {**scope, node.name: item}
            if node.condition is None or truth(self.value(node.condition, inner)):
                found.append(self.value(node.value, inner))
        return found


def _member(value: Any, key: str) -> Any:
    if not isinstance(value, Mapping):
        raise _Missing(f".{key}: {kind_of(value)} has no keys")
    if key not in value:
        raise _Missing(f".{key}: there is no such key")
    return value[key]


def _item(value: Any, at: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(at, str):
        return _member(value, at)
    if not isinstance(value, (list, str)):
        raise _Missing(f"[...]: {kind_of(value)} has no items")
    if type(at) is not int:
        raise ExpressionError(f"[...]: a whole number is needed, not {kind_of(at)}")
    if not -len(value) <= at < len(value):
        raise _Missing(f"[{at}]: there are {len(value)} items")
    return value[at]


def _limited(value: Any) -> Any:
    if isinstance(value, (str, list)) and len(value) > _LONGEST:
        raise ExpressionError(f"makes a value longer than {_LONGEST}")
    if isinstance(value, int) and value.bit_length() > 1024:
        raise ExpressionError("makes a number that is too large")
    if isinstance(value, float) and value - value != 0.0:
        raise ExpressionError("makes a number that is too large")
    return value


def _number(value: Any, sign: str) -> Any:
    if type(value) not in (int, float):
        raise ExpressionError(f"{sign} needs numbers, not {kind_of(value)}")
    return value


def _reckoned(sign: str, reckon: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def run(left: Any, right: Any) -> Any:
        left, right = _number(left, sign), _number(right, sign)
        if right == 0 and sign in "/%":
            raise ExpressionError(f"{sign} by 0")
        try:
            return reckon(left, right)
        except OverflowError:
            raise ExpressionError("makes a number that is too large") from None

    return run


def _added(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    if isinstance(left, str) or isinstance(right, str):
        raise ExpressionError(f"+ joins two texts, not {kind_of(left)} and {kind_of(right)}; text(...) makes one")
    return _reckoned("+", lambda a, b: a + b)(left, right)


def _compared(sign: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        return compare(_number(left, sign), _number(right, sign))

    return run


def _within(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        if not isinstance(left, str):
            raise ExpressionError(f"in: a text holds texts, not {kind_of(left)}")
        return left in right
    if isinstance(right, Mapping):
        return isinstance(left, str) and left in right
    if not isinstance(right, list):
        raise ExpressionError(f"in: a text, list or table is needed, not {kind_of(right)}")
    return any(_same(left, item) for item in right)


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: true is not 1, at any depth."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    return bool(left == right)


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": _same,
    "!=": lambda left, right: not _same(left, right),
    "<": _compared("<", lambda a, b: a < b),
    "<=": _compared("<=", lambda a, b: a <= b),
    ">": _compared(">", lambda a, b: a > b),
    ">=": _compared(">=", lambda a, b: a >= b),
    "in": _within,
    "not in": lambda left, right: not _within(left, right),
    "+": _added,
    "-": _reckoned("-", lambda a, b: a - b),
    "*": _reckoned("*", lambda a, b: a * b),
    "/": _reckoned("/", lambda a, b: a / b),
    "%": _reckoned("%", lambda a, b: a % b),
}
