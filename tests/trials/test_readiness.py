"""What would fail at the first request is told before any."""

import pytest

from minillm import ConfigurationError, GeneratorInfo
from minillm.trials.readiness import check_ready
from tests.local.conftest import demand_model


def test_a_key_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        check_ready(GeneratorInfo.openai("gpt-5.4"))
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    check_ready(GeneratorInfo.openai("gpt-5.4"))


@pytest.mark.local
def test_a_model_that_is_not_here(tmp_path) -> None:
    demand_model()
    with pytest.raises(ConfigurationError, match=r"none\.gguf"):
        check_ready(GeneratorInfo.local(model_path=str(tmp_path / "none.gguf")))


def test_a_server_that_asks_for_no_key() -> None:
    check_ready(GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1"))
