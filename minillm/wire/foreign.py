"""What one wire said natively, told when it goes to another: one loss a field.

Encoders report what the *neutral* values hold and they cannot say. Beyond that, every value may carry a
residue of its own wire (see :class:`~minillm.types.Native`), which never enters another wire's body: this
is the one place that tells of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..report import Report
from ..types import (
    ChatRequest,
    ChatResponse,
    Choice,
    Citation,
    FinishReason,
    Message,
    Native,
    Part,
    ReasoningConfig,
    ResponseFormat,
    Severity,
    TextPart,
    ToolDefinition,
    ToolResultPart,
    Usage,
)
from .fields import as_word
from .portable import portable_reason
from .residue import HINTS, hints_of
from .unsaid import CONTAINERS, GRAVE, SLIGHT, says_something

__all__ = ["Foreign"]

# Reasons a wire has no word for, and the one it says; the encoders tell of those that bend the meaning.
_BENT: Final[dict[str, frozenset[FinishReason]]] = {
    "openai_chat_completions": frozenset({FinishReason.STOP_SEQUENCE, FinishReason.CONTEXT_FULL, FinishReason.UNKNOWN}),
    "openai_responses": frozenset(
        {FinishReason.STOP_SEQUENCE, FinishReason.CONTEXT_FULL, FinishReason.INTERRUPTED, FinishReason.UNKNOWN}
    ),
    "anthropic_messages": frozenset(
        {
            FinishReason.CONTENT_FILTER,
            FinishReason.CANCELLED,
            FinishReason.ERROR,
            FinishReason.INTERRUPTED,
            FinishReason.UNKNOWN,
        }
    ),
    "gemini_generate_content": frozenset(
        {
            FinishReason.STOP_SEQUENCE,
            FinishReason.CONTEXT_FULL,
            FinishReason.REFUSAL,
            FinishReason.PAUSED,
            FinishReason.CANCELLED,
            FinishReason.INTERRUPTED,
            FinishReason.UNKNOWN,
        }
    ),
}

# Words that say no more than the neutral reason does; any other word of a host is told when it gets lost.
_PLAIN_WORDS: Final = frozenset(
    {
        *("stop", "length", "tool_calls", "function_call", "content_filter", "eos"),
        *("completed", "incomplete", "max_output_tokens", "failed", "cancelled", "in_progress", "queued"),
        *("end_turn", "stop_sequence", "max_tokens", "tool_use", "refusal", "pause_turn"),
        *("model_context_window_exceeded", "STOP", "MAX_TOKENS", "SAFETY", "CONTINUATION", "steered", "error"),
    }
)

# What values of their own are made of.
_CONVERSATION: Final = frozenset({"messages", "contents", "input", "content", "output", "parts"})

# Buckets of usage that a wire cannot name; their tokens stay in its totals.
_NO_BUCKET: Final[dict[str, tuple[str, ...]]] = {
    "openai_chat_completions": ("tool_use_tokens",),
    "openai_responses": ("tool_use_tokens", "cost_usd"),
    "anthropic_messages": ("tool_use_tokens", "cost_usd"),
    "gemini_generate_content": ("cache_write_tokens", "cost_usd"),
}
_TERSE: Final = ("anthropic_messages", "gemini_generate_content")
_TTLS: Final[dict[str, frozenset[str]]] = {
    "openai_chat_completions": frozenset({""}),
    "openai_responses": frozenset({"", "30m", "12h"}),
    "anthropic_messages": frozenset({"", "5m", "1h"}),
}


class Foreign:
    """Tells a report what stays behind on the way to ``target``. One object serves one body or stream, in
    which each field is told once.

    Args:
        asking: the body is a request, where every field is a wish: unheard, it is lost.
    """

    __slots__ = ("_asking", "_report", "_target", "_told")

    def __init__(self, target: str, report: Report, *, asking: bool) -> None:
        self._target = target
        self._report = report
        self._asking = asking
        self._told: set[str] = set()

    def request(self, request: ChatRequest) -> None:
        """All residues of a request."""
        self.residue("", request.native)
        parameters = request.parameters
        for name in ("reasoning", "response_format"):
            config = parameters.get(name)
            if isinstance(config, ReasoningConfig | ResponseFormat):
                self.residue(f"parameters.{name}", config.native)
            if isinstance(config, ReasoningConfig):
                self._reasoning_wish(config)
        choice = request.tool_choice
        if choice is not None and choice.native is not None and choice.native.wire != self._target:
            said = choice.native.data.get("choice") if isinstance(choice.native.data, Mapping) else None
            if not choice.names and isinstance(said, Mapping):
                self.tell("tool_choice", as_word(said.get("type", "choice")), Severity.LOST)
        for i, message in enumerate(request.messages):
            self.message(f"messages[{i}]", message)
        for i, tool in enumerate(request.tools):
            if isinstance(tool, ToolDefinition):
                self.residue(f"tools[{i}]", tool.native)

    def _reasoning_wish(self, config: ReasoningConfig) -> None:
        """How much of the thinking is shown: some wires only know whether."""
        if config.native is not None and hints_of(config.native.data).get("adaptive"):  # think, as much as you like
            self.tell("parameters.reasoning", "wish to think", Severity.NOTE, "it is left to the target's own default")
        if config.summary not in (None, "auto") and self._target in _TERSE and not config.exclude:
            path = "parameters.reasoning.summary"
            self.tell(path, "kind of summary", Severity.DEGRADED, "only whether to show the thinking is said")
        if config.budget_tokens is not None and config.effort is not None and self._target == _TERSE[1]:
            self.tell(
                "parameters.reasoning.effort", "effort", Severity.DEGRADED, "a level and a budget exclude each other"
            )

    def response(self, response: ChatResponse) -> None:
        """All residues of an answer, and what the target cannot say of its ends and counts."""
        self.residue("", response.native)
        self.created(response.created)
        for i, choice in enumerate(response.choices):
            self._choice(f"choices[{i}]", choice)
        if response.usage is not None:
            self.usage(response.usage)

    def created(self, created: float | None) -> None:
        """When the answer was made: half the wires do not say."""
        if created and self._target in _TERSE:
            self.tell("created", "time of creation", Severity.NOTE)

    def _choice(self, path: str, choice: Choice) -> None:
        self.residue(path, choice.native)
        self.message(f"{path}.message", choice.message)
        self.finish(path, choice.finish_reason, choice.raw_finish_reason, refused=bool(choice.message.refusal))

    def finish(self, path: str, reason: FinishReason | None, raw: str | None, *, refused: bool) -> None:
        """A reason without a word of its own there, and the host's own word where it said more."""
        bent = reason in _BENT[self._target] or portable_reason(reason, self._target, refused=refused) is not reason
        if bent:
            at = f"{path}.finish_reason"
            self.tell(at, str(reason), Severity.DEGRADED, "there is no such word; the nearest is said")
        elif raw is not None and raw not in _PLAIN_WORDS:
            self.tell(f"{path}.raw_finish_reason", raw, Severity.NOTE, "the host's own word has no place there")

    def message(self, path: str, message: Message) -> None:
        self.residue(path, message.native)
        if not isinstance(message.content, str):
            self.parts(f"{path}.content", message.content)

    def parts(self, path: str, parts: Sequence[Part]) -> None:
        for i, part in enumerate(parts):
            self.part(f"{path}[{i}]", part)

    def part(self, path: str, part: Part) -> None:
        """The residue of a part and of what is in it; a block without neutral form is the encoder's to tell."""
        native: Native | None = getattr(part, "native", None)
        self.residue(path, native)
        if native is not None and native.wire != self._target and isinstance(native.data, Mapping):
            item = hints_of(native.data).get("item")  # Responses: the message item around its first content
            if isinstance(item, Mapping):
                self._fields(path, item)
        if isinstance(part, TextPart):
            for i, citation in enumerate(part.citations):
                self.citation(f"{path}.citations[{i}]", citation)
        elif isinstance(part, ToolResultPart) and not isinstance(part.content, str):
            self.parts(f"{path}.content", part.content)

    def citation(self, path: str, citation: Citation) -> None:
        """Where a source is cited, counted in that vendor's way. The source itself is the encoder's to tell."""
        self.residue(path, citation.native)

    def usage(self, usage: Usage) -> None:
        """Residue and buckets of token counts."""
        self.residue("usage", usage.native)
        if usage.native is not None and usage.native.wire == self._target:
            return
        for name in _NO_BUCKET[self._target]:
            value = getattr(usage, name)
            if sum(value.values()) if isinstance(value, Mapping) else value:
                self.tell(f"usage.{name}", name, Severity.NOTE, "it has no count of its own there; totals are equal")
        known = _TTLS.get(self._target)
        for ttl, count in (usage.cache_write_tokens or {}).items():
            if known is not None and count and ttl not in known:
                self.tell(f"usage.cache_write_tokens.{ttl}", "cache writes by TTL", Severity.NOTE, "only their sum is")

    def residue(self, path: str, native: Native | None) -> None:
        """A residue that another wire left."""
        if native is not None and native.wire != self._target and isinstance(native.data, Mapping):
            self._fields(path, native.data)

    def _fields(self, path: str, data: Mapping[str, Any]) -> None:
        for key, value in data.items():
            if key == HINTS:
                self._odd(path, value)
            else:
                self.field(path, key, value)

    def _odd(self, path: str, hints: Any) -> None:
        """What was said, but otherwise: a count that contradicts its parts, a list with more in it."""
        odd = hints.get("odd") if isinstance(hints, Mapping) else None
        for key, pair in odd.items() if isinstance(odd, Mapping) else ():
            if not isinstance(pair, list | tuple) or len(pair) != 2:
                continue  # no hint of ours: a peer's own key of that name
            ours, value = pair
            if key in _CONVERSATION or (isinstance(ours, list | dict) and not isinstance(value, type(ours))):
                continue  # told part by part, or the same in another spelling: one text for a list of one
            more = [item for item in value if item not in ours] if _are_lists(ours, value) else value
            self.field(path, key, more)

    def field(self, path: str, key: str, value: Any) -> None:
        """One field that stays behind, or the fields in it."""
        where = f"{path}.{key}" if path else key
        if key in CONTAINERS and isinstance(value, Mapping):
            self._fields(where, value)
        elif says_something(key, value):
            grave = key not in SLIGHT if self._asking else key in GRAVE
            self.tell(where, key, Severity.LOST if grave else Severity.NOTE)

    def tell(self, path: str, what: str, severity: Severity, reason: str | None = None) -> None:
        """One loss, once."""
        if path not in self._told:
            self._told.add(path)
            self._report.add(path, what, reason or f"{self._target} has no place for it", severity)


def _are_lists(ours: Any, value: Any) -> bool:
    return isinstance(ours, list) and isinstance(value, list)
