"""What is seen of a run while it lasts."""

import io
from decimal import Decimal

from rich.console import Console

from minillm import MockModel
from minillm.benchmark import Closed, Plan, Prompt, Target
from minillm.benchmark.outlook import Outlook
from minillm.benchmark.run import series_of
from minillm.cli.benchmark.progress import Bar, outlook_words
from tests.benchmark.rows import failure, row


def outlook(requests: int = 10) -> Outlook:
    targets = [Target("host:model", MockModel())]
    plan = Plan(targets=targets, prompts=[Prompt.of("short", "Hi.")], loads=[Closed(1)], requests=requests, warm_up=0)
    return Outlook(plan, series_of(plan))


def test_time_and_money_that_are_left() -> None:
    made = outlook()
    assert outlook_words(made) == ""
    made.add(row())
    assert outlook_words(made) == "22.0 s left · $0.002 of about $0.02"
    made.add(failure(usd=None, known_usd=Decimal(0)))
    assert outlook_words(made).endswith("at least $0.002 of about $0.018 · 1 failed")


def test_at_the_end_only_what_it_took() -> None:
    made = outlook(1)
    made.add(row())
    assert outlook_words(made) == "$0.002"


def test_a_terminal_sees_a_bar() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, _environ={"TERM": "xterm"})
    with Bar(console, outlook()) as bar:
        bar.add(row(target="a [b]model[/b]"))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "a [b]model[/b]" in text
    assert "1/10" in text
    assert "left" in text


def test_no_terminal_a_line_a_series(console: Console) -> None:
    with Bar(console, outlook()) as bar:
        bar.add(row())
        bar.add(row(number=1))
        bar.add(row(load="2 at once"))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == (
        "measuring host:model · short · 1 at once\nmeasuring host:model · short · 2 at once\n"
    )
