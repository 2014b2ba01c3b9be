"""Structured output of the real model, whose server holds it to a grammar. Only the form is looked at."""

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any, Literal

import pytest

from minillm import ChatNode, GeneratorInfo, InvalidOutput
from minillm.types import Outcome
from tests.local.conftest import demand_model

pytestmark = [pytest.mark.local, pytest.mark.asyncio(loop_scope="module")]


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Animal:
    legs: int
    size: Size
    kind: Literal["bird", "fish", "mammal"]
    flies: bool


@pytest.fixture(scope="module")
def gen() -> GeneratorInfo:
    demand_model()
    return GeneratorInfo.local()


OPTIONS: dict[str, Any] = {"max_tokens": 200, "temperature": 0, "correction": 0, "retry": 0}


async def test_a_type_is_what_comes_back(gen: GeneratorInfo) -> None:
    reply = await ChatNode.root("You know animals.").chat("What is a horse?", gen, output=Animal, **OPTIONS)
    assert isinstance(reply.output, Animal)
    assert isinstance(reply.output.size, Size)
    assert reply.output.kind in ("bird", "fish", "mammal")
    assert len(reply.attempts) == 1


@pytest.mark.parametrize("kind", [bool, Size, Literal["yes", "no"]], ids=["bool", "enum", "literal"])
async def test_what_is_no_object_comes_back_bare(gen: GeneratorInfo, kind: Any) -> None:
    reply = await ChatNode.root("You know animals.").chat("Does a horse fly?", gen, output=kind, **OPTIONS)
    assert reply.output in (True, False, *Size, "yes", "no")
    assert reply.text.lstrip().startswith("{")


async def test_it_grows_while_it_is_written(gen: GeneratorInfo) -> None:
    """Each value has what the one before had, and the last one all."""
    node = ChatNode.root("You know animals.").add_user("What is a horse?")
    async with node.stream(gen, output=Animal, **OPTIONS) as stream:
        values = [value async for value in stream.partials()]
    assert values[-1].keys() == {"legs", "size", "kind", "flies"}
    assert all(before.keys() <= after.keys() for before, after in pairwise(values))
    assert len({len(value) for value in values}) >= 4
    assert isinstance(stream.node.output, Animal)


async def test_an_answer_that_is_cut_is_not_passed_off_as_the_whole(gen: GeneratorInfo) -> None:
    """The grammar allows no end before the list is closed."""
    with pytest.raises(InvalidOutput, match="cut at its limit of tokens") as caught:
        await ChatNode.root().chat("Count.", gen, output=list[Animal], **OPTIONS | {"max_tokens": 12})
    assert [attempt.outcome for attempt in caught.value.attempts] == [Outcome.REJECTED]


@pytest.mark.parametrize("wire", ["openai_responses", "anthropic_messages"])
async def test_on_its_other_wires_it_is_told_or_fits(wire: str) -> None:
    """A small model may miss what it is only asked for in words; then it is asked again, and it is told."""
    demand_model()
    root = ChatNode.root("You know animals.")
    user = root.add_user("What is a horse?")
    output: Any = None
    with suppress(InvalidOutput):
        output = (
            await user.complete(GeneratorInfo.local(wire=wire), output=Animal, **OPTIONS | {"correction": 1})
        ).output
    assert isinstance(output, Animal) or len(user.attempts) == 2
