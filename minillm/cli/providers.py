"""``minillm providers``: the hosts that are known, and which of their keys are here; never a key."""

import os
from typing import Any

from rich.console import Console

from ..environment import load_env
from ..providers import PROVIDERS, Provider
from .listing import print_json, print_table

__all__ = ["providers"]

_WIRES = {
    "openai_chat_completions": "Chat",
    "openai_responses": "Responses",
    "anthropic_messages": "Messages",
    "gemini_generate_content": "Gemini",
}


def providers(console: Console, *, json: bool) -> int:
    """Print a row a host. Keys are looked for in the environment and in ``.env`` in this folder."""
    load_env()
    rows = sorted(PROVIDERS.values(), key=lambda row: row.name)
    if json:
        print_json(console, [_facts(row) for row in rows])
        return 0
    print_table(
        console,
        ("provider", "host", "speaks", "key"),
        [(row.name, row.label, ", ".join(_WIRES.get(wire, wire) for wire in row.wires), _key(row)) for row in rows],
    )
    return 0


def present(row: Provider) -> str | None:
    """The variable that holds the host's key; None where none does."""
    return next((name for name in row.key_env if os.environ.get(name, "").strip()), None)


def _key(row: Provider) -> str:
    found = present(row)
    if found is not None:
        return f"{found} is set"
    if not row.key_env:
        return "none needed" if not row.key_required else "api_key="
    return f"{' or '.join(row.key_env)}" + (" is not set" if row.key_required else " if it asks for one")


def _facts(row: Provider) -> dict[str, Any]:
    return {
        "name": row.name,
        "label": row.label,
        "wires": list(row.wires),
        "base_url": row.endpoints[0].base_url,
        "key_variables": list(row.key_env),
        "key_present": present(row),
        "key_required": row.key_required,
        "variables": dict(row.variables),
        "streaming": row.streaming,
    }
