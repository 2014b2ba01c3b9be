"""The tree that talks: a Node with one-line doors to completion, streams and branches.

What stands behind the doors is imported when one is first opened, so that a program that only builds
or reads trees does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, Unpack, overload

from ..tree import Node, attempts_of, cost_of
from ..types import (
    Attempt,
    ChatRequest,
    ChatResponse,
    Content,
    CostInfo,
    JSONValue,
    Message,
    Role,
    ToolResultPart,
    as_content,
)
from .purses import SubtreeBudget

if TYPE_CHECKING:
    from types import UnionType
    from typing import _SpecialForm

    from ..cost import Estimate
    from ..stack import Model
    from .branch import BranchRun, Warm
    from .caching import CacheState
    from .completion import Completion
    from .estimating import EstimatedCall, WholeCall
    from .parameters import BranchOptions, Options, Params
    from .stream import ChatStream

    # What mypy cannot yet take for a type[T]: unions and Literal.
    TypeForm = UnionType | _SpecialForm

__all__ = ["ChatNode", "Reply"]

T = TypeVar("T")


class ChatNode(Node):
    """A message in a conversation tree that can be continued by a model.

    Example:
        >>> root = ChatNode.root("You are terse.")
        >>> reply = await root.chat("Capital of France?", GeneratorInfo.local())
        >>> print(reply.text)
    """

    __slots__ = ()
    budget = SubtreeBudget()

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

    async def ensure_cached(
        self, gen: Model, /, params: Params = None, *, ttl: str | None = None, **options: Unpack[Options]
    ) -> CacheState:
        """See that the prompt up to the last cache mark on the path is in the host's cache.

        Where it is known to be there (this call, or a reply that told so), nothing is sent. Else one request makes the
        host read the prompt and answer as little as it can be asked to. A path without marks is cached to its end.
        Nothing is attached; the request is on this node's bill. Tasks that ask for the same at once share one request.

        Args:
            gen, params, options: as the calls to come will have them: tools, thinking and the answer's form are part
                of what is cached.
            ttl: how long (``"5m"``, ``"1h"``), for marks that do not say so themselves.

        Raises:
            What :meth:`complete` raises, but for what it says of the answer.
        """
        from .caching import ensure_cached

        return await ensure_cached(self, gen, params, ttl, options)

    def build_request(
        self, gen: Model, /, params: Params = None, *, output: Any = None, **options: Unpack[Options]
    ) -> ChatRequest:
        """Exactly what ``complete`` would ask, without asking; apart from the words in which a host without schemas
        is told of ``output``."""
        from .parameters import resolve
        from .request import build_request

        return build_request(self, gen, resolve(gen, params, options, output))

    def estimate(self, gen: Model, /, params: Params = None, **call: Unpack[EstimatedCall]) -> Estimate:
        """Tokens and USD that ``complete`` with the same arguments would take: lower, likely, upper; nothing is sent.

        ``calibration=`` is experience to draw on; None is the process's own, which every reply teaches.
        """
        from .estimating import estimate

        return estimate(self, gen, params, call)

    async def count_tokens(self, gen: Model, /, params: Params = None, **call: Unpack[WholeCall]) -> int:
        """The prompt tokens of that call, counted by the host (Anthropic, Gemini, OpenAI), free of charge.

        Raises what :meth:`complete` raises before an answer, ConfigurationError too where the host does not count.
        """
        from .estimating import count_tokens

        return await count_tokens(self, gen, params, call)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every HTTP exchange booked on this node: those of its answer, then those of calls that failed here."""
        return attempts_of(self)

    @property
    def cost(self) -> CostInfo:
        """What those exchanges cost; ``usd`` is None where any part is unknown. Nothing sent costs 0."""
        return cost_of((self,))

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
        reply.remember(response)
        if format_kwargs:
            reply.format_kwargs.update(format_kwargs)
        return reply

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
