"""What a run has found so far, in memory and on a disk.

There it is as ``trials.lines`` says; a finding, with what went over the line, is of kind ``probe``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..errors import ConfigurationError
from ..trials.lines import LinesFile, StrPath, read_lines
from .evidence import Exchange
from .plan import Plan
from .verdict import Verdict

__all__ = ["Results", "ResultsFile", "Row", "differences", "load_results", "plan_facts"]


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


class ResultsFile(LinesFile):
    """Appends findings to a file."""

    of = "compat"

    def add(self, row: Row) -> None:
        """A probe has ended."""
        if self.keeps:
            self.write("probe", row.to_json())


def load_results(path: StrPath) -> Results:
    """The findings in a file, as far as they came; of several of one name the last. A line that was cut is left out.

    Raises:
        ConfigurationError: it holds none, or those of a newer version; the message names the line.
        OSError: it cannot be read.
    """
    results = Results({})
    for line in read_lines(path, ResultsFile, what="minillm compat"):
        if line.kind == "run":
            results.facts, results.ending = line.facts, ""
        elif line.kind == "probe":
            try:
                results.add(Row.from_json(line.row))
            except ValueError as error:
                raise ConfigurationError(f"{line.place}: {error}") from None
        elif line.kind == "end":
            results.ending = str(line.row.get("ending", ""))
    return results


def differences(results: Results, plan: Plan) -> list[str]:
    """Why these are no results to go on with: whom else they speak of; none where the rest can be asked."""
    there = {str(each.get("name")): each for each in results.facts.get("targets") or () if isinstance(each, Mapping)}
    here = {each["name"]: each for each in plan_facts(plan)["targets"]}
    told = [f"{name} is not asked here" for name in results.targets if name not in here]
    for name in here.keys() & there.keys():
        told += [
            f"{name}: {key} {there[name].get(key)} there, {here[name][key]} here"
            for key in ("model", "host", "wire")  # a server may have moved
            if there[name].get(key, here[name][key]) != here[name][key]
        ]
    return told
