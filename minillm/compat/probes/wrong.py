"""Requests that no client of ours makes: what is really sent instead of a sound one."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from ...json import dumps, loads
from ...transport import HTTPRequest
from ..evidence import Alter

__all__ = ["as_get", "with_a_number", "with_model", "with_wrong_key"]

_TURNS = ("messages", "input", "contents")
_PATHS = ("/chat/completions", "/responses", "/messages", "/models/")


def with_a_number(request: HTTPRequest) -> HTTPRequest:
    """A body whose conversation is a number."""
    body = loads(request.body or b"{}")
    for key in _TURNS:
        if key in body:
            body[key] = 42
    return replace(request, body=dumps(body))


def with_model(name: str, other: str) -> Alter:
    """Another model, in the body or in the path: behind the back of a budget, which would know no price of it."""

    def alter(request: HTTPRequest) -> HTTPRequest:
        body = loads(request.body or b"{}")
        if "model" in body:
            return replace(request, body=dumps({**body, "model": other}))
        return replace(request, url=request.url.replace(f"/{name}:", f"/{other}:"))

    return alter


def with_wrong_key(header: str) -> Alter:
    """A key that is none, in the header that carries the key."""

    def alter(request: HTTPRequest) -> HTTPRequest:
        wrong = "Bearer wrong-key-5823" if header == "authorization" else "wrong-key-5823"
        kept = {name: value for name, value in request.headers.items() if name.lower() != header.lower()}
        return replace(request, headers={**kept, header: wrong})

    return alter


def as_get(path: str) -> Alter:
    """Another path of the same host, read instead of posted to."""

    def alter(request: HTTPRequest) -> HTTPRequest:
        parts = urlsplit(request.url)
        for known in _PATHS:
            head, found, _ = parts.path.rpartition(known)
            if found:
                parts = parts._replace(path=head + path, query=_without_alt(parts.query))
                break
        return replace(request, method="GET", url=urlunsplit(parts), body=None)

    return alter


def _without_alt(query: str) -> str:
    return "&".join(each for each in query.split("&") if each and each != "alt=sse")
