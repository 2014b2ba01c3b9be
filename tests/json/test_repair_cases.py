"""145 inputs that the two ancestors of this ladder were run on, and each answer of ours that is not theirs.

An ancestor's empty text or error stands for "no JSON value": here that is always InvalidOutput.
"""

import json
from typing import Any, NamedTuple

import pytest

from minillm.errors import InvalidOutput
from minillm.json import repair_json
from tests.required import demand
from tests.wire import corpus

CASES = corpus.root().parent / "json-repair-cases.json"
NOTHING = None


class Difference(NamedTuple):
    """Our answer as JSON text, None for InvalidOutput; what differs from it; why."""

    ours: str | None
    theirs: str
    reason: str


EXACT = "a valid document is given back as it is"
PYTHON = "the Python package is right, the crate loses data"
NAMED = "JSON has no such number: its own spelling is kept, as a string"
PROSE = "a refusal with words in brackets is no JSON"
CUT = "a member whose value never came is left out, not made up"
EVERY = "every value of the text is kept"
ESCAPE = "a valid escape is read as JSON defines it"

DIFFERENCES = {
    '{"big": 92233720368547758079}': Difference('{"big": 92233720368547758079}', "crate", EXACT),
    '{"id\\n": 1}': Difference('{"id\\n": 1}', "crate", EXACT),
    '""': Difference('""', "both", EXACT),
    '{"a": NaN}': Difference('{"a": "NaN"}', "package", NAMED),
    "[Infinity, -Infinity]": Difference('["Infinity", "-Infinity"]', "both", NAMED + ", sign included"),
    '{"a": 1e400}': Difference('{"a": "1e400"}', "package", NAMED),
    "I can't do {that}.": Difference(NOTHING, "both", PROSE),
    "Sorry [not allowed]": Difference(NOTHING, "both", PROSE),
    "{“a“: “b“": Difference(NOTHING, "package", "an empty object would hide that all was lost"),
    '{"a":': Difference("{}", "both", CUT),
    '{"a"': Difference("{}", "both", CUT),
    '{"t": True, "f": FALSE, "n": None, "x": Null}': Difference(
        '{"t": true, "f": false, "n": null, "x": null}', "crate", PYTHON
    ),
    "[True, None]": Difference("[true, null]", "crate", PYTHON),
    '{"a": /* in */ 1}': Difference('{"a": 1}', "crate", PYTHON),
    '{"o": {"p": "q" // tail }, "r": 1 }': Difference(
        '{"o": {"p": "q"}}', "crate", "a comment runs to the end of its line, brackets included"
    ),
    '{"e": "\\ud83d\\ude00", }': Difference('{"e": "\\ud83d\\ude00"}', "crate", ESCAPE),
    '{"s": "a\\/b",}': Difference('{"s": "a/b"}', "both", ESCAPE),
    '{"f": "\\f\\b",}': Difference('{"f": "\\f\\b"}', "both", ESCAPE),
    '[{"a": 1, "a": 2,}]': Difference('[{"a": 2}]', "crate", "the last of equal keys wins, as in valid JSON"),
    '[{"a":1,"a":2,"a":3,}]': Difference('[{"a": 3}]', "crate", "the last of equal keys wins, as in valid JSON"),
    "[]{}": Difference("[[], {}]", "both", EVERY),
    '{"a":1}\n{"a":2}\n{"a":3}': Difference('[{"a": 1}, {"a": 2}, {"a": 3}]', "both", EVERY + ": JSON Lines"),
    "[1] [2]": Difference("[[1], [2]]", "both", EVERY),
    '{"a": (1, 2)}': Difference('{"a": [1, 2]}', "crate", PYTHON),
    '("a", "b")': Difference('["a", "b"]', "crate", PYTHON),
}


def cases() -> list[dict[str, Any]]:
    demand("corpus", CASES.is_file(), f"{CASES.name} is not beside the folder that MINILLM_WIRE_CORPUS names")
    loaded: list[dict[str, Any]] = json.loads(CASES.read_text("utf-8"))
    return loaded


def ours(text: str) -> str | None:
    try:
        return canonical(repair_json(text).text)
    except InvalidOutput:
        return NOTHING


def canonical(text: str) -> str | None:
    if not text or text.startswith("<<"):
        return NOTHING
    return json.dumps(json.loads(text))


def test_every_case_gives_the_ancestors_answer_or_a_listed_one() -> None:
    wrong = []
    for case in cases():
        text, theirs = case["input"], case["json_repair_0_64_5"]
        wanted = DIFFERENCES[text].ours if text in DIFFERENCES else theirs
        if ours(text) != (NOTHING if wanted is None else canonical(wanted)):
            wrong.append((text, wanted, ours(text)))
    assert wrong == []


def test_the_list_of_differences_is_exact() -> None:
    found = {}
    for case in cases():
        answer = ours(case["input"])
        crate, package = (canonical(case[name]) != answer for name in ("crate", "json_repair_0_64_5"))
        if crate or package:
            found[case["input"]] = "both" if crate and package else "crate" if crate else "package"
    assert found == {text: difference.theirs for text, difference in DIFFERENCES.items()}


def test_changed_is_told_for_all_but_valid_documents() -> None:
    for case in cases():
        text = case["input"]
        try:
            result = repair_json(text)
        except InvalidOutput:
            continue
        assert result.changed is not is_valid(text), text


def is_valid(text: str) -> bool:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse, parse_float=lambda said: refuse(said) if "400" in said else float(said))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", DIFFERENCES)
def test_each_listed_answer_holds_without_the_corpus_too(text: str) -> None:
    wanted = DIFFERENCES[text].ours
    assert ours(text) == (NOTHING if wanted is None else canonical(wanted))
