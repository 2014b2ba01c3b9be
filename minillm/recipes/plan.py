"""A recipe that was checked as a whole: its steps with their expressions parsed, and all names that they use resolved.

What is wrong is collected, not raised, so that a file's faults are told at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..config_file.problems import Path, closest
from ..errors import ConfigurationError, InvalidOutput
from .expression import parse
from .form import AnyStep, BranchStep, CompleteStep, InputForm, RecipeForm, ToolStep, TransformStep, ValidateStep
from .nodes import Collected, ExpressionError, Get, Name, Node, inner_nodes
from .template import BadTemplate, Value, parse_value, placeholders

__all__ = ["Plan", "PlannedCase", "PlannedStep", "Planner", "Visible"]


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """Args: the condition (None is "otherwise"), and what is done."""

    when: Node | None
    source: str
    steps: "tuple[PlannedStep, ...]"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step, ready to be done.

    Args:
        form: what the file says.
        path: where in the file.
        each: the list it is done for, where it is done for one.
        values: its fields with expressions in them.
        cases: of a branch.
    """

    form: AnyStep
    path: Path
    each: Node | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    cases: tuple[PlannedCase, ...] = ()

    @property
    def id(self) -> str:
        return self.form.id


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps, and the outputs."""

    form: RecipeForm
    steps: tuple[PlannedStep, ...]
    outputs: Mapping[str, Value]

    def every_step(self) -> Iterator[PlannedStep]:
        """Those of cases too, in the file's order."""
        waiting = list(reversed(self.steps))
        while waiting:
            step = waiting.pop()
            yield step
            waiting.extend(reversed([inner for case in step.cases for inner in case.steps]))

    def inputs(self) -> dict[str, InputForm]:
        return {
            name: form if isinstance(form, InputForm) else InputForm(type=form)
            for name, form in self.form.inputs.items()
        }


@dataclass(frozen=True, slots=True)
class Visible:
    """What expressions at one place may name.

    Args:
        steps: those that have been done by then, by id.
        item: whether ``item`` and ``index`` stand for something.
    """

    steps: Mapping[str, AnyStep]
    item: bool = False


_FIELDS: dict[type, tuple[str, ...]] = {
    CompleteStep: ("prompt", "system"),
    ValidateStep: ("value",),
    TransformStep: ("value",),
    ToolStep: ("arguments",),
}


class Planner:
    """Makes a plan; ``problems`` holds paths, what is wrong there, and words near it."""

    def __init__(self, form: RecipeForm) -> None:
        self.form = form
        self.problems: list[tuple[Path, str, str]] = []
        self._places: dict[str, Path] = {}
        self._inside: dict[str, str] = {}  # step in a case -> the branch it stands in
        self._known: dict[str, AnyStep] = {}

    def plan(self) -> Plan:
        self._collect(self.form.steps, ("steps",), "")
        done: dict[str, AnyStep] = {}
        steps = self._steps(self.form.steps, ("steps",), done)
        outputs = {
            name: self._value(value, ("outputs", name), Visible(done)) for name, value in self.form.outputs.items()
        }
        return Plan(self.form, steps, outputs)

    def bad(self, path: Path, message: str, near: str = "") -> None:
        self.problems.append((path, message, near))

    def _collect(self, steps: tuple[AnyStep, ...], path: Path, branch: str) -> None:
        """All ids, so that a wrong reference can be told from an early one."""
        for at, step in enumerate(steps):
            here = (*path, at)
            if step.id in self._known:
                self.bad((*here, "id"), f'"{step.id}" is also the id of another step; each needs its own')
            self._known.setdefault(step.id, step)
            self._inside.setdefault(step.id, branch)
            if isinstance(step, BranchStep):
                for number, case in enumerate(step.cases):
                    self._collect(case.steps, (*here, "cases", number, "steps"), step.id)
                self._collect(step.otherwise, (*here, "otherwise"), step.id)

    def _steps(self, steps: tuple[AnyStep, ...], path: Path, done: dict[str, AnyStep]) -> tuple[PlannedStep, ...]:
        planned = []
        for at, step in enumerate(steps):
            planned.append(self._step(step, (*path, at), done))
            done[step.id] = step
        return tuple(planned)

    def _step(self, step: AnyStep, path: Path, done: dict[str, AnyStep]) -> PlannedStep:
        if isinstance(step, BranchStep):
            return self._branch(step, path, done)
        each = None if step.each is None else self._expression(step.each, (*path, "each"), Visible(done))
        visible = Visible(done, item=step.each is not None)
        values = {name: self._value(getattr(step, name), (*path, name), visible) for name in _FIELDS[type(step)]}
        if isinstance(step, (CompleteStep, ValidateStep)) and step.schema is not None:
            self._check_schema(step.schema, (*path, "schema"))
        if isinstance(step, CompleteStep):
            self._check_talk(step, path, done)
            self._check_tools(step, path)
        return PlannedStep(step, path, each, values)

    def _branch(self, step: BranchStep, path: Path, done: dict[str, AnyStep]) -> PlannedStep:
        cases = []
        for number, case in enumerate(step.cases):
            here = (*path, "cases", number)
            when = self._expression(case.when, (*here, "when"), Visible(done))
            cases.append(PlannedCase(when, case.when, self._steps(case.steps, (*here, "steps"), dict(done))))
        if step.otherwise:
            steps = self._steps(step.otherwise, (*path, "otherwise"), dict(done))
            cases.append(PlannedCase(None, "otherwise", steps))
        return PlannedStep(step, path, cases=tuple(cases))

    def _check_tools(self, step: CompleteStep, path: Path) -> None:
        for at, name in enumerate(step.tools):
            if name in step.tools[:at]:
                self.bad((*path, "tools", at), f'"{name}" is there already')
        for key in ("limits", "idempotent"):
            if getattr(step, key) and not step.tools:
                self.bad((*path, key), "says how tools are called, and the step has none (tools)")

    def _check_talk(self, step: CompleteStep, path: Path, done: Mapping[str, AnyStep]) -> None:
        if not (step.model or self.form.model):
            self.bad(path, 'the key "model" is missing: here, or for all steps at the top of the file')
        if not step.continues:
            return
        at = (*path, "continues")
        told = done.get(step.continues)
        if told is None:
            self.bad(at, self._unseen(step.continues, "", done))
        elif not isinstance(told, CompleteStep):
            self.bad(at, f'"{step.continues}" asks no model, so there is no conversation to go on with')
        elif told.each is not None:
            self.bad(at, f'"{step.continues}" is done for each item of a list: those are many conversations')
        elif step.system:
            self.bad((*path, "system"), f'the system message stands in "{step.continues}", which this step continues')

    def _check_schema(self, schema: dict[str, Any], path: Path) -> None:
        from ..json import validate

        try:
            validate(None, schema)
        except InvalidOutput:
            pass  # a sound schema that null does not fit
        except ConfigurationError as error:
            self.bad(path, str(error))

    def _value(self, value: Any, path: Path, visible: Visible) -> Value:
        try:
            parsed = parse_value(value)
        except BadTemplate as error:
            self.bad((*path, *error.path), str(error), error.near)
            return None
        for inner, placeholder in placeholders(parsed):
            near = "{" + placeholder.source
            for message in self._complaints(placeholder.expression, visible, frozenset()):
                escape = f"; as text: {{{{{placeholder.source}}}}}" if isinstance(placeholder.expression, Name) else ""
                self.bad((*path, *inner), f"{placeholder.source}: {message}{escape}", near)
        return parsed

    def _expression(self, source: str, path: Path, visible: Visible) -> Node | None:
        try:
            node = parse(source)
        except ExpressionError as error:
            braces = " (an expression stands here without braces)" if source.strip().startswith("{") else ""
            self.bad(path, f"is no expression: {error}{braces}")
            return None
        for message in self._complaints(node, visible, frozenset()):
            self.bad(path, message)
        return node

    def _complaints(self, node: Node, visible: Visible, variables: frozenset[str]) -> Iterator[str]:
        """What an expression names that is not there. A name followed by keys is judged with them."""
        names, keys = _chain(node)
        if names is not None:
            if names.name not in variables:
                yield from self._name(names.name, keys, visible)
            return
        if isinstance(node, Collected):
            yield from self._complaints(node.items, visible, variables)
            variables |= {node.name}
            inner: tuple[Node, ...] = (node.value,) if node.condition is None else (node.value, node.condition)
        else:
            inner = tuple(inner_nodes(node))
        for each in inner:
            yield from self._complaints(each, visible, variables)

    def _name(self, name: str, keys: list[str], visible: Visible) -> Iterator[str]:
        if name == "inputs":
            if keys and keys[0] not in self.form.inputs:
                declared = ", ".join(self.form.inputs) or "none"
                yield f"no input is called {keys[0]!r}{closest(keys[0], self.form.inputs)}; declared: {declared}"
        elif name == "steps":
            yield from self._step_name(keys, visible)
        elif name in ("item", "index"):
            if not visible.item:
                yield f"{name} is there only in a step with each"
        else:
            allowed = ["inputs", "steps", *(("item", "index") if visible.item else ())]
            hint = f"; steps.{name}.output?" if name in self._known else closest(name, allowed)
            yield f"nothing is called {name[:40]!r} here{hint}; allowed: {', '.join(allowed)}"

    def _step_name(self, keys: list[str], visible: Visible) -> Iterator[str]:
        if not keys:
            yield "steps alone is no value: steps.<id>.output"
            return
        step = visible.steps.get(keys[0])
        if step is None:
            yield self._unseen(keys[0], ".output", visible.steps)
        elif len(keys) == 1:
            yield f"steps.{keys[0]} alone is no value: steps.{keys[0]}.output"
        elif keys[1] != "output":
            yield f"a step has no {keys[1]!r}{closest(keys[1], ['output'])}: steps.{keys[0]}.output"
        elif len(keys) > 2:
            yield from _not_in_schema(step, keys[2])

    def _unseen(self, id: str, tail: str, done: Mapping[str, AnyStep]) -> str:
        branch = self._inside.get(id, "")
        if id not in self._known:
            near = closest(id, self._known)
            return f"no step is called {id[:40]!r}{near}; done before: {', '.join(done) or 'none'}"
        if branch and branch in done:
            gave = f"steps.{branch}{tail or '.output'} is what it gave"
            return f"{id!r} stands in a case of {branch!r}, which may not be taken; {gave}"
        return f"{id!r} is not done yet; done before: {', '.join(done) or 'none'}"


def _chain(node: Node) -> tuple[Name | None, list[str]]:
    """``steps.a.output.x`` -> its name, and the keys behind it."""
    keys: list[str] = []
    while isinstance(node, Get):
        keys.append(node.key)
        node = node.of
    return (node, keys[::-1]) if isinstance(node, Name) else (None, [])


def _not_in_schema(step: AnyStep, key: str) -> Iterator[str]:
    """A key that the step's schema does not speak of, although it lists keys and does not ask for others."""
    schema = getattr(step, "schema", None)
    if getattr(step, "each", None) is not None:
        yield f"the output of {step.id!r} is a list, one value for each item"
        return
    if isinstance(step, CompleteStep) and schema is None:
        yield f"the output of {step.id!r} is a text without keys; a schema makes it a table"
    if not isinstance(schema, dict):
        return
    if getattr(step, "on_invalid", "fail") == "report":
        if key not in ("valid", "value", "problem"):
            yield f"the output of {step.id!r} has no {key[:40]!r}; it reports valid, value and problem"
        return
    known = schema.get("properties")
    more = schema.get("additionalProperties") is not False and any(word in schema for word in _OPEN)
    if isinstance(known, dict) and known and key not in known and not more:
        yield f"the schema of {step.id!r} has no {key[:40]!r}{closest(key, known)}; it has {', '.join(map(str, known))}"


# With these a schema speaks of more keys than it lists.
_OPEN = ("additionalProperties", "patternProperties", "allOf", "anyOf", "oneOf", "$ref")
