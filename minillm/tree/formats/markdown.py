"""Conversations as Markdown, for people: a heading a message, branches told apart by their numbers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...report import Report, reporting
from ...types import (
    MediaPart,
    Message,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from ..atomic_write import atomic_write
from ..bare_node import BareNode, Details, all_below, checked_node, children_of, each_node, message_of, path_of
from ..render.part_text import part_note
from ..render.printable import printable
from ..templates import formatted_messages
from .source import StrPath

__all__ = ["to_markdown", "write_markdown"]

_NAMES: Mapping[str, str] = {
    Role.SYSTEM: "System",
    Role.DEVELOPER: "Developer",
    Role.USER: "User",
    Role.ASSISTANT: "Assistant",
    Role.TOOL: "Tool",
}


def write_markdown(
    nodes: BareNode | Iterable[BareNode], path: StrPath, *, reasoning: bool = False, report: Report | None = None
) -> None:
    """Write conversations as Markdown; the file is replaced whole or not at all.

    Of each node: the way from the root to it, and everything below it. Where it branches, each branch
    is written to its end, and its headings carry its number: ``2.1`` is the first answer under the
    second branch.

    Args:
        nodes: a leaf for one conversation, a root for the whole tree, or several of either.
        path: the ``.md`` file.
        reasoning: show the model's thinking, as a quotation; False leaves it out, told.
        report: takes what could not be kept; None warns of it.

    Raises:
        EncodeError: something is lost and the report is strict.
        OSError: it cannot be written.
    """
    told = reporting(report)
    with atomic_write(path) as file:
        for place, node in enumerate(each_node(nodes)):
            if place:
                file.write(b"\n---\n\n")
            for piece in _pieces(node, reasoning, told):
                file.write(piece.encode("utf-8", "replace"))


def to_markdown(node: BareNode, *, reasoning: bool = False, report: Report | None = None) -> str:
    """The text that :func:`write_markdown` writes for one node."""
    return "".join(_pieces(checked_node(node), reasoning, reporting(report)))


def _pieces(node: BareNode, reasoning: bool, report: Report) -> Iterator[str]:
    way = path_of(node)
    title = _title(way[0])
    if title:
        yield f"# {title}\n\n"
    for message in formatted_messages(node):
        yield from _shown(message, "", reasoning, report)
    filled = any(type(each._details) is Details and each._details.format_kwargs for each in all_below(way[0]))
    below: list[tuple[Any, str]] = _numbered(node, "")[::-1]
    while below:
        current, number = below.pop()
        message = formatted_messages(current)[-1] if filled else message_of(current)
        yield from _shown(message, number, reasoning, report)
        below.extend(reversed(_numbered(current, number)))


def _numbered(node: Any, number: str) -> list[tuple[Any, str]]:
    """The children, with the number of their branch where there are several."""
    children = children_of(node)
    if len(children) < 2:
        return [(child, number) for child in children]
    return [(child, f"{number}.{place}" if number else str(place)) for place, child in enumerate(children, 1)]


def _title(root: Any) -> str:
    details = root._details
    facts = (details.metadata or {}).get("conversation") if type(details) is Details else None
    title = facts.get("title") if isinstance(facts, dict) else None
    return printable(" ".join(title.split())) if isinstance(title, str) else ""


def _shown(message: Message, number: str, reasoning: bool, report: Report) -> Iterator[str]:
    at = f"branch {number}" if number else "trunk"
    said = [piece for part in message.parts if (piece := _part(part, reasoning, at, report))]
    if not said:
        return
    name = _NAMES.get(message.role, str(message.role).title())
    speaker = f" ({printable(message.name)})" if message.name else ""
    branch = f" · branch {number}" if number else ""
    yield f"## {printable(name)}{speaker}{branch}\n\n" + "\n\n".join(said) + "\n\n"


def _part(part: Part, reasoning: bool, at: str, report: Report) -> str:
    if isinstance(part, TextPart):
        return part.text + _sources(part)
    if isinstance(part, RefusalPart):
        return part.text
    if isinstance(part, ReasoningPart):
        if reasoning:
            return "\n".join(f"> {line}" for line in part.text.split("\n")) if part.text else ""
        if part.text:
            report.note(at, "reasoning", "left out; reasoning=True shows it")
        return ""
    if isinstance(part, ToolCallPart):
        return f"Calls `{part.name}`:\n\n{_fenced(part.arguments)}" if part.arguments else f"Calls `{part.name}`."
    if isinstance(part, ToolResultPart):
        inner = part.content if isinstance(part.content, str) else ""
        if not isinstance(part.content, str):
            inner = "\n".join(_part(each, reasoning, at, report) for each in part.content)
        return f"{'Error' if part.is_error else 'Result'} of `{part.name or part.call_id}`:\n\n{_fenced(inner)}"
    if isinstance(part, MediaPart) and part.url is not None and part.url.startswith(("https://", "http://")):
        return f"[{printable(part.name or type(part).__name__.removesuffix('Part').lower())}](<{part.url}>)"
    if isinstance(part, MediaPart):
        report.degraded(at, "media", "only its name is written")
    elif isinstance(part, NativePart):
        report.lost(at, f"{part.wire} block", "it has no form in Markdown")
    return part_note(part)


def _sources(part: TextPart) -> str:
    urls = dict.fromkeys(each.url for each in part.citations if each.url)
    return "\n\nSources: " + ", ".join(f"<{url}>" for url in urls) if urls else ""


def _fenced(text: str) -> str:
    """In a fence longer than any in the text (CommonMark, section 4.5)."""
    ticks = 3
    while "`" * ticks in text:
        ticks += 1
    return f"{'`' * ticks}\n{text}\n{'`' * ticks}"
