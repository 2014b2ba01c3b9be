"""``minillm benchmark prompts``: what can be asked."""

from typing import Any

from rich.console import Console

from ...benchmark.plan import Prompt
from ...benchmark.planning import CONFIG_NAMES, prompts_of
from ...errors import ConfigurationError
from ...trials.configuration import document_of
from ...types import MediaPart, Message, TextPart
from ..listing import print_json, print_table
from ..terminal_text import printable

__all__ = ["prompts"]


def prompts(console: Console, name: str | None, *, config: str | None, json: bool) -> int:
    """List them, or show all of one.

    Raises:
        ConfigurationError: none is called so.
        ConfigFileError: the configuration is wrong.
    """
    known = prompts_of(document_of(config, CONFIG_NAMES))
    if name is not None and name not in known:
        raise ConfigurationError(f"no prompt is called {name!r}; known: {', '.join(sorted(known))}")
    if json:
        chosen = known.values() if name is None else [known[name]]
        print_json(console, [_facts(prompt) for prompt in chosen])
    elif name is None:
        rows = [(prompt.name, f"{_size(prompt):,}", _media(prompt), prompt.description) for prompt in known.values()]
        print_table(console, ("prompt", "characters", "media", "what for"), rows)
    else:
        for message in known[name].messages:
            console.print(f"{message.role}:", style="dim", markup=False)
            for line in _lines(message):
                console.print(printable(line), markup=False, soft_wrap=True)
    return 0


def _facts(prompt: Prompt) -> dict[str, Any]:
    return {
        "name": prompt.name,
        "description": prompt.description,
        "characters": _size(prompt),
        "media": [part.kind for part in _media_of(prompt)],
        "messages": [{"role": str(message.role), "content": _lines(message)} for message in prompt.messages],
    }


def _lines(message: Message) -> list[str]:
    return [part.text if isinstance(part, TextPart) else _named(part) for part in message.parts]


def _named(part: object) -> str:
    if not isinstance(part, MediaPart):
        return f"[{type(part).__name__}]"
    where = part.url or part.name or f"{len(part.data or '') * 3 // 4:,} bytes"
    return f"[{part.mime or part.kind}: {where}]"


def _size(prompt: Prompt) -> int:
    return sum(len(part.text) for message in prompt.messages for part in message.parts if isinstance(part, TextPart))


def _media_of(prompt: Prompt) -> list[MediaPart]:
    return [part for message in prompt.messages for part in message.parts if isinstance(part, MediaPart)]


def _media(prompt: Prompt) -> str:
    return ", ".join(part.kind for part in _media_of(prompt))
