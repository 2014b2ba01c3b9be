"""What findings say of a host, as a profile that the client loads."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..json import dumps
from ..providers.profile import FORMAT, VERSION
from .results import Results
from .verdict import Verdict

__all__ = ["profile_of", "write_profile"]

_CLOSED = "closed_json_schema"


def profile_of(results: Results, target: str, generator: GeneratorInfo) -> dict[str, Any]:
    """The profile of one target.

    Only what was shown stands in it: a probe that was inconclusive or skipped says nothing.

    Raises:
        ConfigurationError: nothing was found out of that target.
    """
    rows = [row for row in results.rows.values() if row.target == target]
    if not any(row.verdict is not Verdict.SKIPPED for row in rows):
        raise ConfigurationError(f"nothing was found out of {target!r}: there is no profile of it")
    endpoint = generator.endpoint
    quirks: dict[str, Any] = {}
    capabilities: dict[str, Any] = {}
    unsupported: set[str] = set()
    formats: dict[str, bool] = {}
    streaming: bool | None = None
    for row in rows:
        for name, value in row.learned.items():
            table, _, key = name.partition(".")
            if table == "quirks":
                quirks[key] = value
            elif table == "capabilities":
                capabilities[key] = value
            elif table == "unsupported":
                unsupported.update(value)
            elif table == "formats":
                formats.update(value)
            elif table == "streaming":
                streaming = value
    if formats:
        quirks["response_formats"] = sorted(_formats(endpoint.quirks.response_formats, formats))
    if unsupported:
        quirks["unsupported"] = sorted(unsupported)
    profile: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "wire": endpoint.wire,
        "about": {
            "model": generator.model,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "found": results.counts(target),
        },
    }
    if streaming is not None:
        profile["streaming"] = streaming
    return profile | {"quirks": quirks, "capabilities": capabilities}


def write_profile(
    results: Results, target: str, generator: GeneratorInfo, path: str | os.PathLike[str]
) -> dict[str, Any]:
    """Write :func:`profile_of` and return it.

    Raises:
        ConfigurationError: nothing was found out of that target.
        OSError: it cannot be written.
    """
    profile = profile_of(results, target, generator)
    with open(path, "wb") as file:
        file.write(dumps(profile, indent=True) + b"\n")
    return profile


def _formats(known: frozenset[str], shown: Mapping[str, bool]) -> set[str]:
    """What the row says, corrected by what was shown."""
    found = set(known)
    for name, works in shown.items():
        if works:
            if not (name == "json_schema" and _CLOSED in found):
                found.add(name)
        else:
            found.discard(name)
            if name == "json_schema":
                found.discard(_CLOSED)
    return found | {"text"}
