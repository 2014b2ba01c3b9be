"""What a generator sets by itself, put into a request that was made for several generators."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from ..chat_model import ChatModel, EventStream
from ..types import ChatRequest, ChatResponse, CompletionParameters

__all__ = ["OwnDefaults"]


class OwnDefaults:
    """Names the route's own model in each request, and fills in what neither the call nor a keyword has set."""

    def __init__(self, model: ChatModel, name: str, defaults: CompletionParameters) -> None:
        self._model = model
        self._name = name
        self._defaults = defaults

    async def complete(self, request: ChatRequest) -> ChatResponse:
        return await self._model.complete(self._own(request))

    def stream(self, request: ChatRequest) -> AbstractAsyncContextManager[EventStream]:
        return self._model.stream(self._own(request))

    def _own(self, request: ChatRequest) -> ChatRequest:
        defaults = self._defaults
        parameters = defaults.merged(request.parameters) if defaults.set_fields() else request.parameters
        return replace(request, model=self._name, parameters=parameters)
