"""Recorded bodies broken in every way a peer could think of, and bytes and JSON that never were a body.

Everything comes from one seeded generator of chance: the same seed breaks the same body the same way.
"""

import functools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from minillm.errors import DecodeError
from minillm.json.serialization import loads
from minillm.wire.sse import SSEDecoder
from tests.wire import rewritings
from tests.wire.rewritings import FOLDERS

FOLDER_OF = {wire: folder for folder, wire in FOLDERS.items()}
LARGEST = 20_000  # bytes of a recorded body that is broken: larger ones break no better
DEEPEST = 100_000

#: Values that stand in the place of others, as Python holds them ...
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3.5, 1e300, -0.0, 2**31, 2**53 + 1, 2**64, 2**70, 10**30, -(2**63) - 1),
    *("", " ", "null", "0", "\x00", "\ud800", "x\udfff", "\u2028", "é" * 3, "{", '{"a":', "[1]", "data:,x", "a" * 300),
    *([], {}, [[]], [{}], [None], {"": ""}, {"type": None}, {"type": "text"}, {"text": "x"}, {"\ud83d": {}}),
)
#: What would be hints of our own, had we put them there (see ``minillm.wire.residue``).
HINTS: tuple[Any, ...] = (
    *(
        5,
        [],
        {},
        {"odd": 5},
        {"odd": {"text": 5, "role": ["a"]}},
        {"absent": 5},
        {"absent": {"text": [], "role": "user"}},
    ),
    *(
        {word: value}
        for value in (True, 5, "x", [1], {"a": 1})
        for word in ("lengths", "fields", "kinds", "texts", "item")
    ),
    *({word: value} for value in (True, 5, "x", [1], {"a": 1}) for word in ("snake", "tools", "mark", "head", "form")),
    *(
        {word: value}
        for value in (True, 5, "x", [1], {"a": 1})
        for word in ("asked", "seal", "cost", "content", "input")
    ),
)
#: ... and as only text can spell them; a text is put in for its marker behind the JSON writer's back.
RAW: tuple[str, ...] = (
    *('{"type":1,"type":"text"}', '{"role":"user","role":"tool","role":null}', '"\\ud800"', '"\\udc00\\ud800"'),
    *("-1e-999", "9" * 400, "9" * 4300, "1." + "0" * 400, "-0", "1E400", '"\\u0000"', "[" * 30 + "]" * 30),
)
#: ... and what no JSON is.
NO_JSON: tuple[str, ...] = (
    *("NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "01", "+1", "1.", '"\\x"', "tru", "'x'", "", "undefined"),
    *("\x00", '"\x01"', "[1,]", '{"a":1,}', "/*x*/1"),
)
BAD_BYTES = (b"\x00", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\n", b"\r", b"\r\n\r\n", b"{", b'"')
BAD_BYTES += (
    b"]",
    b"\\",
    b"data: ",
    b"event: x\n",
    b"data: [DONE]\n\n",
    b"retry: 99999999999999999999\n",
    b"id: \x00\n",
)
BAD_BYTES += (b"retry: " + b"9" * 5000 + b"\n\n", b"data\n", b"data:\n\n", b": \xff\n", b"event:\xe2\x80\xa8\n")

#: What the head of a refusal may say, and what a proxy may make of it.
HEADERS = {"retry-after": "2", "retry-after-ms": "1500", "x-ratelimit-remaining-requests": "0"}
HEADERS |= {"x-ratelimit-reset-requests": "6m0s", "anthropic-ratelimit-tokens-reset": "2026-01-01T00:00:00Z"}
HEADERS |= {"x-should-retry": "true", "x-request-id": "req_1"}
SAID = ("", "-1", "0", "1e400", "nan", "inf", "9" * 5000, "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 99999 99:99")
SAID += ("1h2m3s4ms", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+23:59", "é", "\x00", "{", "true", "1 2 3", "٣")


@dataclass(frozen=True)
class Recorded:
    """What a wire's recordings hold, sorted by what they are."""

    requests: tuple[Any, ...]
    responses: tuple[Any, ...]
    streams: tuple[bytes, ...]
    errors: tuple[tuple[int, dict[str, str], bytes], ...]
    pool: dict[str, list[Any]]
    """Every value that stands under a key somewhere, by that key."""


@functools.cache
def recorded(wire: str) -> Recorded:
    """The recordings of a wire; skips or fails the test where there are none."""
    cases = rewritings.cases(FOLDER_OF[wire])
    requests = tuple(case.request for case in cases if case.request is not None and _small(case.request))
    fine = [case for case in cases if case.has_body and case.status < 400]
    responses = tuple(body for case in fine if case.is_json and _small(body := json.loads(case.body)))
    streams = tuple(case.body for case in fine if case.is_stream and len(case.body) < LARGEST)
    refused = [case for case in cases if case.status >= 400]
    errors = tuple((case.status, case.headers, case.body if case.has_body else b"") for case in refused)
    pool: dict[str, list[Any]] = {}
    for value in (*requests, *responses, *(frame for stream in streams[:8] for frame in frames_of(stream))):
        for key, item in members(value):
            kept = pool.setdefault(key, [])
            if len(kept) < 40 and item not in kept:
                kept.append(item)
    return Recorded(requests, responses, streams, errors, pool)


def _small(body: Any) -> bool:
    return len(json.dumps(body)) < LARGEST


def frames_of(stream: bytes) -> list[Any]:
    """The JSON values of a stream's frames."""
    decoder, found = SSEDecoder(), []
    for frame in [*decoder.feed(stream), *decoder.finish()]:
        try:
            found.append(json.loads(frame.raw))
        except ValueError:
            continue
    return found


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield from item.items()
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def nested(depth: int, key: str | None, leaf: Any = "x") -> Any:
    """A list in a list in a list, or objects under one key."""
    for _ in range(depth):
        leaf = [leaf] if key is None else {key: [leaf], "type": key}
    return leaf


class Breaker:
    """Breaks things by chance."""

    def __init__(self, chance: random.Random, pool: dict[str, list[Any]]) -> None:
        self.chance = chance
        self.keys = sorted(pool)
        self.pool = pool
        self._raw: dict[str, str] = {}  # marker -> the text that takes its place

    def tree(self, body: Any, *, most: int = 4, text: bool = False) -> Any:
        """The body with a few things in it changed; ``text``: it will be written by :meth:`write`."""
        holder = [_copied(body)]
        for _ in range(self.chance.choice([1, 1, 2, most])):
            container, key = self._place(list(_places(holder)))
            self._change(container, key, text=text)
        return holder[0]

    def _place(self, places: list[tuple[Any, Any]]) -> tuple[Any, Any]:
        """Any place, or any of those under one name: rare fields are broken as often as common ones."""
        if self.chance.random() < 0.5:
            return self.chance.choice(places)
        named: dict[Any, list[tuple[Any, Any]]] = {}
        for container, key in places:
            named.setdefault(key if isinstance(key, str) else "", []).append((container, key))
        return self.chance.choice(named[self.chance.choice(list(named))])

    def _change(self, container: Any, key: Any, *, text: bool) -> None:
        chance, old = self.chance, container[key]
        what = chance.randrange(13)
        if what <= 1 and len(container) > 1:
            del container[key]
        elif what == 2 and isinstance(container, list):
            container.insert(chance.randint(0, len(container)), old)  # shared: it may be too deep to copy
        elif what == 3 and isinstance(container, dict):  # under another name
            container[chance.choice(self.keys)] = container.pop(key)
        elif what == 4:
            spelled = old if isinstance(old, dict | list) else str(old)[:200]
            container[key] = chance.choice([[old], {"type": old}, {chance.choice(self.keys): old}, spelled])
        elif what == 5 and isinstance(key, str) and key in self.pool:  # what another body says there
            container[key] = _copied(chance.choice(self.pool[key]))
        elif what == 6:
            container[key] = _copied(chance.choice(self.pool[chance.choice(self.keys)]))
        elif what == 7 and isinstance(old, list):
            chance.shuffle(old)
        elif what == 8 and isinstance(old, dict):
            name = chance.choice(self.keys)
            old[name] = _copied(chance.choice(self.pool[name]))
            if chance.random() < 0.2:
                old["~"] = _copied(chance.choice(HINTS))
        elif what == 9 and chance.random() < 0.4:
            container[key] = self._deep(text=text)
        elif what == 10 and chance.random() < 0.1:
            container[key] = chance.choice('aé\ud83d\ude00\\"<{ ') * chance.choice([10_000, 200_000])
        elif what == 7 and isinstance(old, str):
            container[key] = self._longer(old)
        elif what == 11 and text:
            container[key] = self._marker(chance.choice(NO_JSON if chance.random() < 0.1 else RAW))
        elif what == 12 and not text:
            container[key] = chance.choice([float("nan"), float("inf"), -float("inf"), 10**300, (), ("x",)])
        else:
            container[key] = _copied(chance.choice(ODD))

    def _longer(self, old: str) -> str:
        """A text with more of what it is made of, and with what parsers of paths, addresses and dates fear."""
        more = (
            "[0]",
            "[99999999999]",
            "[²]",
            "." * 50,
            ".a" * 3000,
            "[0]" * 2000,
            "$",
            ";base64,",
            "://",
            "9" * 5000,
            "\r\n",
        )
        at = self.chance.randint(0, len(old))
        piece = (
            old * self.chance.choice([2, 50])
            if len(old) < 200 and self.chance.random() < 0.3
            else self.chance.choice(more)
        )
        return old[:at] + piece + old[at:]

    def _deep(self, *, text: bool) -> Any:
        depth = self.chance.choice([40, 100, 250, 480, 500, 900, 990, 1010, 1018, 5000, DEEPEST])
        key = self.chance.choice([None, "content", "parts", "items", "properties", self.chance.choice(self.keys)])
        if not text:
            return nested(depth, key)
        opened, closed = ("[", "]") if key is None else (f'{{"{key}":[', "]}")
        return self._marker(opened * depth + "1" + closed * (depth if self.chance.random() < 0.9 else depth // 2))

    def _marker(self, raw: str) -> str:
        marker = f"@{len(self._raw)}@"
        self._raw[marker] = raw
        return marker

    def write(self, value: Any) -> bytes:
        """The value as JSON text, with what only text can say in it, and sometimes broken as bytes."""
        text = json.dumps(value, ensure_ascii=self.chance.random() < 0.5)
        for marker, raw in self._raw.items():
            text = text.replace(f'"{marker}"', raw).replace(marker, "x")
        self._raw.clear()
        if self.chance.random() < 0.05 and '{"' in text:
            place = text.index('{"')
            text = f'{text[: place + 1]}"{self.chance.choice(self.keys)}":{{}},{text[place + 1 :]}'
        data = text.encode("utf-8", "surrogatepass" if self.chance.random() < 0.5 else "replace")
        return self.bytes(data, most=2) if self.chance.random() < 0.15 else data

    def bytes(self, data: bytes, *, most: int = 6) -> bytes:
        """Bytes cut, repeated, flipped, dropped, added."""
        chance, out = self.chance, bytearray(data)
        for _ in range(chance.randint(1, most)):
            at, to = sorted((chance.randint(0, len(out)), chance.randint(0, len(out))))
            what = chance.randrange(6)
            if what == 0:
                del out[at : min(to, at + 200)]
            elif what == 1:
                out[at:at] = out[at : min(to, at + 500)]
            elif what == 2:
                out[at:at] = chance.choice(BAD_BYTES)
            elif what == 3 and at < len(out):
                out[at] = chance.randrange(256)
            elif what == 4 and chance.random() < 0.3:
                del out[at:]
            else:
                out[at:at] = chance.randbytes(chance.randint(0, 12))
        return bytes(out)

    def json(self, depth: int = 0) -> Any:
        """A value made of the wire's own words, in no order of its own."""
        chance = self.chance
        what = chance.random()
        if depth > 4 or what < 0.2:
            return _copied(chance.choice(ODD))
        if what < 0.35:
            return _copied(chance.choice(self.pool[chance.choice(self.keys)]))
        if what < 0.55:
            return [self.json(depth + 1) for _ in range(chance.randint(0, 3))]
        return {chance.choice(self.keys): self.json(depth + 1) for _ in range(chance.randint(0, 5))}

    def stream(self, streams: tuple[bytes, ...]) -> bytes:
        """A recorded stream with its frames changed, dropped, repeated, swapped, mixed with another's."""
        chance = self.chance
        frames = list(_framed(chance.choice(streams)))
        if chance.random() < 0.1:
            frames += _framed(chance.choice(streams))
        if chance.random() < 0.3:
            chance.shuffle(frames)
        share = chance.choice([0.02, 0.1, 0.5])
        out = []
        for name, raw in frames:
            roll = chance.random()
            if roll < share / 4:
                continue
            value = raw
            if roll < share:
                try:
                    value = self.write(self.tree(json.loads(raw), most=2, text=True))
                except ValueError:
                    value = self.bytes(raw)
            lines = b"\ndata: ".join(value.split(b"\n"))
            out.append((b"event: " + name + b"\n" if name else b"") + b"data: " + lines + b"\n\n")
            if chance.random() < share / 4:
                out.append(out[-1])
        data = b"".join(out)
        if chance.random() < 0.2:
            data = self.bytes(data)
        if chance.random() < 0.1:
            data = data.replace(b"\n", chance.choice([b"\r\n", b"\r"]))
        return data

    def error(self, data: bytes) -> bytes:
        """The body of a refusal, broken, or a page in its place."""
        chance, roll = self.chance, self.chance.random()
        if roll < 0.6:
            try:
                return self.write(self.tree(loads(data), text=True))
            except DecodeError:
                return self.bytes(data)
        if roll < 0.8:
            return self.write({chance.choice(["error", "errors", "detail", "message"]): self.json()})
        if roll < 0.9:
            end = chance.choice([b"", b"<" * 5000, b"<script>" * 3000, b"</html>"])
            return b"<html>" + self.bytes(data * 2) + end
        return chance.randbytes(chance.randint(0, 300))

    def headers(self, given: dict[str, str]) -> dict[str, str]:
        """The head of a refusal with more in it, and some of it nonsense."""
        chance = self.chance
        return {
            name: chance.choice(SAID) if chance.random() < 0.3 else said for name, said in {**given, **HEADERS}.items()
        }

    def chunks(self, data: bytes) -> list[bytes]:
        """The bytes cut at random places; short ones now and then byte by byte."""
        if len(data) < 2:
            return [data]
        if len(data) < 500 and self.chance.random() < 0.2:
            return [data[at : at + 1] for at in range(len(data))]
        places = sorted(self.chance.sample(range(1, len(data)), min(self.chance.choice([1, 5, 40]), len(data) - 1)))
        return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def _framed(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    decoder = SSEDecoder()
    for frame in [*decoder.feed(stream), *decoder.finish()]:
        yield frame.event.encode(), frame.raw


def _places(root: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    pending = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, dict | list):
            for key in list(item) if isinstance(item, dict) else range(len(item)):
                yield item, key
                pending.append(item[key])


def _copied(value: Any) -> Any:
    """A copy without sharing; scalars are themselves. Recordings are shallow, nested values are not copied."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
