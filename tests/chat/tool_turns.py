"""A turn with every kind of tool call and result, asked on the tree and sent to each wire."""

import json
import warnings
from typing import Any, Literal

from minillm import (
    ChatNode,
    GeneratorInfo,
    LossWarning,
    Message,
    MockTransport,
    Role,
    ToolCallPart,
    execute_calls,
    tool,
)
from minillm.tools import ToolResults
from minillm.transport import MockResponse
from minillm.types import ImagePart, Part, TextPart
from tests.wire.checks import anthropic_answer, chat_answer, gemini_frame, responses_answer

PICTURE = "iVBORw0KGgo="


@tool
def height_of(tower: Literal["North", "South"], unit: str = "m") -> str:
    """The height of a lighthouse.

    Args:
        tower: which one
        unit: of the answer
    """
    if tower == "South":
        raise LookupError("the South tower is closed")
    return f"31 {unit}"


@tool
async def picture_of(tower: str) -> list[str | Part]:
    """A picture of a lighthouse."""
    return [f"{tower}:", ImagePart(mime="image/png", data=PICTURE)]


@tool
def keepers() -> dict[str, list[str]]:
    """Who keeps the lighthouses."""
    return {"names": ["Ana", "Zoë"]}


@tool(kind="custom")
def run_sql(query: str) -> int:
    """Runs SQL."""
    return len(query)


TOOLS = [height_of, picture_of, keepers, run_sql]

CALLS = (
    ToolCallPart("call_00000001", "height_of", '{"tower":"North"}'),
    ToolCallPart("call_00000002", "height_of", '{"tower":"South"}'),
    ToolCallPart("call_00000003", "picture_of", '{"tower":"North"}'),
    ToolCallPart("call_00000004", "keepers", ""),
    ToolCallPart("call_00000005", "run_sql", "select 1", kind="custom"),
    ToolCallPart("call_00000006", "height_of", "{'tower': 'North', 'unit': 'ft'}"),
)

ANSWERS: dict[str, Any] = {
    "openai_chat_completions": chat_answer({"content": "Done."}),
    "openai_responses": responses_answer(
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]}
    ),
    "anthropic_messages": anthropic_answer({"type": "text", "text": "Done."}),
    "gemini_generate_content": gemini_frame({"text": "Done."}, finish="STOP"),
}


def asked() -> ChatNode:
    """The conversation up to the model's calls."""
    user = ChatNode.root("Be brief.").add_user("Which lighthouse is higher?")
    return user.add_child(ChatNode(Message(Role.ASSISTANT, (TextPart("I will look."), *CALLS))))


async def results() -> ToolResults:
    return await execute_calls(CALLS, TOOLS)


async def sent(wire: str, **options: Any) -> dict[str, Any]:
    """The body that goes to this wire for the turn after the results."""
    transport = MockTransport([MockResponse.json(ANSWERS[wire])])
    gen = GeneratorInfo.custom("m", base_url="https://host.test", wire=wire, api_key="k", transport=transport)
    leaf = asked().add_tool_results(await results())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LossWarning)
        reply = await leaf.complete(gen, tools=TOOLS, retry=0, **options)
    assert reply.text == "Done."
    body: dict[str, Any] = json.loads(transport.requests[0].body)
    return body
