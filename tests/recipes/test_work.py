"""Each kind of step: what it is given, what it gives."""

import asyncio

import pytest

from minillm import InvalidOutput, MockModel, Role, ToolError
from minillm.recipes import RecipeFailed
from minillm.tools import tool
from tests.recipes.recipes import done, recipe

PERSON = 'schema = { type = "object", required = ["age"], properties = { age = { type = "integer" } } }\n'
ASK = '[[steps]]\nid = "ask"\nkind = "complete"\nretry_wait = 0\n'
CHECK = '[[steps]]\nid = "check"\nkind = "validate"\nvalue = "{inputs.x}"\n'
TOOL = '[[steps]]\nid = "a"\nkind = "tool"\ntool = "f"\n'


async def test_a_model_is_asked():
    """With its system message, options and filled prompt; braces of a value are text."""
    text = f'inputs.x = "any"\n{ASK}system = "Be {{inputs.x.how}}."\nprompt = "{{inputs.x}}"\noptions.temperature = 0\n'
    model = MockModel(["Hi {name} {{x}}."])
    result = await recipe(text).run({"x": {"how": "{{kind}}"}}, models={"m": model})
    [request] = model.requests
    assert [(m.role, m.text) for m in request.messages] == [
        (Role.SYSTEM, "Be {{kind}}."),
        (Role.USER, '{"how":"{{kind}}"}'),
    ]
    assert request.parameters.temperature == 0
    assert result.outputs == {"ask": "Hi {name} {{x}}."}
    assert result.trace[0].inputs == {"model": "m", "prompt": '{"how":"{{kind}}"}', "system": "Be {{kind}}."}


async def test_a_schema_makes_the_answer_a_value():
    """What does not fit is asked again, with retries."""
    result = await done(f'{ASK}prompt = "?"\nretries = 1\noptions.retry = 0\n{PERSON}', ["old", '{"age": 3}'])
    assert result.outputs == {"ask": {"age": 3}}
    assert result.trace[0].tries == 2


async def test_a_step_goes_on_with_the_conversation_of_another():
    """Its question stands under the other's answer."""
    more = '[[steps]]\nid = "more"\nkind = "complete"\nprompt = "And?"\ncontinues = "ask"\n'
    model = MockModel(["One.", "Two."])
    result = await recipe(f'{ASK}system = "S"\nprompt = "?"\n{more}').run(models={"m": model})
    assert [m.text for m in model.requests[1].messages] == ["S", "?", "One.", "And?"]
    [leaf] = result.conversation.iter_leaves()
    assert [node.text for node in leaf.path()] == ["", "S", "?", "One.", "And?", "Two."]


async def test_a_failed_question_leaves_the_tree_as_it_was():
    """Only what was answered stands in the conversation."""
    with pytest.raises(RecipeFailed):
        await done(f'{ASK}prompt = "?"\noptions.retry = 0\n{PERSON}', ["old"])
    result = await done(f'{ASK}prompt = "?"\nretries = 1\noptions.retry = 0\n{PERSON}', ["old", '{"age": 3}'])
    assert result.conversation.node_count() == 3


@pytest.mark.parametrize(("value", "output"), [({"age": 3}, {"age": 3}), ('```{"age": 3,}```', {"age": 3})])
async def test_a_value_is_held_against_a_schema(value, output):
    """A text is read as JSON first, repaired where it must be."""
    assert (await done(f'inputs.x = "any"\n{CHECK}{PERSON}', inputs={"x": value})).outputs == {"check": output}


@pytest.mark.parametrize("value", [{"age": "3"}, "no JSON in here", None])
async def test_a_value_that_does_not_fit(value):
    """Fails the run, or is reported, as the step says."""
    text = f'inputs.x = "any"\n{CHECK}{PERSON}'
    with pytest.raises(RecipeFailed) as caught:
        await done(text, inputs={"x": value})
    assert isinstance(caught.value.__cause__, InvalidOutput)
    assert "no JSON in here" not in str(caught.value)
    report = (await done(f'{text}on_invalid = "report"\n', inputs={"x": value})).outputs["check"]
    assert (report["valid"], report["value"]) == (False, value)
    assert report["problem"]


async def test_a_report_of_what_fits():
    """Without a problem."""
    text = f'inputs.x = "any"\n{CHECK}on_invalid = "report"\nschema = {{ type = "string" }}\n'
    report = (await done(text, inputs={"x": "[1]"})).outputs["check"]
    assert report == {"valid": True, "value": "[1]", "problem": None}


async def test_functions_as_tools():
    """Plain ones, async ones, and those made into tools for models."""

    async def coroutine(n: int) -> tuple[int, ...]:
        return (n, n + 1)

    @tool
    def made(n: int) -> dict[str, int]:
        """Counts."""
        return {"n": n}

    for function, output in ((lambda n: str(n) + "!", "3!"), (coroutine, [3, 4]), (made, {"n": 3})):
        result = await done(f'{TOOL}arguments.n = "{{sum([1, 2])}}"\n', tools={"f": function})
        assert result.outputs == {"a": output}
        assert result.trace[0].inputs == {"tool": "f", "arguments": {"n": 3}}


async def test_a_tool_returns_json():
    """Anything else could be neither kept nor named."""
    with pytest.raises(RecipeFailed, match="the tool f returned what JSON cannot say") as caught:
        await done(TOOL, tools={"f": object})
    assert isinstance(caught.value.__cause__, ToolError)
    with pytest.raises(RecipeFailed, match="the tool f returned what JSON cannot say"):
        await done(TOOL, tools={"f": lambda: 10**400})


async def test_a_tool_ends_neither_the_run_nor_the_program():
    """What would, out of a function that somebody else wrote, is its failure."""

    def leave() -> None:
        raise SystemExit(2)

    async def cancelled() -> None:
        raise asyncio.CancelledError

    for function, words in ((leave, r"it wanted to end the program: SystemExit\(2\)"), (cancelled, "it was cancelled")):
        with pytest.raises(RecipeFailed, match=words) as caught:
            await done(f"{TOOL}retries = 1\nretry_wait = 0\n", tools={"f": function})
        assert caught.value.trace[0].tries == 2


async def test_nothing_is_shared_with_a_tool():
    """What it keeps and changes later changes no state."""
    kept: list[int] = [1]
    more = '[[steps]]\nid = "b"\nkind = "tool"\ntool = "g"\narguments.x = "{steps.a.output}"\n'
    more += '[outputs]\na = "{steps.a.output}"\n'

    def change(x: list[int]) -> None:
        kept.append(2)

    assert (await done(TOOL + more, tools={"f": lambda: kept, "g": change})).outputs == {"a": [1]}
