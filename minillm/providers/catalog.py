"""The hosts minillm knows, a row each. Adding a host is adding a row; facts and their sources are
those of the vendors' own pages, as of November 2026."""

from dataclasses import replace
from typing import Final

from ..errors import ConfigurationError
from ..wire.codec import Quirks
from .documented import documented
from .provider import BEARER, Auth, Endpoint, Provider

__all__ = ["CUSTOM", "LOCAL", "PROVIDERS", "get_provider"]

# What most servers that follow OpenAI's protocol understand: the older ceiling field, plain roles.
_COMPATIBLE: Final = Quirks(max_tokens_field="max_tokens", system_role="system")

_X_API_KEY: Final = Auth("x-api-key", "")
_X_GOOG_API_KEY: Final = Auth("x-goog-api-key", "")

# The older version still takes sampling parameters, which the newest answers with 400; both are current
# (https://platform.claude.com/docs/en/api/versioning).
_ANTHROPIC_VERSION: Final = {"anthropic-version": "2023-06-01"}
# From Claude 4.6 on a conversation must end with the user
# (https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6#prefill-removal).
_NO_PREFILL: Final = r"claude-(?:[a-z]+-(?:4[-.](?:[6-9]|[1-9]\d)(?!\d)|[5-9](?!\d)|[1-9]\d(?!\d))|fable|mythos)"
# The vendor takes closed schemas or nothing. What its guests do with one is not told; several leave it unread.
_MESSAGES: Final = Quirks(
    prefill="trailing",
    prefill_refused=_NO_PREFILL,
    cache_marks="cache_control",
    response_formats=frozenset({"text", "closed_json_schema"}),
)
_GUEST: Final = replace(_MESSAGES, response_formats=frozenset({"text"}))


# https://developers.openai.com/api/docs/guides/prompt-caching: marks from GPT-5.6 on; the vendor itself writes the
# latest three or four of any number and looks for a match among the latest 80.
_OPENAI_CACHE: Final = Quirks(
    cache_marks="prompt_cache_breakpoint", cache_models=r"gpt-(5\.([6-9]|\d\d)|[6-9]|1\d)\b", max_cache_marks=80
)
# Others that speak the wire do not tell of marks, and the older models refuse what they do not know.
_GUEST_RESPONSES: Final = Quirks(cache_marks="none")


def _responses(base_url: str, auth: Auth = BEARER) -> Endpoint:
    return Endpoint(wire="openai_responses", base_url=base_url, auth=auth, quirks=_GUEST_RESPONSES)


def _messages(base_url: str, auth: Auth = BEARER) -> Endpoint:
    """Anthropic's protocol as other hosts speak it."""
    return Endpoint(wire="anthropic_messages", base_url=base_url, auth=auth, headers=_ANTHROPIC_VERSION, quirks=_GUEST)


_ROWS: Final = (
    Provider(
        # https://platform.claude.com/docs/en/api/overview
        name="anthropic",
        label="Anthropic",
        key_env=("ANTHROPIC_API_KEY",),
        endpoints=(replace(_messages("https://api.anthropic.com/v1", _X_API_KEY), quirks=_MESSAGES),),
    ),
    Provider(
        # https://ai.google.dev/api: previews and *-latest names live on v1beta only.
        name="gemini",
        label="Google Gemini",
        key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        endpoints=(
            Endpoint(
                wire="gemini_generate_content",
                base_url="https://generativelanguage.googleapis.com/v1beta",
                auth=_X_GOOG_API_KEY,
            ),
            Endpoint(base_url="https://generativelanguage.googleapis.com/v1beta/openai", quirks=_COMPATIBLE),
        ),
    ),
    Provider(
        name="openai",
        label="OpenAI",
        key_env=("OPENAI_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.openai.com/v1",
                quirks=replace(
                    _OPENAI_CACHE,
                    unsupported=frozenset({"top_k", "min_p", "repetition_penalty"}),
                ),
            ),
            replace(_responses("https://api.openai.com/v1"), quirks=_OPENAI_CACHE),
        ),
    ),
    Provider(
        # https://openrouter.ai/docs/api-reference/overview
        name="openrouter",
        label="OpenRouter",
        key_env=("OPENROUTER_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://openrouter.ai/api/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    reasoning_request="reasoning",
                    reasoning_replay="reasoning_details",
                    replay_reasoning="always",
                    stream_usage=False,
                    usage_include=True,
                    prefill="trailing",
                    prefill_refused=_NO_PREFILL,
                    cache_marks="cache_control",
                ),
                generation_record="/generation",
                routing=True,
            ),
            replace(_responses("https://openrouter.ai/api/v1"), generation_record="/generation", routing=True),
            replace(_messages("https://openrouter.ai/api/v1"), generation_record="/generation", routing=True),
        ),
    ),
    Provider(
        # https://api-docs.deepseek.com: reasoning must go back in turns with tool calls, else 400; an empty one
        # will do (https://github.com/earendil-works/pi/pull/3659).
        # A started answer is only continued under /beta.
        name="deepseek",
        label="DeepSeek",
        key_env=("DEEPSEEK_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.deepseek.com",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    reasoning_request="thinking",
                    reasoning_replay="reasoning_content",
                    replay_reasoning="with_tools",
                    reasoning_required=True,
                    response_formats=frozenset({"text", "json"}),
                    unsupported=frozenset({"seed", "n", "logit_bias", "top_k", "min_p", "repetition_penalty"}),
                ),
            ),
            _messages("https://api.deepseek.com/anthropic/v1", _X_API_KEY),
        ),
    ),
    Provider(
        # https://console.groq.com/docs/openai
        name="groq",
        label="Groq",
        key_env=("GROQ_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.groq.com/openai/v1",
                quirks=Quirks(
                    system_role="system",
                    reasoning_replay="reasoning",
                    replay_reasoning="with_tools",
                    prefill="trailing",  # https://console.groq.com/docs/prefilling
                    unsupported=frozenset(
                        {"logprobs", "top_logprobs", "logit_bias", "top_k", "min_p", "repetition_penalty"}
                    ),
                ),
            ),
            _responses("https://api.groq.com/openai/v1"),
        ),
    ),
    Provider(
        # https://docs.mistral.ai/api: tool ids are exactly nine alphanumerics, the seed is random_seed,
        # stream_options is no field of theirs.
        name="mistral",
        label="Mistral",
        key_env=("MISTRAL_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.mistral.ai/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    stream_usage=False,
                    seed_field="random_seed",
                    prefill="prefix",
                    tool_id_pattern=r"[a-zA-Z0-9]{9}",
                    tool_result_name=True,
                    unsupported=frozenset(
                        {"logit_bias", "logprobs", "top_logprobs", "top_k", "min_p", "repetition_penalty", "end_user"}
                    ),
                ),
            ),
        ),
    ),
    Provider(
        # https://docs.x.ai: reasoning tokens may stand beside the completion tokens.
        name="xai",
        label="xAI",
        key_env=("XAI_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.x.ai/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    unsupported=frozenset({"top_k", "min_p", "repetition_penalty"}),
                ),
            ),
            _responses("https://api.x.ai/v1"),
            _messages("https://api.x.ai/v1"),
        ),
    ),
    Provider(
        # https://docs.together.ai
        name="together",
        label="Together AI",
        key_env=("TOGETHER_API_KEY",),
        endpoints=(Endpoint(base_url="https://api.together.ai/v1", quirks=_COMPATIBLE),),
    ),
    Provider(
        # https://docs.fireworks.ai
        name="fireworks",
        label="Fireworks AI",
        key_env=("FIREWORKS_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.fireworks.ai/inference/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    reasoning_replay="reasoning_content",
                    replay_reasoning="with_tools",
                ),
            ),
            _messages("https://api.fireworks.ai/inference/v1"),
        ),
    ),
    Provider(
        # https://inference-docs.cerebras.ai
        name="cerebras",
        label="Cerebras",
        key_env=("CEREBRAS_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.cerebras.ai/v1",
                quirks=Quirks(
                    system_role="system",
                    unsupported=frozenset({"logit_bias", "top_k", "min_p", "repetition_penalty"}),
                ),
            ),
        ),
    ),
    Provider(
        # https://docs.perplexity.ai: no tools, usage in every chunk without being asked.
        name="perplexity",
        label="Perplexity",
        key_env=("PERPLEXITY_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.perplexity.ai",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    stream_usage=False,
                    response_formats=frozenset({"text", "json_schema"}),
                    unsupported=frozenset({"seed", "n", "logit_bias", "min_p", "repetition_penalty", "stop"}),
                ),
            ),
            # The Agent API, which Sonar's chat completions give way to since September 2026
            # (https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview).
            _responses("https://api.perplexity.ai/v1"),
        ),
    ),
    Provider(
        # https://platform.moonshot.ai/docs: reasoning must go back in tool loops, else 400; for turns
        # without any, others send an empty one (https://github.com/openclaw/openclaw/pull/74846).
        name="moonshot",
        label="Moonshot AI",
        key_env=("MOONSHOT_API_KEY",),
        endpoints=(
            Endpoint(
                base_url="https://api.moonshot.ai/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    reasoning_request="thinking",
                    reasoning_replay="reasoning_content",
                    replay_reasoning="with_tools",
                    reasoning_required=True,
                    prefill="partial",
                    unsupported=frozenset({"seed", "logit_bias", "top_k", "min_p", "repetition_penalty"}),
                ),
            ),
            _messages("https://api.moonshot.ai/anthropic/v1"),
        ),
    ),
    Provider(
        # https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: the v1 surface
        # takes no api-version; the model is the deployment's name.
        name="azure",
        label="Azure OpenAI",
        key_env=("AZURE_OPENAI_API_KEY",),
        variables={"resource": "AZURE_OPENAI_RESOURCE"},
        endpoints=(
            Endpoint(
                base_url="https://{resource}.openai.azure.com/openai/v1",
                auth=Auth("api-key", ""),
                quirks=Quirks(unsupported=frozenset({"top_k", "min_p", "repetition_penalty"})),
            ),
            _responses("https://{resource}.openai.azure.com/openai/v1", Auth("api-key", "")),
        ),
    ),
    Provider(
        # https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/
        name="cloudflare",
        label="Cloudflare Workers AI",
        key_env=("CLOUDFLARE_API_TOKEN",),
        variables={"account_id": "CLOUDFLARE_ACCOUNT_ID"},
        endpoints=(
            Endpoint(
                base_url="https://api.cloudflare.com/client/v4/accounts/{account_id}/ai/v1",
                quirks=_COMPATIBLE,
            ),
            _responses("https://api.cloudflare.com/client/v4/accounts/{account_id}/ai/v1"),
        ),
    ),
    Provider(
        # https://docs.ollama.com/api/openai-compatibility: tool_choice, logit_bias, user and n are not read.
        name="ollama",
        label="Ollama",
        key_env=("OLLAMA_API_KEY",),
        key_required=False,
        endpoints=(
            Endpoint(
                base_url="http://localhost:11434/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    reasoning_replay="reasoning",
                    replay_reasoning="with_tools",
                    unsupported=frozenset(
                        {"tool_choice", "logit_bias", "end_user", "n", "top_k", "min_p", "repetition_penalty"}
                    ),
                ),
            ),
            _responses("http://localhost:11434/v1"),
            _messages("http://localhost:11434/v1"),
        ),
    ),
    Provider(
        # https://lmstudio.ai/docs/app/api/endpoints/openai
        name="lm_studio",
        label="LM Studio",
        key_env=("LM_STUDIO_API_KEY",),
        key_required=False,
        endpoints=(
            Endpoint(base_url="http://localhost:1234/v1", quirks=_COMPATIBLE),
            _responses("http://localhost:1234/v1"),
            _messages("http://localhost:1234/v1"),
        ),
    ),
    Provider(
        # https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
        name="vllm",
        label="vLLM",
        key_env=("VLLM_API_KEY",),
        key_required=False,
        endpoints=(
            Endpoint(
                base_url="http://localhost:8000/v1",
                quirks=Quirks(system_role="system", reasoning_replay="reasoning", replay_reasoning="with_tools"),
            ),
            _responses("http://localhost:8000/v1"),
            _messages("http://localhost:8000/v1"),
        ),
    ),
    Provider(
        # https://github.com/ggml-org/llama.cpp/tree/master/tools/server; schemas become grammars, bounds included
        # (https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md).
        name="llama_cpp",
        label="llama.cpp",
        key_env=("LLAMA_API_KEY",),
        key_required=False,
        endpoints=(
            Endpoint(
                base_url="http://localhost:8080/v1",
                quirks=Quirks(
                    max_tokens_field="max_tokens",
                    system_role="system",
                    reasoning_replay="reasoning_content",
                    replay_reasoning="with_tools",
                    schemas="full",
                    prefill="trailing",
                ),
            ),
            # It leaves ``text.format`` unread: an answer to a schema was prose.
            replace(
                _responses("http://localhost:8080/v1"),
                quirks=replace(_GUEST_RESPONSES, response_formats=frozenset({"text"})),
            ),
            _messages("http://localhost:8080/v1"),
        ),
    ),
)

PROVIDERS: Final[dict[str, Provider]] = {row.name: documented(row) for row in _ROWS}

CUSTOM: Final = Provider(
    name="custom",
    label="any server that speaks a known wire",
    key_required=False,
    endpoints=(Endpoint(base_url="", quirks=_COMPATIBLE),),
)

LOCAL: Final = Provider(
    name="local",
    label="a small model on this machine",
    key_required=False,
    endpoints=tuple(replace(endpoint, base_url="") for endpoint in PROVIDERS["llama_cpp"].endpoints),
)


def get_provider(name: str) -> Provider:
    """The row of a host.

    Raises:
        ConfigurationError: no such row; the message lists those there are.
    """
    row = PROVIDERS.get(name.lower().replace("-", "_").replace(".", "_"))
    if row is None:
        raise ConfigurationError(
            f"no provider is called {name!r}; known are {', '.join(sorted(PROVIDERS))}. "
            "For any other server use GeneratorInfo.custom(model, base_url=...)"
        )
    return row
