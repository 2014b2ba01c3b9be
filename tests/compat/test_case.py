"""Recorded cases: the reader of the corpus reads them, the codecs too, and no key is in them."""

import hashlib
import json
from pathlib import Path

import pytest

from minillm.compat import PROBES, Exchange
from minillm.compat.case import FOLDERS, write_case
from minillm.compat.probe import judged
from minillm.compat.subject import Subject
from minillm.errors import ConfigurationError
from minillm.types import collect
from minillm.wire import get_codec
from tests.compat import hosts
from tests.wire import corpus
from tests.wire.recorded import frames_of

WIRE = "openai_chat_completions"
FACTS = {"wire": WIRE, "provider": "mine", "model": "m", "shows": "a test"}


async def recorded(probe: str) -> Exchange:
    subject = Subject(hosts.target(hosts.obliging).generator)
    await judged(PROBES[probe], subject)
    return subject.exchanges[-1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINILLM_WIRE_CORPUS", str(tmp_path))
    return tmp_path


async def test_the_corpus_reader_reads_a_whole_answer(folder: Path) -> None:
    write_case(folder, "mine_plain", await recorded("plain"), **FACTS)
    case = corpus.case("openai_chat", "mine_plain")
    assert (case.is_json, case.is_stream, case.status) == (True, False, 200)
    assert case.meta["response_sha256"] == hashlib.sha256(case.body).hexdigest()
    request = get_codec(WIRE).decode_request(case.request or {})
    assert request.messages[-1].text.startswith("Name a river")
    assert get_codec(WIRE).decode_response(json.loads(case.body)).text == "Yes."


async def test_and_a_stream_byte_for_byte(folder: Path) -> None:
    exchange = await recorded("stream")
    write_case(folder, "mine_stream", exchange, **FACTS)
    case = corpus.case("openai_chat", "mine_stream")
    assert case.is_stream
    assert case.body == exchange.body
    assert (case.meta["line_ends"], case.meta["ends_with_blank_line"]) == ("lf", True)
    decoder = get_codec(WIRE).stream_decoder()
    events = [event for frame in frames_of([case.body]) for event in decoder.feed(frame)]
    assert collect([*events, *decoder.finish()]).text == hosts.COUNT


async def test_an_error_is_a_case_too(folder: Path) -> None:
    write_case(folder, "mine_401", await recorded("error_401"), **FACTS)
    case = corpus.case("openai_chat", "mine_401")
    assert case.status == 401
    assert get_codec(WIRE).decode_error(case.status, case.headers, case.body).status == 401


async def test_keys_and_mail_addresses_are_not_in_it(folder: Path) -> None:
    body = b'{"error":"ask jane.doe@example.com about ***"}'
    exchange = Exchange("POST", "http://h/v1?key=***", {}, b'{"user":"***"}', 401, {}, body)
    place = write_case(folder, "x", exchange, **FACTS)
    assert corpus.case("openai_chat", "x").body == b'{"error":"ask *** about ***"}'
    assert corpus.case("openai_chat", "x").meta["scrubbed_values"] == 3
    text = "".join(path.read_text("utf-8") for path in Path(place).iterdir())
    assert hosts.KEY not in text


async def test_a_case_is_never_written_over(folder: Path) -> None:
    exchange = await recorded("plain")
    write_case(folder, "x", exchange, **FACTS)
    with pytest.raises(ConfigurationError, match="there already"):
        write_case(folder, "x", exchange, **FACTS)


@pytest.mark.parametrize("name", ["", "../x", "A b", "/etc", "x" * 90])
def test_a_name_is_none_that_leads_elsewhere(folder: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="a case is called by"):
        write_case(folder, name, Exchange("GET", "u", {}, b"", 200), **FACTS)


def test_what_never_came_is_no_case(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="no whole answer"):
        write_case(folder, "x", Exchange("GET", "u", {}, b"", None, error="ConnectError: no"), **FACTS)
    assert not (folder / FOLDERS[WIRE] / "x").exists()
