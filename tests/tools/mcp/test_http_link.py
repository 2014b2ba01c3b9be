"""A server at an address: no key goes where it should not, and every failure is an answer."""

import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import minillm
from minillm import ConfigurationError, ConnectError
from minillm.tools import mcp
from minillm.tools.mcp.http_link import HTTPLink


class Host:
    """A server that gives what a test says, and keeps what it was asked."""

    def __init__(self):
        self.answer = lambda request: web.Response(status=401, text="who are you?")
        self.asked = []
        self.server = None

    async def handle(self, request):
        self.asked.append((request.path_qs, dict(request.headers)))
        return self.answer(request)

    def url(self, path="/mcp"):
        return str(self.server.make_url(path))


@pytest.fixture
async def host():
    """On a free port of this machine."""
    told = Host()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", told.handle)
    async with TestServer(app) as told.server:
        yield told


async def failure(url, **options):
    with pytest.raises(ConnectError) as raised:
        async with mcp.http(url, name="sea", **options):
            pass
    return str(raised.value)


async def test_a_status_is_told(host):
    """The SDK alone says that it was an error."""
    assert await failure(host.url()) == ("no connection to the MCP server 'sea': it answered with HTTP status 401")


async def test_keys_go_to_the_server_and_nowhere_else(host, caplog):
    """Not into logs, whatever their level, nor errors, nor what is shown of the object."""
    caplog.set_level(logging.DEBUG)
    url = host.url("/mcp?key=sk-in-the-query")
    server = mcp.http(url, headers={"X-Token": "sk-in-a-header"})
    with pytest.raises(ConnectError) as raised:
        async with server:
            pass
    path, headers = host.asked[0]
    assert path == "/mcp?key=sk-in-the-query" and headers["X-Token"] == "sk-in-a-header"
    logged = [
        record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")
    ]  # the host's own
    assert logged and "sk-in" not in " ".join(logged) + str(raised.value) + repr(server)


async def test_an_answer_is_bounded(host):
    """By its bytes as they come; what is compressed unasked could be larger than it looks."""
    host.answer = lambda request: web.json_response({"x": "y" * 5000})
    limits = mcp.Limits(message_bytes=1000)
    assert "a message of more than 1,000 bytes" in await failure(host.url(), limits=limits)

    def compressed(request):
        answer = web.json_response({"x": "y" * 5000})
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    host.answer = compressed
    assert "compresses its answers" in await failure(host.url())


async def test_what_speaks_no_mcp_is_told(host):
    """A page, an empty answer."""
    for answer in (web.Response(text="<html>", content_type="text/html"), web.json_response([])):
        host.answer = lambda request, answer=answer: web.Response(body=answer.body, content_type=answer.content_type)
        assert (await failure(host.url())).startswith("no connection to the MCP server 'sea': ")


async def test_a_redirect_elsewhere_is_not_followed(host):
    """The headers would go along."""
    host.answer = lambda request: web.Response(status=307, headers={"Location": "http://192.0.2.1/mcp"})
    assert "not followed" in await failure(host.url(), headers={"X-Token": "sk-1"})


async def test_a_proxy_of_the_environment_is_asked_for_others_alone(host, monkeypatch):
    """As for models: never for this machine, whose loopback is not the proxy's."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert "HTTP status 401" in await failure(host.url())
    monkeypatch.setenv("HTTP_PROXY", host.url("/"))
    host.asked.clear()
    assert "HTTP status 401" in await failure("http://mcp.example/x")
    assert host.asked[0][1]["Host"] == "mcp.example"


@pytest.mark.parametrize(
    ("url", "headers", "words"),
    [
        ("http://mcp.example/x", {"X-Token": "sk-1"}, "a key would go to mcp.example:80 over plain http"),
        ("https://me:sk-1@mcp.example/x", {}, "holds a name or a password"),
        ("https://mcp.example/x", {"X-Token": "sk-1\n"}, "line break"),
        ("mcp.example", {}, "a URL must read"),
    ],
)
def test_what_may_not_be_asked_is_refused(url, headers, words):
    """When it is said, and no key is in the words."""
    with pytest.raises(ConfigurationError, match=words) as raised:
        HTTPLink(url, headers=headers, message_bytes=1, connect_timeout=1)
    assert "sk-1" not in str(raised.value)


def test_a_blocked_network_stays_blocked():
    """Of this package's own making as well."""
    with minillm.block_network(), pytest.raises(ConfigurationError, match="block_network"):
        mcp.http("https://mcp.example/x")
