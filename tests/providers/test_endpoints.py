"""Endpoints whose paths or bodies differ from their wire's own."""

import pytest

from minillm.errors import ConfigurationError, EncodeError
from minillm.providers.endpoints import SHAPES, vertex_address
from minillm.types import ChatRequest


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("us-east5", "us-east5-aiplatform.googleapis.com"),
    ],
)
def test_vertex_locations_have_hosts_of_their_own(location: str, host: str) -> None:
    assert vertex_address("p", location, "v1") == f"https://{host}/v1/projects/p/locations/{location}"


@pytest.mark.parametrize(
    ("project", "location"),
    [("p", "evil.test/"), ("p", "a@evil.test"), ("p", ""), ("p/../q", "eu"), ("../x", "eu"), ("", "eu"), ("p?a", "eu")],
)
def test_a_name_cannot_send_the_token_elsewhere(project: str, location: str) -> None:
    with pytest.raises(ConfigurationError, match="must be letters"):
        vertex_address(project, location, "v1")


def test_a_project_may_have_a_domain_in_front() -> None:
    assert "/projects/example.com:p/" in vertex_address("example.com:p", "eu", "v1")


@pytest.mark.parametrize(("stream", "method"), [(False, "rawPredict"), (True, "streamRawPredict")])
def test_claude_on_vertex_is_named_in_the_path_and_not_in_the_body(stream: bool, method: str) -> None:
    body = {"model": "claude", "messages": [], "max_tokens": 1}
    path, sent = SHAPES["anthropic_on_vertex"]("/messages", body, ChatRequest("claude", stream=stream))
    assert path == f"/claude:{method}"
    assert sent == {"anthropic_version": "vertex-2023-10-16", "messages": [], "max_tokens": 1}
    assert body["model"] == "claude"


def test_claude_on_vertex_needs_a_model() -> None:
    with pytest.raises(EncodeError, match="model"):
        SHAPES["anthropic_on_vertex"]("/messages", {}, ChatRequest(None))


def test_gemini_on_vertex_stands_behind_its_publisher() -> None:
    path, _ = SHAPES["gemini_on_vertex"]("/models/gemini:generateContent", {}, ChatRequest("gemini"))
    assert path == "/publishers/google/models/gemini:generateContent"


def test_dated_azure_names_the_deployment_in_the_path() -> None:
    path, _ = SHAPES["azure_deployment"]("/chat/completions", {}, ChatRequest("mine"))
    assert path == "/deployments/mine/chat/completions"
