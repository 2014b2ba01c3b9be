"""What hosts really counted beside what was expected: estimates learn from every bill.

An observation is a pair of numbers, expected and reported; no text is kept. Observations are gathered by
model and by family of models, apart for requests with tools, with a schema, with media, and plain ones, since
what a host adds differs between these. Near ones in size count most: what is added weighs more in a short prompt.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from operator import mul
from os import PathLike
from threading import Lock
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from ..types import ChatRequest, Usage
from .experience import taught
from .families import family_of
from .size import RequestSize, measure
from .tokens import Tokens

__all__ = ["Calibration", "default_calibration", "expected", "shape_of"]

_KEPT = 32  # observations a model and shape: hosts change
_MOST_MODELS = 512
_OWN_WEIGHT, _FAMILY_WEIGHT, _DOUBT = 4.0, 0.5, 2.0
_ENOUGH = 8

Pairs = deque[tuple[float, float]]


class _Seen(NamedTuple):
    """Observations as estimates ask for them: worked out once, as long as no other comes."""

    sizes: list[float]  # logarithms of what was expected
    ratios: list[float]  # logarithms of what was reported beside it
    highest: float = 0.0  # of those ratios, as it is


_NOTHING_SEEN = _Seen([], [])


class Calibration:
    """Observations that make estimates better; shared by threads, saved as JSON.

    Example:
        >>> calibration = Calibration.load("calibration.json")
        >>> gen.estimate(request, calibration=calibration)
        >>> calibration.save("calibration.json")
    """

    def __init__(self) -> None:
        self._inputs: dict[str, Pairs] = {}
        self._outputs: dict[str, deque[int]] = {}
        self._seen_as: dict[str, _Seen] = {}
        self._worst: dict[str, float] = {}  # the highest ratio ever seen, also of what is no longer kept
        #: What :meth:`worst` said of a host, model and shape, as long as no worse one comes.
        self._known_worst: dict[tuple[str, str, str], float] = {}
        self._lock = Lock()

    def learn(self, request: ChatRequest, usage: Usage | None, *, host: str, model: str) -> bool:
        """Take in what one reply reported; False where it tells nothing (no usage, or text that nobody here saw)."""
        if usage is None:
            return False
        counted = usage.input_tokens
        size = measure(request)
        if usage.output_tokens:
            with self._lock:
                self._keep_output(f"{host}:{model}", usage.output_tokens)
        if size.unseen or not counted:
            return False
        reported = counted - (usage.tool_use_tokens or 0)
        self.observe(expected(request, size, model).likely, reported, host=host, model=model, shape=shape_of(size))
        return True

    def observe(self, likely: float, reported: int, *, host: str, model: str, shape: str) -> None:
        """Take in one observation: what the table of families said, and what the host counted."""
        if likely <= 0 or reported <= 0:
            return
        with self._lock:
            for key in _keys(host, model, shape):
                if key not in self._inputs and len(self._inputs) >= _MOST_MODELS:
                    gone = next(iter(self._inputs))
                    self._inputs.pop(gone)
                    self._seen_as.pop(gone, None)
                    self._worst.pop(gone, None)
                    self._known_worst.clear()
                self._keep_input(key, likely, float(reported))

    def corrected(self, predicted: Tokens, *, host: str, model: str, shape: str) -> Tokens:
        """A prediction in the light of what was seen of this model and its family."""
        own_key, family_key = _keys(host, model, shape)
        own, family = self._seen_of(own_key), self._seen_of(family_key)
        if not family.sizes or predicted.likely <= 0:  # of nothing at all nothing is learnt
            return predicted
        total, weights = 0.0, _DOUBT
        size = math.log(predicted.likely)
        for seen, level in ((own, _OWN_WEIGHT), (family, _FAMILY_WEIGHT)):
            near = [level / (1.0 + 4.0 * (other - size) * (other - size)) for other in seen.sizes]
            total += sum(map(mul, near, seen.ratios))
            weights += sum(near)
        likely = predicted.likely * math.exp(total / weights)
        return Tokens(likely, _upper(predicted, likely, own))

    def worst(self, *, host: str, model: str, shape: str) -> float:
        """By how many times the most was underestimated that was seen of this model or its family; at least 1."""
        known = self._known_worst.get((host, model, shape))
        if known is not None:
            return known
        own_key, family_key = _keys(host, model, shape)
        with self._lock:
            worst = max(1.0, self._worst.get(own_key, 1.0), self._worst.get(family_key, 1.0))
            if len(self._known_worst) >= _MOST_MODELS:
                self._known_worst.clear()
            self._known_worst[host, model, shape] = worst
        return worst

    def _seen_of(self, key: str) -> _Seen:
        seen = self._seen_as.get(key)
        if seen is None:
            with self._lock:
                pairs = self._inputs.get(key)
                if not pairs:
                    return _NOTHING_SEEN
                ratios = [reported / expected_ for expected_, reported in pairs]
                sizes = [math.log(expected_) for expected_, _ in pairs]
                seen = self._seen_as[key] = _Seen(sizes, list(map(math.log, ratios)), max(ratios))
        return seen

    def output_of(self, host: str, model: str) -> int | None:
        """How long this model's answers were in the middle of those seen, or None where none was."""
        with self._lock:
            lengths = sorted(self._outputs.get(f"{host}:{model}", ()))
        return lengths[len(lengths) // 2] if lengths else None

    def update(self, other: "Calibration") -> None:
        """Take in all that another one has seen, such as one of another process."""
        content = other.to_json()
        with self._lock:
            self._read(content, "calibration")

    def to_json(self) -> dict[str, Any]:
        """Everything it has seen, as a JSON value."""
        with self._lock:
            return {
                "version": 1,
                "inputs": {key: [[round(a, 1), b] for a, b in pairs] for key, pairs in self._inputs.items()},
                "outputs": {key: list(lengths) for key, lengths in self._outputs.items()},
            }

    @classmethod
    def from_json(cls, content: Any, *, name: str = "calibration") -> "Calibration":
        """The reverse of :meth:`to_json`.

        Raises:
            ConfigurationError: it is none; names the place.
        """
        made = cls()
        made._read(content, name)
        return made

    def save(self, path: "str | PathLike[str]") -> None:
        """Write it to a file, whole or not at all."""
        import json
        import os

        text = json.dumps(self.to_json(), separators=(",", ":"))
        beside = f"{os.fspath(path)}.{os.getpid()}.tmp"
        try:
            with open(beside, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(beside, path)
        except OSError as error:
            raise ConfigurationError(f"{os.fspath(path)}: cannot be written: {error.strerror}") from None

    @classmethod
    def load(cls, path: "str | PathLike[str]") -> "Calibration":
        """Read a file that :meth:`save` wrote.

        Raises:
            ConfigurationError: it cannot be read, or is no calibration; names file and place.
        """
        import json
        import os

        name = os.fspath(path)
        try:
            with open(path, encoding="utf-8") as file:
                content = json.load(file)
        except OSError as error:
            raise ConfigurationError(f"{name}: cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{name}: {error}") from None
        return cls.from_json(content, name=name)

    def __len__(self) -> int:
        """How many models, and families of them, it has seen."""
        return len(self._inputs)

    def __bool__(self) -> bool:
        """Always: one that has seen nothing yet is a calibration, and ``calibration or other`` must not drop it."""
        return True

    def __repr__(self) -> str:
        return f"Calibration({sum(map(len, self._inputs.values()))} observations)"

    def _keep_input(self, key: str, likely: float, reported: float) -> None:
        self._inputs.setdefault(key, deque(maxlen=_KEPT)).append((likely, reported))
        ratio = reported / likely
        if ratio > self._worst.get(key, 1.0):
            self._worst[key] = ratio
            self._known_worst.clear()
        self._seen_as.pop(key, None)

    def _keep_output(self, key: str, tokens: int) -> None:
        if key not in self._outputs and len(self._outputs) >= _MOST_MODELS:
            self._outputs.pop(next(iter(self._outputs)))
        self._outputs.setdefault(key, deque(maxlen=_KEPT)).append(tokens)

    def _read(self, content: Any, name: str) -> None:
        if not isinstance(content, Mapping) or content.get("version") != 1:
            raise ConfigurationError(f"{name}: is no calibration of version 1")
        for key, pairs in _lists(content, "inputs", name):
            for pair in pairs:
                if not (isinstance(pair, list | tuple) and len(pair) == 2 and all(map(_positive, pair))):
                    raise ConfigurationError(f"{name}: inputs.{key}: must hold pairs of sound numbers above 0")
                self._keep_input(key, float(pair[0]), float(pair[1]))
        for key, lengths in _lists(content, "outputs", name):
            if not all(map(_positive, lengths)):
                raise ConfigurationError(f"{name}: outputs.{key}: must hold sound numbers above 0")
            self._outputs.setdefault(key, deque(maxlen=_KEPT)).extend(map(int, lengths))


def expected(request: ChatRequest, size: RequestSize, model: str) -> Tokens:
    """What the table of families says of a request, before any experience."""
    reasoning = request.parameters.get("reasoning")
    return family_of(model).count(size, thinking=reasoning is not None)


def shape_of(size: RequestSize) -> str:
    """The kinds of request that hosts treat differently."""
    if size.media:
        return "media"
    if size.tool_count:
        return "tools"
    return "schema" if size.schema.upper else "plain"


def _keys(host: str, model: str, shape: str) -> tuple[str, str]:
    return f"{host}:{model} {shape}", f"family {family_of(model).name} {shape}"


def _upper(predicted: Tokens, likely: float, own: _Seen) -> float:
    """Experience of this very model makes the bound narrower; one case above it makes it wider."""
    if not own.sizes:
        return max(predicted.upper, likely * 1.05)
    highest = predicted.likely * own.highest
    if len(own.sizes) >= _ENOUGH:
        return max(min(predicted.upper, max(highest, likely) * 1.25 + 10), likely * 1.1)
    return max(predicted.upper, highest * 1.05, likely * 1.05)


def _lists(content: Mapping[str, Any], part: str, name: str) -> Iterable[tuple[str, list[Any]]]:
    table = content.get(part, {})
    if not isinstance(table, Mapping) or not all(isinstance(each, list) for each in table.values()):
        raise ConfigurationError(f"{name}: {part}: must be an object of lists")
    return table.items()


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 1e-3 < value < 1e12


_default = Calibration()


def default_calibration() -> Calibration:
    """The process's own: every reply that reports its tokens teaches it, and estimates ask it unless told otherwise."""
    return _default


def _learn(host: str, model: str, request: ChatRequest, usage: Usage) -> None:
    _default.learn(request, usage, host=host, model=model)


taught(_learn)
