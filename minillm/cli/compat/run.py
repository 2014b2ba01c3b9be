"""``minillm compat run``."""

from rich.console import Console

from ...compat import Compat, Plan, Results, load_results, write_profile
from ...compat.page import page
from ...compat.planning import CONFIG_NAMES, Asked, plan_of
from ...compat.results import differences
from ...environment import load_env
from ...errors import ConfigurationError
from ...trials.configuration import document_of
from ...trials.readiness import check_ready
from ..screen import note
from ..trials.running import FAILED, INTERRUPTED, carry_out
from ..trials.writing import check_folders, results_path, written
from .progress import Bar
from .report import exit_code, show

__all__ = ["run"]


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
    document = document_of(config, CONFIG_NAMES)
    plan = plan_of(document, asked)
    _check(plan, profile)
    check_folders(output, profile, html)
    path = results_path("compat", output=output, resume=resume)
    work = Compat(plan, file=path, done=_earlier(resume, plan))
    if document is None and not asked.generators and asked.base_url is None:
        note(aside, "no llm-compat.toml here: a small model on this machine is asked; minillm compat config helps")
    note(aside, f"{work.left} probes of {len(plan.targets)} targets; findings go to {path}")
    with Bar(aside, work.left) as bar:
        work.on_found = bar.add
        ended = carry_out(work.run, lambda: work.results.rows)
    show(console, work.results, json=json)
    lost = html is not None and not written(html, page(work.results))
    if ended.interrupted or work.results.ending != "done":
        note(aside, f"not finished; go on with the same options and --resume {path}")
    if ended.interrupted:
        return INTERRUPTED
    if profile is not None:
        target = plan.targets[0]
        write_profile(work.results, target.name, target.generator, profile)
        note(aside, f'wrote {profile}; use it with GeneratorInfo.custom(..., profile="{profile}")')
    return FAILED if ended.full or lost else exit_code(work.results)


def _check(plan: Plan, profile: str | None) -> None:
    if profile is not None and len(plan.targets) > 1:
        names = ", ".join(target.name for target in plan.targets)
        raise ConfigurationError(
            f"a profile speaks of one target, and these would be asked: {names}; choose with -p, -m"
        )
    for target in plan.targets:
        check_ready(target.generator)


def _earlier(resume: str | None, plan: Plan) -> Results | None:
    if resume is None:
        return None
    done = load_results(resume)
    if other := differences(done, plan):
        raise ConfigurationError(
            f"{resume} holds results of another plan ({'; '.join(other)}); a run of its own needs another file"
        )
    return done
