"""A recipe: read, checked as a whole, and run."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..config_file import ConfigFileError, Document
from ..config_file.document import Format
from ..config_file.problems import Path, closest
from ..errors import ConfigurationError, EncodeError
from ..stack import Model
from ..types import UNSET
from .form import CompleteStep, InputForm, RecipeForm, ToolStep
from .naming import Named, Resolver
from .plan import Plan, Planner
from .run import Run, Watch
from .state_file import StateFile, digests
from .trace import RecipeResult

__all__ = ["Needs", "Recipe"]

_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "a text"),
    "number": ((int, float), "a number"),
    "integer": ((int,), "a whole number"),
    "flag": ((bool,), "true or false"),
    "list": ((list,), "a list"),
    "table": ((dict,), "a table"),
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a recipe wants of its caller.

    Args:
        inputs: all that it takes, by name.
        models: names that only the caller can give a meaning to.
        tools: names of functions.
    """

    inputs: Mapping[str, InputForm]
    models: tuple[str, ...]
    tools: tuple[str, ...]


class Recipe:
    """A small workflow in a file.

    Example:
        >>> recipe = Recipe.load("triage.toml")
        >>> result = await recipe.run({"ticket": "..."}, models={"fast": gen}, state="run.jsonl")
        >>> result.outputs["answer"], result.cost.usd
    """

    def __init__(self, document: Document) -> None:
        """See :meth:`load`."""
        self._document = document
        form = document.shape(RecipeForm)
        planner = Planner(form)
        self._plan = planner.plan()
        problems = [*planner.problems, *((*each, "") for each in _input_faults(self._plan))]
        resolver = Resolver(None, None, ())
        resolver.resolve(self._plan, foreign=False)
        problems += [(*each, "") for each in resolver.problems]
        self._refuse(problems)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, format: Format | None = None) -> "Recipe":
        """Read a recipe from a TOML or JSON file, and check all of it that can be checked by itself.

        Raises:
            ConfigFileError: all that is wrong with it, by line: its form, expressions, schemas, names of steps and
                inputs that are not there or not yet there, hosts that nobody knows.
        """
        return cls(Document.load(path, format=format))

    @classmethod
    def parse(cls, text: str, *, format: Format = "toml", name: str | None = None) -> "Recipe":
        """The same from a text, which errors call ``name``."""
        return cls(Document.parse(text, format=format, name=name))

    @property
    def name(self) -> str:
        return self._plan.form.name

    @property
    def plan(self) -> Plan:
        """Its steps, to be shown."""
        return self._plan

    @property
    def document(self) -> Document:
        """The file, with the lines of its keys."""
        return self._document

    @property
    def needs(self) -> Needs:
        form = self._plan.form
        steps = [step.form for step in self._plan.every_step()]
        models = {step.model or form.model: None for step in steps if isinstance(step, CompleteStep)}
        foreign = [name for name in models if name not in form.models and ":" not in name and name != "local"]
        named = ((step.tool,) if isinstance(step, ToolStep) else getattr(step, "tools", ()) for step in steps)
        tools = {name: None for names in named for name in names}
        return Needs(self._plan.inputs(), tuple(foreign), tuple(tools))

    def check(
        self,
        *,
        models: Mapping[str, Model] | None = None,
        tools: Mapping[str, Callable[..., Any]] | None = None,
        allow_imports: Collection[str] = (),
    ) -> None:
        """Check it with what the caller gives; :meth:`run` does so before its first step. Arguments as there.

        Raises:
            ConfigFileError: models or tools that nobody gives, arguments that a function does not take, options that
                a model cannot be told.
        """
        self._named(models, tools, allow_imports)

    async def run(
        self,
        inputs: Mapping[str, Any] | None = None,
        *,
        models: Mapping[str, Model] | None = None,
        tools: Mapping[str, Callable[..., Any]] | None = None,
        allow_imports: Collection[str] = (),
        trace: Watch | None = None,
        state: str | os.PathLike[str] | None = None,
        rerun_interrupted: bool = False,
    ) -> RecipeResult:
        """Do all of its steps.

        Args:
            inputs: by name, JSON; None takes those of the state file, where it has some.
            models: generators by the names that steps use; they win over the file's own.
            tools: functions, plain or async, by the names that steps use. Plain ones run in threads.
            allow_imports: modules from which a recipe may take functions as ``module:function``.
            trace: called with a :class:`StepTrace` as each step ends.
            state: a file that keeps what is done. A run with the same file goes on where the last one ended, however it
                ended; steps that are done are not done again.
            rerun_interrupted: call tools again that an earlier run began and was not seen to finish.

        Raises:
            ConfigurationError: inputs, names or the state file are wrong; nothing was done.
            RecipeFailed: a step failed for good; what was done is in ``.trace``, and in the state file.
        """
        named = self._named(models, tools, allow_imports)
        if state is None:
            return await Run(self._plan, self._document, named, self._settled(inputs or {}), watch=trace).run()
        file = StateFile(state, self.name, digests(self._document.values))
        try:
            settled = self._kept_inputs(inputs, file)
            run = Run(
                self._plan,
                self._document,
                named,
                settled,
                state=file,
                watch=trace,
                rerun_interrupted=rerun_interrupted,
            )
            return await run.run()
        finally:
            file.close()

    def _kept_inputs(self, inputs: Mapping[str, Any] | None, file: StateFile) -> dict[str, Any]:
        if file.inputs is None:
            settled = self._settled(inputs or {})
            file.begin(settled)
            return settled
        if inputs is None:
            return file.inputs
        settled = self._settled(inputs)
        changed = [name for name in settled if settled[name] != file.inputs.get(name)]
        if changed:
            raise ConfigurationError(
                f"the state file {file.path}: it was begun with another {', '.join(changed)}; leave the inputs out to "
                "go on, or begin anew with another state file"
            )
        return settled

    def _named(
        self,
        models: Mapping[str, Model] | None,
        tools: Mapping[str, Callable[..., Any]] | None,
        allow_imports: Collection[str],
    ) -> Named:
        resolver = Resolver(models, tools, allow_imports)
        named = resolver.resolve(self._plan)
        self._refuse([(*each, "") for each in resolver.problems])
        return named

    def _settled(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with defaults, as JSON.

        Raises:
            ConfigurationError: all that is wrong with them.
        """
        from ..json import dumps, loads

        declared = self._plan.inputs()
        faults = [
            f"no input is called {name!r}{closest(str(name), declared)}; declared: {', '.join(declared) or 'none'}"
            for name in inputs
            if name not in declared
        ]
        settled = {}
        for name, form in declared.items():
            value = inputs.get(name, form.default)
            if value is UNSET:
                faults.append(f"the input {name!r} is missing{_wanted(form)}")
                continue
            try:
                value = loads(dumps(value))
            except EncodeError as error:
                faults.append(f"the input {name!r} is no JSON: {error}")
                continue
            if not _fits(value, form):
                faults.append(f"the input {name!r} is {type(value).__name__}{_wanted(form)}")
            settled[name] = value
        if faults:
            raise ConfigurationError(f"{self.name}: " + "; ".join(faults))
        return settled

    def _refuse(self, problems: list[tuple[Path, str, str]]) -> None:
        if problems:
            told = [self._document.problem(*each) for each in problems]
            raise ConfigFileError(sorted(told, key=lambda problem: (problem.line or 0, problem.column or 0)))


def _wanted(form: InputForm) -> str:
    words = _KINDS[form.type][1] if form.type in _KINDS else "any JSON"
    return f"; it is {words}{f' ({form.description})' if form.description else ''}"


def _fits(value: Any, form: InputForm) -> bool:
    if form.type not in _KINDS:
        return True
    kinds, _ = _KINDS[form.type]
    return isinstance(value, kinds) and (form.type == "flag" or not isinstance(value, bool))


def _input_faults(plan: Plan) -> list[tuple[Path, str]]:
    return [
        (("inputs", name, "default"), f"does not fit its type; allowed: {_KINDS[form.type][1]}")
        for name, form in plan.inputs().items()
        if form.default is not UNSET and not _fits(form.default, form)
    ]
