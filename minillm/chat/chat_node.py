"""The tree that talks: a Node with one-line doors to completion, streams and branches.

What stands behind the doors is imported when one is first opened, so that a program that only builds
or reads trees does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, Unpack, overload

from ..tree import Node
from ..tree.bare_node import details_of
from ..types import ChatResponse, Content, JSONValue, Message, Role, ToolResultPart, as_content
from .asking_node import AskingNode

if TYPE_CHECKING:
    from types import UnionType
    from typing import _SpecialForm

    from ..stack import Model
    from .branch import BranchRun, Warm
    from .completion import Completion
    from .parameters import BranchOptions, Options, Params
    from .run import Run
    from .run_options import RunOptions
    from .stream import ChatStream

    # What mypy cannot yet take for a type[T]: unions and Literal.
    TypeForm = UnionType | _SpecialForm

__all__ = ["ChatNode", "Reply"]

T = TypeVar("T")


class ChatNode(AskingNode):
    """A message in a conversation tree that can be continued by a model.

    Example:
        >>> root = ChatNode.root("You are terse.")
        >>> reply = await root.chat("Capital of France?", GeneratorInfo.local())
        >>> print(reply.text)
    """

    __slots__ = ()

    @overload
    async def complete(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: type[T],
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> Reply[T]: ...
    @overload
    async def complete(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: Mapping[str, Any],
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> Reply[JSONValue]: ...
    @overload
    async def complete(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: None = None,
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> Reply[str]: ...
    @overload
    async def complete(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: TypeForm,
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> Reply[Any]: ...
    async def complete(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: Any = None,
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> Reply[Any]:
        """Ask ``gen`` to continue the conversation that ends here; the reply attaches under this node.

        Args:
            gen: a GeneratorInfo, or anything with ``complete`` and ``stream``.
            params: see :class:`NodeCompletionParameters`.
            output: a type or JSON Schema the answer must fit; ``reply.output`` holds the value. Any type that has
                a form in JSON: a dataclass, TypedDict or pydantic model, a list, a union, ``Literal``, an enum.
            user: say this first; question and reply attach together, on success only.
            options: every field of the parameters as a keyword; it wins over ``params``.

        Raises:
            ConfigurationError: a setting or key is wrong; nothing was sent.
            UnansweredToolCalls: the path holds a tool call without a result; nothing was sent.
            EncodeError: the request cannot be said to this host; nothing was sent.
            APIError: the host refused, and asking again did not help or would not.
            TransportError: the exchange broke, or a timeout passed.
            DecodeError: the host's answer does not follow its protocol.
            OutputError: the answer is not what was asked for.
        """
        return await _completion(Reply.of, self, gen, params, options, output, user).run()

    @overload
    async def chat(
        self, content: Content, gen: Model, /, params: Params = None, *, output: type[T], **options: Unpack[Options]
    ) -> Reply[T]: ...
    @overload
    async def chat(
        self,
        content: Content,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: Mapping[str, Any],
        **options: Unpack[Options],
    ) -> Reply[JSONValue]: ...
    @overload
    async def chat(
        self, content: Content, gen: Model, /, params: Params = None, *, output: None = None, **options: Unpack[Options]
    ) -> Reply[str]: ...
    @overload
    async def chat(
        self,
        content: Content,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: TypeForm,
        **options: Unpack[Options],
    ) -> Reply[Any]: ...
    async def chat(
        self, content: Content, gen: Model, /, params: Params = None, *, output: Any = None, **options: Unpack[Options]
    ) -> Reply[Any]:
        """``complete`` with ``user=content``: say something and get the reply."""
        return await _completion(Reply.of, self, gen, params, options, output, content).run()

    @overload
    def stream(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: type[T],
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> ChatStream[Reply[T]]: ...
    @overload
    def stream(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: Mapping[str, Any],
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> ChatStream[Reply[JSONValue]]: ...
    @overload
    def stream(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: None = None,
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> ChatStream[Reply[str]]: ...
    @overload
    def stream(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: TypeForm,
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> ChatStream[Reply[Any]]: ...
    def stream(
        self,
        gen: Model,
        /,
        params: Params = None,
        *,
        output: Any = None,
        user: Content | None = None,
        **options: Unpack[Options],
    ) -> ChatStream[Reply[Any]]:
        """Like :meth:`complete`, but the answer as it comes: use it as ``async with``.

        Opening raises what ``complete`` raises; a started stream that is cut raises StreamInterrupted
        and attaches nothing. See :class:`ChatStream`.
        """
        from .stream import ChatStream

        return ChatStream(_completion(Reply.of, self, gen, params, options, output, user))

    @overload
    def branch(
        self,
        gen: Model | Iterable[Model],
        /,
        params: Params = None,
        *,
        output: type[T],
        n: int | None = None,
        user: Content | None = None,
        limit: int | None = None,
        warm: Warm = "auto",
        **options: Unpack[BranchOptions],
    ) -> BranchRun[Reply[T]]: ...
    @overload
    def branch(
        self,
        gen: Model | Iterable[Model],
        /,
        params: Params = None,
        *,
        output: Mapping[str, Any],
        n: int | None = None,
        user: Content | None = None,
        limit: int | None = None,
        warm: Warm = "auto",
        **options: Unpack[BranchOptions],
    ) -> BranchRun[Reply[JSONValue]]: ...
    @overload
    def branch(
        self,
        gen: Model | Iterable[Model],
        /,
        params: Params = None,
        *,
        output: None = None,
        n: int | None = None,
        user: Content | None = None,
        limit: int | None = None,
        warm: Warm = "auto",
        **options: Unpack[BranchOptions],
    ) -> BranchRun[Reply[str]]: ...
    @overload
    def branch(
        self,
        gen: Model | Iterable[Model],
        /,
        params: Params = None,
        *,
        output: TypeForm,
        n: int | None = None,
        user: Content | None = None,
        limit: int | None = None,
        warm: Warm = "auto",
        **options: Unpack[BranchOptions],
    ) -> BranchRun[Reply[Any]]: ...
    def branch(
        self,
        gen: Model | Iterable[Model],
        /,
        params: Params = None,
        *,
        output: Any = None,
        n: int | None = None,
        user: Content | None = None,
        limit: int | None = None,
        warm: Warm = "auto",
        **options: Unpack[BranchOptions],
    ) -> BranchRun[Reply[Any]]:
        """Several replies at once: await it, or take them as they finish in ``async with``.

        Args:
            gen: one generator, or several.
            n: replies from each generator (default 1).
            limit: how many requests may run at a time; None is all.
            warm: let the first go ahead until its first content, so that the others find the prompt in
                the host's cache; ``"auto"`` does so when the path carries cache marks.

        Raises:
            BranchFailed: none was answered; ``.errors`` holds one error a sibling.
        """
        from .branch import BranchRun, requested

        models = requested(gen, n)
        # One question for all of them; it is listed when the first is answered.
        asked = None if user is None else self.unlisted(Message(Role.USER, as_content(user)))

        def completions() -> list[Completion[Reply[Any]]]:
            return [_completion(Reply.of, self, model, params, options, output, asked) for model in models]

        return BranchRun(completions, limit=limit, warm=warm)

    @overload
    def run(
        self, gen: Model, /, params: Params = None, *, output: type[T], **options: Unpack[RunOptions]
    ) -> Run[Reply[T], ChatNode]: ...
    @overload
    def run(
        self, gen: Model, /, params: Params = None, *, output: Mapping[str, Any], **options: Unpack[RunOptions]
    ) -> Run[Reply[JSONValue], ChatNode]: ...
    @overload
    def run(
        self, gen: Model, /, params: Params = None, *, output: None = None, **options: Unpack[RunOptions]
    ) -> Run[Reply[str], ChatNode]: ...
    @overload
    def run(
        self, gen: Model, /, params: Params = None, *, output: TypeForm, **options: Unpack[RunOptions]
    ) -> Run[Reply[Any], ChatNode]: ...
    def run(
        self, gen: Model, /, params: Params = None, *, output: Any = None, **options: Unpack[RunOptions]
    ) -> Run[Reply[Any], ChatNode]:
        """Let ``gen`` call ``tools=`` until it answers: await it for the answer, or take the events in ``async with``.

        From the last node of an earlier run it goes on: what has a result is not run again. See :class:`Run`.

        Args:
            options: those of :meth:`complete`, for every round; a ``tool_choice`` that demands a call holds for the
                first. Beside them: ``user``: say this first. ``approve``: asked before each call, plain or async;
                gives Allow, Deny, Edit, Answer or Defer. ``limits``: RunLimits, by default 20 rounds.
                ``on_interrupted``: a call that an earlier run had begun and saw no result of is for ``approve``
                (``"ask"``, the default), is run again where its tool is idempotent, else asked for (``"rerun"``), or
                an error (``"error"``).

        Raises:
            RunStopped: a limit was met first, or calls wait for results from elsewhere; ``.node`` goes on.
            InterruptedToolCalls: there are such calls, and nobody says what to do with them.
            MiniLLMError: what :meth:`complete` raises; what is on the tree by then stays there.
        """
        from .run import Run

        return Run(Reply.of, Reply.in_place_of, self, gen, params, options, output)

    if TYPE_CHECKING:
        # The tree of a ChatNode is made of ChatNodes; Node itself cannot know that.
        @property
        def parent(self) -> ChatNode | None: ...
        @property
        def children(self) -> tuple[ChatNode, ...]: ...
        def add_user(self, content: Content) -> ChatNode: ...
        def add_assistant(self, content: Content) -> ChatNode: ...
        def add_system(self, content: Content) -> ChatNode: ...
        def add_tool_results(self, results: Iterable[ToolResultPart] | Mapping[str, Content]) -> ChatNode: ...
        def add_sibling(self, message: Message | Content) -> ChatNode: ...
        def unlisted(self, message: Message) -> ChatNode: ...
        def get_root(self) -> ChatNode: ...
        def path(self) -> list[ChatNode]: ...  # type: ignore[override]
        def iter_depth_first(self) -> Iterator[ChatNode]: ...
        def iter_breadth_first(self) -> Iterator[ChatNode]: ...
        def iter_leaves(self) -> Iterator[ChatNode]: ...
        def find(self, id: str) -> ChatNode | None: ...
        def merge(self, other: Node, *, copy: bool = False) -> ChatNode: ...


class Reply(ChatNode, Generic[T]):
    """A node that a model wrote.

    ``output`` is the parsed value where ``output=`` or ``expect=`` asked for one, else the text. Where the model
    called tools instead, or the stream was left early, there is none: it is None, whatever its type says.
    """

    __slots__ = ()
    _plain: ClassVar[type[Any]] = ChatNode

    @classmethod
    def of(cls, response: ChatResponse, format_kwargs: Mapping[str, Any] | None = None) -> Reply[Any]:
        """A reply, not yet attached, from a response. It remembers what filled the request's placeholders."""
        reply: Reply[Any] = cls(response.message)
        details_of(reply).response = response  # nobody can be watching it yet
        if format_kwargs:
            reply.format_kwargs.update(format_kwargs)
        return reply

    @classmethod
    def in_place_of(cls, node: Node) -> Reply[Any]:
        """This very node as the reply that it is: files say that a model wrote it, and loading makes plain nodes."""
        if not isinstance(node, Reply):
            node.__class__ = cls
        return node  # type: ignore[return-value]

    @property
    def response(self) -> ChatResponse:
        """The answer, with its usage, finish reason, losses and attempts."""
        response = super().response
        return response if response is not None else ChatResponse()

    @property
    def output(self) -> T:
        response = self.response
        value: Any = response.text if response.raw_text is None else response.output
        return value  # type: ignore[no-any-return]


def _completion(*arguments: Any) -> Completion[Reply[Any]]:
    """Makes a Completion; the first call imports the class and puts it in this function's place."""
    global _completion  # noqa: PLW0603  once a program
    from .completion import Completion

    _completion = Completion  # pyright: ignore[reportAssignmentType]
    return Completion(*arguments)
