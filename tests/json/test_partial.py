"""JSON that is still growing."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import InvalidOutput
from minillm.json import parse_partial
from minillm.types import UNSET

DOCUMENT = (
    '{"name": "Zoë \\u00e9\\ud83d\\ude00", "tags": ["a", "b"], "n": -12.5e3, "ok": true, "none": null, "in": {"x": []}}'
)


def test_every_prefix_of_a_document_parses() -> None:
    for end in range(1, len(DOCUMENT) + 1):
        assert isinstance(parse_partial(DOCUMENT[:end]), dict)
    assert parse_partial(DOCUMENT) == json.loads(DOCUMENT)


def test_what_is_known_does_not_change() -> None:
    whole = json.loads(DOCUMENT)
    for end in range(1, len(DOCUMENT)):
        part = parse_partial(DOCUMENT[:end])
        assert list(part) == list(whole)[: len(part)]
        assert all(part[key] == whole[key] for key in list(part)[:-1])
        assert whole["name"].startswith(part.get("name", ""))


def test_an_open_string_comes_as_far_as_it_goes_or_not_at_all() -> None:
    assert parse_partial('{"a": "he') == {"a": "he"}
    assert parse_partial('{"a": "he', trailing_strings=False) == {}


@pytest.mark.parametrize(
    "text", ["", "  ", "\ufeff", "`", "``", "```", "```js", "```json\n", "-", "t", "nul", "\n fals"]
)
def test_nothing_is_known_before_a_value_begins(text: str) -> None:
    assert parse_partial(text) is UNSET


def test_a_fence_before_the_value_is_skipped() -> None:
    assert parse_partial('```json\n{"a": [1, ') == {"a": [1]}


@pytest.mark.parametrize("text", ["Sure! Here", "{'a': 1", "[1, x", "[" * 300, "[NaN"])
def test_what_is_not_the_beginning_of_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidOutput):
        parse_partial(text)


@given(st.text())
def test_any_text_is_a_value_nothing_yet_or_a_typed_error(text: str) -> None:
    with contextlib.suppress(InvalidOutput):
        parse_partial(text)
