"""Citations, both ways: they name places in documents that were given."""

import dataclasses
from typing import Any

import pytest

from minillm.types import Citation, Native
from minillm.wire.anthropic_messages.citations import decode_citation, encode_citation

PLACE = {"type": "char_location", "cited_text": "c", "document_title": "t", "document_index": 0, "start_char_index": 3}
FOUND = {"type": "web_search_result_location", "url": "https://x.test", "title": "t", "cited_text": "c"}


@pytest.mark.parametrize(
    ("raw", "citation"),
    [
        (PLACE, Citation(title="t", text="c")),
        (FOUND, Citation("https://x.test", "t", "c")),
        ({"type": "page_location", "document_title": None, "cited_text": ""}, Citation()),
        ({"type": "novel", "title": "t"}, Citation(title="t")),
        ({}, Citation()),
    ],
)
def test_a_citation_means_this_and_comes_back(raw: dict[str, Any], citation: Citation) -> None:
    """Its places count characters, pages or blocks of the source, never of the answer."""
    found = decode_citation(raw)
    assert found == citation
    assert encode_citation(found) == raw


def test_a_changed_title_stands_where_its_kind_has_it() -> None:
    place, found = (dataclasses.replace(decode_citation(raw), title="u") for raw in (PLACE, FOUND))
    assert encode_citation(place) == {**PLACE, "document_title": "u"}
    assert encode_citation(found) == {**FOUND, "title": "u"}


@pytest.mark.parametrize("native", [None, Native("openai_responses", {"type": "url_citation"})])
def test_a_citation_from_elsewhere_cannot_be_said(native: Native | None) -> None:
    assert encode_citation(Citation("https://x.test", native=native)) is None
