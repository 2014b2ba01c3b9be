"""What all encoders of one body share: the host's quirks, the report, where it is going."""

from collections.abc import Mapping
from typing import Any

from ..errors import EncodeError
from ..json.narrow import SchemaDialect, narrow_schema
from ..report import Report, reporting
from ..types import CacheBreakpoint, JSONValue, Message, Native, Origin
from .codec import Quirks
from .residue import hints_of, own
from .tool_calls import IdMap

__all__ = ["Encoding", "add_extra"]


class Encoding:
    """One body on its way out.

    Args:
        wire: the protocol it is said in.
        asking: it is a request; else an answer.
        origin: ``(host, model)`` it is going to, where known.
    """

    __slots__ = (
        "_ids",
        "_report",
        "_report_given",
        "asking",
        "marks",
        "marks_given",
        "origin",
        "quirks",
        "turn_has_calls",
        "wire",
    )

    def __init__(
        self, wire: str, quirks: Quirks, report: Report | None, *, asking: bool, origin: Origin | None = None
    ) -> None:
        self.wire = wire
        self.quirks = quirks
        self.asking = asking
        self.origin = origin
        self._ids: IdMap | None = None
        self.marks_given = 0  # cache marks that a peer had put there itself
        self.marks: list[tuple[str, dict[str, Any], str]] = []  # cache marks made: path, the object, its key
        self.turn_has_calls = False
        self._report_given = report
        self._report: Report | None = None

    @property
    def ids(self) -> IdMap:
        """Tool call ids as this host takes them."""
        if self._ids is None:
            self._ids = IdMap(self.quirks.tool_id_pattern if self.asking else None)
        return self._ids

    @property
    def ids_rewritten(self) -> bool:
        """Whether an id did not fit."""
        return self._ids is not None and self._ids.rewritten > 0

    @property
    def report(self) -> Report:
        """Made when first needed: most bodies lose nothing."""
        if self._report is None:
            self._report = reporting(self._report_given)
        return self._report

    def residue(self, native: Native | None) -> Mapping[str, Any] | None:
        """What this wire left on a value, where it was left by a body of the same direction.

        The odds and ends of an answer (``annotations: []``, ``index`` on a call) are no fields of a
        request, and several hosts refuse a message that carries them.
        """
        data = own(native, self.wire)
        if data is None or bool(hints_of(data).get("asked")) is not self.asking:
            return None
        return data

    def narrowed(self, schema: Mapping[str, Any], dialect: SchemaDialect, path: str) -> Mapping[str, Any]:
        """A schema as the vendor's dialect has it, unless the host takes all of the language; each change is told.

        It is for schemas that came from elsewhere: one in this wire's own words goes back as it came.
        """
        if self.quirks.schemas == "full":
            return schema
        return narrow_schema(schema, dialect, lambda at, *told: self.report.add(path + at, *told))

    def comes_home(self, message: Message) -> bool:
        """Whether what only its author can read may go along: the message's origin is this host and model.

        A message that no client has stamped, or a body that goes who knows where, is taken at its word.
        """
        return message.origin is None or self.origin is None or tuple(message.origin) == tuple(self.origin)

    def mark(self, out: dict[str, Any], cache: CacheBreakpoint | None, path: str, key: str | None = None) -> None:
        """Put a cache mark on ``out``, under ``key`` or the host's own."""
        if cache is None:
            return
        key = key or self.quirks.cache_marks
        if key is None:
            self.report.note(f"{path}.cache", "cache mark", "this host caches by itself or not at all")
            return
        said: dict[str, Any] = {"type": "ephemeral"} if key == "cache_control" else {"mode": "explicit"}
        if cache.ttl is not None:
            said["ttl"] = cache.ttl
        out[key] = said
        self.marks.append((path, out, key))

    def limit_marks(self) -> None:
        """Keep the last marks a request may carry: a later one covers all that stands before it."""
        spare = len(self.marks) + self.marks_given - self.quirks.max_cache_marks
        for path, out, key in self.marks[: max(spare, 0)]:
            del out[key]
            self.report.note(f"{path}.cache", "cache mark", f"a request may carry {self.quirks.max_cache_marks}")


def add_extra(out: dict[str, Any], extra: Mapping[str, JSONValue] | None, path: str) -> dict[str, Any]:
    """``out`` with what the user wrote.

    Raises:
        EncodeError: a key of it is sent anyway.
    """
    for key, value in (extra or {}).items():
        if key in out:
            raise EncodeError(
                f"extra[{key!r}] collides with a field that is sent anyway; set the parameter instead", path=path
            )
        out[key] = value
    return out
