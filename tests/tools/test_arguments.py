"""What a model sent as arguments: read, repaired and told so, or refused."""

import pytest

from minillm.errors import InvalidOutput, ToolError
from minillm.tools.arguments import Arguments, parse_arguments
from minillm.types import ToolCallPart


def call(arguments: str, *, incomplete: bool = False) -> ToolCallPart:
    return ToolCallPart("c", "f", arguments, incomplete=incomplete)


@pytest.mark.parametrize("text", ["", "  \n", "{}", "null"])
async def test_none_are_an_empty_object(text: str) -> None:
    assert await parse_arguments(call(text)) == Arguments({})


async def test_json_is_taken_as_it_is() -> None:
    assert await parse_arguments(call(' {"a": [1, "\\ud83d\\ude00"], "n": 12345678901234567890} ')) == Arguments(
        {"a": [1, "😀"], "n": 12345678901234567890}
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1,}', {"a": 1}),
        ("{'a': True}", {"a": True}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('{"a": {"b": 1}', {"a": {"b": 1}}),
        ('"{\\"a\\": 1}"', {"a": 1}),
    ],
)
async def test_what_is_no_object_is_repaired_and_told_so(text: str, value: object) -> None:
    assert await parse_arguments(call(text)) == Arguments(value, repaired=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ['{"path": "/home/us', '{"n": 12', '{"a": "b"', '{"a": "b", ', '{"ok": tru', '["a"', "{", '{"a": [1, 2]']
)
async def test_what_breaks_off_is_not_run(text: str) -> None:
    """Half a path is a path."""
    with pytest.raises(ToolError, match="break off"):
        await parse_arguments(call(text))


async def test_what_the_host_cut_is_not_run_even_where_it_is_json() -> None:
    with pytest.raises(ToolError, match="cut off"):
        await parse_arguments(call('{"a": 1}', incomplete=True))


@pytest.mark.parametrize("text", ["[1, 2]", "3", '"words"', "true"])
async def test_json_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidOutput):
        await parse_arguments(call(text))
