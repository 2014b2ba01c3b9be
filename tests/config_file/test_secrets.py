"""What looks like a key is found, and what does not is left alone."""

import pytest

from minillm.config_file.secrets import secret_paths

KEYS = [
    "sk-abcd1",
    "sk-somethingprivate",
    "sk-proj-Abc123def456ghi789jkl",
    "sk-ant-api03-abcdefghijklmnop-1234",
    "Bearer sk-or-v1-0123456789abcdef0123456789",
    "gsk_" + "a1" * 20,
    "AIza" + "Sy0" * 11,
    "xai-" + "k3" * 20,
    "hf_" + "Qw3" * 10,
    "ghp_" + "a1b2" * 9,
    "AKIA" + "Z9" * 8,
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_found_anywhere(key):
    """As a value, in a list, inside a header or a command line, or as a name."""
    assert secret_paths({"a": [{"b": key}]}) == [("a", 0, "b")]
    if len(key) > 20 and "private" not in key:
        assert secret_paths({"headers": {"x": f"token {key} "}}) == [("headers", "x")]
        assert secret_paths({"a": {key: 1}}) == [("a",)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sk-",
        "sk-learn",
        "ask-me-anything-about-the-weather-in-1985",
        "task-oriented dialogue",
        "OPENAI_API_KEY",
        "rk-learning-is-a-long-word-without-digits",
        "Write about sk-8 boards.",
        "gpt-5.4-mini-2026-03-01",
        "pk-fire",
    ],
)
def test_words_are_no_keys(text):
    """A prompt may say nearly anything."""
    assert secret_paths({"prompt": text, "list": [text, 1, None, True]}) == []
