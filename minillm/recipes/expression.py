"""The expressions of recipes: a small language without assignment, import or attribute of any Python object.

    steps.sort.output.urgent and len(inputs.text) > 100
    [upper(x.name) for x in steps.list.output if x.score >= 0.5]
    default(inputs.tone, "friendly")

A text becomes a tree of nodes, each of which knows where it stood. ``evaluation`` gives their values.
"""

import re
from collections.abc import Iterator
from itertools import islice

from .functions import FUNCTIONS
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

__all__ = ["parse"]

_MOST_TOKENS = 300  # evaluation recurses, also along `a + b + c`
_DEEPEST = 50


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<word>[^\W\d]\w*)
      | (?P<sign>==|!=|<=|>=|[-+*/%<>()\[\],.])
      | (?P<end>$)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_WORDS = {"and", "or", "not", "in", "if", "else", "for", *_CONSTANTS}
_BINDING = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
_COMPARING = 4
_HINTS = {"=": "; == compares", **dict.fromkeys("&|!", "; and, or, not are words"), '"': "; a text ends on its line"}


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: it is none; the message says where it stops making sense.
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = list(islice(self._cut(), _MOST_TOKENS + 1))
        if len(self._tokens) > _MOST_TOKENS:
            raise ExpressionError(f"more than {_MOST_TOKENS} words and signs: take several steps")
        self._at = 0
        self._depth = 0

    def _cut(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        while True:
            found = _TOKEN.match(self.text, at)
            if found is None:
                rest = self.text[at:].lstrip()
                hint = next((words for sign, words in _HINTS.items() if rest.startswith(sign)), "")
                raise ExpressionError(f"{rest[:1]!r} means nothing here{hint}")
            kind = str(found.lastgroup)
            yield kind, found[kind], found.start(kind)
            if kind == "end":
                return
            at = found.end()

    @property
    def _next(self) -> str:
        """The next token if it is a sign or a word of the language."""
        kind, token, _ = self._tokens[self._at]
        return token if kind == "sign" or (kind == "word" and token in _WORDS) else ""

    def _take(self, *tokens: str) -> str:
        found = self._next
        if found and found in tokens:
            self._at += 1
            return found
        return ""

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise self._unexpected(f"{token!r} is expected")

    def _unexpected(self, wanted: str) -> ExpressionError:
        kind, token, offset = self._tokens[self._at]
        here = "at its end" if kind == "end" else f"at {token[:20]!r} (character {offset + 1})"
        return ExpressionError(f"{wanted} {here}")

    def whole(self) -> Node:
        node = self._choice()
        if self._tokens[self._at][0] != "end":
            raise self._unexpected("nothing more is expected")
        return node

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError(f"nested deeper than {_DEEPEST} levels")
        value = self._operation(0)
        if self._take("if"):
            condition = self._operation(0)
            self._need("else")
            value = Choice(condition, value, self._choice())
        self._depth -= 1
        return value

    def _operation(self, binding: int) -> Node:
        left = self._signed()
        while True:
            sign = self._next
            strength = _BINDING.get(sign, 0)
            if strength <= binding:
                return left
            self._at += 1
            if sign == "not":
                self._need("in")
                sign = "not in"
            left = Binary(sign, left, self._operation(strength))
            if strength == _COMPARING and _BINDING.get(self._next) == _COMPARING:
                raise self._unexpected("comparisons are joined by and, which is expected")

    def _signed(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError(f"nested deeper than {_DEEPEST} levels")
        if self._take("not"):
            node: Node = Unary("not", self._operation(3))
        elif self._take("-"):
            node = Unary("-", self._signed())
        else:
            node = self._followed(self._atom())
        self._depth -= 1
        return node

    def _followed(self, node: Node) -> Node:
        while True:
            if self._take("."):
                kind, token, _ = self._tokens[self._at]
                if kind != "word":
                    raise self._unexpected("a name is expected")
                self._at += 1
                node = Get(node, token)
            elif self._take("["):
                at = self._choice()
                self._need("]")
                node = Get(node, at.value) if isinstance(at, Literal) and isinstance(at.value, str) else Item(node, at)
            else:
                return node

    def _atom(self) -> Node:
        kind, token, _ = self._tokens[self._at]
        if self._take("("):
            node = self._choice()
            self._need(")")
            return node
        if self._take("["):
            return self._list()
        if kind in ("number", "text"):
            self._at += 1
            return Literal(_number(token) if kind == "number" else _unquoted(token))
        if token in _CONSTANTS and kind == "word":
            self._at += 1
            return Literal(_CONSTANTS[token])
        if kind != "word" or token in _WORDS:
            raise self._unexpected("a value is expected")
        self._at += 1
        return self._call(token) if self._take("(") else Name(token)

    def _call(self, name: str) -> Node:
        arguments = self._items(")")
        function = FUNCTIONS.get(name)
        if function is None:
            from ..config_file.problems import closest

            near = closest(name, FUNCTIONS)
            raise ExpressionError(f"no function is called {name[:40]}{near}; there are {', '.join(FUNCTIONS)}")
        if not function.least <= len(arguments) <= function.most:
            raise ExpressionError(f"{name}() takes {function.takes}, not {len(arguments)}")
        return Call(name, tuple(arguments))

    def _list(self) -> Node:
        if self._take("]"):
            return Listed(())
        first = self._choice()
        if self._take("for"):
            return self._collected(first)
        if self._take("]"):
            return Listed((first,))
        self._need(",")
        return Listed((first, *self._items("]")))

    def _collected(self, value: Node) -> Node:
        kind, name, _ = self._tokens[self._at]
        if kind != "word" or name in _WORDS:
            raise self._unexpected("a name is expected")
        self._at += 1
        self._need("in")
        items = self._operation(0)
        condition = self._operation(0) if self._take("if") else None
        self._need("]")
        return Collected(value, name, items, condition)

    def _items(self, closer: str) -> list[Node]:
        items: list[Node] = []
        while not self._take(closer):
            items.append(self._choice())
            if self._take(closer):
                break
            self._need(",")
        return items


def _number(token: str) -> int | float:
    if token.isdecimal():
        if len(token) > 40:
            raise ExpressionError("a number of more than 40 digits")
        return int(token)
    number = float(token)
    if number - number != 0.0:
        raise ExpressionError("a number that is too large")
    return number


def _unquoted(token: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), token[1:-1])
