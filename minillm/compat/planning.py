"""From a file, and from what was said on the command line, to a plan."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..config_file import Document
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..providers import PROVIDERS, get_provider
from ..types import TokenPrice
from .plan import Plan, Target
from .probes import PROBES
from .settings import CompatFile, ProviderTable

__all__ = ["CONFIG_NAMES", "Asked", "find_config", "plan_of", "targets_of"]

#: Where a configuration is looked for, the first that is there.
CONFIG_NAMES = ("llm-compat.toml", "compat.toml", "config.toml")

_FREE = TokenPrice(input=0, output=0, cache_read=0)  # type: ignore[arg-type]  # numbers become Decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What stands in for the file's own word; None leaves it.

    Args:
        generators: as ``provider:model``; they stand in for the file's providers.
        base_url: a server that stands in for them, with ``models`` and ``wire``.
        providers: names of the file's own.
        models: stand in for those of the providers.
        key_env: the environment variable with the key of ``base_url``.
    """

    generators: Sequence[str] = ()
    base_url: str | None = None
    wire: str | None = None
    key_env: str | None = None
    providers: Sequence[str] = ()
    models: Sequence[str] = ()
    probes: Sequence[str] = ()
    concurrency: int | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    time_limit: float | None = None


def find_config(folder: str | os.PathLike[str] = ".") -> str | None:
    """The configuration of a folder; None where there is none."""
    for name in CONFIG_NAMES:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return name if folder == "." else path
    return None


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
    plan = Plan(
        targets=_targets(document, file, asked),
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
        return [("local", ProviderTable(host="local"), [_local_target()])]
    file = document.shape(CompatFile)
    return [
        (name, table, _targets_of(document, name, table, ()))
        for name, table in file.providers.items()
        if disabled or table.enabled
    ]


def _targets(document: Document, file: CompatFile, asked: Asked) -> list[Target]:
    if asked.base_url is not None:
        if not asked.models:
            raise ConfigurationError("--base-url needs --model: which model is asked there?")
        return [Target(model, _at(asked.base_url, model, asked)) for model in asked.models]
    if asked.generators:
        generators = [GeneratorInfo.from_name(name) for name in asked.generators]
        spoken = [_speaking(each, asked.wire) for each in generators]
        return [Target(name, _priced(each)) for name, each in zip(asked.generators, spoken, strict=True)]
    if not file.providers and not asked.providers:
        return [_local_target(asked.wire)]
    chosen = asked.providers or file.compat.providers
    if chosen is None:
        chosen = tuple(name for name, table in file.providers.items() if table.enabled)
    targets = []
    for place, name in enumerate(chosen):
        if name not in file.providers:
            told = f"no provider is called {name!r}; the file has {', '.join(file.providers) or 'none'}"
            raise ConfigurationError(told) if asked.providers else document.error(("compat", "providers", place), told)
        targets += _targets_of(document, name, file.providers[name], asked.models)
    return targets


def _at(base_url: str, model: str, asked: Asked) -> GeneratorInfo:
    wire = asked.wire or "openai_chat_completions"
    return GeneratorInfo.custom(model, base_url=base_url, wire=wire, api_key_env=asked.key_env)


def _speaking(generator: GeneratorInfo, wire: str | None) -> GeneratorInfo:
    return generator if wire is None else generator.replace(wire=wire)


def _local_target(wire: str | None = None) -> Target:
    return Target("local", _priced(GeneratorInfo.local(wire=wire)))


def _targets_of(document: Document, name: str, table: ProviderTable, models: Sequence[str]) -> list[Target]:
    at = ("providers", name)
    host = table.host or (name if name in PROVIDERS or name == "local" else "custom")
    if host not in PROVIDERS and host not in ("local", "custom"):
        allowed = ", ".join(("local", "custom", *sorted(PROVIDERS)))
        raise document.error((*at, "host"), f"no host is called {host!r}; allowed: {allowed}")
    models = models or table.models
    if host == "local":
        files = [None if model == "local" else model for model in models] or [None]
        return [Target(f"{name}:{Path(path).stem}" if path else name, _local(path, document, table)) for path in files]
    if not models:
        raise document.error((*at, "models") if table.models else at, 'names no models; give models = ["..."]')
    try:
        return [Target(f"{name}:{model}", _generator(host, model, name, table)) for model in models]
    except ConfigurationError as error:
        raise document.error((*at, "base_url") if "base_url" in str(error) else at, error.message) from None


def _local(path: str | None, document: Document, table: ProviderTable) -> GeneratorInfo:
    if path is not None and document.folder is not None:
        path = os.path.join(document.folder, path)
    return _priced(GeneratorInfo.local(model_path=path, wire=table.wire))


def _generator(host: str, model: str, name: str, table: ProviderTable) -> GeneratorInfo:
    price = None
    if table.input_price is not None or table.output_price is not None:
        price = TokenPrice(input=table.input_price, output=table.output_price)
    if host == "custom":
        if table.base_url is None:
            raise ConfigurationError('base_url is missing: where does it listen? host = "..." names a known one')
        return GeneratorInfo.custom(
            model,
            base_url=table.base_url,
            name=name,
            wire=table.wire or "openai_chat_completions",
            api_key_env=table.api_key_env,
            headers=table.headers,
            price=price,
        )
    row = get_provider(host)
    if table.api_key_env is None and table.base_url is not None and _is_here(table.base_url):
        row = replace(row, key_required=False)  # a server on this machine asks for none, unless its owner says so
    return GeneratorInfo.of(
        row,
        model,
        base_url=table.base_url,
        wire=table.wire,
        api_key_env=table.api_key_env,
        headers=table.headers,
        price=price,
    )


def _priced(generator: GeneratorInfo) -> GeneratorInfo:
    """Nobody sends a bill for this machine."""
    return generator.replace(price=_FREE) if generator.local_server is not None else generator


def _is_here(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
