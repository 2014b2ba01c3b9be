"""Estimates for a model that is in no row of the table, whose tokenizer nobody here has looked at."""

import pytest

from minillm import ChatNode, GeneratorInfo
from minillm.cost import Calibration
from tests.local.conftest import demand_model
from tests.wire.corpus import REPOSITORY

pytestmark = pytest.mark.local


@pytest.mark.parametrize("file", ["README.md", "minillm/generator.py"])
async def test_a_page_of_prose_or_code_is_near(file):
    """The real model counts; within a quarter, and below the bound."""
    demand_model()
    gen = GeneratorInfo.local()
    text = (REPOSITORY / file).read_text("utf-8")[:1500]
    root = ChatNode.root("You are terse.")
    estimate = root.estimate(gen, user=text, max_tokens=1, calibration=Calibration())
    reply = await root.chat(text, gen, max_tokens=1)
    counted = reply.response.usage.input_tokens
    assert estimate.input.likely == pytest.approx(counted, rel=0.25)
    assert estimate.input.lower < counted < estimate.input.upper
    assert estimate.output.upper == 1
