"""Every recorded body rewritten to every wire, read again there, and compared in neutral terms.

An aspect is one thing a body says. ``MUST`` lists those that every wire can say: they may never differ.
Any other may, if the report tells of it: ``TOLD_BY`` has the words it is looked for by.
"""

import functools
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minillm.errors import MiniLLMError
from minillm.report import Loss, Report
from minillm.types import (
    ChatRequest,
    ChatResponse,
    Collector,
    FinishReason,
    MediaPart,
    NativePart,
    NativeTool,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder
from tests.wire import corpus

FOLDERS = dict(zip(("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate"), WIRES, strict=True))
CHAT, RESPONSES, ANTHROPIC, GEMINI = WIRES
MODEL = "some-model"

_ = FinishReason
#: wire-spec, mapping, section 3: the reason that is read again, where it is not the one that was said.
REASONS: dict[str, dict[FinishReason, tuple[FinishReason, ...]]] = {
    CHAT: {
        _.STOP_SEQUENCE: (_.STOP,),
        _.CONTEXT_FULL: (_.LENGTH,),
        _.REFUSAL: (_.REFUSAL, _.CONTENT_FILTER),
        _.PAUSED: (_.STOP,),
        _.CANCELLED: (_.STOP,),
        _.UNKNOWN: (_.STOP,),
    },
    RESPONSES: {
        _.STOP_SEQUENCE: (_.STOP,),
        _.CONTEXT_FULL: (_.LENGTH,),
        _.REFUSAL: (_.REFUSAL, _.CONTENT_FILTER),  # without words it is a filter's
        _.UNKNOWN: (_.STOP,),
    },
    ANTHROPIC: {_.CONTENT_FILTER: (_.REFUSAL,), _.ERROR: (_.STOP,), _.UNKNOWN: (_.STOP,), _.CANCELLED: (_.STOP,)},
    GEMINI: {
        _.STOP_SEQUENCE: (_.STOP,),
        _.CONTEXT_FULL: (_.LENGTH,),
        _.REFUSAL: (_.CONTENT_FILTER,),
        _.PAUSED: (_.STOP,),
        _.UNKNOWN: (_.ERROR,),
        _.CANCELLED: (_.ERROR,),
    },
}

MUST = {"text", "calls", "input", "output", "failed", "model", "stream", "system", "user", "assistant"}
MUST |= {"results", "tools"}

SPEAKERS = (("system", (Role.SYSTEM, Role.DEVELOPER)), ("user", (Role.USER,)), ("assistant", (Role.ASSISTANT,)))

#: Aspect -> what some loss must be about.
TOLD_BY = {
    "id": r"^id",
    "call ids": r"ids of tool calls",
    "created": r"^created",
    "choices": r"answer",
    "reasoning": r"reasoning|thinking",
    "refusal": r"refusal",
    "seals": r"seal|signature|reasoning",
    "citations": r"citation",
    "logprobs": r"logprobs",
    "media": r"image|picture|audio|video|file|media",
    "natives": r"block|native|event",
    "cache_read": r"cache",
    "cache_write": r"cache",
    "reasoning_tokens": r"reasoning_tokens",
    "tool_use_tokens": r"tool_use",
    "cost": r"cost",
    "native tools": r"tool",
    "tool_choice": r"tool_choice|tool choice",
    "strict": r"strict",
    "errors": r"is_error|error flag",
    "names": r"name",
    "order": r"order|behind",
    "marks": r"cache mark",
    "finish": r"finish",
}


@dataclass(frozen=True)
class Rewriting:
    """One body on its way: what it said, what is read again, and what the report told."""

    kind: str
    source: str
    target: str
    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    losses: tuple[Loss, ...]

    def complaints(self) -> Iterator[str]:
        """Aspects that differ and should not, or that nobody told of."""
        for aspect in sorted(self.differing() - self._allowed()):
            key = aspect.rstrip("!")
            pair = f"{str(self.before.get(key))[:300]} -> {str(self.after.get(key))[:300]}"
            if aspect in MUST:
                yield f"{aspect}: {pair}"
            elif not self.told(aspect):
                yield f"{aspect} (nobody told): {pair}"

    def differing(self) -> set[str]:
        keys = self.before.keys() | self.after.keys()
        return {key for key in keys if self._says(self.before, key) != self._says(self.after, key)} - {"finish"} | (
            set() if self._finish_is_right() else {"finish!"}
        )

    def _allowed(self) -> set[str]:
        """What differs for a reason that is told under another name, or that no wire could help."""
        allowed = set()
        if self.target == ANTHROPIC and "parameters.max_tokens" not in self.before:
            allowed.add("parameters.max_tokens")  # the one field it demands
        if any(loss.what == "media in a tool result" for loss in self.losses):
            allowed |= {"results", "user"}  # a line of text says where they went
        if any(loss.what == "instructions in mid-conversation" for loss in self.losses):
            allowed |= {"system", "user"}
        if self.target == RESPONSES and self.before.get("finish") is FinishReason.ERROR:
            allowed |= {"failed", "finish!"}  # there, an answer that failed is an error
        if self.before.get("failed") and self.target == GEMINI:
            allowed.add("model")  # its frame for an error has no place for it
        return allowed

    def _says(self, aspects: dict[str, Any], key: str) -> Any:
        return aspects.get(key) or None

    def _finish_is_right(self) -> bool:
        said, read = self.before.get("finish"), self.after.get("finish")
        if said is None or self.before.get("failed"):
            return True  # nothing was said yet, and some wires must say something
        expected = REASONS[self.target].get(said, (said,)) if self.source != self.target else (said,)
        if self.before.get("calls") and FinishReason.STOP in expected:
            expected = (*expected, FinishReason.TOOL_CALLS)  # where calls themselves are the reason
        return read in expected

    def told(self, aspect: str) -> bool:
        pattern = TOLD_BY.get(aspect, re.escape(aspect.removeprefix("parameters.")))
        return any(re.search(pattern, f"{loss.path} {loss.what}") for loss in self.losses)


def cases(folder: str) -> list[corpus.Case]:
    return [corpus.case(folder, name) for name in corpus.names(folder)]


def decode_stream(wire: str, data: bytes) -> Collector:
    frames, decoder, collector = SSEDecoder(), get_codec(wire).stream_decoder(), Collector()
    for frame in [*frames.feed(data), *frames.finish()]:
        for event in decoder.feed(frame):
            collector.feed(event)
    for event in decoder.finish():
        collector.feed(event)
    return collector


def rewritten(folder: str, case: corpus.Case, target: str) -> Iterator[Rewriting]:
    """The case's request and answer, as far as it has them and they are no errors."""
    source = FOLDERS[folder]
    if case.request is not None:
        made = rewritten_request(source, target, case.name, case.request)
        if made is not None:
            yield made
    if case.is_stream:
        yield rewritten_stream(source, target, case.name, case.body)
    elif case.is_json:
        made = rewritten_response(source, target, case.name, json.loads(case.body))
        if made is not None:
            yield made


def rewritten_request(source: str, target: str, name: str, body: dict[str, Any]) -> Rewriting | None:
    report, model = Report(), MODEL if source == GEMINI else None
    try:
        before = get_codec(source).decode_request(body, model=model)
    except MiniLLMError:
        return None  # the vendor refused it too
    out = rewrite_request(body, source=source, target=target, model=model, report=report)
    json.dumps(out)
    # The model and the wish to stream stand in Gemini's path.
    path = {"model": before.model, "stream": before.stream} if target == GEMINI else {}
    after = get_codec(target).decode_request(out, **path)
    return Rewriting("request", source, target, name, of_request(before), of_request(after), report.losses)


def rewritten_response(source: str, target: str, name: str, body: Any) -> Rewriting | None:
    report = Report()
    try:
        before = get_codec(source).decode_response(body)
    except MiniLLMError:
        return None
    out = rewrite_response(body, source=source, target=target, report=report)
    json.dumps(out)
    after = _read(target, out)
    return Rewriting("response", source, target, name, of_response(before), of_response(after), report.losses)


def _read(target: str, out: Any) -> ChatResponse:
    if target == RESPONSES and out.get("status") == "failed":
        out = {**out, "status": "completed"}  # an answer that failed is an error to its reader
        response = get_codec(target).decode_response(out)
        from dataclasses import replace

        return replace(response, choices=(replace(response.choices[0], finish_reason=FinishReason.ERROR),))
    return get_codec(target).decode_response(out)


def rewritten_stream(source: str, target: str, name: str, data: bytes) -> Rewriting:
    report = Report()
    rewriter = rewrite_stream(source=source, target=target, report=report)
    before = decode_stream(source, data)
    after = decode_stream(target, rewriter.feed(data) + rewriter.finish())
    return Rewriting("stream", source, target, name, _of_stream(before), _of_stream(after), report.losses)


def _of_stream(collector: Collector) -> dict[str, Any]:
    aspects = of_response(collector.response())
    aspects["failed"] = collector.error is not None
    if aspects["failed"]:
        aspects.pop("finish", None)
    return aspects


def of_response(response: ChatResponse) -> dict[str, Any]:
    """What an answer says, in aspects."""
    parts, usage = response.message.parts, response.usage
    aspects = {
        "model": response.model,
        "created": response.created,
        "choices": len(response.choices) if len(response.choices) > 1 else None,
        "finish": response.finish_reason,
        **of_parts(parts),
    }
    aspects["logprobs"] = aspects["logprobs"] or bool(response.choices and response.choices[0].logprobs)
    aspects["order"] = _order(parts)
    if usage is not None:
        written = usage.cache_write_tokens
        aspects.update(
            input=usage.input_tokens,
            output=usage.output_tokens,
            cache_read=usage.cache_read_tokens,
            cache_write={ttl: count for ttl, count in (written or {}).items() if count},
            reasoning_tokens=usage.reasoning_tokens,
            tool_use_tokens=usage.tool_use_tokens,
            cost=usage.cost_usd,
        )
    return aspects


def of_parts(parts: tuple[Part, ...]) -> dict[str, Any]:
    texts = [part for part in parts if isinstance(part, TextPart)]
    thoughts = [part for part in parts if isinstance(part, ReasoningPart)]
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    return {
        "text": "".join(part.text for part in texts),
        "calls": [(call.name, arguments(call)) for call in calls],
        "call ids": numbered([call.id for call in calls]),
        "reasoning": "\n\n".join(part.text for part in thoughts if part.text),
        "refusal": "".join(part.text for part in parts if type(part).__name__ == "RefusalPart"),
        "seals": [seal for part in parts for name in ("signature", "sealed") if (seal := getattr(part, name, None))],
        "citations": [(c.url, c.title) for part in texts for c in part.citations],
        "logprobs": any(part.logprobs for part in texts),
        "media": [digest(part) for part in parts if isinstance(part, MediaPart)],
        "natives": len([part for part in parts if isinstance(part, NativePart)]),
    }


def arguments(call: ToolCallPart) -> Any:
    """The arguments as a value; text that is no object is what it becomes where only objects are known."""
    try:
        value = json.loads(call.arguments or "{}") if call.kind == "function" else None
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"input": call.arguments}


def digest(part: MediaPart) -> tuple[str, str]:
    if part.data is not None:
        return type(part).__name__, hashlib.sha256(part.data.encode()).hexdigest()
    return type(part).__name__, str(part.url or part.file_id)


def _order(parts: tuple[Part, ...]) -> list[str]:
    """Which came first, text or calls; runs of a kind count once."""
    kinds = ["call" if isinstance(p, ToolCallPart) else "text" for p in parts if isinstance(p, TextPart | ToolCallPart)]
    return [kind for i, kind in enumerate(kinds) if i == 0 or kinds[i - 1] != kind]


def of_request(request: ChatRequest) -> dict[str, Any]:
    """What a request says, in aspects."""
    parts = [part for message in request.messages for part in message.parts]
    results = [part for part in parts if isinstance(part, ToolResultPart)]
    inner = [p for r in results if not isinstance(r.content, str) for p in r.content]
    everything = of_parts((*parts, *inner))
    tools = [tool for tool in request.tools if not isinstance(tool, NativeTool)]
    aspects: dict[str, Any] = {
        "model": request.model,
        "stream": request.stream,
        **{key: everything[key] for key in ("calls", "call ids", "reasoning", "refusal", "seals", "natives")},
        "media": sorted(everything["media"]),
        "results": [(number, bare(result)) for number, result in zip(answered(parts), results, strict=True)],
        "errors": [result.is_error for result in results if result.is_error],
        "tools": [(tool.name, tool.description or "", schema_of(tool)) for tool in tools],
        "strict": [tool.name for tool in tools if tool.strict],
        "native tools": len(request.tools) - len(tools),
        "tool_choice": None if request.tool_choice is None else (request.tool_choice.mode, request.tool_choice.names),
        "names": [message.name for message in request.messages if message.name],
        "marks": len([part for part in (*parts, *inner, *request.tools) if getattr(part, "cache", None) is not None]),
    }
    for word, roles in SPEAKERS:
        aspects[word] = "".join(message.text for message in request.messages if message.role in roles)
    for name, value in request.parameters.set_fields().items():
        if name == "modalities" and tuple(value or ()) == ("text",):
            continue  # what every wire answers in
        if value is not None and not (name in ("n", "parallel_tool_calls") and int(value) == 1):
            aspects[f"parameters.{name}"] = neutral(value)
    return aspects


def numbered(ids: list[str]) -> list[int]:
    """Ids in the order of their appearance: hosts that take only some forms get others, the same everywhere."""
    return [ids.index(id_) for id_ in ids]


def answered(parts: list[Part]) -> list[int]:
    """Which call each result answers; results of no known call count in their own order."""
    calls = [part.id for part in parts if isinstance(part, ToolCallPart)]
    ids = [part.call_id for part in parts if isinstance(part, ToolResultPart)]
    return [calls.index(id_) if id_ in calls else -1 - ids.index(id_) for id_ in ids]


def bare(result: ToolResultPart) -> str:
    text = result.text
    return text.removeprefix("Error:").strip() if result.is_error or text.startswith("Error:") else text


def schema_of(tool: Any) -> Any:
    if tool.kind == "custom":
        return "text"
    schema = dict(tool.parameters or {})
    if schema == {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}:
        return "text"
    return {} if schema in ({"type": "object", "properties": {}}, {"type": "object"}) else schema


def neutral(value: Any) -> Any:
    if hasattr(value, "effort"):
        wish = (value.effort, value.budget_tokens, value.summary, value.exclude)
        return wish if any(wish) else None
    if hasattr(value, "schema"):
        return (value.kind, {key: item for key, item in (value.schema or {}).items() if key != "$schema"})
    return value


@functools.cache
def all_rewritings() -> tuple[Rewriting, ...]:
    """Every recorded request, answer and stream on its way to every wire."""
    recorded = ((folder, case) for folder in FOLDERS for case in cases(folder))
    return tuple(made for folder, case in recorded for target in WIRES for made in rewritten(folder, case, target))
