"""Who answers: checked before the first question."""

from decimal import Decimal
from pathlib import Path

import pytest

from minillm import ConfigurationError, GeneratorInfo, MockModel
from minillm.cli.generator_choice import choose, model_words, with_temperature
from tests.local.conftest import demand_model


def test_an_unknown_provider_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="openrouter"):
        choose("nowhere:model")


def test_a_key_is_missed_before_anything_is_asked() -> None:
    with pytest.raises(ConfigurationError, match="GROQ_API_KEY"):
        choose("groq:llama")


def test_a_host_without_keys_needs_none() -> None:
    assert choose("ollama:llama3.2").model == "llama3.2"


def test_the_env_file_of_the_folder_is_read(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "placeholder")  # so that what is read now is undone afterwards
    monkeypatch.delenv("GROQ_API_KEY")
    (own_folder / ".env").write_text("GROQ_API_KEY=from-file\n")
    assert choose("groq:llama").provider.name == "groq"


@pytest.mark.local
def test_a_missing_model_file_is_named() -> None:
    demand_model()
    with pytest.raises(ConfigurationError, match=r"absent\.gguf"):
        choose("local:absent.gguf")


@pytest.mark.local
def test_the_local_model_costs_nothing_and_says_so() -> None:
    demand_model()
    generator = choose("local")
    assert generator.price is not None
    assert generator.price.input == generator.price.output == Decimal(0)


def test_a_temperature_is_a_default_beside_the_others() -> None:
    generator = GeneratorInfo.ollama("llama3.2")
    warm = with_temperature(generator, 1.2)
    assert isinstance(warm, GeneratorInfo)
    assert (warm.defaults.temperature, warm.model) == (1.2, "llama3.2")
    mock = MockModel()
    assert with_temperature(mock, 1.2) is mock


def test_models_are_called_by_name_and_place() -> None:
    assert model_words(GeneratorInfo.openai("gpt-5.4")) == "gpt-5.4 at OpenAI"
    assert "this machine" in model_words(GeneratorInfo.local())
    assert model_words(MockModel()) == "MockModel"
