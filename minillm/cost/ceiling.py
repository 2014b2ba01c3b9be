"""The most that a plain request can take, in a few microseconds: for purses in which so much is left that it does not
matter how much exactly. Never below what :func:`~minillm.cost.estimate.estimate_request` says, and often several times
as much; what cannot be bounded so cheaply (media, a wire's own words, no limit of the answer) is left to that."""

from collections.abc import Callable, Sequence
from decimal import ROUND_UP, Context, Decimal, localcontext
from functools import lru_cache
from typing import Any, Generic, TypeVar

from ..types import (
    UNSET,
    ChatRequest,
    CompletionParameters,
    NativeTool,
    Part,
    RefusalPart,
    ResponseFormat,
    TextPart,
    TokenPrice,
    ToolCallPart,
    ToolDefinition,
    ToolResultPart,
)
from .budget import Needed
from .calibration import Calibration, default_calibration
from .families import Family, family_of
from .size import measure, searches

__all__ = ["rough_need"]

T = TypeVar("T")

# Tokens of a character by the dearest row of minillm.cost.tokens: a lone capital letter; a character of four bytes.
_ASCII, _OTHER = 1.6, 4.0
# By how much experience may widen a bound, beyond the worst that was seen (minillm.cost.calibration).
_WIDER, _MORE = 1.25, 10
_DIGIT = Decimal("0.0000001")  # estimates are rounded to this
_MOST_KEPT = 64
# Prompts are rounded up to a multiple of 256 tokens, so that what they need has mostly been worked out before; and not
# by the precision of whoever came first.
_ROUNDED, _CONTEXT = 255, Context(prec=50, rounding=ROUND_UP)


class _Once(Generic[T]):
    """What was worked out for an object that comes again and again. By identity: neither tools nor prices hash fast."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.found: dict[int, tuple[object, T]] = {}

    def __call__(self, of: object) -> T:
        found = self.found.get(id(of))
        if found is None:
            if len(self.found) >= _MOST_KEPT:
                self.found.clear()
            found = self.found[id(of)] = (of, self._work(of))  # which keeps the id its own
        return found[1]


def rough_need(
    request: ChatRequest,
    *,
    host: str = "",
    model: str = "",
    price: TokenPrice | None = None,
    calibration: Calibration | None = None,
) -> Needed | None:
    """The most that a request may take, roughly; None where only an estimate can say.

    Args:
        request: exactly what will be sent.
        host: as for :func:`~minillm.cost.estimate.estimate_request`, and so are the others.
    """
    name = request.model or model
    parameters = request.parameters
    ceiling, extra, form, several = parameters.max_tokens, parameters.extra, parameters.response_format, parameters.n
    if ceiling is None or ceiling is UNSET or request.extra or request.native is not None:
        return None
    of_name = _counted(name)
    if of_name is None or (extra is not UNSET and extra):
        return None
    family, tokens, per_message, per_token = of_name
    text, calls = 0.0, 0
    for message in request.messages:
        content = message.content
        if type(content) is str:
            text += len(content) * (_ASCII if content.isascii() else _OTHER)
        else:
            found = _most_of_parts(message.parts)
            if found is None:
                return None
            text, calls = text + found[0], calls + found[1]
        if message.name:
            text += _most_of(message.name)
    tokens += per_message * len(request.messages) + per_token * text
    shape = "plain"
    if calls:
        tokens += family.call[1] * calls
    if form is not UNSET and isinstance(form, ResponseFormat) and form.schema:
        tokens += family.schema_base[1] + family.schema[1] * _SCHEMAS(form)
        shape = "schema"
    if request.tools:
        of_tools = _TOOLS(request.tools)
        if of_tools is None:
            return None
        tokens += family.tools[1] + family.tool[1] * len(request.tools) + family.tool_text[1] * of_tools
        shape = "tools"
    experience = default_calibration() if calibration is None else calibration
    worst = experience._known_worst.get((host, name, shape))
    if worst is None:
        worst = experience.worst(host=host, model=name, shape=shape)
    asked = (int(tokens * _WIDER * worst) + _MORE) | _ROUNDED
    written = ceiling if several is UNSET or not several else ceiling * several
    priced = _NEEDS.found.get(id(price))
    return (_NEEDS(price) if priced is None else priced[1])[asked, written]


@lru_cache(maxsize=1024)
def _counted(name: str) -> tuple[Family, float, float, float] | None:
    """The family of a model, and the tokens of any of its requests, of a message and of a token of text."""
    if searches(name):
        return None
    family = family_of(name)
    return family, family.base[1] + family.thinking[1], family.message[1], family.text[1]


class _Needs(dict[tuple[int, int], Needed]):
    """What requests need at a price, by the tokens asked and written."""

    def __init__(self, price: TokenPrice | None) -> None:
        super().__init__()
        with localcontext(_CONTEXT):
            self._rates = None if price is None else _dearest(price)

    def __missing__(self, tokens: tuple[int, int]) -> Needed:
        if len(self) >= _MOST_KEPT:
            self.clear()
        asked, written = tokens
        usd = None
        if self._rates is not None:
            with localcontext(_CONTEXT):
                usd = self._rates[0] * asked + self._rates[1] * written + self._rates[2]
                usd = usd.quantize(_DIGIT)  # so few digits that a purse adds and subtracts them without rounding
        need = self[tokens] = Needed(usd, asked + written)
        return need


def _most_of(text: str) -> float:
    return len(text) * (_ASCII if text.isascii() else _OTHER)


def _most_of_parts(parts: Sequence[Part]) -> tuple[float, int] | None:
    """Tokens of their text, and how many calls and results there are."""
    text, calls = 0.0, 0
    for part in parts:
        if isinstance(part, TextPart | RefusalPart):
            text += _most_of(part.text)
        elif isinstance(part, ToolCallPart):
            text += _most_of(part.name) + _most_of(part.arguments)
            calls += 1
        elif isinstance(part, ToolResultPart) and isinstance(part.content, str):
            text += _most_of(part.content)
            calls += 1
        else:
            return None
    return text, calls


def _most_of_tools(tools: tuple[ToolDefinition | NativeTool, ...]) -> float | None:
    size = measure(ChatRequest(None, tools=tools))
    return None if size.unseen else size.tools.upper


def _most_of_schema(form: ResponseFormat) -> float:
    return measure(ChatRequest(None, parameters=CompletionParameters(response_format=form))).schema.upper


def _dearest(price: TokenPrice) -> tuple[Decimal, Decimal, Decimal] | None:
    """USD of one token asked, of one written, and of the request: the dearest of all tiers and of writing a cache."""
    if price.input is None or price.output is None:
        return None
    every = (price, *(tier.price for tier in price.tiers))
    asked = [rate for one in every for rate in (one.input, *(one.cache_write or {}).values()) if rate is not None]
    written = [one.output for one in every if one.output is not None]
    return max(asked).scaleb(-6), max(written).scaleb(-6), price.per_request + _DIGIT


_TOOLS: _Once[float | None] = _Once(_most_of_tools)
_SCHEMAS: _Once[float] = _Once(_most_of_schema)
_NEEDS: _Once[_Needs] = _Once(_Needs)
