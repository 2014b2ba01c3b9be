"""Arguments field by field: the same events however the text is cut."""

import itertools
import json
import math
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minillm.errors import InvalidOutput, StreamConsumed
from minillm.json.argument_stream import ArgumentStream, FieldDelta, FieldDone, FieldEvent, FieldStarted

DOCUMENT = (
    ' {"path": "a\\u00e9\\ud83d\\ude00\\n\\"q\\" \\\\", "n": [1, -2.5e3, {"x": null, "y": [true, []]}], "e": {},'
    ' "t": "", "k\\u0065y\\ud83d\\ude00": 0}\r\n\t '
)


def read(*slices: str, **options: Any) -> tuple[list[FieldEvent], ArgumentStream]:
    """All events, with the deltas of a text joined."""
    stream = ArgumentStream(**options)
    events = [event for piece in slices for event in stream.feed(piece)]
    return joined([*events, *stream.finish()]), stream


def joined(events: list[FieldEvent]) -> list[FieldEvent]:
    out: list[FieldEvent] = []
    for event in events:
        last = out[-1] if out else None
        if isinstance(event, FieldDelta) and isinstance(last, FieldDelta) and last.path == event.path:
            out[-1] = FieldDelta(event.path, last.delta + event.delta)
        else:
            out.append(event)
    return out


def outcome(*slices: str, **options: Any) -> tuple[list[FieldEvent], str]:
    """All events there are, and how it ended: an error's words, or nothing."""
    stream = ArgumentStream(**options)
    events: list[FieldEvent] = []
    try:
        for piece in slices:
            events += stream.feed(piece)
        events += stream.finish()
    except InvalidOutput as error:
        return joined(events), str(error)
    return joined(events), ""


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def test_what_is_told() -> None:
    events, _ = read('{"to": "me", "lines": ["a", 2], "ok": true}')
    assert events == [
        FieldStarted((), "object"),
        FieldStarted(("to",), "string"),
        FieldDelta(("to",), "me"),
        FieldDone(("to",), "me"),
        FieldStarted(("lines",), "array"),
        FieldStarted(("lines", 0), "string"),
        FieldDelta(("lines", 0), "a"),
        FieldDone(("lines", 0), "a"),
        FieldStarted(("lines", 1), "number"),
        FieldDone(("lines", 1), 2),
        FieldDone(("lines",), ["a", 2]),
        FieldStarted(("ok",), "boolean"),
        FieldDone(("ok",), True),
        FieldDone((), {"to": "me", "lines": ["a", 2], "ok": True}),
    ]


def test_a_text_is_told_as_it_comes() -> None:
    """All of it that is known, at once; what is not, not yet."""
    stream = ArgumentStream()
    assert stream.feed('{"text": "pri') == [
        FieldStarted((), "object"),
        FieldStarted(("text",), "string"),
        FieldDelta(("text",), "pri"),
    ]
    assert stream.feed("nt(\\") == [FieldDelta(("text",), "nt(")]
    assert stream.feed('"\\ud83d\\u') == [FieldDelta(("text",), '"')]
    assert stream.feed("de0") == []
    assert stream.feed("0!") == [FieldDelta(("text",), "😀!")]
    assert (stream.value, stream.complete) == ({}, False)
    assert stream.feed('"') == [FieldDone(("text",), 'print("😀!')]
    assert stream.feed("}") == [FieldDone((), {"text": 'print("😀!'})]
    assert (stream.value, stream.complete) == ({"text": 'print("😀!'}, True)
    assert stream.finish() == []


def test_a_number_is_told_when_it_can_grow_no_more() -> None:
    stream = ArgumentStream()
    assert stream.feed('{"n": 12') == [FieldStarted((), "object"), FieldStarted(("n",), "number")]
    assert stream.feed("3") == []
    assert stream.feed(",") == [FieldDone(("n",), 123)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_slices_of_any_size(size: int) -> None:
    events, stream = read(*(DOCUMENT[i : i + size] for i in range(0, len(DOCUMENT), size)))
    assert events == read(DOCUMENT)[0]
    assert stream.value == json.loads(DOCUMENT)


def test_every_cut_in_two() -> None:
    whole = read(DOCUMENT)[0]
    for at in range(len(DOCUMENT) + 1):
        assert read(DOCUMENT[:at], DOCUMENT[at:])[0] == whole


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
objects = st.dictionaries(st.text(), values, max_size=5)
places = st.lists(st.integers(0, 10_000), max_size=30)


def at_path(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@settings(max_examples=150, deadline=None)
@given(objects, places, st.booleans(), st.sampled_from([None, 1]))
def test_any_object_cut_anywhere(value: dict[str, Any], where: list[int], ascii: bool, indent: int | None) -> None:
    """The same events, the value of Python's own json, and every text the sum of its deltas."""
    text = json.dumps(value, ensure_ascii=ascii, indent=indent)
    events, stream = read(*cut(text, where))
    assert events == read(text)[0]
    assert stream.value == json.loads(text)
    assert stream.complete
    deltas = {event.path: event.delta for event in events if isinstance(event, FieldDelta)}
    for event in events:
        if isinstance(event, FieldDone):
            assert event.value == at_path(value, event.path)
            if isinstance(event.value, str):
                assert deltas.get(event.path, "") == event.value
    started = [event.path for event in events if isinstance(event, FieldStarted)]
    assert sorted(map(repr, started)) == sorted(repr(e.path) for e in events if isinstance(e, FieldDone))


broken = st.text('{}[]",:\\ \nu0aed1-.tn\ud83d', max_size=40).map(lambda text: '{"a": "' + text)


@settings(max_examples=300, deadline=None)
@given(st.text() | broken | objects.map(json.dumps), places, st.booleans())
@example('{"a": "x" , "b"', [9], True)
@example('{"a": "x"}  ', [9, 10], True)
@example('{"a": "\\ud83d"}', [12, 13, 14], False)
def test_any_text_ends_alike_however_it_is_cut(text: str, where: list[int], lenient: bool) -> None:
    """Also with the same error, after the same events."""
    assert outcome(*cut(text, where), lenient=lenient) == outcome(text, lenient=lenient)


@settings(max_examples=150, deadline=None)
@given(objects.map(json.dumps), places)
def test_lenient_reads_what_is_json_as_json(text: str, where: list[int]) -> None:
    """But for a text that looks like what ends it; and half a pair is replaced."""
    _, stream = read(*cut(text, where), lenient=True)
    assert stream.value == json.loads(text)


def finite(spelling: str) -> float:
    number = float(spelling)
    if math.isinf(number):
        raise ValueError(spelling)
    return number


@settings(max_examples=400, deadline=None)
@given(st.text('01e.-+tru"\\[]{},: \t', max_size=12) | values.map(json.dumps), places)
def test_strict_takes_what_python_takes(text: str, where: list[int]) -> None:
    """But for numbers that no float can hold."""
    text = '{"a":' + text + "}"
    try:
        value = json.loads(text, parse_float=finite)
    except ValueError:
        value = None
    events, problem = outcome(*cut(text, where))
    if value is None:
        assert problem
    else:
        assert (problem, events[-1]) == ("", FieldDone((), value))


@pytest.mark.parametrize("slices", [(), ("",), (" ", "\n")])
def test_nothing_at_all_is_no_arguments(slices: tuple[str, ...]) -> None:
    events, stream = read(*slices)
    assert events == [FieldStarted((), "object"), FieldDone((), {})]
    assert stream.value == {}


def test_of_two_members_of_one_name_the_last_counts() -> None:
    events, stream = read('{"a": 1, "a": [2]}')
    assert stream.value == {"a": [2]}
    assert [event.value for event in events if isinstance(event, FieldDone) and event.path == ("a",)] == [1, [2]]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("[1]", "", "no JSON object"),
        ("null", "", "no JSON object"),
        ("{'a': 1}", "", "name of a member"),
        ('{"a" 1}', "", "colon"),
        ('{"a": }', "", "a value"),
        ('{"a": nil}', "", "a value"),
        ('{"a": 01}', "", "number"),
        ('{"a": +1}', "", "a value"),
        ('{"a": 1.}', "", "number"),
        ('{"a": 1e999}', "", "float"),
        ('{"a": ' + "9" * 5000 + "}", "", "too many digits"),
        ('{"a": 1 "b": 2}', "", "comma or }"),
        ('{"a": [1 2]}', "a", "comma or ]"),
        ('{"a": [1}}', "a", "comma or ]"),
        ('{"a": [1,]}', "a", "a value"),
        ('{"a": 1,}', "", "name of a member"),
        ('{"a": "\\x"}', "", "escape"),
        ('{"a": "\\u12g4"}', "", "escape"),
        ('{"a": "x\ny"}', "", "control"),
        ('{"a": {"b": "\t"}}', "a", "control"),
        ('{"a\n": 1}', "", "control"),
        ('{"a": 1} x', "", "more text"),
        ('{"a": 1}{', "", "more text"),
        ('{"a": ' + "[" * 1100, "a[0][0]", "deeper"),
        ('{"a": "x', "", "breaks off"),
        ('{"a": {"b": [1', "a.b", "breaks off"),
        ('{"a": tru', "", "breaks off"),
        ("{", "", "breaks off"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, path: str, words: str) -> None:
    with pytest.raises(InvalidOutput, match=words) as told:
        read(text)
    assert told.value.path.startswith(path)
    if not path:
        assert told.value.path == ""


def test_what_came_before_a_fault_is_given_first() -> None:
    stream = ArgumentStream()
    assert stream.feed('{"a": 1, b')[-1] == FieldDone(("a",), 1)
    for again in (lambda: stream.feed("}"), stream.finish, lambda: stream.feed("")):
        with pytest.raises(InvalidOutput, match="name of a member"):
            again()


def test_an_error_quotes_no_text() -> None:
    with pytest.raises(InvalidOutput) as told:
        read('{"a": "secret\x00"}')
    assert "secret" not in str(told.value)


def test_after_the_end_nothing_is_read() -> None:
    _, stream = read("{}")
    for again in (lambda: stream.feed(" "), stream.finish):
        with pytest.raises(StreamConsumed):
            again()


def test_levels_that_lie_too_deep_are_part_of_their_holders() -> None:
    text = '{"a": {"b": {"c": [1]}}, "d": 2}'
    events, stream = read(text, depth=2)
    assert {event.path for event in events} == {(), ("a",), ("a", "b"), ("d",)}
    assert stream.value == json.loads(text)
    assert [event.path for event in read(text, depth=0)[0]] == [(), ()]


# What models mean, where it is no JSON.
LENIENT = [
    ('{"a": "say "hi" now", "b": 1}', {"a": 'say "hi" now', "b": 1}),
    ('{"a": "say "hi""}', {"a": 'say "hi"'}),
    ('{"a": "x" }\n ', {"a": "x"}),
    ('{"a": "two\nlines\tof"}', {"a": "two\nlines\tof"}),
    ('{"a": "C:\\dir\\new"}', {"a": "C:\\dir\new"}),
    ('{"a": "\\u12 x"}', {"a": "\\u12 x"}),
    ('{"a": "if (x) { y("}"); }"}', {"a": 'if (x) { y("}"); }'}),
    ('{"a": "b", "c", "d": 1}', {"a": 'b", "c', "d": 1}),
    ('{"a": "x", "b": "y', {"a": "x", "b": "y"}),
    ('{"a": "x", "b": "y"', {"a": "x", "b": "y"}),
    ('{"a": "x\\', {"a": "x"}),
    ('{"a": "x\\u12', {"a": "x"}),
    ('{"a": "x", "', {"a": "x"}),
    ('{"a": "x", "b"', {"a": "x"}),
    ('{"a": "x", "b": 12', {"a": "x"}),
    ('{"a": ["x", "y', {"a": ["x"]}),
    ("{", {}),
]


@pytest.mark.parametrize(("text", "value"), LENIENT)
def test_lenient_reads_texts_as_they_are_meant(text: str, value: dict[str, Any]) -> None:
    for size in (len(text), 1, 2, 3):
        events, stream = read(*(text[i : i + size] for i in range(0, len(text), size)), lenient=True)
        assert stream.value == value
        assert events[-1] == FieldDone((), value)


def test_lenient_knows_whether_it_was_whole() -> None:
    assert read('{"a": "x"}', lenient=True)[1].complete
    assert not read('{"a": "x"', lenient=True)[1].complete


@pytest.mark.parametrize("text", ['{"a": [1 2]}', '{"a": ["x" y"]}', "[1]", '{"a": nil}', '{"a": 1} more'])
def test_lenient_is_about_texts_alone(text: str) -> None:
    with pytest.raises(InvalidOutput):
        read(text, lenient=True)


def test_lenient_looks_ahead_so_far_and_no_further() -> None:
    """A name longer than that is taken for text, wherever the text is cut."""
    text = '{"a": "x", "' + "k" * 600 + '": 1}'
    whole = outcome(text, lenient=True)
    assert outcome(*text, lenient=True) == whole
    assert whole[0][2] == FieldDelta(("a",), 'x", "' + "k" * 600 + '": 1}')


@pytest.mark.parametrize(
    "piece", ['{"a": "' + "x" * 100, '"', '\\"', '" ,', "\\ud83d", "[", '{"a":', "1,", "\n"], ids=repr
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    """Twenty times the text, far from four hundred times the steps: counted in lines run, not in seconds."""
    few, many = (steps('{"a": "' + piece * count) for count in (10, 200))
    assert many < 40 * few


def steps(text: str) -> int:
    """Lines of the parser that run for a text fed in slices of two."""
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace if "argument_stream" in frame.f_code.co_filename else None

    stream = ArgumentStream(lenient=True)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for at in range(0, len(text), 2):
            stream.feed(text[at : at + 2])
    except InvalidOutput:
        pass
    finally:
        sys.settrace(before)
    return count
