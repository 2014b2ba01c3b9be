"""A name that is no option: the one that was meant is told."""

import pytest

from minillm import ChatNode, ConfigurationError, GeneratorInfo, MockModel
from minillm.calling.unknown import _CALLED, unknown_options
from minillm.chat import Options


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("temprature", "temperature"),
        ("maxtokens", "max_tokens"),
        ("add_child", "attach"),
        ("max_output_tokens", "max_tokens"),
        ("model", r"gen\.replace\(model=\.\.\.\)"),
        ("timeout", "deadline"),
    ],
)
async def test_the_one_that_was_meant_is_told(name, meant):
    with pytest.raises(ConfigurationError, match=rf"no such option: '{name}' \(did you mean .*{meant}"):
        await ChatNode.root("S").chat("Hi", MockModel(), **{name: 1})


def test_what_is_like_nothing_has_no_hint():
    assert unknown_options({"xyzzy"}, ["retry"]) == (
        "no such option: 'xyzzy'; keys for the host itself go into extra={...}"
    )


def test_no_hint_is_an_option_itself_and_each_leads_to_something():
    known = set(Options.__annotations__) | {"output"}
    assert not set(_CALLED) & known
    for name, meant in _CALLED.items():
        first = meant.replace("=", " ").split()[0]
        assert first in known or first in ("the", "node.stream(gen)"), name
    assert hasattr(GeneratorInfo, "replace")
