"""Carrying out a plan."""

import time
from collections.abc import Callable
from functools import partial

import anyio

from ..cost import Budget
from ..errors import ConfigurationError, MiniLLMError
from ..trials.lines import refuse_taken
from .plan import Plan, Target
from .probe import PROBES, judged, of_error
from .results import Results, ResultsFile, Row, plan_facts
from .subject import Subject
from .verdict import Finding, Verdict, inconclusive

__all__ = ["Compat", "compat"]

FIRST = "plain"


async def compat(plan: Plan, *, file: str | None = None) -> Results:
    """Carry out a plan and return what was found. What fails is a finding and raises nothing.

    Args:
        file: each finding is appended to it as soon as it is made, so that nothing is lost whatever happens.

    Raises:
        ConfigurationError: a key or a setting is missing, or the file holds something already.
        OSError: the file cannot be written, from its start or when the disk is full; ``Compat(plan).results`` holds
            what was found until then.

    Example:
        >>> results = await compat(Plan(targets=[Target("mine", gen)], probes=["plain", "tools"]))
        >>> results.rows["mine", "tools"].verdict
    """
    return await Compat(plan, file=file).run()


class Compat:
    """A run of a plan. ``results`` may be looked at while it lasts, and holds what was found when it is cancelled.

    Args:
        file: see :func:`compat`.
        done: results of an earlier, unfinished run: what was found there is not asked again, unless it was skipped.
        on_found: told each finding.

    Raises:
        ConfigurationError: the file holds something, and it is not gone on with.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        file: str | None = None,
        done: Results | None = None,
        on_found: Callable[[Row], object] | None = None,
    ) -> None:
        if done is None:
            refuse_taken(file)
        self.plan = plan
        self.results = Results(plan_facts(plan))
        self.on_found = on_found
        self._file = file
        self._budgets = () if plan.budget_usd is None else (Budget(usd=plan.budget_usd, name="compat"),)
        self._until: float | None = None
        self._full: OSError | None = None
        if done is not None:
            for row in done.rows.values():
                if row.verdict is not Verdict.SKIPPED:
                    self.results.add(row)

    @property
    def left(self) -> int:
        """How many findings are still to be made."""
        return sum(len(self._open(target)) for target in self.plan.targets)

    async def run(self) -> Results:
        """Ask everything. Raises as :func:`compat` does."""
        if self.plan.time_limit is not None:
            self._until = time.monotonic() + self.plan.time_limit
        with ResultsFile(self._file, self.results.facts) as file:
            try:
                for target in self.plan.targets:
                    await self._target(target, file)
            except BaseException:
                self.results.ending = "interrupted"
                self._keep(partial(file.end, self.results.ending))
                raise
            if self._full is None:
                self.results.ending = "done"
                self._keep(partial(file.end, self.results.ending))
            if self._full is not None:
                self.results.ending = f"{self._full.filename} cannot be written: {self._full.strerror}"
                raise self._full
        return self.results

    def _open(self, target: Target) -> list[str]:
        return [name for name in self.plan.probes if (target.name, name) not in self.results.rows]

    async def _target(self, target: Target, file: ResultsFile) -> None:
        """One question first, alone: where nobody answers, nothing else is asked."""
        names = self._open(target)
        if not names or self._full is not None:
            return
        why = await self._nobody(target, names, file)
        names = self._open(target)
        if why:
            for name in names:
                self._found(Row(target.name, name, Verdict.SKIPPED, why), file)
            return
        waiting = iter(names)

        async def asker() -> None:
            for name in waiting:
                if self._full is not None:
                    return
                try:
                    await self._probe(target, name, file)
                except ConfigurationError as error:
                    # The first question went through: what is missing is missing for this one, such as the price of
                    # a picture where a budget is to hold.
                    self._found(Row(target.name, name, Verdict.SKIPPED, f"not sent: {error}"), file)

        async with anyio.create_task_group() as group:
            for _ in range(min(self.plan.concurrency, len(names))):
                group.start_soon(asker)

    async def _nobody(self, target: Target, names: list[str], file: ResultsFile) -> str:
        """Why nothing else needs to be asked; "" where somebody answers.

        A host that refuses a plain question refuses everything, and what it then refuses is no feature.
        """
        if FIRST in names:
            row = await self._probe(target, FIRST, file)
            told = row.reason if row.verdict in (Verdict.UNSUPPORTED, Verdict.FAIL, Verdict.SKIPPED) else ""
            if row.verdict is Verdict.INCONCLUSIVE and all(each.status != 200 for each in row.exchanges):
                told = row.reason
        else:
            told = await self._hello(target)
        return f"a plain question is not answered: {told}" if told else ""

    async def _hello(self, target: Target) -> str:
        try:
            await self._subject(target).ask("Say yes.", max_tokens=16)
        except ConfigurationError:
            raise
        except MiniLLMError as error:
            return of_error(error).reason
        return ""

    async def _probe(self, target: Target, name: str, file: ResultsFile) -> Row:
        if self._until is not None and time.monotonic() > self._until:
            row = Row(target.name, name, Verdict.SKIPPED, "the time limit of the run had passed")
            self._found(row, file)
            return row
        subject = self._subject(target)
        start = time.perf_counter()
        found: Finding | None = None
        with anyio.move_on_after(self.plan.seconds_of_a_probe):
            found = await judged(PROBES[name], subject)
        if found is None:
            found = inconclusive(f"not over after {self.plan.seconds_of_a_probe:g} s")
        bill = subject.bill
        row = Row(
            target.name,
            name,
            found.verdict,
            found.reason,
            PROBES[name].learned(found),
            time.perf_counter() - start,
            bill.usd,
            subject.exchanges,
        )
        self._found(row, file)
        return row

    def _found(self, row: Row, file: ResultsFile) -> None:
        self.results.add(row)
        self._keep(partial(file.add, row))
        if self.on_found is not None:
            self.on_found(row)

    def _keep(self, write: Callable[[], None]) -> None:
        """Have it on the disk. Where that cannot be, nothing more is asked, and probes under way come to their end."""
        try:
            write()
        except OSError as error:
            self._full = error

    def _subject(self, target: Target) -> Subject:
        plan = self.plan
        return Subject(
            target.generator,
            max_tokens=plan.max_tokens,
            timeout=plan.timeout,
            retry=plan.retry,
            long_input=plan.long_input,
            budgets=self._budgets,
        )
