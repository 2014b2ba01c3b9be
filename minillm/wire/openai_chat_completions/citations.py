"""Citations (``annotations``) and token probabilities, both ways."""

from collections.abc import Sequence
from typing import Any, Final

from ...types import Citation, TokenLogprob
from ..fields import as_count, as_number, as_text
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE, native

__all__ = ["NO_ADDRESS", "decode_citation", "decode_logprobs", "encode_citation", "encode_logprobs", "has_no_address"]

NO_ADDRESS: Final = "places in documents that were handed in: annotations know addresses, an empty one is said"


def decode_citation(raw: Any) -> Citation | None:
    """One annotation; None where it is no object. A kind other than a URL citation is all residue."""
    if not isinstance(raw, dict):
        return None
    said = raw.get("url_citation")
    if not isinstance(said, dict):
        return Citation(native=native(with_hints(dict(raw), whole=True)))
    citation = Citation(
        as_text(said.get("url")),
        as_text(said.get("title")),
        as_text(said.get("content")),
        as_count(said.get("start_index")),
        as_count(said.get("end_index")),
    )
    # Made a moment ago and seen by nobody. Even an empty residue tells that nothing is to be filled in.
    object.__setattr__(citation, "native", native(residue(raw, _say_citation(citation))))
    return citation


def has_no_address(citation: Citation) -> bool:
    """Whether it cites a place in a document that was handed in: the protocol only knows addresses."""
    return not citation.url and own(citation.native, WIRE) is None


def encode_citation(citation: Citation) -> dict[str, Any]:
    """The annotation for a citation."""
    data = own(citation.native, WIRE)
    if hints_of(data).get("whole"):
        return restore({}, data)
    said = _say_citation(citation)
    if data is None:  # the vendor's own always have all four
        said["url_citation"] = {"url": "", "title": "", "start_index": 0, "end_index": 0, **said["url_citation"]}
    return restore(said, data)


def _say_citation(citation: Citation) -> dict[str, Any]:
    said = {
        "url": citation.url,
        "title": citation.title,
        "content": citation.text,
        "start_index": citation.start,
        "end_index": citation.end,
    }
    return {"type": "url_citation", "url_citation": {key: value for key, value in said.items() if value is not None}}


def decode_logprobs(raw: Any) -> tuple[TokenLogprob, ...]:
    """A list of token probabilities; entries that make no sense are left out."""
    if not isinstance(raw, list):
        return ()
    return tuple(entry for item in raw if (entry := _decode_entry(item)) is not None)


def _decode_entry(raw: Any) -> TokenLogprob | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("token"), str):
        return None
    logprob = as_number(raw.get("logprob"))
    if logprob is None:
        return None
    said_bytes, said_top = raw.get("bytes"), raw.get("top_logprobs")
    numbers = None
    if isinstance(said_bytes, list) and all(type(item) is int for item in said_bytes):
        numbers = tuple(said_bytes)
    entry = TokenLogprob(raw["token"], logprob, numbers, decode_logprobs(said_top))
    rest = residue(raw, _say_entry(entry))
    if rest:
        object.__setattr__(entry, "native", native(rest))
    return entry


def encode_logprobs(entries: Sequence[TokenLogprob]) -> list[dict[str, Any]]:
    """The list for token probabilities."""
    return [restore(_say_entry(entry), own(entry.native, WIRE)) for entry in entries]


def _say_entry(entry: TokenLogprob) -> dict[str, Any]:
    return {
        "token": entry.token,
        "logprob": entry.logprob,
        "bytes": None if entry.bytes is None else list(entry.bytes),
        "top_logprobs": encode_logprobs(entry.top),
    }
