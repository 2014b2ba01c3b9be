"""Requests that are wrong: whether they are refused as such, in a form that a client understands."""

from ...errors import APIError, AuthenticationError, MiniLLMError
from ..evidence import Alter, Exchange, body_json
from ..probe import of_error, probe
from ..subject import Subject
from ..verdict import Finding, Verdict, degraded, failed, inconclusive, passed, unsupported
from .wrong import with_a_number, with_model, with_wrong_key

__all__ = [
    "error_400",
    "error_401",
    "error_404",
    "error_stream",
]

GROUP = "faults"
_NO_MODEL = "no-such-model-5823"


@probe(
    GROUP,
    "a body whose conversation is a number",
    "400 or 422 with an error as JSON; 500 and errors of another form are degraded, an answer is a failure",
)
async def error_400(subject: Subject) -> Finding:
    return await _refusal(subject, with_a_number, (400, 422))


@probe(
    GROUP,
    "the same, asked for in pieces",
    "the status says it, not a frame of a stream that began with success",
)
async def error_stream(subject: Subject) -> Finding:
    return await _refusal(subject, with_a_number, (400, 422), in_pieces=True)


@probe(
    GROUP,
    "a key that is none",
    "401 or 403 with an error as JSON; a host that answers asks for no key",
)
async def error_401(subject: Subject) -> Finding:
    finding = await _refusal(subject, with_wrong_key(subject.generator.endpoint.auth.header), (401, 403))
    if finding.verdict is Verdict.FAIL and finding.ignored:
        return unsupported("any key is taken: this host asks for none")
    return finding


@probe(
    GROUP,
    "a model that is none",
    "404 or 400 with an error as JSON; a host that answers all the same does not look at the name, which is degraded",
)
async def error_404(subject: Subject) -> Finding:
    finding = await _refusal(subject, with_model(subject.generator.model, _NO_MODEL), (404, 400, 422))
    if finding.verdict is Verdict.FAIL and finding.ignored:
        return degraded("any name of a model is answered")
    return finding


async def _refusal(
    subject: Subject,
    alter: Alter,
    wanted: tuple[int, ...],
    *,
    in_pieces: bool = False,
) -> Finding:
    try:
        if in_pieces:
            await subject.stream("Say yes.", alter=alter)
        else:
            await subject.ask("Say yes.", alter=alter)
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
