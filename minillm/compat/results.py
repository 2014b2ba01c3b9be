"""What a run has found so far, in memory and on a disk, a JSON value a line.

{"kind": "run", "format": 1, ...}     what was planned
{"kind": "probe", ...}                a finding, with what went over the line
{"kind": "end", "ending": "done"}     absent where the program was killed
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Self

from ..errors import ConfigurationError, DecodeError
from ..json import dumps, loads
from .evidence import Exchange
from .plan import Plan
from .verdict import Verdict

__all__ = ["FORMAT", "Results", "ResultsFile", "Row", "load_results", "plan_facts"]

FORMAT = 1
_LONGEST_LINE = 64 * 1024 * 1024

StrPath = str | os.PathLike[str]


@dataclass(slots=True)
class Row:
    """One cell of the matrix.

    Args:
        learned: what a profile takes from it.
        seconds: what it took.
        usd: its cost; None where it is not known.
        exchanges: what went over the line, without keys.
    """

    target: str
    probe: str
    verdict: Verdict
    reason: str
    learned: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    usd: Decimal | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    def to_json(self, *, evidence: bool = True) -> dict[str, Any]:
        value: dict[str, Any] = {
            "target": self.target,
            "probe": self.probe,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "learned": dict(self.learned),
            "seconds": round(self.seconds, 3),
            "usd": None if self.usd is None else format(self.usd, "f"),
            "requests": len(self.exchanges),
        }
        if evidence:
            value["exchanges"] = [exchange.to_json() for exchange in self.exchanges]
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Row":
        """Out of a file.

        Raises:
            ValueError: it is none.
        """
        try:
            usd = value.get("usd")
            return cls(
                str(value["target"]),
                str(value["probe"]),
                Verdict(value["verdict"]),
                str(value["reason"]),
                dict(value.get("learned") or {}),
                float(value.get("seconds") or 0),
                None if usd is None else Decimal(str(usd)),
                [Exchange.from_json(each) for each in value.get("exchanges") or ()],
            )
        except (KeyError, TypeError, ArithmeticError) as error:
            raise ValueError(f"no finding: {type(error).__name__}: {error}") from None


class Results:
    """All findings of a run.

    Args:
        facts: what is known of the plan: whom it asked, when.

    ``ending`` is ``"done"``, ``"interrupted"``, or ``""`` where nobody knows: it runs still, or was killed.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.ending = ""
        self.rows: dict[tuple[str, str], Row] = {}

    def __repr__(self) -> str:
        return f"<Results: {len(self.rows)} findings, {len(self.of(Verdict.FAIL))} failed>"

    def add(self, row: Row) -> None:
        """One more; it takes the place of an earlier one of its name."""
        self.rows[row.target, row.probe] = row

    def of(self, *verdicts: Verdict) -> list[Row]:
        """The findings of these verdicts."""
        return [row for row in self.rows.values() if row.verdict in verdicts]

    @property
    def targets(self) -> list[str]:
        """Names, in the order of the plan."""
        planned = [str(each.get("name")) for each in self.facts.get("targets") or () if isinstance(each, Mapping)]
        return list(dict.fromkeys((*planned, *(target for target, _ in self.rows))))

    @property
    def probes(self) -> list[str]:
        """Names of the probes that were planned or made, in their order."""
        planned = [str(name) for name in self.facts.get("probes") or ()]
        return list(dict.fromkeys((*planned, *(name for _, name in self.rows))))

    def counts(self, target: str) -> dict[str, int]:
        """How many findings of each verdict a target has."""
        found = [row.verdict for row in self.rows.values() if row.target == target]
        return {verdict.value: found.count(verdict) for verdict in Verdict if verdict in found}

    def to_json(self, *, evidence: bool = False) -> dict[str, Any]:
        """Plan, matrix and findings as one JSON value."""
        matrix = {
            name: {
                target: self.rows[target, name].verdict.value for target in self.targets if (target, name) in self.rows
            }
            for name in self.probes
        }
        return {
            "plan": dict(self.facts),
            "ending": self.ending,
            "counts": {target: self.counts(target) for target in self.targets},
            "matrix": matrix,
            "findings": [row.to_json(evidence=evidence) for row in self.rows.values()],
        }


def plan_facts(plan: Plan) -> dict[str, Any]:
    """What a plan says, as JSON; no key and no header is in it."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "targets": [
            {
                "name": target.name,
                "model": target.generator.model,
                "host": target.generator.provider.name,
                "wire": target.generator.endpoint.wire,
                "base_url": target.generator.base_url,
            }
            for target in plan.targets
        ],
        "probes": list(plan.probes),
        "max_tokens": plan.max_tokens,
        "long_input": plan.long_input,
        "timeout": plan.timeout,
    }


class ResultsFile:
    """Appends to a file. Every row is with the system before the next is made, so a program that is killed loses none.

    Args:
        path: None writes nothing.
        facts: of the plan; they are the first line of a new file.

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
            self._end_last_line(self._path)
            self._write({"kind": "run", "format": FORMAT, **self._facts})
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row) -> None:
        self._write({"kind": "probe", **row.to_json()})

    def end(self, ending: str) -> None:
        self._write({"kind": "end", "ending": ending})

    def _write(self, row: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(dumps(row) + b"\n")

    def _end_last_line(self, path: StrPath) -> None:
        """A row that was cut when a program was killed must not swallow the next one."""
        assert self._file is not None
        with open(path, "rb") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    self._file.write(b"\n")


def load_results(path: StrPath) -> Results:
    """The findings in a file, as far as they came; of several of one name the last. A line that was cut is left out.

    Raises:
        ConfigurationError: it holds none, or those of a newer version; the message names the line.
        OSError: it cannot be read.
    """
    name = os.fspath(path)
    with open(path, "rb") as file:
        results = _read(iter(lambda: file.readline(_LONGEST_LINE), b""), name)
    if results is None:
        raise ConfigurationError(f'{name} holds no results of minillm compat: its first line is not of kind "run"')
    return results


def _read(lines: Iterable[bytes], name: str) -> Results | None:
    results: Results | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = loads(line)
        except DecodeError:
            if number == 1:
                raise ConfigurationError(f"{name}:1: no JSON: this is no file of results") from None
            continue  # cut when its program was killed
        if not isinstance(row, dict):
            raise ConfigurationError(f"{name}:{number}: a JSON object is expected on each line")
        kind = row.get("kind")
        if kind == "run":
            results = _begun(row, name, number, results)
        elif results is None:
            return None
        elif kind == "probe":
            try:
                results.add(Row.from_json(row))
            except ValueError as error:
                raise ConfigurationError(f"{name}:{number}: {error}") from None
        elif kind == "end":
            results.ending = str(row.get("ending", ""))
    return results


def _begun(row: dict[str, Any], name: str, number: int, before: Results | None) -> Results:
    form = row.get("format")
    if not isinstance(form, int) or form > FORMAT:
        raise ConfigurationError(
            f"{name}:{number}: written by a newer version (format {form!r}); this one reads {FORMAT}"
        )
    facts = {key: value for key, value in row.items() if key not in ("kind", "format")}
    results = Results(facts)
    if before is not None:
        results.rows = before.rows
    return results
