"""Items, both ways. A turn of the model is a run of items (thinking, messages, calls) and one message of
ours: its parts remember which item they stood in."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...types import ImagePart, Native, NativePart, Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from ..encoding import Encoding
from ..fields import as_word, want_object
from ..residue import hints_of, own, with_hints
from .calls import CALLS, decode_call, encode_call
from .content import decode_contents, encode_content
from .dialect import WIRE
from .pictures import PICTURE, decode_picture, encode_picture
from .reasoning import decode_reasoning, encode_reasoning

__all__ = ["ItemsEncoder", "decode_item", "item_id"]

Raw = Mapping[str, Any]
Item = dict[str, Any]

_PREFIXES: Final = {"reasoning": "rs", "function_call": "fc", "custom_tool_call": "ctc", "message": "msg"}
_BLANK: Final[Raw] = {"type": "output_text", "annotations": []}


def decode_item(raw: Any, path: str, *, asked: bool = False) -> tuple[Part, ...]:
    """The parts of one item of the model; a kind without neutral form is kept whole.

    Args:
        asked: it stands in a request, where the client put it itself.

    Raises:
        DecodeError: a known kind without what makes it that kind.
    """
    said = want_object(raw, path)
    kind = said.get("type", "message")
    parts: tuple[Part, ...] | None = None
    if kind == "message":
        parts = _read_message(said, path)
    elif kind == "reasoning":
        parts = (decode_reasoning(said),)
    elif kind in CALLS:
        parts = (decode_call(said, path),)
    elif kind == PICTURE and (picture := decode_picture(said)) is not None:
        parts = (picture,)
    if parts is None:
        return (NativePart(WIRE, dict(said)),)
    if not asked:
        for part in parts:
            _hint(part, answered=True)
    return parts


def _read_message(raw: Raw, path: str) -> tuple[Part, ...] | None:
    """The content of a message; None where only the item itself can say what it holds."""
    content = raw.get("content")
    rest = {key: value for key, value in raw.items() if key not in ("role", "content")}
    if isinstance(content, str):
        only = TextPart(content, native=Native(WIRE, {}))
        _hint(only, item=rest, plain=True, first=True, assistant=True)
        return (only,)
    if not isinstance(content, list):
        return None
    parts = decode_contents(content, f"{path}.content", assistant=True)
    if not parts or any(isinstance(part, NativePart) for part in parts):
        return None
    for place, part in enumerate(parts):
        _hint(part, item=rest, first=place == 0)
    return parts


def _hint(part: Any, **hints: Any) -> None:
    """Put hints on a part that was made a moment ago and that nobody has seen."""
    told = {name: value for name, value in hints.items() if value is not False}
    data = with_hints(dict(own(part.native, WIRE) or {}), **told)
    object.__setattr__(part, "native", Native(WIRE, data))


def item_id(prefix: str, *facts: object) -> str:
    """An id for an item whose source had none: the same for the same facts."""
    return f"{prefix}_" + hashlib.sha256("\0".join(map(str, facts)).encode("utf-8", "surrogatepass")).hexdigest()[:24]


class ItemsEncoder:
    """One turn of the model on its way out.

    Args:
        answer: it stands in an answer, where every item has an id and a status.
        seed: what the ids of items are made of, where the source had none.
        home: the turn goes back to the host and model that said it.
        stored: the host keeps what it said, so that ids mean something to it.
    """

    __slots__ = ("_answer", "_current", "_enc", "_home", "_invented", "_items", "_message", "_seed", "_stored")

    def __init__(self, enc: Encoding, *, answer: bool, seed: str = "", home: bool = True, stored: bool = True) -> None:
        self._enc = enc
        self._answer = answer
        self._seed = seed
        self._home = home
        self._stored = stored
        self._items: list[Item] = []
        self._message: Item | None = None  # the message item that content goes into
        self._current: Any = None  # what its source said of it
        self._invented: list[Item] = []  # message items whose source had none

    def encode(self, parts: Sequence[Part], path: str) -> list[Item]:
        """The items of these parts; what cannot be said is left out (and reported)."""
        for i, part in enumerate(parts):
            at = f"{path}[{i}]"
            if isinstance(part, TextPart | RefusalPart):
                self._add_content(part, at, i)
                continue
            item = self._other(part, at)
            if item is not None:
                self._message = None
                if self._answer and not isinstance(part, NativePart) and own(part.native, WIRE) is None:
                    self._complete(item, i)
                self._items.append(item)
        if self._answer:
            return self._items
        return [_plainly(item) if any(item is made for made in self._invented) else item for item in self._items]

    def _complete(self, item: Item, place: int) -> None:
        """What every item of an answer has."""
        if "id" not in item:
            item["id"] = item_id(_PREFIXES.get(as_word(item.get("type")), "it"), self._seed, place)
        item.setdefault("status", "completed")

    def _add_content(self, part: TextPart | RefusalPart, path: str, place: int) -> None:
        hints = hints_of(own(part.native, WIRE))
        item: Any = hints.get("item")
        if hints.get("plain") and isinstance(part, TextPart):
            self._items.append({**item, "role": "assistant", "content": part.text})
            self._message = None
            return
        said = encode_content(part, self._enc, path, assistant=True)
        if said is None:
            return
        if self._message is None or (item is not None and (hints.get("first") or item != self._current)):
            self._message, self._current = self._new_message(item, hints, path, place), item
            self._items.append(self._message)
        self._message["content"].append(said)

    def _new_message(self, item: Any, hints: Raw, path: str, place: int) -> Item:
        if item is None:
            seed = f"{self._seed or path}{place}"
            made: Item = {"id": item_id("msg", seed), "type": "message", "status": "completed", "role": "assistant"}
            self._invented.append(made)
            made["content"] = []
            return made
        rest = dict(item)
        if self._is_stale(hints):
            rest.pop("id", None)
            rest.pop("status", None)
        return {**rest, "role": "assistant", "content": []}

    def _is_stale(self, hints: Raw) -> bool:
        """Whether an id of an answer would mean nothing to the host: it is another one, or has kept nothing."""
        return self._enc.asking and bool(hints.get("answered")) and not (self._home and self._stored)

    def _other(self, part: Part, path: str) -> Item | None:
        enc = self._enc
        if isinstance(part, NativePart):
            if part.wire == WIRE and isinstance(part.block, Mapping):
                return dict(part.block)
            enc.report.lost(path, f"{part.wire} block", "it has no form in Responses")
            return None
        if isinstance(part, ToolCallPart):
            item = encode_call(part, enc, path)
            if self._is_stale(hints_of(own(part.native, WIRE))):
                item.pop("id", None)
            return item
        if isinstance(part, ReasoningPart):
            return self._reasoning(part, path)
        if isinstance(part, ImagePart) and (picture := encode_picture(part)) is not None:
            return picture
        what = type(part).__name__.removesuffix("Part").lower()
        enc.report.lost(path, what, "the model's turn holds no such content on this wire")
        return None

    def _reasoning(self, part: ReasoningPart, path: str) -> Item | None:
        data, report = own(part.native, WIRE), self._enc.report
        if self._enc.asking:
            if data is None or not self._home:
                report.note(path, "reasoning", "only its author can read it: it is left out")
                return None
            item = encode_reasoning(part)
            if self._is_stale(hints_of(data)):
                if part.sealed is None:
                    report.note(path, "reasoning", "the host has not kept it, and it holds no sealed block to send")
                    return None
                item.pop("id", None)
            return item
        if data is None and (part.signature is not None or part.sealed is not None):
            report.note(f"{path}.signature", "seal of the reasoning", "only its author can read it")
            if not part.text:
                return None
            part = ReasoningPart(part.text)
        return encode_reasoning(part)


def _plainly(item: Item) -> Item:
    """A message of ours that is one text, as the vendor's short form: no id has to be made for it.

    Its type may be left out (EasyInputMessage), but llama.cpp refuses the model's words without it.
    """
    if len(item["content"]) != 1:
        return item
    (said,) = item["content"]
    if said != {**_BLANK, "text": said.get("text")}:
        return item
    return {"type": "message", "role": "assistant", "content": said["text"]}
