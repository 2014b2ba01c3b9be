"""Token counts: thoughts stand beside the visible output here, and tool use beside the prompt."""

from typing import Any

import pytest
from hypothesis import given

from minillm.types import Usage
from minillm.wire.gemini_generate_content.usage import decode_usage, encode_usage, known
from tests.wire.gemini_generate_content import bodies
from tests.wire.recorded import differences


@given(bodies.COUNTS)
def test_any_counts_come_back_as_they_were(raw: dict[str, Any]) -> None:
    found = decode_usage(raw)
    assert (found is None) is not bool(raw)
    assert found is None or differences(raw, encode_usage(found)) == {}


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        ({"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}, Usage(3, output_tokens=2)),
        (
            {"promptTokenCount": 10, "cachedContentTokenCount": 4, "toolUsePromptTokenCount": 2},
            Usage(6, 4, tool_use_tokens=2),
        ),
        ({"candidatesTokenCount": 2, "thoughtsTokenCount": 5}, Usage(output_tokens=7, reasoning_tokens=5)),
        ({"thoughtsTokenCount": 5}, Usage(output_tokens=5, reasoning_tokens=5)),
        ({"promptTokenCount": 3, "cachedContentTokenCount": 9}, Usage(3)),
        ({"trafficType": "ON_DEMAND"}, Usage()),
    ],
)
def test_counts_mean_this_and_come_back(raw: dict[str, Any], usage: Usage) -> None:
    found = decode_usage(raw)
    assert found == usage
    assert encode_usage(found) == raw


def test_what_a_later_chunk_leaves_out_still_holds() -> None:
    before = known({"promptTokenCount": 3, "thoughtsTokenCount": None})
    assert before == {"promptTokenCount": 3}
    assert decode_usage({"candidatesTokenCount": 2}, before) == Usage(3, output_tokens=2)


@pytest.mark.parametrize("raw", [None, {}, "x", []])
def test_what_is_no_usage_is_none(raw: Any) -> None:
    assert decode_usage(raw) is None
