"""``minillm recipe run``."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from ... import aclose
from ...environment import load_env
from ...json import dumps
from ...recipes import Recipe, RecipeFailed, RecipeResult, StepTrace
from ...tree.render.figures import cost_words
from ..listing import print_json
from ..screen import note
from ..terminal_text import one_line, printable
from .inputs import chosen_models, read_inputs

__all__ = ["run"]


def run(
    console: Console,
    errors: Console,
    file: str,
    *,
    typed: Sequence[str],
    inputs_file: str | None,
    models: Sequence[str],
    imports: Sequence[str],
    state: str | None,
    rerun_interrupted: bool,
    trace: str | None,
    json: bool,
) -> int:
    """Run a recipe; steps are told on standard error, outputs go to standard output.

    Raises:
        ConfigurationError: the file, an input or a name is wrong; nothing was done.
        RecipeFailed: a step failed for good.
    """
    load_env()
    recipe = Recipe.load(file)
    given = read_inputs(recipe, typed, inputs_file)
    chosen = chosen_models(models)

    async def all_of_it() -> RecipeResult:
        try:
            return await recipe.run(
                given,
                models=chosen,
                allow_imports=imports,
                trace=lambda step: _tell(errors, step),
                state=state,
                rerun_interrupted=rerun_interrupted,
            )
        finally:
            await aclose()

    try:
        result = asyncio.run(all_of_it())
    except RecipeFailed as failure:
        _write_trace(trace, failure.trace)
        if state is not None:
            note(errors, f"what is done is kept in {state}; the same command goes on from there")
        raise
    except KeyboardInterrupt:
        if state is not None:
            note(errors, f"what is done is kept in {state}; the same command goes on from there")
        raise
    _write_trace(trace, result.trace)
    _print(console, result, json=json)
    note(errors, f"{len(result.trace)} steps · {cost_words(result.cost)}")
    return 0


def _tell(errors: Console, step: StepTrace) -> None:
    words = [step.step, step.kind, "from the state file" if step.resumed else f"{step.seconds:.1f} s"]
    if step.tries > 1:
        words.append(f"{step.tries} tries")
    if step.attempts:
        words.append(cost_words(step.cost))
    if step.status != "done":
        words.append("failed")
    note(errors, one_line(" · ".join(words), 200))


def _write_trace(file: str | None, trace: Sequence[StepTrace]) -> None:
    if file is None:
        return
    with open(file, "wb") as lines:
        lines.writelines(dumps(step.to_json()) + b"\n" for step in trace)


def _print(console: Console, result: RecipeResult, *, json: bool) -> None:
    """A lone text as it is; anything else as JSON."""
    outputs: Mapping[str, Any] = result.outputs
    if json:
        print_json(console, result.to_json())
    elif len(outputs) == 1 and isinstance(text := next(iter(outputs.values())), str):
        console.file.write((printable(text) if console.is_terminal else text) + "\n")
    else:
        print_json(console, outputs)
