"""Names that are no option, and the one that was probably meant."""

from collections.abc import Iterable
from typing import Final

__all__ = ["unknown_options"]

# What the same thing is called by the vendors' own clients and by the libraries that people come from.
_CALLED: Final[dict[str, str]] = {
    "add_child": "attach",
    "cache_control": "cache",
    "crash_on_empty": "crash_on_empty_response",
    "functions": "tools",
    "generation_config": "the options themselves",
    "instructions": "system_prompt",
    "json_schema": "output",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "max_retries": "retry",
    "messages": "the node itself: its path is the conversation",
    "model": "the generator: gen.replace(model=...)",
    "prefill": "force_prepend",
    "prompt_cache_key": "cache_key",
    "random_seed": "seed",
    "reasoning_effort": "reasoning",
    "safety_identifier": "end_user",
    "schema": "output",
    "stop_sequences": "stop",
    "stream": "node.stream(gen)",
    "system": "system_prompt",
    "thinking": "reasoning",
    "thinking_budget": "reasoning=ReasoningConfig(budget_tokens=...)",
    "timeout": "deadline (the whole call), idle_timeout or first_byte_timeout (each attempt)",
    "use_cache": "cache",
}


def unknown_options(names: Iterable[str], known: Iterable[str]) -> str:
    """What to tell about names that are no option."""
    import difflib

    hints = []
    for name in sorted(names):
        called = _CALLED.get(name) or next(iter(difflib.get_close_matches(name, list(known), 1)), None)
        meant = repr(called) if called and called.isidentifier() else called
        hints.append(f"{name!r}" + (f" (did you mean {meant}?)" if meant else ""))
    return f"no such option: {', '.join(hints)}; keys for the host itself go into extra={{...}}"
