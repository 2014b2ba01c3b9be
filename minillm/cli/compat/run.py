"""``minillm compat run``."""

from datetime import datetime

from rich.console import Console

from ...compat import Compat, Plan, Results, load_results, write_profile
from ...compat.planning import Asked, plan_of
from ...environment import load_env
from ...errors import ConfigurationError
from ...local.weights import find_pieces
from ...providers import resolve_key
from ...run_sync import run_sync
from ..screen import note
from .found import document_of
from .progress import Bar
from .report import exit_code, show, write_page

__all__ = ["check", "run"]

_INTERRUPTED = 130


def run(
    console: Console,
    aside: Console,
    asked: Asked,
    *,
    config: str | None,
    output: str | None,
    resume: str | None,
    profile: str | None,
    html: str | None,
    json: bool,
) -> int:
    """Ask, show, write.

    Raises:
        ConfigurationError: what is asked for is wrong; nothing was sent.
        OSError: a file cannot be written.
    """
    load_env()
    document = document_of(config)
    plan = plan_of(document, asked)
    if profile is not None and len(plan.targets) > 1:
        names = ", ".join(target.name for target in plan.targets)
        raise ConfigurationError(
            f"a profile speaks of one target, and these would be asked: {names}; choose with -p, -m"
        )
    check(plan)
    done = _earlier(resume, plan)
    path = resume or output or datetime.now().strftime("compat-%Y%m%d-%H%M%S.jsonl")  # noqa: DTZ005  the user's own clock
    work = Compat(plan, file=path, done=done)
    if document is None and not asked.generators and asked.base_url is None:
        note(aside, "no llm-compat.toml here: a small model on this machine is asked; minillm compat config helps")
    note(aside, f"{work.left} probes of {len(plan.targets)} targets; findings go to {path}")
    interrupted = False
    with Bar(aside, work.left) as bar:
        work.on_found = bar.add
        try:
            run_sync(work.run())
        except KeyboardInterrupt:
            interrupted = True
    show(console, work.results, json=json)
    write_page(work.results, html)
    if interrupted:
        note(aside, f"interrupted; go on with: minillm compat run --resume {path}")
        return _INTERRUPTED
    if profile is not None:
        target = plan.targets[0]
        write_profile(work.results, target.name, target.generator, profile)
        note(aside, f'wrote {profile}; use it with GeneratorInfo.custom(..., profile="{profile}")')
    return exit_code(work.results)


def check(plan: Plan) -> None:
    """What would fail at the first request is told before any.

    Raises:
        ConfigurationError: a key, or the model of this machine, is not here.
    """
    for target in plan.targets:
        generator = target.generator
        if generator.local_server is not None:
            find_pieces(generator.local_server)
        else:
            resolve_key(generator.provider, None, generator.api_key_env, own_base_url=generator.base_url is None)


def _earlier(resume: str | None, plan: Plan) -> Results | None:
    if resume is None:
        return None
    done = load_results(resume)
    other = sorted(set(done.targets) - {target.name for target in plan.targets})
    if other:
        raise ConfigurationError(
            f"{resume} holds results of {', '.join(other)} too; a run of its own needs another file"
        )
    return done
