"""The fields of a node, without its methods: what every other file of this package works on.

A tree may hold a million nodes, so a node is five fields in 80 bytes (96 from Python 3.12 on): nothing
else is made before it is needed. The fields and what they may hold:

==============  =====================================================================================
``_role``       who speaks: a ``Role``, or an unknown role's own string
``_message``    the whole :class:`Message`, or only its text where text is all there is
``_parent``     the node above, or None for a root
``_children``   None, the only child itself, or a list. **None and the only child promise that no
                unlisted node has this one as its parent**; a list, even an empty one, promises nothing
``_details``    None, the bare id (an int for a UUID, see ``ids``), or :class:`Details`
==============  =====================================================================================
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, TypeAlias

from ..types import Attempt, CacheBreakpoint, ChatResponse, Message, Role

__all__ = ["BareNode", "Details", "Id"]

Id: TypeAlias = int | str


class Details:
    """What only some nodes have; made on first use.

    Args:
        id: the node's id, None until somebody asks for it.
        metadata: the user's own JSON values.
        format_kwargs: what fills placeholders here and around.
        mark: the prompt up to here may be cached by the host.
        response: the answer this node came from.
        record: the same as JSON, as a file told it.
        bill: attempts of failed calls at this node.
        started: which of a turn's calls have been begun, see ``call_marks``.
        literal: True where braces in the text are no placeholders; None elsewhere.
        kept: what a file said that this version does not understand; goes out again on saving.
        index: of a root only: the ids of its tree, see ``unique_ids``.
    """

    __slots__ = (
        "bill",
        "format_kwargs",
        "id",
        "index",
        "kept",
        "literal",
        "mark",
        "metadata",
        "record",
        "response",
        "started",
    )

    def __init__(self, id: Id | None = None) -> None:
        self.id = id
        self.metadata: dict[str, Any] | None = None
        self.format_kwargs: dict[str, Any] | None = None
        self.mark: CacheBreakpoint | None = None
        self.response: ChatResponse | None = None
        self.record: dict[str, Any] | None = None
        self.bill: list[Attempt] | None = None
        self.started: tuple[Any, ...] | None = None
        self.literal: bool | None = None
        self.kept: dict[str, Any] | None = None
        self.index: tuple[int, set[Id]] | None = None

    def said(self) -> Iterator[tuple[str, Any]]:
        """What is there to copy or to pickle: all but the index, which is of this very tree."""
        return (
            (name, value) for name in self.__slots__ if name != "index" and (value := getattr(self, name)) is not None
        )


class BareNode:
    """The five fields and nothing more. Users see :class:`minillm.tree.Node`."""

    # __weakref__ costs nothing on Python 3.11, whose allocator rounds 72 bytes up to 80 anyway; from 3.12 on, 16 bytes.
    __slots__ = ("__weakref__", "_children", "_details", "_message", "_parent", "_role")

    #: The class of children that methods make: a reply's are ordinary nodes, not replies.
    _plain: ClassVar[type[Any]]

    _role: Role | str
    _message: Message | str
    _parent: Any
    _children: Any
    _details: "Details | Id | None"


def checked_node(value: Any) -> Any:
    """The value, if it is a node.

    Raises:
        TypeError: it is none, told by the name of what it is.
    """
    if not isinstance(value, BareNode):
        raise TypeError(f"a node is expected, not {type(value).__name__}")
    return value


def each_node(nodes: Any) -> Iterator[Any]:
    """One node, or each of several.

    Raises:
        TypeError: there is something else among them.
    """
    if isinstance(nodes, BareNode) or not isinstance(nodes, Iterable):
        nodes = (nodes,)
    return map(checked_node, nodes)


def message_of(node: BareNode) -> Message:
    """The message, built from its text on the first call and kept."""
    message = node._message
    if type(message) is str:
        unsaid = None if message else _UNSAID.get(node._role)
        message = node._message = unsaid or Message(node._role, message)
    return message  # type: ignore[return-value]


#: Most trees begin with a system message that says nothing; as values, all of those are one.
_UNSAID: dict[str, Message] = {role: Message(role, "") for role in Role}


def details_of(node: BareNode) -> Details:
    """The node's details, made where it has none."""
    details = node._details
    if type(details) is not Details:
        details = node._details = Details(details)  # type: ignore[arg-type]
    return details


def children_of(node: BareNode) -> tuple[Any, ...]:
    children = node._children
    if children is None:
        return ()
    return tuple(children) if type(children) is list else (children,)


def path_of(node: Any) -> list[Any]:
    """The nodes from the root down to this one."""
    path = []
    while node is not None:
        path.append(node)
        node = node._parent
    path.reverse()
    return path


def root_of(node: Any) -> Any:
    while (parent := node._parent) is not None:
        node = parent
    return node


def blank(kind: type[Any], role: Role | str, message: Message | str) -> Any:
    """A lone node that has not been through ``__init__``."""
    node = object.__new__(kind)
    node._role = role
    node._message = message
    node._parent = node._children = node._details = None
    return node


def all_below(node: BareNode) -> Iterator[Any]:
    """The node and everything under it, in depth-first order; nothing may change meanwhile."""
    stack: list[Any] = [node]
    while stack:
        current = stack.pop()
        yield current
        children = current._children
        if type(children) is list:
            stack.extend(reversed(children))
        elif children is not None:
            stack.append(children)
