"""One chunk of a stream into events, each with the place in the chunk that it speaks of.

The decoder gives the events out; the encoder reads the same chunk again, compares, and rewrites exactly
the places whose events were changed. Facts: wire-spec, openai-chat section 6 and dialects.
"""

from collections.abc import Mapping
from typing import Any, Final

from ...types import (
    AudioDelta,
    AudioPart,
    CitationAdded,
    Finish,
    FinishReason,
    MessageStart,
    NativeEvent,
    NativePart,
    Part,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ReasoningPart,
    RefusalDelta,
    RefusalPart,
    SignatureDelta,
    StreamEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolCallPart,
    UsageUpdate,
)
from ..errors import ErrorFacts, read_error
from ..fields import as_text, refuse, want_list, want_object
from ..residue import with_hints
from ..tool_calls import CallFragments, invented_id, usable_id
from .calls import arguments_text, signature_of
from .citations import decode_citation, decode_logprobs
from .content import decode_part, decode_picture
from .dialect import WIRE, decode_reason, native
from .reasoning import decode_reasoning, readable
from .response import created_at
from .usage import decode_usage

__all__ = ["ChunkReader", "Pair", "Path"]

Path = tuple[str | int, ...]
Pair = tuple[StreamEvent, tuple[Path, ...]]

_CONTINUING: Final = frozenset({"index", "id", "type", "function"})
_PLAIN_REASONING: Final = ("reasoning_content", "reasoning")


class _Choice:
    """What is open in one choice. Part indices count in the order in which parts open."""

    __slots__ = ("audio", "calls", "details", "finished", "index", "parts", "refusal", "seen_calls")

    def __init__(self, index: int, response_id: str) -> None:
        self.index = index
        self.parts = 0
        self.refusal = self.audio = -1
        self.calls = CallFragments(lambda ordinal, name: invented_id(response_id, index, ordinal, name))
        self.seen_calls: list[int] = []
        self.details: list[dict[str, Any]] = []  # OpenRouter's list, put together again
        self.finished: FinishReason | None = None


class ChunkReader:
    """Chunks in, events out. It holds no text, only what is open."""

    __slots__ = ("choices", "error", "id", "started", "texts", "thoughts")

    def __init__(self) -> None:
        self.choices: dict[int, _Choice] = {}
        # Choice -> its open text part, and its open reasoning part: what the decoder's fast path needs.
        self.texts: dict[int, int] = {}
        self.thoughts: dict[int, int] = {}
        self.started = False
        self.id = ""
        self.error: ErrorFacts | None = None

    @property
    def complete(self) -> bool:
        """Every choice seen has said why it ended."""
        return bool(self.choices) and all(choice.finished is not None for choice in self.choices.values())

    def read(self, chunk: Mapping[str, Any], *, is_error: bool = False) -> list[Pair]:
        """The events of a chunk.

        Raises:
            DecodeError: it is no chunk of this wire.
        """
        pairs: list[Pair] = []
        raw_choices = chunk.get("choices")
        listed = want_list(raw_choices, "choices") if raw_choices else ()
        if not self.started and (listed or chunk.get("id")):  # Azure's prelude has neither
            self.started = True
            self.id = as_text(chunk.get("id")) or ""
            start = MessageStart(self.id, as_text(chunk.get("model")) or "", created_at(chunk.get("created")))
            pairs.append((start, ((),)))
        usages: list[Path] = []
        for at, raw in enumerate(listed):
            if raw.__class__ is not dict:
                refuse(raw, f"choices[{at}]", "an object")
            self._read_choice(raw, at, pairs)
            if raw.get("usage"):
                usages.append(("choices", at, "usage"))  # Moonshot
        groq = chunk.get("x_groq")
        if isinstance(groq, dict):
            if groq.get("usage"):
                usages.append(("x_groq", "usage"))
            if groq.get("error"):
                self._read_error({"error": groq["error"]}, pairs)
        if chunk.get("usage"):
            usages.append(("usage",))
        if usages:
            self._read_usage(chunk, usages, pairs)
        if chunk.get("error"):
            self._read_error(chunk, pairs)
        elif is_error or (raw_choices is None and (chunk.get("object") == "error" or chunk.get("detail"))):
            self._read_error(chunk, pairs)  # flat error bodies (Mistral, old vLLM)
        return pairs

    def continued(self, index: int, fragment: Any) -> ToolCallDelta | None:
        """The event of a fragment that only brings more arguments; None for any other."""
        choice = self.choices.get(index)
        if choice is None or fragment.__class__ is not dict or not fragment.keys() <= _CONTINUING:
            return None
        body = fragment.get("function")
        if body.__class__ is not dict or body.get("name") or fragment.get("id"):
            return None
        arguments = body.get("arguments")
        if arguments.__class__ is not str or not arguments:
            return None
        call = choice.calls.more(fragment.get("index"))
        return None if call is None else ToolCallDelta(call.part, arguments, index)

    def endings(self) -> list[StreamEvent]:
        """At the end of a whole answer: reasoning lists in their final form, which later requests need."""
        ends: list[StreamEvent] = []
        for choice in self.choices.values():
            thought = self.thoughts.get(choice.index)
            if choice.details and thought is not None:
                part, _ = decode_reasoning({"reasoning_details": choice.details}, asked=False)
                ends.append(PartEnd(thought, part, choice.index))
        return ends

    def _read_error(self, chunk: Mapping[str, Any], pairs: list[Pair]) -> None:
        if self.error is None:
            self.error = read_error(chunk)
        pairs.append((NativeEvent(WIRE, "error", chunk.get("error"), structural=True), ()))

    def _read_usage(self, chunk: Mapping[str, Any], places: list[Path], pairs: list[Pair]) -> None:
        said: Any = chunk
        for step in places[-1]:
            said = said[step]
        usage = decode_usage(said)
        if usage is not None:
            pairs.append((UsageUpdate(usage), tuple(places)))

    def _read_choice(self, raw: Mapping[str, Any], at: int, pairs: list[Pair]) -> None:
        index = raw.get("index")
        if type(index) is not int:
            index = at
        choice = self.choices.get(index)
        if choice is None:
            choice = self.choices[index] = _Choice(index, self.id)
        delta = raw.get("delta")
        if delta:
            if delta.__class__ is not dict:
                refuse(delta, f"choices[{at}].delta", "an object")
            self._read_delta(choice, delta, raw.get("logprobs"), ("choices", at, "delta"), pairs)
        reason = raw.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish(choice, reason, at, pairs)

    def _finish(self, choice: _Choice, raw: str, at: int, pairs: list[Pair]) -> None:
        reason = decode_reason(raw, calls=choice.calls.count > 0, refused=choice.refusal >= 0)
        if reason is FinishReason.LENGTH and choice.finished is None:
            # Only the call that was being written when the limit came is cut.
            for part in choice.seen_calls[:-1]:
                pairs.append((PartEnd(part, choice=choice.index), ()))
        choice.finished = reason
        pairs.append((Finish(choice.index, reason, raw), (("choices", at, "finish_reason"),)))

    def _read_delta(
        self, choice: _Choice, delta: Mapping[str, Any], logprobs: Any, path: Path, pairs: list[Pair]
    ) -> None:
        self._read_reasoning(choice, delta, path, pairs)
        content = delta.get("content")
        if isinstance(content, list):
            self._read_items(choice, content, (*path, "content"), pairs)
        elif content is not None:
            entries = decode_logprobs(logprobs.get("content")) if isinstance(logprobs, dict) else ()
            if isinstance(content, dict):  # a JSON value where a text belongs (Cloudflare, not in streams so far)
                from ...json.serialization import dumps

                content = dumps(content).decode()
            if content or entries:
                text = want_text_of(content, path)
                part = self._text(choice, pairs)
                pairs.append((TextDelta(part, text, entries or None, choice.index), ((*path, "content"),)))
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            entries = decode_logprobs(logprobs.get("refusal")) if isinstance(logprobs, dict) else ()
            if choice.refusal < 0:
                choice.refusal = self._open(choice, RefusalPart(""), pairs)
            delta_ = RefusalDelta(choice.refusal, refusal, entries or None, choice.index)
            pairs.append((delta_, ((*path, "refusal"),)))
        if len(delta) > 1 or (content is None and refusal is None):
            self._read_rest(choice, delta, path, pairs)

    def _read_rest(self, choice: _Choice, delta: Mapping[str, Any], path: Path, pairs: list[Pair]) -> None:
        """What most chunks do not have."""
        for at, raw in enumerate(_listed(delta.get("annotations"))):
            citation = decode_citation(raw)
            if citation is not None:
                part = self._text(choice, pairs)
                pairs.append((CitationAdded(part, citation, choice.index), ((*path, "annotations", at),)))
        audio = delta.get("audio")
        if isinstance(audio, dict):
            self._read_audio(choice, audio, (*path, "audio"), pairs)
        for at, raw in enumerate(_listed(delta.get("images"))):
            picture = decode_picture(raw)
            if picture is not None:
                self._open(choice, picture, pairs, (*path, "images", at))
        for at, raw in enumerate(_listed(delta.get("tool_calls"))):
            self._read_fragment(choice, want_object(raw, f"tool_calls[{at}]"), (*path, "tool_calls", at), pairs)
        call = delta.get("function_call")
        if isinstance(call, dict):
            legacy = {"index": -1, "function": call}
            self._read_fragment(choice, legacy, (*path, "function_call"), pairs, legacy=True)
        tools = delta.get("executed_tools")
        if tools:
            self._open(choice, NativePart(WIRE, {"executed_tools": tools}), pairs, (*path, "executed_tools"))

    def _open(self, choice: _Choice, part: Part, pairs: list[Pair], path: Path | None = None) -> int:
        index = choice.parts
        choice.parts += 1
        pairs.append((PartStart(index, part, choice.index), () if path is None else (path,)))
        return index

    def _text(self, choice: _Choice, pairs: list[Pair]) -> int:
        part = self.texts.get(choice.index)
        if part is None:
            part = self.texts[choice.index] = self._open(choice, TextPart(""), pairs)
        return part

    def _reasoning(self, choice: _Choice, pairs: list[Pair]) -> int:
        part = self.thoughts.get(choice.index)
        if part is None:
            part = self.thoughts[choice.index] = self._open(choice, ReasoningPart(""), pairs)
        return part

    def _read_reasoning(self, choice: _Choice, delta: Mapping[str, Any], path: Path, pairs: list[Pair]) -> None:
        plain = [name for name in _PLAIN_REASONING if isinstance(delta.get(name), str) and delta[name]]
        details = [item for item in _listed(delta.get("reasoning_details")) if isinstance(item, dict)]
        if not plain and not details:
            return
        pieces = [(at, key) for at, item in enumerate(details) if (key := readable(item)) is not None]
        text = "".join(details[at][key] for at, key in pieces) or (delta[plain[0]] if plain else "")
        if text:
            part = self._reasoning(choice, pairs)
            places = [(*path, name) for name in plain if delta[name] == text]
            places += [(*path, "reasoning_details", at, key) for at, key in pieces]
            pairs.append((ReasoningDelta(part, text, choice.index), tuple(places)))
        for item in details:
            merged = _merge(choice.details, item)
            opaque = {key: merged[key] for key in ("signature", "data") if isinstance(item.get(key), str) and item[key]}
            if opaque:
                part = self._reasoning(choice, pairs)
                first = next(entry for entry in choice.details if entry.get("data") or entry.get("signature"))
                sealed = opaque.get("data") if merged is first or not first.get("data") else None
                if sealed is not None or "signature" in opaque:
                    pairs.append((SignatureDelta(part, opaque.get("signature"), sealed, choice.index), ()))

    def _read_items(self, choice: _Choice, items: list[Any], path: Path, pairs: list[Pair]) -> None:
        """Mistral: content is a list of chunks, and may be a text again in the next delta."""
        for at, raw in enumerate(items):
            place = (*path, at)
            item = want_object(raw, f"content[{at}]")
            kind = item.get("type")
            if kind == "text":
                text = as_text(item.get("text"))
                if text is not None:
                    part = self._text(choice, pairs)
                    pairs.append((TextDelta(part, text, None, choice.index), ((*place, "text"),)))
            elif kind == "thinking":
                self._read_thinking(choice, item, place, pairs)
            else:
                self._open(choice, decode_part(item, f"content[{at}]", asked=False), pairs, place)

    def _read_thinking(self, choice: _Choice, item: Mapping[str, Any], place: Path, pairs: list[Pair]) -> None:
        text, thought = self.texts.get(choice.index), self.thoughts.get(choice.index)
        if text is not None and thought is not None and text > thought:
            # Thinking again behind a text is another part, and so is text behind that.
            del self.texts[choice.index], self.thoughts[choice.index]
        said = item.get("thinking")
        pieces: list[tuple[Path, Any]] = [(("thinking",), said)]
        if isinstance(said, list):
            inner = [(at, piece) for at, piece in enumerate(said) if isinstance(piece, dict)]
            pieces = [(("thinking", at, "text"), piece.get("text")) for at, piece in inner]
        for steps, text in pieces:
            if isinstance(text, str) and text:
                part = self._reasoning(choice, pairs)
                pairs.append((ReasoningDelta(part, text, choice.index), ((*place, *steps),)))
        signature = as_text(item.get("signature"))
        if signature is not None:
            part = self._reasoning(choice, pairs)
            pairs.append((SignatureDelta(part, signature, choice=choice.index), ((*place, "signature"),)))

    def _read_audio(self, choice: _Choice, audio: Mapping[str, Any], path: Path, pairs: list[Pair]) -> None:
        data, words = as_text(audio.get("data")) or "", as_text(audio.get("transcript")) or ""
        id_ = as_text(audio.get("id"))
        if choice.audio < 0 and (id_ or data or words):
            choice.audio = self._open(choice, AudioPart(file_id=id_), pairs)
        if data or words:
            pairs.append((AudioDelta(choice.audio, data, words, choice.index), (path,)))

    def _read_fragment(
        self, choice: _Choice, raw: Mapping[str, Any], path: Path, pairs: list[Pair], *, legacy: bool = False
    ) -> None:
        kind = "custom" if raw.get("type") == "custom" or "custom" in raw else "function"
        body = raw.get(kind)
        body = body if isinstance(body, dict) else {}
        sent, name = usable_id(raw.get("id")), as_text(body.get("name")) or ""
        call, opened = choice.calls.place(raw.get("index"), sent, name, kind)
        field = "input" if kind == "custom" else "arguments"
        arguments, _ = arguments_text(body.get(field), f"{kind}.{field}")
        signature = signature_of(raw)
        if opened:
            made = None
            if not sent:
                form = "function_call" if legacy else None
                made = native(with_hints({}, invented=True, form=form, absent={} if legacy else {"id": call.id}))
            part = ToolCallPart(call.id, name, "", kind, signature, native=made)  # type: ignore[arg-type]
            call.part = self._open(choice, part, pairs, path)
            choice.seen_calls.append(call.part)
        elif signature is not None:
            pairs.append((SignatureDelta(call.part, signature, choice=choice.index), ()))
        if arguments:
            call.has_arguments = True
            steps = (field,) if legacy else (kind, field)
            pairs.append((ToolCallDelta(call.part, arguments, choice.index), ((*path, *steps),)))


def want_text_of(content: Any, path: Path) -> str:
    """Content of a delta, which must be a text by now."""
    from ..fields import want_text

    return want_text(content, ".".join(map(str, path)) + ".content")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _merge(details: list[dict[str, Any]], item: Mapping[str, Any]) -> dict[str, Any]:
    """Add a fragment of ``reasoning_details``: by index and type, else to the last of its type."""
    number, kind = item.get("index"), item.get("type")
    known: dict[str, Any] | None = None
    for entry in reversed(details):
        if entry.get("type") == kind and (number is None or entry.get("index") == number):
            known = entry
            break
        if number is None:
            break  # without numbers, only what follows directly belongs together
    if known is None:
        details.append(dict(item))
        return details[-1]
    for key, value in item.items():
        if key in ("text", "summary", "data") and isinstance(value, str):
            before = known.get(key)
            known[key] = before + value if isinstance(before, str) else value
        elif value is not None:
            known[key] = value
    return known
