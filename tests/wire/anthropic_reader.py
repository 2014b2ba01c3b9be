"""A second, small reader of Anthropic Messages that knows nothing of minillm.

It only uses the standard library, reads a recorded body or stream leniently, and says in plain
values what is in it. ``expected_anthropic.json`` holds its verdict on every recorded case, and the
codec is held to that. Regenerate with ``python -m tests.wire.anthropic_reader`` and read the difference.

A stream is folded into the body it stands for, block by block in the order they open; the verdict is
then that of the body. Facts: the vendor's page on streaming messages.
"""

import json
from pathlib import Path
from typing import Any

from tests.wire.chat_reader import shorten, split_events

EXPECTED = Path(__file__).with_name("expected_anthropic.json")
FOLDER = "anthropic_messages"

REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop_sequence",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "pause_turn": "paused",
    "refusal": "refusal",
    "model_context_window_exceeded": "context_full",
}


def read_body(body: dict[str, Any]) -> dict[str, Any]:
    """What a whole answer says."""
    raw = body.get("stop_reason")
    choice = _read_blocks(body["content"], cut=raw == "max_tokens")
    explanation = (body.get("stop_details") or {}).get("explanation")
    if explanation:
        choice["refusal"] = explanation
        choice["parts"].append("refusal")
    reason = None if raw is None else REASONS.get(raw, "unknown")
    return {
        "id": body.get("id") or "",
        "model": body.get("model") or "",
        "choices": [{"index": 0, **choice, "finish": reason, "raw_finish": raw}],
        "usage": read_usage(body.get("usage")),
    }


def read_stream(raw: bytes) -> dict[str, Any]:
    """What a stream says; a frame cut in the middle is passed over."""
    folded = _Folded()
    for _, data in split_events(raw):
        try:
            frame = json.loads(data)
        except ValueError:
            continue
        if not folded.over:
            folded.add(frame)
    error = {"error": folded.error} if folded.error else {}
    return {**read_body(folded.body()), "complete": folded.complete, **error}


def read_usage(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    """The totals: this vendor's ``input_tokens`` leaves out what was read from or written to the cache."""
    if not usage:
        return None
    parts = [usage.get(key) for key in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")]
    known = [part for part in parts if part is not None]
    split = usage.get("cache_creation") or {}
    return {
        "input": sum(known) if known else None,
        "cached": usage.get("cache_read_input_tokens"),
        "written": usage.get("cache_creation_input_tokens"),
        "written_1h": split.get("ephemeral_1h_input_tokens"),
        "output": usage.get("output_tokens"),
        "reasoning": (usage.get("output_tokens_details") or {}).get("thinking_tokens"),
    }


def read_error(body: dict[str, Any], status: int | None) -> dict[str, Any]:
    """The host's own words for what went wrong."""
    error = body["error"]
    return {
        "status": status,
        "message": error.get("message"),
        "type": error.get("type"),
        "request_id": body.get("request_id"),
    }


def read_case(raw: bytes | None, is_stream: bool, status: int) -> dict[str, Any]:
    """The verdict on one recorded case; one has headers only."""
    if raw is None:
        return {"form": "headers", "error": {"status": status}}
    if is_stream:
        return {"form": "stream", **read_stream(raw)}
    body = json.loads(raw)
    if status >= 400:
        return {"form": "error", "error": read_error(body, status)}
    return {"form": "body", **read_body(body)}


class _Folded:
    """The body that a stream stands for."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.usage: dict[str, Any] = {}
        self.stop: dict[str, Any] = {}
        self.blocks: list[dict[str, Any]] = []
        self.at: dict[int, dict[str, Any]] = {}  # the wire's index starts again where two answers are spliced
        self.complete = False
        self.error: dict[str, Any] | None = None

    @property
    def over(self) -> bool:
        return self.complete or self.error is not None

    def body(self) -> dict[str, Any]:
        return {**self.head, **self.stop, "content": self.blocks, "usage": self.usage}

    def add(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "message_start":
            self.head = {"id": frame["message"]["id"], "model": frame["message"]["model"]}
            self._count(frame["message"]["usage"])
            self.at = {}
        elif kind == "content_block_start":
            block = {**frame["content_block"], "open": True}
            self.blocks.append(block)
            self.at[frame["index"]] = block
        elif kind == "content_block_delta":
            self._delta(self.at[frame["index"]], frame["delta"])
        elif kind == "content_block_stop":
            self._close(self.at[frame["index"]])
        elif kind == "message_delta":
            self.stop.update(frame["delta"])
            self._count(frame["usage"])
        elif kind == "message_stop":
            self.complete = True
        elif kind == "error":
            self.error = read_error(frame, None)

    def _count(self, usage: dict[str, Any]) -> None:
        self.usage.update({key: value for key, value in usage.items() if value is not None})

    def _delta(self, block: dict[str, Any], delta: dict[str, Any]) -> None:
        kind = delta["type"]
        if kind == "text_delta":
            block["text"] += delta["text"]
        elif kind == "thinking_delta":
            block["thinking"] += delta["thinking"]
        elif kind == "signature_delta":
            block["signature"] = delta["signature"]
        elif kind == "input_json_delta":
            block["json"] = block.get("json", "") + delta["partial_json"]
        elif kind == "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]

    def _close(self, block: dict[str, Any]) -> None:
        del block["open"]
        if block.get("json"):
            try:
                block["input"] = json.loads(block["json"])
                del block["json"]
            except ValueError:
                pass  # cut inside its arguments


def _read_blocks(blocks: list[dict[str, Any]], *, cut: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"parts": [], "text": "", "reasoning": [], "signatures": [], "sealed": []}
    found |= {"tool_calls": [], "natives": [], "citations": []}
    for place, block in enumerate(blocks):
        kind = block["type"]
        if kind == "text":
            found["text"] += block["text"]
            found["citations"] += [_read_citation(citation) for citation in block.get("citations") or []]
        elif kind == "thinking":
            found["reasoning"].append(block["thinking"])
            found["signatures"].append(block.get("signature") or "")
        elif kind == "redacted_thinking":
            found["reasoning"].append("")
            found["sealed"].append(block["data"])
        elif kind == "tool_use":
            found["tool_calls"].append(_read_call(block, cut=cut and place == len(blocks) - 1))
        else:
            whole = {key: value for key, value in block.items() if key not in ("open", "json")}
            found["natives"].append(json.dumps(whole, sort_keys=True, ensure_ascii=False))
        found["parts"].append({"thinking": "reasoning", "redacted_thinking": "reasoning"}.get(kind, kind))
    return {key: value for key, value in found.items() if value or key in ("parts", "text")}


def _read_call(block: dict[str, Any], *, cut: bool) -> dict[str, Any]:
    call = {"id": block["id"], "name": block["name"]}
    if block.get("json"):  # what came of the arguments, where they are not whole
        return {**call, "text": block["json"], "incomplete": True}
    if block.get("open") or cut:
        return {**call, "arguments": block["input"], "incomplete": True}
    return {**call, "arguments": block["input"]}


def _read_citation(citation: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": citation.get("url"),
        "title": citation.get("title") or citation.get("document_title"),
        "text": citation.get("cited_text"),
    }


def judge(case: Any) -> Any:
    """The verdict on one recorded case, as it stands in the file of expectations."""
    return shorten(read_case(case.body if case.has_body else None, case.is_stream, case.status))


def main() -> None:
    from tests.wire import corpus

    verdicts = {name: judge(corpus.case(FOLDER, name)) for name in corpus.names(FOLDER)}
    EXPECTED.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(verdicts)} cases -> {EXPECTED}")


if __name__ == "__main__":
    main()
