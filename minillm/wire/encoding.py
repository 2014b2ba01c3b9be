"""What all encoders of one body share: the host's quirks, the report, where it is going."""

import re
from collections.abc import Mapping
from typing import Any

from ..errors import EncodeError
from ..json.narrow import SchemaDialect, narrow_schema
from ..report import Report, reporting
from ..types import CacheBreakpoint, JSONValue, Message, Native, Origin
from .cache_marks import CacheMarks, mark_said
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
        "_marks",
        "_report",
        "_report_given",
        "asking",
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
        self._marks: CacheMarks | None = None
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

    @property
    def marks(self) -> CacheMarks:
        """Made when first needed: most bodies have none."""
        if self._marks is None:
            self._marks = CacheMarks()
        return self._marks

    def mark(self, out: dict[str, Any], cache: CacheBreakpoint | None, path: str, key: str | None = None) -> None:
        """Put a cache mark on ``out``, under ``key`` or the host's own; tell where this host or model takes none."""
        if cache is None:
            return
        marks = self.quirks.cache_marks
        key = key or marks
        if key is None or marks == "none":
            self.report.note(f"{path}.cache", "cache mark", "this host caches by itself or not at all")
        elif not self.model_takes_marks:
            self.report.note(f"{path}.cache", "cache mark", "this model takes none; the host caches by itself")
        else:
            out[key] = mark_said(cache, key, self.report, path)
            self.marks.add(path, out, key)

    @property
    def model_takes_marks(self) -> bool:
        """Whether the model it goes to is one that takes cache marks; one that is not known is taken for such."""
        models = self.quirks.cache_models
        return models is None or self.origin is None or re.search(models, self.origin[1]) is not None

    def settle_marks(self) -> None:
        """Leave out and mend the marks that the host would refuse; the body is whole now."""
        if self._marks is not None:
            self._marks.settle(self.quirks.max_cache_marks, self.report)


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
