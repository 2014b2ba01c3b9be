"""JSON at every edge: exact and fast, repaired, partial, and shaped by Python types.

    place            where in a value, for errors
    exact            the writer for what orjson refuses
    serialization    loads, dumps: orjson, guarded
    values           the values of a long text, cut apart
    partial          a text that is still growing (jiter)
    streamed_text    the inside of a string that comes in pieces
    argument_stream  the fields of arguments as they arrive
    documents        the sound values in a text
    mending          plain faults, in linear time
    metered          json-repair under a budget
    repair           the ladder over all of these
    docstring        what a docstring says of parameters and fields
    fields           what a Python type holds
    schema           type -> JSON schema
    output           type and value -> object
    answer           what hosts are asked for, and the value out of the answer
    growing          a value in a text that is being written
    validation       value against a schema

``loads`` here is the strict one; the tolerant one is ``minillm.json.repair.loads``. Importing this
package loads none of orjson, jiter, json-repair, jsonschema: they come with the first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .serialization import dumps, loads

if TYPE_CHECKING:
    from .argument_stream import ArgumentStream, FieldDelta, FieldDone, FieldEvent, FieldStarted
    from .output import build_output
    from .partial import parse_partial
    from .repair import RepairResult, extract_json, repair_json, repair_json_async
    from .schema import json_schema_of
    from .validation import validate

__all__ = [
    "ArgumentStream",
    "FieldDelta",
    "FieldDone",
    "FieldEvent",
    "FieldStarted",
    "RepairResult",
    "build_output",
    "dumps",
    "extract_json",
    "json_schema_of",
    "loads",
    "parse_partial",
    "repair_json",
    "repair_json_async",
    "validate",
]

_HOMES = {
    **dict.fromkeys(("ArgumentStream", "FieldDelta", "FieldDone", "FieldEvent", "FieldStarted"), "argument_stream"),
    "RepairResult": "repair",
    "repair_json_async": "repair",
    "build_output": "output",
    "extract_json": "repair",
    "json_schema_of": "schema",
    "parse_partial": "partial",
    "repair_json": "repair",
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
