"""Pairs of a better and a worse answer to one prompt: scored siblings as training data, and back.

    {"prompt": [...], "chosen": [...], "rejected": [...]}                                     TRL, conversational
    {"input": {"messages": [...]}, "preferred_output": [...], "non_preferred_output": [...]}  OpenAI

https://huggingface.co/docs/trl/dataset_formats#preference, https://platform.openai.com/docs/guides/direct-preference-optimization
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from math import isnan
from typing import Any, Literal, TypeVar

from ...errors import TreeError
from ...report import Report, reporting
from ...types import Message, Role
from ..atomic_write import atomic_write
from ..bare_node import BareNode, Details, children_of, details_of, each_node, path_of
from ..json_lines import naming_file
from ..moves import link
from ..reading import object_at, refuse
from ..thread_file import Thread
from ..traversal import depth_first
from .chat_lines import decode_messages, encode_messages, said_at, tell_metadata
from .entries import chain
from .messages import one_side
from .provenance import rest_of, tell_conversation
from .source import StrPath, read_values

__all__ = ["parse_preferences", "read_preferences", "write_preferences"]

N = TypeVar("N", bound=BareNode)

FORMAT = "preferences"

Shape = Literal["trl", "openai"]
Pairs = Literal["best", "extremes", "all"]

_SCORES = {"chosen": ("score_chosen", "chosen_score"), "rejected": ("score_rejected", "rejected_score")}
_KNOWN = ("prompt", "chosen", "rejected", "input", "preferred_output", "non_preferred_output")


def read_preferences(
    path: StrPath, kind: type[N], *, score: str = "score", report: Report | None = None
) -> Iterator[Thread[N]]:
    """The pairs of a file, a small tree each: the prompt, and under it the better and the worse answer.

    Args:
        path: a ``.jsonl`` or ``.json`` file of either shape.
        kind: the class of the nodes, such as ``ChatNode``.
        score: the key in the metadata of each answer's first node that takes its score, ``1.0`` and
            ``0.0`` where the file has none.
        report: takes what could not be kept; None warns of it.

    Yields:
        The root, and the end of the better answer.

    Raises:
        ThreadFormatError: it is no such file; the message names the line.
        OSError: it cannot be read.
    """
    told = reporting(report)
    with naming_file(path):
        for found in read_values(path):
            yield parse_preferences(found.value, kind, score=score, at=found.at, report=told)


def parse_preferences(
    value: Any, kind: type[N], *, score: str = "score", at: str = "", report: Report | None = None
) -> Thread[N]:
    """One pair.

    Raises:
        ThreadFormatError: it is none.
    """
    told = reporting(report)
    source = object_at(value, at)
    prompt, chosen, rejected = _sides(source, at, told)
    if not prompt or not chosen or not rejected:
        refuse(at, "needs a prompt, a better and a worse answer, none of them empty")
    trunk = chain(kind, prompt)
    leaf = trunk.leaf
    for name, messages, otherwise in (("chosen", chosen, 1.0), ("rejected", rejected, 0.0)):
        answer = chain(kind, messages)
        given = next((source[key] for key in _SCORES[name] if isinstance(source.get(key), int | float)), otherwise)
        details_of(answer.root).metadata = {score: given}
        link(trunk.leaf, answer.root)
        leaf = answer.leaf if name == "chosen" else leaf
    known = (*_KNOWN, *_SCORES["chosen"], *_SCORES["rejected"])
    tell_conversation(trunk.root, FORMAT, rest=rest_of(source, known))
    return Thread(trunk.root, leaf)


def _sides(source: dict[str, Any], at: str, report: Report) -> tuple[tuple[Message, ...], ...]:
    if "input" in source:
        asked = object_at(source["input"], f"{at}.input").get("messages") or []
        prompt = decode_messages(asked, f"{at}.input.messages", report)
        names = ("preferred_output", "non_preferred_output")
    else:
        prompt = one_side(source.get("prompt") or [], Role.USER, f"{at}.prompt", report)
        names = ("chosen", "rejected")
    answers = [one_side(source.get(name) or [], Role.ASSISTANT, f"{at}.{name}", report) for name in names]
    if not prompt:  # TRL's implicit prompt: both answers begin with it
        shared = 0
        while shared < min(map(len, answers)) and answers[0][shared] == answers[1][shared]:
            shared += 1
        prompt, answers = answers[0][:shared], [answer[shared:] for answer in answers]
    return prompt, answers[0], answers[1]


def write_preferences(
    nodes: BareNode | Iterable[BareNode],
    path: StrPath,
    *,
    score: str = "score",
    margin: float = 0.0,
    pairs: Pairs = "best",
    shape: Shape = "trl",
    reasoning: str | None = None,
    report: Report | None = None,
) -> int:
    """Write a line for each pair of scored siblings; the file is replaced whole or not at all.

    Siblings are children of one node whose metadata has a number under ``score``; others are passed over.
    An answer is one message: what follows it is not part of the pair.

    Args:
        nodes: roots of what to look through; any node stands for itself and all below it.
        path: the ``.jsonl`` file.
        score: the key in the metadata; more is better.
        margin: the better one must be ahead by more than this.
        pairs: ``"best"`` against each worse one, the ``"extremes"`` alone, or ``"all"`` pairs.
        shape: TRL's keys, or OpenAI's.
        reasoning: the field for the model's thinking, such as ``"reasoning_content"``; None leaves it out.
        report: takes what could not be kept; None warns of it.

    Returns:
        How many pairs were written.

    Raises:
        TreeError: a score is no number.
        EncodeError: something is lost and the report is strict.
        OSError: it cannot be written.
    """
    from ...json.serialization import dumps

    told = reporting(report)
    count = 0
    with atomic_write(path) as file:
        for top in each_node(nodes):
            for parent in depth_first(top):
                for better, worse in _pairs_under(parent, score, margin, pairs):
                    count += 1
                    line = _line(parent, better, worse, shape, reasoning, f"line {count}", told)
                    tell_metadata((*path_of(parent), better, worse), "", told, {"conversation": None, score: None})
                    file.write(dumps(line) + b"\n")
    return count


def _pairs_under(parent: BareNode, score: str, margin: float, pairs: Pairs) -> Iterator[tuple[Any, Any]]:
    """Pairs, the better first; equal scores never make one."""
    scored = [(value, child) for child in children_of(parent) if (value := _score(child, score)) is not None]
    scored.sort(key=lambda pair: -pair[0])
    found = combinations(scored, 2)
    if pairs == "best":
        found = ((scored[0], other) for other in scored[1:])  # type: ignore[assignment]
    elif pairs == "extremes":
        found = iter([(scored[0], scored[-1])] if len(scored) > 1 else [])  # type: ignore[assignment]
    for (high, better), (low, worse) in found:
        if high > low and high - low > margin:
            yield better, worse


def _score(node: Any, key: str) -> float | None:
    details = node._details
    value = (details.metadata or {}).get(key) if type(details) is Details else None
    if value is None:
        return None
    if not isinstance(value, int | float) or isnan(value):
        raise TreeError(f"metadata[{key!r}] of node {node.id} must be a number to compare answers by")
    return value


def _line(
    parent: BareNode, better: BareNode, worse: BareNode, shape: Shape, reasoning: str | None, at: str, report: Report
) -> dict[str, Any]:
    """One line; prompt and answer are encoded together, since a tool's result needs its call."""
    asked = said_at(parent)
    prompt = encode_messages(asked, at, report, reasoning)
    chosen, rejected = (
        encode_messages([*asked, said_at(answer)[-1]], at, report, reasoning)[len(prompt) :]
        for answer in (better, worse)
    )
    if shape == "openai":
        return {"input": {"messages": prompt}, "preferred_output": chosen, "non_preferred_output": rejected}
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}
