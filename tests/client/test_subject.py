"""Where requests go, for those who watch: as far as it is known before any is sent."""

import pytest

from minillm import GeneratorInfo
from minillm.client.subject import subject_of


@pytest.mark.parametrize(
    ("generator", "address"),
    [
        (GeneratorInfo.openai("m", api_key="k"), ("api.openai.com", 443)),
        (GeneratorInfo.openai("m", api_key="k", base_url="http://127.0.0.1:8080/v1"), ("127.0.0.1", 8080)),
        (GeneratorInfo.custom("m", base_url="http://localhost/v1"), ("localhost", 80)),
        (GeneratorInfo.local(), (None, None)),
    ],
)
def test_the_servers_name_and_port(generator, address):
    assert subject_of(generator).address == address


def test_a_placeholder_that_is_not_filled_is_the_requests_matter(monkeypatch):
    monkeypatch.delenv("AZURE_OPENAI_RESOURCE", raising=False)
    generator = GeneratorInfo.azure("m", api_key="k")
    assert subject_of(generator).address[0] in (None, "{resource}.openai.azure.com")


def test_host_model_and_wire_are_told_and_made_once():
    generator = GeneratorInfo.anthropic("claude", api_key="k")
    subject = subject_of(generator)
    assert (subject.host, subject.model, subject.wire) == ("anthropic", "claude", "anthropic_messages")
    assert subject_of(generator) is subject
