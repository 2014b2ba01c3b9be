"""Fuzzing of a wire: whatever comes in, what comes out is a value or a typed error, soon and in little memory.

``python -m tests.wire.fuzz --wire anthropic_messages --minutes 10 [--seed N]`` prints a table of what came of the
cases, and each fault once with the command that makes it again; exit status 1 if there was one. A fault is an
exception that is none of minillm's, a case that takes longer than ``SLOW`` seconds of processor time or more memory
than its input warrants, a stream without exactly one end, and bytes that come out otherwise when cut otherwise.
"""

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

from minillm.errors import APIError, EncodeError, MiniLLMError
from minillm.json import serialization
from minillm.report import Report
from minillm.types import Collector, MessageEnd, StreamFailed
from minillm.wire import WIRES, get_codec, rewrite_request, rewrite_response, rewrite_stream
from minillm.wire.sse import SSEDecoder, encode_event
from tests.wire import mutations, neutral_values
from tests.wire.mutations import Breaker
from tests.wire.rewritings import MODEL

SLOW = 2.0  # seconds of processor time a case may take
HUNG = 20.0  # and after which it is ended
MEMORY = 16 * 2**20, 150  # bytes a case may take at its peak: so many, and as often its own size
MEASURED = 16  # every so many cases their memory is measured, which makes them slow
NEUTRAL = 40  # neutral values a case; Hypothesis makes them in batches
KINDS = (("request", 30), ("response", 25), ("stream", 20), ("error", 20), ("neutral", 5))


class Fault(Exception):
    """What must not happen, though nothing was raised."""


class Hung(BaseException):
    """A case did not come to an end; nothing may catch it."""


@dataclass
class Tally:
    """What came of the cases."""

    wire: str
    seed: int
    keep: Path | None = None
    cases: Counter[str] = field(default_factory=Counter)
    outcomes: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By what went wrong and where: the commands that make it happen again."""
    slowest: tuple[float, int] = (0.0, -1)
    hungriest: tuple[float, int, int] = (0.0, 0, -1)
    """The largest share of what a case may take; its bytes; the case."""
    memory: int = 0
    """What the process has grown by since the first cases, in bytes."""

    def count(self, kind: str, step: str, outcome: str) -> None:
        self.outcomes.setdefault((kind, step), Counter())[outcome] += 1

    def fault(self, what: str, number: int, shown: str) -> None:
        again = f"python -m tests.wire.fuzz --wire {self.wire} --seed {self.seed} --case {number}"
        if what not in self.faults and self.keep is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            path = self.keep / f"{self.wire}-{self.seed}-{number}.txt"
            path.write_text(f"{what}\n{again}\n\n{shown}\n", "utf-8", "backslashreplace")
        self.faults.setdefault(what, []).append(again)

    def lines(self) -> Iterator[str]:
        """The table, in Markdown, and the faults."""
        yield "| what | step | cases | came to |"
        yield "| --- | --- | --- | --- |"
        for (kind, step), counts in self.outcomes.items():
            said = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
            yield f"| {kind} | {step} | {counts.total()} | {said} |"
        yield ""
        yield f"cases: {self.cases.total()}, faults: {sum(map(len, self.faults.values()))} of {len(self.faults)} kinds"
        yield f"slowest: {self.slowest[0]:.2f} s (case {self.slowest[1]}), limit {SLOW} s"
        share, size, number = self.hungriest
        yield f"hungriest: {size / 2**20:.1f} MiB, {share:.0%} of its limit (case {number})"
        yield f"the process grew by {self.memory / 2**20:.0f} MiB at its peak"
        for what, again in self.faults.items():
            yield f"FAULT, {len(again)} times: {what}\n  {again[0]}"


class Fuzzer:
    """Runs cases of one wire. A case is made from the seed and its number alone."""

    def __init__(self, wire: str, seed: int = 0, keep: Path | None = None) -> None:
        self.wire = wire
        self.codec = get_codec(wire)
        self.recorded = mutations.recorded(wire)
        self.tally = Tally(wire, seed, keep)
        self._kind = ""
        self._shown = ""
        self._strange = False  # the value came from Python, not from JSON text

    def run(self, *, cases: int | None = None, seconds: float | None = None, first: int = 0) -> Tally:
        """So many cases, or as many as there is time for."""
        end = None if seconds is None else time.monotonic() + seconds
        number, grown = first, None
        while (cases is None or number < first + cases) and (end is None or time.monotonic() < end):
            self.case(number)
            number += 1
            if number == first + 50:
                grown = _high_water()
        self.tally.memory = _high_water() - (grown or _high_water())
        return self.tally

    def case(self, number: int) -> None:
        """One case; its faults are kept."""
        chance = random.Random(f"{self.wire} {self.tally.seed} {number}")
        self._kind = chance.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
        breaker = Breaker(chance, self.recorded.pool)
        self.tally.cases[self._kind] += 1
        if self._kind == "neutral":
            self._neutral(number, chance)
            return
        work, size = _MAKERS[self._kind](self, breaker)
        if number % MEASURED == 0 and size is not None:
            with self._measured(number, size):
                self._watched(number, work)
        else:
            self._watched(number, work)

    def _watched(self, number: int, work: Callable[[], None]) -> None:
        failure: BaseException | None = None
        started = time.process_time()
        signal.signal(signal.SIGVTALRM, _hung)
        signal.setitimer(signal.ITIMER_VIRTUAL, HUNG)
        try:
            work()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            failure = error
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        taken = time.process_time() - started
        if failure is not None:
            trace = "".join(traceback.format_exception(failure))[-20_000:]
            self.tally.fault(_where(failure), number, f"{self._shown}\n\n{trace}")
        if tracemalloc.is_tracing():
            return  # which takes time of its own
        self.tally.slowest = max(self.tally.slowest, (taken, number))
        if taken > SLOW:
            self.tally.fault(f"{self._kind}: slower than {SLOW} s", number, f"{taken:.1f} s\n{self._shown}")

    @contextmanager
    def _measured(self, number: int, size: int) -> Iterator[None]:
        tracemalloc.start()
        try:
            yield
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        share = peak / (MEMORY[0] + MEMORY[1] * size)
        self.tally.hungriest = max(self.tally.hungriest, (share, peak, number))
        if share > 1:
            self.tally.fault(f"{self._kind}: more memory than it may take", number, f"{peak} bytes\n{self._shown}")

    # Inputs

    def _body(self, breaker: Breaker, bodies: tuple[Any, ...]) -> tuple[bytes | None, Any]:
        """A body as bytes, or as the value a caller hands in."""
        chance, roll = breaker.chance, breaker.chance.random()
        if roll < 0.6:
            return breaker.write(breaker.tree(chance.choice(bodies), text=True)), None
        if roll < 0.75:
            return None, breaker.tree(chance.choice(bodies), most=6)
        if roll < 0.85:
            return breaker.write(breaker.json()), None
        if roll < 0.9:
            return None, breaker.json()
        if roll < 0.98:  # what another wire says
            other = mutations.recorded(chance.choice(WIRES))
            return breaker.write(breaker.tree(chance.choice(other.requests + other.responses), most=1, text=True)), None
        return chance.randbytes(chance.randint(0, 200)), None

    def _request(self, breaker: Breaker) -> tuple[Callable[[], None], int | None]:
        data, value = self._body(breaker, self.recorded.requests)
        return lambda: self._try_request(data, value), None if data is None else len(data)

    def _response(self, breaker: Breaker) -> tuple[Callable[[], None], int | None]:
        data, value = self._body(breaker, self.recorded.responses)
        return lambda: self._try_response(data, value), None if data is None else len(data)

    def _stream(self, breaker: Breaker) -> tuple[Callable[[], None], int | None]:
        chance = breaker.chance
        data = breaker.stream(self.recorded.streams)
        if chance.random() < 0.1:
            frames = (breaker.write(breaker.json()) for _ in range(chance.randint(0, 8)))
            data = b"".join(b"data: " + frame.replace(b"\n", b" ") + b"\n\n" for frame in frames)
        elif chance.random() < 0.03:
            data = chance.randbytes(chance.randint(0, 500))
        chunks = breaker.chunks(data)
        return lambda: self._try_stream(data, chunks, chance.random() < 0.5), len(data)

    def _error(self, breaker: Breaker) -> tuple[Callable[[], None], int | None]:
        chance = breaker.chance
        status, headers, data = chance.choice(self.recorded.errors)
        data = breaker.error(data)
        if chance.random() < 0.5:
            status = chance.choice([0, 100, 200, 302, 400, 401, 403, 404, 413, 422, 429, 500, 503, 529, 599, 999, -1])
        headers = breaker.headers(headers)
        return lambda: self._try_error(status, headers, data), len(data)

    # What is done with them

    def _step(self, step: str, work: Callable[[], Any]) -> Any:
        """What the work gives, or None where it is a typed error; counted."""
        try:
            value = work()
        except MiniLLMError as error:
            kind = "APIError" if isinstance(error, APIError) else type(error).__name__
            str(error), repr(error)
            self.tally.count(self._kind, step, kind)
            if step == "decode" and isinstance(error, EncodeError) and not self._strange:
                raise Fault(f"our own fault, where the peer's was meant: {error}") from error
            return None
        self.tally.count(self._kind, step, "done")
        return value

    def _parsed(self, data: bytes | None, value: Any) -> Any:
        self._strange = data is None
        self._shown = _shown(value if data is None else data)
        return value if data is None else self._step("JSON", lambda: serialization.loads(data))

    def _try_request(self, data: bytes | None, value: Any) -> None:
        body = self._parsed(data, value)
        if data is not None and body is None:
            return
        request = self._step("decode", lambda: self.codec.decode_request(body, model=MODEL, report=Report()))
        if request is None:
            return
        self._step("same wire", lambda: _written(self.codec.encode_request(request, report=Report())))
        for target in WIRES:
            if target != self.wire:
                out = self._step("other wires", lambda t=target: _written(_request_as(self.wire, t, body)))
                if out is not None:
                    path = {"model": MODEL} if target == WIRES[3] else {}
                    self._step("read there", lambda t=target, o=out, p=path: get_codec(t).decode_request(o, **p))

    def _try_response(self, data: bytes | None, value: Any) -> None:
        body = self._parsed(data, value)
        if data is not None and body is None:
            return
        response = self._step("decode", lambda: self.codec.decode_response(body, report=Report()))
        if response is None:
            return
        self._step("same wire", lambda: _written(self.codec.encode_response(response, report=Report())))
        for target in WIRES:
            if target != self.wire:
                out = self._step("other wires", lambda t=target: _written(_response_as(self.wire, t, body)))
                if out is not None:
                    self._step("read there", lambda t=target, o=out: get_codec(t).decode_response(o))

    def _try_stream(self, data: bytes, chunks: list[bytes], native: bool) -> None:
        self._shown = _shown(data)
        self._step("decode", lambda: self._collected(data, native))
        for target in WIRES:
            step = "same wire" if target == self.wire else "other wires"
            out = self._step(step, lambda t=target: _stream_as(self.wire, t, [data]))
            if out is not None and _stream_as(self.wire, target, chunks) != out:
                raise Fault("bytes cut otherwise come out otherwise")
            if out is not None and target != self.wire:
                self._step("read there", lambda t=target, o=out: _ended(t, o))

    def _collected(self, data: bytes, native: bool) -> None:
        frames, decoder, collector, ends = SSEDecoder(), self.codec.stream_decoder(native=native), Collector(), 0
        for frame in [*frames.feed(data), *frames.finish()]:
            for event in decoder.feed(frame):
                ends += isinstance(event, MessageEnd | StreamFailed)
                collector.feed(event)
        for event in decoder.finish():
            ends += isinstance(event, MessageEnd | StreamFailed)
            collector.feed(event)
        if ends != 1 or decoder.finish():
            raise Fault(f"{ends} ends of a stream")
        collector.response()

    def _try_error(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._shown = f"{status} {dict(headers)}\n{_shown(data)}"
        error = self.codec.decode_error(status, headers, data)
        str(error), repr(error)
        self.tally.count(self._kind, "decode", type(error).__name__)
        for target in WIRES:
            _, body = get_codec(target).encode_error(error)
            _written(body)
            self.tally.count(self._kind, "same wire" if target == self.wire else "other wires", "done")

    # Neutral values

    def _neutral(self, number: int, chance: random.Random) -> None:
        """A batch of requests, answers or event sequences that no wire made."""
        strategy, judge = chance.choice(
            [
                (neutral_values.requests, self._try_neutral_request),
                (neutral_values.responses, self._try_neutral_response),
                (neutral_values.event_sequences, self._try_events),
            ]
        )

        def one(value: Any) -> None:
            self._shown = _shown(value)
            self._watched(number, lambda: judge(value))

        settings = hypothesis.settings(
            max_examples=NEUTRAL,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=HealthCheck,
        )
        hypothesis.seed(chance.randrange(2**32))(settings(hypothesis.given(strategy)(one)))()

    def _try_neutral_request(self, request: Any) -> None:
        body = self._step("request", lambda: _written(self.codec.encode_request(request, report=Report())))
        if body is None:
            return
        again = self._step("request read", lambda: self.codec.decode_request(body, model=MODEL, stream=request.stream))
        if again is not None and _written(self.codec.encode_request(again, report=Report())) != body:
            raise Fault("a request comes back otherwise")
        for target in WIRES:
            self._step("request to others", lambda t=target: _written(_request_as(self.wire, t, body)))

    def _try_neutral_response(self, response: Any) -> None:
        body = self._step("answer", lambda: _written(self.codec.encode_response(response, report=Report())))
        if body is None:
            return
        again = self._step("answer read", lambda: self.codec.decode_response(body))
        if again is not None and _written(self.codec.encode_response(again, report=Report())) != body:
            raise Fault("an answer comes back otherwise")
        for target in WIRES:
            self._step("answer to others", lambda t=target: _written(_response_as(self.wire, t, body)))

    def _try_events(self, events: list[Any]) -> None:
        encoder = self.codec.stream_encoder(report=Report())
        frames = [frame for event in events for frame in encoder.feed(event)] + encoder.finish()
        data = b"".join(encode_event(frame) for frame in frames)
        self.tally.count(self._kind, "events", "done")
        for target in WIRES:
            _ended(target, _stream_as(self.wire, target, [data]))
            self.tally.count(self._kind, "events to others", "done")


_MAKERS: dict[str, Callable[[Fuzzer, Breaker], tuple[Callable[[], None], int | None]]] = {
    "request": Fuzzer._request,
    "response": Fuzzer._response,
    "stream": Fuzzer._stream,
    "error": Fuzzer._error,
}


def _written(body: Any) -> Any:
    """The body as its reader will see it."""
    return serialization.loads(serialization.dumps(body))


def _request_as(source: str, target: str, body: Any) -> dict[str, Any]:
    return rewrite_request(body, source=source, target=target, model=MODEL, report=Report())


def _response_as(source: str, target: str, body: Any) -> dict[str, Any]:
    return rewrite_response(body, source=source, target=target, report=Report())


def _stream_as(source: str, target: str, chunks: list[bytes]) -> bytes:
    rewriter = rewrite_stream(source=source, target=target, report=Report())
    return b"".join([rewriter.feed(chunk) for chunk in chunks]) + rewriter.finish()


def _ended(wire: str, data: bytes) -> None:
    frames, decoder = SSEDecoder(), get_codec(wire).stream_decoder()
    events = [event for frame in [*frames.feed(data), *frames.finish()] for event in decoder.feed(frame)]
    events += decoder.finish()
    for event in events:
        if isinstance(event, StreamFailed) and not isinstance(event.error, MiniLLMError):
            raise event.error


def _shown(value: Any) -> str:
    try:
        return repr(value)[:20_000]
    except (RecursionError, ValueError):
        return f"a {type(value).__name__} too deep, or with too long a number, to show"


def _where(error: BaseException) -> str:
    """The fault in a line: what, and the innermost place of the package."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "/minillm/" in frame.filename] or frames
    place = f"{inside[-1].filename.rpartition('/minillm/')[2]}:{inside[-1].lineno}" if inside else ""
    what = str(error) if isinstance(error, Fault | AssertionError) else ""
    return f"{type(error).__name__} {what} in {place} ({frames[-1].name})"


def _hung(signum: int, frame: Any) -> None:
    raise Hung


def _high_water() -> int:
    """The most memory the process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wire", choices=WIRES, required=True)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, help="run only the case of this number")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "minillm-fuzz")
    options = parser.parse_args(arguments)
    fuzzer = Fuzzer(options.wire, options.seed, options.keep)
    once = options.case is not None
    tally = fuzzer.run(cases=1, first=options.case) if once else fuzzer.run(seconds=options.minutes * 60)
    sys.stdout.write("\n".join(tally.lines()) + "\n")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
