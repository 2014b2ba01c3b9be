"""A second, small reader of OpenAI Responses that knows nothing of minillm.

It only uses the standard library, reads a recorded body or stream leniently, and says in plain
values what is in it. ``expected_responses.json`` holds its verdict on every recorded case, and the codec
is held to that. Regenerate with ``python -m tests.wire.responses_reader`` and read the difference.

A stream is folded into the body it stands for: deltas grow an item, ``output_item.done`` replaces it, and
the terminal frame replaces everything.
"""

import json
from pathlib import Path
from typing import Any

from tests.wire.chat_reader import shorten, split_events

EXPECTED = Path(__file__).with_name("expected_responses.json")
FOLDER = "openai_responses"

INCOMPLETE = {"max_output_tokens": "length", "content_filter": "content_filter", "steered": "paused"}
CALLS = ("function_call", "custom_tool_call")


def read_body(body: dict[str, Any]) -> dict[str, Any]:
    """What a whole answer says."""
    choice = _read_items(body.get("output") or [])
    reason, raw = _reason(body, choice)
    return {
        "id": body.get("id") or "",
        "model": body.get("model") or "",
        "created": body.get("created_at"),
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
        folded.add(frame)
    verdict = read_body(folded.body())
    if not folded.complete:
        verdict["choices"][0] |= {"finish": None, "raw_finish": None}
    return {**verdict, "complete": folded.complete, **({"error": folded.error} if folded.error else {})}


def terminal_response(raw: bytes) -> dict[str, Any] | None:
    """The snapshot that the last frame of a stream carries."""
    found = None
    for _, data in split_events(raw):
        if data != b"[DONE]" and json.loads(data)["type"] in ("response.completed", "response.incomplete"):
            found = json.loads(data)["response"]
    return found


def read_usage(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    """The vendor's totals: cached tokens are inside the input, reasoning is inside the output."""
    if not usage:
        return None
    inputs, outputs = usage.get("input_tokens_details") or {}, usage.get("output_tokens_details") or {}
    return {
        "input": usage.get("input_tokens"),
        "cached": inputs.get("cached_tokens"),
        "written": inputs.get("cache_write_tokens"),
        "output": usage.get("output_tokens"),
        "reasoning": outputs.get("reasoning_tokens"),
    }


def read_error(body: dict[str, Any], status: int | None) -> dict[str, Any]:
    """The host's own words for what went wrong; xAI's ``error`` is a text beside its code."""
    error = body["error"]
    said = error if isinstance(error, dict) else {"message": error, "code": body.get("code")}
    return {"status": status, **{key: said.get(key) for key in ("message", "type", "code", "param")}}


def read_case(raw: bytes, is_stream: bool, status: int) -> dict[str, Any]:
    """The verdict on one recorded case."""
    if is_stream:
        return {"form": "stream", **read_stream(raw)}
    body = json.loads(raw)
    if status >= 400:
        return {"form": "error", "error": read_error(body, status)}
    return {"form": "body", **read_body(body)}


def without_message(body: dict[str, Any], gone: int) -> dict[str, Any]:
    """The request without its message of that number: the instructions, one item, or a run of the model's items."""
    groups = _groups(body)
    taken = groups[gone]
    if taken == ("instructions",):
        return {key: value for key, value in body.items() if key != "instructions"}
    if isinstance(body["input"], str):
        return {**body, "input": []}
    return {**body, "input": [item for place, item in enumerate(body["input"]) if place not in taken]}


def count_messages(body: dict[str, Any]) -> int:
    return len(_groups(body))


def _groups(body: dict[str, Any]) -> list[tuple[Any, ...]]:
    groups: list[tuple[Any, ...]] = [("instructions",)] if isinstance(body.get("instructions"), str) else []
    given = body.get("input")
    if isinstance(given, str):
        return [*groups, ("input",)]
    run: tuple[Any, ...] = ()
    for place, item in enumerate(given or []):
        kind = item.get("type", "message")
        asked = kind.endswith("_call_output") and kind.startswith(("function", "custom"))
        if asked or (kind == "message" and item.get("role") != "assistant"):
            groups += [run] if run else []
            groups.append((place,))
            run = ()
        else:
            run = (*run, place)
    return groups + ([run] if run else [])


class _Folded:
    """The body that a stream stands for."""

    def __init__(self) -> None:
        self.response: dict[str, Any] = {}
        self.items: dict[int, dict[str, Any]] = {}
        self.complete = False
        self.error: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        grown = [item for _, item in sorted(self.items.items())]
        return {**self.response, "output": (self.complete and self.response.get("output")) or grown}

    def add(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            self.response = frame["response"]
            self.complete = kind != "response.failed"
            if not self.complete:
                self.error = read_error(self.response, None)
        elif kind == "error":
            self.error = self.error or read_error(frame, None)
        elif kind == "response.created":
            self.response = {key: frame["response"].get(key) for key in ("id", "model", "created_at")}
        elif kind == "response.output_item.added":
            self.items[frame["output_index"]] = {**frame["item"], "open": True}
        elif kind == "response.output_item.done":
            self.items[frame["output_index"]] = frame["item"]
        elif kind.endswith(".delta"):
            self._delta(kind, frame)
        elif kind.endswith("_part.added"):
            item = self.items[frame["output_index"]]
            item.setdefault(_list_of(frame), []).append(dict(frame["part"]))
        elif kind == "response.output_text.annotation.added":
            self.items[frame["output_index"]]["content"][-1].setdefault("annotations", []).append(frame["annotation"])

    def _delta(self, kind: str, frame: dict[str, Any]) -> None:
        item = self.items[frame["output_index"]]
        if kind == "response.function_call_arguments.delta":
            item["arguments"] += frame["delta"]
        elif kind == "response.custom_tool_call_input.delta":
            item["input"] += frame["delta"]
        elif kind in ("response.output_text.delta", "response.reasoning_text.delta"):
            item["content"][-1]["text"] += frame["delta"]
        elif kind == "response.refusal.delta":
            item["content"][-1]["refusal"] += frame["delta"]
        elif kind == "response.reasoning_summary_text.delta":
            item["summary"][-1]["text"] += frame["delta"]


def _list_of(frame: dict[str, Any]) -> str:
    return "summary" if "summary_index" in frame else "content"


def _read_items(items: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"parts": [], "text": "", "refusal": "", "reasoning": [], "sealed": []}
    found |= {"tool_calls": [], "media": [], "natives": [], "citations": [], "tokens": []}
    for item in items:
        kind = item.get("type", "message")
        if kind == "message":
            _read_content(item["content"], found)
        elif kind == "reasoning":
            segments = item.get("summary") or item.get("content") or []
            found["reasoning"].append("\n\n".join(segment["text"] for segment in segments))
            found["sealed"] += [item["encrypted_content"]] if item.get("encrypted_content") and not _open(item) else []
            found["parts"].append("reasoning")
        elif kind in CALLS:
            found["tool_calls"].append(_read_call(item))
            found["parts"].append("tool_use")
        elif kind == "image_generation_call" and item.get("result"):
            found["media"].append(item["result"])
            found["parts"].append("image")
        else:
            whole = {key: value for key, value in item.items() if key != "open"}
            found["natives"].append(json.dumps(whole, sort_keys=True, ensure_ascii=False))
            found["parts"].append(kind)
    return {key: value for key, value in found.items() if value or key in ("parts", "text")}


def _open(item: dict[str, Any]) -> bool:
    """Sealed reasoning is only whole when its item is done."""
    return bool(item.get("open"))


def _read_content(content: list[dict[str, Any]], found: dict[str, Any]) -> None:
    for part in content:
        if part["type"] == "output_text":
            found["text"] += part["text"]
            found["citations"] += [_read_citation(annotation) for annotation in part.get("annotations") or []]
            found["tokens"] += [token["token"] for token in part.get("logprobs") or []]
        elif part["type"] == "refusal":
            found["refusal"] += part["refusal"]
        found["parts"].append({"output_text": "text"}.get(part["type"], part["type"]))


def _read_citation(annotation: dict[str, Any]) -> dict[str, Any]:
    return {key: annotation.get(key) for key in ("url", "title", "start_index", "end_index")}


def _read_call(item: dict[str, Any]) -> dict[str, Any]:
    call = {"id": item["call_id"], "name": item["name"]}
    if item["type"] == "custom_tool_call":
        call["text"] = item["input"]
    elif _open(item):
        call["text"] = item["arguments"]
    else:
        call["arguments"] = json.loads(item["arguments"] or "{}")
    return {**call, **({"incomplete": True} if _open(item) or item.get("status") == "incomplete" else {})}


def _reason(body: dict[str, Any], choice: dict[str, Any]) -> tuple[str | None, str | None]:
    status = body.get("status")
    if status == "incomplete":
        raw = (body.get("incomplete_details") or {}).get("reason")
        return INCOMPLETE.get(raw, "unknown"), raw
    if status != "completed":
        return {"failed": "error", "cancelled": "cancelled"}.get(status or ""), status
    if choice.get("tool_calls"):
        return "tool_calls", status
    return ("refusal" if choice.get("refusal") else "stop"), status


def judge(case: Any) -> Any:
    """The verdict on one recorded case, as it stands in the file of expectations."""
    return shorten(read_case(case.body, case.is_stream, case.status))


def main() -> None:
    from tests.wire import corpus

    verdicts = {name: judge(corpus.case(FOLDER, name)) for name in corpus.names(FOLDER)}
    EXPECTED.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(verdicts)} cases -> {EXPECTED}")


if __name__ == "__main__":
    main()
