"""One call, from what was asked to its bill: what ``chat`` does with a node, without one."""

from collections.abc import Sequence

from ..calling.billing import settled, tell_bill
from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..policies.options import CallOptions
from ..routing import RoutePlan
from ..stack import Model, build
from ..transforms.chain import as_transform
from ..types import Attempt, ChatResponse, Loss
from .asked import Asked

__all__ = ["DispatchedCall"]


class DispatchedCall:
    """What a call needs from its start to its end.

    Args:
        asked: what is asked, and of whom.
        streamed: whether the answer is read as a stream.
    """

    __slots__ = ("asked", "attempts", "model")

    def __init__(self, asked: Asked, *, streamed: bool = False) -> None:
        if streamed and asked.reply is not None:
            _check_restarts(asked.model)
        self.asked = asked
        self.attempts: list[Attempt] = []
        native = streamed and asked.reply is not None and not _changes_answers(asked.model, asked.options)
        self.model = build(asked.model, asked.options, attempts=self.attempts, native=native)

    async def run(self) -> ChatResponse:
        """The whole answer; its bill is told, whatever the end."""
        try:
            response = await self.model.complete(self.asked.request)
        except BaseException as error:
            await self.failed(error)
            raise
        await self.answered(response)
        return response

    async def answered(self, response: ChatResponse) -> None:
        await tell_bill(self.asked.callback, self.asked.model, response.attempts)

    async def failed(self, error: BaseException | None, attempts: Sequence[Attempt] = ()) -> None:
        await tell_bill(self.asked.callback, self.asked.model, settled(error, attempts, self.attempts))

    def report(self, losses: Sequence[Loss]) -> None:
        """Tell what the host could not be told, where somebody collects it."""
        report = self.asked.report
        for loss in losses if report is not None else ():
            for _ in range(loss.count):
                report.add(loss.path, loss.what, loss.reason, loss.severity)  # type: ignore[union-attr]


def _changes_answers(model: Model, options: CallOptions) -> bool:
    """Whether events differ from the frames that they came in, so that no frame may be said as it came."""
    if options.force_prepend or options.judges:  # one that is judged ends later than its last frame
        return True
    if isinstance(model, RoutePlan):
        return model.rules.midstream != "fail" or any(_changes_answers(each, options) for each in model.models)
    own = map(as_transform, model.transforms) if isinstance(model, GeneratorInfo) else ()
    return any(change.events or change.stream for change in (*options.transforms, *own))


def _check_restarts(model: Model) -> None:
    if not isinstance(model, RoutePlan):
        return
    if model.rules.midstream == "restart":
        raise ConfigurationError(
            'midstream="restart" cannot be said in the stream of a wire: what was sent cannot be taken back; '
            'use "fail", "continue", or commit="end"'
        )
    for each in model.models:
        if isinstance(each, RoutePlan):
            _check_restarts(each)
