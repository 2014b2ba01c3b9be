"""A file that says what a host takes and what it does not; `minillm compat run --profile` writes one.

It comes from somewhere and is trusted with little: it says how a dialect differs and what is taken, and never where
a request goes or how it is signed.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal

from ..config_file import BadValue, Bounds, Document
from ..errors import ConfigurationError
from ..types import CompletionParameters
from ..wire.codec import Quirks
from .capabilities import Capabilities, MediaLimits

__all__ = ["FORMAT", "VERSION", "Profile", "load_profile"]

FORMAT: Final = "minillm-profile"
VERSION: Final = 1

_ELSEWHERE: Final = frozenset(
    [
        "url",
        "base_url",
        "host_url",
        "address",
        "endpoint",
        "endpoints",
        "path",
        "query",
        "shape",
        "proxy",
        "transport",
        "headers",
        "header",
        "auth",
        "authorization",
        "api_key",
        "api_key_env",
        "key",
        "key_env",
        "token",
        "secret",
        "variables",
    ]
)
_PARAMETERS: Final = frozenset(CompletionParameters.__dataclass_fields__)

Wire = Literal["openai_chat_completions", "openai_responses", "anthropic_messages", "gemini_generate_content"]
Whole = Annotated[int, Bounds(at_least=1)]


def _known_parameters(names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name not in _PARAMETERS:
            raise BadValue(
                f"no parameter is called {name!r}; allowed: {', '.join(sorted(_PARAMETERS))}", ("unsupported", place)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _QuirksTable:
    """``quirks``: the fields of :class:`minillm.wire.Quirks` that may be read from a file."""

    max_tokens_field: Literal["max_completion_tokens", "max_tokens"] | None = None
    system_role: Literal["system", "developer", "keep"] | None = None
    reasoning_request: Literal["reasoning_effort", "reasoning", "thinking", "none"] | None = None
    stream_usage: bool | None = None
    usage_include: bool | None = None
    prefill: Literal["trailing", "prefix", "partial"] | None = None
    response_formats: Sequence[Literal["text", "json", "json_schema", "closed_json_schema"]] | None = None
    schema_in_json_object: bool | None = None
    tool_result_name: bool | None = None
    unsupported: Sequence[str] | None = None

    def __post_init__(self) -> None:
        _known_parameters(self.unsupported or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _MediaTable:
    sources: Sequence[Literal["data", "url", "file_id"]] | None = None
    types: Sequence[str] | None = None
    max_bytes: Whole | None = None
    max_count: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _CapabilitiesTable:
    image: _MediaTable | None = None
    audio: _MediaTable | None = None
    video: _MediaTable | None = None
    document: _MediaTable | None = None
    tools: bool | None = None
    structured_output: bool | None = None
    prefill: bool | None = None
    reasoning: bool | None = None
    max_request_bytes: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The whole file."""

    format: Literal["minillm-profile"]
    version: Annotated[int, Bounds(at_least=1)]
    wire: Wire
    about: Mapping[str, Any] = field(default_factory=dict)
    streaming: bool | None = None
    quirks: _QuirksTable = _QuirksTable()
    capabilities: _CapabilitiesTable = _CapabilitiesTable()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a profile says, ready to be laid over a host's row.

    Args:
        wire: the protocol that it speaks of; it holds for no other.
        streaming: whether the host streams; None: not said.
        quirks: fields of ``Quirks``.
        capabilities: what is taken.
        name: the file, for errors.
    """

    wire: str
    streaming: bool | None = None
    quirks: Mapping[str, Any] = field(default_factory=dict)
    capabilities: Capabilities = field(default_factory=Capabilities)
    name: str = ""

    def over(self, quirks: Quirks) -> Quirks:
        """The quirks with what the profile knows better; parameters that are not taken add up."""
        changes = dict(self.quirks)
        if "unsupported" in changes:
            changes["unsupported"] = quirks.unsupported | changes["unsupported"]
        return replace(quirks, **changes)

    def check_wire(self, wire: str) -> None:
        """Raises ConfigurationError where it speaks of another protocol."""
        if wire != self.wire:
            raise ConfigurationError(
                f"{self.name}: wire: the profile was made of {self.wire} and the generator speaks {wire}; "
                f"give wire={self.wire!r}, or a profile of {wire}"
            )


def load_profile(path: str | os.PathLike[str]) -> Profile:
    """Read a profile.

    Raises:
        ConfigFileError: it names file, line and key: no JSON, a key that is unknown or may not stand in a profile,
            a value that is not allowed, a newer version.
    """
    document = Document.load(path, format="json")
    _refuse_elsewhere(document)
    version = document.values.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise document.error(
            ("version",), f"is {version}: written by a newer version of minillm; this one reads {VERSION}"
        )
    file = document.shape(_File)
    said = {name: value for name in _QUIRKS if (value := getattr(file.quirks, name)) is not None}
    for name in ("response_formats", "unsupported"):
        if name in said:
            said[name] = frozenset(said[name])
    return Profile(
        wire=file.wire,
        streaming=file.streaming,
        quirks=said,
        capabilities=_capabilities(file.capabilities),
        name=document.name or "",
    )


_QUIRKS: Final = tuple(_QuirksTable.__dataclass_fields__)


def _refuse_elsewhere(document: Document) -> None:
    """Before anything else is read: whoever hands out a profile must not choose who gets the key."""
    problems = []
    for table, values in (
        ((), document.values),
        *(((name,), document.values.get(name)) for name in ("quirks", "capabilities")),
    ):
        for key in values if isinstance(values, dict) else ():
            if key.lower().replace("-", "_") in _ELSEWHERE:
                told = "may not stand in a profile: it says what a host takes, never where it is or how it is signed to"
                problems.append(((*table, key), told))
    if problems:
        raise document.errors(problems)


def _capabilities(table: _CapabilitiesTable) -> Capabilities:
    media: dict[str, Any] = {
        name: _limits(said)
        for name in ("image", "audio", "video", "document")
        if (said := getattr(table, name)) is not None
    }
    return Capabilities(
        tools=table.tools,
        structured_output=table.structured_output,
        prefill=table.prefill,
        reasoning=table.reasoning,
        max_request_bytes=table.max_request_bytes,
        **media,
    )


def _limits(table: _MediaTable) -> MediaLimits:
    known = MediaLimits(max_bytes=table.max_bytes, max_count=table.max_count)
    if table.sources is not None:
        known = replace(known, sources=frozenset(table.sources))
    return known if table.types is None else replace(known, types=frozenset(table.types))
