"""``minillm benchmark run``."""

from rich.console import Console

from ...benchmark import Benchmark, Closed, Plan, Results, load_results
from ...benchmark.outlook import Outlook
from ...benchmark.planning import CONFIG_NAMES, Asked, plan_of
from ...benchmark.results_file import differences
from ...environment import load_env
from ...errors import ConfigurationError
from ...generator import GeneratorInfo
from ...trials.configuration import document_of
from ...trials.readiness import check_ready
from ..screen import note
from ..trials.running import FAILED, INTERRUPTED, carry_out
from ..trials.writing import check_folders, results_path, written
from .progress import Bar
from .report import exit_code, files_of, show

__all__ = ["run"]


def run(
    console: Console,
    aside: Console,
    asked: Asked,
    *,
    config: str | None,
    output: str | None,
    resume: str | None,
    html: str | None,
    csv: str | None,
    json: bool,
) -> int:
    """Measure, show, write.

    Raises:
        ConfigurationError: what is asked for is wrong; nothing was sent.
        OSError: a file cannot be written.
    """
    load_env()
    document = document_of(config, CONFIG_NAMES)
    plan = plan_of(document, asked)
    _check(plan)
    check_folders(output, html, csv)
    path = results_path("benchmark", output=output, resume=resume)
    done = _earlier(resume, plan)
    work = Benchmark(plan, file=path, done=done)
    if document is None and not asked.generators and asked.base_url is None:
        note(
            aside, "no llm-benchmark.toml here: a small model on this machine is asked; minillm benchmark config helps"
        )
    outlook = Outlook(plan, work.left)
    begun = "" if done is None else f"{outlook.total:,} of "
    left = "" if done is None else " are left"
    note(aside, f"{begun}{plan.total:,} requests{left} in {len(work.left)} series; results go to {path}")
    for load in plan.loads:
        if isinstance(load, Closed) and load.concurrency > plan.requests:
            note(aside, f"{plan.requests} requests never are {load.name}: ask for more of them")
    with Bar(aside, outlook) as bar:
        work.on_measured = bar.add
        ended = carry_out(work.run, lambda: work.results.measured)
    show(console, work.results, json=json)
    lost = [file for file, text in files_of(work.results, html=html, csv=csv) if not written(file, text)]
    if ended.interrupted or work.results.ending != "done":
        note(aside, f"not finished; go on with the same options and --resume {path}")
    if ended.interrupted:
        return INTERRUPTED
    return FAILED if ended.full or lost else exit_code(work.results)


def _check(plan: Plan) -> None:
    for target in plan.targets:
        if isinstance(target.model, GeneratorInfo):
            check_ready(target.model)


def _earlier(resume: str | None, plan: Plan) -> Results | None:
    if resume is None:
        return None
    done = load_results(resume)
    if other := differences(done, plan):
        raise ConfigurationError(
            f"{resume} holds results of another plan ({'; '.join(other)}); a run of its own needs another file"
        )
    return done
