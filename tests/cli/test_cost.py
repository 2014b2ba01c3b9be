"""``minillm cost``: the bill of a saved conversation."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from minillm import ChatNode, MockModel, ServerError, TokenPrice
from minillm.cli import main
from minillm.types import Attempt, ChatResponse, Choice, Message, Outcome, Usage

USAGE = Usage(1_000, output_tokens=500)


def answer(text: str, model: str, cost: str | None) -> ChatResponse:
    usage = Usage(1_000, output_tokens=500, cost_usd=None if cost is None else Decimal(cost))
    attempt = Attempt("openrouter", model, "openai_chat_completions", 1_700_000_000.0, usage=usage)
    attempt.outcome, attempt.status = Outcome.ACCEPTED, 200
    return ChatResponse("r", model, (Choice(0, Message("assistant", text)),), usage, attempts=(attempt,))


@pytest.fixture
async def saved(own_folder: Path) -> Path:
    """Two branches of two models, and a call that failed: one bill is known, one is not."""
    root = ChatNode.root("Be brief.")
    await root.chat("Rivers?", MockModel([answer("Loire", "v/cheap", "0.25")]))
    await root.chat("Hills?", MockModel([answer("Jura", "v/dear", "1.5")]))
    attempt = Attempt("openrouter", "v/cheap", "openai_chat_completions", 1_700_000_000.0, outcome=Outcome.FAILED)
    attempt.status, attempt.error = 502, "ServerError"
    with pytest.raises(ServerError):
        await root.chat("Lakes?", MockModel([ServerError("down", attempts=[attempt])]), retry=0)
    path = own_folder / "tree.jsonl"
    root.save_tree(path)
    return path


def test_models_branches_and_the_sum_are_shown(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not known makes a sum a lower bound."""
    assert main(["cost", str(saved)]) == 0
    shown = capsys.readouterr().out
    assert "v/dear" in shown
    assert "$1.50" in shown
    assert "Loire" in shown
    assert "3 exchanges, at least $1.75" in shown
    assert "502" not in shown


def test_exchanges_are_shown_on_demand(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The failed one too, as unknown."""
    assert main(["cost", str(saved), "--attempts"]) == 0
    shown = capsys.readouterr().out
    assert "502" in shown
    assert "cost unknown" in shown
    assert "$0 " not in shown


def test_json_has_every_exchange_and_no_text(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs: sums as text, null where they are not known."""
    assert main(["cost", str(saved), "--json"]) == 0
    printed = capsys.readouterr().out
    bill = json.loads(printed)
    assert (bill["total"]["usd"], bill["total"]["known_usd"], bill["total"]["attempts"]) == (None, "1.75", 3)
    assert {(each["model"], each["attempts"], each["usd"]) for each in bill["models"]} == {
        ("v/cheap", 2, None),
        ("v/dear", 1, "1.5"),
    }
    assert [each["outcome"] for each in bill["attempts"]] == ["failed", "accepted", "accepted"]
    assert [each["known_usd"] for each in bill["branches"]] == ["0.25", "1.5"]
    assert "Loire" not in printed


async def test_a_thread_has_a_bill_too(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One branch, so no table of branches."""
    root = ChatNode.root("Be brief.")
    reply = await root.chat("Rivers?", MockModel([answer("Loire", "m", None)]), token_price=TokenPrice(1, 2))
    reply.save_thread(own_folder / "talk.json")
    assert main(["cost", "talk.json"]) == 0
    shown = capsys.readouterr().out
    assert "$0.002" in shown
    assert "By branch" not in shown


def test_a_conversation_that_asked_nobody_owes_nothing(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so, and does not print an empty table."""
    ChatNode.root("Hi").save_thread(own_folder / "talk.json")
    assert main(["cost", "talk.json"]) == 0
    assert "no exchange with a model" in capsys.readouterr().out


def test_a_file_that_is_none_is_one_message(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the exit code of a mistake."""
    assert main(["cost", "nowhere.json"]) == 2
    assert "nowhere.json" in capsys.readouterr().err
