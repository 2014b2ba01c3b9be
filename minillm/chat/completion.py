"""One completion: request out, reply on the tree, bill booked, whatever happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Generic, TypeVar

from ..calling.billing import settled, tell_bill
from ..chat_model import EventStream
from ..routing import RoutePlan
from ..stack import Model, build
from ..tree import Node
from ..types import Attempt, ChatResponse, Content, Role, as_content
from ..types.making import new_message
from .parameters import Call, Params, resolve
from .purses import budgets_over
from .request import build_request

__all__ = ["Completion", "MakeReply"]

R = TypeVar("R", bound=Node)
MakeReply = Callable[[ChatResponse, Mapping[str, Any] | None], R]


class Completion(Generic[R]):
    """What a call of ``complete``, ``stream`` or ``branch`` needs from its start to its end.

    The request is built once, when the call starts; the reply attaches to that node object, wherever
    it is by then. A failed call leaves the tree as it was, but for its bill.

    Args:
        make_reply: makes the node for an answer; given by ``ChatNode``, which this file stands below.
        user: what the user says first, or a node that says so and is not listed yet.
    """

    __slots__ = ("_budgets", "_make_reply", "asked", "attempts", "call", "model", "node", "request", "user")

    def __init__(
        self,
        make_reply: MakeReply[R],
        node: Node,
        model: Model,
        params: Params,
        options: Mapping[str, Any],
        output: Any = None,
        user: Content | Node | None = None,
    ) -> None:
        self._make_reply = make_reply
        self.node = node
        self.asked = model
        call: Call = resolve(model, params, options, output)
        self.call = call
        # The question knows its parent, so that templates reach it, but is listed only on success.
        self.user: Node | None = None if user is None else _question(node, user)
        attempts: list[Attempt] = []
        self.attempts = attempts
        self.request = build_request(node if self.user is None else self.user, model, call)
        self._budgets = budgets_over(node)
        lane = partial(_lane, node)
        self.model = build(model, call.options, attempts=attempts, lane=lane, budgets=self._budgets)

    def tell_begun(self, begun: Callable[[EventStream], object]) -> None:
        """Read the answer as a stream, and hand it to ``begun`` when its first content has come; at each attempt.

        To be said before :meth:`run`.
        """
        self.model = build(
            self.asked,
            self.call.options,
            attempts=self.attempts,
            begun=begun,
            lane=partial(_lane, self.node),
            budgets=self._budgets,
        )

    async def run(self) -> R:
        try:
            response = await self.model.complete(self.request)
        except BaseException as error:
            await self.failed(error)
            raise
        reply = self._attached(response)
        if self.call.cost_callback is not None:
            await tell_bill(self.call.cost_callback, self.asked, response.attempts)
        return reply

    async def replied(self, response: ChatResponse, abandoned: Sequence[ChatResponse] = ()) -> R:
        """Attach the reply, then tell the bill; an error in a callback never loses the answer.

        Args:
            abandoned: what came of answers that were begun anew by another route: siblings before the reply, each
                with the exchanges that it came in, which the reply is rid of.
        """
        reply = self._attached(response, abandoned)
        await tell_bill(self.call.cost_callback, self.asked, response.attempts)
        return reply

    def _attached(self, response: ChatResponse, abandoned: Sequence[ChatResponse] = ()) -> R:
        node, call, attach = self.node if self.user is None else self.user, self.call, self.call.attach
        self.attempts[:] = response.attempts  # the reply's own are fewer, where others answered in part
        if self.user is not None and attach:
            self.user.list_under_parent()
        for begun in abandoned:
            response = _without(response, begun.attempts)
            node.adopt(self._make_reply(begun, call.format_kwargs), listed=attach)
        reply = self._make_reply(response, call.format_kwargs)
        node.adopt(reply, listed=attach)
        usage = response.usage
        cached = usage is not None and (usage.cache_read_tokens or usage.cache_write_tokens)
        if cached and not isinstance(self.asked, RoutePlan):  # which of its caches it was nobody remembers
            from .warmth import learn

            learn(self.asked, call, self.request, response)
        return reply

    async def failed(self, error: BaseException | None, attempts: Sequence[Attempt] = ()) -> None:
        """Put what it cost on the node's bill.

        Args:
            error: what ended it; None where it was left without one.
            attempts: those that are known, where the error knows of none.
        """
        attempts = settled(error, attempts, self.attempts)
        self.node.book(attempts)
        await tell_bill(self.call.cost_callback, self.asked, attempts)


def _without(response: ChatResponse, attempts: Sequence[Attempt]) -> ChatResponse:
    theirs = set(map(id, attempts))
    return replace(response, attempts=tuple(each for each in response.attempts if id(each) not in theirs))


# No method: a call that its own policies refer to would wait for the garbage collector.
def _lane(node: Node) -> tuple[int, int]:
    """Where requests are paced, trees take turns, and within a tree its nodes."""
    return id(node.get_root()), id(node)


def _question(node: Node, user: Content | Node) -> Node:
    if isinstance(user, Node):
        return user
    return node.unlisted(new_message(Role.USER, user if type(user) is str else as_content(user)))
