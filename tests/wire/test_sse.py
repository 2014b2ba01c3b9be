"""Server-sent events: cut anywhere, framed in any of the three ways, framed badly or not at all."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.errors import DecodeError, EncodeError
from minillm.wire.sse import ServerSentEvent, SSEDecoder, UnterminatedEvent, encode_event

Found = tuple[str, bytes, str | None, int | None]


def decoded(*chunks: bytes) -> list[Found]:
    decoder = SSEDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    found = [(event.event, event.raw, event.id, event.retry) for event in (*events, *decoder.finish())]
    other = SSEDecoder()
    in_passing = [(e.event, e.raw, e.id, e.retry) for chunk in chunks for e in other.feed_each(chunk)]
    assert in_passing == found[: len(events)]  # events looked at in passing are the same
    return found


def data(*payloads: bytes) -> list[Found]:
    return [("", payload, None, None) for payload in payloads]


CASES: dict[str, tuple[bytes, list[Found]]] = {
    "one": (b"data: a\n\n", data(b"a")),
    "two at once": (b"data: a\n\ndata: b\n\n", data(b"a", b"b")),
    "no space": (b"data:a\n\n", data(b"a")),
    "one space only is taken": (b"data:  a\n\n", data(b" a")),
    "several lines": (b"data: a\ndata: b\n\n", data(b"a\nb")),
    "an empty line of data": (b"data: a\ndata\n\n", data(b"a\n")),
    "empty data": (b"data: \n\n", data(b"")),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", data(b"a", b"b")),
    "cr": (b"data: a\r\rdata: b\r\r", data(b"a", b"b")),
    "mixed ends": (b"data: a\r\n\ndata: b\r\r\ndata: c\n\r", data(b"a", b"b", b"c")),
    "bom": (b"\xef\xbb\xbfdata: a\n\n", data(b"a")),
    "a bom later is text": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", data(b"a")),
    "comments": (b": hi\n\n:\ndata: a\n: there\n\n", data(b"a")),
    "name": (b"event: ping\ndata: a\n\ndata: b\n\n", [("ping", b"a", None, None), ("", b"b", None, None)]),
    "names alike": (
        b"event: a\ndata: 1\n\nevent: a\ndata: 2\n\n",
        [("a", b"1", None, None), ("a", b"2", None, None)],
    ),
    "names that differ": (
        b"event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n",
        [("a", b"1", None, None), ("b", b"2", None, None)],
    ),
    "names alike, and a line more": (
        b"event: a\ndata: 1\n\nevent: a\ndata: 2\ndata: 3\n\n",
        [("a", b"1", None, None), ("a", b"2\n3", None, None)],
    ),
    "a name without data is nothing": (b"event: ping\n\ndata: b\n\n", data(b"b")),
    "the last id stays": (b"id: 7\ndata: a\n\ndata: b\n\n", [("", b"a", "7", None), ("", b"b", "7", None)]),
    "an id with NUL is ignored": (b"id: 7\0\ndata: a\n\n", data(b"a")),
    "retry": (b"retry: 30\ndata: a\n\ndata: b\n\n", [("", b"a", None, 30), ("", b"b", None, None)]),
    "retry that is no number": (b"retry: 3s\ndata: a\n\n", data(b"a")),
    "unknown fields": (b"foo: x\nbar\ndata: a\n\n", data(b"a")),
    "more blank lines": (b"\n\n\ndata: a\n\n\n\ndata: b\n\n\n", data(b"a", b"b")),
    "line separators of Unicode are text": (
        b"data: a\xe2\x80\xa8b\x0b\x0c\xc2\x85c\n\n",
        data(b"a\xe2\x80\xa8b\x0b\x0c\xc2\x85c"),
    ),
    "no blank line at the end": (b"data: a\n\ndata: b\n", data(b"a", b"b")),
    "no line end at the end": (b"data: a\n\ndata: b", data(b"a", b"b")),
    "the beginning of a field is nothing": (b"data: a\n\ndat", data(b"a")),
    "nothing": (b"", []),
    "bare JSON behind the last event": (
        b'data: a\n\n{\n  "error": {\n    "code": 503\n  }\n}\n',
        data(b"a", b'{\n  "error": {\n    "code": 503\n  }\n}'),
    ),
    "other stray text behind an event": (b"data: a\n\nhello\nfoo: 1\n", data(b"a")),
}


@pytest.mark.parametrize("name", CASES)
def test_bytes_become_these_events(name: str) -> None:
    raw, events = CASES[name]
    assert decoded(raw) == events


@pytest.mark.parametrize("name", CASES)
def test_the_same_however_they_are_cut(name: str) -> None:
    raw, events = CASES[name]
    assert decoded(*(raw[at : at + 1] for at in range(len(raw)))) == events
    for cut in range(len(raw)):
        assert decoded(raw[:cut], raw[cut:]) == events, cut


def test_an_event_comes_out_with_its_blank_line_and_not_before() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert [event.raw for event in decoder.feed(b"\n")] == [b"a"]
    assert [event.raw for event in decoder.feed(b"data: b\r\n\r\n")] == [b"b"]
    assert decoder.feed(b"data: c\r\r") == []  # an LF may belong to the last CR
    assert [event.raw for event in decoder.feed(b"dat")] == [b"c"]


def test_text_is_the_payload_as_text() -> None:
    (event,) = SSEDecoder().feed("data: wörld 👋\n\n".encode())
    assert event.data == "wörld 👋"
    assert event.raw == "wörld 👋".encode()
    assert event == ServerSentEvent("", "wörld 👋")
    assert "wörld" not in repr(event)  # no answer text in logs


def test_bytes_that_are_no_text_do_not_raise() -> None:
    (event,) = SSEDecoder().feed(b"data: a\xff\n\n")
    assert event.data == "a�"


SOUP = st.lists(
    st.sampled_from(
        [b"data: ", b"data:", b"data", b"event: e", b"id: 1", b":", b" ", b"x", b"\n", b"\r", b"\r\n", b"\n\n"]
    ),
    max_size=30,
).map(b"".join)


def reference(raw: bytes) -> list[tuple[str, bytes]]:
    """The standard's line machine, as plainly as it can be written."""
    events: list[tuple[str, bytes]] = []
    name, lines = "", []
    for line in re.split(rb"\r\n|\r|\n", raw)[:-1]:
        if not line:
            if lines:
                events.append((name, b"\n".join(lines)))
            name, lines = "", []
            continue
        field, _, value = line.partition(b":")
        if field == b"data":
            lines.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ").decode()
    return events


@given(SOUP, st.randoms(use_true_random=False))
def test_any_bytes_give_what_the_standard_says(raw: bytes, chance: random.Random) -> None:
    raw += b"\n\n"  # an end that is none of our own additions
    cuts = sorted(chance.sample(range(len(raw) + 1), chance.randint(0, min(len(raw), 6))))
    chunks = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    found = [(name, payload) for name, payload, _, _ in decoded(*chunks)]
    stray = found and not reference(raw)
    assert stray or found == reference(raw)


EVENTS = st.builds(
    ServerSentEvent,
    st.sampled_from(["", "ping", "message_start"]),
    st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])).map(str.encode),
    st.none(),
    st.none() | st.integers(0, 10_000),
)


@given(st.lists(EVENTS, max_size=8), st.integers(1, 9))
def test_events_come_back_as_they_were(events: list[ServerSentEvent], size: int) -> None:
    raw = b"".join(map(encode_event, events))
    decoder = SSEDecoder()
    found = [event for at in range(0, len(raw), size) for event in decoder.feed(raw[at : at + size])]
    assert [*found, *decoder.finish()] == events


def test_a_name_of_two_lines_is_refused() -> None:
    with pytest.raises(EncodeError, match="one line"):
        encode_event(ServerSentEvent("a\ndata: forged", b"x"))
    with pytest.raises(EncodeError, match="one line"):
        encode_event(ServerSentEvent("", b"x", "1\r2"))


def test_a_carriage_return_in_the_payload_is_a_line_end() -> None:
    assert encode_event(ServerSentEvent("", b"a\rb\r\nc")) == b"data: a\ndata: b\ndata: c\n\n"


def test_a_megabyte_in_one_line_comes_whole_out_of_small_pieces() -> None:
    payload = b"x" * 2_000_000
    raw = b"data: " + payload + b"\n\n"
    assert decoded(*(raw[at : at + 1000] for at in range(0, len(raw), 1000))) == data(payload)


def test_an_endless_line_is_refused_at_the_limit() -> None:
    decoder = SSEDecoder(limit=1000)
    with pytest.raises(DecodeError, match="more than 1000 bytes"):
        [decoder.feed(b"data: " + b"x" * 100) for _ in range(1000)]


def test_an_endless_body_without_frames_is_refused_at_the_limit() -> None:
    decoder = SSEDecoder(limit=1000)
    with pytest.raises(DecodeError, match="more than 1000 bytes"):
        [decoder.feed(b"<p>hello</p>\n\n") for _ in range(1000)]


def test_a_body_that_is_not_framed_is_given_out_at_the_end() -> None:
    """Servers that ignore ``stream`` answer with plain JSON, proxies with a page."""
    body = b'{\n "a": 1,\n\n "b": [2]\n}\n'
    assert re.sub(rb"\s", b"", decoded(body)[0][1]) == b'{"a":1,"b":[2]}'
    assert decoded(b"<html>\n<p>no</p>\n</html>") == data(b"<html>\n<p>no</p>\n</html>")


def test_the_end_tells_a_cut_event_from_a_whole_one() -> None:
    def last(raw: bytes) -> ServerSentEvent:
        decoder = SSEDecoder()
        return [*decoder.feed(raw), *decoder.finish()][-1]

    assert type(last(b'data: {"a": 1}\n\ndata: {"a"')) is UnterminatedEvent
    assert type(last(b'{"a": 1')) is UnterminatedEvent
    assert type(last(b"<html>")) is ServerSentEvent
    assert type(last(b'data: {"a": 1}\n\n{\n"error"')) is UnterminatedEvent
    assert not isinstance(last(b'data: {"a": 1}\r\r'), UnterminatedEvent)


def test_stray_text_before_the_first_frame_is_forgotten() -> None:
    assert decoded(b"hello\n\ndata: a\n\n") == data(b"a")
