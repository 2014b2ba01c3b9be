"""What a host would refuse is an error before anything is sent: the host, the limit, the way out."""

import base64
import json
from dataclasses import replace

import pytest

from minillm import (
    AudioPart,
    ChatRequest,
    EncodeError,
    FilePart,
    GeneratorInfo,
    ImagePart,
    Message,
    MockTransport,
    TextPart,
    ToolResultPart,
    VideoPart,
    media,
)
from minillm.client import HTTPModel
from minillm.client.limits import fitted_media
from minillm.policies.options import CallOptions
from minillm.providers import Capabilities, MediaLimits
from minillm.report import Report

MB = 1 << 20
PNG = ImagePart.from_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 8)
PDF = FilePart.from_bytes(b"%PDF-1.7\n%%EOF\n", name="a.pdf")
WAV = AudioPart.from_bytes(b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 16)
MP4 = VideoPart.from_bytes(b"\0\0\0\x18ftypmp42" + b"\0" * 16)
DOCX = FilePart.from_bytes(b"PK\x03\x04" + b"\0" * 40, name="a.docx")

WIRES = {
    "openai": "gpt-x",
    "anthropic": "claude-x",
    "gemini": "gemini-x",
    "xai": "grok-x",
    "deepseek": "deepseek-flash",
    "perplexity": "sonar",
}


def large(part, count):
    """The part with so many bytes, its first ones as they are."""
    data = part.to_bytes()
    return replace(part, data=base64.b64encode(data + b"\0" * (count - len(data))).decode())


def generator(name, **settings):
    host, _, wire = name.partition("/")
    return GeneratorInfo.of(host, WIRES[host], wire=wire or None, api_key="k-123456", **settings)


def fitted(name, *parts, drop=False, **settings):
    gen = name if isinstance(name, GeneratorInfo) else generator(name, **settings)
    report = Report()
    request = ChatRequest(gen.model, (Message("user", ["Look:", *parts]),))
    return fitted_media(request, gen, gen.capabilities, drop=drop, report=report), report


REFUSED = [
    ("anthropic", WAV, r"Anthropic takes no audio: send a transcript as text, or ask another host \(.*Google Gemini"),
    ("anthropic", MP4, "Anthropic takes no video: send single frames as images"),
    ("openai/openai_responses", WAV, r"OpenAI takes no audio over this wire: .*; unsupported='drop' leaves it out$"),
    ("openai", MP4, "OpenAI takes no video"),
    ("deepseek", WAV, "DeepSeek takes no audio"),
    (
        "anthropic",
        ImagePart("image/bmp", b"BM"),
        r"types image/gif, image/jpeg, .* \(this one is image/bmp\): convert it",
    ),
    ("gemini", ImagePart.from_bytes(b"GIF89a"), "Google Gemini takes images of the types .*this one is image/gif"),
    ("xai", ImagePart.from_bytes(b"GIF89a"), r"xAI takes images of the types image/jpeg, image/png \(this one is"),
    (
        "openai",
        AudioPart.from_bytes(b"fLaC"),
        r"takes audio of the types audio/mpeg, audio/wav \(this one is audio/flac",
    ),
    ("openai", DOCX, "OpenAI takes documents of the types application/pdf .*: send its text, or convert it to PDF"),
    ("anthropic", DOCX, r"documents of the types application/pdf, text/\*"),
    ("gemini", DOCX, "Google Gemini takes documents of the types"),
    (
        "openai",
        FilePart.from_url("https://a.test/a.pdf"),
        r"OpenAI takes documents as bytes or a file id \(this one is an address\): await media\.load\(part, f",
    ),
    (
        "openai",
        ImagePart(file_id="f-1"),
        r"takes images as bytes or an address \(this one is a file id\): give bytes or",
    ),
    (
        "openai",
        AudioPart.from_url("https://a.test/a.wav"),
        r"takes audio as bytes \(this one is an address\): await media",
    ),
]
TOO_LARGE = [
    (
        "anthropic",
        large(PNG, 9 * MB),
        r"takes images up to 10 MB each in base64 \(this one is 12 MB, 9 MB as a file\): scale it down, or upload",
    ),
    (
        "xai",
        large(PNG, 20 * MB + 1),
        r"xAI takes images up to 20 MB each \(this one is 20,971,521 bytes\): scale it down, or",
    ),
    ("deepseek", large(PNG, 33 * MB), r"DeepSeek takes images up to 32 MB each \(this one is 33 MB\)"),
    (
        "openai",
        large(PDF, 51 * MB),
        r"takes documents up to 50 MB each \(this one is 51 MB\): split it, or upload",
    ),
    ("gemini", large(PDF, 51 * MB), "Google Gemini takes documents up to 50 MB each"),
]


@pytest.mark.parametrize(("host", "part", "words"), REFUSED + TOO_LARGE, ids=lambda value: str(value)[:30])
def test_the_host_the_limit_and_the_way_out_are_told(host, part, words):
    with pytest.raises(EncodeError, match=words) as caught:
        fitted(host, part)
    assert caught.value.path == "messages[0].content[1]"
    assert str(caught.value).startswith("messages[0].content[1]: ")


@pytest.mark.parametrize(("host", "part", "words"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_a_host_does_not_take_at_all_may_be_left_out_and_is_told(host, part, words):
    request, report = fitted(host, PNG, part, drop=True)
    assert request.messages[0].parts == (TextPart("Look:"), PNG)
    (loss,) = report.losses
    assert (loss.path, loss.severity) == ("messages[0].content[2]", "lost")
    assert "it is left out" in loss.reason


@pytest.mark.parametrize(("host", "part", "words"), TOO_LARGE, ids=lambda value: str(value)[:30])
def test_a_limit_is_an_error_whatever_may_be_dropped(host, part, words):
    with pytest.raises(EncodeError, match=words):
        fitted(host, part, drop=True)


@pytest.mark.parametrize(
    ("host", "parts"),
    [
        (
            "anthropic",
            [PNG, PDF, FilePart.from_bytes(b"a,b", name="a.csv"), large(PNG, 7 * MB), ImagePart(file_id="f")],
        ),
        ("anthropic", [FilePart("image/png", PNG.data), ImagePart.from_url("https://a.test/a.bmp")]),
        ("openai", [PNG, WAV, PDF, FilePart(file_id="f-1"), large(PDF, 50 * MB)]),
        (
            "openai/openai_responses",
            [PNG, PDF, DOCX, ImagePart(file_id="f"), FilePart.from_url("https://a.test/a.docx")],
        ),
        ("gemini", [PNG, WAV, MP4, PDF, FilePart("text/x-rust", b"fn"), VideoPart.from_url("https://youtu.be/x")]),
        ("xai", [PNG, large(PNG, 20 * MB)]),
        ("deepseek", [PNG]),
        ("perplexity", [PNG]),
    ],
)
def test_what_is_taken_passes_as_it_is(host, parts):
    request, report = fitted(host, *parts)
    assert request.messages[0].parts[1:] == tuple(parts)
    assert report.losses == ()


def test_nothing_to_judge_is_the_same_object():
    gen = generator("anthropic")
    request = ChatRequest("m", (Message("user", "Hi"), Message("user", [TextPart("Hi")]), Message("assistant", [WAV])))
    assert fitted_media(request, gen, gen.capabilities, drop=False, report=Report()) is request
    shown = ChatRequest("m", (Message("user", [PNG]),))
    assert fitted_media(shown, gen, gen.capabilities, drop=False, report=Report()) is shown


def test_the_models_own_turns_are_not_judged():
    """What it said goes back as the wire can say it; its codec tells what it cannot."""
    gen = generator("anthropic")
    request = ChatRequest("m", (Message("user", [PNG]), Message("assistant", [WAV, MP4, large(PNG, 20 * MB)])))
    assert fitted_media(request, gen, gen.capabilities, drop=False, report=Report()) is request


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_voice_goes_to_a_host_without_ears_as_its_transcript(role):
    """A spoken conversation can go on elsewhere; it is told, and nothing is refused."""
    spoken = replace(WAV, transcript="Hello there.", file_id="audio_1")
    request = ChatRequest("m", (Message(role, ["Hm. ", spoken]),))
    for host in ("anthropic", "openai/openai_responses", "deepseek"):
        report = Report()
        gen = generator(host)
        kept = fitted_media(request, gen, gen.capabilities, drop=False, report=report)
        assert kept.messages[0].text == "Hm. Hello there."
        assert [(loss.path, loss.severity) for loss in report.losses] == [("messages[0].content[1]", "degraded")]
    for host in ("openai", "gemini"):
        gen = generator(host)
        assert fitted_media(request, gen, gen.capabilities, drop=False, report=Report()) is request


def test_media_in_results_of_tools_are_judged_too():
    gen = generator("anthropic")
    result = ToolResultPart("c", "f", (TextPart("here"), WAV, PNG))
    request = ChatRequest("m", (Message("tool", [result]),))
    with pytest.raises(EncodeError, match="takes no audio") as caught:
        fitted_media(request, gen, gen.capabilities, drop=False, report=Report())
    assert caught.value.path == "messages[0].content[0].content[1]"
    kept = fitted_media(request, gen, gen.capabilities, drop=True, report=Report())
    assert kept.messages[0].tool_results[0].content == (TextPart("here"), PNG)


def test_a_message_that_held_nothing_else_goes_too():
    gen = generator("anthropic")
    request = ChatRequest("m", (Message("user", "Hi"), Message("user", [WAV])))
    assert fitted_media(request, gen, gen.capabilities, drop=True, report=Report()).messages == request.messages[:1]


def test_too_many_of_a_kind():
    few = GeneratorInfo.openai("m", takes=Capabilities(image=MediaLimits(max_count=2)))
    fitted(few, PNG, PNG)
    with pytest.raises(EncodeError, match=r"OpenAI takes at most 2 images a request \(this one has 3\): spread them"):
        fitted(few, PNG, PNG, PNG, drop=True)


def sized(width, height):
    """The beginning of a picture of that size, which is all that tells it."""
    head = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return ImagePart.from_bytes(head + b"\0" * 20)


def test_a_side_too_long():
    fitted("anthropic", sized(8000, 10), sized(10, 8000))
    with pytest.raises(
        EncodeError, match=r"takes images up to 8000 pixels on a side \(this one has 8001\): scale it down$"
    ):
        fitted("anthropic", sized(10, 8001), drop=True)


def test_a_side_too_long_among_many():
    """The host's limit is lower where a request holds many; what their bytes do not tell is not judged."""
    fitted("anthropic", *[sized(2001, 1)] * 20)
    fitted("anthropic", *[sized(2000, 1)] * 21, ImagePart.from_url("https://a.test/a.png"))
    with pytest.raises(
        EncodeError, match=r"more than 20 images a request only up to 2000 pixels .* has 2001"
    ) as caught:
        fitted("anthropic", *[PNG] * 20, sized(1, 2001))
    assert caught.value.path == "messages[0].content[21]"


def test_too_much_together():
    """Each may pass by itself; the request is what is too large."""
    small = GeneratorInfo.openai("m", takes=Capabilities(max_request_bytes=1024))
    fitted(small, large(PNG, 500))
    with pytest.raises(
        EncodeError, match=r"takes requests up to 1 kB .*: send less at once, or upload it and give file"
    ):
        fitted(small, large(PNG, 500), large(PDF, 500), drop=True)


@pytest.mark.parametrize("part", [WAV, MP4, DOCX, ImagePart.from_bytes(b"GIF89a"), large(PNG, 60 * MB)])
def test_an_unknown_host_is_never_refused(part):
    """Nor a known one behind another address, nor where the user knows better."""
    for gen in (
        GeneratorInfo.custom("m", base_url="https://h.test/v1"),
        GeneratorInfo.openai("gpt-5.4", base_url="https://proxy.test/v1"),
        GeneratorInfo.openai("gpt-5.4", takes=Capabilities()),
        GeneratorInfo.llama_cpp(),
    ):
        assert fitted(gen, part)[0].messages[0].parts[1] is part


def test_what_a_wire_has_no_form_for_is_refused_at_any_host():
    gen = GeneratorInfo.custom("m", base_url="https://h.test/v1", wire="anthropic_messages", name="mine")
    with pytest.raises(EncodeError, match="takes no audio"):
        fitted(gen, WAV)


def test_another_wire_of_the_same_host_is_the_nearest_way_out():
    """Where the model is not known to be deaf there."""
    words = r"takes no audio over this wire: use wire='openai_chat_completions', or send a transcript as text"
    for gen in (
        GeneratorInfo.openrouter("google/gemini-3.8-flash", wire="openai_responses"),
        GeneratorInfo.openai("gpt-audio", wire="openai_responses"),
    ):
        with pytest.raises(EncodeError, match=words):
            fitted(gen, WAV)
        fitted(gen.replace(wire="openai_chat_completions"), WAV)
    with pytest.raises(EncodeError, match="OpenAI takes no audio: send"):
        fitted(GeneratorInfo.openai("gpt-5.4", wire="openai_responses"), WAV)


def test_models_of_a_family_differ():
    """Those that hear, and those that do not."""
    for name in ("gpt-audio", "gpt-4o-audio-preview", "gpt-5-audio", "something-new"):
        fitted(GeneratorInfo.openai(name), WAV)
    for name in ("gpt-5.4", "gpt-4.1-mini", "o3"):
        with pytest.raises(EncodeError, match="OpenAI takes no audio"):
            fitted(GeneratorInfo.openai(name), WAV)


ANSWER = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}


def model(transport, **options):
    gen = GeneratorInfo.openai("gpt-5.4", api_key="k-123456", transport=transport)
    return HTTPModel(gen, CallOptions(**options))


@pytest.mark.parametrize("unsupported", ["warn", "error"])
async def test_nothing_is_sent(unsupported):
    """A question without its recording would be another question: a warning does not do."""
    transport = MockTransport.json(ANSWER)
    request = ChatRequest(None, (Message("user", ["What is said here?", WAV]),))
    with pytest.raises(EncodeError, match="OpenAI takes no audio"):
        await model(transport, unsupported=unsupported).complete(request)
    with pytest.raises(EncodeError, match="OpenAI takes no audio"):
        async with model(transport, unsupported=unsupported).stream(request):
            pytest.fail("it must not open")
    assert transport.requests == []


async def test_the_rest_is_sent_when_told_so():
    transport = MockTransport.json(ANSWER)
    request = ChatRequest(None, (Message("user", ["What is said here?", WAV]),))
    response = await model(transport, unsupported="drop").complete(request)
    assert json.loads(transport.requests[0].body)["messages"] == [{"role": "user", "content": "What is said here?"}]
    assert [loss.path for loss in response.losses] == ["messages[0].content[1]"]


async def test_the_model_of_the_request_is_the_one_that_counts():
    transport = MockTransport.json(ANSWER)
    message = Message("user", [WAV])
    await model(transport).complete(ChatRequest("gpt-audio", (message,)))
    with pytest.raises(EncodeError, match="takes no audio"):
        await model(transport).complete(ChatRequest("gpt-5.4-mini", (message,)))


async def test_the_way_out_is_one():
    """What an error tells to do can be done."""
    fetching = MockTransport([])
    part = FilePart.from_url("https://a.test/a.pdf")
    with pytest.raises(EncodeError, match=r"await media\.load\(part, fetch=True\)"):
        fitted("openai", part)
    from minillm.transport import MockResponse

    fetching = MockTransport(MockResponse(body=PDF.to_bytes()))
    fitted("openai", await media.load(part, fetch=True, transport=fetching))


@pytest.mark.parametrize("host", ["openai", "anthropic", "gemini"])
@pytest.mark.parametrize(
    ("part", "words"),
    [
        (ImagePart(), "holds nothing: give bytes, an address or a file id"),
        (ImagePart(url="/home/mine/cat.png"), r"this one is a path\): await media\.load\(path\)"),
        (ImagePart(url="cat.png"), "this one is a path"),
        (ImagePart(url="file:///home/mine/cat.png"), "begins with file://"),
        (ImagePart(url="sediment://file_0001"), "begins with sediment://"),
    ],
)
def test_a_picture_that_nobody_could_see_is_no_question(host, part, words):
    """Older thread files name local paths, exports of other programs only point to what they had."""
    with pytest.raises(EncodeError, match=words) as caught:
        fitted(host, part)
    assert "mine" not in str(caught.value)
    request, report = fitted(host, part, drop=True)
    assert len(request.messages[0].parts) == 1
    assert len(report.losses) == 1


def test_an_empty_picture_is_refused_by_any_host():
    with pytest.raises(EncodeError, match="holds nothing"):
        fitted_media(
            ChatRequest(None, (Message("user", [ImagePart()]),)),
            GeneratorInfo.llama_cpp(),
            GeneratorInfo.llama_cpp().capabilities,
            drop=False,
            report=Report(),
        )
