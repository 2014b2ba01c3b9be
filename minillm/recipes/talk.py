"""A step whose model calls tools: the tool loop, kept node by node, gone on with from where it stands."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import InterruptedToolCalls
from ..stack import Model
from ..tools import Tool
from ..tree.rows import node_to_row
from ..tree.totals import response_of
from ..tree.watching import watchers
from ..types import Attempt, FinishReason
from .conversation import Conversation
from .form import CompleteStep, ToolLimits

if TYPE_CHECKING:
    from ..chat import ChatNode

__all__ = ["Keep", "KeptTalk", "Talk"]

Keep = Callable[[Sequence[Mapping[str, Any]]], object]


class Talk:
    """One try of such a step.

    Args:
        place: the step's id, with ``[3]`` behind it in a fan-out.
        keep: writes rows of nodes that came or changed; None where nothing is kept.
        again: calls that were begun and not seen to end are run again.
    """

    def __init__(
        self, form: CompleteStep, place: str, conversation: Conversation, keep: Keep | None, *, again: bool
    ) -> None:
        self._form = form
        self._place = place
        self._conversation = conversation
        self._keep = keep
        self._again = again or form.idempotent
        #: The HTTP exchanges of this try.
        self.attempts: Sequence[Attempt] = ()

    async def answer(
        self, model: Model, tools: Sequence[Tool[..., Any]], prompt: str, system: str
    ) -> "tuple[ChatNode, ChatNode]":
        """The topmost node, and the reply.

        Raises:
            InterruptedToolCalls: calls were begun, and nobody knows whether they were carried out.
            RunStopped: a limit was met.
            Whatever asking the model raises.
        """
        from ..chat import RunLimits

        form, begun = self._form, self._conversation.begun
        if self._place not in begun:
            asked, top = self._conversation.question(prompt, system, form.continues)
            begun[self._place] = top, asked
            if self._keep is not None:
                self._keep(self._conversation.rows(top, asked))
        top, node = begun[self._place]
        run = node.run(
            model,
            tools=tools,
            output=form.schema,
            limits=RunLimits(**asdict(form.limits or ToolLimits())),
            approve=(lambda _: True) if self._again else None,
            on_interrupted="rerun",  # of tools that are idempotent by themselves
            **form.options.said(),
        )
        kept: AbstractContextManager[Any] = nullcontext() if self._keep is None else KeptTalk(node, self._keep)
        try:
            with kept:
                reply: ChatNode = await run
        except InterruptedToolCalls as error:
            names = ", ".join(f"{call.name} ({call.id})" for call in error.calls)
            raise InterruptedToolCalls(
                f"{names}: begun before and not seen to end, so it may have done its work; rerun_interrupted=True "
                "(--rerun-interrupted) calls it again; idempotent = true in the step, or of the tool, always does",
                calls=error.calls,
            ) from None
        finally:
            self.attempts = run.attempts
            begun[self._place] = top, run.node
        del begun[self._place]
        return top, reply


class KeptTalk:
    """While it is open, every node that comes under the last one, and every change of one, is written at once."""

    def __init__(self, last: "ChatNode", keep: Keep) -> None:
        self._known: set[Any] = {*last.path()}
        self._keep = keep

    def __enter__(self) -> None:
        watchers.append(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        watchers.remove(self)

    def placed(self, node: Any) -> None:
        if node._parent not in self._known:
            return
        response = response_of(node)
        if response is not None and response.finish_reason is FinishReason.INTERRUPTED:
            return  # a piece that another answer took the place of: nobody goes on from it
        self._known.add(node)
        self._write(node)

    def changed(self, node: Any) -> None:
        if node in self._known:
            self._write(node)

    def removed(self, node: Any) -> None:
        self._known.discard(node)

    def spliced(self, node: Any, children: Sequence[Any]) -> None:
        """Nobody does so while it runs."""

    def touched(self, node: Any) -> None:
        """Nobody has them in hand."""

    def _write(self, node: Any) -> None:
        self._keep([node_to_row(node, node.id)])
