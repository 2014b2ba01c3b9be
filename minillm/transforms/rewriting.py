"""The texts of a stream read and rewritten, however they are cut.

A scanner reads the text of one part as it grows and says what is to become of it; :class:`Rewriting` does the rest:
what is not decided yet waits, and all else keeps its order behind it; what nobody changes goes on as the very object
that came; final forms and snapshots say what the pieces said; nothing waits longer than the stream.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from ..chat_model import replay
from ..types import (
    ChatResponse,
    Choice,
    CitationAdded,
    Collector,
    Finish,
    FinishReason,
    Message,
    MessageEnd,
    Part,
    PartEnd,
    PartStart,
    ReasoningPart,
    Role,
    SignatureDelta,
    StreamEvent,
    StreamFailed,
    ToolCallPart,
)
from .scanner import Edit, Scanners
from .text_parts import DELTAS, FIELDS, Piece, Slot, TextPartState

__all__ = ["Rewriting"]

_BESIDE: Final = (CitationAdded, SignatureDelta)  # told of a part beside its text
_UNSEEN: Final[Any] = object()


class Rewriting:
    """A function of batches of events, for one stream.

    Args:
        scanners: makes what is asked about each kind of part; called once a stream, so that the scanners of one stream
            may share what they know.
        splits: scanners may say ``into``: parts are numbered anew from where one is split.
        hides: what is taken out must not come by another way: frames of the wire stay behind, and signatures of
            reasoning that was changed.
        others: what becomes of events that are not about texts.
    """

    def __init__(
        self,
        scanners: Callable[[], Scanners],
        *,
        splits: bool = False,
        hides: bool = False,
        others: Callable[[Any], Any] | None = None,
    ) -> None:
        self._make = scanners
        self._scanners = scanners()
        self._by_delta = {DELTAS[kind]: kind for kind in self._scanners}
        self._splits = splits
        self._hides = hides
        self._others = others
        self._queue: deque[Slot] = deque()
        self._parts: dict[tuple[int, int], TextPartState | None] = {}
        self._targets: dict[tuple[int, int], int] = {}  # where splitting: the number a part has now
        self._counts: dict[int, int] = {}
        self._short: set[int] = set()  # choices that ended for want of tokens

    def __call__(self, events: Sequence[StreamEvent]) -> list[StreamEvent]:
        out: list[StreamEvent] = []
        queue = self._queue
        for event in events:
            if not queue and type(event) in self._by_delta and self._is_plain(event):
                out.append(event)
                continue
            slot = Slot()
            queue.append(slot)
            self._take(replace(event, native=None) if self._hides and event.native is not None else event, slot)
            while queue and not queue[0].waits:
                out += queue.popleft().events
        if queue:  # what is decided of an event goes on before the rest of it
            out += queue[0].events
            queue[0].events = []
        return out

    def _is_plain(self, event: Any) -> bool:
        """The short way of most deltas; all that the long way would do for them is done here."""
        state = self._parts.get((event.choice, event.index))
        if state is None or state.held or state.target != event.index or state.into is not state.kind:
            return False
        if (self._hides and event.native is not None) or not state.scanner.is_plain(event.delta):
            return False
        if type(event) is not DELTAS[state.kind]:
            return False
        state.passed(event.delta)
        return True

    # One event.

    def _take(self, event: Any, slot: Slot) -> None:
        kind = type(event)
        if kind in self._by_delta:
            state = self._state(event)
            if state is None:
                slot.events.append(self._placed(event))
            else:
                state.hold(slot, event, event.delta)
                self._advance(state, slot)
        elif kind is PartStart:
            self._start(event, slot)
        elif kind is PartEnd:
            self._end(event, slot)
        elif kind is MessageEnd or kind is StreamFailed:
            for state in self._parts.values():
                if state is not None:
                    # Where a part has no end of its own, a call at the end of a short answer is a cut one.
                    cut = state.kind is ToolCallPart and state.choice in self._short
                    self._finish(state, slot, cut=cut or kind is StreamFailed)
            slot.events.append(self._with_snapshot(event) if kind is MessageEnd else event)
        else:
            if kind is Finish and event.reason is FinishReason.LENGTH:
                self._short.add(event.choice)
            self._beside(event, slot)

    def _start(self, event: PartStart, slot: Slot) -> None:
        key = event.choice, event.index
        for other in self._parts.values():
            # A part that begins again takes the place of the former one.
            if (
                other is not None
                and other.held
                and ((other.choice == key[0] and not other.scanner.patient) or other.key == key)
            ):
                self._finish(other, slot, cut=False)
        state = self._parts[key] = self._new_state(key, event.part)
        if state is None:
            slot.events.append(self._opened(event))
            return
        part: Any = event.part
        if self._hides and state.kind is ReasoningPart and part.signature:
            # It may have to stay behind: told after the text, as most hosts do.
            state.vouches = SignatureDelta(event.index, part.signature, choice=event.choice)
            event = replace(event, part=replace(part, signature=None))
        state.hold(slot, event, getattr(event.part, FIELDS[state.kind]))
        self._advance(state, slot)

    def _new_state(self, key: tuple[int, int], part: Any) -> TextPartState | None:
        make = self._scanners.get(type(part))
        scanner = None if make is None else make(part, key[0])
        return None if scanner is None else TextPartState(key, type(part), scanner)

    def _state(self, event: Any) -> TextPartState | None:
        """Of the part of a delta; one that nobody opened begins with it."""
        key = event.choice, event.index
        if key not in self._parts:
            kind = self._by_delta[type(event)]
            self._parts[key] = self._new_state(key, kind("", "") if FIELDS[kind] == "arguments" else kind(""))
        return self._parts[key]

    def _beside(self, event: Any, slot: Slot) -> None:
        """Events that are not about texts; what is told of a part that waits keeps its place in it."""
        state = self._parts.get((getattr(event, "choice", 0), getattr(event, "index", None) or 0))
        if state is not None and type(event) in _BESIDE:
            if state.held:
                state.hold(slot, event, "")
            else:
                self._ride(state, slot, event)
            return
        slot.events.append(self._placed(self._other(event)))

    def _other(self, event: Any) -> Any:
        return event if self._others is None else self._others(event)

    # Decisions.

    def _advance(self, state: TextPartState, slot: Slot) -> None:
        # Of what kind a part is going to be is told by its first text.
        if state.undecided or state.target is not None or not self._splits:
            self._decide(state, slot, final=False, cut=False)

    def _decide(self, state: TextPartState, slot: Slot, *, final: bool, cut: bool) -> None:
        edits, decided = state.scanner.scan(state.text, state.at, final=final, cut=cut)
        at = state.at
        for edit in edits:
            self._pass(state, edit.start - at)
            self._edit(state, edit, slot)
            at = edit.end
        count = decided - at if final else state.whole(decided - at)
        self._pass(state, count)
        state.forget(at + count)
        if not state.undecided:
            self._release(state, opens=state.into is state.kind and not (self._splits and state.changed))

    def _pass(self, state: TextPartState, count: int) -> None:
        """So many characters go on as they are."""
        while count > 0:
            self._release(state, opens=state.into is state.kind)
            piece = state.take(count)
            count -= len(piece.text)
            self._say(state, piece.slot, piece)
            piece.slot.waits = not piece.last

    def _release(self, state: TextPartState, *, opens: bool) -> None:
        """What holds no text and stands before what is said now."""
        while state.next_is_empty():
            piece = state.take(0)
            event = piece.event
            if type(event) is PartStart:
                state.start = event
                if opens:
                    self._open(state, piece.slot)
            elif type(event) in _BESIDE:
                self._ride(state, piece.slot, event)
            elif event is not None and state.target is not None:
                piece.slot.events.append(self._placed(event))
            piece.slot.waits = False

    def _edit(self, state: TextPartState, edit: Edit, slot: Slot) -> None:
        self._release(state, opens=edit.into is None)
        count, pieces = edit.end - edit.start, list[Piece]()
        while count > 0:
            if pieces:
                self._release(state, opens=False)
            pieces.append(state.take(count))
            count -= len(pieces[-1].text)
        sink = pieces[0].slot if pieces else slot
        if edit.moves_only and len(pieces) == 1 and pieces[0].whole:
            self._say(state, sink, pieces[0])
        else:
            self._say_instead(state, edit, pieces, sink)
        for piece in pieces:
            piece.slot.waits = not piece.last
        if edit.into is not None:
            self._switch(state, edit.into, sink)

    def _say_instead(self, state: TextPartState, edit: Edit, pieces: list[Piece], sink: Slot) -> None:
        for piece in pieces:
            if type(piece.event) is PartStart and piece.first:  # a part that came whole begins with its shell
                state.start = _shell(piece.event)
                if edit.into is None:
                    self._open(state, piece.slot)
        if not edit.moves_only:
            state.note(edit.start, edit.end, len(edit.text))
        if edit.citation is not None:
            self._open(state, sink)
            state.sources.append(edit.citation)
            sink.events.append(CitationAdded(state.target or 0, edit.citation, state.choice))
        if edit.text:
            logprobs = tuple(one for piece in pieces for one in piece.logprobs or ()) if edit.moves_only else ()
            self._say(state, sink, Piece(None, sink, edit.text, logprobs or None))

    def _switch(self, state: TextPartState, kind: type[Any], sink: Slot) -> None:
        if state.target is not None and kind is not state.into:
            sink.events.append(PartEnd(state.target, choice=state.choice))
            state.target, state.made = None, []
        state.into = kind

    # Saying it.

    def _say(self, state: TextPartState, slot: Slot, piece: Piece) -> None:
        event, at_home = piece.event, state.into is state.kind
        if type(event) is PartStart and piece.first:
            state.start = event if piece.whole and at_home else _shell(event)
            if piece.whole and at_home:
                state.made.append(piece.text)
                self._open(state, slot)
                return
        self._open(state, slot)
        state.made.append(piece.text)
        if piece.whole and event is not None and at_home and event.index == state.target:
            slot.events.append(event)
            return
        more = {} if piece.logprobs is None or state.into is ReasoningPart else {"logprobs": piece.logprobs}
        slot.events.append(DELTAS[state.into](state.target, piece.text, choice=state.choice, **more))

    def _open(self, state: TextPartState, slot: Slot) -> None:
        """The part that text goes into is open."""
        if state.target is not None:
            return
        state.target = self._number(state.key) if self._splits else state.index
        if state.into is not state.kind:
            slot.events.append(PartStart(state.target, state.into(""), state.choice))
            return
        if state.start is not None:
            slot.events.append(_at(state.start, state.target))
        elif self._splits and state.changed:
            slot.events.append(PartStart(state.target, state.into(""), state.choice))
        state.start = None
        waiting, state.waiting = state.waiting, []
        for _, event in waiting:
            self._ride(state, slot, event)

    def _number(self, key: tuple[int, int]) -> int:
        number = self._targets[key] = self._counts.get(key[0], 0)
        self._counts[key[0]] = number + 1
        return number

    def _ride(self, state: TextPartState, slot: Slot, event: Any) -> None:
        """What is told of a part beside its text."""
        if type(event) is SignatureDelta and self._hides and state.changed and state.kind is ReasoningPart:
            return  # it vouches for the text as it was
        if self._splits and (state.target is None or state.into is not state.kind):
            state.waiting.append((slot, event))
            return
        if type(event) is CitationAdded and state.changed:
            moved = state.moved(event.citation, exact=not self._splits)
            event = event if moved is event.citation else replace(event, citation=moved, native=None)
        slot.events.append(self._placed(event))

    def _opened(self, event: PartStart) -> PartStart:
        """A part that is none of ours, with the number it has now."""
        event = self._other(event)
        return _at(event, self._number((event.choice, event.index))) if self._splits else event

    def _placed(self, event: Any) -> Any:
        index: int | None = getattr(event, "index", None)
        if not self._splits or index is None:
            return event
        return _at(event, self._targets.get((event.choice, index), index))

    # Ends.

    def _finish(self, state: TextPartState, slot: Slot, *, cut: bool) -> None:
        self._decide(state, slot, final=True, cut=cut)
        if state.vouches is not None:
            self._ride(state, slot, state.vouches)
            state.vouches = None
        # A part of which nothing came is still a part, unless another was made of it.
        if state.waiting or (state.start is not None and state.target is None and not state.changed):
            self._switch(state, state.kind, slot)
            self._open(state, slot)

    def _end(self, event: PartEnd, slot: Slot) -> None:
        key, final = (event.choice, event.index), event.part
        state = self._parts.pop(key, _UNSEEN)
        if state is _UNSEEN and type(final) in self._scanners:
            state = self._new_state(key, final)  # all that is ever said of it
        if state is None or state is _UNSEEN:
            slot.events.append(self._placed(self._other(event)))
            return
        alone = type(final) is state.kind and not self._told_rest(state, slot, final)
        self._finish(state, slot, cut=bool(getattr(final, "incomplete", False)))
        slot.waits = False
        if state.target is None and self._splits and state.changed:
            return  # it ended where something else began
        if final is not None and state.into is not state.kind:
            final = None
        elif alone:
            final = self._alone(final)
        elif type(final) is state.kind and state.changed:
            final = self._final(state, final)
        number = event.index if state.target is None else state.target
        same = final is event.part and number == event.index
        slot.events.append(event if same else PartEnd(number, final, event.choice))

    @staticmethod
    def _told_rest(state: TextPartState, slot: Slot, final: Any) -> bool:
        """What no delta had said is said now; False where the final form says something else."""
        said, whole = state.said(), getattr(final, FIELDS[state.kind])
        if not whole.startswith(said):
            return False
        if len(whole) > len(said):
            state.hold(slot, None, whole[len(said) :])
        return True

    def _final(self, state: TextPartState, final: Any) -> Any:
        changes: dict[str, Any] = {FIELDS[state.kind]: "".join(state.made)}
        if getattr(final, "logprobs", None):
            changes["logprobs"] = None
        if hasattr(final, "citations"):
            moved = (state.moved(one, exact=not self._splits) for one in final.citations)
            changes["citations"] = (*moved, *state.sources)
        if self._hides and state.kind is ReasoningPart:
            changes["signature"] = None
        return replace(final, **changes)

    def _alone(self, final: Any) -> Part | None:
        """A final form that is not what the pieces said, through a function like this one."""
        parts = self._whole(Message(Role.ASSISTANT, (final,))).parts
        return parts[0] if len(parts) == 1 and type(parts[0]) is type(final) else None

    def _with_snapshot(self, event: MessageEnd) -> MessageEnd:
        message = event.message
        changed = None if message is None else self._whole(message)
        return event if changed is message else MessageEnd(changed)

    def _whole(self, message: Message) -> Message:
        fresh = Rewriting(self._make, splits=self._splits, hides=self._hides, others=self._others)
        collector = Collector()
        collector.feed_many(fresh(replay(ChatResponse(choices=(Choice(0, message),)))))
        parts = collector.response().message.parts
        return message if parts == message.parts else replace(message, content=parts)


def _shell(start: PartStart) -> PartStart:
    """The start of a part without its text."""
    part: Any = start.part
    changes: dict[str, Any] = {FIELDS[type(part)]: ""}
    if getattr(part, "logprobs", None):
        changes["logprobs"] = None
    return replace(start, part=replace(part, **changes), native=None)


def _at(event: Any, index: int) -> Any:
    return event if event.index == index else replace(event, index=index, native=None)
