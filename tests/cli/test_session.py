"""Where a chat stands, and what asking does to it."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from minillm import ChatNode, MockModel, Role, ServerError
from minillm.cli.session import Session
from minillm.stack import Model
from minillm.types import FinishReason
from tests.cli.unfinished import Unfinished


@pytest.fixture
def sessions(console: Console) -> Iterator[list[Session]]:
    opened: list[Session] = []
    yield opened
    for session in opened:
        session.__exit__()


def begin(console: Console, sessions: list[Session], model: Model, *, patient: bool = True) -> Session:
    session = Session(console, model, ChatNode.root("Be terse."), patient=patient)
    sessions.append(session)
    return session


def thread(session: Session) -> list[str]:
    return [node.message.text for node in session.node.path()]


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_question_and_answer_go_on_the_tree(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, MockModel(["Paris.", "Rome."]))
    session.ask("France?")
    session.ask("Italy?")
    assert thread(session) == ["Be terse.", "France?", "Paris.", "Italy?", "Rome."]
    question = session.question()
    assert question is not None
    assert question.message.text == "Italy?"


def test_a_failed_question_leaves_the_tree_as_it_was(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, MockModel([ServerError("down"), "Paris."]))
    with pytest.raises(ServerError):
        session.ask("France?")
    assert thread(session) == ["Be terse."]
    assert session.unanswered == "France?"
    session.ask(session.unanswered)
    assert thread(session) == ["Be terse.", "France?", "Paris."]
    assert session.unanswered is None


def test_another_answer_stands_beside_the_first(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, MockModel(["Paris.", "Paris!"]))
    session.ask("France?")
    question = session.question()
    assert question is not None
    session.answer_again(question)
    assert [child.message.text for child in question.children] == ["Paris.", "Paris!"]
    assert session.node is question.children[1]


def test_branches_are_shown_with_their_numbers_and_the_place_is_kept(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, MockModel(["a", "b", "c"]), patient=False)
    session.ask("?")
    here, question = session.node, session.question()
    assert question is not None
    session.branch(question, 2)
    assert session.node is here
    assert len(question.children) == 3
    assert [line for line in text_of(console).splitlines() if line.startswith("[")] == ["[4] b", "[5] c"]


def test_a_sibling_that_fails_is_told_beside_those_that_came(
    console: Console, sessions: list[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    answers: list[str | Exception] = ["a", ServerError("down"), "c"]
    session = begin(console, sessions, MockModel(answers))
    session.ask("?")
    question = session.question()
    assert question is not None
    session.branch(question, 2)
    assert len(question.children) == 2
    assert "down" in capsys.readouterr().err


def test_a_number_stays_with_its_node_while_the_tree_grows(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, MockModel(["a", "b", "c"]))
    session.ask("1")
    first = session.node
    assert session.number(first) == 3
    question = session.question()
    assert question is not None
    session.answer_again(question)
    second = session.node
    session.go(first)
    session.ask("2")
    assert session.number(second) == 6
    assert session.number(first) == 3
    assert all(session.numbered(session.number(node)) is node for node in session.node.get_root().iter_depth_first())
    assert session.numbered(0) is session.numbered(99) is None


def test_the_system_prompt_stands_in_for_the_saved_one(console: Console, sessions: list[Session]) -> None:
    model = MockModel(["a", "b", "c"])
    session = Session(console, model, ChatNode.root("Old."), system="New.", patient=True)
    sessions.append(session)
    session.ask("?")
    question = session.question()
    assert question is not None
    session.answer_again(question)
    session.branch(question, 1)
    systems = [request.messages[0] for request in model.requests]
    assert [(message.role, message.text) for message in systems] == [(Role.SYSTEM, "New.")] * 3
    assert thread(session)[0] == "Old."


def test_ctrl_c_cuts_the_answer_and_keeps_what_came(console: Console, sessions: list[Session]) -> None:
    model = Unfinished("Once upon", " a time", interrupts=True)
    session = begin(console, sessions, model)
    session.ask("A story?")
    assert thread(session) == ["Be terse.", "A story?", "Once upon a time"]
    assert session.node.response is not None
    assert session.node.response.finish_reason is FinishReason.INTERRUPTED
    assert model.closed == 1
    assert text_of(console).startswith("Once upon a time\n")
    assert "interrupted" in text_of(console)


def test_after_ctrl_c_the_chat_goes_on(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, Unfinished("Once", interrupts=True))
    session.ask("A story?")
    session.model = MockModel(["Fine."])
    session.ask("And?")
    assert thread(session)[-2:] == ["And?", "Fine."]


def test_ctrl_c_before_the_first_word_keeps_nothing(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, Unfinished(interrupts=True))
    session.ask("A story?")
    assert thread(session) == ["Be terse."]
    assert session.unanswered == "A story?"


def test_ctrl_c_stops_a_branch_and_the_chat_goes_on(console: Console, sessions: list[Session]) -> None:
    session = begin(console, sessions, MockModel(["a"]))
    session.ask("?")
    question = session.question()
    assert question is not None
    session.model = Unfinished(interrupts=True)
    session.branch(question, 2)
    assert len(question.children) == 1
    assert "stopped" in text_of(console)


@pytest.mark.parametrize("words", [(), ("Once",)])
def test_without_a_terminal_ctrl_c_ends_the_program(
    words: tuple[str, ...], console: Console, sessions: list[Session]
) -> None:
    session = begin(console, sessions, Unfinished(*words, interrupts=True), patient=False)
    with pytest.raises(KeyboardInterrupt):
        session.ask("A story?")
