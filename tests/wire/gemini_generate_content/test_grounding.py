"""Sources of an answer: the vendor counts UTF-8 bytes beside the text, ours count characters on it."""

from typing import Any

import pytest

from minillm.types import Citation, TextPart
from minillm.wire.gemini_generate_content.grounding import citation_sources, citations_of, with_citations

CHUNKS = [{"web": {"uri": "https://a.test", "title": "a"}}, {"retrievedContext": {"uri": "https://b.test"}}]


def support(start: int, end: int, text: str | None, *numbers: int) -> dict[str, Any]:
    segment = {"startIndex": start, "endIndex": end} | ({} if text is None else {"text": text})
    return {"segment": segment, "groundingChunkIndices": list(numbers)}


def test_stretches_are_counted_in_characters() -> None:
    candidate = {"groundingMetadata": {"groundingChunks": CHUNKS, "groundingSupports": [support(3, 5, "ö", 0)]}}
    found = citations_of(candidate, ["äaö"])
    assert found == [
        (0, Citation("https://a.test", "a", None, 2, 3)),
        (0, Citation("https://b.test")),  # a source of nothing in particular
    ]


def test_a_stretch_belongs_to_the_text_that_says_it() -> None:
    candidate = {"groundingMetadata": {"groundingChunks": CHUNKS[:1], "groundingSupports": [support(0, 2, "cd", 0)]}}
    parts = with_citations((TextPart("ab"), TextPart("cd")), candidate)
    assert parts == (TextPart("ab"), TextPart("cd", (Citation("https://a.test", "a", None, 0, 2),)))


def test_citations_have_their_own_place_too() -> None:
    candidate = {"citationMetadata": {"citationSources": [{"uri": "https://c.test", "endIndex": 1}, {"license": "x"}]}}
    assert citations_of(candidate, ["ab"]) == [(0, Citation("https://c.test", None, None, 0, 1))]


@pytest.mark.parametrize(
    "candidate",
    [
        {},
        {"groundingMetadata": None, "citationMetadata": 1},
        {"groundingMetadata": {"groundingChunks": [1], "groundingSupports": [{"groundingChunkIndices": [5, -1, "x"]}]}},
    ],
)
def test_what_names_no_source_changes_nothing(candidate: dict[str, Any]) -> None:
    parts = (TextPart("a"),)
    assert with_citations(parts, candidate) is parts


def test_without_a_text_there_is_nothing_to_lean_on() -> None:
    assert citations_of({"groundingMetadata": {"groundingChunks": CHUNKS}}, []) == []


def test_sources_from_elsewhere_are_said_in_bytes_and_those_of_this_wire_are_not_said_twice() -> None:
    (own,) = with_citations((TextPart("ab"),), {"groundingMetadata": {"groundingChunks": CHUNKS[:1]}})
    foreign = TextPart("äb", (Citation("https://x.test", "t", None, 1, 2), Citation(title="page 3")))
    assert citation_sources([own, foreign]) == (
        [{"uri": "https://x.test", "title": "t", "startIndex": 2, "endIndex": 3}],
        1,
    )
