"""Cache marks in requests, against the vendors' own types: each stands where the vendor has a place for it."""

from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.report import Report
from minillm.types import CacheBreakpoint, ImagePart, TextPart, ToolCallPart, ToolDefinition
from minillm.wire import get_codec
from tests.peers.test_rewritten_types import judged

pytestmark = pytest.mark.peers

VENDORS = {
    "openai_chat_completions": GeneratorInfo.openai("gpt-6", api_key="k"),
    "openai_responses": GeneratorInfo.openai("gpt-6", api_key="k", wire="openai_responses"),
    "anthropic_messages": GeneratorInfo.anthropic("claude-opus-5", api_key="k"),
}


def marked_everywhere() -> ChatNode:
    call = ToolCallPart("call_1", "look", "{}")
    node = ChatNode.root("Be terse.").cache_breakpoint().add_user("Hi").cache_breakpoint("1h")
    node = node.add_assistant((TextPart("I look.", cache=CacheBreakpoint()), call))
    node = node.add_tool_results({"call_1": "seen"}).cache_breakpoint()
    return node.add_user((ImagePart(url="https://h.test/x.png", cache=CacheBreakpoint("5m")), TextPart("And this?")))


@pytest.mark.parametrize("wire", VENDORS)
def test_marked_requests_fit_the_types_of_the_sdks(wire: str) -> None:
    vendor = VENDORS[wire]
    tool = ToolDefinition("look", parameters={"type": "object", "properties": {}}, cache=CacheBreakpoint())
    request = marked_everywhere().build_request(vendor, tools=[tool], cache="30m", max_tokens=9)
    codec = get_codec(wire, quirks=vendor.endpoint.quirks)
    body: Any = codec.encode_request(request, origin=(vendor.provider.name, vendor.model), report=Report(strict=True))
    assert judged([{"wire": wire, "kind": "request", "value": body}]) == [[]]
