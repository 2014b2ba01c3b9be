"""Annotations, both ways: addresses can be said, places in files only by the host that has them."""

from typing import Any

import pytest

from minillm.types import Citation, Native
from minillm.wire.openai_responses.citations import decode_citation, encode_citation


@pytest.mark.parametrize(
    ("raw", "citation"),
    [
        (
            {"type": "url_citation", "url": "https://x.test", "title": "t", "start_index": 1, "end_index": 4},
            Citation("https://x.test", "t", None, 1, 4),
        ),
        ({"type": "url_citation", "url": "https://x.test", "title": ""}, Citation("https://x.test")),
        ({"type": "file_citation", "file_id": "f", "filename": "a.pdf", "index": 9}, Citation()),
        ({"type": "url_citation", "url": None, "start_index": "x"}, Citation()),
        ({}, Citation()),
    ],
)
def test_an_annotation_means_this_and_comes_back(raw: dict[str, Any], citation: Citation) -> None:
    found = decode_citation(raw)
    assert found == citation
    assert encode_citation(found) == raw


def test_a_foreign_address_gets_what_clients_demand() -> None:
    assert encode_citation(Citation("https://x.test", text="quoted")) == {
        "type": "url_citation",
        "url": "https://x.test",
        "title": "",
        "start_index": 0,
        "end_index": 0,
    }


def test_a_foreign_place_without_an_address_cannot_be_said() -> None:
    assert encode_citation(Citation(title="page 3", native=Native("anthropic_messages", {"type": "x"}))) is None


def test_a_changed_address_is_said() -> None:
    found = decode_citation({"type": "url_citation", "url": "https://x.test", "x": 1})
    changed = Citation("https://y.test", native=found.native)
    assert encode_citation(changed) == {"type": "url_citation", "url": "https://y.test", "x": 1}
