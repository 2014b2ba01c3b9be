"""What may be typed in a chat beside text."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from minillm import ChatNode, ConfigurationError, GeneratorInfo, MockModel, ServerError, ThreadFormatError
from minillm.cli.session import Session
from minillm.cli.slash_commands import COMMANDS, Quit, obey


@pytest.fixture
def session(console: Console) -> Iterator[Session]:
    """A chat with one question answered; the model has numbered answers to come."""
    model = MockModel([f"answer {number}" for number in range(1, 9)])
    with Session(console, model, ChatNode.root("Be terse."), patient=True) as session:
        session.ask("first?")
        yield session


def said(session: Session) -> str:
    """What has been printed since it was last asked."""
    file = session.console.file
    assert isinstance(file, io.StringIO)
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text


def thread(session: Session) -> list[str]:
    return [node.message.text for node in session.node.path()][1:]


def test_help_tells_every_command(session: Session) -> None:
    said(session)
    obey(session, "/help")
    shown = said(session)
    assert all(command.usage in shown for command in COMMANDS.values())


def test_back_goes_to_before_the_question_and_keeps_what_was_said(session: Session) -> None:
    session.ask("second?")
    obey(session, "/back")
    assert thread(session) == ["first?", "answer 1"]
    session.ask("third?")
    assert thread(session) == ["first?", "answer 1", "third?", "answer 3"]
    assert session.node.get_root().node_count() == 7
    for _ in range(2):
        obey(session, "/back")
    with pytest.raises(ConfigurationError, match="beginning"):
        obey(session, "/back")


def test_branch_makes_siblings_and_go_picks_one(session: Session) -> None:
    obey(session, "/branch 2")
    assert thread(session) == ["first?", "answer 1"]
    obey(session, "/go 5")
    assert thread(session) == ["first?", "answer 3"]
    obey(session, "/branch")
    assert session.node.get_root().node_count() == 8


@pytest.mark.parametrize("line", ["/branch 0", "/branch 33", "/branch two", "/branch -1", "/branch ²", "/go", "/go 99"])
def test_a_number_that_makes_no_sense_is_told(line: str, session: Session) -> None:
    with pytest.raises(ConfigurationError):
        obey(session, line)
    assert thread(session) == ["first?", "answer 1"]


def test_retry_puts_another_answer_beside(session: Session) -> None:
    obey(session, "/retry")
    assert thread(session) == ["first?", "answer 2"]
    assert session.node.get_root().node_count() == 4


def test_retry_asks_a_question_that_failed_again(session: Session) -> None:
    session.model = MockModel([ServerError("down"), "at last"])
    with pytest.raises(ServerError):
        session.ask("second?")
    obey(session, "/retry")
    assert thread(session) == ["first?", "answer 1", "second?", "at last"]


def test_tree_shows_numbers_and_where_one_is(session: Session) -> None:
    said(session)
    obey(session, "/tree")
    lines = said(session).splitlines()
    assert lines[0].split() == ["1", "system", "Be", "terse."]
    assert lines[2].startswith("→ 3 assistant answer 1")


@pytest.mark.parametrize("name", ["talk.json", "talk with spaces.jsonl"])
def test_a_saved_chat_loads_and_goes_on(name: str, session: Session, own_folder: Path) -> None:
    obey(session, f"/save {name}")
    assert name in said(session)
    session.ask("second?")
    obey(session, f"/load {name}")
    assert thread(session) == ["first?", "answer 1"]
    assert session.number(session.node) == 3
    session.ask("third?")
    assert thread(session) == ["first?", "answer 1", "third?", "answer 3"]


def test_a_file_that_cannot_be_loaded_changes_nothing(session: Session, own_folder: Path) -> None:
    (own_folder / "bad.json").write_text("{}")
    node = session.node
    with pytest.raises(ThreadFormatError):
        obey(session, "/load bad.json")
    with pytest.raises(FileNotFoundError):
        obey(session, "/load absent.json")
    with pytest.raises(OSError, match="absent"):
        obey(session, "/save absent/talk.json")
    assert session.node is node


@pytest.mark.parametrize("line", ["/save", "/load"])
def test_a_file_must_be_named(line: str, session: Session) -> None:
    with pytest.raises(ConfigurationError, match="needs a file"):
        obey(session, line)


def test_another_model_answers_from_here_on(session: Session) -> None:
    before = session.model
    with pytest.raises(ConfigurationError):
        obey(session, "/model nowhere:model")
    assert session.model is before
    obey(session, "/model ollama:llama3.2")
    assert isinstance(session.model, GeneratorInfo)
    said(session)
    obey(session, "/model")
    assert said(session).startswith("llama3.2 at")


def test_quit_leaves(session: Session) -> None:
    with pytest.raises(Quit):
        obey(session, "/quit")


@pytest.mark.parametrize("line", ["/", "/nothing", "/branchy 3", "/ help"])
def test_an_unknown_command_is_told_what_to_do(line: str, session: Session) -> None:
    with pytest.raises(ConfigurationError, match="/help"):
        obey(session, line)


def test_before_the_first_question_there_is_nothing_to_go_back_to(console: Console) -> None:
    with Session(console, MockModel(), ChatNode.root(""), patient=True) as session:
        for line in ("/back", "/retry", "/branch"):
            with pytest.raises(ConfigurationError):
                obey(session, line)
