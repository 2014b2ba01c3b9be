"""One message of a conversation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from .json_value import JSONValue
from .native import Native
from .parts import (
    AudioPart,
    ImagePart,
    MediaPart,
    NativePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)
from .quick import quick

__all__ = ["Content", "Message", "Origin", "Role", "as_content"]


class Role(StrEnum):
    """Who speaks. A role that is none of these is kept as the plain string a host sent."""

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


_ROLES: dict[str, Role] = {role.value: role for role in Role}

Content: TypeAlias = str | Part | Iterable[str | Part]
Origin: TypeAlias = tuple[str, str]

_PARTS = (TextPart, RefusalPart, ReasoningPart, ToolCallPart, ToolResultPart, MediaPart, NativePart)


def as_content(content: Content) -> str | tuple[Part, ...]:
    """A string as it is; one part or a sequence of strings and parts as a tuple of parts.

    Raises:
        TypeError: something in it is neither a string nor a part.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, _PARTS):
        return (content,)
    if isinstance(content, bytes | bytearray | Mapping) or not isinstance(content, Iterable):
        raise TypeError(
            f"message content must be a string, a part, or a sequence of them, not {type(content).__name__}"
        )
    parts: list[Part] = []
    for item in content:
        if isinstance(item, str):
            parts.append(TextPart(item))
        elif isinstance(item, _PARTS):
            parts.append(item)
        else:
            raise TypeError(f"message content item {len(parts)} is {type(item).__name__}, neither a string nor a part")
    return tuple(parts)


@quick(settled="type(role) is Role and type(content) is str")
@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A role and its content; equal by content, so ``"hi"`` equals one ``TextPart("hi")``.

    Where a message came from (``origin``, ``native``) takes no part in equality.

    Args:
        role: a :class:`Role` or an unknown role's own string.
        content: a string, a part, or a sequence of both; kept as ``str`` or a tuple of parts.
        name: the speaker's name, where several share a role.
        origin: ``(host, model)`` that wrote it, stamped by the client; sealed reasoning is only
            sent back to where it came from, and the wire alone does not tell.
    """

    role: Role | str
    content: str | tuple[Part, ...] = ""
    name: str | None = None
    origin: Origin | None = None
    extra: Mapping[str, JSONValue] | None = field(default=None, kw_only=True)
    native: Native | None = field(default=None, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.role, Role):
            if not isinstance(self.role, str):
                raise TypeError(f"a message's role must be a string, not {type(self.role).__name__}")
            known = _ROLES.get(self.role)
            if known is not None:
                object.__setattr__(self, "role", known)
        if not isinstance(self.content, str):
            object.__setattr__(self, "content", as_content(self.content))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The content as parts, always a tuple; empty text is no part."""
        content = self.content
        if isinstance(content, str):
            return (TextPart(content),) if content else ()
        return content

    @property
    def text(self) -> str:
        """All visible text, joined; reasoning and refusals are not part of it."""
        content = self.content
        if isinstance(content, str):
            return content
        return "".join(part.text for part in content if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """The readable reasoning, parts joined by a blank line."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, ReasoningPart) and part.text)

    @property
    def refusal(self) -> str:
        """The model's words for declining, or ``""``."""
        if isinstance(self.content, str):
            return ""
        return "".join(part.text for part in self.parts if isinstance(part, RefusalPart))

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        if isinstance(self.content, str):  # as most answers are
            return ()
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))

    @property
    def tool_results(self) -> tuple[ToolResultPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolResultPart))

    @property
    def images(self) -> tuple[ImagePart, ...]:
        return tuple(part for part in self.parts if isinstance(part, ImagePart))

    @property
    def audio(self) -> tuple[AudioPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, AudioPart))

    @property
    def videos(self) -> tuple[VideoPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, VideoPart))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return (
            self.role == other.role
            and self.name == other.name
            and self.extra == other.extra
            and (self.content == other.content or self.parts == other.parts)
        )

    def __hash__(self) -> int:
        return hash((self.role, self.name, self.parts))
