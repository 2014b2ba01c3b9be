"""From a file, and from what was said on the command line, to a plan."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from ..config_file import Document
from ..errors import ConfigurationError, MediaError
from ..generator import GeneratorInfo
from ..media import from_file, from_url
from ..providers import PROVIDERS, get_provider
from ..types import (
    AudioPart,
    CompletionParameters,
    FilePart,
    ImagePart,
    Message,
    Part,
    Role,
    TextPart,
    TokenPrice,
    VideoPart,
)
from ..types.json_value import UNSET
from .builtin_prompts import BUILT_IN, built_in
from .plan import Closed, Limits, Load, Open, Plan, Prompt, Target
from .settings import BenchmarkFile, MessageSettings, PromptSettings, ProviderTable

__all__ = ["CONFIG_NAMES", "Asked", "find_config", "plan_of", "prompts_of"]

#: Where a configuration is looked for, the first that is there.
CONFIG_NAMES = ("llm-benchmark.toml", "benchmark.toml", "config.toml")

_FREE = TokenPrice(input=0, output=0, cache_read=0)  # type: ignore[arg-type]  # numbers become Decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What stands in for the file's own word; None leaves it.

    Args:
        generators: as ``provider:model``; they stand in for the file's providers.
        providers: names of the file's own.
        models: stand in for those of the providers.
    """

    generators: Sequence[str] = ()
    providers: Sequence[str] = ()
    models: Sequence[str] = ()
    prompts: Sequence[str] = ()
    requests: int | None = None
    concurrency: Sequence[int] = ()
    rates: Sequence[float] = ()
    max_tokens: int | None = None


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
    file = BenchmarkFile() if document is None else document.shape(BenchmarkFile)
    document = document or Document({})
    run, limits = file.benchmark, file.limits
    loads: list[Load] = [Closed(each) for each in asked.concurrency] + [Open(each) for each in asked.rates]
    if not loads:
        levels = run.concurrency if run.concurrency is not None else () if run.rates else (1,)
        loads = [Closed(each) for each in levels] + [Open(float(each)) for each in run.rates]
    return Plan(
        targets=_targets(document, file, asked),
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


def _targets(document: Document, file: BenchmarkFile, asked: Asked) -> list[Target]:
    if asked.generators:
        return [Target(name, _priced(GeneratorInfo.from_name(name))) for name in asked.generators]
    if not file.providers and not asked.providers:
        return [Target("local", _priced(GeneratorInfo.local()))]
    chosen = asked.providers or file.benchmark.providers or tuple(file.providers)
    targets = []
    for place, name in enumerate(chosen):
        if name not in file.providers:
            told = f"no provider is called {name!r}; the file has {', '.join(file.providers) or 'none'}"
            raise (
                ConfigurationError(told) if asked.providers else document.error(("benchmark", "providers", place), told)
            )
        targets += _targets_of(document, name, file.providers[name], asked.models)
    return targets


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
        return [Target(f"{name}:{model}", _generator(host, model, name, table), table.stream) for model in models]
    except ConfigurationError as error:
        raise document.error((*at, "base_url") if "base_url" in str(error) else at, error.message) from None


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


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
