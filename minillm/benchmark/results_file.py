"""Results on a disk: lines as ``trials.lines`` says, and between the first and the last

{"kind": "series", ...}               a series begins; an earlier, unfinished one of that name counts no more
{"kind": "request", ...}              a measurement
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..trials.lines import Line, LinesFile, StrPath, read_lines
from .measurement import Measurement
from .plan import Limits, Plan, Target
from .results import Results

__all__ = ["ResultsFile", "differences", "load_results", "plan_facts"]

Key = tuple[str, str, str]

_KEY = ("target", "prompt", "load")
_LIMITS = ("first_token", "inter_token", "end_to_end")


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
        "limits": {name: getattr(limits, name) for name in _LIMITS},
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


class ResultsFile(LinesFile):
    """Appends measurements to a file."""

    of = "benchmark"

    def begin(self, key: Key) -> None:
        """A series begins."""
        self.write("series", dict(zip(_KEY, key, strict=True)))

    def add(self, row: Measurement) -> None:
        """A request has ended."""
        if self.keeps:
            self.write("request", row.to_json())


def load_results(path: StrPath) -> Results:
    """The results in a file, as far as they came. Lines that were cut are left out.

    Raises:
        ConfigurationError: it holds none, or those of a newer version; the message names the line.
        OSError: it cannot be read.
    """
    results = Results({})
    kept: dict[Key, list[Measurement]] = {}
    for line in read_lines(path, ResultsFile, what="a benchmark"):
        if line.kind == "run":
            results = Results(line.facts, limits=_limits(line))
        elif line.kind == "series":
            kept[_key(line)] = []
        elif line.kind == "request":
            try:
                measured = Measurement.from_json(line.row)
            except ValueError as error:
                raise ConfigurationError(f"{line.place}: {error}") from None
            kept.setdefault(measured.series, []).append(measured)
        elif line.kind == "end":
            results.ending = str(line.row.get("ending", ""))
    for rows in kept.values():
        results.extend(rows)
    return results


def _limits(line: Line) -> Limits:
    said = line.row.get("limits")
    try:
        return Limits(**{key: value for key, value in said.items() if key in _LIMITS} if isinstance(said, dict) else {})
    except ConfigurationError as error:
        raise ConfigurationError(f"{line.place}: limits: {error}") from None


def _key(line: Line) -> Key:
    key = tuple(line.row.get(part) for part in _KEY)
    if not all(isinstance(part, str) for part in key):
        raise ConfigurationError(f"{line.place}: target, prompt and load must be texts")
    return key  # type: ignore[return-value]
