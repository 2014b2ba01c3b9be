"""What families of models add to the words of a request, as data: (likely, upper) for each kind of thing.

Two kinds of source: vendors' pages, named beside the row, and what hosts reported for requests whose every
word is known. Most vendors do not publish how messages and tools are written out for the model; what no row
knows is the last row, with wide bounds. A :class:`~minillm.cost.calibration.Calibration` makes both narrower.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from .media_size import MediaSize
from .size import RequestSize
from .tokens import Tokens, count_text

__all__ = ["Family", "family_of"]

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Family:
    """How one family of models counts.

    Args:
        name: what calibrations are kept under.
        text: tokens for each one that :func:`~minillm.cost.tokens.count_text` counts.
        base: of every request.
        message: of every message.
        tools: of a request with any tool.
        tool: of each tool.
        tool_text: for each token of a tool's name, description and schema.
        call: of each tool call and each result.
        schema: for each token of the answer's schema, and ``schema_base`` of a request with one.
        reasoning: for each token of earlier thinking in the midst of a turn with tools; elsewhere hosts drop it.
        thinking: of a request that asks for thinking.
        image: tokens of a picture, by its size.
        page: of each page of a document.
        second: of each second of sound; ``film`` of a video.
    """

    name: str
    text: Pair = (1.0, 1.15)
    base: Pair = (5, 45)
    message: Pair = (3.5, 7)
    tools: Pair = (60, 320)
    tool: Pair = (8, 30)
    tool_text: Pair = (0.9, 1.3)
    call: Pair = (8, 30)
    schema: Pair = (0.6, 1.3)
    schema_base: Pair = (0, 60)
    reasoning: Pair = (0.5, 1.2)
    thinking: Pair = (0, 40)
    image: Callable[[MediaSize], Pair] = lambda size: (600, 4000) if size.detail != "low" else (85, 4000)
    page: Pair = (600, 3000)
    second: Pair = (25, 60)
    film: Pair = (260, 400)

    def count(self, size: RequestSize, *, thinking: bool = False) -> Tokens:
        """The prompt tokens of a request, as far as it can be seen."""
        total = Tokens(*self.base) + Tokens(*self.message).times(size.messages)
        total += size.text.times(*self.text) + Tokens(*self.call).times(size.calls)
        if size.tool_count:
            total += Tokens(*self.tools) + Tokens(*self.tool).times(size.tool_count) + size.tools.times(*self.tool_text)
        if size.schema.upper:
            total += Tokens(*self.schema_base) + size.schema.times(*self.schema)
        if size.reasoning.upper:
            # Thinking of turns that are over is dropped by the hosts; that of a turn with open tool calls is read.
            total += size.reasoning.times(self.reasoning[0] if size.calls else 0.02, self.reasoning[1])
        if thinking:
            total += Tokens(*self.thinking)
        for medium in size.media:
            total += self.medium(medium)
        return total

    def medium(self, size: MediaSize) -> Tokens:
        """The tokens of one medium; of one given by reference, as far as such a thing can be bounded at all."""
        if size.kind == "image":
            return Tokens(*self.image(size))
        if size.kind == "audio":
            return Tokens(10, 30) + Tokens(*self.second).times(size.seconds)
        if size.kind == "video":
            return Tokens(10, 30) + Tokens(*self.film).times(size.seconds)
        if size.text is not None:
            return count_text(size.text) + Tokens(10, 60)
        return Tokens(*self.page).times(max(size.pages, 1))


def _claude_image(size: MediaSize) -> Pair:
    """Width times height over 750, after scaling to 1568 pixels and about 1600 tokens; the newest models take
    2576 pixels and 4784 tokens (https://platform.claude.com/docs/en/build-with-claude/vision)."""
    if not size.width or not size.height:
        return 1500, 4800
    area = size.width * size.height
    scale = min(1.0, 1568 / max(size.width, size.height))
    return min(area * scale * scale / 750, 1600) + 4, min(area / 750 * 1.1 + 20, 4800)


def _openai_image(size: MediaSize) -> Pair:
    """Patches of 32 pixels, at most 1536, times up to 2.46; or 85 and 170 a tile of 512 pixels, up to 33 times that
    for the small 4o (https://developers.openai.com/api/docs/guides/images-vision)."""
    if size.detail == "low":
        return 85, 2900
    if not size.width or not size.height:
        return 800, 10_000
    patches = -(-size.width // 32) * -(-size.height // 32)
    return min(patches, 1536) * 1.3 + 10, max(min(patches, 10_000) * 2.5, _tiles(size)) + 100


def _tiles(size: MediaSize) -> float:
    scale = min(1.0, 2048 / max(size.width, size.height))
    width, height = size.width * scale, size.height * scale
    scale = min(1.0, 768 / min(width, height))
    tiles = -(-width * scale // 512) * -(-height * scale // 512)
    return 85 + 170 * tiles


def _gemini_image(size: MediaSize) -> Pair:
    """258 a tile of 768 pixels up to Gemini 2.5 (https://ai.google.dev/gemini-api/docs/tokens)."""
    if max(size.width, size.height) <= 384:
        return 258, 1200
    tiles = -(-size.width // 768) * -(-size.height // 768)
    return 258 * max(tiles, 1), max(258.0 * tiles, 1200) * 1.1


def _gemini_3_image(size: MediaSize) -> Pair:
    """1120 unless a lower or the ultra resolution is asked for (https://ai.google.dev/gemini-api/docs/media-resolution)."""
    return 1085, 2400


_GPT = Family(
    "gpt",
    text=(0.95, 1.0),
    base=(3, 6),
    message=(3.6, 4.5),
    tools=(8, 24),
    tool=(4, 10),
    tool_text=(0.75, 0.95),
    call=(6, 16),
    schema=(0.8, 0.9),
    schema_base=(0, 12),
    reasoning=(0.55, 1.2),
    image=_openai_image,
    page=(900, 3500),
    second=(10, 20),  # one every 100 ms
)
_CLAUDE = Family(
    "claude",
    text=(1.08, 1.15),
    base=(5, 14),
    message=(2.5, 6),
    # The prompt for tools is 346 tokens (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview#pricing).
    tools=(335, 400),
    tool=(12, 25),
    tool_text=(0.95, 1.1),
    call=(18, 30),
    # A schema becomes instructions, and at some hosts a tool.
    schema=(1.1, 1.8),
    schema_base=(150, 350),
    reasoning=(0.6, 1.2),
    thinking=(27, 45),
    image=_claude_image,
    # 1,500 to 3,000 of text, and a picture of each page
    # (https://platform.claude.com/docs/en/build-with-claude/pdf-support).
    page=(1600, 4600),
)
_GEMINI = Family(
    "gemini",
    text=(0.97, 1.05),
    base=(0.5, 2.5),
    message=(0.2, 1.2),
    tools=(12, 24),
    tool=(3, 9),
    tool_text=(0.4, 0.8),
    call=(6, 25),
    schema=(0.05, 0.35),
    schema_base=(0, 10),
    reasoning=(0.1, 1.0),
    image=_gemini_image,
    # https://ai.google.dev/gemini-api/docs/document-processing: 258 a page; gateways add the text they find.
    page=(258, 1800),
    second=(32, 36),  # https://ai.google.dev/gemini-api/docs/audio
    film=(300, 330),  # 258 a second and the sound
)
_OPEN = Family("open")

# The first that fits the name counts.
_ROWS: tuple[tuple[str, Family], ...] = (
    # The harmony format writes a system message of its own (https://developers.openai.com/cookbook/articles/openai-harmony).
    ("gpt-oss", replace(_GPT, name="gpt-oss", base=(66, 76), tools=(10, 60), schema=(1.0, 1.4), schema_base=(10, 40))),
    # Documented for Claude 3 (https://docs.anthropic.com/en/docs/tool-use-pricing-and-tokens): 530, 264, 159.
    ("claude-3-opus", replace(_CLAUDE, tools=(530, 580))),
    # Measured: requests of one to two tools, from four hosts' worth of recordings.
    ("claude-haiku-4", replace(_CLAUDE, name="claude-haiku-4", tools=(495, 560))),
    # A tokenizer that makes up to 1.35 times as many (https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-7).
    (
        r"claude-(opus-4[.-][7-9]|(sonnet|opus|haiku)-[5-9]|fable|mythos)",
        replace(_CLAUDE, name="claude-5", text=(1.3, 1.55), tools=(400, 500), tool_text=(1.2, 1.6)),
    ),
    ("claude", _CLAUDE),
    # Pictures are 1120 tokens, pages 560 unless told otherwise (https://ai.google.dev/gemini-api/docs/media-resolution).
    ("gemini-[3-9]|gemini-flash-latest|gemini-pro-latest", replace(_GEMINI, image=_gemini_3_image, page=(530, 1800))),
    ("gemini|gemma", _GEMINI),
    # Measured: with tools some of them have 75 tokens more in front, on Chat Completions only.
    (r"gpt-[5-9]|codex", replace(_GPT, name="gpt-5", tools=(20, 70))),
    (r"gpt|\bo[1-9]\b|davinci", _GPT),
    # Measured: grok-4.3 has some 190 tokens of its own in front, all of them 270 more with tools.
    ("grok-(4[.][3-9]|[5-9])", replace(_OPEN, name="grok-new", base=(187, 240), tools=(270, 450))),
    ("grok", replace(_OPEN, name="grok", base=(5, 40), tools=(262, 320), tool_text=(0.95, 1.2))),
    # Measured: DeepSeek V4 with tools 225, at Amazon's 80 without.
    ("deepseek-v[4-9]|deepseek-chat", replace(_OPEN, name="deepseek", base=(4, 95), tools=(222, 260), call=(18, 35))),
    ("deepseek", replace(_OPEN, name="deepseek-r", base=(3, 16))),
    ("glm", replace(_OPEN, name="glm", tools=(105, 300))),
    (
        r"mi[sx]tral|ministral|magistral|codestral|pixtral|voxtral",
        replace(_OPEN, name="mistral", base=(4, 24), text=(1.1, 1.3), tool_text=(1.1, 1.5), tool=(14, 40)),
    ),
    ("llama", replace(_OPEN, name="llama", base=(12, 45), message=(4.5, 7))),
    ("sonar", replace(_OPEN, name="sonar", text=(0.95, 1.1), base=(0, 6), message=(0.5, 4))),
)
_PATTERNS = tuple((re.compile(pattern), family) for pattern, family in _ROWS)


@lru_cache(maxsize=1024)
def family_of(model: str) -> Family:
    """The family of a model, by its name; of one that no row knows the last resort, with wide bounds."""
    name = model.lower()
    return next((family for pattern, family in _PATTERNS if pattern.search(name)), _OPEN)
