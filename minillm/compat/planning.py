"""From a file, and from what was said on the command line, to a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..config_file import Document
from ..trials.provider_table import ProviderTable
from ..trials.targets import Wanted, chosen_targets, local_target, targets_of_table
from .plan import Plan, Target
from .probes import PROBES
from .settings import CompatFile

__all__ = ["CONFIG_NAMES", "Asked", "plan_of", "targets_of"]

#: Where a configuration is looked for, the first that is there.
CONFIG_NAMES = ("llm-compat.toml", "compat.toml", "config.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Wanted):
    """What stands in for the file's own word; None leaves it."""

    probes: Sequence[str] = ()
    concurrency: int | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    time_limit: float | None = None


def plan_of(document: Document | None, asked: Asked = Asked()) -> Plan:
    """The plan.

    Raises:
        ConfigFileError: names file, line and key of what is wrong, and what is allowed.
        ConfigurationError: so is what was asked for.
    """
    file = CompatFile() if document is None else document.shape(CompatFile)
    document = document or Document({})
    for place, name in enumerate(file.compat.probes):
        if name not in PROBES:
            told = f"no probe is called {name!r}; allowed: {', '.join(PROBES)}"
            raise document.error(("compat", "probes", place), told)
    run = file.compat
    said: dict[str, Any] = {
        name: value
        for name in ("concurrency", "max_tokens", "timeout", "time_limit")
        if (value := getattr(asked, name)) is not None
    }
    chosen = chosen_targets(document, "compat", file.providers, run.providers, asked)
    plan = Plan(
        targets=[Target(name, generator) for name, generator, _ in chosen],
        probes=tuple(asked.probes or run.probes),
        concurrency=run.concurrency,
        timeout=run.timeout,
        probe_timeout=run.probe_timeout,
        time_limit=run.time_limit,
        max_tokens=run.max_tokens,
        retry=run.retry,
        long_input=run.long_input,
        budget_usd=run.budget_usd,
    )
    return replace(plan, **said) if said else plan


def targets_of(document: Document | None, *, disabled: bool = False) -> list[tuple[str, ProviderTable, list[Target]]]:
    """Each provider that the configuration names, with whom it asks. Raises as :func:`plan_of` does.

    Args:
        disabled: those that are not enabled too.
    """
    if document is None:
        return [("local", ProviderTable(host="local"), [Target(*local_target())])]
    file = document.shape(CompatFile)
    return [
        (name, table, [Target(*found) for found in targets_of_table(document, name, table)])
        for name, table in file.providers.items()
        if disabled or table.enabled
    ]
