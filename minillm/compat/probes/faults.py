"""Requests that are wrong: whether they are refused as such, in a form that a client understands."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from ...errors import APIError, AuthenticationError, MiniLLMError
from ...json import dumps, loads
from ...transport import HTTPRequest
from ..evidence import Alter, Exchange, body_json
from ..probe import of_error, probe
from ..subject import Subject
from ..verdict import Finding, Verdict, degraded, failed, inconclusive, passed, unsupported

GROUP = "faults"
_TURNS = ("messages", "input", "contents")
_PATHS = ("/chat/completions", "/responses", "/messages", "/models/")
_NO_MODEL = "no-such-model-5823"


@probe(
    GROUP,
    "a body whose conversation is a number",
    "400 or 422 with an error as JSON; 500 and errors of another form are degraded, an answer is a failure",
)
async def error_400(subject: Subject) -> Finding:
    return await _refusal(subject, _with_a_number, (400, 422))


@probe(
    GROUP,
    "the same, asked for in pieces",
    "the status says it, not a frame of a stream that began with success",
)
async def error_stream(subject: Subject) -> Finding:
    return await _refusal(subject, _with_a_number, (400, 422), in_pieces=True)


@probe(
    GROUP,
    "a key that is none",
    "401 or 403 with an error as JSON; a host that answers asks for no key",
)
async def error_401(subject: Subject) -> Finding:
    finding = await _refusal(subject, _with_wrong_key(subject.generator.endpoint.auth.header), (401, 403))
    if finding.verdict is Verdict.FAIL and finding.ignored:
        return unsupported("any key is taken: this host asks for none")
    return finding


@probe(
    GROUP,
    "a model that is none",
    "404 or 400 with an error as JSON; a host that answers all the same does not look at the name, which is degraded",
)
async def error_404(subject: Subject) -> Finding:
    finding = await _refusal(subject, None, (404, 400, 422), model=_NO_MODEL)
    if finding.verdict is Verdict.FAIL and finding.ignored:
        return degraded("any name of a model is answered")
    return finding


async def _refusal(
    subject: Subject,
    alter: Alter | None,
    wanted: tuple[int, ...],
    *,
    in_pieces: bool = False,
    model: str | None = None,
) -> Finding:
    try:
        if in_pieces:
            await subject.stream("Say yes.", alter=alter, model=model)
        else:
            await subject.ask("Say yes.", alter=alter, model=model)
    except APIError as error:
        return _of_refusal(error, subject.exchanges[-1], wanted)
    except MiniLLMError as error:
        exchange = subject.exchanges[-1] if subject.exchanges else None
        if exchange is None or exchange.status is None or exchange.status >= 400:
            return of_error(error)
        return failed(f"{exchange.status} for a request that is wrong", ignored=True)
    return failed("answered as if nothing were wrong", ignored=True)


def _of_refusal(error: APIError, exchange: Exchange, wanted: tuple[int, ...]) -> Finding:
    status = exchange.status
    if status is not None and status < 400:
        return degraded(f"status {status}, and the error only in the body")
    if status not in wanted:
        if status in (401, 403):
            return inconclusive("no access" if isinstance(error, AuthenticationError) else f"status {status}")
        return degraded(f"status {status}, where {' or '.join(map(str, wanted))} is expected")
    if not isinstance(body_json(exchange), dict | list):
        return degraded(f"status {status}, but the error is no JSON")
    if not error.message.strip():
        return degraded(f"status {status} without a message")
    return passed(f"status {status} with a message")


def _with_a_number(request: HTTPRequest) -> HTTPRequest:
    body = loads(request.body or b"{}")
    for key in _TURNS:
        if key in body:
            body[key] = 42
    return replace(request, body=dumps(body))


def _with_wrong_key(header: str) -> Alter:
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
