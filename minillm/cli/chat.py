"""``minillm chat``: talk with a model in a terminal, or feed it lines through a pipe."""

import sys
from collections.abc import Iterator
from io import TextIOWrapper

from rich.console import Console

from .. import __version__
from ..chat import ChatNode
from ..errors import MiniLLMError
from ..stack import Model
from .conversation_file import load_conversation
from .generator_choice import choose, model_words
from .screen import complain, note
from .session import Session
from .slash_commands import Quit, obey
from .terminal_text import one_line
from .tree_view import message_words

__all__ = ["chat", "talk"]

_PROMPT = "you> "


def chat(console: Console, generator: str, *, system: str | None, load: str | None) -> int:
    """Open a chat and stay in it until the input ends.

    Args:
        system: what the model is told first; with ``load`` it stands in for the saved system message.
        load: a saved thread or tree to go on with.

    Raises:
        ConfigurationError: the generator cannot be used.
        ThreadFormatError, OSError: the file to load cannot be.
        MiniLLMError: without a terminal, the first thing that failed; at a terminal the chat goes on.
        KeyboardInterrupt: Ctrl-C twice in a row at the prompt, or once without a terminal.
    """
    model = choose(generator)
    if load is not None:
        return talk(console, model, load_conversation(load), system=system)
    return talk(console, model, ChatNode.root(system) if system else ChatNode.root())


def talk(console: Console, model: Model, node: ChatNode, *, system: str | None = None) -> int:
    """The chat itself, from ``node`` on."""
    interactive = sys.stdin.isatty()
    with Session(console, model, node, system=system, patient=interactive) as session:
        if interactive:
            _greet(console, session)
        for line in _lines(console, interactive):
            try:
                _take(session, line)
            except Quit:
                break
            except (MiniLLMError, OSError) as error:
                if not interactive:
                    raise
                complain(error)
            except KeyboardInterrupt:  # in the middle of a command: a large file, a long tree
                if not interactive:
                    raise
                note(console, "stopped")
    return 0


def _greet(console: Console, session: Session) -> None:
    note(console, f"minillm {__version__} · {model_words(session.model)}\n/help lists commands, Ctrl-D leaves")
    if session.node.parent is not None:
        note(console, f"going on after: {one_line(message_words(session.node.message), 60)}")


def _take(session: Session, line: str) -> None:
    if line.startswith("/") and not line.startswith("//"):
        obey(session, line)
    elif line:
        session.ask(line.removeprefix("/") if line.startswith("//") else line)


def _lines(console: Console, interactive: bool) -> Iterator[str]:
    """What is typed, line by line, without the spaces around it."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if not interactive:
        for line in sys.stdin:
            yield line.strip()
        return
    prompt = _prompt(console)
    interrupted = False
    while True:
        try:
            line = input(prompt)
        except EOFError:
            console.print()
            return
        except KeyboardInterrupt:
            if interrupted:
                raise
            # One too many after cutting an answer must not throw the talk away.
            interrupted = True
            note(console, "\nCtrl-C again, Ctrl-D or /quit leaves")
            continue
        interrupted = False
        yield line.strip()


def _prompt(console: Console) -> str:
    """The prompt, in colour where readline is told (by \\1 and \\2) which characters take no room."""
    try:
        import readline  # noqa: F401  input() edits the line with it
    except ImportError:
        return _PROMPT
    if console.no_color or console.color_system is None or not sys.stdout.isatty():
        return _PROMPT
    return f"\1\x1b[1;36m\2{_PROMPT}\1\x1b[0m\2"
