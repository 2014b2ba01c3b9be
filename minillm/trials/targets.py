"""From a file, and from what was said on the command line, to the generators that are asked."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ..config_file import Document
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..providers import PROVIDERS, get_provider
from ..types import TokenPrice
from .provider_table import ProviderTable

__all__ = ["Wanted", "chosen_targets", "local_target", "targets_of_table"]

Found = tuple[str, GeneratorInfo]
T = TypeVar("T", bound=ProviderTable)

_FREE = TokenPrice(input=0, output=0, cache_read=0)  # type: ignore[arg-type]  # numbers become Decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who stands in for the file's own providers; nothing leaves them.

    Args:
        generators: as ``provider:model``; they stand in for the file's providers.
        base_url: a server that stands in for them, with ``models`` and ``wire``.
        key_env: the environment variable with the key of ``base_url``.
        providers: names of the file's own.
        models: stand in for those of the providers.
    """

    generators: Sequence[str] = ()
    base_url: str | None = None
    wire: str | None = None
    key_env: str | None = None
    providers: Sequence[str] = ()
    models: Sequence[str] = ()


def chosen_targets(
    document: Document, section: str, tables: Mapping[str, T], listed: Sequence[str] | None, wanted: Wanted
) -> list[tuple[str, GeneratorInfo, T | None]]:
    """Name and generator of each that is asked, and the file's table of it where there is one.

    Args:
        section: where ``listed`` stands in the file, with the key ``providers``.
        listed: the providers that the file chooses; None is all that are enabled.

    Raises:
        ConfigFileError: the file is wrong there.
        ConfigurationError: so is what was asked for.
    """
    _check(wanted, bool(tables))
    if wanted.base_url is not None:
        return [(model, _at(wanted.base_url, model, wanted), None) for model in wanted.models]
    if wanted.generators:
        generators = [_speaking(GeneratorInfo.from_name(name), wanted.wire) for name in wanted.generators]
        return [(name, _priced(each), None) for name, each in zip(wanted.generators, generators, strict=True)]
    if not tables and not wanted.providers:
        return [(*local_target(wanted.wire), None)]
    chosen = wanted.providers or listed
    if chosen is None:
        chosen = tuple(name for name, table in tables.items() if table.enabled)
        if not chosen:
            raise document.error(("providers",), f"none is enabled; choose one by its name: {', '.join(tables)}")
    elif not chosen:
        told = f"is empty: nobody would be asked; the file has {', '.join(tables)}"
        raise document.error((section, "providers"), told)
    targets: list[tuple[str, GeneratorInfo, T | None]] = []
    for place, name in enumerate(chosen):
        if name not in tables:
            told = f"no provider is called {name!r}; the file has {', '.join(tables) or 'none'}"
            raise ConfigurationError(told) if wanted.providers else document.error((section, "providers", place), told)
        table = tables[name]
        targets += [(*found, table) for found in targets_of_table(document, name, table, wanted.models)]
    return targets


def targets_of_table(document: Document, name: str, table: ProviderTable, models: Sequence[str] = ()) -> list[Found]:
    """Those of one ``[providers.NAME]``. Raises as :func:`chosen_targets` does.

    Args:
        models: stand in for the table's.
    """
    at = ("providers", name)
    host = table.host or (name if name in PROVIDERS or name == "local" else "custom")
    if host not in PROVIDERS and host not in ("local", "custom"):
        allowed = ", ".join(("local", "custom", *sorted(PROVIDERS)))
        raise document.error((*at, "host"), f"no host is called {host!r}; allowed: {allowed}")
    models = models or table.models
    if host == "local":
        files = [None if model == "local" else model for model in models] or [None]
        return [(f"{name}:{Path(path).stem}" if path else name, _local(path, document, table)) for path in files]
    if not models:
        raise document.error((*at, "models") if table.models else at, 'names no models; give models = ["..."]')
    try:
        return [(f"{name}:{model}", _generator(host, model, name, table)) for model in models]
    except ConfigurationError as error:
        raise document.error((*at, "base_url") if "base_url" in str(error) else at, error.message) from None


def local_target(wire: str | None = None) -> Found:
    """The small model on this machine."""
    return "local", _priced(GeneratorInfo.local(wire=wire))


def _check(wanted: Wanted, tables: bool) -> None:
    """What would be left unread is no wish."""
    if wanted.base_url is not None:
        if not wanted.models:
            raise ConfigurationError("--base-url needs --model: which model is asked there?")
        others = {"--generator": wanted.generators, "--provider": wanted.providers}
    else:
        if wanted.key_env is not None:
            raise ConfigurationError("--key-env names the key of --base-url; elsewhere the file's api_key_env does")
        if wanted.wire is not None and not wanted.generators and (tables or wanted.providers):
            raise ConfigurationError("--wire goes with --base-url or --generator; of a provider the file's wire does")
        others = {"--provider": wanted.providers, "--model": wanted.models} if wanted.generators else {}
        if wanted.models and not (tables or wanted.providers or wanted.generators):
            raise ConfigurationError("--model needs somebody who has it: --base-url, or a file with providers")
    if unread := [name for name, value in others.items() if value]:
        chosen = "--base-url" if wanted.base_url is not None else "--generator"
        raise ConfigurationError(f"{chosen} stands beside {' and '.join(unread)}: give the one or the other")


def _at(base_url: str, model: str, wanted: Wanted) -> GeneratorInfo:
    wire = wanted.wire or "openai_chat_completions"
    return GeneratorInfo.custom(model, base_url=base_url, wire=wire, api_key_env=wanted.key_env)


def _speaking(generator: GeneratorInfo, wire: str | None) -> GeneratorInfo:
    return generator if wire is None else generator.replace(wire=wire)


def _local(path: str | None, document: Document, table: ProviderTable) -> GeneratorInfo:
    if path is not None and document.folder is not None:
        path = os.path.join(document.folder, path)
    return _priced(GeneratorInfo.local(model_path=path, wire=table.wire))


def _generator(host: str, model: str, name: str, table: ProviderTable) -> GeneratorInfo:
    price = None
    if table.input_price is not None or table.output_price is not None:
        price = TokenPrice(input=table.input_price, output=table.output_price, cache_read=table.cached_price)
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
