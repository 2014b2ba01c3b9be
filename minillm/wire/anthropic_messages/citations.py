"""Citations, both ways. They name places in documents that were given, so a foreign one cannot be said."""

from collections.abc import Mapping
from typing import Any, Final

from ...types import Citation, Native
from ..fields import as_text
from ..residue import own, residue, restore
from .dialect import WIRE

__all__ = ["FOREIGN", "decode_citation", "encode_citation"]

FOREIGN: Final = "this wire cites places in documents it was given, not addresses"

# Where the title stands under another name than in the other kinds.
_TITLED: Final = ("web_search_result_location", "search_result_location")


def decode_citation(raw: Mapping[str, Any]) -> Citation:
    """A citation. Its places count pages, blocks or characters of the *source*, so they stay in the residue."""
    citation = Citation(
        url=as_text(raw.get("url")),
        title=as_text(raw.get("title")) or as_text(raw.get("document_title")),
        text=as_text(raw.get("cited_text")),
    )
    # Made a moment ago and seen by nobody: filled in place. Even an empty residue tells whose it is.
    object.__setattr__(citation, "native", Native(WIRE, residue(raw, _said(citation, raw.get("type")))))
    return citation


def encode_citation(citation: Citation) -> dict[str, Any] | None:
    """A citation in this wire's words, or None where it came from elsewhere."""
    data = own(citation.native, WIRE)
    return None if data is None else restore(_said(citation, data.get("type")), data)


def _said(citation: Citation, kind: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if citation.url is not None:
        said["url"] = citation.url
    if citation.title is not None:
        said["title" if kind in _TITLED else "document_title"] = citation.title
    if citation.text is not None:
        said["cited_text"] = citation.text
    return said
