"""Carrying out a plan."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..chat.parameters import resolve
from ..cost import Budget
from ..errors import BudgetExceeded, ConfigurationError
from ..generator import GeneratorInfo
from ..trials.lines import refuse_taken
from ..types import ChatRequest, TextPart
from .arrivals import arrivals
from .asking import ask
from .measurement import Measurement
from .plan import Closed, Load, Plan, Prompt, Target
from .results import Results
from .results_file import ResultsFile, plan_facts
from .sending import send_closed, send_open

__all__ = ["Benchmark", "Series", "benchmark", "request_of", "series_of"]

Clock = Callable[[], float]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """What is measured together."""

    target: Target
    prompt: Prompt
    load: Load

    @property
    def key(self) -> Key:
        return self.target.name, self.prompt.name, self.load.name


async def benchmark(plan: Plan, *, file: str | None = None) -> "Results":
    """Carry out a plan and return what was measured.

    A failed request is a result and raises nothing; ``results.failed`` counts them.

    Args:
        file: each measurement is appended to it as soon as it is made, so that nothing is lost whatever happens.

    Raises:
        ConfigurationError: a key or a setting is missing, or the file holds something already.
        OSError: the file cannot be written, from its start or when the disk is full; ``Benchmark(plan).results``
            holds what was measured until then.

    Example:
        >>> plan = Plan(targets=[Target("mine", gen)], prompts=[Prompt.of("short", "Name a river.")], loads=[Closed(4)])
        >>> results = await benchmark(plan)
        >>> print(results.series[0].first_token.median)
    """
    return await Benchmark(plan, file=file).run()


class Benchmark:
    """A run of a plan. ``results`` may be looked at while it lasts, and holds what was measured when it is cancelled.

    Args:
        file: see :func:`benchmark`.
        done: results of an earlier, unfinished run of the same plan: series that are whole there are not asked again.
        on_measured: told each measurement, those that go ahead included.
        clock: seconds.

    Raises:
        ConfigurationError: the file holds something, and it is not gone on with.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        file: str | None = None,
        done: "Results | None" = None,
        on_measured: Callable[[Measurement], object] | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        if done is None:
            refuse_taken(file)
        self.plan = plan
        self.results = Results(plan_facts(plan), limits=plan.limits)
        self.series = series_of(plan)
        self._done = set[Key]() if done is None else done.whole(plan.requests)
        if done is not None:
            self.results.extend(row for row in done.measurements if row.series in self._done)
        self._file = file
        self.on_measured = on_measured
        self._clock = clock
        self._zero = 0.0
        self._budgets = () if plan.budget_usd is None else (Budget(usd=plan.budget_usd, name="benchmark"),)
        self._stopped: Exception | None = None

    @property
    def left(self) -> list[Series]:
        """The series that are still to be measured."""
        return [series for series in self.series if series.key not in self._done]

    async def run(self) -> "Results":
        """Measure everything. Raises as :func:`benchmark` does."""
        requests = {
            (target.name, prompt.name): request_of(self.plan, target, prompt)
            for target in self.plan.targets
            for prompt in self.plan.prompts
        }
        self._zero = self._clock()
        with ResultsFile(self._file, self.results.facts) as file:
            try:
                for place, series in enumerate(self.left):
                    if place and self.plan.pause:
                        await asyncio.sleep(self.plan.pause)
                    self._keep(partial(file.begin, series.key))
                    if self._stopped is None:
                        await self._measure(series, requests[series.key[:2]], file)
                    if self._stopped is not None:
                        break
                    self._done.add(series.key)
            except BaseException:
                self.results.ending = "interrupted"
                self._keep(partial(file.end, self.results.ending))
                raise
            if isinstance(self._stopped, OSError):
                self.results.ending = f"{self._stopped.filename} cannot be written: {self._stopped.strerror}"
                raise self._stopped
            if isinstance(self._stopped, ConfigurationError):
                raise self._stopped
            self.results.ending = "done" if self._stopped is None else str(self._stopped)
            file.end(self.results.ending)
        return self.results

    async def _measure(self, series: Series, request: ChatRequest, file: "ResultsFile") -> None:
        plan, load = self.plan, series.load
        ahead = partial(self._send, series, request, file, warm_up=True)
        measured = partial(self._send, series, request, file, warm_up=False)
        count = plan.warm_up_of(load)
        if count:
            await send_closed(load.concurrency if isinstance(load, Closed) else 1, count, ahead)
        if isinstance(load, Closed):
            await send_closed(load.concurrency, plan.requests, measured)
        else:
            due = arrivals(load.rate, plan.requests, plan.seed)
            await send_open(due, measured, self._now, lambda: self._stopped is not None)

    async def _send(
        self,
        series: Series,
        request: ChatRequest,
        file: "ResultsFile",
        number: int,
        due: float | None,
        *,
        warm_up: bool,
    ) -> None:
        if self._stopped is not None:
            return
        target, prompt, load = series.key
        if self.plan.unique:
            request = _numbered(request, f"{load} {'w' if warm_up else ''}{number}")
        measured = Measurement(target=target, prompt=prompt, load=load, number=number, warm_up=warm_up)
        try:
            await ask(
                series.target, request, measured, self._now, due=due, within=self.plan.timeout, budgets=self._budgets
            )
        except (BudgetExceeded, ConfigurationError) as error:
            self._stopped = error  # no more are sent; those under way are measured
            return
        if not self.plan.keep_waits:
            measured.waits = []
        self.results.add(measured)
        self._keep(partial(file.add, measured))
        if self.on_measured is not None:
            self.on_measured(measured)

    def _keep(self, write: Callable[[], None]) -> None:
        """Have it on the disk. Where that cannot be, no more are sent, and those under way are measured."""
        try:
            write()
        except OSError as error:
            self._stopped = error

    def _now(self) -> float:
        return self._clock() - self._zero


def series_of(plan: Plan) -> list[Series]:
    """All series of a plan, in their order."""
    return [Series(target, prompt, load) for target in plan.targets for prompt in plan.prompts for load in plan.loads]


def request_of(plan: Plan, target: Target, prompt: Prompt) -> ChatRequest:
    """What is sent, over the target's own defaults.

    Raises:
        ConfigurationError: a parameter is none.
    """
    call = resolve(target.model, plan.parameters, {}, None)
    name = target.model.model if isinstance(target.model, GeneratorInfo) else None
    return ChatRequest(name, prompt.messages, (), None, call.parameters, target.streams, True)


def _numbered(request: ChatRequest, label: str) -> ChatRequest:
    """The request with a label before all else that is said."""
    first, *others = request.messages
    content: Any = first.content
    if isinstance(content, str):
        content = f"[{label}] {content}"
    else:
        content = (TextPart(f"[{label}]"), *content)
    return replace(request, messages=(replace(first, content=content), *others))
