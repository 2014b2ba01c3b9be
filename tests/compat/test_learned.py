"""A profile turns what failed into what works, or into a clear refusal."""

from pathlib import Path
from typing import Any

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.compat import Plan, Results, Row, Verdict, compat
from minillm.compat.learned import profile_of, write_profile
from minillm.errors import BadRequestError, ConfigurationError, EncodeError
from minillm.providers.profile import load_profile
from minillm.transport import HTTPRequest, MockResponse, MockTransport
from tests.compat import hosts


async def with_profile(host: hosts.Host, folder: Path, *probes: str) -> tuple[GeneratorInfo, GeneratorInfo]:
    """A generator for the host as it is, and one with the profile that was made of it."""
    target = hosts.target(host)
    results = await compat(Plan(targets=[target], probes=probes, retry=0))
    path = folder / "host.json"
    write_profile(results, "mine", target.generator, path)
    settings: dict[str, Any] = {
        "base_url": "http://127.0.0.1:1/v1",
        "api_key": hosts.KEY,
        "transport": MockTransport(host),
    }
    return GeneratorInfo.custom("m", **settings), GeneratorInfo.custom("m", profile=path, **settings)


async def test_a_host_without_streams_streams(tmp_path: Path) -> None:
    """It refuses them; with its profile the client asks for a whole answer and replays it."""
    plain, adapted = await with_profile(hosts.refusing, tmp_path, "plain", "stream")
    node = ChatNode.root("Be terse.").add_user("Hello")
    with pytest.raises(BadRequestError):
        async with node.stream(plain, retry=0) as stream:
            await stream.finish()
    async with node.stream(adapted, retry=0) as stream:
        reply = await stream.finish()
    assert reply.text == hosts.CANNED


async def test_the_right_name_of_the_ceiling_is_sent(tmp_path: Path) -> None:
    def host(request: HTTPRequest) -> MockResponse:
        body = request.body or b""
        if b'"max_tokens"' in body and b"long story" in body:
            return hosts.refusal(400, "max_tokens: use max_completion_tokens")
        sent = HTTPRequest(request.method, request.url, request.headers, body.replace(b"max_completion_", b"max_"))
        return hosts.obliging(sent)

    plain, adapted = await with_profile(host, tmp_path, "plain", "max_tokens")
    node = ChatNode.root("Be terse.").add_user("Tell a long story")
    with pytest.raises(BadRequestError):
        await node.complete(plain, max_tokens=16, retry=0)
    assert (await node.complete(adapted, max_tokens=16, retry=0)).text == "one two three"


async def test_functions_that_are_not_taken_are_refused_before_sending(tmp_path: Path) -> None:
    """A clear word of ours instead of the host's, and no request."""
    from minillm.types import ToolDefinition

    _, adapted = await with_profile(hosts.refusing, tmp_path, "plain", "tools", "n", "image")
    transport = adapted.transport
    assert isinstance(transport, MockTransport)
    node = ChatNode.root("Be terse.").add_user("Hello")
    with pytest.raises(EncodeError, match="functions"):
        await node.complete(adapted, tools=[ToolDefinition("f", "F")], unsupported="error")
    assert transport.requests == []
    assert adapted.capabilities.tools is False
    assert adapted.capabilities.image is not None and not adapted.capabilities.image.taken
    assert "n" in adapted.capabilities.unsupported


async def test_an_ignored_schema_is_no_longer_trusted_to_the_host(tmp_path: Path) -> None:
    """It answers in prose all the same: the client asks in words, and sends no schema that nobody reads."""
    _, adapted = await with_profile(hosts.ignoring, tmp_path, "plain", "json_schema", "json_mode")
    assert adapted.capabilities.structured_output is False
    assert adapted.endpoint.quirks.response_formats == frozenset({"text"})
    transport = adapted.transport
    assert isinstance(transport, MockTransport)
    with pytest.raises(Exception, match="JSON"):
        await ChatNode.root("x").add_user("y").complete(adapted, output=dict, retry=0)
    assert b"response_format" not in (transport.requests[-1].body or b"")


async def test_what_works_is_known_from_a_host_that_obliges(tmp_path: Path) -> None:
    _, adapted = await with_profile(hosts.obliging, tmp_path)
    assert adapted.capabilities.tools is True
    assert adapted.endpoint.quirks.prefill == "trailing"
    assert adapted.endpoint.quirks.response_formats >= {"json", "json_schema"}
    node = ChatNode.root("x").add_user("Which animal?")
    reply = await node.complete(adapted, force_prepend="KANGA", retry=0)
    assert reply.text == "KANGAROO"


def test_what_showed_nothing_is_not_in_it() -> None:
    results = Results({})
    results.add(Row("mine", "plain", Verdict.PASS, ""))
    results.add(Row("mine", "tools", Verdict.INCONCLUSIVE, ""))
    profile = profile_of(results, "mine", hosts.target(hosts.echo).generator)
    assert (profile["quirks"], profile["capabilities"]) == ({}, {})
    assert "streaming" not in profile


def test_of_nobody_there_is_no_profile() -> None:
    with pytest.raises(ConfigurationError, match="nothing was found out of 'mine'"):
        profile_of(Results({}), "mine", hosts.target(hosts.echo).generator)


async def test_what_is_written_can_be_read_and_holds_no_key(tmp_path: Path) -> None:
    for host in (hosts.obliging, hosts.refusing, hosts.ignoring):
        await with_profile(host, tmp_path)
        assert load_profile(tmp_path / "host.json").wire == "openai_chat_completions"
        text = (tmp_path / "host.json").read_text("utf-8")
        assert hosts.KEY not in text
        assert "127.0.0.1" not in text
