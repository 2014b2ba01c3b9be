"""``minillm demo``: what this library does, shown on a real model in under a minute."""

import asyncio
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..chat import ChatNode
from ..errors import BranchFailed, OutputError
from ..generator import GeneratorInfo
from ..stack import Model
from ..tree.render.figures import cost_words, summary, time_words
from ..types import Message, total_cost
from .answer_view import show_stream
from .generator_choice import choose, model_words, with_temperature
from .screen import complain, note, words_of
from .terminal_text import one_line
from .tree_view import print_tree

__all__ = ["demo", "show"]

_SYSTEM = "You are a friendly guide. Answer in one short sentence."
_QUESTION = "Why is the sky blue?"
_PLACE = "Describe the Eiffel Tower."
_TEMPERATURES = (0.0, 0.7, 1.2)
_MAX_TOKENS = 64
_MAX_JSON_TOKENS = 120


@dataclass
class Landmark:
    """What the JSON answer must fit."""

    name: str
    city: str
    country: str


def demo(console: Console, generator: str, save: str | None) -> int:
    """Run the demo and return its exit code.

    Raises:
        ConfigurationError: the generator cannot be used.
        MiniLLMError: the model could not be asked.
        OSError: the folder cannot be written.
    """
    model = choose(generator)
    folder = Path(tempfile.mkdtemp(prefix="minillm-demo-")) if save is None else Path(save).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(show(console, model, folder, temporary=save is None))


async def show(console: Console, model: Model, folder: Path, *, temporary: bool = False) -> int:
    """The five parts, one after the other, on one tree. 1 where the loaded files differ from what was saved."""
    console.print(f"[bold]minillm[/] · {escape(model_words(model))}")
    root = ChatNode.root(_SYSTEM)

    _head(console, 1, "An answer, as it comes", "root.stream(gen, user=...)")
    answer = await _streamed(console, root, model)

    _head(console, 2, f"The same question at {len(_TEMPERATURES)} temperatures", "question.branch([gen, ...])")
    labels = await _branched(console, answer.path()[-2], model)

    _head(console, 3, "JSON that fits a dataclass", "root.chat(..., gen, output=Landmark)")
    await _structured(console, root, model)

    _head(console, 4, "The tree, and what it took", "node.attempts, node.cost")
    _totals(console, root, labels)

    _head(console, 5, "Saved, and loaded again", "leaf.save_thread(path), root.save_tree(path)")
    same = _saved(console, root, answer, folder, temporary=temporary)
    console.print()
    note(console, "Now talk to it yourself: minillm chat. The code of all this: README.md and examples/.")
    return 0 if same else 1


def _head(console: Console, number: int, title: str, code: str) -> None:
    console.print(f"\n[bold cyan]{number}[/] [bold]{title}[/]  [dim]{escape(code)}[/]")


async def _streamed(console: Console, root: ChatNode, model: Model) -> ChatNode:
    _said(console, _QUESTION)
    loading = isinstance(model, GeneratorInfo) and model.local_server is not None
    stream = root.stream(model, user=_QUESTION, max_tokens=_MAX_TOKENS)
    await show_stream(console, stream, "loading the model" if loading else "waiting for the model")
    note(console, summary(stream.node))
    return stream.node


async def _branched(console: Console, question: ChatNode, model: Model) -> dict[ChatNode, str]:
    """More replies, printed in the order they finish; and each one's temperature, for the tree."""
    models = [with_temperature(model, temperature) for temperature in _TEMPERATURES]
    branch = question.branch(models, max_tokens=_MAX_TOKENS)
    try:
        with console.status(f"[dim]{len(models)} answers at once …[/]"):
            async with branch:
                async for reply in branch:
                    console.print(_marked("[green]✓[/]", one_line(reply.text)))
                    note(console, f"  {summary(reply)}")
    except BranchFailed as error:  # some hosts let nobody choose a temperature
        complain(error)
        return {}
    for failure in branch.errors:
        complain(failure)
    if branch.errors:
        return {}
    # The replies of a whole branch stand in the order they were asked for, whichever came first.
    return {reply: f"t={temperature}" for reply, temperature in zip(branch.result(), _TEMPERATURES, strict=True)}


async def _structured(console: Console, root: ChatNode, model: Model) -> None:
    """An answer under a schema. A small model may miss it; then that is what is shown."""
    _said(console, _PLACE)
    try:
        with console.status("[dim]waiting for the model …[/]"):
            reply = await root.chat(_PLACE, model, output=Landmark, max_tokens=_MAX_JSON_TOKENS, retry=1)
    except OutputError as error:
        said = "" if error.response is None else error.response.raw_text or error.response.text
        console.print(f"[yellow]✗[/] The answer does not fit, and is not passed off as one: {escape(words_of(error))}")
        note(console, f"  the model said: {one_line(said, 200)}")
        return
    for field in fields(Landmark):
        console.print(f"  {field.name:<10}{escape(one_line(str(getattr(reply.output, field.name))))}")
    note(console, summary(reply) + (" · repaired" if reply.response.repaired else ""))


def _totals(console: Console, root: ChatNode, labels: Mapping[ChatNode, str]) -> None:
    print_tree(console, root, label=lambda node: labels.get(node, ""))
    nodes = list(root.iter_depth_first())
    attempts = [attempt for node in nodes for attempt in node.attempts]
    cost = total_cost(attempts)
    tokens = "tokens unknown" if cost.usage is None else f"{cost.usage.total_tokens:,} tokens"
    # Requests ran side by side: their times add up to more than anybody waited.
    times = f", {time} together" if (time := time_words(attempts)) else ""
    note(console, f"{len(nodes)} nodes · {len(attempts)} requests{times} · {tokens} · {cost_words(cost)}")


def _saved(console: Console, root: ChatNode, answer: ChatNode, folder: Path, *, temporary: bool) -> bool:
    """Save the thread of the first answer and the tree, load both, and say whether they are the same."""
    thread_file, tree_file = folder / "thread.json", folder / "tree.jsonl"
    answer.save_thread(thread_file)
    root.save_tree(tree_file)
    thread = ChatNode.from_thread_file(thread_file).leaf
    tree = ChatNode.from_tree_file(tree_file)
    outcomes = (
        (thread_file, _messages(thread.path()) == _messages(answer.path())),
        (tree_file, _messages(tree.iter_depth_first()) == _messages(root.iter_depth_first())),
    )
    for file, same in outcomes:
        mark = "[green]✓[/] the same again:" if same else "[red]✗[/] not the same:"
        console.print(f"{mark} {escape(str(file))}", soft_wrap=True)
    note(console, "a temporary folder; --save FOLDER keeps them where you like" if temporary else "kept there")
    return all(same for _, same in outcomes)


def _messages(nodes: Iterable[ChatNode]) -> list[Message]:
    return [node.message for node in nodes]


def _marked(mark: str, text: str) -> Table:
    """A text whose further lines stand under its first, not under its mark."""
    table = Table.grid(padding=(0, 1))
    table.add_row(mark, escape(text))
    return table


def _said(console: Console, question: str) -> None:
    console.print(f"[cyan]you>[/] {escape(question)}")
