"""Annotations, both ways."""

from collections.abc import Mapping
from typing import Any, Final

from ...types import Citation, Native
from ..fields import as_count, as_text
from ..residue import own, residue, restore
from .dialect import WIRE

__all__ = ["ADDRESSES_ONLY", "decode_citation", "encode_citation"]

ADDRESSES_ONLY: Final = "only citations of addresses can be said here"


def decode_citation(raw: Mapping[str, Any]) -> Citation:
    """An annotation; what counts places in files stays in the residue."""
    start, end = as_count(raw.get("start_index")), as_count(raw.get("end_index"))
    citation = Citation(as_text(raw.get("url")), as_text(raw.get("title")), None, start, end)
    # Made a moment ago and seen by nobody: filled in place.
    object.__setattr__(citation, "native", Native(WIRE, residue(raw, _said(citation))))
    return citation


def encode_citation(citation: Citation) -> dict[str, Any] | None:
    """A citation as an annotation, or None where it has no address to cite."""
    data = own(citation.native, WIRE)
    said = _said(citation)
    if data is not None:
        return restore(said, data)
    if citation.url is None:
        return None
    return {"type": "url_citation", "start_index": 0, "end_index": 0, "title": "", **said}


def _said(citation: Citation) -> dict[str, Any]:
    said = {
        "url": citation.url,
        "title": citation.title,
        "start_index": citation.start,
        "end_index": citation.end,
    }
    return {key: value for key, value in said.items() if value is not None}
