"""A tool run as HTML and as words: round under round, with what the model said, what it called, and what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..tree.render.printable import printable
from .cards import shortened
from .columns import State
from .fragment import Fragment, fragment, said

__all__ = ["CallState", "ShownCall", "ShownRound", "run_page"]

CallState = Literal["waiting", "approved", "running", "done", "failed", "denied", "deferred", "interrupted", "left"]

_MOST_ROUNDS = 40  # drawn; of longer runs the last ones
_MOST_CALLS = 60  # of one round
_LONGEST = 1500  # letters of arguments, and of a result


@dataclass(slots=True)
class ShownCall:
    """A call, as far as it is.

    Args:
        note: what there is to say beside its state: how long it took, why it was denied.
        result: what the tool gave, or the error that the model reads.
    """

    name: str
    arguments: str = ""
    state: CallState = "waiting"
    note: str = ""
    result: str = ""


@dataclass(slots=True)
class ShownRound:
    """A turn of the model, and its calls."""

    title: str
    text: str = ""
    note: str = ""
    state: State = "waiting"
    calls: Sequence[ShownCall] = field(default_factory=tuple)


def run_page(rounds: Sequence[ShownRound], head: str) -> Fragment:
    """All rounds, the last ones of a very long run.

    Args:
        head: one line above: how far it is, why it ended, what it took.
    """
    shown = rounds[-_MOST_ROUNDS:]
    if len(shown) < len(rounds):
        head += f" · the last {len(shown)} rounds"
    body = f'<p class="head">{said(head)}</p><div class="rounds">{"".join(map(_round_html, shown))}</div>'
    return fragment("run", body, "\n".join([printable(head), *_lines(shown)]))


def _round_html(each: ShownRound) -> str:
    text = f'<pre dir="auto">{said(each.text)}</pre>' if each.text or not each.calls else ""
    calls = "".join(map(_call_html, each.calls[:_MOST_CALLS]))
    return (
        f'<section class="column {each.state}"><header><b>{said(each.title)}</b></header>{text}'
        f"{f'<ol>{calls}</ol>' if calls else ''}<footer>{said(_footer(each))}</footer></section>"
    )


def _call_html(call: ShownCall) -> str:
    result = f'<pre dir="auto" class="result">{said(_short(call.result))}</pre>' if call.result else ""
    return (
        f'<li class="call {call.state}"><b>{said(call.name)}</b> <code dir="auto">{said(_short(call.arguments))}</code>'
        f' <span class="state">{said(_state(call))}</span>{result}</li>'
    )


def _footer(each: ShownRound) -> str:
    more = len(each.calls) - _MOST_CALLS
    return f"{each.note} · {more} more calls" if more > 0 else each.note


def _state(call: ShownCall) -> str:
    return f"{call.state} · {call.note}" if call.note else call.state


def _short(text: str) -> str:
    return shortened(text, _LONGEST)


def _lines(rounds: Sequence[ShownRound]) -> Iterator[str]:
    for each in rounds:
        note = _footer(each)
        yield printable(f"-- {each.title}" + (f" · {note}" if note else ""))
        if each.text:
            yield printable(each.text)
        for call in each.calls[:_MOST_CALLS]:
            result = f" -> {_short(call.result)}" if call.result else ""
            yield printable(f"{call.name} {_short(call.arguments)} · {_state(call)}{result}")
