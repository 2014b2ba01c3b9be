"""``minillm recipe show``: what a recipe does, before it does it."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from ...recipes import Recipe
from ...recipes.form import BranchStep, CompleteStep, InputForm, ToolStep
from ...recipes.plan import Plan, PlannedStep
from ...types import UNSET
from ..listing import print_json, print_table
from ..screen import note

__all__ = ["show"]


def show(console: Console, file: str, *, json: bool) -> int:
    """Print inputs and steps.

    Raises:
        ConfigFileError: the file is no recipe.
    """
    recipe = Recipe.load(file)
    steps = list(_steps(recipe.plan, recipe.plan.steps, 0))
    if json:
        print_json(console, _facts(recipe, steps))
        return 0
    form = recipe.plan.form
    console.print(f"{form.name}{f' {form.version}' if form.version else ''}", style="bold", markup=False)
    if form.description:
        note(console, form.description)
    if recipe.needs.inputs:
        rows = [(name, each.type, _default(each), each.description) for name, each in recipe.needs.inputs.items()]
        print_table(console, ("input", "is", "default", ""), rows)
    rows_of_steps = [("· " * step["depth"] + step["step"], step["kind"], step["what"], step["each"]) for step in steps]
    print_table(console, ("step", "kind", "", "for each"), rows_of_steps)
    outputs = list(form.outputs) or [recipe.plan.steps[-1].id]
    note(console, f"outputs: {', '.join(outputs)}")
    return 0


def _steps(plan: Plan, steps: Sequence[PlannedStep], depth: int) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield {
            "depth": depth,
            "step": step.id,
            "kind": step.form.kind,
            "what": _what(plan, step),
            "each": getattr(step.form, "each", None) or "",
        }
        for case in step.cases:
            yield {"depth": depth + 1, "step": "", "kind": "", "what": _condition(case.source), "each": ""}
            yield from _steps(plan, case.steps, depth + 1)


def _condition(source: str) -> str:
    return source if source == "otherwise" else f"if {source}"


def _what(plan: Plan, step: PlannedStep) -> str:
    form = step.form
    if isinstance(form, CompleteStep):
        words = [form.model or plan.form.model]
        if form.continues:
            words.append(f"continues {form.continues}")
        if form.schema is not None:
            words.append("with a schema")
        if form.tools:
            words.append(f"calls {', '.join(form.tools)}")
        return ", ".join(words)
    if isinstance(form, ToolStep):
        return form.tool
    return f"{len(step.cases)} cases" if isinstance(form, BranchStep) else ""


def _default(form: InputForm) -> str:
    from ...recipes.functions import as_text

    return "" if form.default is UNSET else as_text(form.default)


def _facts(recipe: Recipe, steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    form = recipe.plan.form
    return {
        "name": form.name,
        "version": form.version,
        "description": form.description,
        "inputs": {
            name: {
                "type": each.type,
                "required": each.default is UNSET,
                "default": None if each.default is UNSET else each.default,
                "description": each.description,
            }
            for name, each in recipe.needs.inputs.items()
        },
        "models": list(recipe.needs.models),
        "tools": list(recipe.needs.tools),
        "steps": [{key: value for key, value in step.items() if key != "depth"} for step in steps if step["step"]],
        "outputs": list(form.outputs) or [recipe.plan.steps[-1].id],
    }
