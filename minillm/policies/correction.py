"""Ask again with the error shown: for answers that came, but do not fit."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from ..chat_model import ChatModel, EventStream
from ..errors import InvalidOutput, MiniLLMError
from ..types import ChatRequest, ChatResponse, Message, ResponseFormat, Role
from .instruction import in_words
from .options import CallOptions

__all__ = ["Correction", "corrected"]


class Correction:
    """Shows the model its rejected answer and what is wrong with it, up to ``options.corrections`` times.

    It stands outside ``Retry``, which leaves such answers to it: the same question again would only bring the
    same answer, and at temperature 0 surely. Streams pass by: what was shown cannot be taken back.
    """

    __slots__ = ("_model", "_options")

    def __init__(self, model: ChatModel, options: CallOptions) -> None:
        self._model = model
        self._options = options

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Raises what the model raises, with the attempts of all rejected answers before it."""
        try:
            return await self._model.complete(request)
        except InvalidOutput as error:
            rejection = error
        except MiniLLMError as error:
            raise error from error.__cause__
        return await self._again(request, rejection)

    async def _again(self, request: ChatRequest, rejection: InvalidOutput) -> ChatResponse:
        """The rounds after the first, whose answer was rejected."""
        before = rejection.attempts
        for _ in range(self._options.corrections):
            if rejection.response is None:
                break
            try:
                response = await self._model.complete(corrected(request, rejection, rejection.response, self._options))
            except InvalidOutput as error:
                before = error.attempts = (*before, *error.attempts)
                rejection = error
            except MiniLLMError as error:
                error.attempts = (*before, *error.attempts)
                raise error from rejection  # what was wrong at first is told too
            else:
                return replace(response, attempts=(*before, *response.attempts)) if before else response
        raise rejection

    def stream(self, request: ChatRequest) -> AbstractAsyncContextManager[EventStream]:
        return self._model.stream(request)


def corrected(request: ChatRequest, error: InvalidOutput, rejected: ChatResponse, options: CallOptions) -> ChatRequest:
    """The request that asks again: what was asked, the answer that does not fit, and what is wrong with it.

    Only the last rejected answer is shown, so that the request does not grow with each round.
    """
    answer = rejected.message
    said = (replace(answer, role=Role.ASSISTANT),) if answer.text.strip() else ()  # hosts refuse a message of nothing
    wanted = request.parameters.response_format
    fault = (error.hint or error.message).strip()
    words = [f"This answer cannot be used:\n{fault}", "Give the whole answer again, with that put right."]
    if isinstance(wanted, ResponseFormat) and wanted.kind == "json_schema":
        words.append(in_words(wanted))  # there are hosts that leave a schema unread and do not tell
    elif options.expect is not None and options.output is None:
        words.append(in_words(ResponseFormat("json")))
    return replace(request, messages=(*request.messages, *said, Message(Role.USER, "\n".join(words))))
