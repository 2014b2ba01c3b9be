"""The probes against hosts that oblige, ignore, echo and refuse: a pass is earned, and a refusal is no failure."""

import json
from dataclasses import replace

import pytest

from minillm.compat import PROBES, Finding, Plan, Results, Verdict, compat
from minillm.compat.evidence import Exchange
from minillm.compat.probe import judged, of_error, said_of
from minillm.compat.probes.answers import of_signs, repeated
from minillm.compat.probes.streams import of_frames
from minillm.compat.subject import Subject
from minillm.compat.verdict import failed, passed
from minillm.errors import BadRequestError, EncodeError, RateLimitError, ServerError, StreamInterrupted
from minillm.transport import HTTPRequest, MockResponse
from tests.compat import hosts

# What is true of a host that answers at all, whatever it leaves unread.
ANSWERING = {"plain", "stream", "framing", "stream_usage", "cancel", "usage", "choice_auto"}


async def found(host: hosts.Host, *probes: str) -> Results:
    return await compat(Plan(targets=[hosts.target(host)], probes=probes, timeout=5, retry=0))


def verdicts(results: Results) -> dict[str, Verdict]:
    return {name: row.verdict for (_, name), row in results.rows.items()}


async def test_a_host_that_obliges_passes_everything() -> None:
    results = await found(hosts.obliging)
    assert {name: row.reason for (_, name), row in results.rows.items() if row.verdict is not Verdict.PASS} == {}
    assert list(verdicts(results)) and verdicts(results).keys() == PROBES.keys()


async def test_a_host_that_ignores_what_it_is_told_passes_nothing_by_it() -> None:
    """One sentence for everything: what it promised and did not keep fails, the rest shows nothing."""
    got = verdicts(await found(hosts.ignoring))
    assert {name for name, verdict in got.items() if verdict is Verdict.PASS} <= ANSWERING
    failing = {"json_mode", "json_schema", "choice_required", "choice_named", "n", "logprobs", "stop", "error_400"}
    assert {name: got[name] for name in failing} == dict.fromkeys(failing, Verdict.FAIL)
    shown = {"system", "memory", "image", "pdf", "prefill", "seed", "reasoning", "tools", "parallel_off"}
    assert {name: got[name] for name in shown} == dict.fromkeys(shown, Verdict.INCONCLUSIVE)


async def test_an_echo_passes_nothing_by_it() -> None:
    """It holds every word that is asked for, and one beside it that gives it away."""
    got = verdicts(await found(hosts.echo))
    repeats = {"unicode", "unicode_stream"}  # to say it again is what is asked
    assert {name for name, verdict in got.items() if verdict is Verdict.PASS} <= ANSWERING | repeats


async def test_a_host_that_leaves_the_wish_for_a_stream_unread_shows_nothing_of_streams() -> None:
    """The client makes a stream of the whole answer; there was none to be left, and none that counted tokens."""

    def whole(request: HTTPRequest) -> MockResponse:
        body = json.loads(request.body or b"{}")
        return hosts.ignoring(replace(request, body=json.dumps({**body, "stream": False}).encode()))

    got = verdicts(await found(whole, "plain", "stream", "framing", "stream_usage", "cancel"))
    assert got["plain"] is Verdict.PASS
    assert {got[name] for name in ("stream_usage", "cancel")} == {Verdict.INCONCLUSIVE}
    assert Verdict.PASS not in {got[name] for name in ("stream", "framing")}


async def test_a_host_that_refuses_is_no_failure() -> None:
    results = await found(hosts.refusing)
    got = verdicts(results)
    assert [name for name, verdict in got.items() if verdict is Verdict.FAIL] == []
    refused = {"tools", "json_mode", "json_schema", "image", "pdf", "n", "seed", "logprobs", "stop", "stream", "models"}
    assert {name: got[name] for name in refused} == dict.fromkeys(refused, Verdict.UNSUPPORTED)
    assert results.rows["mine", "stream"].learned == {"streaming": False}
    assert results.rows["mine", "tools"].learned == {"capabilities.tools": False}


async def test_the_other_name_of_the_ceiling_is_found() -> None:
    """A host that knows ``max_completion_tokens`` alone: a profile learns the name."""

    def host(request: HTTPRequest) -> MockResponse:
        if request.body is not None and b'"max_tokens"' in request.body and b"long story" in request.body:
            return hosts.refusal(400, "max_tokens: use max_completion_tokens")
        return hosts.obliging(HTTPRequest(request.method, request.url, request.headers, _renamed(request.body)))

    row = (await found(host, "max_tokens")).rows["mine", "max_tokens"]
    assert row.verdict is Verdict.DEGRADED
    assert row.learned == {"quirks.max_tokens_field": "max_completion_tokens"}


def _renamed(body: bytes | None) -> bytes | None:
    return None if body is None else body.replace(b"max_completion_tokens", b"max_tokens")


async def test_thinking_is_no_answer() -> None:
    """The word is thought of and not said: that is no pass."""

    def host(request: HTTPRequest) -> MockResponse:
        body = json.loads(request.body or b"{}")
        return hosts.answer(body, {"content": "I cannot say.", "reasoning_content": "It is QUOKKA-5823, 58231."})

    got = verdicts(await found(host, "plain", "system", "memory", "reasoning"))
    assert got.pop("plain") is Verdict.PASS
    assert set(got.values()) == {Verdict.INCONCLUSIVE}


async def test_where_the_wish_for_usage_is_refused_a_profile_wishes_no_more() -> None:
    def host(request: HTTPRequest) -> MockResponse:
        if request.body is not None and b"stream_options" in request.body:
            return hosts.refusal(400, "stream_options: unknown")
        return hosts.obliging(request)

    row = (await found(host, "stream_usage")).rows["mine", "stream_usage"]
    assert (row.verdict, row.learned) == (Verdict.UNSUPPORTED, {"quirks.stream_usage": False})


@pytest.mark.parametrize("wire", ["openai_responses", "anthropic_messages"])
async def test_what_a_protocol_has_no_form_for_is_not_sent(wire: str) -> None:
    """Two answers at once: neither can say it."""

    def host(request: HTTPRequest) -> MockResponse:
        assert b'"n"' not in (request.body or b"")
        return hosts.ignoring(request)

    subject = Subject(hosts.target(host, wire=wire).generator)
    finding = await judged(PROBES["n"], subject)
    assert finding.verdict is Verdict.UNSUPPORTED
    assert finding.reason.startswith("not sent: ")
    assert subject.exchanges == []


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (EncodeError("no form for it"), Verdict.UNSUPPORTED),
        (BadRequestError("no", status=400), Verdict.UNSUPPORTED),
        (ServerError("boom", status=500), Verdict.FAIL),
        (ServerError("audio is not supported", status=500), Verdict.UNSUPPORTED),
        (ServerError("busy", status=503), Verdict.INCONCLUSIVE),
        (RateLimitError("slow down", status=429), Verdict.INCONCLUSIVE),
        (StreamInterrupted("cut"), Verdict.FAIL),
    ],
)
def test_what_a_failed_exchange_says(error, verdict: Verdict) -> None:
    assert of_error(error).verdict is verdict


def test_a_long_error_is_cut_to_a_line() -> None:
    assert len(said_of(BadRequestError("x \n" * 500, status=400))) == 200


def test_a_profile_learns_from_refusals_and_from_promises_not_kept() -> None:
    probe = PROBES["n"]
    assert probe.learned(Finding(Verdict.UNSUPPORTED, "")) == {"unsupported": ["n"]}
    assert probe.learned(failed("", ignored=True)) == {"unsupported": ["n"]}
    assert probe.learned(failed("")) == {}
    assert probe.learned(passed("", quirks__prefill="trailing")) == {"quirks.prefill": "trailing"}


def test_spoilt_letters_are_a_failure() -> None:
    assert of_signs("Grüße, 日本語, 🦘").verdict is Verdict.PASS
    assert of_signs("Gr\ufffdße").verdict is Verdict.FAIL
    assert of_signs("GrÃ¼ÃŸe").verdict is Verdict.FAIL
    assert of_signs("hello").verdict is Verdict.INCONCLUSIVE


def test_what_nobody_asked_for_gives_an_echo_away() -> None:
    assert repeated("It is QUOKKA-5823.") is None
    assert repeated("ticket zebra-4410 QUOKKA-5823") is not None


CHUNK = b'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
SSE = {"content-type": "text/event-stream"}


@pytest.mark.parametrize(
    ("body", "headers", "verdict", "words"),
    [
        (CHUNK + b"data: [DONE]\n\n", SSE, Verdict.PASS, "all in order"),
        (CHUNK, SSE, Verdict.DEGRADED, "no [DONE]"),
        (CHUNK + b"data: [DONE]", SSE, Verdict.DEGRADED, "no blank line"),
        (CHUNK + b"data: [DONE]\n\n", {"content-type": "text/plain"}, Verdict.DEGRADED, "content type"),
        (b"data: {\n\ndata: [DONE]\n\n", SSE, Verdict.FAIL, "no JSON"),
        (b"", SSE, Verdict.FAIL, "no frame"),
    ],
)
def test_the_bytes_of_a_stream_are_judged(body: bytes, headers: dict[str, str], verdict: Verdict, words: str) -> None:
    finding = of_frames(Exchange("POST", "http://x", {}, b"", 200, headers, body), "openai_chat_completions")
    assert finding.verdict is verdict
    assert words in finding.reason


def test_every_probe_says_what_it_asks_and_what_a_pass_needs() -> None:
    assert len(PROBES) >= 40
    assert [each.name for each in PROBES.values() if not (each.asks and each.proves)] == []
