"""``minillm recipe``: its commands and their options.

run      does the steps of a file, tells each as it ends, prints the outputs
check    says what is wrong with a file, without asking anybody
show     what a file does and wants
inputs   what was typed, as values
"""

from typing import Annotated

from cyclopts import App, Parameter

from ..screen import error_screen, screen

__all__ = ["recipe"]

recipe = App(
    name="recipe",
    help="Run small workflows from files: ask models, check and change what they said, branch, call tools.\n\n"
    "What a file may say stands in docs/recipes.md.",
    help_format="plaintext",
)

File = Annotated[str, Parameter(help="The recipe, a .toml or .json file.")]
Models = Annotated[
    tuple[str, ...],
    Parameter(
        name=["--model", "-m"],
        help="Who a name in the recipe stands for, as name=provider:model; it wins over the file. May be repeated.",
        consume_multiple=False,
        negative="",
    ),
]
Imports = Annotated[
    tuple[str, ...],
    Parameter(
        name="--allow-import",
        help="A Python module whose functions the recipe may call as module:function. May be repeated.",
        consume_multiple=False,
        negative="",
    ),
]
Json = Annotated[bool, Parameter(help="Print one JSON value.", negative="")]


@recipe.command
def run(
    file: File,
    /,
    *,
    input: Annotated[
        tuple[str, ...],
        Parameter(
            name=["--input", "-i"],
            help="An input, as name=value; name=@file takes a file's content. What is no text is JSON. May be "
            "repeated.",
            consume_multiple=False,
            negative="",
        ),
    ] = (),
    inputs: Annotated[str | None, Parameter(help="A JSON file with inputs.")] = None,
    model: Models = (),
    allow_import: Imports = (),
    state: Annotated[
        str | None,
        Parameter(help="Keep what is done in this file; the same command goes on where the last run ended."),
    ] = None,
    rerun_interrupted: Annotated[
        bool, Parameter(help="Call tools again that an earlier run began and was not seen to finish.", negative="")
    ] = False,
    trace: Annotated[str | None, Parameter(help="Write what each step was given and gave to this file.")] = None,
    json: Json = False,
) -> int:
    """Do the steps of a recipe and print its outputs."""
    from .run import run as command

    return command(
        screen(),
        error_screen(),
        file,
        typed=input,
        inputs_file=inputs,
        models=model,
        imports=allow_import,
        state=state,
        rerun_interrupted=rerun_interrupted,
        trace=trace,
        json=json,
    )


@recipe.command
def check(file: File, /, *, model: Models = (), allow_import: Imports = ()) -> int:
    """Say all that is wrong with a recipe, by line; nobody is asked. Exit code 2: something is."""
    from .check import check as command

    return command(error_screen(), file, models=model, imports=allow_import)


@recipe.command
def show(file: File, /, *, json: Json = False) -> int:
    """Print what a recipe does and what it wants: inputs, steps, models, tools, outputs."""
    from .show import show as command

    return command(screen(), file, json=json)
