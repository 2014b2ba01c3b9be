"""Sums that hosts bill by themselves, in whatever form they say them."""

from decimal import Decimal

import pytest

from minillm.wire import WIRES, get_codec
from minillm.wire.billed import as_dollars, billed

BYOK = {"cost": 0.0005, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.01}}


@pytest.mark.parametrize(
    ("raw", "usd"),
    [
        ({"cost": 0.0000468, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.0000468}}, "0.0000468"),
        (BYOK, "0.0105"),
        ({**BYOK, "cost": 0}, "0.01"),
        ({**BYOK, "cost_details": {"upstream_inference_cost": None}}, None),
        ({**BYOK, "cost_details": None}, None),
        ({"cost": 0}, "0"),
        ({}, None),
    ],
)
def test_with_a_key_of_ones_own_the_fee_and_what_the_models_host_bills_are_added(raw, usd):
    """The fee alone would be a false sum; without such a key the sum holds the other already."""
    assert billed(raw) == (None if usd is None else Decimal(usd))


@pytest.mark.parametrize("value", [None, True, -1, "much", [], float("nan"), float("inf")])
def test_what_is_no_sum_is_none(value):
    """A fault of a host's must not cost the answer."""
    assert as_dollars(value) is None


COUNTS = {
    "openai_chat_completions": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    "openai_responses": {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10},
    "anthropic_messages": {
        "input_tokens": 7,
        "output_tokens": 3,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    },
}


@pytest.mark.parametrize("wire", COUNTS)
def test_the_sum_comes_back_as_it_was_said(wire):
    """On all wires that OpenRouter speaks: one number for us, two on the way back."""
    from importlib import import_module

    usage = import_module(f"minillm.wire.{wire}.usage")
    raw = {**COUNTS[wire], **BYOK}
    read = usage.decode_usage(raw)
    assert read.cost_usd == Decimal("0.0105")
    assert usage.encode_usage(read) == raw


DETAILS = {
    "openai_chat_completions": {
        "prompt_tokens": 50,
        "completion_tokens": 20,
        "total_tokens": 70,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 12, "image_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 4, "image_tokens": 2},
    },
    "openai_responses": {
        "input_tokens": 50,
        "output_tokens": 20,
        "total_tokens": 70,
        "input_tokens_details": {"cached_tokens": 0, "audio_tokens": 12, "image_tokens": 5},
        "output_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 4, "image_tokens": 2},
    },
    "gemini_generate_content": {
        "promptTokenCount": 50,
        "candidatesTokenCount": 20,
        "totalTokenCount": 70,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 33},
            {"modality": "AUDIO", "tokenCount": 12},
            {"modality": "IMAGE", "tokenCount": 5},
        ],
        "candidatesTokensDetails": [
            {"modality": "AUDIO", "tokenCount": 4},
            {"modality": "IMAGE", "tokenCount": 2},
        ],
    },
}


@pytest.mark.parametrize("wire", DETAILS)
def test_sound_and_pictures_are_counted_where_they_are_told(wire):
    """Hosts bill them at rates of their own."""
    from importlib import import_module

    usage = import_module(f"minillm.wire.{wire}.usage")
    read = usage.decode_usage(DETAILS[wire])
    told = (read.audio_input_tokens, read.audio_output_tokens, read.image_input_tokens, read.image_output_tokens)
    assert told == (12, 4, 5, 2)
    assert usage.encode_usage(read) == DETAILS[wire]


def test_every_wire_that_counts_by_kind_is_tried_here():
    """Anthropic's has no such counts."""
    assert set(DETAILS) | {"anthropic_messages"} == set(WIRES)
    assert all(get_codec(wire).name == wire for wire in DETAILS)
