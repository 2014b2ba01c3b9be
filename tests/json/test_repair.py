"""The ladder: what comes out of a model's text, and what no text can do to us."""

import asyncio
import contextlib
import json
import sys
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import InvalidOutput
from minillm.json import extract_json, repair, repair_json, repair_json_async
from minillm.json.metered import MOST_CHARACTERS
from minillm.json.repair import loads

from .test_serialization import VALUES

PIECES = (
    *"{}[]\"',:\\a1 \n/()#“-*é\x00",
    *('{"a":', '"b"', "tr", "```json\n", "\n```\n", "//", "/*", "*/", "...", "True", "NaN", "1e999", "\\ud800"),
)
FRAGMENTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)

DOCUMENT = {
    "name": 'Zoë "Z" \U0001f600',
    "tags": ["a", "b\\", ""],
    "n": -12.5,
    "ok": True,
    "none": None,
    "in": {"x": [[]]},
}


@given(VALUES)
def test_valid_json_comes_back_unchanged(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1), json.dumps(value, ensure_ascii=False)):
        result = repair_json(f" {text}\n")
        assert (result.value, result.text, result.changed) == (value, text, False)


@given(st.text() | FRAGMENTS, st.sampled_from(["any", "object", "array"]))
def test_any_text_is_a_value_or_invalid_output(text: str, expect: Any) -> None:
    try:
        result = repair_json(text, expect=expect)
    except InvalidOutput:
        return
    assert json.loads(result.text) == result.value
    assert not repair_json(result.text, expect=expect).changed


@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_prefix_of_a_document_is_a_part_of_it(ascii_only: bool) -> None:
    text = json.dumps(DOCUMENT, ensure_ascii=ascii_only)
    for end in range(1, len(text)):
        value = loads(text[:end])
        assert isinstance(value, dict)
        assert list(value) == list(DOCUMENT)[: len(value)]
        assert all(value[key] == DOCUMENT[key] for key in list(value)[:-1])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('Here:\n```\n{"a": True,}\n```\nDone', {"a": True}),
        ('{"a": "first\nsecond", // why\n}', {"a": "first\nsecond"}),
        ('So {"a": [1, 2', {"a": [1, 2]}),
        ('{"a": "he said "no" to me"}', {"a": 'he said "no" to me'}),
        ("{'a': 'b'}", {"a": "b"}),
        ("Result: {'a': 1} ok", {"a": 1}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('\u00a0{"a": 1}', {"a": 1}),
        ('{"a": "open}', {"a": "open"}),
        ('[1, {"a": "\\ud800"},]', [1, {"a": "\ud800"}]),
        ('x = {"n": 12345678901234567890123}', {"n": 12345678901234567890123}),
    ],
)
def test_faults_are_repaired_and_told(text: str, value: Any) -> None:
    result = repair_json(text)
    assert result.value == value
    assert result.changed
    assert json.loads(result.text) == value
    assert extract_json(text) == result.text
    assert loads(text) == value


def test_compact_and_pretty_text() -> None:
    result = repair_json('{"a": [1, "é"],}')
    assert result.text == '{"a":[1,"é"]}'
    assert result.pretty() == '{\n  "a": [\n    1,\n    "é"\n  ]\n}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "plain words",
        "The answer is 5",
        "True",
        '"open',
        "}",
        "I can't do {that}.",
        "sad :[",
        "I like {",
        "\x00",
        "(a)",
    ],
)
def test_no_json_value_is_invalid_output(text: str) -> None:
    with pytest.raises(InvalidOutput):
        repair_json(text)


def test_the_answer_is_not_quoted_in_the_error() -> None:
    for text in ("tomato", "a {tomato} b", "{tomato tomato" * 3000, "[" * 2000 + "tomato"):
        with pytest.raises(InvalidOutput) as caught:
            repair_json(text, expect="object")
        assert "tomato" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expect", "value"),
    [
        ('{"a": 1}', "object", {"a": 1}),
        ('see [1] and {"a": 1}', "object", {"a": 1}),
        ('draft {"a": 1}, final {"a": 2}', "object", {"a": 2}),
        ('{"a": 1}\n{"a": 2}', "array", [{"a": 1}, {"a": 2}]),
        ('see [1]: {"a": 2}', "array", [1]),
        ('"{\\"a\\": 1}"', "object", {"a": 1}),
    ],
)
def test_the_kind_expected_is_chosen(text: str, expect: Any, value: Any) -> None:
    assert loads(text, expect=expect) == value


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("[1]", "object"),
        ('{"a": 1}', "array"),
        ("4", "object"),
        ('"words"', "array"),
        ("[1, 2", "object"),
        ("null", "object"),
    ],
)
def test_another_kind_is_invalid_output(text: str, expect: Any) -> None:
    with pytest.raises(InvalidOutput):
        repair_json(text, expect=expect)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 400 + ".0", "9" * 5000])
def test_a_number_nothing_can_hold_is_its_spelling(number: str) -> None:
    result = repair_json(f'{{"a": [{number}]}}')
    assert result.value == {"a": [number]}
    assert result.changed


@pytest.mark.parametrize("depth", [150, 250, 1024, 1025, 100_000])
@pytest.mark.parametrize("unit", ["[", '{"a":', "[{", "{a:[", "(", "{'a':("])
@pytest.mark.parametrize("tail", ["", "]", "1"])
def test_deep_nesting_is_a_value_or_typed(depth: int, unit: str, tail: str) -> None:
    with contextlib.suppress(InvalidOutput):
        repair_json(unit * depth + tail * depth)


def test_valid_nesting_is_read_as_deep_as_orjson_does() -> None:
    assert not repair_json("[" * 1024 + "]" * 1024).changed
    with pytest.raises(InvalidOutput, match="deep"):
        repair_json("[" * 1025 + "]" * 1025)


@pytest.mark.parametrize("inner", ["NaN", '"\\ud800"', "9" * 30, "True"])
def test_no_way_through_the_ladder_goes_deeper(inner: str) -> None:
    for depth in (1023, 1024, 1025, 3000):
        with contextlib.suppress(InvalidOutput):
            repair_json("[" * depth + inner + "]" * depth)


def test_little_stack_left_is_no_recursion_error() -> None:
    def descend(levels: int) -> None:
        if levels:
            return descend(levels - 1)
        for text in ('{"a": [1, 2', "{'a': [1, {'b': (2, 3)}]}", "[" * 500):
            with contextlib.suppress(InvalidOutput):
                repair_json(text)
        return None

    repair_json("{'a': 1}")  # imports need more of the stack than the work
    used, frame = 0, sys._getframe()
    while frame is not None:
        used, frame = used + 1, frame.f_back  # type: ignore[assignment]
    descend(sys.getrecursionlimit() - used - 80)


WORDS = "All happy families are alike; every unhappy one is unhappy in its own way. "


@pytest.mark.parametrize(
    "text",
    [
        WORDS * 40_000,
        "[" + WORDS * 20_000,
        '{"a": "' + 'he said "no" and ' * 60_000 + '"}',
        ("{a b} " + WORDS) * 10_000,
        (")“" + "'{]" * 1000)[:3000],
        "{ " * 200_000,
        "[1] " * 30_000,
    ],
    ids=["prose", "bracket and prose", "endless damaged string", "asides", "look-ahead", "braces", "values"],
)
def test_what_would_take_too_long_is_invalid_output(text: str) -> None:
    with pytest.raises(InvalidOutput):
        repair_json(text)


def test_megabytes_are_read_where_that_is_linear() -> None:
    size = 1_000_000
    assert loads('{"a": "' + "x" * size)["a"] == "x" * size
    assert loads('{"a": "' + "line\n" * 200_000 + '", }')["a"] == "line\n" * 200_000
    assert loads(f'{WORDS * 10_000} {{"a": 1}} {WORDS * 10_000}') == {"a": 1}
    rows = "[" + ", ".join(f'{{"n": {n},}}' for n in range(50_000)) + "]"
    assert len(loads(rows)) == 50_000


def test_the_limit_is_for_what_is_not_valid() -> None:
    assert loads("[1, 2, 3]", limit=3) == [1, 2, 3]
    with pytest.raises(InvalidOutput, match="limit 3"):
        loads("[1, 2, 3,]", limit=3)
    with pytest.raises(InvalidOutput, match="too long to be repaired"):
        loads("{'a': '" + "x" * MOST_CHARACTERS + "'}")


async def test_the_async_form_gives_the_same() -> None:
    for text in (
        '{"a": 1}',
        "{'a': 1}",
        '{"a": "' + "x" * 100_000,
        "[" + "1," * 20_000 + "2]",
        "[" + "{'a': 1}," * 8_000 + "]",
    ):
        assert await repair_json_async(text) == repair_json(text)
    for text in ("words", "", "[1]"):
        with pytest.raises(InvalidOutput):
            await repair_json_async(text, expect="object")


async def test_long_work_leaves_the_loop_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[tuple[int, int]] = []

    def watched(text: str, looks: int) -> Any:
        where.append((threading.get_ident(), looks))
        return real(text, looks)

    real = repair.repaired
    monkeypatch.setattr(repair, "repaired", watched)
    loop = threading.get_ident()
    await repair_json_async("{'a': 1}")
    await repair_json_async("[" + "{'key': 'value'}," * 300 + "]")
    await repair_json_async("[" + "{'key': 'value'}," * 3000 + "]")
    small, begun, again, large = where
    assert small[0] == begun[0] == loop  # a short text is begun at once, within a small budget ...
    assert begun[1] < again[1]
    assert again[0] != loop != large[0]  # ... and goes to a thread when that is spent


async def test_the_loop_turns_while_a_thread_repairs() -> None:
    task = asyncio.create_task(repair_json_async("[" + "{'key': 'value'}," * 3000 + "]"))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert len((await task).value) == 3000
    assert turns > 1
