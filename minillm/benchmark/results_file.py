"""Results on a disk, a JSON value a line, each written as soon as it is known.

{"kind": "run", "format": 1, ...}     what was planned
{"kind": "series", ...}               a series begins; an earlier, unfinished one of that name counts no more
{"kind": "request", ...}              a measurement
{"kind": "end", "ending": "done"}     absent where the program was killed
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, BinaryIO, Self

from ..errors import ConfigurationError, DecodeError
from ..generator import GeneratorInfo
from ..json import dumps, loads
from .measurement import Measurement
from .plan import Limits, Plan, Target
from .results import Results

__all__ = ["FORMAT", "ResultsFile", "differences", "load_results", "plan_facts"]

FORMAT = 1
_LONGEST_LINE = 64 * 1024 * 1024

StrPath = str | os.PathLike[str]


def plan_facts(plan: Plan) -> dict[str, Any]:
    """What a plan says, as JSON; no key, no header and no prompt is in it."""
    limits = plan.limits
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "targets": [_target_facts(target) for target in plan.targets],
        "prompts": [
            {
                "name": prompt.name,
                "description": prompt.description,
                "digest": sha256(repr(prompt.messages).encode("utf-8", "surrogatepass")).hexdigest()[:16],
            }
            for prompt in plan.prompts
        ],
        "loads": [load.name for load in plan.loads],
        "requests": plan.requests,
        "warm_up": plan.warm_up,
        "timeout": plan.timeout,
        "max_tokens": plan.parameters.get("max_tokens"),
        "unique": plan.unique,
        "seed": plan.seed,
        "limits": {name: getattr(limits, name) for name in ("first_token", "inter_token", "end_to_end")},
    }


def differences(results: Results, plan: Plan) -> list[str]:
    """Where these are results of another plan, such as ``requests: 4 there, 9 here``; else the rest can be measured."""
    there, here = results.facts, plan_facts(plan)
    return [
        _difference(key, there.get(key), here[key]) for key in here if key != "started" and there.get(key) != here[key]
    ]


def _difference(key: str, there: Any, here: Any) -> str:
    if isinstance(there, list | dict) or isinstance(here, list | dict):
        return f"{key} differ"
    return f"{key}: {there} there, {here} here"


def _target_facts(target: Target) -> dict[str, Any]:
    model = target.model
    facts: dict[str, Any] = {"name": target.name, "model": target.model_name, "stream": target.stream}
    if isinstance(model, GeneratorInfo):
        facts |= {"host": model.provider.name, "wire": model.endpoint.wire, "base_url": model.base_url}
    return facts


class ResultsFile:
    """Appends to a file. Every row is with the system before the next is made, so a program that is killed loses none.

    Args:
        path: None writes nothing.
        facts: of the plan; they are the first line.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, path: StrPath | None, facts: Mapping[str, Any]) -> None:
        self._path = path
        self._facts = facts
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = open(self._path, "ab", buffering=0)
            self._mend_end(self._path)
            self._write({"kind": "run", "format": FORMAT, **self._facts})
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def begin(self, key: tuple[str, str, str]) -> None:
        """A series begins."""
        target, prompt, load = key
        self._write({"kind": "series", "target": target, "prompt": prompt, "load": load})

    def add(self, row: Measurement) -> None:
        """A request has ended."""
        if self._file is not None:
            self._write(row.to_json())

    def end(self, ending: str) -> None:
        """The run has ended."""
        self._write({"kind": "end", "ending": ending})

    def _write(self, row: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        left = memoryview(dumps(row) + b"\n")
        try:
            while left:  # a disk that fills up takes a part of it, and complains only of the next
                left = left[self._file.write(left) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, os.fspath(self._path or "")) from None

    def _mend_end(self, path: StrPath) -> None:
        """A line that was cut when a program was killed says nothing, and other readers of the file stumble over it."""
        assert self._file is not None
        with open(path, "rb") as file:
            last, start = b"", 0
            for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
                last, start = line, file.tell() - len(line)
        if not last or last.endswith(b"\n"):
            return
        try:
            loads(last)
        except DecodeError:
            self._file.truncate(start)
        else:
            self._file.write(b"\n")


def load_results(path: StrPath) -> Results:
    """The results in a file, as far as they came. Lines that were cut are left out.

    Raises:
        ConfigurationError: it holds none, or those of a newer version; the message names the line.
        OSError: it cannot be read.
    """
    name = os.fspath(path)
    results: Results | None = None
    kept: dict[tuple[str, str, str], list[Measurement]] = {}
    with open(path, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
            row = _row(line, name, number)
            if row is None:
                continue
            kind = row.get("kind")
            if kind == "run":
                results = _begun(row, name, number, results)
            elif results is None:
                break
            elif kind == "series":
                kept[_key(row, name, number)] = []
            elif kind == "request":
                try:
                    measured = Measurement.from_json(row)
                except ValueError as error:
                    raise ConfigurationError(f"{name}:{number}: {error}") from None
                kept.setdefault(measured.series, []).append(measured)
            elif kind == "end":
                results.ending = str(row.get("ending", ""))
    if results is None:
        raise ConfigurationError(f'{name} holds no results of a benchmark: its first line is not of kind "run"')
    for rows in kept.values():
        results.extend(rows)
    return results


def _row(line: bytes, name: str, number: int) -> dict[str, Any] | None:
    if not line.strip():
        return None
    try:
        row = loads(line)
    except DecodeError:
        if number == 1:
            raise ConfigurationError(f"{name}:1: no JSON: this is no file of results") from None
        return None  # cut when its program was killed
    if not isinstance(row, dict):
        raise ConfigurationError(f"{name}:{number}: a JSON object is expected on each line")
    return row


def _begun(row: dict[str, Any], name: str, number: int, before: Results | None) -> Results:
    form = row.get("format")
    if not isinstance(form, int) or form > FORMAT:
        raise ConfigurationError(
            f"{name}:{number}: written by a newer version (format {form!r}); this one reads {FORMAT}"
        )
    said = row.get("limits")
    limits = {key: value for key, value in (said if isinstance(said, dict) else {}).items() if key in _LIMITS}
    facts = {key: value for key, value in row.items() if key not in ("kind", "format")}
    try:
        results = Results(facts, limits=Limits(**limits))
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}:{number}: limits: {error}") from None
    return results


_LIMITS = ("first_token", "inter_token", "end_to_end")


def _key(row: dict[str, Any], name: str, number: int) -> tuple[str, str, str]:
    key = tuple(row.get(part) for part in ("target", "prompt", "load"))
    if not all(isinstance(part, str) for part in key):
        raise ConfigurationError(f"{name}:{number}: target, prompt and load must be texts")
    return key  # type: ignore[return-value]
