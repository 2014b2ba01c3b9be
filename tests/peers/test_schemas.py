"""Schemas that were narrowed are such as the vendors' own helpers would send: those find nothing to change."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from minillm.json.narrow import CLOSED, STRICT, narrow_schema
from tests.peers.harness import HERE, program
from tests.wire import corpus, rewritings

pytestmark = pytest.mark.peers

NAMES = ("parameters", "input_schema", "schema", "parametersJsonSchema", "responseJsonSchema")
DIALECTS = {"closed": CLOSED, "strict": STRICT}
HARD: tuple[dict[str, Any], ...] = (
    {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "minimum": 1},
            "b": {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 4},
            "c": {"oneOf": [{"type": "string", "format": "zip"}, {"type": "null"}]},
            "d": {"$ref": "#/$defs/D"},
            "e": {"not": {"type": "string"}},
            "f": {"type": ["array", "null"], "items": {}},
        },
        "patternProperties": {"x": {}},
        "$defs": {"D": {"type": "object", "properties": {"x": {"const": 1}, "n": {"$ref": "#/$defs/D"}}}},
    },
    {"type": "object"},
    {"type": "object", "additionalProperties": {"type": "integer"}},
)


def schemas() -> Iterator[dict[str, Any]]:
    """Every schema of every recorded request, and some hard ones."""
    corpus.case("openai_chat", "text")  # skips, or fails where the corpus is required
    yield from HARD
    for folder in rewritings.FOLDERS:
        for case in rewritings.cases(folder):
            yield from _inside(case.request)


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key in NAMES and isinstance(item, dict) and item.get("type") == "object":
            yield item
        else:
            yield from _inside(item)


def plainly(value: Any) -> Any:
    """Without what the helpers only spell otherwise: the order of names, a type beside an enum."""
    if isinstance(value, list):
        return [plainly(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {key: plainly(item) for key, item in value.items()}
    if isinstance(out.get("required"), list):
        out["required"].sort()
    if "enum" in out:
        out.pop("type", None)
    return out


def test_the_vendors_helpers_find_nothing_to_change() -> None:
    asked = [
        (name, narrow_schema(schema, dialect, lambda *_: None))
        for schema in schemas()
        for name, dialect in DIALECTS.items()
    ]
    assert len(asked) > 100
    run = subprocess.run(
        [program("sdk", "bin", "python"), HERE / "judges" / "schemas.py"],
        input=json.dumps(asked).encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    for (name, schema), said in zip(asked, json.loads(run.stdout), strict=True):
        assert plainly(said) == plainly(schema), name
