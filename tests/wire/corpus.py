"""The recorded corpus: what hosts really sent, read as bytes.

It is not part of this repository. ``MINILLM_WIRE_CORPUS`` names its folder (relative paths count
from the repository's root); without it the folder ``../shared/wire`` is tried.
"""

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.required import demand

REPOSITORY = Path(__file__).resolve().parents[2]


def root() -> Path:
    """The corpus folder; it may not exist."""
    return (REPOSITORY / os.environ.get("MINILLM_WIRE_CORPUS", "../shared/wire")).resolve()


@dataclass(frozen=True)
class Case:
    """One recorded exchange."""

    wire: str
    name: str
    folder: Path

    @cached_property
    def meta(self) -> dict[str, Any]:
        return self._json("meta.json")

    @cached_property
    def body(self) -> bytes:
        """The response as it came, scrubbed of keys and names only."""
        return self._body_files[0].read_bytes()

    @cached_property
    def has_body(self) -> bool:
        """False where only the headers were published."""
        return bool(self._body_files)

    @cached_property
    def is_json(self) -> bool:
        """One JSON value; else a stream, or a proxy's page."""
        return (self.folder / "response.json").exists()

    @cached_property
    def is_stream(self) -> bool:
        return (self.folder / "response.sse").exists()

    @cached_property
    def request(self) -> dict[str, Any] | None:
        """The body sent, or None where the source did not publish it."""
        return self._json("request.json") if (self.folder / "request.json").exists() else None

    @cached_property
    def status(self) -> int:
        """As published, else what ``meta.json`` says."""
        return int(self._head.get("status") or self.meta.get("status") or 200)

    @cached_property
    def headers(self) -> dict[str, str]:
        """Empty where they were not published."""
        return dict(self._head.get("headers") or {})

    @cached_property
    def _head(self) -> dict[str, Any]:
        return self._json("response.headers.json") if (self.folder / "response.headers.json").exists() else {}

    @cached_property
    def _body_files(self) -> list[Path]:
        return [path for path in self.folder.glob("response.*") if path.name != "response.headers.json"]

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())


def names(wire: str) -> list[str]:
    """All cases of a wire's folder, sorted; empty where there is no corpus."""
    folder = root() / wire
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def case(wire: str, name: str) -> Case:
    """One case; skips the test, or fails it where the corpus is required, if it is not there."""
    folder = root() / wire / name
    demand(
        "corpus",
        folder.is_dir(),
        f"there is no recorded case {wire}/{name} under {root()}: set MINILLM_WIRE_CORPUS to the corpus folder",
    )
    return Case(wire, name, folder)
