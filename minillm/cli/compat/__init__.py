"""``minillm compat``: its commands and their options; ``cli/trials`` has what they share with ``minillm benchmark``.

providers  whom the configuration names, and whether their keys are here
probes     what is asked, and what a pass proves
run        asks, with a progress bar; a matrix, files, a profile, exit code
report     the same matrix out of a file of results, whole or not
record     exchanges as recorded cases
matrix, progress  what is seen of it
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

__all__ = ["compat"]

compat = App(
    name="compat",
    help="Find out what a model's host takes and what it does not.\n\n"
    "New here? Run: minillm compat run\n\n"
    "It asks a small model on this machine. Your server: minillm compat run --base-url http://127.0.0.1:8000/v1 "
    "--model NAME. Several: minillm compat config writes a file to change.",
)

Config = Annotated[
    str | None,
    Parameter(
        name=["--config", "-c"],
        help="The configuration. The default is llm-compat.toml, compat.toml or config.toml in this folder, the first "
        "that is there; without any a small model on this machine is asked.",
    ),
]
Html = Annotated[
    str | None, Parameter(help="Write the matrix with all evidence to this file, as a page; it needs no network.")
]


@compat.command
def config(
    file: Annotated[str, Parameter(help="The file.")] = "llm-compat.toml",
    /,
    *,
    force: Force = False,
) -> int:
    """Write a configuration with a comment on each key."""
    from ..trials.sample import write_sample

    return write_sample(error_screen(), "compat", file, force=force)


@compat.command
def providers(*, config: Config = None, json: Json = False) -> int:
    """List whom the configuration names, and whether their keys are here; never a key."""
    from .providers import providers as command

    return command(screen(), config=config, json=json)


@compat.command
def probes(*, json: Json = False) -> int:
    """List the probes: what each asks, and what a pass proves."""
    from .probes import probes as command

    return command(screen(), json=json)


@compat.command
def run(
    *,
    config: Config = None,
    generator: Generator = (),
    base_url: BaseURL = None,
    wire: WireOption = None,
    key_env: KeyEnv = None,
    provider: Provider = (),
    model: Model = (),
    probe: Annotated[
        tuple[str, ...],
        Parameter(
            help="Only this; minillm compat probes lists them; may be repeated.", negative="", show_default=False
        ),
    ] = (),
    concurrency: Annotated[
        int | None, Parameter(help="Probes of one provider under way at a time.", validator=ONE_OR_MORE)
    ] = None,
    max_tokens: Annotated[int | None, Parameter(help="Ceiling of an answer.", validator=ONE_OR_MORE)] = None,
    timeout: Annotated[
        float | None, Parameter(help="Seconds for one request.", validator=validators.Number(gt=0))
    ] = None,
    time_limit: Annotated[
        float | None, Parameter(help="Seconds for the run.", validator=validators.Number(gt=0))
    ] = None,
    output: Annotated[
        str | None,
        Parameter(
            name=["--output", "-o"],
            help="Append each finding to this file as it is made. The default is compat-DATE-TIME.jsonl.",
        ),
    ] = None,
    resume: Annotated[
        str | None, Parameter(help="Go on with this file of results: what was found is not asked again.")
    ] = None,
    profile: Annotated[
        str | None,
        Parameter(help='Write what was learned to this file, for GeneratorInfo.custom(..., profile="host.json").'),
    ] = None,
    html: Html = None,
    json: Json = False,
) -> int:
    """Ask. Exit code 1: a probe failed, or nobody answered; Ctrl-C keeps what was found."""
    from ...compat.planning import Asked
    from .run import run as command

    asked = Asked(
        generators=generator,
        base_url=base_url,
        wire=wire,
        key_env=key_env,
        providers=provider,
        models=model,
        probes=probe,
        concurrency=concurrency,
        max_tokens=max_tokens,
        timeout=timeout,
        time_limit=time_limit,
    )
    return command(
        screen(),
        error_screen(),
        asked,
        config=config,
        output=output,
        resume=resume,
        profile=profile,
        html=html,
        json=json,
    )


@compat.command
def report(
    file: Annotated[str, Parameter(help="A file of results, of a run that was cut as well.")],
    /,
    *,
    evidence: Annotated[
        bool, Parameter(help="With --json: what went over the line too, without keys.", negative="")
    ] = False,
    html: Html = None,
    json: Json = False,
) -> int:
    """Show results again: the matrix, a page."""
    from .report import report as command

    return command(screen(), file, html=html, json=json, evidence=evidence)


@compat.command
def record(
    folder: Annotated[str, Parameter(help="Where cases go, as PROTOCOL/CASE/ inside of it.")],
    /,
    *,
    probe: Annotated[
        tuple[str, ...],
        Parameter(
            help="Record the exchanges of this probe; may be repeated. The default is plain and stream.",
            negative="",
            show_default=False,
        ),
    ] = (),
    text: Annotated[str | None, Parameter(help="Record the answer to this instead of a probe.")] = None,
    stream: Annotated[bool, Parameter(help="With --text: in pieces.", negative="")] = False,
    name: Annotated[
        str | None, Parameter(help="The case's name. The default is the provider's and the probe's.")
    ] = None,
    config: Config = None,
    generator: Generator = (),
    base_url: BaseURL = None,
    wire: WireOption = None,
    key_env: KeyEnv = None,
    provider: Provider = (),
    model: Model = (),
) -> int:
    """Write what a host really sends as cases of a corpus: request, answer byte for byte, headers; no keys."""
    from ...compat.planning import Asked
    from .record import record as command

    asked = Asked(
        generators=generator,
        base_url=base_url,
        wire=wire,
        key_env=key_env,
        providers=provider,
        models=model,
        probes=probe or (() if text is not None else ("plain", "stream")),
    )
    return command(error_screen(), asked, folder, config=config, text=text, stream=stream, name=name)
