"""From a file, and from what was said on the command line, to a plan."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..config_file import Document
from ..errors import ConfigurationError, MediaError
from ..media import from_file, from_url
from ..trials.targets import Wanted, chosen_targets
from ..types import (
    AudioPart,
    CompletionParameters,
    FilePart,
    ImagePart,
    Message,
    Part,
    Role,
    TextPart,
    VideoPart,
)
from ..types.json_value import UNSET
from .builtin_prompts import BUILT_IN, built_in
from .plan import Closed, Limits, Load, Open, Plan, Prompt, Target
from .settings import BenchmarkFile, MessageSettings, PromptSettings

__all__ = ["CONFIG_NAMES", "Asked", "plan_of", "prompts_of"]

#: Where a configuration is looked for, the first that is there.
CONFIG_NAMES = ("llm-benchmark.toml", "benchmark.toml", "config.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Wanted):
    """What stands in for the file's own word; None leaves it."""

    prompts: Sequence[str] = ()
    requests: int | None = None
    concurrency: Sequence[int] = ()
    rates: Sequence[float] = ()
    max_tokens: int | None = None


def plan_of(document: Document | None, asked: Asked = Asked()) -> Plan:
    """The plan.

    Raises:
        ConfigFileError: names file, line and key of what is wrong, and what is allowed.
        ConfigurationError: so is what was asked for.
    """
    file = BenchmarkFile() if document is None else document.shape(BenchmarkFile)
    document = document or Document({})
    run, limits = file.benchmark, file.limits
    loads: list[Load] = [Closed(each) for each in asked.concurrency] + [Open(each) for each in asked.rates]
    if not loads:
        levels = run.concurrency if run.concurrency is not None else () if run.rates else (1,)
        loads = [Closed(each) for each in levels] + [Open(float(each)) for each in run.rates]
    targets = [
        Target(name, generator, stream=table is None or table.stream)
        for name, generator, table in chosen_targets(document, "benchmark", file.providers, run.providers, asked)
    ]
    return Plan(
        targets=targets,
        prompts=_chosen_prompts(document, file, asked.prompts),
        loads=list(dict.fromkeys(loads)),
        requests=run.requests if asked.requests is None else asked.requests,
        warm_up=run.warm_up,
        pause=run.pause,
        timeout=run.timeout,
        parameters=CompletionParameters(
            max_tokens=run.max_tokens if asked.max_tokens is None else asked.max_tokens,
            temperature=UNSET if run.temperature is None else run.temperature,
        ),
        limits=Limits(
            first_token=_seconds(limits.first_token_ms),
            inter_token=_seconds(limits.inter_token_ms),
            end_to_end=_seconds(limits.end_to_end_ms),
        ),
        budget_usd=run.budget_usd,
        unique=run.unique,
        seed=run.seed,
        keep_waits=run.keep_waits,
    )


def prompts_of(document: Document | None) -> dict[str, Prompt]:
    """All prompts: those that come along, and over them those of the file. Raises as :func:`plan_of` does."""
    found = {name: built_in(name) for name in BUILT_IN}
    if document is not None:
        file = document.shape(BenchmarkFile)
        found |= {name: _prompt(document, name, table) for name, table in file.prompts.items()}
    return found


def _chosen_prompts(document: Document, file: BenchmarkFile, asked: Sequence[str]) -> list[Prompt]:
    known = sorted({*BUILT_IN, *file.prompts})
    chosen = []
    for place, name in enumerate(asked or file.benchmark.prompts):
        if name in file.prompts:
            chosen.append(_prompt(document, name, file.prompts[name]))
        elif name in BUILT_IN:
            chosen.append(built_in(name))
        else:
            told = f"no prompt is called {name!r}; known: {', '.join(known)}"
            raise ConfigurationError(told) if asked else document.error(("benchmark", "prompts", place), told)
    return chosen


def _prompt(document: Document, name: str, table: PromptSettings) -> Prompt:
    at = ("prompts", name)
    if table.messages:
        messages = [
            _message(document, (*at, "messages", place), message) for place, message in enumerate(table.messages)
        ]
    else:
        said = MessageSettings(role="user", text=table.text, images=table.images, audio=table.audio, files=table.files)
        messages = [] if table.system is None else [Message(Role.SYSTEM, table.system)]
        messages.append(_message(document, at, said))
    return Prompt(name, tuple(messages), table.description)


def _message(document: Document, at: tuple[str | int, ...], said: MessageSettings) -> Message:
    parts: list[Part] = [TextPart(said.text)] if said.text else []
    for key in ("images", "audio", "files"):
        for place, source in enumerate(getattr(said, key)):
            try:
                part = _medium(source, document.folder)
            except MediaError as error:
                raise document.error((*at, key, place), str(error)) from None
            if key != "files" and part.kind != key.removesuffix("s"):
                raise document.error((*at, key, place), f"is of kind {part.kind}, not {key.removesuffix('s')}")
            parts.append(part)
    return Message(Role(said.role), tuple(parts) if len(parts) > 1 or not said.text else said.text)


def _medium(source: str, folder: str | None) -> ImagePart | AudioPart | VideoPart | FilePart:
    """A file beside the configuration, or an address, which the host fetches."""
    if "://" in source[:32]:
        return from_url(source)
    return from_file(source if folder is None else os.path.join(folder, source))


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
