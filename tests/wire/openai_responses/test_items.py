"""Items of the model, both ways: its parts remember which item they stood in."""

import dataclasses
from typing import Any

import pytest

from minillm.errors import DecodeError
from minillm.report import Report, Severity
from minillm.types import ImagePart, Native, NativePart, Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from minillm.wire.codec import Quirks
from minillm.wire.encoding import Encoding
from minillm.wire.openai_responses.items import ItemsEncoder, decode_item, item_id

WIRE = "openai_responses"
TEXT = {"type": "output_text", "text": "a", "annotations": []}
MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [TEXT]}
SEALED = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "x"}
CALL = {"id": "fc_1", "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "status": "completed"}


def asked(*parts: Part, report: Report | None = None, home: bool = True, stored: bool = True) -> list[dict[str, Any]]:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=True)
    return ItemsEncoder(enc, answer=False, home=home, stored=stored).encode(parts, "m")


def answered(*parts: Part, report: Report | None = None) -> list[dict[str, Any]]:
    enc = Encoding(WIRE, Quirks(), Report(strict=True) if report is None else report, asking=False)
    return ItemsEncoder(enc, answer=True, seed="resp_1").encode(parts, "output")


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(loss.path, loss.severity) for loss in report.losses]


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        (MESSAGE, (TextPart("a"),)),
        ({**MESSAGE, "content": [TEXT, TEXT, {"type": "refusal", "refusal": "no"}]}, None),
        ({"role": "assistant", "content": "a"}, (TextPart("a"),)),
        ({"role": "assistant", "content": "", "phase": "commentary"}, (TextPart(""),)),
        (SEALED, (ReasoningPart(sealed="x"),)),
        (CALL, (ToolCallPart("c", "f", "{}"),)),
        ({**MESSAGE, "content": []}, None),
        ({**MESSAGE, "content": [TEXT, {"type": "novel"}]}, None),
        ({"type": "web_search_call", "id": "ws_1"}, None),
        ({"type": 3}, None),
    ],
)
def test_an_item_comes_back_as_it_was(item: dict[str, Any], parts: tuple[Part, ...] | None) -> None:
    """In an answer, and in the next request to the host that keeps it; what has no neutral form stands whole."""
    found = decode_item(item, "output[0]")
    if parts is not None:
        assert found == parts
    assert answered(*found) == [item]
    assert asked(*found) == [item]
    assert asked(*decode_item(item, "input[0]", asked=True), stored=False) == [item]


def test_two_messages_stay_two() -> None:
    second = {**MESSAGE, "id": "msg_2", "phase": "final_answer"}
    found = [part for item in (MESSAGE, second) for part in decode_item(item, "x")]
    assert asked(*found) == [MESSAGE, second]


def test_two_equal_messages_stay_two() -> None:
    found = [part for item in (MESSAGE, MESSAGE) for part in decode_item(item, "x")]
    assert asked(*found) == [MESSAGE, MESSAGE]


def test_a_changed_text_stays_in_its_item() -> None:
    (part,) = decode_item(MESSAGE, "x")
    changed = dataclasses.replace(part, text="b")  # type: ignore[call-arg]
    assert asked(changed) == [{**MESSAGE, "content": [{**TEXT, "text": "b"}]}]


def test_ids_of_an_answer_go_back_only_where_they_are_kept() -> None:
    """With ``store: false`` or on another host they name nothing, and the vendor refuses them."""
    found = [part for item in (MESSAGE, SEALED, CALL) for part in decode_item(item, "x")]
    bare = [{key: value for key, value in item.items() if key != "id"} for item in (MESSAGE, SEALED, CALL)]
    del bare[0]["status"]
    assert asked(*found, stored=False) == bare
    report = Report()
    assert asked(*found, home=False, report=report) == [bare[0], bare[2]]
    assert told(report) == [("m[1]", Severity.NOTE)]


def test_reasoning_that_was_not_kept_and_not_sealed_stays_behind() -> None:
    report = Report()
    (part,) = decode_item({"id": "rs_1", "type": "reasoning", "summary": []}, "x")
    assert asked(part, stored=False, report=report) == []
    assert told(report) == [("m[0]", Severity.NOTE)]


@pytest.mark.parametrize(
    "part", [ReasoningPart("hm"), ReasoningPart("hm", "sig"), ReasoningPart("hm", native=Native("gemini", {}))]
)
def test_reasoning_from_elsewhere_is_not_sent(part: ReasoningPart) -> None:
    report = Report()
    assert asked(part, report=report) == []
    assert told(report) == [("m[0]", Severity.NOTE)]


def test_reasoning_from_elsewhere_is_shown_in_an_answer_without_its_seal() -> None:
    report = Report()
    (item,) = answered(ReasoningPart("hm", "sig"), report=report)
    assert (item["type"], item["summary"]) == ("reasoning", [{"type": "summary_text", "text": "hm"}])
    assert "encrypted_content" not in item
    assert answered(ReasoningPart(sealed="x"), report=report) == []
    assert {severity for _, severity in told(report)} == {Severity.NOTE}


def test_every_item_of_an_answer_has_an_id_and_a_status() -> None:
    said = answered(TextPart("a"), TextPart("b"), RefusalPart("no"), ToolCallPart("c", "f", "{}"), ReasoningPart("hm"))
    assert [(item["type"], item["id"].partition("_")[0], item["status"]) for item in said] == [
        ("message", "msg", "completed"),
        ("function_call", "fc", "completed"),
        ("reasoning", "rs", "completed"),
    ]
    assert [content["type"] for content in said[0]["content"]] == ["output_text", "output_text", "refusal"]
    assert len({item["id"] for item in said}) == 3


def test_one_text_of_ours_needs_no_id() -> None:
    (item,) = asked(TextPart("a"))
    assert "id" not in item
    assert (item["role"], item["content"]) == ("assistant", "a")


def test_what_the_model_s_turn_cannot_hold_is_lost() -> None:
    report = Report()
    parts = (ImagePart(data="AAAA"), NativePart("anthropic_messages", {"type": "server_tool_use"}))
    assert asked(*parts, report=report) == []
    assert told(report) == [("m[0]", Severity.LOST), ("m[1]", Severity.LOST)]


def test_invented_ids_are_the_same_for_the_same_facts() -> None:
    assert item_id("msg", "resp_1", 0) == item_id("msg", "resp_1", 0)
    assert item_id("msg", "resp_1", 0) != item_id("msg", "resp_1", 1)
    assert item_id("msg", "\ud800").startswith("msg_")


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (1, "x"),
        ({**CALL, "name": None}, "x.name"),
        ({**MESSAGE, "content": [{"type": "refusal"}]}, "x.content[0].refusal"),
    ],
)
def test_what_is_no_item_is_refused_with_its_place(item: Any, place: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_item(item, "x")
    assert caught.value.path == place
