"""What a generator sets by itself, put into a request that was made for several generators."""

from collections.abc import Coroutine, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from ..chat_model import ChatModel, EventStream
from ..types import UNSET, ChatRequest, ChatResponse, CompletionParameters
from ..types.quick import changed

__all__ = ["OwnDefaults"]


class OwnDefaults:
    """Names the route's own model where a request names another, and fills in what neither call nor keyword set.

    Args:
        kept: room for what is found once a generator: whether there are defaults, the last parameters and what came of
            them, since calls of a kind share theirs.
    """

    __slots__ = ("_defaults", "_kept", "_model", "_name")

    def __init__(
        self, model: ChatModel, name: str, defaults: CompletionParameters, kept: MutableMapping[str, Any]
    ) -> None:
        self._model = model
        self._name = name
        self._defaults = defaults
        self._kept = kept

    def complete(self, request: ChatRequest) -> Coroutine[Any, Any, ChatResponse]:
        """As the model does, which gives the coroutine itself: this costs a call no step of its own."""
        return self._model.complete(self._own(request))

    def stream(self, request: ChatRequest) -> AbstractAsyncContextManager[EventStream]:
        return self._model.stream(self._own(request))

    def _own(self, request: ChatRequest) -> ChatRequest:
        sets: bool | None = self._kept.get("sets")
        if sets is None:
            sets = self._kept["sets"] = bool(self._defaults.set_fields())
        if sets:
            return changed(request, model=self._name, parameters=self._filled(request.parameters))
        # Who sends it fills in a model where none is named: the usual case, which a copy would make dearer.
        return request if request.model is None else changed(request, model=self._name)

    def _filled(self, parameters: CompletionParameters) -> CompletionParameters:
        """The defaults, and over them what the call set."""
        known: tuple[CompletionParameters, CompletionParameters] | None = self._kept.get("filled")
        if known is not None and known[0] is parameters:
            return known[1]
        filled = self._defaults.merged(parameters)
        # Where both have extras, those are copied into one mapping, and the two may change.
        if self._defaults.extra is UNSET or parameters.extra is UNSET:
            self._kept["filled"] = parameters, filled
        return filled
