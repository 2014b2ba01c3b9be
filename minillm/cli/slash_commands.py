"""What may be typed in a chat beside text: a row a command."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from ..errors import ConfigurationError
from .conversation_file import load_conversation, save_conversation
from .generator_choice import choose, model_words
from .screen import note
from .session import Session
from .terminal_text import one_line
from .tree_view import message_words, print_tree

__all__ = ["COMMANDS", "Command", "Quit", "obey"]

_BRANCHES = 3
_MOST_BRANCHES = 32


class Quit(Exception):
    """The user has finished; nothing went wrong."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the chat.

    Args:
        usage: how it is typed.
        help: what it does.
        action: what it does with the words after its name. Raises ConfigurationError for a wrong one.
    """

    usage: str
    help: str
    action: Callable[[Session, str], None]


def obey(session: Session, line: str) -> None:
    """Do what a line that begins with a slash says.

    Raises:
        Quit: the user leaves.
        MiniLLMError, OSError: it cannot be done; the message says why.
    """
    name, _, argument = line[1:].partition(" ")
    command = COMMANDS.get(name.lower())
    if command is None:
        raise ConfigurationError(f"no command is called /{name}; /help lists them (//{name} sends it as text)")
    command.action(session, argument.strip())


def _help(session: Session, _: str) -> None:
    table = Table.grid(padding=(0, 3))
    for command in COMMANDS.values():
        table.add_row(f"[bold]{command.usage.replace('[', chr(92) + '[')}[/]", command.help)
    session.console.print(table)
    note(session.console, "Ctrl-C cuts an answer and keeps what came; a line that begins with // is sent with one /.")


def _branch(session: Session, argument: str) -> None:
    count = _whole_number(argument, "/branch [n]") if argument else _BRANCHES
    if not 1 <= count <= _MOST_BRANCHES:
        raise ConfigurationError(f"/branch makes 1 to {_MOST_BRANCHES} replies, not {count}")
    question = session.question()
    if question is None:
        raise ConfigurationError("there is no question yet to branch from")
    session.branch(question, count)
    note(session.console, f"you are still at [{session.number(session.node)}]; /go N goes on from another")


def _back(session: Session, _: str) -> None:
    question = session.question()
    if question is None or question.parent is None:
        raise ConfigurationError("this is the beginning")
    session.go(question.parent)
    where = one_line(message_words(session.node.message), 60)
    note(session.console, f"back at [{session.number(session.node)}] {where}; what you left stays on the tree")


def _go(session: Session, argument: str) -> None:
    node = session.numbered(_whole_number(argument, "/go N"))
    if node is None:
        raise ConfigurationError(f"no node has the number {argument}; /tree shows them")
    session.go(node)
    note(session.console, f"now at [{argument}] {one_line(message_words(node.message), 60)}")


def _retry(session: Session, _: str) -> None:
    if session.unanswered is not None:
        session.ask(session.unanswered)
        return
    question = session.question()
    if question is None:
        raise ConfigurationError("there is no question yet to ask again")
    session.answer_again(question)


def _tree(session: Session, _: str) -> None:
    print_tree(
        session.console, session.node.get_root(), label=lambda node: str(session.number(node)), here=session.node
    )


def _save(session: Session, argument: str) -> None:
    if not argument:
        raise ConfigurationError("/save needs a file: /save talk.jsonl (the whole tree), /save talk.json (this thread)")
    note(session.console, save_conversation(session.node, argument))


def _load(session: Session, argument: str) -> None:
    if not argument:
        raise ConfigurationError("/load needs a file: /load talk.jsonl")
    node = load_conversation(argument)
    session.forget_numbers()
    session.go(node)
    nodes, where = node.get_root().node_count(), one_line(message_words(node.message), 60)
    note(session.console, f"loaded {nodes:,} nodes; going on after [{session.number(node)}] {where}")


def _model(session: Session, argument: str) -> None:
    if argument:
        session.model = choose(argument)
    note(session.console, model_words(session.model))


def _quit(_session: Session, _: str) -> None:
    raise Quit


def _whole_number(argument: str, usage: str) -> int:
    if not (argument.isascii() and argument.isdecimal() and len(argument) < 10):
        raise ConfigurationError(f"{usage}: N is a whole number, not {one_line(argument, 20)!r}")
    return int(argument)


COMMANDS = {
    "help": Command("/help", "this list", _help),
    "branch": Command("/branch [n]", f"n more replies to the last question, side by side ({_BRANCHES})", _branch),
    "go": Command("/go N", "go on from node N of the tree", _go),
    "back": Command("/back", "to before the last question", _back),
    "retry": Command("/retry", "ask the last question again", _retry),
    "tree": Command("/tree", "the whole tree, with tokens, time and cost", _tree),
    "save": Command("/save FILE", "to a .jsonl file the whole tree, to any other this thread", _save),
    "load": Command("/load FILE", "go on with a saved thread or tree", _load),
    "model": Command("/model [provider:model]", "let another model answer from here on; alone: which it is", _model),
    "quit": Command("/quit", "leave; so does Ctrl-D", _quit),
}
