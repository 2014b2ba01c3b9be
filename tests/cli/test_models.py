"""``minillm models``: prices, limits and abilities as far as they are known."""

import json

import pytest

from minillm.cli import main, models
from minillm.cost import use_price_table, use_published_prices

pytest.importorskip("genai_prices")


@pytest.fixture(autouse=True)
def the_published_list() -> None:
    use_published_prices()


def test_a_hosts_models_have_prices_and_limits(capsys: pytest.CaptureFixture[str]) -> None:
    """Part of a name narrows them down."""
    assert main(["models", "openai:gpt-4.1"]) == 0
    shown = capsys.readouterr().out
    assert "openai:gpt-4.1-mini" in shown
    assert "$0.4" in shown
    assert "gpt-5" not in shown


def test_all_hosts_are_listed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What is not known is null."""
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"openai", "anthropic", "gemini"} <= {row["host"] for row in rows}
    assert all(row["input"] is None or float(row["input"]) >= 0 for row in rows)
    assert len(rows) > 500


def test_a_table_of_ones_own_is_shown_first(capsys: pytest.CaptureFixture[str]) -> None:
    """As bills take it."""
    use_price_table({"openai": {"gpt-4.1": {"input": 99, "output": 199}}})
    main(["models", "openai:gpt-4.1", "--json"])
    prices = {row["model"]: row["input"] for row in json.loads(capsys.readouterr().out)}
    assert prices["gpt-4.1"] == "99"


def test_a_host_that_is_none_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that lists them."""
    assert main(["models", "opnai"]) == 2
    assert "minillm providers lists them" in capsys.readouterr().err


def test_without_the_list_the_line_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty table would say that there are no models."""
    monkeypatch.setattr(models, "published", lambda: None)
    assert main(["models", "openai"]) == 0
    printed = capsys.readouterr()
    assert "minillm-tree[prices]" in printed.err
    assert printed.out == ""
