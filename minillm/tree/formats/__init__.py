"""Conversations from and for other programs: a file here a format, each telling what it could not keep.

    for root, leaf in read_chatgpt("export.zip", ChatNode):
        print(root.metadata["conversation"]["title"], root.node_count())

Every reader is ``read_x(path, kind, *, report=None)``, gives one ``Thread(root, leaf)`` a conversation
as it goes, and makes nodes of the class it is given. Every writer is ``write_x(nodes, path, *,
report=None)`` and replaces the file whole or not at all. Both tell a :class:`minillm.report.Report` what
the other side could not carry; without one they warn. What a file says that a message cannot is in the
nodes' metadata, see ``provenance``. A bad file is a ``ThreadFormatError`` that names the place.
"""

from importlib import import_module

from .registry import FORMATS, Format, detect, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .chatgpt import read_chatgpt as read_chatgpt
    from .claude import read_claude as read_claude
    from .claude_code import read_claude_code as read_claude_code
    from .markdown import to_markdown as to_markdown
    from .markdown import write_markdown as write_markdown
    from .messages import read_messages as read_messages
    from .messages import write_messages as write_messages
    from .native_body import read_native_body as read_native_body
    from .open_webui import read_open_webui as read_open_webui
    from .open_webui import write_open_webui as write_open_webui
    from .pi import read_pi as read_pi
    from .preferences import read_preferences as read_preferences
    from .preferences import write_preferences as write_preferences
    from .sharegpt import read_sharegpt as read_sharegpt

__all__ = [
    "FORMATS",
    "Format",
    "detect",
    "read",
    "read_chatgpt",
    "read_claude",
    "read_claude_code",
    "read_messages",
    "read_native_body",
    "read_open_webui",
    "read_pi",
    "read_preferences",
    "read_sharegpt",
    "to_markdown",
    "write_markdown",
    "write_messages",
    "write_open_webui",
    "write_preferences",
]

_HOMES = {
    **{name: row.module for row in FORMATS.values() for name in (row.reads, row.writes) if name is not None},
    "to_markdown": "markdown",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
