"""One message in a conversation tree: its place, its moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from ..errors import ConfigurationError, TreeError
from ..types import Attempt, CacheBreakpoint, ChatResponse, Content, Message, Role, ToolResultPart
from . import moves, templates, traversal
from .bare_node import Details, blank, checked_node, children_of, details_of, message_of, path_of, root_of
from .ids import id_text, node_id
from .marks import checked_lifetime, mark_of, set_mark
from .node_files import NodeFiles
from .totals import bill_of, book, remember, response_of
from .watching import tell_changed, tell_touched, watchers

if TYPE_CHECKING:
    from .thread_file import Thread

__all__ = ["Node"]

N = TypeVar("N", bound="Node")

_PREVIEW = 40
_SYSTEM = Role.SYSTEM


class Node(NodeFiles):
    """A message with its place in a tree.

    Nodes are equal and hashable by identity; the message inside is a value. Links are ordinary
    references both ways: whoever holds any node holds the whole tree. A tree belongs to one thread
    at a time. A subclass is its own class of children, unless it says ``_plain = SomeOtherNode``.

    Args:
        message: what is said; any role may be a root.
    """

    __slots__ = ()

    def __init__(self, message: Message) -> None:
        if not isinstance(message, Message):
            raise TypeError(f"a Message is expected, not {type(message).__name__}; root() takes text")
        self._role = message.role
        self._message = message
        self._parent = self._children = self._details = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_plain" not in cls.__dict__:
            cls._plain = cls

    # ---------------------------------------------------------------- making

    @classmethod
    def root(cls, text: Content = "") -> Self:
        """A new tree whose root is a system message; an empty one sends nothing."""
        if type(text) is str:
            return blank(cls._plain, _SYSTEM, text)  # type: ignore[no-any-return]
        return moves.new_node(cls._plain, _SYSTEM, text)  # type: ignore[no-any-return]

    @classmethod
    def from_messages(cls, messages: Iterable[Message]) -> Thread[Self]:
        """A chain of new nodes, root first.

        Raises:
            TreeError: there are no messages.
        """
        from .thread_file import thread_of_messages

        return thread_of_messages(cls._plain, messages)

    def add_user(self, content: Content) -> Node:
        """A new child in which the user speaks."""
        return moves.add_new(self, Role.USER, content)  # type: ignore[no-any-return]

    def add_assistant(self, content: Content) -> Node:
        """A new child in which the model is said to speak."""
        return moves.add_new(self, Role.ASSISTANT, content)  # type: ignore[no-any-return]

    def add_system(self, content: Content) -> Node:
        """A new child with instructions."""
        return moves.add_new(self, Role.SYSTEM, content)  # type: ignore[no-any-return]

    def add_tool_results(self, results: Iterable[ToolResultPart] | Mapping[str, Content]) -> Node:
        """A chain of new nodes, one a result, in the order of the calls they answer.

        Args:
            results: the results, or their contents by call id.

        Returns:
            The last node of the chain.

        Raises:
            TreeError: no results; or one for a call that the assistant message here, or just above
                other results, did not make or that has a result already.
        """
        from .tool_results import result_messages

        node = self
        for message in result_messages(self, results):
            node = moves.add_new(node, Role.TOOL, message)
        return node

    def add_sibling(self, message: Message | Content) -> Node:
        """Another child of this node's parent: how a message is edited.

        Args:
            message: a whole message, or the content for one of this node's role.

        Raises:
            TreeError: this node is a root.
        """
        parent = self._parent
        if parent is None:
            raise TreeError("a root has no siblings; make a new root instead")
        return moves.add_new(parent, self._role, message)  # type: ignore[no-any-return]

    def add_child(self, node: N) -> N:
        """Move a node with all that is under it to the end of this one's children.

        Raises:
            CycleError: it is this node or above it.
            TreeError: this tree already holds a node with the same id.
        """
        moves.attach(self, node)
        return node

    def unlisted(self, message: Message) -> Node:
        """A new node that has this one as its parent without being among its children.

        It sees the whole thread above it, and goes when nobody holds it any more: for a shared root
        that must not grow.
        """
        return moves.new_unlisted(self, message)  # type: ignore[no-any-return]

    def adopt(self, node: N, *, listed: bool = True) -> N:
        """:meth:`add_child`, or the same without listing it."""
        moves.attach(self, node, listed=listed)
        return node

    def list_under_parent(self) -> Self:
        """Let the parent list this node, if it does not yet."""
        moves.list_under_parent(self)
        return self

    # ---------------------------------------------------------------- reading

    @property
    def message(self) -> Message:
        """What is said here; to say something else, add a sibling."""
        return message_of(self)

    @property
    def role(self) -> Role | str:
        return self._role

    @property
    def text(self) -> str:
        """The visible text of the message."""
        message = self._message
        if isinstance(message, str):
            return message
        content = message.content
        return content if type(content) is str else message.text

    @property
    def id(self) -> str:
        """A random UUID, the node's own for good; files and pickles keep it, copies get a new one."""
        return id_text(node_id(self))

    @property
    def metadata(self) -> dict[str, Any]:
        """JSON values of your own; saved with the node, never sent."""
        details = details_of(self)
        if details.metadata is None:
            details.metadata = {}
        if watchers:
            tell_touched(self)
        return details.metadata

    @metadata.setter
    def metadata(self, values: Mapping[str, Any]) -> None:
        details_of(self).metadata = dict(values)
        if watchers:
            tell_changed(self)

    @property
    def response(self) -> ChatResponse | None:
        """The answer this node came from, live or as its file recorded it; None for other nodes."""
        return response_of(self)

    @property
    def bill(self) -> tuple[Attempt, ...]:
        """The attempts of calls that failed at this node."""
        return bill_of(self)

    def remember(self, response: ChatResponse) -> Self:
        """Record that this node is a model's answer."""
        remember(self, response)
        return self

    def book(self, attempts: Iterable[Attempt]) -> None:
        """Add the attempts of a failed call to the bill."""
        book(self, attempts)

    # ---------------------------------------------------------------- place

    @property
    def parent(self) -> Node | None:
        return self._parent  # type: ignore[no-any-return]

    @property
    def children(self) -> tuple[Node, ...]:
        return children_of(self)

    @property
    def is_root(self) -> bool:
        return self._parent is None

    @property
    def is_leaf(self) -> bool:
        return not self._children

    @property
    def depth(self) -> int:
        """How many nodes are above this one."""
        return len(path_of(self)) - 1

    def get_root(self) -> Node:
        return root_of(self)  # type: ignore[no-any-return]

    def path(self) -> list[Node]:
        """The nodes from the root to this one."""
        return path_of(self)

    def thread(self) -> list[Message]:
        """The messages from the root to this one, as they were written."""
        return [message_of(node) for node in path_of(self)]

    def iter_depth_first(self) -> Iterator[Node]:
        """This node and all under it, each before its children. Moving the node in hand is safe."""
        return traversal.depth_first(self)

    def iter_breadth_first(self) -> Iterator[Node]:
        """This node and all under it, level by level."""
        return traversal.breadth_first(self)

    def iter_leaves(self) -> Iterator[Node]:
        """The nodes without children under this one, or itself."""
        return traversal.leaves(self)

    def node_count(self) -> int:
        """How many nodes there are here and below."""
        return traversal.count(self)

    def find(self, id: str) -> Node | None:
        """The node with this id, here or below."""
        return traversal.find(self, id)

    # ---------------------------------------------------------------- moves

    def detach(self) -> Self:
        """Cut this node off with all that is under it; it becomes a root."""
        moves.detach(self)
        return self

    def merge(self, other: Node, *, copy: bool = False) -> Node:
        """Move the whole tree that ``other`` is in under this node.

        Args:
            other: any node of that tree.
            copy: leave that tree alone and graft a copy of it.

        Returns:
            The leaf of the graft, down the last children.

        Raises:
            CycleError: this node is in that tree already; ``copy=True`` grafts a copy.
        """
        graft: Node = root_of(checked_node(other))
        if copy:
            graft = graft.clone()
        moves.attach(self, graft)
        return traversal.last_leaf(graft)

    def clone(self) -> Self:
        """This node and all under it as a tree of its own, with new ids. ``copy.deepcopy`` does the same."""
        from .copies import clone

        return clone(self)  # type: ignore[no-any-return]

    def splice_out(self) -> Self:
        """Take this node alone out; its children stand in its place.

        Raises:
            TreeError: it is a root.
        """
        moves.splice_out(self)
        return self

    # ---------------------------------------------------------------- templates and marks

    @property
    def format_kwargs(self) -> dict[str, Any]:
        """What fills the placeholders of this message and, where they say nothing nearer, of the others."""
        details = details_of(self)
        if details.format_kwargs is None:
            details.format_kwargs = {}
        if watchers:
            tell_touched(self)
        return details.format_kwargs

    @format_kwargs.setter
    def format_kwargs(self, values: Mapping[str, Any]) -> None:
        details_of(self).format_kwargs = dict(values)
        if watchers:
            tell_changed(self)

    def formatted_thread(
        self, kwargs: Mapping[str, Any] | None = None, *, missing: Literal["keep", "error"] = "keep"
    ) -> list[Message]:
        """The messages from the root to this one with their placeholders filled.

        Args:
            kwargs: win over those of all nodes.
            missing: ``"error"`` refuses placeholders that nothing fills; they stay otherwise.

        Raises:
            ConfigurationError: nothing fills a placeholder and ``missing="error"``.
        """
        if missing == "error" and (names := self.missing_kwargs(kwargs)):
            raise ConfigurationError(f"nothing fills {', '.join(names)}: set them in format_kwargs")
        return templates.formatted_messages(self, kwargs)

    @property
    def literal(self) -> bool:
        """Whether braces in this message's text are just text: sent as they are, no placeholders.

        Imported conversations (``minillm.tree.formats``) say so of what was said there. A model's
        recorded answers and tools' results are never templates, whatever this says.
        """
        details = self._details
        return type(details) is Details and bool(details.literal)

    @literal.setter
    def literal(self, literal: bool) -> None:
        details_of(self).literal = literal or None
        if watchers:
            tell_changed(self)

    def missing_kwargs(self, kwargs: Mapping[str, Any] | None = None) -> list[str]:
        """The names in placeholders on the way to this node that nothing fills, in order of appearance."""
        return templates.missing_kwargs(self, kwargs)

    @property
    def cache_mark(self) -> CacheBreakpoint | None:
        """The mark that :meth:`cache_breakpoint` set here."""
        return mark_of(self)

    def cache_breakpoint(self, ttl: str | None = None) -> Self:
        """Let the host cache the prompt up to the end of this message.

        Args:
            ttl: how long, in the host's words (``"5m"``, ``"1h"``); None is the host's default.

        Raises:
            ConfigurationError: ``ttl`` is no such lifetime.
        """
        set_mark(self, CacheBreakpoint(checked_lifetime(ttl)))
        return self

    def clear_cache_breakpoint(self) -> Self:
        set_mark(self, None)
        return self

    def clear_all_cache_breakpoints(self) -> Self:
        """Take the marks off the whole tree, and off the way to this node where it is not listed."""
        for node in (*path_of(self), *traversal.depth_first(root_of(self))):
            set_mark(node, None)
        return self

    # ---------------------------------------------------------------- Python's own

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from .copies import clone

        return clone(self, memo)  # type: ignore[no-any-return]

    def __reduce_ex__(self, protocol: object) -> Any:
        from .pickling import reduce_node

        return reduce_node(self)

    def __repr__(self) -> str:
        text = " ".join(self.text[: 4 * _PREVIEW].split())
        shown = text if len(text) <= _PREVIEW else text[: _PREVIEW - 1] + "…"
        below = len(children_of(self))
        children = f", {below} child{'ren' if below > 1 else ''}" if below else ""
        # A file may hold any role; like the text it is quoted where it would steer a terminal.
        role = str(self._role)
        return f"<{type(self).__name__} {role if role.isprintable() else ascii(role)}: {shown!r}{children}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from .render.html import tree_to_html

        return {"text/plain": repr(self), "text/html": tree_to_html(self)}


Node._plain = Node
