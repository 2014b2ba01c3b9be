"""The scanner of TOML finds every key that tomllib finds, and where it stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.config_file.places import MAX_LEVELS, TooDeep
from minillm.config_file.toml_places import toml_places

TEXT = '''# a recipe
title = "say \\"hi\\" # not a comment"
dotted . key = 'x'
"quoted key" = 1
"\\u00e4" = 2
list = [ 1, # one
  [2, 3], { a = 1, b.c = """
long "quoted" text = [ """ } ,
]
long = \'\'\'
[no.header]
it's = 1\'\'\'\'
[table.inner] # here
a = 1979-05-27T07:32:00Z
[[steps]]
id = "one"
[[steps]]
id = "two"
[steps.options]
deep = true
[[steps.cases]]
when = "x"
'''


def paths(value: Any, path: tuple = ()) -> set[tuple]:
    if isinstance(value, dict):
        return {path}.union(*(paths(item, (*path, key)) for key, item in value.items()))
    if isinstance(value, list):
        return {path}.union(*(paths(item, (*path, at)) for at, item in enumerate(value)))
    return {path}


def test_every_key_has_its_place():
    """Strings, comments and nested values do not confuse it."""
    places = toml_places(TEXT)
    assert paths(tomllib.loads(TEXT)) == set(places.offsets)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), (2, 1)),
        (("dotted",), (3, 1)),
        (("dotted", "key"), (3, 10)),
        (("quoted key",), (4, 1)),
        (("ä",), (5, 1)),
        (("list", 0), (6, 10)),
        (("list", 1, 1), (7, 7)),
        (("list", 2, "b", "c"), (7, 22)),
        (("long",), (10, 1)),
        (("table", "inner"), (13, 1)),
        (("steps",), (15, 1)),
        (("steps", 0), (15, 1)),
        (("steps", 1), (17, 1)),
        (("steps", 1, "id"), (18, 1)),
        (("steps", 1, "options", "deep"), (20, 1)),
        (("steps", 1, "cases", 0, "when"), (22, 1)),
        (("steps", 1, "nothing of the sort"), (17, 1)),
    ],
)
def test_line_and_column(path, place):
    """Counted from 1, as editors do; what is not there has the place of what is around it."""
    places = toml_places(TEXT)
    assert places.line_and_column(places.find(path)) == place


def test_windows_line_ends_do_not_move_anything():
    """A line is a line."""
    here, there = toml_places(TEXT), toml_places(TEXT.replace("\n", "\r\n"))
    assert set(here.offsets) == set(there.offsets)
    for path in here.offsets:
        assert here.line_and_column(here.find(path)) == there.line_and_column(there.find(path))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2\na = 3", ("a",), 3),
        ("[t]\n[u]\n[t]", ("t",), 3),
        ('a.b = 1\n\na."b" = 2', ("a", "b"), 3),
        ("x = { a = 1, a = 2 }", ("x", "a"), 1),
    ],
)
def test_a_key_given_twice_is_noted(text, path, line):
    """tomllib refuses it at the second value's end; we know where both stand."""
    places = toml_places(text)
    [(found, offset)] = places.twice
    assert (found, places.line_and_column(offset)[0]) == (path, line)
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)


@pytest.mark.parametrize("text", ["[a", "a", "a =", "a = [", 'a = "x', "= 1", "[[a]", "a = {b = 1", "a = '''x", "\x00"])
def test_a_broken_text_ends_the_scan(text):
    """Without an error of its own: tomllib has the words."""
    assert () in toml_places(text).offsets


@pytest.mark.parametrize("text", ["a = " + "[" * 500, "a" + ".a" * 500 + " = 1", "[" + "a." * 500 + "a]", "a={" * 500])
def test_depth_has_an_end(text):
    """Deeper than any settings are; recursion and quadratic time are not for files."""
    with pytest.raises(TooDeep):
        toml_places(text)
    assert MAX_LEVELS < 200


# TOML written in many ways, with the keys it holds.
KEYS = st.sampled_from(["a", "b-c", "1", '"q k"', "'l.k'", '"\\u0041x"'])
TEXTS = st.sampled_from(
    ['"s"', "'l'", '"""x\n"y" ]"""', "'''\nl'l'''", '"a\\"b"', '""', "''", '""""q"""""', "''''x'''''", '"""\\"""""']
)
SCALARS = st.one_of(TEXTS, st.sampled_from(["1", "-2.5e3", "true", "inf", "07:32:00", "1979-05-27 07:32:00", "0xff"]))
BLANKS = st.sampled_from(["", " ", "\t"])
BREAKS = st.sampled_from(["", "\n", " # a, ] comment\n ", "\r\n"])


@st.composite
def arrays(draw: Any, inner: Any) -> str:
    items = draw(st.lists(inner, max_size=3))
    body = ",".join(draw(BREAKS) + item + draw(BREAKS) for item in items)
    return "[" + body + draw(BREAKS) + "]"


@st.composite
def inline_tables(draw: Any, inner: Any) -> str:
    keys = draw(st.lists(KEYS, unique=True, max_size=3))
    return "{" + ", ".join(f"{key}{draw(BLANKS)}={draw(BLANKS)}{draw(inner)}" for key in keys) + draw(BLANKS) + "}"


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(arrays(inner), inline_tables(inner)), max_leaves=6)
LINES = st.one_of(
    st.builds(lambda keys, value: f"{'.'.join(keys)} = {value}", st.lists(KEYS, min_size=1, max_size=3), VALUES),
    st.builds(lambda keys: f"[{' . '.join(keys)}] # x", st.lists(KEYS, min_size=1, max_size=3)),
    st.builds(lambda keys: f"[[{'.'.join(keys)}]]", st.lists(KEYS, min_size=1, max_size=3)),
    st.just("# comment"),
)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_it_agrees_with_tomllib(text):
    """Whatever tomllib reads has exactly the scanner's keys and no twins; what has twins, tomllib refuses."""
    places = toml_places(text)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert places.twice == []
    assert paths(value) == set(places.offsets)


@given(st.text(alphabet="ab.=[]{}\"'\\#\n, 1", max_size=60))
def test_any_text_is_scanned(text):
    """Nothing but TooDeep comes out, and what tomllib reads agrees."""
    places = toml_places(text)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert places.twice == []
    assert paths(value) == set(places.offsets)
