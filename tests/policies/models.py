"""Models for the tests of policies: scripted answers that know of their attempts."""

from contextlib import asynccontextmanager

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


class Tracked:
    """A model that knows how many of its streams are open."""

    def __init__(self, model):
        self._model = model
        self.open = 0
        self.held = []  # so that nothing is closed by being forgotten

    async def complete(self, request):
        return await self._model.complete(request)

    def stream(self, request):
        manager = _tracked(self, self._model.stream(request))
        self.held.append(manager.gen)
        return manager


@asynccontextmanager
async def _tracked(tracked, manager):
    async with manager as stream:
        tracked.open += 1
        try:
            yield stream
        finally:
            tracked.open -= 1


async def streamed(model, request=REQUEST):
    async with model.stream(request) as stream:
        return await stream.collect()


async def whole(model, request=REQUEST):
    return await model.complete(request)
