"""What a model takes: known of its wire, its host's dialect, its host's own pages; the rest is unknown."""

from dataclasses import fields

import pytest

from minillm import CompletionParameters, GeneratorInfo
from minillm.providers import NOT_TAKEN, PROVIDERS, Capabilities, MediaLimits
from minillm.providers.capabilities import capabilities_on
from minillm.wire import WIRES, Quirks

JPEG = MediaLimits(types=frozenset({"image/jpeg", "text/*"}))


def test_it_is_readable_on_a_generator():
    known = GeneratorInfo.anthropic("claude-x").capabilities
    assert known.image.max_base64 == 10 * 1024 * 1024
    assert "image/png" in known.image.types
    assert not known.audio.taken
    assert known.structured_output is known.prefill is True
    assert GeneratorInfo.openai("gpt-x").capabilities.prefill is False
    assert GeneratorInfo.gemini("gemini-x").capabilities.media("video").taken


def test_what_nobody_documents_is_unknown():
    known = GeneratorInfo.custom("m", base_url="https://h.test").capabilities
    assert (known.tools, known.reasoning, known.max_request_bytes) == (None, None, None)
    assert known.image.types is known.image.max_bytes is None


@pytest.mark.parametrize(
    ("media_type", "has"),
    [("image/jpeg", True), ("image/jpg; q=1", True), ("TEXT/csv", True), ("image/png", False), ("audio/wav", False)],
)
def test_media_types_are_compared_by_their_usual_spelling(media_type, has):
    assert JPEG.has_type(media_type) is has
    assert MediaLimits().has_type(media_type)


def test_what_is_known_wins_over_what_is_not():
    base = Capabilities(image=JPEG, tools=True, unsupported=frozenset({"seed"}))
    over = Capabilities(image=NOT_TAKEN, prefill=False, unsupported=frozenset({"n"})).over(base)
    assert over == Capabilities(image=NOT_TAKEN, tools=True, prefill=False, unsupported=frozenset({"seed", "n"}))


def test_families_of_models():
    """By name, without the maker's name in front; the last that fits wins; none is left over."""
    row = Capabilities(
        tools=True,
        families=(
            ("old-*", Capabilities(tools=False)),
            ("*-deaf", Capabilities(audio=NOT_TAKEN)),
            ("old-9*", Capabilities(tools=True)),
        ),
    )
    assert row.of_model("new") == Capabilities(tools=True)
    assert row.of_model("Maker/OLD-1").tools is False
    assert row.of_model("old-1-deaf") == Capabilities(tools=False, audio=NOT_TAKEN)
    assert row.of_model("old-9").tools is True


@pytest.mark.parametrize("wire", WIRES)
def test_every_wire_tells_of_every_kind_of_media(wire):
    known = capabilities_on(wire, Quirks(), None, "m")
    assert None not in (known.image, known.audio, known.video, known.document)


def test_quirks_are_read_in():
    quirks = Quirks(
        prefill="trailing",
        prefill_refused="^new",
        reasoning_request="none",
        response_formats=frozenset({"text", "json"}),
        unsupported=frozenset({"seed"}),
    )
    known = capabilities_on("openai_chat_completions", quirks, None, "m")
    assert (known.prefill, known.reasoning, known.structured_output) == (True, False, False)
    assert known.unsupported == {"seed"}
    assert capabilities_on("openai_chat_completions", quirks, None, "new").prefill is False


def test_a_user_may_know_better():
    mine = Capabilities(audio=MediaLimits(), max_request_bytes=5)
    known = GeneratorInfo.openai("gpt-5.4", takes=mine).capabilities
    assert known.audio.taken
    assert known.max_request_bytes == 5
    assert known.image.max_count is None  # it stands for the whole row
    assert known.unsupported == PROVIDERS["openai"].endpoint().quirks.unsupported


def test_behind_another_address_the_row_is_only_a_guess():
    known = GeneratorInfo.openai("gpt-5.4", base_url="https://proxy.test/v1").capabilities
    assert known.audio.taken
    own = GeneratorInfo.openai("gpt-5.4", base_url="https://api.openai.com/v1")
    assert not own.capabilities.audio.taken


def test_asking_again_costs_nothing():
    assert GeneratorInfo.openai("a").capabilities is GeneratorInfo.openai("a").capabilities


@pytest.mark.parametrize("row", PROVIDERS.values(), ids=lambda row: row.name)
def test_rows_name_parameters_as_ours_are(row):
    known = {item.name for item in fields(CompletionParameters)}
    for endpoint in row.endpoints:
        rows = endpoint.capabilities or Capabilities()
        for found in (rows, *(differing for _, differing in rows.families)):
            assert found.unsupported <= known
            assert isinstance(hash(found), int)
