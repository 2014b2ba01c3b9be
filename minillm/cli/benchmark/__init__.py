"""``minillm benchmark``: its commands and their options; ``cli/trials`` has what they share with ``minillm compat``.

run      measures, with a progress bar; tables, files, exit code
report   the same tables out of a file of results, whole or not
prompts  what can be asked
tables, progress  what is seen of it
"""

from typing import Annotated

from cyclopts import App, Parameter, validators

from ..screen import error_screen, screen
from ..trials.options import (
    ONE_OR_MORE,
    BaseURL,
    Force,
    Generator,
    Json,
    KeyEnv,
    Model,
    Provider,
    WireOption,
)

__all__ = ["benchmark"]

benchmark = App(
    name="benchmark",
    help="Measure how fast, how steady and how dear a model is.\n\n"
    "New here? Run: minillm benchmark run\n\n"
    "It asks a small model on this machine. Your server: minillm benchmark run --base-url http://127.0.0.1:8000/v1 "
    "--model NAME. Several: minillm benchmark config writes a file to change.",
)

Config = Annotated[
    str | None,
    Parameter(
        name=["--config", "-c"],
        help="The configuration. The default is llm-benchmark.toml, benchmark.toml or config.toml in this folder, the "
        "first that is there; without any a small model on this machine is asked.",
    ),
]
Html = Annotated[str | None, Parameter(help="Write a page with charts to this file; it needs no network.")]
Csv = Annotated[str | None, Parameter(help="Write the figures to this file, a series a row.")]


@benchmark.command
def config(
    file: Annotated[str, Parameter(help="The file.")] = "llm-benchmark.toml",
    /,
    *,
    force: Force = False,
) -> int:
    """Write a configuration with a comment on each key."""
    from ..trials.sample import write_sample

    return write_sample(error_screen(), "benchmark", file, force=force)


@benchmark.command
def run(
    *,
    config: Config = None,
    generator: Generator = (),
    base_url: BaseURL = None,
    wire: WireOption = None,
    key_env: KeyEnv = None,
    provider: Provider = (),
    model: Model = (),
    prompt: Annotated[
        tuple[str, ...],
        Parameter(
            help="Ask this; minillm benchmark prompts lists them; may be repeated.", negative="", show_default=False
        ),
    ] = (),
    requests: Annotated[
        int | None, Parameter(name=["--requests", "-n"], help="Measured in each series.", validator=ONE_OR_MORE)
    ] = None,
    concurrency: Annotated[
        tuple[int, ...],
        Parameter(
            help="Closed loop: so many askers at once; may be repeated.",
            validator=ONE_OR_MORE,
            negative="",
            show_default=False,
        ),
    ] = (),
    rate: Annotated[
        tuple[float, ...],
        Parameter(
            help="Open loop: so many requests a second, at random; may be repeated.",
            validator=validators.Number(gt=0),
            negative="",
            show_default=False,
        ),
    ] = (),
    max_tokens: Annotated[int | None, Parameter(help="Ceiling of each answer.", validator=ONE_OR_MORE)] = None,
    output: Annotated[
        str | None,
        Parameter(
            name=["--output", "-o"],
            help="Append each measurement to this file as it is made. The default is benchmark-DATE-TIME.jsonl.",
        ),
    ] = None,
    resume: Annotated[
        str | None,
        Parameter(help="Go on with this file of results: series that are whole in it are not measured again."),
    ] = None,
    html: Html = None,
    csv: Csv = None,
    json: Json = False,
) -> int:
    """Measure. Exit code 1: some requests failed; Ctrl-C keeps what was measured."""
    from ...benchmark.planning import Asked
    from .run import run as command

    asked = Asked(
        generators=generator,
        base_url=base_url,
        wire=wire,
        key_env=key_env,
        providers=provider,
        models=model,
        prompts=prompt,
        requests=requests,
        concurrency=concurrency,
        rates=rate,
        max_tokens=max_tokens,
    )
    return command(
        screen(), error_screen(), asked, config=config, output=output, resume=resume, html=html, csv=csv, json=json
    )


@benchmark.command
def report(
    file: Annotated[str, Parameter(help="A file of results, of a run that was cut as well.")],
    /,
    *,
    html: Html = None,
    csv: Csv = None,
    json: Json = False,
) -> int:
    """Show results again: tables, CSV, a page with charts."""
    from .report import report as command

    return command(screen(), file, html=html, csv=csv, json=json)


@benchmark.command
def prompts(
    name: Annotated[str | None, Parameter(help="Show all of this one.")] = None,
    /,
    *,
    config: Config = None,
    json: Json = False,
) -> int:
    """List what can be asked: what comes along and what the configuration adds."""
    from .prompts import prompts as command

    return command(screen(), name, config=config, json=json)
