"""What a run has done, on disk: JSON lines, one for every step that ended, written before the next begins.

    {"minillm": {"format": "recipe-state", "version": "1.0"}, "recipe": "triage", "parts": {...}, "inputs": {...}}
    {"started": "notify"}
    {"done": {"step": "notify", ...}, "nodes": [...], "used_usd": "0.0012"}
    {"during": "look_up", "nodes": [...], "used_usd": "0.0019"}

The last is of a step whose model calls tools: a node that is new, or another than it was, one on its way down from
the question. That a call is begun stands on its turn before the tool runs.

A line is there whole or not at all: a last one without its line break was cut by a crash and does not count. So a
killed run loses what was under way, and nothing that had ended.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from ..config_file.problems import quoted
from ..errors import ConfigurationError, MiniLLMError, TreeError
from ..json import dumps, loads
from ..tree.file_lock import lock

__all__ = ["Begun", "StateFile", "digests"]

_FORMAT = "recipe-state"
_VERSION = "1.0"


# What may be changed between two runs: it has no part in what a step gives.
_FREE = {"retries", "retry_wait", "timeout", "concurrency", "limits"}


def digests(values: Mapping[str, Any]) -> dict[str, str]:
    """A fingerprint of each part of a recipe: of its steps by id, of the rest by key. Limits have none."""
    parts = {key: value for key, value in values.items() if key not in ("steps", "description", "limits")}
    parts["order of steps"] = [step["id"] for step in values["steps"]]
    for step in values["steps"]:
        parts[f"steps.{step['id']}"] = _lasting(step)
    return {name: hashlib.sha256(dumps(_sorted(value))).hexdigest()[:16] for name, value in parts.items()}


def _lasting(step: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in step.items() if key not in _FREE}
    if step["kind"] == "branch":
        kept["cases"] = [{**case, "steps": [*map(_lasting, case["steps"])]} for case in step["cases"]]
        kept["otherwise"] = [*map(_lasting, step.get("otherwise", ()))]
    return kept


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


@dataclass(slots=True)
class Begun:
    """A step whose model calls tools and had not answered.

    Args:
        rows: its nodes by id, from the question down.
        unbilled: those whose exchanges stand in no trace yet.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    unbilled: set[str] = field(default_factory=set)

    def take(self, row: dict[str, Any]) -> None:
        id = str(row["minillm"]["id"])
        if id not in self.rows:
            self.unbilled.add(id)
        self.rows[id] = row


class StateFile:
    """The state of one run; nobody else writes to it while it is open.

    Attributes:
        done: the lines of steps that ended well, by their place.
        failed: traces of those that did not; they cost money too.
        interrupted: steps that were started, not finished, and may not simply be run again.
        begun: steps with tools that did not end well, as far as they had come.
        inputs: what the first run was given; None for a new file.
        used_usd: what was spent, as far as it is known, with what may have been.
    """

    def __init__(self, path: str | os.PathLike[str], recipe: str, parts: Mapping[str, str]) -> None:
        self.path = os.fspath(path)
        self._recipe = recipe
        self._parts = dict(parts)
        self.done: dict[str, dict[str, Any]] = {}
        self.failed: list[dict[str, Any]] = []
        self.interrupted: set[str] = set()
        self.begun: dict[str, Begun] = {}
        self.inputs: dict[str, Any] | None = None
        self.used_usd = Decimal(0)
        self._file = self._opened()
        try:
            self._read()
        except BaseException:
            self._file.close()
            raise

    def _opened(self) -> BinaryIO:
        try:
            file = open(self.path, "a+b")  # noqa: SIM115  it is held until close()
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or "no possible name of a file"
            raise ConfigurationError(f"the state file {self.path!r} cannot be opened: {words}") from error
        try:
            lock(file, self.path)
        except TreeError:
            file.close()
            raise ConfigurationError(f"another run is using the state file {self.path}") from None
        return file

    def close(self) -> None:
        self._file.close()

    def begin(self, inputs: Mapping[str, Any]) -> None:
        """Write the first line of a new file."""
        self.inputs = dict(inputs)
        head = {"minillm": {"format": _FORMAT, "version": _VERSION}, "recipe": self._recipe, "parts": self._parts}
        self.append({**head, "inputs": self.inputs})

    def append(self, line: Mapping[str, Any]) -> None:
        """One line, on the disk when this returns.

        Raises:
            ConfigurationError: it cannot be written.
        """
        data = dumps(line) + b"\n"
        try:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ConfigurationError(f"the state file {self.path!r} cannot be written: {error.strerror}") from error

    def _read(self) -> None:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            self._file.truncate(whole)
        lines = data[:whole].splitlines()
        for number, line in enumerate(lines, 1):
            self._take(number, line)
        self._file.seek(0, os.SEEK_END)

    def _take(self, number: int, line: bytes) -> None:
        try:
            value = loads(line)
            if not isinstance(value, dict):
                raise TypeError
            if number == 1:
                self._check_head(value)
            elif "started" in value:
                self.interrupted.add(str(value["started"]))
            elif "done" in value:
                place = str(value["done"]["step"])
                self.done[place] = value
                self.interrupted.discard(place)
                self.begun.pop(place, None)
            elif "failed" in value:
                place = str(value["failed"]["step"])
                self.interrupted.discard(place)
                self.failed.append(value["failed"])
                if place in self.begun:
                    self.begun[place].unbilled.clear()
            elif "during" in value:
                begun = self.begun.setdefault(str(value["during"]), Begun())
                for row in value["nodes"]:
                    begun.take(row)
            if "used_usd" in value:
                self.used_usd = Decimal(value["used_usd"])
        except ConfigurationError:
            raise
        except (MiniLLMError, KeyError, TypeError, ValueError, InvalidOperation):
            raise self._refusal(f"line {number} is not what a run writes; is it the right file?") from None

    def _check_head(self, value: dict[str, Any]) -> None:
        header = value.get("minillm")
        if not isinstance(header, dict) or header.get("format") != _FORMAT:
            raise self._refusal("it is not the state of a recipe; is it the right file?")
        if str(header.get("version")).partition(".")[0] != _VERSION.partition(".")[0]:
            raise self._refusal(f"its version {quoted(str(header.get('version')))} is not {_VERSION}")
        if value["recipe"] != self._recipe:
            raise self._refusal(
                f"it belongs to the recipe {quoted(str(value['recipe']))}, not to {quoted(self._recipe)}"
            )
        parts: dict[str, str] = value["parts"]
        changed = [name for name in {**parts, **self._parts} if parts.get(name) != self._parts.get(name)]
        if changed:
            raise self._refusal(
                f"the recipe has changed since ({', '.join(changed[:5])}); go on with the old recipe, "
                "or begin anew with another state file"
            )
        self.inputs = dict(value["inputs"])

    def _refusal(self, message: str) -> ConfigurationError:
        return ConfigurationError(f"the state file {self.path}: {message}")
