"""``minillm compat providers``: whom the configuration names, and whether their keys are here."""

from rich.console import Console

from ...client.exchange import address_of
from ...compat.planning import CONFIG_NAMES, targets_of
from ...environment import load_env
from ...errors import ConfigurationError
from ...generator import GeneratorInfo
from ...providers import resolve_key
from ...trials.configuration import document_of
from ..listing import print_json, print_table

__all__ = ["providers"]


def providers(console: Console, *, config: str | None, json: bool) -> int:
    """Print them. Raises ConfigFileError for a bad configuration."""
    load_env()
    rows = [
        {
            "provider": name,
            "enabled": table.enabled,
            "target": target.name,
            "model": target.generator.model,
            "wire": target.generator.endpoint.wire,
            "address": _address(target.generator),
            "key": key_words(target.generator),
        }
        for name, table, targets in targets_of(document_of(config, CONFIG_NAMES), disabled=True)
        for target in targets
    ]
    if json:
        print_json(console, rows)
        return 0
    print_table(
        console,
        ("provider", "model", "wire", "address", "key"),
        [
            (
                f"{row['provider']}{'' if row['enabled'] else ' (not enabled)'}",
                *(str(row[key]) for key in ("model", "wire", "address", "key")),
            )
            for row in rows
        ],
    )
    return 0


def _address(generator: GeneratorInfo) -> str:
    if generator.local_server is not None:
        return "this machine"
    try:
        return address_of(generator)
    except ConfigurationError:
        return "not known yet"


def key_words(generator: GeneratorInfo) -> str:
    """Whether there is a key, and where one is looked for; never a key."""
    if generator.local_server is not None:
        return "none needed"
    own = generator.base_url is None
    try:
        key = resolve_key(generator.provider, None, generator.api_key_env, own_base_url=own)
    except ConfigurationError:
        names = (generator.api_key_env,) if generator.api_key_env else generator.provider.key_env if own else ()
        return f"missing: {' or '.join(names)}" if names else "missing: give api_key_env"
    return "none needed" if key is None else "is here"
