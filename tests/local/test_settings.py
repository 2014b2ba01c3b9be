"""Settings are values: equal ones share a server, wrong ones say so at once."""

import os
from pathlib import Path

import pytest

from minillm.errors import ConfigurationError
from minillm.local import LocalServer


def test_equal_settings_are_one_key():
    """They pick the server, so they compare and hash by content."""
    assert {LocalServer(): 1}[LocalServer(threads=1)] == 1
    assert LocalServer() != LocalServer(threads=2)


def test_a_relative_path_is_taken_from_here_and_now(tmp_path, monkeypatch):
    """The first request may come after a change of folder."""
    monkeypatch.chdir(tmp_path)
    settings = LocalServer(model_path="model.gguf")
    assert settings.model_path == os.path.join(tmp_path, "model.gguf")
    assert settings == LocalServer(model_path=Path("model.gguf"))  # type: ignore[arg-type]


def test_the_alias_is_the_name_of_the_file():
    """Names of models in bills and files should say which model it was."""
    assert LocalServer(model_path="/models/Qwen3-0.6B.Q8_0.gguf").alias == "Qwen3-0.6B.Q8_0"
    assert LocalServer().alias == "smollm2-135m-instruct"


@pytest.mark.parametrize("name", ["threads", "parallel", "context_length", "max_tokens"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
def test_a_count_is_a_whole_number_above_zero(name, value):
    """Found here, with its name, rather than in the child."""
    with pytest.raises(ConfigurationError, match=f"local: {name} must be a whole number of at least 1"):
        LocalServer(**{name: value})


def test_a_start_timeout_of_nothing_is_refused():
    """Nothing could ever start within it."""
    with pytest.raises(ConfigurationError, match="start_timeout"):
        LocalServer(start_timeout=0)
