"""Codecs by the name of their wire."""

import pytest

from minillm.errors import ConfigurationError
from minillm.wire import WIRES, get_codec


@pytest.mark.parametrize("name", WIRES)
def test_every_wire_has_its_codec(name: str) -> None:
    assert get_codec(name).name == name


def test_an_unknown_wire_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"no wire is called 'soap'; known are openai_chat_completions, "):
        get_codec("soap")
