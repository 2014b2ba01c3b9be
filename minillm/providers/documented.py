"""What the hosts document of what they take, a row an endpoint: facts of their own pages, as of November 2026.

Only what a host says it refuses stands here. A limit that is not written down, or only rumoured, is left out: a request
that the host would have taken must never be refused by us.
"""

from dataclasses import replace
from typing import Final

from .capabilities import NOT_TAKEN, Capabilities, MediaLimits
from .provider import Provider

__all__ = ["DOCUMENTED", "VERTEX_ANTHROPIC", "VERTEX_GEMINI", "documented"]

_MB: Final = 1 << 20  # as the hosts count (Anthropic: "10 MB maximum: 11174516 bytes > 10485760 bytes")

_WEB_IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_OPENAI_SAMPLING: Final = frozenset(
    {"temperature", "top_p", "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs", "logit_bias"}
)

# https://developers.openai.com/api/docs/guides/images-vision#image-input-requirements
_OPENAI_IMAGES: Final = MediaLimits(types=_WEB_IMAGES, max_count=1500)
# https://developers.openai.com/api/docs/guides/file-inputs: 50 MB a file; in Chat Completions PDF only, no address.
_OPENAI_FILES: Final = MediaLimits(max_bytes=50 * _MB)
_OPENAI_AUDIO: Final = MediaLimits(sources=frozenset({"data"}), types=frozenset({"audio/wav", "audio/mpeg"}))
_DEAF: Final = Capabilities(audio=NOT_TAKEN)


def _sent(limits: MediaLimits) -> MediaLimits:
    """The same where pictures have no ids: in Chat Completions."""
    return replace(limits, sources=limits.sources - {"file_id"})


OPENAI_CHAT: Final = Capabilities(
    image=_sent(_OPENAI_IMAGES),
    # https://developers.openai.com/api/docs/guides/audio
    audio=_OPENAI_AUDIO,
    video=NOT_TAKEN,
    document=replace(_OPENAI_FILES, sources=frozenset({"data", "file_id"}), types=frozenset({"application/pdf"})),
    max_request_bytes=512 * _MB,
    families=(
        # The models' own pages: input text and images. Whoever has "audio" in the name hears.
        ("gpt-4.1*", _DEAF),
        ("gpt-5*", _DEAF),
        # https://developers.openai.com/api/docs/guides/reasoning: sampling is fixed.
        *((f"o{n}*", Capabilities(audio=NOT_TAKEN, unsupported=_OPENAI_SAMPLING)) for n in (1, 3, 4)),
        ("*audio*", Capabilities(audio=_OPENAI_AUDIO)),
    ),
)

OPENAI_RESPONSES: Final = Capabilities(
    image=_OPENAI_IMAGES, document=_OPENAI_FILES, max_request_bytes=512 * _MB, audio=NOT_TAKEN, video=NOT_TAKEN
)

# https://platform.claude.com/docs/en/build-with-claude/vision: the limit is on the text of base64.
_ANTHROPIC_IMAGES: Final = MediaLimits(
    types=_WEB_IMAGES, max_base64=10 * _MB, max_count=600, max_side=8000, max_side_of_many=(20, 2000)
)

ANTHROPIC: Final = Capabilities(
    image=_ANTHROPIC_IMAGES,
    audio=NOT_TAKEN,
    video=NOT_TAKEN,
    # https://platform.claude.com/docs/en/build-with-claude/pdf-support
    document=MediaLimits(types=frozenset({"application/pdf", "text/*"})),
    # https://platform.claude.com/docs/en/api/overview#request-size-limits
    max_request_bytes=32 * _MB,
    families=(
        # https://platform.claude.com/docs/en/about-claude/models/migration-guide: sampling is fixed.
        ("claude-opus-5-5*", Capabilities(unsupported=frozenset({"temperature", "top_p", "top_k"}))),
    ),
)

# The same page: on other platforms bytes only, and half as many.
VERTEX_ANTHROPIC: Final = replace(
    ANTHROPIC,
    image=replace(_ANTHROPIC_IMAGES, sources=frozenset({"data"}), max_base64=5 * _MB),
    document=MediaLimits(sources=frozenset({"data"}), types=frozenset({"application/pdf", "text/*"})),
)

# https://ai.google.dev/gemini-api/docs/image-understanding
_GEMINI_IMAGES: Final = MediaLimits(
    types=frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}), max_count=3600
)

GEMINI: Final = Capabilities(
    image=_GEMINI_IMAGES,
    # https://ai.google.dev/gemini-api/docs/audio, and Vertex's list, which is longer.
    audio=MediaLimits(
        types=frozenset(
            f"audio/{name}" for name in ("wav", "mpeg", "aiff", "aac", "ogg", "flac", "mp4", "opus", "pcm", "webm")
        )
    ),
    # https://ai.google.dev/gemini-api/docs/video-understanding
    video=MediaLimits(
        types=frozenset(
            f"video/{name}" for name in ("mp4", "mpeg", "quicktime", "x-msvideo", "x-flv", "webm", "x-ms-wmv", "3gpp")
        )
    ),
    # https://ai.google.dev/gemini-api/docs/document-processing: PDF, and what can be read as text.
    document=MediaLimits(
        types=frozenset(
            {
                *("application/pdf", "text/*", "application/json", "application/xml", "application/rtf"),
                *("application/x-javascript", "application/x-python"),
            }
        ),
        max_bytes=50 * _MB,
    ),
    # https://ai.google.dev/gemini-api/docs/file-input-methods: bytes in the request, all together.
    max_request_bytes=100 * _MB,
)

# https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/image-understanding
VERTEX_GEMINI: Final = replace(GEMINI, image=replace(_GEMINI_IMAGES, max_bytes=7 * _MB, max_count=3000))

# https://docs.x.ai/developers/model-capabilities/images/understanding
_XAI_IMAGES: Final = MediaLimits(types=frozenset({"image/jpeg", "image/png"}), max_bytes=20 * _MB)

# https://api-docs.deepseek.com/guides/vision: texts and pictures are all that a message may hold.
_DEEPSEEK_IMAGES: Final = MediaLimits(types=_WEB_IMAGES, max_bytes=32 * _MB, max_count=600)
_DEEPSEEK: Final = Capabilities(image=_DEEPSEEK_IMAGES, audio=NOT_TAKEN, video=NOT_TAKEN, max_request_bytes=48 * _MB)

# https://docs.perplexity.ai/docs/sonar/media; functions are not offered to these models.
_SONAR: Final = Capabilities(image=_sent(MediaLimits(types=_WEB_IMAGES, max_bytes=50 * _MB)), tools=False)

DOCUMENTED: Final[dict[tuple[str, str], Capabilities]] = {
    ("openai", "openai_chat_completions"): OPENAI_CHAT,
    ("openai", "openai_responses"): OPENAI_RESPONSES,
    ("anthropic", "anthropic_messages"): ANTHROPIC,
    ("gemini", "gemini_generate_content"): GEMINI,
    ("xai", "openai_chat_completions"): Capabilities(image=_sent(_XAI_IMAGES)),
    ("xai", "openai_responses"): Capabilities(image=_XAI_IMAGES),
    ("deepseek", "openai_chat_completions"): replace(_DEEPSEEK, image=_sent(_DEEPSEEK_IMAGES)),
    ("deepseek", "anthropic_messages"): _DEEPSEEK,
    ("perplexity", "openai_chat_completions"): _SONAR,
}


def documented(row: Provider) -> Provider:
    """The row, each endpoint with what its host documents."""
    endpoints = (
        replace(endpoint, capabilities=found) if (found := DOCUMENTED.get((row.name, endpoint.wire))) else endpoint
        for endpoint in row.endpoints
    )
    return replace(row, endpoints=tuple(endpoints))
