"""What of a request has to be looked at for one model: worked out once a generator, so that a plain request passes."""

from collections.abc import Sequence

from ..generator import GeneratorInfo
from ..providers import Capabilities
from ..types import ChatRequest, CompletionParameters, Message
from .abilities import refused_parameters

__all__ = ["Fitting", "fitting_of"]


class Fitting:
    """What a generator's own model is documented to take, and how its turns are signed (``origin``).

    Args:
        generator: whose.
        capabilities: what is known of the model.
    """

    __slots__ = ("_passed", "_refused", "_toolless", "capabilities", "origin")

    def __init__(self, generator: GeneratorInfo, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self.origin = generator.provider.name, generator.model
        self._refused = refused_parameters(generator, capabilities)
        self._toolless = capabilities.tools is False
        self._passed: CompletionParameters | None = None  # the last that may go: mostly those of the next request

    def passes(self, request: ChatRequest) -> bool:
        """Whether it may go as it is: nothing but text, no keys of the user's own, and what the model takes.

        Where it does not, something may have to be left out or refused; the files beside this one know what.
        """
        parameters = request.parameters
        if parameters is not self._passed:
            if parameters.get("extra") is not None or any(parameters.get(name) is not None for name in self._refused):
                return False
            self._passed = parameters
        if request.extra or (self._toolless and request.tools):
            return False
        return only_text(request.messages)


def only_text(messages: Sequence[Message]) -> bool:
    """Whether no message has parts: then there are no media, calls, results or voices in them either."""
    for message in messages:  # noqa: SIM110  a generator would cost more than the looks
        if type(message.content) is not str:
            return False
    return True


def fitting_of(generator: GeneratorInfo) -> Fitting:
    """Made once a generator."""
    made: Fitting | None = generator.prepared.get("fitting")
    if made is None:
        made = generator.prepared["fitting"] = Fitting(generator, generator.capabilities)
    return made
