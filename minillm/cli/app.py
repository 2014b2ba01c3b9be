"""The commands and their options, and what each outcome is as an exit code.

cyclopts rather than typer: options are plain annotated parameters, it brings no second framework
(typer stands on click), and it imports in a third of the time. Commands return their exit code, so
its parser alone is used, never its own way of leaving the program.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter, validators

from .. import __version__
from ..errors import ConfigurationError, MiniLLMError, ThreadFormatError
from .benchmark import benchmark
from .compat import compat
from .generator_choice import LOCAL
from .recipe import recipe
from .screen import complain, screen

__all__ = ["app", "run"]

DONE, FAILED, MISTAKE, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141

app = App(
    name="minillm",
    version=__version__,
    help="Talk to language models as trees: branch, stream, price, save and load conversations.\n\n"
    "New here? Run: minillm demo\n\n"
    "Without --generator a small real model answers on this machine; no key is needed.",
    help_format="plaintext",
    version_format="plaintext",
)

Generator = Annotated[
    str,
    Parameter(
        help="Who answers, as provider:model, such as openai:gpt-5.4 or ollama:llama3.2. Its key is read from the "
        "environment or from .env in this folder. The default is a small model on this machine; local:FILE.gguf "
        "is a model file of yours.",
    ),
]


@app.command
def demo(
    *,
    generator: Generator = LOCAL,
    save: Annotated[
        str | None, Parameter(help="The folder for the saved files. The default is a new temporary folder.")
    ] = None,
) -> int:
    """See it work: stream, branch, get JSON, save and load, in under a minute."""
    from .demo import demo as command

    return command(screen(), generator, save)


@app.command
def chat(
    *,
    generator: Generator = LOCAL,
    system: Annotated[str | None, Parameter(help="What the model is told before the talk.")] = None,
    load: Annotated[str | None, Parameter(help="Go on with a saved thread or tree.")] = None,
) -> int:
    """Talk with a model. /help lists what can be typed; Ctrl-C cuts an answer, Ctrl-D leaves."""
    from .chat import chat as command

    return command(screen(), generator, system=system, load=load)


def _file_name(_: object, value: str) -> None:
    if value.startswith("-") and value != "-":
        raise ValueError(f"no option is called {value}")


@app.command
def repair(
    file: Annotated[
        str,
        # A hyphen alone is standard input; cyclopts would take it for an option.
        Parameter(help="A file; - is standard input.", allow_leading_hyphen=True, validator=_file_name),
    ] = "-",
    /,
    *,
    check: Annotated[bool, Parameter(help="Exit with 1 if there was anything to repair.", negative="")] = False,
    indent: Annotated[
        int | None,
        Parameter(
            help="Spaces a level. By default valid JSON stays as it is.", validator=validators.Number(gte=0, lte=16)
        ),
    ] = None,
) -> int:
    """Print the JSON in what a model said, repaired. Exit code 2: there is none."""
    from .repair import repair as command

    return command(file, check=check, indent=indent)


Json = Annotated[bool, Parameter(help="Print JSON instead of a table.", negative="")]


@app.command
def cost(
    file: Annotated[str, Parameter(help="A saved thread or tree.")],
    /,
    *,
    attempts: Annotated[bool, Parameter(help="Show each exchange too.", negative="")] = False,
    json: Json = False,
) -> int:
    """Print the bill of a saved conversation: by model, by branch, by exchange."""
    from .cost import cost as command

    return command(screen(), file, json=json, attempts=attempts)


@app.command
def view(
    file: Annotated[
        str, Parameter(help="A saved thread, tree or journal, or an export of ChatGPT, Claude, Open WebUI and others.")
    ],
    /,
    *,
    depth: Annotated[
        int | None, Parameter(help="So many levels below the root.", validator=validators.Number(gte=0))
    ] = None,
    search: Annotated[str | None, Parameter(help="Print the nodes that say this.")] = None,
    path: Annotated[str | None, Parameter(help="Print the thread to the node whose id begins so.")] = None,
    bill: Annotated[bool, Parameter(help="Print the bill.", negative="")] = False,
    json: Json = False,
    html: Annotated[
        str | None, Parameter(help="Write one page to this file that shows it all; it needs no network.")
    ] = None,
    open: Annotated[bool, Parameter(help="Open that page in the browser.", negative="")] = False,
) -> int:
    """Look at a saved conversation: fold, search, path, bill; or as a page. In a terminal, ? lists the keys."""
    from .view import view as command

    return command(
        screen(),
        file,
        depth=depth,
        search_for=search,
        path=path,
        bill=bill,
        json=json,
        html=html,
        open_page=open,
    )


@app.command
def models(
    name: Annotated[str, Parameter(help="A provider, or provider:part of a model's name. The default is all.")] = "",
    /,
    *,
    json: Json = False,
) -> int:
    """List models whose prices are known, with their limits and what they take."""
    from .models import models as command

    return command(screen(), name, json=json)


@app.command
def providers(*, json: Json = False) -> int:
    """List the hosts that are known, and whether their keys are here; never a key."""
    from .providers import providers as command

    return command(screen(), json=json)


@app.command
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], Parameter(help="Which shell it is for.")],
    /,
) -> int:
    """Print the script by which a shell completes commands and options; docs/cli.md says where it goes."""
    sys.stdout.write(app.generate_completion(prog_name="minillm", shell=shell))
    return DONE


app.command(benchmark)
app.command(compat)
app.command(recipe)


def run(arguments: Sequence[str]) -> int:
    """Run one command; every mistake becomes one message on standard error and an exit code."""
    try:
        command, bound, *_ = app.parse_args(list(arguments), exit_on_error=False, print_error=False)
        code = command(*bound.args, **bound.kwargs)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`| head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except CycloptsError as error:
        complain(f"{error}\n(minillm --help lists commands and options)")
        return MISTAKE
    except MiniLLMError as error:
        complain(error)
        return MISTAKE if isinstance(error, ConfigurationError | ThreadFormatError) else FAILED
    except OSError as error:  # a file that is not there, a folder that cannot be written
        complain(error)
        return MISTAKE
    return code if isinstance(code, int) else DONE
