"""``minillm benchmark run``."""

import os
from datetime import datetime

from rich.console import Console

from ...benchmark import Benchmark, Closed, Plan, Results, load_results
from ...benchmark.outlook import Outlook
from ...benchmark.planning import Asked, plan_of
from ...benchmark.results_file import differences
from ...environment import load_env
from ...errors import ConfigurationError
from ...generator import GeneratorInfo
from ...local.weights import find_pieces
from ...providers import resolve_key
from ...run_sync import run_sync
from ..screen import complain, error_screen, note
from .found import document_of
from .progress import Bar
from .report import exit_code, show, write_files

__all__ = ["run"]

_FAILED = 1
_INTERRUPTED = 130


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
    document = document_of(config)
    plan = plan_of(document, asked)
    _check(plan)
    _check_folders(output, html, csv)
    if resume is not None and output not in (None, resume):
        raise ConfigurationError(f"--resume appends to {resume}: leave out --output {output}")
    done = _earlier(resume, plan)
    if done is None and output is None:
        output = datetime.now().strftime("benchmark-%Y%m%d-%H%M%S.jsonl")  # noqa: DTZ005  the user's own clock
    path = resume or output
    work = Benchmark(plan, file=path, done=done)
    if document is None and not asked.generators:
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
    interrupted = full = False
    with Bar(aside, outlook) as bar:
        work.on_measured = bar.add
        try:
            run_sync(work.run())
        except KeyboardInterrupt:
            interrupted = True
        except OSError as error:
            if isinstance(error, BrokenPipeError) or not work.results.measured:
                raise
            full = True  # of the disk: what was measured is still here
    show(console, work.results, json=json)
    full |= not all([_written(work.results, csv=csv), _written(work.results, html=html)])
    if interrupted or work.results.ending != "done":
        note(aside, f"not finished; go on with the same options and --resume {path}")
    if interrupted:
        return _INTERRUPTED
    return _FAILED if full else exit_code(work.results)


def _written(results: Results, *, html: str | None = None, csv: str | None = None) -> bool:
    """Whether that is written: a page that cannot be is told, and takes nothing with it."""
    try:
        write_files(results, html=html, csv=csv)
    except OSError as error:
        complain(error, error_screen())
        return False
    return True


def _check(plan: Plan) -> None:
    """What would fail at the first request is told before any."""
    for target in plan.targets:
        model = target.model
        if not isinstance(model, GeneratorInfo):
            continue
        if model.local_server is not None:
            find_pieces(model.local_server)
        else:
            resolve_key(model.provider, None, model.api_key_env, own_base_url=model.base_url is None)


def _check_folders(*files: str | None) -> None:
    """What is written at the end must not turn out to have no place after an hour."""
    for file in files:
        folder = os.path.dirname(file or "")
        if folder and not os.path.isdir(folder):
            raise ConfigurationError(f"{file} cannot be written: there is no folder {folder}")


def _earlier(resume: str | None, plan: Plan) -> Results | None:
    if resume is None:
        return None
    done = load_results(resume)
    if other := differences(done, plan):
        raise ConfigurationError(
            f"{resume} holds results of another plan ({'; '.join(other)}); a run of its own needs another file"
        )
    return done
