"""An exchange as a recorded case: a folder of files as they went over the line, without keys."""

import os
import re
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..json import dumps
from .evidence import Exchange

__all__ = ["FOLDERS", "write_case"]

#: The folder of each protocol's cases.
FOLDERS = {
    "openai_chat_completions": "openai_chat",
    "openai_responses": "openai_responses",
    "anthropic_messages": "anthropic_messages",
    "gemini_generate_content": "gemini_generate",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_MAIL = re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+[A-Za-z]")


def write_case(
    folder: str | os.PathLike[str],
    name: str,
    exchange: Exchange,
    *,
    wire: str,
    provider: str,
    model: str,
    shows: str,
) -> str:
    """Write ``folder/<protocol>/<name>/`` and return its path.

    ``request.json``, ``request.headers.json``, ``response.json`` or ``response.sse`` (or ``.html``, for what is
    neither), ``response.headers.json``, ``meta.json``. Bodies are as they came, but for keys and mail addresses, which
    are ``***``; ``meta.json`` counts them.

    Raises:
        ConfigurationError: there is such a case, its name is none for a folder, or no whole answer came.
        OSError: it cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r}: a case is called by lower-case letters, digits, '_' and '-'")
    if exchange.status is None or exchange.cut:
        raise ConfigurationError(f"{name}: no whole answer came: {exchange.error or 'it is cut'}")
    place = os.path.join(os.fspath(folder), FOLDERS[wire], name)
    try:
        os.makedirs(place)
    except FileExistsError:
        raise ConfigurationError(f"{place} is there already; give another name") from None
    body = _MAIL.sub(b"***", exchange.body)
    ending = _ending(exchange)
    files: dict[str, bytes] = {
        f"response.{ending}": body,
        "request.headers.json": _json(_request_head(exchange)),
        "response.headers.json": _json({"status": exchange.status, "headers": dict(exchange.headers)}),
        "meta.json": _json(_meta(exchange, body, ending, provider=provider, model=model, shows=shows)),
    }
    if exchange.request:
        files["request.json"] = exchange.request
    for file, data in files.items():
        with open(os.path.join(place, file), "wb") as target:
            target.write(data)
    return place


def _request_head(exchange: Exchange) -> dict[str, Any]:
    parts = urlsplit(exchange.url)
    return {
        "method": exchange.method,
        "host": parts.hostname,
        "path": parts.path,
        "query": parts.query or None,
        "headers": dict(exchange.request_headers),
    }


def _ending(exchange: Exchange) -> str:
    kind = next((value for name, value in exchange.headers.items() if name.lower() == "content-type"), "").lower()
    if kind.startswith("text/event-stream") or exchange.body.lstrip()[:5] in (b"data:", b"event"):
        return "sse"
    return "json" if exchange.body.lstrip()[:1] in (b"{", b"[") else "html"


def _meta(exchange: Exchange, body: bytes, ending: str, *, provider: str, model: str, shows: str) -> dict[str, Any]:
    meta: dict[str, Any] = {
        "source_repo": None,
        "path": None,
        "interaction_index": 0,
        "commit": None,
        "licence": None,
        "provider": provider,
        "model": model,
        "shows": shows,
        "status": exchange.status,
        "stream": ending == "sse",
        "reconstructed_framing": False,
        "provenance": "recorded (minillm compat record)",
        "request_known": bool(exchange.request),
        "scrubbed_values": body.count(b"***") + exchange.request.count(b"***"),
        "response_sha256": sha256(body).hexdigest(),
        "base64_stripped": False,
        "notes": [exchange.error] if exchange.error else [],
    }
    if ending == "sse":
        meta["line_ends"] = "crlf" if b"\r\n" in body else "lf"
        meta["ends_with_blank_line"] = body.endswith((b"\n\n", b"\r\n\r\n"))
    return meta


def _json(value: Any) -> bytes:
    return dumps(value, indent=True) + b"\n"
