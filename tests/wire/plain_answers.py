"""Answers read by the short way and by the full one, to be compared field by field, residues included."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from minillm.errors import MiniLLMError
from minillm.json.serialization import loads

from .corpus import case, names

ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, "", "x", "~", [], {}, {"~": 1}, [{}], {"type": "text", "text": "y"})

Decode = Callable[[Any], Any]


def whole(value: Any) -> Any:
    """A value with all that its equality leaves out, and with the kinds of its numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(whole(getattr(value, item.name)) for item in fields(value))]
    if isinstance(value, dict):
        return [type(value).__name__, {key: whole(item) for key, item in value.items()}]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(whole, value)]
    return [type(value).__name__, value]


def read(decode: Decode, body: Any) -> Any:
    """What comes of a body, or the kind of its error."""
    try:
        return whole(decode(body))
    except MiniLLMError as error:
        return type(error)


def recorded_answers(folder: str) -> list[Any]:
    """The whole answers of a wire's recordings."""
    cases = [case(folder, name) for name in names(folder)]
    bodies = [loads(each.body) for each in cases if each.is_json]
    return [body for body in bodies if isinstance(body, dict)]


def spoilt(body: Any, seed: int, count: int) -> Iterator[Any]:
    """Copies of a body with one thing changed, taken away, or added somewhere inside."""
    rng = random.Random(seed)
    for _ in range(count):
        made = copy.deepcopy(body)
        place = rng.choice(list(_objects(made)))
        keys = [*place] if isinstance(place, dict) else [*range(len(place))]
        deed = rng.randrange(4)
        if deed == 0 and keys:
            del place[rng.choice(keys)]
        elif deed == 1 and isinstance(place, dict):
            place[rng.choice(["~", "extra", "error", "logprobs", "citations", "stop_details"])] = rng.choice(ODD)
        elif deed == 2 and isinstance(place, list):
            place.append(rng.choice(ODD))
        elif keys:
            place[rng.choice(keys)] = copy.deepcopy(rng.choice(ODD))
        yield made


def _objects(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _objects(item)
