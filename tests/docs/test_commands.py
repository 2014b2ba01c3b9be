"""Every command that a page names is one, with the options that the page gives it."""

import re

import pytest

from minillm.cli.app import app
from tests.docs.blocks import named, pages

# In a code span, in an indented or fenced line, or after a prompt.
COMMAND = re.compile(r"(?:`|^ {4}|^\$ |^)minillm ((?:[a-z][\w-]*)[^`\n]*)", re.MULTILINE)
CODE = re.compile(r"^```(?:sh|console|text)\n(.*?)^```$|(`[^`\n]+`)|^( {4}\S.*)$", re.DOTALL | re.MULTILINE)

MENTIONS = sorted(
    {
        (named(page), line.strip())
        for page in pages()
        for code in CODE.finditer(page.read_text("utf-8"))
        for line in COMMAND.findall(next(filter(None, code.groups())))
    }
)


@pytest.mark.parametrize(("page", "line"), MENTIONS, ids=lambda text: text[:50])
def test_a_command_and_its_options_are_there(page: str, line: str) -> None:
    """Names of commands first, then whatever begins with dashes."""
    command, words = app, line.split()
    while words and words[0] in list(command):
        command = command[words.pop(0)]
    assert command is not app, f"{page}: there is no command {line!r}"
    options = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", line)) - {"--help", "--version"}
    collection = command.assemble_argument_collection() if options else ()
    known = {name for argument in collection for name in argument.names}
    assert options <= known, f"{page}: minillm {line}"


def test_the_pages_name_commands() -> None:
    """Else the pattern has gone blind."""
    assert {line.split()[0] for _, line in MENTIONS} >= {"demo", "chat", "repair", "cost", "models", "providers"}
