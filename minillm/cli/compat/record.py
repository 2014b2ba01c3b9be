"""``minillm compat record``: exchanges as recorded cases."""

import re

from rich.console import Console

from ...compat import PROBES, Exchange, Plan, Target
from ...compat.case import write_case
from ...compat.planning import CONFIG_NAMES, Asked, plan_of
from ...compat.probe import judged
from ...compat.subject import Subject
from ...environment import load_env
from ...errors import ConfigurationError, MiniLLMError
from ...run_sync import run_sync
from ...trials.configuration import document_of
from ...trials.readiness import check_ready
from ..screen import complain, note

__all__ = ["record"]

Recorded = list[tuple[str, str, Exchange]]  # name, what it shows, the exchange


def record(
    aside: Console,
    asked: Asked,
    folder: str,
    *,
    config: str | None,
    text: str | None,
    stream: bool,
    name: str | None,
) -> int:
    """Ask, and write a case for each exchange.

    Raises:
        ConfigurationError: what is asked for is wrong, or a case of a name is there already.
        OSError: it cannot be written.
    """
    if text is not None and asked.probes:
        raise ConfigurationError("--text and --probe: give the one or the other")
    load_env()
    plan = plan_of(document_of(config, CONFIG_NAMES), asked)
    for target in plan.targets:
        check_ready(target.generator)
    if name is not None and len(plan.targets) > 1:
        raise ConfigurationError("--name is one name, and several targets would be asked; choose with -p, -m")
    written = 0
    for target, found in run_sync(_all(plan, text, stream)):
        generator = target.generator
        for case, shows, exchange in _named(found, target, name):
            try:
                place = write_case(
                    folder,
                    case,
                    exchange,
                    wire=generator.endpoint.wire,
                    provider=generator.provider.name,
                    model=generator.model,
                    shows=shows,
                )
            except ConfigurationError as error:
                if exchange.status is not None and not exchange.cut:
                    raise
                complain(str(error), aside)
                continue
            written += 1
            note(aside, f"wrote {place}")
    return 0 if written else 1


async def _all(plan: Plan, text: str | None, stream: bool) -> list[tuple[Target, Recorded]]:
    return [(target, await _recorded(plan, target, text, stream)) for target in plan.targets]


async def _recorded(plan: Plan, target: Target, text: str | None, stream: bool) -> Recorded:
    if text is not None:
        subject = _subject(plan, target)
        try:
            await (subject.stream(text) if stream else subject.ask(text))
        except ConfigurationError:
            raise
        except MiniLLMError:
            pass  # what the host sent is what is wanted, errors too
        return [("stream" if stream else "text", "recorded on demand", each) for each in subject.exchanges]
    found: Recorded = []
    for probe in plan.probes:
        subject = _subject(plan, target)
        finding = await judged(PROBES[probe], subject)
        shows = f"{PROBES[probe].asks}; {finding.verdict}: {finding.reason}"
        found += [(probe, shows, each) for each in subject.exchanges]
    return found


def _subject(plan: Plan, target: Target) -> Subject:
    return Subject(target.generator, max_tokens=plan.max_tokens, timeout=plan.timeout, retry=plan.retry)


def _named(found: Recorded, target: Target, name: str | None) -> Recorded:
    """Each exchange with a name of its own: of several of one probe the second ends in ``_2``."""
    counts: dict[str, int] = {}
    named = []
    for probe, shows, exchange in found:
        base = name or f"{target.name}_{probe}"
        if name is not None and len({each for each, *_ in found}) > 1:
            base = f"{name}_{probe}"
        base = re.sub(r"[^a-z0-9_-]+", "_", base.lower()).strip("_-")[:70]
        counts[base] = counts.get(base, 0) + 1
        named.append((base if counts[base] == 1 else f"{base}_{counts[base]}", shows, exchange))
    return named
