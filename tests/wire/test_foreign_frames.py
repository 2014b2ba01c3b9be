"""What frames say beyond their events, told field by field."""

from typing import Any

import pytest

from minillm.report import Report
from minillm.types import Native
from minillm.wire.foreign import Foreign
from minillm.wire.foreign_frames import unsaid_in


@pytest.mark.parametrize(
    ("wire", "frame", "paths"),
    [
        (
            "openai_chat_completions",
            {"model": "m", "choices": [{"index": 1, "delta": {"content": "a", "x": 1}, "y": 1}], "z": 1},
            ["z", "choices[1].y", "choices[1].message.x"],
        ),
        ("openai_chat_completions", {"choices": "none"}, []),
        ("anthropic_messages", {"type": "message_start", "message": {"id": "x", "content": [], "z": 1}}, ["z"]),
        (
            "anthropic_messages",
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": "a"}, "z": 1},
            ["stop_sequence", "z"],
        ),
        (
            "anthropic_messages",
            {"type": "message_delta", "delta": {"stop_details": {"type": "refusal", "category": "cyber"}}},
            ["stop_details.category"],
        ),
        ("anthropic_messages", {"type": "ping", "z": 1}, []),
        (
            "gemini_generate_content",
            {"candidates": [{"finishReason": "STOP", "safetyRatings": [{"blocked": True}]}], "z": 1},
            ["z", "choices[0].safetyRatings"],
        ),
        ("openai_responses", {"type": "response.output_text.delta", "z": 1}, []),
        ("openai_responses", {"type": "response.completed", "response": {"output": [], "z": 1}}, ["z"]),
        ("openai_responses", {"type": "response.failed", "response": {"status": "failed", "z": 1}}, []),
        ("novel", {"z": 1}, []),
    ],
)
def test_what_no_event_speaks_of_is_told(wire: str, frame: dict[str, Any], paths: list[str]) -> None:
    target = "anthropic_messages" if wire.startswith("openai") else "openai_chat_completions"
    report = Report()
    unsaid_in(Native(wire, frame), Foreign(target, report, asking=False))
    assert [loss.path for loss in report.losses] == paths
