"""Models for the tests of policies: scripted answers that know of their attempts."""

from minillm.types import Attempt, ChatRequest, ChatResponse, Choice, FinishReason, Message, Outcome

REQUEST = ChatRequest("m", (Message("user", "Hi"),))


def response(text="Hello.", usage=None, *, attempts=None, **more):
    """An answer that came in one accepted attempt."""
    message = text if isinstance(text, Message) else Message("assistant", text)
    attempt = Attempt("host", "m", "wire", 0.0, outcome=Outcome.ACCEPTED, usage=usage)
    made = (attempt,) if attempts is None else attempts
    reason = more.pop("reason", FinishReason.STOP)
    return ChatResponse("id", "m", (Choice(0, message, reason, reason and reason.value),), usage, attempts=made, **more)


def failed(kind, status=500, **more):
    """An error that came out of one failed attempt."""
    attempt = Attempt(
        "host",
        "m",
        "wire",
        0.0,
        outcome=Outcome.FAILED,
        status=status,
        error=kind.__name__,
        usage=more.pop("usage", None),
    )
    return kind("no", attempts=[attempt], **more)


async def streamed(model, request=REQUEST):
    async with model.stream(request) as stream:
        return await stream.collect()


async def whole(model, request=REQUEST):
    return await model.complete(request)
