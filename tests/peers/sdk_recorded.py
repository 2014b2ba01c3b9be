"""What hosts really sent, rewritten for every other wire: what the SDK of that wire is answered with."""

import functools
import json
from collections.abc import Iterator
from typing import Any

from minillm.errors import MiniLLMError
from minillm.report import Report
from minillm.types import Collector
from minillm.wire import get_codec, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder
from tests.peers.sdk_server import Reply, refused
from tests.wire import corpus
from tests.wire.rewritings import FOLDERS, of_response


def exchanges(target: str, *, whole: bool) -> Iterator[str]:
    """The names of all recorded answers of other wires that can be had whole, or as streams."""
    for folder, source in FOLDERS.items():
        for name in corpus.names(folder) if source != target else ():
            case = corpus.case(folder, name)
            if case.has_body and case.status < 400 and (case.is_json if whole else case.is_stream):
                yield f"{folder}.{name}"


def find(exchange: str) -> tuple[str, corpus.Case]:
    folder, name = exchange.split(".", 1)
    return FOLDERS[folder], corpus.case(folder, name)


def reply(target: str, exchange: str) -> Reply:
    """The recorded answer in the target's words; a failure in its words for that."""
    source, case = find(exchange)
    if case.is_stream:
        rewriter = rewrite_stream(source=source, target=target, report=Report())
        return Reply(rewriter.feed(case.body) + rewriter.finish(), is_stream=True)
    try:
        body = rewrite_response(json.loads(case.body), source=source, target=target, report=Report())
    except MiniLLMError as error:
        return refused(target, error)  # type: ignore[arg-type]
    return Reply(json.dumps(body).encode())


@functools.cache
def said(exchange: str) -> dict[str, Any]:
    """What the recorded answer says, in aspects, read by its own wire's decoder."""
    source, case = find(exchange)
    if not case.is_stream:
        try:
            return {**of_response(get_codec(source).decode_response(json.loads(case.body))), "failed": False}
        except MiniLLMError:
            return {"failed": True}
    decoder, collector, sse = get_codec(source).stream_decoder(), Collector(), SSEDecoder()
    for frame in [*sse.feed(case.body), *sse.finish()]:
        for event in decoder.feed(frame):
            collector.feed(event)
    for event in decoder.finish():
        collector.feed(event)
    return {**of_response(collector.response()), "failed": collector.error is not None}
