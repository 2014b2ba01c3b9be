"""A run: the steps of a plan done in order, each tried as often as it may be, traced, and kept on disk."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..config_file import Document
from ..cost import Budget
from ..errors import (
    BudgetExceeded,
    ConfigurationError,
    DecodeError,
    EncodeError,
    MiniLLMError,
    OutputError,
    ThreadFormatError,
    TimeoutExceeded,
)
from ..tree.record import read_attempts
from ..types import Attempt, CostInfo, total_cost
from .conversation import Conversation
from .evaluation import Scope, evaluate, truth
from .form import BranchStep, CompleteStep, ToolStep
from .functions import kind_of
from .naming import Named
from .nodes import ExpressionError
from .plan import Plan, PlannedStep
from .state_file import StateFile
from .talk import Keep
from .template import filled
from .trace import RecipeFailed, RecipeResult, StepTrace
from .work import Work, do

__all__ = ["Run", "Watch"]

Watch = Callable[[StepTrace], object]

_LONGEST_WAIT = 60.0


class Run:
    """One run.

    Args:
        document: the file, for the lines in errors.
        inputs: checked and complete.
        watch: called with each step as it ends.
        rerun_interrupted: tools that were begun in an earlier run and not finished are called again.
    """

    def __init__(
        self,
        plan: Plan,
        document: Document,
        named: Named,
        inputs: Mapping[str, Any],
        *,
        state: StateFile | None = None,
        watch: Watch | None = None,
        rerun_interrupted: bool = False,
    ) -> None:
        self._plan = plan
        self._document = document
        self._named = named
        self._state = state
        self._watch = watch
        self._rerun = rerun_interrupted
        self._steps: dict[str, Any] = {}
        self._scope: dict[str, Any] = {"inputs": inputs, "steps": self._steps}
        self._conversation = Conversation()
        self._trace: list[StepTrace] = []
        self._done = 0
        self._purse: Budget | None = None

    async def run(self) -> RecipeResult:
        """Do all of it.

        Raises:
            RecipeFailed: a step failed for good.
        """
        limits = self._plan.form.limits
        if limits.budget_usd is None:
            return await self._in_time()
        used = Decimal(0) if self._state is None else self._state.used_usd
        left = max(limits.budget_usd - used, Decimal(0))
        self._purse = Budget(usd=left, unpriced=limits.unpriced, name=self._plan.form.name)
        with self._purse:
            return await self._in_time()

    async def _in_time(self) -> RecipeResult:
        from anyio import move_on_after

        seconds = self._plan.form.limits.timeout
        with move_on_after(seconds):
            return await self._whole()
        late = TimeoutExceeded(f"the recipe's timeout of {seconds:g} s passed")
        raise RecipeFailed(f"{self._at(('limits', 'timeout'))}: {late}", trace=self._trace) from late

    async def _whole(self) -> RecipeResult:
        for failed in () if self._state is None else self._state.failed:
            self._tell(_read_trace(failed))
        last = await self._all(self._plan.steps)
        outputs: dict[str, Any] = {}
        for name, value in self._plan.outputs.items():
            try:
                outputs[name] = filled(value, self._scope)
            except ExpressionError as error:
                where = self._at(("outputs", name))
                raise RecipeFailed(f"{where}: the output {name!r}: {error}", trace=self._trace) from error
        if not self._plan.outputs:
            outputs[self._plan.steps[-1].id] = last
        cost = CostInfo.total(step.cost for step in self._trace)
        return RecipeResult(outputs, tuple(self._trace), cost, self._conversation.root)

    async def _all(self, steps: Sequence[PlannedStep]) -> Any:
        output = None
        for step in steps:
            if isinstance(step.form, BranchStep):
                output = await self._branch(step)
            elif step.each is not None:
                output = await self._fan_out(step)
            else:
                output = await self._work(step, step.id, self._scope)
            self._steps[step.id] = {"output": output}
        return output

    async def _branch(self, step: PlannedStep) -> Any:
        started = time.time()
        for number, case in enumerate(step.cases):
            try:
                taken = case.when is None or truth(evaluate(case.when, self._scope))
            except ExpressionError as error:
                raise self._failure(step, step.id, error, (*step.path, "cases", number, "when")) from error
            if taken:
                self._tell(StepTrace(step.id, "branch", "done", {"taken": case.source}, started_at=started))
                return await self._all(case.steps)
        self._tell(StepTrace(step.id, "branch", "done", {"taken": None}, started_at=started))
        return None

    async def _fan_out(self, step: PlannedStep) -> list[Any]:
        from anyio import Semaphore, create_task_group

        assert step.each is not None and not isinstance(step.form, BranchStep)
        items = self._items(step)
        outputs: list[Any] = [None] * len(items)
        failures: list[Exception] = []
        places = Semaphore(step.form.concurrency)

        async def one(index: int) -> None:
            async with places:
                scope = {**self._scope, "item": items[index], "index": index}
                try:
                    outputs[index] = await self._work(step, f"{step.id}[{index}]", scope)
                except Exception as error:  # raised below: from within it would come out in a group
                    failures.append(error)
                    group.cancel_scope.cancel()

        async with create_task_group() as group:
            for index in range(len(items)):
                group.start_soon(one, index)
        if failures:
            raise failures[0]
        return outputs

    def _items(self, step: PlannedStep) -> list[Any]:
        assert step.each is not None
        try:
            items = evaluate(step.each, self._scope)
            if not isinstance(items, list):
                raise ExpressionError(f"each needs a list, not {kind_of(items)}")
        except ExpressionError as error:
            raise self._failure(step, step.id, error, (*step.path, "each")) from error
        return items

    async def _work(self, step: PlannedStep, place: str, scope: Scope) -> Any:
        if self._state is not None and place in self._state.done:
            return self._resumed(step, place, self._state.done[place])
        self._done += 1
        if self._done > self._plan.form.limits.max_steps:
            message = f"more than {self._plan.form.limits.max_steps} steps (limits.max_steps)"
            raise RecipeFailed(f"{self._at(step.path)}: {message}", step=place, trace=self._trace)
        if isinstance(step.form, ToolStep) and self._state is not None:
            self._check_interrupted(step, place)
            self._state.append({"started": place})
        return await self._tried(step, place, scope)

    def _check_interrupted(self, step: PlannedStep, place: str) -> None:
        assert self._state is not None and isinstance(step.form, ToolStep)
        if place not in self._state.interrupted or self._rerun or step.form.idempotent:
            return
        message = (
            f"the tool of step {place} was begun in an earlier run and not seen to end, so it may have done its work; "
            "rerun_interrupted=True (--rerun-interrupted) calls it again; idempotent = true in its step always does"
        )
        raise RecipeFailed(f"{self._at(step.path)}: {message}", step=place, trace=self._trace)

    async def _tried(self, step: PlannedStep, place: str, scope: Scope) -> Any:
        started, clock = time.time(), time.perf_counter()
        attempts, tries = self._taken_up(step, place), 0
        wait = getattr(step.form, "retry_wait", 0.0)
        while True:
            tries += 1
            work = Work(step, place, scope, self._named, self._conversation, self._plan.form.model)
            work.keep, work.rerun = self._keeper(place), self._rerun
            error: Exception | None = None
            output = None
            try:
                output = await self._once(work)
            except Exception as failure:
                error = failure
            attempts += work.attempts
            if error is None or tries > getattr(step.form, "retries", 0) or not _may_pass(step, error):
                break
            await _sleep(min(wait, _LONGEST_WAIT))
            wait *= 2
        traced = StepTrace(
            place,
            step.form.kind,
            "done" if error is None else "failed",
            work.inputs,
            output,
            None if error is None else _words(error),
            tries,
            tuple(attempts),
            total_cost(attempts),
            started,
            time.perf_counter() - clock,
        )
        self._keep(traced, work.rows)
        self._tell(traced)
        if error is not None:
            raise self._failure(step, place, error, step.path) from error
        return output

    async def _once(self, work: Work) -> Any:
        from anyio import move_on_after

        seconds = getattr(work.step.form, "timeout", None)
        if seconds is None:
            return await do(work)
        with move_on_after(seconds):
            return await do(work)
        raise TimeoutExceeded(f"it did not end within its timeout of {seconds:g} s", retryable=True)

    def _keep(self, traced: StepTrace, rows: list[dict[str, Any]]) -> None:
        if self._state is None:
            return
        line: dict[str, Any] = {traced.status: traced.to_json()}
        if rows:
            line["nodes"] = rows
        self._state.append({**line, **self._used()})

    def _used(self) -> dict[str, str]:
        if self._purse is None:
            return {}
        budget = self._plan.form.limits.budget_usd or Decimal(0)
        return {"used_usd": str(budget - (self._purse.remaining.usd or Decimal(0)))}

    def _keeper(self, place: str) -> Keep | None:
        state = self._state
        if state is None:
            return None
        return lambda rows: state.append({"during": place, "nodes": rows, **self._used()})

    def _taken_up(self, step: PlannedStep, place: str) -> list[Attempt]:
        """Put back what an earlier run of a step with tools had come to; what that took and no trace tells."""
        begun = None if self._state is None else self._state.begun.get(place)
        if begun is None or not isinstance(step.form, CompleteStep):
            return []
        nodes = self._conversation.restore_begun(place, [*begun.rows.values()], step.form.continues)
        return [attempt for node in nodes if node.id in begun.unbilled for attempt in node.attempts]

    def _resumed(self, step: PlannedStep, place: str, line: Mapping[str, Any]) -> Any:
        traced = _read_trace(line["done"])
        if isinstance(step.form, CompleteStep):
            self._conversation.restore(place, line.get("nodes", ()), step.form.continues)
        self._done += 1
        self._tell(traced)
        return traced.output

    def _tell(self, traced: StepTrace) -> None:
        self._trace.append(traced)
        if self._watch is None:
            return
        try:
            self._watch(traced)
        except Exception:
            logging.getLogger("minillm").exception("the trace callback of a recipe failed; the run goes on")

    def _failure(self, step: PlannedStep, place: str, error: Exception, path: tuple[str | int, ...]) -> RecipeFailed:
        return RecipeFailed(
            f"{self._at(path)}: the step {place} failed: {_words(error)}",
            step=place,
            trace=self._trace,
            retryable=isinstance(error, MiniLLMError) and error.retryable,
        )

    def _at(self, path: tuple[str | int, ...]) -> str:
        line, _ = self._document.place(path)
        return f"{self._document.name}:{line}" if self._document.name else f"line {line}"


def _may_pass(step: PlannedStep, error: Exception) -> bool:
    """Whether it may go better the next time."""
    if isinstance(error, (BudgetExceeded, ConfigurationError)):
        return False
    if isinstance(step.form, ToolStep):  # but not where it did its work and returned what cannot be said
        return not isinstance(error.__cause__, EncodeError | DecodeError)
    return isinstance(error, MiniLLMError) and (error.retryable or isinstance(error, OutputError))


def _words(error: Exception) -> str:
    said = str(error)
    if isinstance(error, MiniLLMError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _read_trace(line: Mapping[str, Any]) -> StepTrace:
    """A step of an earlier run.

    Raises:
        ConfigurationError: the line is not what a run writes.
    """
    try:
        attempts = tuple(read_attempts(line["attempts"], "attempts"))
        cost = total_cost(attempts)
        facts = {name: line[name] for name in ("inputs", "output", "error", "tries", "started_at", "seconds")}
        return StepTrace(
            line["step"], line["kind"], line["status"], attempts=attempts, cost=cost, resumed=True, **facts
        )
    except (ThreadFormatError, KeyError, TypeError) as error:
        raise ConfigurationError(f"the state file holds a step that cannot be read: {error}") from error


async def _sleep(seconds: float) -> None:
    from anyio import sleep

    await sleep(seconds)
