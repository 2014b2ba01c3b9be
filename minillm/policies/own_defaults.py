"""What a generator sets by itself, put into a request that was made for several generators."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from ..chat_model import ChatModel, EventStream
from ..types import ChatRequest, ChatResponse, CompletionParameters

__all__ = ["OwnDefaults"]


class OwnDefaults:
    """Names the route's own model where a request names another, and fills in what neither call nor keyword set."""

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
        if defaults.set_fields():
            return replace(request, model=self._name, parameters=defaults.merged(request.parameters))
        # Who sends it fills in a model where none is named: the usual case, which a copy would make dearer.
        return request if request.model is None else replace(request, model=self._name)
