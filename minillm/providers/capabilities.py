"""What a host takes, and how much of it: data, read by people (``gen.capabilities``) and checked before sending.

None always means that nobody has documented it; what is unknown is never refused.
"""

import re
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final, Literal

from ..types.media_type import canonical
from ..wire.codec import Quirks

__all__ = ["NOT_TAKEN", "Capabilities", "Kind", "MediaLimits", "Source", "capabilities_on"]

Kind = Literal["image", "audio", "video", "document"]
Source = Literal["data", "url", "file_id"]

_ANYHOW: Final[frozenset[Source]] = frozenset({"data", "url", "file_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """How one kind of media may be given, and how much of it.

    Args:
        sources: the ways: bytes (``"data"``), an address that the host fetches (``"url"``), its own id of an uploaded
            file (``"file_id"``); none at all: the kind is not taken.
        types: the media types, usual spellings, ``"text/*"`` for all of a family; None: not documented.
        max_bytes: the largest one, in bytes.
        max_base64: the largest one, in characters of base64, where the host counts those.
        max_count: how many of the kind a request may hold.
        max_side: the longest side, in pixels.
        max_side_of_many: ``(count, side)``: with more than ``count`` of them in a request the longest side is this.
    """

    sources: frozenset[Source] = _ANYHOW
    types: frozenset[str] | None = None
    max_bytes: int | None = None
    max_base64: int | None = None
    max_count: int | None = None
    max_side: int | None = None
    max_side_of_many: tuple[int, int] | None = None

    @property
    def taken(self) -> bool:
        """Whether the kind is taken at all."""
        return bool(self.sources)

    def has_type(self, media_type: str) -> bool:
        """Whether a media type, however spelt, is among those taken; True where nobody knows."""
        if self.types is None:
            return True
        usual = canonical(media_type)
        return usual in self.types or f"{usual.partition('/')[0]}/*" in self.types


NOT_TAKEN: Final = MediaLimits(sources=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a host, a model family or a model takes. None: unknown, and never refused.

    Args:
        image, audio, video, document: media in messages; see :class:`MediaLimits`.
        files_by_type: a ``FilePart`` counts as what its media type says (a PNG in one is an image).
        max_request_bytes: the largest request body.
        tools: whether functions may be offered to the model.
        structured_output: whether a JSON schema can be enforced.
        prefill: whether a started answer is continued.
        reasoning: whether the model can be told how much to think.
        unsupported: parameters (names of ``CompletionParameters``) that are refused or ignored.
        families: ``(pattern, what differs)`` for models whose name the pattern fits (``*`` is anything); of several,
            the last one wins.
    """

    image: MediaLimits | None = None
    audio: MediaLimits | None = None
    video: MediaLimits | None = None
    document: MediaLimits | None = None
    files_by_type: bool | None = None
    max_request_bytes: int | None = None
    tools: bool | None = None
    structured_output: bool | None = None
    prefill: bool | None = None
    reasoning: bool | None = None
    unsupported: frozenset[str] = frozenset()
    families: tuple[tuple[str, "Capabilities"], ...] = ()

    def media(self, kind: Kind) -> MediaLimits | None:
        """The limits of one kind of media, None where they are unknown."""
        found: MediaLimits | None = getattr(self, kind)
        return found

    def over(self, base: "Capabilities") -> "Capabilities":
        """``base`` with everything that is known here; parameters that are not taken add up."""
        known: dict[str, Any] = {name: value for name in _NAMES if (value := getattr(self, name)) is not None}
        return replace(base, **known, unsupported=base.unsupported | self.unsupported)

    def of_model(self, model: str) -> "Capabilities":
        """What holds for one model: the families it belongs to are read in, and gone."""
        found = replace(self, families=())
        plain = model.lower().rpartition("/")[2]
        for pattern, differing in self.families:
            if fnmatchcase(plain, pattern):
                found = differing.over(found)
        return found


_NAMES: Final = tuple(item.name for item in fields(Capabilities) if item.name not in ("unsupported", "families"))


def _only(*sources: Source) -> MediaLimits:
    return MediaLimits(sources=frozenset(sources))


# What a wire has a form for, whoever speaks it (docs/wire-formats.md).
_WIRES: Final[dict[str, Capabilities]] = {
    "openai_chat_completions": Capabilities(
        image=_only("data", "url"), audio=_only("data"), video=_only("data", "url"), document=MediaLimits()
    ),
    "openai_responses": Capabilities(image=MediaLimits(), audio=NOT_TAKEN, video=NOT_TAKEN, document=MediaLimits()),
    "anthropic_messages": Capabilities(
        image=MediaLimits(),
        audio=NOT_TAKEN,
        video=NOT_TAKEN,
        document=MediaLimits(),
        files_by_type=True,
    ),
    "gemini_generate_content": Capabilities(
        image=MediaLimits(),
        audio=MediaLimits(),
        video=MediaLimits(),
        document=MediaLimits(),
        files_by_type=True,
    ),
}


_SCHEMAS: Final = ("json_schema", "closed_json_schema")


def _refuses(pattern: str | None, model: str) -> bool:
    return pattern is not None and re.search(pattern, model) is not None


@lru_cache(maxsize=512)
def capabilities_on(wire: str, quirks: Quirks, documented: Capabilities | None, model: str) -> Capabilities:
    """What is known of a model: what its wire can say, then its host's quirks, then what the host documents.

    Args:
        documented: the row of the host, its families included.
    """
    dialect = Capabilities(
        prefill=quirks.prefill is not None and not _refuses(quirks.prefill_refused, model),
        reasoning=False if quirks.reasoning_request == "none" else None,
        structured_output=not quirks.response_formats.isdisjoint(_SCHEMAS),
        unsupported=quirks.unsupported,
    )
    known = dialect.over(_WIRES.get(wire, Capabilities()))
    return known if documented is None else documented.of_model(model).over(known)
