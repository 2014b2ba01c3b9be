"""Documented limits: facts on the rows they belong to, spelt as ours are."""

import pytest

from minillm import GeneratorInfo
from minillm.providers import PROVIDERS, Capabilities, MediaLimits, tailored
from minillm.providers.documented import DOCUMENTED, documented
from minillm.types.media_source import size
from minillm.types.media_type import canonical
from tests.import_graph import REPOSITORY

KINDS = ("image", "audio", "video", "document")
ROWS = [*DOCUMENTED.items(), (("vertex", "a"), tailored.vertex_anthropic("p", "us").endpoint().capabilities)]
ROWS += [(("vertex", "g"), tailored.vertex_gemini("p", "us").endpoint().capabilities)]


@pytest.mark.parametrize("key", DOCUMENTED, ids="/".join)
def test_every_row_of_facts_is_on_its_endpoint(key):
    name, wire = key
    assert PROVIDERS[name].endpoint(wire).capabilities is DOCUMENTED[key]


def test_rows_without_facts_are_left_as_they_are():
    assert PROVIDERS["groq"].endpoint().capabilities is None
    row = PROVIDERS["ollama"]
    assert documented(row) == row


@pytest.mark.parametrize(("key", "row"), ROWS, ids=lambda value: "/".join(value) if isinstance(value, tuple) else "")
def test_types_are_spelt_as_files_are_found_to_be(key, row):
    """Else a file of the right type would be refused for its spelling."""
    for found in (row, *(differing for _, differing in row.families)):
        for kind in KINDS:
            limits = found.media(kind) or MediaLimits()
            for media_type in limits.types or ():
                assert canonical(media_type) == media_type
                if kind != "document":
                    assert media_type.startswith(f"{kind}/")
            for bound in (limits.max_bytes, limits.max_base64, limits.max_count):
                assert bound is None or bound > 0


def test_claude_on_another_platform():
    """Half as large, and bytes only."""
    at_home = GeneratorInfo.anthropic("claude-x").capabilities
    guest = GeneratorInfo.vertex_anthropic("claude-x", project="p", api_key="t").capabilities
    assert guest.image.max_base64 * 2 == at_home.image.max_base64
    assert guest.image.sources == guest.document.sources == {"data"}
    assert at_home.image.sources == {"data", "url", "file_id"}


def test_gemini_on_vertex():
    assert GeneratorInfo.vertex_gemini("g", project="p", api_key="t").capabilities.image.max_bytes == 7 << 20


def test_sampling_is_fixed_for_some_families_only():
    assert "temperature" in GeneratorInfo.anthropic("claude-opus-5-5-20260901").capabilities.unsupported
    assert "temperature" not in GeneratorInfo.anthropic("claude-sonnet-4-6").capabilities.unsupported
    assert "temperature" in GeneratorInfo.openai("o4-mini").capabilities.unsupported
    assert "temperature" not in GeneratorInfo.openai("gpt-5.4").capabilities.unsupported
    assert GeneratorInfo.openai("omni").capabilities.unsupported == GeneratorInfo.openai("m").capabilities.unsupported


def test_nothing_is_known_of_a_row_that_says_nothing():
    assert Capabilities() == Capabilities().of_model("anything")


def test_the_page_says_what_the_rows_say():
    """docs/media.md has a line for each row, with its largest sizes and counts."""
    text = (REPOSITORY / "docs" / "media.md").read_text("utf-8")
    named = {("vertex", "a"): "Claude on Vertex AI", ("vertex", "g"): "Gemini on Vertex AI"}
    named |= {("openai", "openai_chat_completions"): "OpenAI, Chat", ("openai", "openai_responses"): "OpenAI, Resp"}
    for key, row in ROWS:
        label = named.get(key) or PROVIDERS[key[0]].label
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {label}")]
        image = row.image or MediaLimits()
        bounds = [image.max_bytes, image.max_base64, row.max_request_bytes, (row.document or MediaLimits()).max_bytes]
        said = [size(bound) for bound in bounds if bound is not None] if "the same" not in line else []
        said += [str(image.max_count)] if image.max_count is not None and "the same" not in line else []
        assert [words for words in said if words not in line] == [], line
