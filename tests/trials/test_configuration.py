"""Which configuration is meant."""

from pathlib import Path

import pytest

from minillm.benchmark import planning as benchmark_planning
from minillm.compat import planning as compat_planning
from minillm.config_file import ConfigFileError
from minillm.trials.configuration import document_of, find_config

NAMES = ("first.toml", "second.toml", "config.toml")


@pytest.mark.parametrize("there", range(3))
def test_a_configuration_is_found_by_name_in_that_order(tmp_path: Path, there: int) -> None:
    assert find_config(NAMES, tmp_path) is None
    for name in NAMES[there:]:
        (tmp_path / name).write_text("")
    assert find_config(NAMES, tmp_path) == str(tmp_path / NAMES[there])


def test_the_one_that_was_named_else_the_first_that_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert document_of(None, NAMES) is None
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "mine.toml").write_text("")
    for config, name in ((None, "config.toml"), ("mine.toml", "mine.toml")):
        found = document_of(config, NAMES)
        assert found is not None
        assert found.name == name


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match=r"none\.toml"):
        document_of(str(tmp_path / "none.toml"), NAMES)


def test_each_command_looks_for_its_own_first() -> None:
    assert benchmark_planning.CONFIG_NAMES == ("llm-benchmark.toml", "benchmark.toml", "config.toml")
    assert compat_planning.CONFIG_NAMES == ("llm-compat.toml", "compat.toml", "config.toml")
