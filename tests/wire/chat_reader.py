"""A second, small reader of Chat Completions that knows nothing of minillm.

It only uses the standard library, reads a recorded body or stream leniently, and says in plain
values what is in it. ``expected_chat.json`` holds its verdict on every recorded case, and the codec
is held to that. Regenerate with ``python -m tests.wire.chat_reader`` and read the difference.

The rules are those of the wire sheets: fragments of tool calls belong together by ``index`` and a
new id opens a new call; of the three spellings of reasoning one is read; usage is the last one sent.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

EXPECTED = Path(__file__).with_name("expected_chat.json")
LONGEST_LITERAL = 400

# The neutral word for the host's word ("eos": Together; "function_call": the deprecated single call).
REASONS = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
}


def split_events(raw: bytes) -> list[tuple[str, bytes]]:
    """``(event name, data)`` of each server-sent event, a last unterminated one and bare JSON behind it included."""
    events: list[tuple[str, bytes]] = []
    name, data = "", []
    lines = re.split(rb"\r\n|\n|\r", raw.removeprefix(b"\xef\xbb\xbf"))
    bare = next((place for place, line in enumerate(lines) if line.startswith(b"{")), len(lines))
    for line in [*lines[:bare], b""]:
        if not line:
            if data:
                events.append((name, b"\n".join(data)))
            name, data = "", []
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode()
    rest = b"\n".join(lines[bare:]).strip()
    return [*events, ("", rest)] if rest else events


def read_body(body: dict[str, Any]) -> dict[str, Any]:
    """What a whole answer says."""
    choices = []
    for raw in body["choices"]:
        choice = _Choice(raw["index"])
        choice.add(raw.get("message") or {})
        choice.finish = raw.get("finish_reason")
        choice.add_logprobs(raw.get("logprobs"))
        choices.append(choice.verdict())
    return {
        "id": body.get("id") or "",
        "model": body.get("model") or "",
        "created": body.get("created"),
        "choices": choices,
        "usage": read_usage(body.get("usage")),
    }


def read_stream(raw: bytes) -> dict[str, Any]:
    """What a stream says; text after its last whole JSON object is passed over."""
    head: dict[str, Any] = {"id": "", "model": "", "created": None}
    choices: dict[int, _Choice] = {}
    usage: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    done = False
    for _, data in split_events(raw):
        if data.startswith(b"[DONE]"):
            done = True
            continue
        try:
            chunk = json.loads(data)
        except ValueError:
            continue  # a frame cut in the middle
        if not head["id"] and chunk.get("id"):
            head = {key: chunk.get(key) for key in head}
        usage = _newer(usage, chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage"))
        if chunk.get("error"):
            error = read_error(chunk, None)
        for raw_choice in chunk.get("choices") or []:
            choice = choices.setdefault(raw_choice["index"], _Choice(raw_choice["index"]))
            choice.add(raw_choice.get("delta") or {})
            choice.add_logprobs(raw_choice.get("logprobs"))
            choice.finish = raw_choice.get("finish_reason") or choice.finish
    finished = bool(choices) and all(choice.finish for choice in choices.values())
    return {
        **head,
        "choices": [choice.verdict() for _, choice in sorted(choices.items())],
        "usage": read_usage(usage),
        "complete": error is None and (done or finished),
        **({"error": error} if error else {}),
    }


def read_error(body: Any, status: int | None) -> dict[str, Any]:
    """The host's own words for what went wrong."""
    error = body.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        if status is None:
            status = error.get("status_code") or (code if isinstance(code, int) else None)
        return {"status": status, **{key: error.get(key) for key in ("message", "type", "code", "param")}}
    message = error or body.get("detail") or body.get("message")
    return {"status": status, "message": message, "type": None, "code": None, "param": None}


def read_usage(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    """The vendor's totals; ``odd`` lists those that contradict each other, so that no test leans on them."""
    if not usage:
        return None
    prompt, output = usage.get("prompt_tokens"), usage.get("completion_tokens")
    inputs, outputs = usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}
    cached = inputs.get("cached_tokens", usage.get("prompt_cache_hit_tokens"))
    written, reasoning = inputs.get("cache_write_tokens"), outputs.get("reasoning_tokens")
    if reasoning and (prompt or 0) + (output or 0) + reasoning == usage.get("total_tokens"):
        output = (output or 0) + reasoning  # xAI counts reasoning beside the completion
    odd = []
    if cached and prompt is not None and cached > prompt:
        odd.append("cached")
    if reasoning and output is not None and reasoning > output:
        odd.append("reasoning")
    return {"input": prompt, "cached": cached, "written": written, "output": output, "reasoning": reasoning, "odd": odd}


def read_case(raw: bytes, is_stream: bool, status: int) -> dict[str, Any]:
    """The verdict on one recorded case."""
    if is_stream:
        return {"form": "stream", **read_stream(raw)}
    body = json.loads(raw)
    if status >= 400:
        return {"form": "error", "error": read_error(body, status)}
    return {"form": "body", **read_body(body)}


def shorten(value: Any) -> Any:
    """Long texts as length and hash, so that the file stays small and no recorded essay lies in it."""
    if isinstance(value, dict):
        return {key: shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shorten(item) for item in value]
    if isinstance(value, str) and len(value) > LONGEST_LITERAL:
        return {"length": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value


class _Choice:
    """One answer while it grows: a whole message is one delta."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.text: list[str] = []
        self.structured: Any = None
        self.reasoning: list[str] = []
        self.sealed: list[str] = []
        self.refusal: list[str] = []
        self.calls: list[dict[str, str]] = []
        self.call_at: dict[int, int] = {}
        self.citations: list[str] = []
        self.tokens: list[str] = []
        self.audio: dict[str, str] = {}
        self.finish: str | None = None

    def add(self, message: dict[str, Any]) -> None:
        self._content(message.get("content"))
        self._reasoning(message)
        self.refusal.append(message.get("refusal") or "")
        for position, call in enumerate(message.get("tool_calls") or []):
            self._call(call.get("index", position), call)
        if message.get("function_call"):
            self._call(-1, {"function": message["function_call"]})
        for annotation in message.get("annotations") or []:
            self.citations.append(annotation["url_citation"]["url"])
        for key in ("data", "transcript"):
            piece = (message.get("audio") or {}).get(key)
            if piece:
                self.audio[key] = self.audio.get(key, "") + piece

    def add_logprobs(self, logprobs: dict[str, Any] | None) -> None:
        self.tokens += [entry["token"] for entry in (logprobs or {}).get("content") or []]

    def _content(self, content: Any) -> None:
        if isinstance(content, str):
            self.text.append(content)
        elif isinstance(content, dict):  # Cloudflare answers a JSON schema with the value itself
            self.structured = content
        for block in content if isinstance(content, list) else []:  # Mistral
            if block["type"] == "thinking":
                self.reasoning += [inner["text"] for inner in block["thinking"] if inner["type"] == "text"]
            elif block["type"] == "text":
                self.text.append(block["text"])

    def _reasoning(self, message: dict[str, Any]) -> None:
        details = message.get("reasoning_details") or []
        readable = [entry.get("text") or entry.get("summary") or "" for entry in details]
        self.sealed += [entry["data"] for entry in details if entry.get("data")]
        plain = message.get("reasoning_content") or message.get("reasoning") or ""
        self.reasoning.append("".join(readable) or plain)

    def _call(self, index: int, fragment: dict[str, Any]) -> None:
        function = fragment.get("function") or {}
        at = self.call_at.get(index)
        if at is not None and fragment.get("id") and self.calls[at]["id"] not in ("", fragment["id"]):
            at = None
        if at is None:
            at = self.call_at[index] = len(self.calls)
            self.calls.append({"id": "", "name": "", "arguments": ""})
        call = self.calls[at]
        call["id"] = call["id"] or fragment.get("id") or ""
        call["name"] = call["name"] or function.get("name") or ""
        arguments = function.get("arguments") or ""
        call["arguments"] += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def verdict(self) -> dict[str, Any]:
        refusal = "".join(self.refusal)
        reason = REASONS.get(self.finish, "unknown") if self.finish else None
        if reason == "stop" and refusal:
            reason = "refusal"
        found: dict[str, Any] = {
            "index": self.index,
            "text": "".join(self.text),
            "structured": self.structured,
            "reasoning": "".join(self.reasoning),
            "sealed": self.sealed,
            "refusal": refusal,
            "tool_calls": self.calls,
            "citations": self.citations,
            "tokens": self.tokens,
            "audio": self.audio,
        }
        kept = {key: value for key, value in found.items() if key in ("index", "text") or value}
        return {**kept, "finish": reason, "raw_finish": self.finish}


def _newer(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any] | None:
    """Usage is cumulative: the newer report holds, except for what it leaves null."""
    if not new:
        return old
    return {**(old or {}), **{key: value for key, value in new.items() if value is not None}}


def main() -> None:
    from tests.wire import corpus

    verdicts = {}
    for name in corpus.names("openai_chat"):
        recorded = corpus.case("openai_chat", name)
        verdicts[name] = shorten(read_case(recorded.body, recorded.is_stream, recorded.status))
    EXPECTED.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(verdicts)} cases -> {EXPECTED}")


if __name__ == "__main__":
    main()
