"""Sources of an answer: grounding and citations stand beside the text here and count in UTF-8 bytes; ours stand
on the text and count in characters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...types import Citation, Native, Part, TextPart
from ..fields import as_count, as_object, as_text
from ..residue import HINTS, own
from .dialect import WIRE

__all__ = ["citation_sources", "citations_of", "with_citations"]

#: Marks a citation that stands in the candidate's own metadata as well, so that it is not said twice.
_BESIDE: Final = Native(WIRE, {HINTS: {"beside": True}})

Found = tuple[int, Citation]  # number among the texts, and the source


def citations_of(candidate: Mapping[str, Any], texts: Sequence[str]) -> list[Found]:
    """The sources that a candidate names for its texts; none where it has no text."""
    if not texts:
        return []
    return [*_grounded(as_object(candidate.get("groundingMetadata")) or {}, texts), *_cited(candidate, texts)]


def _grounded(said: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Found]:
    """Every source with every stretch that leans on it; a source of nothing in particular with the last text."""
    sources = [_source(chunk) for chunk in _objects(said.get("groundingChunks"))]
    used: set[int] = set()
    for support in _objects(said.get("groundingSupports")):
        numbers = support.get("groundingChunkIndices")
        for number in numbers if isinstance(numbers, list) else ():
            if type(number) is int and 0 <= number < len(sources):
                used.add(number)
                yield _placed(sources[number], as_object(support.get("segment")) or {}, texts)
    for number, source in enumerate(sources):
        if number not in used:
            yield len(texts) - 1, _citation(source, None, None)


def _cited(candidate: Mapping[str, Any], texts: Sequence[str]) -> Iterator[Found]:
    said = as_object(candidate.get("citationMetadata")) or {}
    for source in _objects(said.get("citations") or said.get("citationSources")):
        if as_text(source.get("uri")) or as_text(source.get("title")):
            yield _placed(source, source, texts)


def _source(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    """A chunk is one of several kinds (web, maps, retrievedContext), each an object under its name."""
    return next((value for value in chunk.values() if isinstance(value, Mapping)), {})


def _placed(source: Mapping[str, Any], segment: Mapping[str, Any], texts: Sequence[str]) -> Found:
    start, end = as_count(segment.get("startIndex")) or 0, as_count(segment.get("endIndex"))
    said = as_text(segment.get("text"))
    if end is None:
        return len(texts) - 1, _citation(source, None, None)
    for number, text in enumerate(texts):
        raw = text.encode("utf-8", "surrogatepass")
        if end <= len(raw) and (said is None or raw[start:end] == said.encode("utf-8", "surrogatepass")):
            return number, _citation(source, _characters(raw, start), _characters(raw, end))
    return len(texts) - 1, _citation(source, None, None)


def _characters(raw: bytes, place: int) -> int:
    return len(raw[:place].decode("utf-8", "ignore"))


def _citation(source: Mapping[str, Any], start: int | None, end: int | None) -> Citation:
    return Citation(
        as_text(source.get("uri")), as_text(source.get("title")), as_text(source.get("text")), start, end, _BESIDE
    )


def with_citations(parts: tuple[Part, ...], candidate: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts of a candidate, with its sources on the texts that lean on them."""
    places = [place for place, part in enumerate(parts) if isinstance(part, TextPart)]
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    found = citations_of(candidate, texts)
    if not found:
        return parts
    out = list(parts)
    for number, place in enumerate(places):
        part, sources = parts[place], tuple(citation for at, citation in found if at == number)
        if sources and isinstance(part, TextPart):
            out[place] = replace(part, citations=sources)
    return tuple(out)


def citation_sources(parts: Sequence[Part]) -> tuple[list[dict[str, Any]], int]:
    """``citationSources`` for citations from elsewhere, and how many have no address to say."""
    said: list[dict[str, Any]] = []
    unsaid = 0
    for part in parts:
        if not isinstance(part, TextPart):
            continue
        foreign = [citation for citation in part.citations if own(citation.native, WIRE) is None]
        said += [_said(citation, part.text) for citation in foreign if citation.url is not None]
        unsaid += sum(citation.url is None for citation in foreign)
    return said, unsaid


def _said(citation: Citation, text: str) -> dict[str, Any]:
    said: dict[str, Any] = {"uri": citation.url}
    if citation.title is not None:
        said["title"] = citation.title
    for name, place in (("startIndex", citation.start), ("endIndex", citation.end)):
        if place is not None:
            said[name] = len(text[:place].encode("utf-8", "surrogatepass"))
    return said


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
