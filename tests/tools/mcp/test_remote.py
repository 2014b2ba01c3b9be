"""What MCP servers list, as our tools: names that every host takes, schemas within limits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import types

from minillm import ConfigurationError, InvalidOutput, ToolResultPart, execute_calls
from minillm.tools.mcp import Hints, Limits
from minillm.tools.mcp.remote import made_tools, read_offers

from .conftest import call_of

OBJECT = {"type": "object", "properties": {}}


def listed(*names, schema=OBJECT, **more):
    return [types.Tool.model_construct(name=name, input_schema=schema, **more) for name in names]


async def echo(name, arguments, call):
    return ToolResultPart("", name, f"{name} {arguments} {call and call.id}")


def tools(*names, prefix="", limits=None, trust_hints=True, **more):
    offers, _ = read_offers(listed(*names, **more), limits or Limits())
    return made_tools(offers.values(), prefix, trust_hints, echo)


@given(st.lists(st.text(st.sampled_from("ab._-/ é\x1b"), min_size=1, max_size=80), unique=True), st.randoms())
def test_every_name_is_one_that_hosts_take(names, random):
    """And no two are alike, in whatever order a server lists them."""
    made = {tool.remote_name: tool.name for tool in tools(*names, prefix="p_")}
    assert set(made) == set(names)
    assert len(set(made.values())) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in made.values())
    random.shuffle(names)
    assert {tool.remote_name: tool.name for tool in tools(*names, prefix="p_")} == made


def test_names_stay_what_they_are_where_they_can():
    """Only what had to be changed, and would be another's, gets a mark."""
    names = [tool.name for tool in tools("file.read", "file/read", "file_write", "file.write", "lamp.on", "n" * 70)]
    assert re.fullmatch(
        r"file_read_\w{8} file_read_\w{8} file_write file_write_\w{8} lamp_on n{55}_\w{8}", " ".join(names)
    )
    assert names[0] != names[1]


async def test_a_call_goes_to_the_servers_own_name():
    """With the arguments as the model sent them, and nothing where it sent nothing."""
    made = tools("lamp.on", prefix="sea_")
    results = await execute_calls([call_of("sea_lamp_on", '{"a": {"b": null}}'), call_of("sea_lamp_on", "", "2")], made)
    assert [result.text for result in results] == ["lamp.on {'a': {'b': None}} call_1", "lamp.on {} 2"]
    assert [(result.call_id, result.name) for result in results] == [("call_1", "sea_lamp_on"), ("2", "sea_lamp_on")]
    assert (await made[0]({"a": 1})).text == "lamp.on {'a': 1} None"
    assert repr(made[0]) == "<MCPTool sea_lamp_on>" and made[0].__name__ == "sea_lamp_on"
    with pytest.raises(InvalidOutput, match="expected an object, not a list"):
        made[0].bind([1])


@pytest.mark.parametrize("prefix", ["a b", "a.", "ä", "p" * 33])
def test_a_prefix_is_a_piece_of_a_name(prefix):
    """Anything else would be changed behind the user's back."""
    with pytest.raises(ConfigurationError, match="prefix"):
        tools("a", prefix=prefix)


def test_schemas_are_such_as_hosts_take():
    """Without a dialect, with type and properties; none where nothing is taken."""
    asked = {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"type": "string"}}}
    (made,) = tools("a", schema=asked)
    assert made.definition.parameters == {"type": "object", "properties": {"a": {"type": "string"}}}
    (made,) = tools("a", schema={"type": "object", "additionalProperties": True})
    assert made.definition.parameters == {"type": "object", "properties": {}, "additionalProperties": True}
    (made,) = tools("a", schema=OBJECT)
    assert made.definition.parameters is None


def test_what_cannot_be_offered_is_told():
    """By name, with the reason; the others are offered."""
    everything = [
        *listed("good", "good", "", "n" * 1025, "a\x1bb"),
        *listed("large", schema={"type": "object", "properties": {"a": {"description": "x" * 2000}}}),
        *listed("array", schema={"type": "array"}),
        *listed("third", "fourth"),
    ]
    offers, left_out = read_offers(everything, Limits(tools=3, schema=1000))
    assert list(offers) == ["good", "a\x1bb", "third"]
    assert left_out == {
        "good": "another tool has the same name",
        "": "its name is empty or longer than 1,024 characters",
        "n" * 127 + "…": "its name is empty or longer than 1,024 characters",
        "large": "its schema is larger than 1,000 characters",
        "array": "its schema does not describe an object",
        "fourth": "there are more than 3 tools",
    }


def test_descriptions_are_cut():
    """The title stands where there is no description."""
    assert tools("a", description="d" * 20, limits=Limits(description=5))[0].definition.description == (
        "ddddd\n[cut here: 15 of 20 characters are left out]"
    )
    assert tools("a", title="Lamp")[0].definition.description == "Lamp"


@pytest.mark.parametrize(
    ("said", "hints", "idempotent"),
    [
        (None, Hints(), False),
        ({}, Hints(), False),
        ({"read_only_hint": True}, Hints(read_only=True, destructive=False), True),
        ({"idempotent_hint": True, "title": "\x1b[1mx"}, Hints("[1mx", idempotent=True), True),
        ({"destructive_hint": False, "open_world_hint": False}, Hints(destructive=False, open_world=False), False),
    ],
)
def test_hints_are_read_with_the_protocols_defaults(said, hints, idempotent):
    """And what changes nothing, or no more than once, may be run again by who trusts the server."""
    annotations = None if said is None else types.ToolAnnotations(**said)
    (made,) = tools("a", annotations=annotations)
    assert (made.hints, made.idempotent) == (hints, idempotent)
    (made,) = tools("a", annotations=annotations, trust_hints=False)
    assert not made.idempotent
