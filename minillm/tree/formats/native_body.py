"""Bodies of the four wires, as programs log them: requests, and answers, a file or a line each.

A request becomes the chain of its messages, an answer one node (or siblings, where it holds several
choices); a line with both, ``{"request": {...}, "response": {...}}``, becomes the chain with the
answer under it. What a request says besides its messages (tools, parameters) is kept as it was sent
under ``metadata["conversation"]["rest"]["request"]``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ...errors import APIError, DecodeError
from ...report import Report, reporting
from ...types import ChatResponse
from ...wire import WIRES, get_codec
from ..bare_node import BareNode
from ..json_lines import naming_file
from ..moves import link
from ..reading import object_at, refuse
from ..thread_file import Thread
from ..totals import remember
from .entries import chain
from .provenance import rest_of, tell_conversation
from .source import StrPath, read_values

__all__ = ["parse_native_body", "read_native_body", "wire_of_body"]

N = TypeVar("N", bound=BareNode)

_CHAT, _RESPONSES, _ANTHROPIC, _GEMINI = WIRES
_PROMPT: Mapping[str, tuple[str, ...]] = {
    _CHAT: ("messages",),
    _RESPONSES: ("input", "instructions"),
    _ANTHROPIC: ("messages", "system"),
    _GEMINI: ("contents", "systemInstruction", "system_instruction"),
}
_ANTHROPIC_KEYS = frozenset({"system", "stop_sequences", "anthropic_version", "thinking", "top_k", "anthropic_beta"})
_ANTHROPIC_BLOCKS = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking", "document", "image"})


def read_native_body(
    path: StrPath, kind: type[N], *, wire: str | None = None, report: Report | None = None
) -> Iterator[Thread[N]]:
    """The conversations that request and response bodies tell of.

    Args:
        path: a ``.json`` or ``.jsonl`` file.
        kind: the class of the nodes, such as ``ChatNode``.
        wire: one of ``minillm.wire.WIRES``; None tells it from each body.
        report: takes what could not be kept; None warns of it.

    Yields:
        Both ends of each conversation; where an answer has several choices, the end of the first.

    Raises:
        ThreadFormatError: it is none, or of no known wire; the message names the line.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for found in read_values(path):
            thread = parse_native_body(found.value, kind, wire=wire, at=found.at, report=told)
            if thread is not None:
                yield thread


def parse_native_body(
    value: Any, kind: type[N], *, wire: str | None = None, at: str = "", report: Report | None = None
) -> Thread[N] | None:
    """One body, or a request with its answer; None where there is no message in it.

    Raises:
        ThreadFormatError: it is none, or of no known wire.
    """
    told = reporting(report)
    source = object_at(value, at)
    pair = isinstance(source.get("request"), dict) and isinstance(source.get("response"), dict | list)
    asked = source["request"] if pair else None if _is_answer(source) else source
    answered = source["response"] if pair else source if asked is None else None
    name = wire or wire_of_body(asked if asked is not None else answered)
    if name is None:
        refuse(at, f"looks like a body of none of the wires; say wire= one of {', '.join(WIRES)}")
    thread = _asked(asked, name, kind, at, told) if asked is not None else None
    if answered is not None:
        thread = _answered(answered, name, thread, kind, at, told)
    if thread is None:
        told.note(at, "a body", "it holds no message")
        return None
    rest = {"request": rest_of(asked, _PROMPT[name])} if asked is not None else {}
    model = asked.get("model") if asked is not None else None
    tell_conversation(thread.root, name, model=model, rest=rest)
    return thread


def _asked(body: dict[str, Any], wire: str, kind: type[Any], at: str, report: Report) -> Thread[Any] | None:
    try:
        request = get_codec(wire).decode_request(body, report=report)
    except DecodeError as error:
        refuse(at, f"is no request of {wire}: {error.message}")
    return chain(kind, request.messages) if request.messages else None


def _answered(
    body: Any, wire: str, above: Thread[Any] | None, kind: type[Any], at: str, report: Report
) -> Thread[Any] | None:
    try:
        response = get_codec(wire).decode_response(body, report=report)
    except (DecodeError, APIError) as error:
        refuse(at, f"is no answer of {wire}: {error.message}")
    answers = [_answer(response, place, kind) for place in range(len(response.choices))]
    if above is None:
        if len(answers) > 1:
            report.lost(at, f"{len(answers) - 1} more choices", "an answer without its request has room for one root")
        return Thread(answers[0], answers[0]) if answers else None
    for answer in answers:
        link(above.leaf, answer)
    return Thread(above.root, answers[0]) if answers else above


def _answer(response: ChatResponse, place: int, kind: type[Any]) -> Any:
    node = chain(kind, [response.choices[place].message], response.model).root
    if place == 0:  # one call, one record: its tokens must not be counted twice
        remember(node, response)
    return node


def _is_answer(body: Mapping[str, Any]) -> bool:
    return (
        "choices" in body
        or "candidates" in body
        or body.get("object") == "response"
        or (body.get("type") == "message" and isinstance(body.get("content"), list))
    )


def wire_of_body(body: Any) -> str | None:
    """The wire that a request's or answer's JSON body speaks, or None where it is none."""
    if isinstance(body, list):
        return _GEMINI if body and isinstance(body[0], dict) and "candidates" in body[0] else None
    if not isinstance(body, dict):
        return None
    if "candidates" in body or isinstance(body.get("contents"), list):
        return _GEMINI
    if body.get("object") == "response" or "input" in body:
        return _RESPONSES
    if "choices" in body:
        return _CHAT
    if body.get("type") == "message" and isinstance(body.get("content"), list):
        return _ANTHROPIC
    messages = body.get("messages")
    if not isinstance(messages, list):
        return None
    return _ANTHROPIC if body.keys() & _ANTHROPIC_KEYS or any(map(_has_anthropic_block, messages)) else _CHAT


def _has_anthropic_block(message: Any) -> bool:
    content = message.get("content") if isinstance(message, dict) else None
    return isinstance(content, list) and any(
        isinstance(block, dict) and block.get("type") in _ANTHROPIC_BLOCKS for block in content
    )
