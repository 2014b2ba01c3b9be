"""A Claude plan's token: where it is read, when, and where it never goes."""

import json
import pickle
import time

import pytest

from minillm import ChatNode, ConfigurationError, GeneratorInfo, MockTransport
from minillm.providers import get_provider
from minillm.providers.subscription import SubscriptionToken, claude_subscription

TOKEN = "c4n4ry-oat-0123456789"
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch, tmp_path):
    """No token of the developer's, and a folder of the test's own."""
    for name in ("ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))


def log_in(folder, token=TOKEN, **more):
    (folder / ".credentials.json").write_text(json.dumps({"claudeAiOauth": {"accessToken": token, **more}}))


def test_the_environment_comes_first_and_then_the_file(monkeypatch, tmp_path):
    """Blank variables are none."""
    log_in(tmp_path, "file")
    assert SubscriptionToken()() == "file"
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "  ")
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", " second\n")
    assert SubscriptionToken()() == "second"
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "first")
    assert SubscriptionToken()() == "first"


def test_without_a_folder_of_its_own_the_file_is_in_the_home(monkeypatch, tmp_path):
    """As Claude Code has it on Linux."""
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".claude").mkdir()
    log_in(tmp_path / ".claude")
    assert SubscriptionToken()() == TOKEN


def test_a_token_that_has_ended_is_said_to_have(tmp_path):
    """Milliseconds, and told before the host is asked."""
    log_in(tmp_path, expiresAt=int((time.time() + 3600) * 1000))
    assert SubscriptionToken()() == TOKEN
    log_in(tmp_path, expiresAt=int((time.time() - 1) * 1000))
    with pytest.raises(ConfigurationError, match="has expired; Claude Code renews it") as caught:
        SubscriptionToken()()
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no token of a Claude plan: set ANTHROPIC_AUTH_TOKEN"),
        ("", "log in with Claude Code again"),
        ("[]", "log in with Claude Code again"),
        (f'{{"claudeAiOauth": "{TOKEN}"}}', "log in with Claude Code again"),
        ('{"claudeAiOauth": {"accessToken": " "}}', "log in with Claude Code again"),
        (f'{{"claudeAiOauth": {{"accessToken": "{TOKEN}"', "log in with Claude Code again"),
    ],
)
def test_what_is_missing_is_told_and_no_part_of_the_file_is(text, told, tmp_path):
    """A broken file may hold half a token."""
    if text is not None:
        (tmp_path / ".credentials.json").write_text(text)
    with pytest.raises(ConfigurationError, match=told) as caught:
        SubscriptionToken()()
    assert TOKEN not in str(caught.value)


async def test_what_goes_out(tmp_path):
    """A bearer token and the beta that plans need; no key."""
    log_in(tmp_path)
    transport = MockTransport.json(ANSWER)
    gen = GeneratorInfo.claude_subscription("claude-haiku-4-5", transport=transport, headers={"anthropic-beta": "x-1"})
    reply = await ChatNode.root("Hi").chat("Hi", gen, max_tokens=9)
    (request,) = transport.requests
    headers = dict(request.headers)
    assert request.url == "https://api.anthropic.com/v1/messages"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["anthropic-beta"] == "oauth-2025-04-20,x-1"
    assert headers["anthropic-version"] == "2023-06-01"
    assert "x-api-key" not in headers
    # A plan is not billed by the token: what it costs is not known here, and not nothing.
    assert (reply.cost.usd, reply.cost.resolution.value) == (None, "unpriced")


async def test_each_request_reads_the_token_anew(tmp_path):
    """Claude Code renews it while a program runs."""
    transport = MockTransport.json(ANSWER)
    gen = GeneratorInfo.claude_subscription("claude-haiku-4-5", transport=transport)
    for token in ("one-0123456", "two-0123456"):
        log_in(tmp_path, token)
        await ChatNode.root("Hi").chat("Hi", gen, max_tokens=9)
    assert [request.headers["authorization"] for request in transport.requests] == [
        "Bearer one-0123456",
        "Bearer two-0123456",
    ]


def test_the_token_goes_to_no_other_address():
    """As the environment's keys do not."""
    with pytest.raises(ConfigurationError, match="the vendor's own address"):
        GeneratorInfo.claude_subscription("m").replace(base_url="https://proxy.test/v1")


def test_the_generator_holds_no_token(monkeypatch):
    """Neither shown nor pickled: there is none in it."""
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    gen = GeneratorInfo.claude_subscription("m")
    SubscriptionToken()()
    assert TOKEN not in repr(gen) + repr(SubscriptionToken()) + repr(pickle.dumps(gen)) + repr(gen.api_key)


def test_the_row_of_the_vendor_stays_as_it_was():
    """Plans and keys are signed apart."""
    row, rest = claude_subscription({"x-team": "blue", "Anthropic-Beta": "oauth-2025-04-20, b"})
    assert rest == {"x-team": "blue"}
    assert row.endpoints[0].headers["anthropic-beta"] == "oauth-2025-04-20,b"
    assert get_provider("anthropic").endpoints[0].auth.header == "x-api-key"
