"""Values against a ready JSON schema."""

import importlib.util
import urllib.request
from typing import Any

import pytest

from minillm.errors import ConfigurationError, InvalidOutput
from minillm.json import json_schema_of, validate, validation

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
        "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["name"],
    "additionalProperties": False,
}


def test_a_value_that_fits_passes() -> None:
    validate({"name": "x", "tags": ["a"], "size": None}, SCHEMA)


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ([], "", "is not of type 'object'"),
        ({}, "", "lacks 'name'"),
        ({"name": "tomato"}, "name", "maxLength"),
        ({"name": "x", "tags": ["a", "tomato"]}, "tags[1]", "is none of ['a', 'b']"),
        ({"name": "x", "tomato": 1}, "", "does not allow"),
    ],
)
def test_the_place_and_the_rule_are_named_and_the_answer_is_not(value: Any, path: str, words: str) -> None:
    with pytest.raises(InvalidOutput) as caught:
        validate(value, SCHEMA)
    assert caught.value.path == path
    assert words in str(caught.value)
    assert "tomato" not in str(caught.value)


def test_all_that_does_not_fit_is_in_the_hint() -> None:
    with pytest.raises(InvalidOutput) as caught:
        validate({"name": "tomato", "tags": ["a", "b", "c"], "size": "x"}, SCHEMA)
    lines = caught.value.hint.splitlines()
    assert len(lines) == 3
    assert {line.split()[0] for line in lines} == {"name", "tags[2]", "size"}
    assert lines[0] == str(caught.value)
    many = {"name": "x", "tags": ["tomato"] * 1000}
    with pytest.raises(InvalidOutput) as caught:
        validate(many, SCHEMA)
    assert len(caught.value.hint.splitlines()) <= 11


def test_a_wrong_schema_is_a_mistake_in_the_program() -> None:
    with pytest.raises(ConfigurationError, match="not a JSON schema"):
        validate({}, {"type": "thing"})


def test_no_reference_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(*_: object, **__: object) -> None:
        pytest.fail("an address in a schema was opened")

    monkeypatch.setattr(urllib.request, "urlopen", fetched)
    with pytest.raises(ConfigurationError, match="refers to"):
        validate({}, {"$ref": "http://example.test/schema.json"})


def test_without_jsonschema_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        validation, "find_spec", lambda name: None if name == "jsonschema" else importlib.util.find_spec(name)
    )
    for call in (lambda: validate({}, SCHEMA), lambda: json_schema_of(SCHEMA)):
        with pytest.raises(ConfigurationError, match=r"pip install 'minillm-tree\[schema\]'"):
            call()
