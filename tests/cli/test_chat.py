"""``minillm chat`` as a person and as a pipe use it."""

import io
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from minillm import ChatNode, MockModel, ServerError
from minillm.cli import main
from minillm.cli.chat import talk
from tests.import_graph import REPOSITORY

PATIENCE = 6  # seconds; only a test that fails waits so long

TALK = """
import signal, sys
import minillm.cli.chat
from minillm import MockModel, ServerError
from minillm.cli import main
from tests.cli.unfinished import Unfinished

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins without it
model = {model}
minillm.cli.chat.choose = lambda name: model
sys.exit(main(["chat"]))
"""


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class Terminal:
    """A program in a terminal of its own: type into it, wait for what it shows."""

    def __init__(self, program: str) -> None:
        master, slave = os.openpty()
        self._master = master
        self._seen = ""
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm-256color", "INPUTRC": os.devnull}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        os.close(slave)

    def wait_for(self, text: str) -> str:
        """Everything up to ``text``, which is then behind us."""
        while text not in self._seen:
            data = self._read()
            if not data:
                raise AssertionError(f"{text!r} never came after {self._seen!r}")
            self._seen += data
        before, _, self._seen = self._seen.partition(text)
        return before

    def exit_code(self) -> int:
        """What the program ends with; what it still says is read, lest it waits for us."""
        while data := self._read():
            self._seen += data
        assert "Traceback" not in self._seen
        return self.process.wait()

    def _read(self) -> str:
        if not select.select([self._master], [], [], PATIENCE)[0]:
            raise AssertionError(f"nothing came after {self._seen!r}")
        try:
            return os.read(self._master, 4096).decode("utf-8", "replace")
        except OSError:  # Linux: the other side is closed
            return ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Callable[[str], Terminal]]:
    if not hasattr(os, "openpty"):
        pytest.skip("no pseudo-terminals on this system")
    opened: list[Terminal] = []

    def start(model: str) -> Terminal:
        opened.append(Terminal(TALK.format(model=model)))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_lines_of_a_pipe_are_answered_one_after_the_other(console: Console, typed: Callable[[str], None]) -> None:
    typed("France?\n\n  Italy?  \n")
    model = MockModel(["Paris.", "Rome."])
    assert talk(console, model, ChatNode.root("Be terse.")) == 0
    assert text_of(console) == "Paris.\nRome.\n"
    assert [request.messages[-1].text for request in model.requests] == ["France?", "Italy?"]


def test_a_pipe_may_hold_commands_and_ends_at_quit(console: Console, typed: Callable[[str], None]) -> None:
    typed("France?\n/retry\n//etc?\n/quit\nnever asked\n")
    model = MockModel(["Paris.", "Paris!", "A folder."])
    assert talk(console, model, ChatNode.root("")) == 0
    assert text_of(console) == "Paris.\nParis!\nA folder.\n"
    assert model.requests[-1].messages[-1].text == "/etc?"


def test_a_pipe_stops_at_the_first_failure(console: Console, typed: Callable[[str], None]) -> None:
    typed("one\ntwo\n")
    model = MockModel([ServerError("down"), "never"])
    with pytest.raises(ServerError):
        talk(console, model, ChatNode.root(""))
    assert len(model.requests) == 1


def test_bytes_that_are_no_text_are_no_crash(console: Console, typed: Callable[[bytes], None]) -> None:
    typed(b"caf\xe9?\n")
    model = MockModel(["Yes."])
    assert talk(console, model, ChatNode.root("")) == 0
    assert model.requests[0].messages[-1].text == "caf\ufffd?"


def test_system_and_load_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    model = MockModel(["one", "two", "three"])
    monkeypatch.setattr("minillm.cli.chat.choose", lambda _: model)
    typed("first?\n/save talk.json\n")
    assert main(["chat", "--system", "Be terse."]) == 0
    typed("second?\n")
    assert main(["chat", "--load", "talk.json"]) == 0
    typed("third?\n")
    assert main(["chat", "--load", "talk.json", "--system", "Be verbose."]) == 0
    sent = [[message.text for message in request.messages] for request in model.requests]
    assert sent == [
        ["Be terse.", "first?"],
        ["Be terse.", "first?", "one", "second?"],
        ["Be verbose.", "first?", "one", "third?"],
    ]
    assert "one" in capsys.readouterr().out


def test_a_person_talks_and_leaves_with_ctrl_d(terminal: Callable[[str], Terminal]) -> None:
    chat = terminal('MockModel(["Paris.", "Rome."])')
    assert "/help" in chat.wait_for("you>")
    chat.type("France?\n")
    chat.wait_for("Paris.")
    chat.wait_for("you>")
    chat.type("/nothing\n")
    chat.wait_for("no command is called /nothing")
    chat.wait_for("you>")
    chat.type("\x04")
    assert chat.exit_code() == 0


def test_ctrl_c_during_an_answer_keeps_it_and_the_talk(terminal: Callable[[str], Terminal]) -> None:
    chat = terminal('Unfinished("Once upon ", "a time ", "there")')
    chat.wait_for("you>")
    chat.type("A story?\n")
    chat.wait_for("a time")
    chat.interrupt()
    chat.wait_for("there")
    chat.wait_for("interrupted")
    chat.wait_for("you>")
    chat.type("/tree\n")
    chat.wait_for("Once upon a time there")
    chat.wait_for("you>")
    chat.type("/quit\n")
    assert chat.exit_code() == 0


def test_ctrl_c_at_the_prompt_leaves_only_when_it_is_meant(
    console: Console, monkeypatch: pytest.MonkeyPatch, typed: Callable[[str], None]
) -> None:
    # Not at a real terminal: a signal in the instant before readline waits is seen only at the next key.
    keys: list[str | type[BaseException]] = [KeyboardInterrupt, "France?", KeyboardInterrupt, KeyboardInterrupt, "no"]

    def read(_: str) -> str:
        key = keys.pop(0)
        if isinstance(key, str):
            return key
        raise key

    typed("")
    monkeypatch.setattr("builtins.input", read)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    with pytest.raises(KeyboardInterrupt):
        talk(console, MockModel(["Paris."]), ChatNode.root(""))
    assert keys == ["no"]
    assert text_of(console).count("leaves") == 3  # the greeting's, and one for each that may be a slip


def test_a_failure_is_told_and_the_talk_goes_on(terminal: Callable[[str], Terminal]) -> None:
    chat = terminal('MockModel([ServerError("down"), "Paris."])')
    chat.wait_for("you>")
    chat.type("France?\n")
    chat.wait_for("ServerError: down")
    chat.wait_for("you>")
    chat.type("/retry\n")
    chat.wait_for("Paris.")
