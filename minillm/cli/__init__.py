"""Floor 10: the commands of ``minillm``. Everything here is thin: the work is done on the floors below.

    app              the commands and their options; exit codes
    demo chat repair one module a command
    recipe           a folder: run, check, show
    session          where a chat stands: the tree, the node in hand, the model
    slash_commands   what may be typed in a chat beside text
    generator_choice --generator, checked before anything is asked
    answer_view      an answer as it comes
    tree_view        a tree with tokens, time and cost
    word_wrap        its lines
    figures          those as short words
    screen           where it is all printed
    terminal_text    text on one line, and harmless to a terminal
    conversation_file  a saved thread or tree

rich and cyclopts live here and nowhere else: they come with the extra ``cli``.
"""

import sys
from collections.abc import Sequence

__all__ = ["main"]

_INSTALL = "python -m pip install 'minillm-tree[cli]'"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code (see docs/cli.md).

    Args:
        arguments: without the program's name; None is ``sys.argv``.
    """
    try:
        from .app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "cyclopts"):
            raise
        print(f"minillm: the command line needs {error.name}. Install with\n    {_INSTALL}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return run(sys.argv[1:] if arguments is None else arguments)
