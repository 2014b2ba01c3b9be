"""Counts of the recorded exchanges: those of the second readers, and some read by a person off the raw bodies."""

import json

import pytest

from minillm.types import Usage
from tests.required import demand
from tests.wire import corpus

from .recorded import recorded

READERS = {
    "anthropic_messages": "anthropic",
    "gemini_generate": "gemini",
    "openai_chat": "chat",
    "openai_responses": "responses",
}

# Bucket by bucket as the bodies say: streams that count in several frames, caches by lifetime, thinking inside
# and beside the answer, the host's own tools, sound, a sum.
BY_HAND = {
    "openai_chat/groq_stream_x_groq": Usage(20, output_tokens=4),
    "openai_chat/databricks_stream_usage_every_chunk": Usage(193, output_tokens=14),
    "openai_chat/deepseek_stream_reasoning": Usage(106, 256, output_tokens=19, reasoning_tokens=12),
    "openai_chat/xai_grok": Usage(163, 305, output_tokens=402, reasoning_tokens=320),
    "openai_chat/audio_out": Usage(22, 0, output_tokens=18, reasoning_tokens=0, audio_output_tokens=12),
    "openai_responses/xai": Usage(233, 192, output_tokens=322, reasoning_tokens=273),
    "anthropic_messages/cache_1h": Usage(17, 0, {"5m": 0, "1h": 2056}, output_tokens=100),
    "gemini_generate/explicit_cache": Usage(11, 9602, output_tokens=72, reasoning_tokens=39),
    "gemini_generate/stream_code_execution": Usage(
        265, tool_use_tokens=630, output_tokens=157 + 174, reasoning_tokens=174
    ),
}
BUCKETS = (
    "uncached_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "tool_use_tokens",
    "output_tokens",
    "reasoning_tokens",
    "input_tokens",
    "total_tokens",
)


@pytest.fixture(scope="module")
def usages():
    demand("corpus", bool(recorded()), "there are no recorded exchanges; set MINILLM_WIRE_CORPUS")
    return {each.name: each.usage for each in recorded()}


def verdicts():
    for folder, name in READERS.items():
        path = corpus.REPOSITORY / "tests" / "wire" / f"expected_{name}.json"
        for case, verdict in json.loads(path.read_bytes()).items():
            if isinstance(verdict, dict) and isinstance(verdict.get("usage"), dict):
                yield f"{folder}/{case}", verdict["usage"]


def test_every_count_is_the_second_readers(usages):
    """Prompt and answer, what a cache held and took, thinking, the host's own tools, and so the totals."""
    compared = 0
    for name, said in verdicts():
        if name not in usages:
            continue  # an error that came with counts: no answer to bill
        usage, compared = usages[name], compared + 1
        odd = said.get("odd", ())  # counts that contradict each other: not believed by the codec, noted by the reader
        assert usage.input_tokens == said["input"], name
        assert usage.tool_use_tokens == said.get("tool_use"), name
        assert usage.output_tokens == said["output"], name
        if "cached" not in odd:
            assert usage.cache_read_tokens == said["cached"], name
        if "reasoning" not in odd:
            assert usage.reasoning_tokens == said["reasoning"], name
        if said.get("written") is not None:
            assert sum((usage.cache_write_tokens or {}).values()) == said["written"], name
        if said.get("written_1h") is not None:
            assert (usage.cache_write_tokens or {}).get("1h") == said["written_1h"], name
    assert compared >= 210


@pytest.mark.parametrize("name", BY_HAND)
def test_some_of_them_by_hand(usages, name):
    for bucket in (*BUCKETS, "audio_output_tokens"):
        if bucket != "audio_output_tokens" or name.endswith("audio_out"):
            assert getattr(usages[name], bucket) == getattr(BY_HAND[name], bucket), bucket
