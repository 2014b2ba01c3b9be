"""Families of models as rows: each name finds its own, each row is sound, media follow the vendors' formulas."""

import dataclasses

import pytest

from minillm.cost.families import _ROWS, family_of
from minillm.cost.media_size import MediaSize
from minillm.cost.size import measure
from minillm.types import ChatRequest, Message, ToolDefinition


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-5.4-mini", "gpt-5"),
        ("openai/gpt-4o", "gpt"),
        ("o4-mini", "gpt"),
        ("openai/gpt-oss-120b", "gpt-oss"),
        ("claude-sonnet-4-5", "claude"),
        ("anthropic/claude-haiku-4.5", "claude-haiku-4"),
        ("claude-sonnet-5", "claude-5"),
        ("claude-opus-4.7", "claude-5"),
        ("gemini-2.5-flash", "gemini"),
        ("x-ai/grok-4.3", "grok-new"),
        ("grok-4-fast", "grok"),
        ("deepseek-chat", "deepseek"),
        ("mistral-large-latest", "mistral"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama"),
        ("something-else", "open"),
        ("", "open"),
    ],
)
def test_a_name_finds_its_family(model, name):
    assert family_of(model).name == name


@pytest.mark.parametrize("family", [family for _, family in _ROWS], ids=lambda family: family.name)
def test_what_is_likely_is_never_above_what_is_most(family):
    for field in dataclasses.fields(family):
        value = getattr(family, field.name)
        if isinstance(value, tuple):
            assert 0 <= value[0] <= value[1], field.name
    for size in (
        MediaSize("image"),
        MediaSize("image", detail="low"),
        *(MediaSize("image", side, side) for side in (1, 60, 384, 512, 1024, 2000, 8000)),
        MediaSize("audio", seconds=10),
        MediaSize("video", seconds=10),
        MediaSize("file", pages=3),
        MediaSize("file", text="hello"),
    ):
        counted = family.medium(size)
        assert 0 < counted.likely <= counted.upper


def test_pictures_by_the_vendors_own_examples():
    """Anthropic: 1000 x 1000 is about 1334 tokens. Google: one tile is 258. OpenAI: 1024 x 1024 is 1024 patches."""
    assert family_of("claude-sonnet-4-5").image(MediaSize("image", 1000, 1000))[0] == pytest.approx(1334, abs=10)
    assert family_of("gemini-2.5-flash").image(MediaSize("image", 300, 300))[0] == 258
    assert family_of("gemini-2.5-flash").image(MediaSize("image", 1500, 700))[0] == 516
    likely, most = family_of("gpt-4.1-mini").image(MediaSize("image", 1024, 1024))
    assert likely < 1024 * 1.62 < most  # the multiplier documented for this one


def test_tools_add_what_the_vendor_says():
    tools = (ToolDefinition("add"),)
    bare, offered = ChatRequest("m", (Message("user", "Hi"),)), ChatRequest("m", (Message("user", "Hi"),), tools)
    family = family_of("claude-sonnet-4-5")
    added = family.count(measure(offered)).likely - family.count(measure(bare)).likely
    assert 340 < added < 360
