"""How long an answer may get where nobody said."""

import pytest

from minillm import GeneratorInfo
from minillm.types import ChatRequest, Message
from minillm.wire import get_codec
from minillm.wire.anthropic_messages.ceiling import default_max_tokens

DOCUMENTED = {
    "claude-fable-5-1": 128_000,
    "claude-opus-5-5": 128_000,
    "claude-sonnet-5": 128_000,
    "claude-opus-4-6": 128_000,
    "anthropic/claude-sonnet-4.6": 128_000,
    "claude-opus-4-5-20251101": 64_000,
    "claude-haiku-4-5": 64_000,
    "claude-sonnet-4-5-20250929": 64_000,
    "claude-sonnet-4-20250514": 64_000,
    "claude-3-7-sonnet@20250219": 64_000,
    "claude-opus-4-1-20250805": 32_000,
    "claude-opus-4-20250514": 32_000,
    "claude-3-5-haiku-20241022": 8_192,
}


@pytest.mark.parametrize(("model", "most"), DOCUMENTED.items())
def test_a_known_model_gets_its_documented_maximum(model, most):
    """Thinking is inside it, so a budget changes nothing."""
    assert default_max_tokens(model, None) == default_max_tokens(model, 2048) == most


@pytest.mark.parametrize("model", ["", "gpt-5.4", "claude-3-opus-20240229", "claude-x", "deepseek-chat"])
def test_any_other_gets_what_every_model_takes(model):
    """A ceiling above a model's own is refused; thinking comes on top."""
    assert default_max_tokens(model, None) == 4096
    assert default_max_tokens(model, 2048) == 4096 + 2048


def test_what_was_set_stands():
    """The default is for want of a setting only."""
    codec = get_codec("anthropic_messages")
    asked = ChatRequest("claude-opus-4-6", (Message("user", "Hi"),))
    assert codec.encode_request(asked)["max_tokens"] == 128_000
    gen = GeneratorInfo.anthropic("claude-opus-4-6").with_defaults(max_tokens=10)
    assert gen.defaults.max_tokens == 10
