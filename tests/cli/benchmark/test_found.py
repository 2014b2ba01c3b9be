"""Which configuration is meant."""

from pathlib import Path

import pytest

from minillm.cli.benchmark.found import document_of
from minillm.config_file import ConfigFileError


def test_the_one_that_was_named_else_the_first_that_is_here(own_folder: Path) -> None:
    assert document_of(None) is None
    (own_folder / "config.toml").write_text("")
    (own_folder / "mine.toml").write_text("")
    for config, name in ((None, "config.toml"), ("mine.toml", "mine.toml")):
        found = document_of(config)
        assert found is not None
        assert found.name == name


def test_one_that_is_not_there(own_folder: Path) -> None:
    with pytest.raises(ConfigFileError, match=r"none\.toml"):
        document_of("none.toml")
