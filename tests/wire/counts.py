"""The table of recorded cases in ``docs/wire-formats.md``: how many of what, and which test checks them.

``python -m tests.wire.matrix`` writes it; a test checks that it is current and that the tests it names are there.
"""

import functools
import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from minillm.errors import MiniLLMError
from minillm.wire import WIRES, get_codec
from minillm.wire.sse import SSEDecoder
from tests.wire import anthropic_reader, chat_reader, corpus, gemini_reader, responses_reader, rewritings
from tests.wire.rewritings import FOLDERS, MODEL

BEGIN, END = "<!-- counts: written by python -m tests.wire.matrix -->", "<!-- end of counts -->"
NAMES = ("Chat", "Responses", "Messages", "Gemini")
READERS: tuple[ModuleType, ...] = (chat_reader, responses_reader, anthropic_reader, gemini_reader)
FOLDER_OF = {wire: folder for folder, wire in FOLDERS.items()}


@functools.cache
def cases(wire: str) -> tuple[corpus.Case, ...]:
    return tuple(rewritings.cases(FOLDER_OF[wire]))


@functools.cache
def verdicts(wire: str) -> dict[str, dict[str, Any]]:
    """What the second reader says of each case."""
    found: dict[str, dict[str, Any]] = json.loads(READERS[WIRES.index(wire)].EXPECTED.read_bytes())
    return found


def of_form(wire: str, *forms: str) -> list[dict[str, Any]]:
    return [verdict for verdict in verdicts(wire).values() if verdict["form"] in forms]


def requests(wire: str) -> int:
    return sum(case.request is not None for case in cases(wire))


def readable_requests(wire: str) -> int:
    """Without those that the vendor itself refused as malformed, which are typed errors here too."""
    return sum(case.request is not None and _is_readable(wire, case.request) for case in cases(wire))


def _is_readable(wire: str, body: Any) -> bool:
    try:
        get_codec(wire).decode_request(body, model=MODEL)
    except MiniLLMError:
        return False
    return True


def answers(wire: str) -> int:
    return len(of_form(wire, "body", "array"))


def streams(wire: str) -> int:
    return len(of_form(wire, "stream"))


def frames(wire: str) -> int:
    total = 0
    for case in cases(wire):
        if case.is_stream:
            decoder = SSEDecoder()
            total += len(decoder.feed(case.body)) + len(decoder.finish())
    return total


def whole_streams(wire: str) -> int:
    return sum(bool(verdict.get("complete")) for verdict in of_form(wire, "stream"))


def failed_streams(wire: str) -> int:
    return sum("error" in verdict for verdict in of_form(wire, "stream"))


def cut_streams(wire: str) -> int:
    return streams(wire) - whole_streams(wire) - failed_streams(wire)


def refusals(wire: str) -> int:
    return len(of_form(wire, "error", "headers", "page"))


def snapshots(wire: str) -> int:
    """Streams whose terminal frame says the whole answer again."""
    if wire != "openai_responses":
        return 0
    ended = [responses_reader.terminal_response(case.body) for case in cases(wire) if case.is_stream]
    return sum(bool(found and found.get("output")) for found in ended)


def rewritten(wire: str) -> int:
    return sum(made.source == wire != made.target for made in rewritings.all_rewritings())


Count = Callable[[str], int]

RECORDED: tuple[tuple[str, Count], ...] = (
    ("exchanges", lambda wire: len(cases(wire))),
    ("requests", requests),
    ("answers in one piece", answers),
    ("streams", streams),
    ("frames in them", frames),
    ("streams that end with an error", failed_streams),
    ("streams that were cut", cut_streams),
    ("refusals (bodies with an error, headers alone, a proxy's page)", refusals),
)
CHECKED: tuple[tuple[str, str, Count], ...] = (
    ("bytes are those recorded, the reader still reads them so", "recording_is_intact", lambda wire: len(cases(wire))),
    ("answers say what the second reader says", "body_says_what_the_reader_says", lambda w: len(of_form(w, "body"))),
    ("streams say what the second reader says", "stream_says_what_the_reader_says", whole_streams),
    (
        "streams with an error: typed, with what came before",
        "stream_with_an_error_keeps_what_came_before_it",
        failed_streams,
    ),
    (
        "refusals are the typed error",
        "refused_request_is_the_typed_error",
        lambda w: len(of_form(w, "error", "headers")),
    ),
    ("lists of chunks are the sum of them", "array_is_the_sum_of_its_chunks", lambda wire: len(of_form(wire, "array"))),
    (
        "a proxy's page keeps the status",
        "page_of_a_proxy_is_an_error_that_keeps_the_status",
        lambda w: len(of_form(w, "page")),
    ),
    ("same wire: answers equal", "body_is_equal_on_its_own_wire", lambda wire: len(of_form(wire, "body"))),
    ("same wire: requests equal", "request_is_equal_on_its_own_wire", readable_requests),
    ("same wire: streams equal frame by frame", "stream_frames_are_equal_on_their_own_wire", streams),
    ("same events cut at random, five ways each", "stream_gives_the_same_events_cut_at_random", streams),
    ("same events with CRLF and with CR", "stream_gives_the_same_events_with_other_line_ends", streams),
    ("collected = what the terminal frame repeats", "stream_collects_to_the_snapshot_of_its_terminal_frame", snapshots),
    (
        "rewritten to the three others and read there",
        "what_is_read_again_is_what_was_said_or_the_report_tells",
        rewritten,
    ),
)


def lines() -> Iterator[str]:
    """The table as Markdown."""
    yield f"| recorded | {' | '.join(NAMES)} | all |"
    yield "| --- |" + " ---: |" * (len(NAMES) + 1)
    for what, count in RECORDED:
        yield f"| {what} | {_cells(count)} |"
    yield ""
    yield f"| checked | {' | '.join(NAMES)} | all | by |"
    yield "| --- |" + " ---: |" * (len(NAMES) + 1) + " --- |"
    for what, test, count in CHECKED:
        yield f"| {what} | {_cells(count)} | `test_{test}` |"


def _cells(count: Count) -> str:
    numbers = [count(wire) for wire in WIRES]
    return " | ".join(str(number) for number in (*numbers, sum(numbers)))
