"""What hosts document of their prompt caches: facts of their own pages, as of November 2026, a row each.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching
https://developers.openai.com/api/docs/guides/prompt-caching
https://ai.google.dev/gemini-api/docs/caching
https://openrouter.ai/docs/features/prompt-caching
https://api-docs.deepseek.com/guides/kv_cache
https://console.groq.com/docs/prompt-caching
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

__all__ = ["CacheFacts", "cache_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFacts:
    """How a host caches the prompts of one model.

    Args:
        by: what it caches: the prefixes that are ``"marked"``, or any ``"automatic"``ally; None where nothing is
            documented.
        minimum: the shortest prefix it caches, in tokens; 0 where none is documented.
        lifetime: how long a prefix stays after its last use, in seconds, where its mark names no lifetime.
        longest: the longest lifetime a mark may name, in seconds.
        least_output: the smallest ceiling for the answer that it takes. 0: it writes the cache and answers nothing.
        prewarm: it has a switch for that, ``prompt_cache_options.prewarm`` (OpenAI's Responses).
    """

    by: Literal["marked", "automatic"] | None = "automatic"
    minimum: int = 0
    lifetime: int = 300
    longest: int = 3600
    least_output: int = 1
    prewarm: bool = False


_CLAUDE: Final = CacheFacts(by="marked", minimum=512)
_OPENAI: Final = CacheFacts(minimum=1024, least_output=16)  # max_output_tokens has a floor of 16
_OPENAI_MARKED: Final = replace(_OPENAI, by="marked", lifetime=1800, longest=43_200)
_GEMINI: Final = CacheFacts(minimum=4096)
_GEMINI_2: Final = replace(_GEMINI, minimum=2048)

# Where a family's minimum is told differently at different places the lower one stands here: a prompt that would
# have been cached must not be turned away.
_CLAUDES: Final = (
    (r"haiku-4[.-]5|opus-4[.-][56]", replace(_CLAUDE, minimum=4096)),
    (r"claude-3.*haiku", replace(_CLAUDE, minimum=2048)),
    (r"-5[.-]5|(opus|fable|mythos)-5", _CLAUDE),
    (r"claude-3|-4\b|sonnet-5|-4[.-]\d", replace(_CLAUDE, minimum=1024)),
    (r"", _CLAUDE),
)
_MARKED_GPT: Final = r"gpt-(5\.([6-9]|\d\d)|[6-9]|1\d)\b"
_LOCAL: Final = CacheFacts(lifetime=3600)  # until the slot is used for something else

#: ``(host, wire or None for all, a regular expression found in the model's name, facts)``; the first that fits.
_ROWS: Final[tuple[tuple[str, str | None, str, CacheFacts], ...]] = (
    # max_tokens: 0 is the vendor's own way to warm a cache.
    *(("anthropic", None, model, replace(facts, least_output=0)) for model, facts in _CLAUDES),
    *((host, None, model, facts) for host in ("vertex_anthropic", "claude_subscription") for model, facts in _CLAUDES),
    ("openai", "openai_responses", _MARKED_GPT, replace(_OPENAI_MARKED, prewarm=True)),
    ("openai", None, _MARKED_GPT, _OPENAI_MARKED),
    # In memory five to ten minutes after the last use; the longer retention is typically half an hour.
    ("openai", None, "", _OPENAI),
    ("azure", None, "", _OPENAI),
    *((host, None, r"gemini-2", _GEMINI_2) for host in ("gemini", "vertex_gemini")),
    *((host, None, "", _GEMINI) for host in ("gemini", "vertex_gemini")),
    *(("openrouter", None, f"^anthropic/.*(?:{model})", facts) for model, facts in _CLAUDES),
    ("openrouter", None, f"^openai/{_MARKED_GPT}", _OPENAI_MARKED),
    ("openrouter", None, "^openai/", _OPENAI),
    ("openrouter", None, "^google/gemini-2", replace(_GEMINI_2, by="marked")),
    ("openrouter", None, "^google/", replace(_GEMINI, by="marked")),
    ("openrouter", None, "", CacheFacts()),
    ("deepseek", None, "", CacheFacts(minimum=64, lifetime=3600)),  # hours to days
    ("groq", None, "", CacheFacts(minimum=128, lifetime=7200)),
    *((host, None, "", CacheFacts()) for host in ("xai", "fireworks", "moonshot", "cerebras")),
    *((host, None, "", _LOCAL) for host in ("local", "ollama", "lm_studio", "vllm", "llama_cpp")),
)
_UNKNOWN: Final = CacheFacts(by=None)


def cache_facts(host: str, wire: str, model: str) -> CacheFacts:
    """What is known of a host's cache for a model; for a host of which nothing is, marks count where the wire is
    Anthropic's, whose guests mostly follow it."""
    for row, spoken, pattern, facts in _ROWS:
        if row == host and spoken in (None, wire) and re.search(pattern, model):
            return facts
    return CacheFacts(by="marked") if wire == "anthropic_messages" else _UNKNOWN
