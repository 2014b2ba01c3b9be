"""A second, small reader of Gemini GenerateContent that knows nothing of minillm.

It only uses the standard library, reads a recorded body or stream leniently, and says in plain
values what is in it. ``expected_gemini.json`` holds its verdict on every recorded case, and the codec
is held to that. Regenerate with ``python -m tests.wire.gemini_reader`` and read the difference.

The rules are those of the wire sheet: parts of chunks follow one another; neighbouring text of one kind
is one part unless a signature closes it; usage is a running total that no missing field erases; an error
may stand outside the framing, behind the last event.
"""

import json
import re
from pathlib import Path
from typing import Any

from tests.wire.chat_reader import shorten, split_events

EXPECTED = Path(__file__).with_name("expected_gemini.json")
FOLDER = "gemini_generate"

FILTERED = {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "LANGUAGE"}
BROKEN = {"UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "OTHER"}
DATA = ("inlineData", "fileData", "functionCall", "executableCode", "codeExecutionResult", "toolCall", "toolResponse")


def read_body(body: dict[str, Any]) -> dict[str, Any]:
    """What a whole answer says."""
    return read_chunks([body])


def read_chunks(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """What a whole answer, or all chunks of a stream, say."""
    head = {"id": "", "model": ""}
    choices: dict[int, _Choice] = {}
    usage: dict[str, Any] = {}
    told = False
    error: dict[str, Any] | None = None
    for chunk in chunks:
        if "error" in chunk:
            error = read_error(chunk, None)
            continue
        if not head["id"] and not head["model"]:
            head = {"id": chunk.get("responseId") or "", "model": chunk.get("modelVersion") or ""}
        for place, candidate in enumerate(chunk.get("candidates") or []):
            index = candidate.get("index", place)
            choices.setdefault(index, _Choice(index)).add(candidate)
        blocked = (chunk.get("promptFeedback") or {}).get("blockReason")
        if blocked:
            choices.setdefault(0, _Choice(0)).finish = ("content_filter", blocked)
        usage.update(chunk.get("usageMetadata") or {})
        told = told or "usageMetadata" in chunk
    finished = any(choice.finish for choice in choices.values())
    return {
        **head,
        "choices": [choice.verdict() for _, choice in sorted(choices.items())],
        "usage": read_usage(usage) if told else None,
        "complete": finished and error is None,
        **({"error": error} if error else {}),
    }


def read_stream(raw: bytes) -> dict[str, Any]:
    """What a stream says; a frame cut in the middle is passed over."""
    return read_chunks([chunk for chunk in map(_loads, _data(raw)) if isinstance(chunk, dict)])


def _data(raw: bytes) -> list[bytes]:
    return [data for _, data in split_events(raw)]


def _loads(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def read_usage(usage: dict[str, Any]) -> dict[str, Any]:
    """The totals: thoughts stand beside the visible output, tool use beside the prompt, and zeros are left out."""

    def total(*keys: str) -> int | None:
        known = [usage[key] for key in keys if key in usage]
        return sum(known) if known else None

    return {
        "input": total("promptTokenCount", "toolUsePromptTokenCount"),
        "cached": usage.get("cachedContentTokenCount"),
        "tool_use": usage.get("toolUsePromptTokenCount"),
        "output": total("candidatesTokenCount", "thoughtsTokenCount"),
        "reasoning": usage.get("thoughtsTokenCount"),
    }


def read_error(body: dict[str, Any], status: int | None) -> dict[str, Any]:
    """The host's own words for what went wrong."""
    error = body["error"]
    code = error.get("code")
    return {"status": code if status is None else status, "message": error.get("message"), "word": error.get("status")}


def read_case(raw: bytes, is_stream: bool, status: int, *, is_json: bool = True) -> dict[str, Any]:
    """The verdict on one recorded case."""
    if is_stream:
        return {"form": "stream", **read_stream(raw)}
    if not is_json:
        return {"form": "page"}
    body = json.loads(raw)
    if isinstance(body, list):
        return {"form": "array", **read_chunks(body)}
    if "error" in body:
        return {"form": "error", "error": read_error(body, status if status >= 400 else None)}
    return {"form": "body", **read_body(body)}


class _Choice:
    """One candidate while it grows: a whole answer is one chunk."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.parts: list[dict[str, Any]] = []
        self.partial: dict[str, Any] | None = None  # a call whose arguments come in pieces
        self.finish: tuple[str, str] | None = None
        self.cited: list[str] = []
        self.tokens: list[str] = []

    def add(self, candidate: dict[str, Any]) -> None:
        for part in (candidate.get("content") or {}).get("parts") or []:
            self._part(part)
        if candidate.get("finishReason"):
            raw = candidate["finishReason"]
            called = any(part["kind"] == "tool_use" for part in self.parts)
            self.finish = (_reason(raw, called=called), raw)
        chunks = (candidate.get("groundingMetadata") or {}).get("groundingChunks") or []
        self.cited += [source["uri"] for chunk in chunks for source in chunk.values() if source.get("uri")]
        sources = candidate.get("citationMetadata") or {}
        for source in sources.get("citations") or sources.get("citationSources") or []:
            self.cited += [source["uri"]] if source.get("uri") else []
        chosen = (candidate.get("logprobsResult") or {}).get("chosenCandidates") or []
        self.tokens += [token["token"] for token in chosen]

    def _part(self, raw: dict[str, Any]) -> None:
        signature = raw.get("thoughtSignature")
        if "functionCall" in raw and self._is_piece(raw["functionCall"]):
            self._piece(raw["functionCall"], signature)
        elif "functionCall" in raw:
            call = raw["functionCall"]
            said = {"id": call.get("id") or "", "name": call["name"], "arguments": call.get("args") or {}}
            self.parts.append({"kind": "tool_use", "call": said, "signature": signature})
        elif "text" in raw or set(raw) == {"thoughtSignature"}:
            self._text(raw.get("text") or "", bool(raw.get("thought")), signature)
        else:
            field = next((field for field in DATA if field in raw), "unknown")
            kind = {"inlineData": raw.get("inlineData", {}).get("mimeType", "").partition("/")[0]}.get(field, field)
            self.parts.append({"kind": kind, "data": raw.get(field), "signature": signature})

    def _text(self, text: str, thought: bool, signature: str | None) -> None:
        kind = "reasoning" if thought else "text"
        last = self.parts[-1] if self.parts else None
        if last is not None and last["kind"] == kind and not last["signature"] and not signature:
            last["text"] += text
        elif text or signature:
            self.parts.append({"kind": kind, "text": text, "signature": signature})

    def _is_piece(self, call: dict[str, Any]) -> bool:
        return self.partial is not None or "partialArgs" in call or "willContinue" in call

    def _piece(self, call: dict[str, Any], signature: str | None) -> None:
        if self.partial is None:
            said = {"id": call.get("id") or "", "name": call["name"], "arguments": {}, "incomplete": True}
            self.partial = said
            self.parts.append({"kind": "tool_use", "call": said, "signature": signature})
        for piece in call.get("partialArgs") or []:
            _put(self.partial["arguments"], piece)
        if not call.get("willContinue"):
            del self.partial["incomplete"]
            self.partial = None

    def verdict(self) -> dict[str, Any]:
        parts = self.parts
        found: dict[str, Any] = {
            "parts": [part["kind"] for part in parts],
            "text": "".join(part["text"] for part in parts if part["kind"] == "text"),
            "reasoning": [part["text"] for part in parts if part["kind"] == "reasoning"],
            "signatures": [part["signature"] or "" for part in parts] if any(p["signature"] for p in parts) else [],
            "tool_calls": [part["call"] for part in parts if part["kind"] == "tool_use"],
            "media": [part["data"]["data"] for part in parts if part["kind"] in ("image", "audio", "video")],
            "cited": self.cited,
            "tokens": self.tokens,
        }
        kept = {key: value for key, value in found.items() if value or key in ("parts", "text")}
        reason, raw = self.finish or (None, None)
        return {"index": self.index, **kept, "finish": reason, "raw_finish": raw}


def _put(arguments: dict[str, Any], piece: dict[str, Any]) -> None:
    """What the recordings use of JSON paths: a key of the object itself."""
    key = re.fullmatch(r"\$\.(\w+)", piece["jsonPath"])
    assert key is not None, f"this reader does not know the path {piece['jsonPath']!r}"
    value = next((piece[name] for name in ("stringValue", "numberValue", "boolValue") if name in piece), None)
    old = arguments.get(key[1])
    arguments[key[1]] = old + value if isinstance(old, str) else value


def _reason(raw: str, *, called: bool) -> str:
    if raw == "STOP":
        return "tool_calls" if called else "stop"
    if raw in FILTERED or raw.startswith("IMAGE_"):
        return "content_filter"
    if raw in BROKEN or raw.startswith("MALFORMED_"):
        return "error"
    return {"MAX_TOKENS": "length", "CONTINUATION": "paused"}.get(raw, "unknown")


def judge(case: Any) -> Any:
    """The verdict on one recorded case, as it stands in the file of expectations."""
    return shorten(read_case(case.body, case.is_stream, case.status, is_json=case.is_json))


def main() -> None:
    from tests.wire import corpus

    verdicts = {name: judge(corpus.case(FOLDER, name)) for name in corpus.names(FOLDER)}
    EXPECTED.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(verdicts)} cases -> {EXPECTED}")


if __name__ == "__main__":
    main()
