"""Profiles: what they may say, and what they may never."""

import json
from pathlib import Path
from typing import Any

import pytest

from minillm import GeneratorInfo
from minillm.config_file import ConfigFileError
from minillm.errors import ConfigurationError
from minillm.providers.profile import load_profile
from minillm.wire import Quirks

BASE: dict[str, Any] = {"format": "minillm-profile", "version": 1, "wire": "openai_chat_completions"}


@pytest.fixture
def profile(tmp_path: Path):
    def write(**said: Any) -> Path:
        path = tmp_path / "host.json"
        path.write_text(json.dumps({**BASE, **said}, indent=1))
        return path

    return write


def custom(path: Path, **settings: Any) -> GeneratorInfo:
    return GeneratorInfo.custom("m", base_url="http://127.0.0.1:1/v1", profile=path, **settings)


def test_it_lies_over_what_most_servers_have(profile) -> None:
    gen = custom(profile(quirks={"unsupported": ["seed"], "stream_usage": False}, streaming=False))
    assert gen.endpoint.quirks.unsupported == {"seed"}
    assert gen.endpoint.quirks.stream_usage is False
    assert gen.endpoint.quirks.max_tokens_field == "max_tokens"
    assert gen.provider.streaming is False


def test_media_and_abilities_are_read(profile) -> None:
    said = {"image": {"sources": ["data"], "types": ["image/png"], "max_bytes": 10}, "tools": False}
    found = custom(profile(capabilities=said)).capabilities
    assert found.tools is False
    assert found.image is not None
    assert (found.image.sources, found.image.types, found.image.max_bytes) == ({"data"}, {"image/png"}, 10)


def test_what_is_given_outright_wins(profile) -> None:
    path = profile(quirks={"stream_usage": False}, capabilities={"tools": False})
    assert custom(path, quirks=Quirks()).endpoint.quirks == Quirks()
    from minillm.providers import Capabilities

    assert custom(path, takes=Capabilities(tools=True)).capabilities.tools is True


@pytest.mark.parametrize(
    "said",
    [
        {"base_url": "http://evil.test"},
        {"url": "http://evil.test"},
        {"headers": {"x": "y"}},
        {"api_key_env": "HOME"},
        {"Auth": "x"},
        {"quirks": {"base_url": "http://evil.test"}},
        {"capabilities": {"headers": {}}},
    ],
)
def test_where_a_request_goes_and_how_it_is_signed_is_none_of_its_business(profile, said) -> None:
    """File, line and key are named."""
    with pytest.raises(ConfigFileError, match=r"host\.json:\d+:\d+: .*may not stand in a profile"):
        custom(profile(**said))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"foo": 1}, "foo: unknown key; allowed: format, version, wire"),
        ({"version": 2}, "version: is 2: written by a newer version"),
        ({"format": "other"}, "format: is"),
        ({"quirks": {"prefill": "maybe"}}, "quirks.prefill: is"),
        ({"quirks": {"unsupported": ["foo"]}}, "no parameter is called 'foo'"),
        ({"capabilities": {"image": {"sources": ["air"]}}}, "capabilities.image.sources"),
        ({"streaming": "yes"}, "streaming: is"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(profile, said, words: str) -> None:
    with pytest.raises(ConfigFileError) as caught:
        load_profile(profile(**said))
    assert words in str(caught.value)
    assert "host.json:" in str(caught.value)


def test_a_profile_of_another_protocol_is_refused(profile) -> None:
    with pytest.raises(ConfigurationError, match=r"made of openai_chat_completions.*speaks anthropic_messages"):
        custom(profile(), wire="anthropic_messages")


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigFileError, match="no such file"):
        custom(Path("nowhere.json"))
