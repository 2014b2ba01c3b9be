"""From the names in a recipe to what they stand for: models, and functions as tools."""

import importlib
import inspect
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from ..config_file.problems import Path, closest
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..stack import Model
from ..tools import Tool, tool
from ..tools.offered import offered
from ..types import TokenPrice
from .form import CompleteStep, ModelForm, RecipeForm, ToolStep
from .plan import Plan

__all__ = ["Named", "Resolver"]

_FREE = TokenPrice(input=Decimal(0), output=Decimal(0), cache_read=Decimal(0))

Function = Callable[..., Any]


class Named:
    """What names stand for in one run."""

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self.tools: dict[str, Function] = {}
        #: By step, what its model may call.
        self.offered: dict[str, tuple[Tool[..., Any], ...]] = {}


class Resolver:
    """Looks every name up; ``problems`` holds what is not there.

    Args:
        models: the caller's; they win over the file's.
        tools: the caller's.
        allow_imports: modules whose functions a recipe may name as ``module:function``.
    """

    def __init__(
        self, models: Mapping[str, Model] | None, tools: Mapping[str, Function] | None, allow_imports: Collection[str]
    ) -> None:
        self._models = dict(models or {})
        self._tools = dict(tools or {})
        self._allowed = {allow_imports} if isinstance(allow_imports, str) else set(allow_imports)
        self.problems: list[tuple[Path, str]] = []

    def resolve(self, plan: Plan, *, foreign: bool = True) -> Named:
        """Everything that the steps name.

        Args:
            foreign: also what only the caller can give; False checks a file by itself.
        """
        named = Named()
        for name, model in plan.form.models.items():
            self._check(lambda form=model: _generator(form), ("models", name))  # type: ignore[misc]
        for step in plan.every_step():
            if isinstance(step.form, CompleteStep):
                path = (*step.path, "model") if step.form.model else ("model",)
                name = step.form.model or plan.form.model
                if name and name not in named.models:
                    found = self._model(name, plan.form, path, foreign)
                    if found is not None:
                        named.models[name] = found
                if step.form.tools:
                    named.offered[step.id] = self._all_offered(step.form, step.path, foreign)
                if name in named.models:
                    self._check_options(named.models[name], step.form, step.path)
            elif isinstance(step.form, ToolStep):
                function = self._tool(step.form.tool, (*step.path, "tool"), foreign)
                if function is not None:
                    named.tools[step.form.tool] = function
                    self._check_arguments(function, step.form, step.path)
        return named

    def _all_offered(self, form: CompleteStep, path: Path, foreign: bool) -> tuple[Tool[..., Any], ...]:
        """Functions as tools under the names that the recipe has for them; a Tool keeps its own."""
        made = []
        for at, name in enumerate(form.tools):
            here = (*path, "tools", at)
            found = self._found(name, here, foreign)
            if found is not None and not isinstance(found, Tool):
                own = None if ":" in name else name
                found = self._check(lambda found=found, own=own: tool(found, name=own), here)  # type: ignore[misc]
            if found is not None:
                made.append(found)
        self._check(lambda: offered(made), (*path, "tools"))
        return tuple(made)

    def _check(self, make: Callable[[], Any], path: Path) -> Any:
        try:
            return make()
        except ConfigurationError as error:
            if (path, str(error)) not in self.problems:
                self.problems.append((path, str(error)))
            return None

    def _model(self, name: str, form: RecipeForm, path: Path, foreign: bool) -> Model | None:
        given = self._models.get(name)
        if given is not None:
            return given
        if name in form.models:
            made: GeneratorInfo | None = self._silently(form.models[name])
            return made
        if ":" in name or name == "local":
            return self._check(lambda: _generator(name), path)  # type: ignore[no-any-return]
        known = {**form.models, **self._models}
        if foreign or form.models:
            allowed = "a name from [models], one that the caller gives (models=), provider:model, or local"
            self.problems.append((path, f"no model is called {name[:60]!r}{closest(name, known)}; allowed: {allowed}"))
        return None

    @staticmethod
    def _silently(form: str | ModelForm) -> GeneratorInfo | None:
        try:
            return _generator(form)
        except ConfigurationError:
            return None  # told where it is defined

    def _tool(self, name: str, path: Path, foreign: bool) -> Function | None:
        found = self._found(name, path, foreign)
        return found.function if isinstance(found, Tool) else found

    def _found(self, name: str, path: Path, foreign: bool) -> Function | None:
        found: Any = self._tools.get(name)
        if found is None and ":" in name:
            found = self._check(lambda: self._imported(name), path) if foreign else None
        elif found is None and foreign:
            given = ", ".join(self._tools) or "none"
            self.problems.append((path, f"no tool is called {name[:60]!r}{closest(name, self._tools)}; given: {given}"))
        if found is not None and not callable(found):
            self.problems.append((path, f"{name[:60]!r} is no function, but {type(found).__name__}"))
            return None
        return found  # type: ignore[no-any-return]

    def _imported(self, name: str) -> Function:
        module, _, function = name.partition(":")
        if module not in self._allowed:
            allowed = ", ".join(sorted(self._allowed)) or "none"
            raise ConfigurationError(
                f"{module[:60]!r} is no module that this recipe may import from; allowed: {allowed} (allow_imports=)"
            )
        if not function.isidentifier() or function.startswith("_"):
            raise ConfigurationError("a function is named as module:function, with a public name")
        try:
            imported = importlib.import_module(module)
        except Exception as error:  # whatever the module's own code raises
            raise ConfigurationError(f"the module {module} cannot be imported: {type(error).__name__}") from error
        found = getattr(imported, function, None)
        if found is None:
            raise ConfigurationError(f"the module {module} has no {function}{closest(function, dir(imported))}")
        return found  # type: ignore[no-any-return]

    def _check_options(self, model: Model, form: CompleteStep, path: Path) -> None:
        from ..chat.parameters import resolve

        self._check(lambda: resolve(model, None, form.options.said(), form.schema), (*path, "options"))

    def _check_arguments(self, function: Function, form: ToolStep, path: Path) -> None:
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return  # a function in C that does not say what it takes
        try:
            signature.bind(**form.arguments)
        except TypeError as error:
            at = (*path, "arguments") if form.arguments else path
            self.problems.append((at, f"{form.tool}{signature} does not take them: {error}"))


def _generator(form: str | ModelForm) -> GeneratorInfo:
    if isinstance(form, str):
        form = ModelForm(generator=form)
    settings: dict[str, Any] = {}
    if form.base_url is not None:
        settings["base_url"] = form.base_url
    if form.api_key_env is not None:
        settings["api_key_env"] = form.api_key_env
    if form.input_price is not None and form.output_price is not None:
        settings["price"] = TokenPrice(input=form.input_price, output=form.output_price)
    generator = GeneratorInfo.from_name(form.generator, **settings)
    if generator.local_server is not None and generator.price is None:
        return generator.replace(price=_FREE)  # nobody sends a bill for this machine
    return generator
