"""The official SDKs' own types as judges of a turn with every kind of tool call and result, on all four wires."""

import pytest

from minillm.types import ToolChoice, ToolMode
from tests.chat.tool_turns import ANSWERS, height_of, keepers, sent
from tests.peers.test_rewritten_types import judged

pytestmark = pytest.mark.peers

CHOICES = [None, "required", keepers, [height_of, "keepers"], ToolChoice(ToolMode.AUTO, ("keepers",))]


@pytest.mark.parametrize("wire", ANSWERS)
async def test_the_turn_fits_the_types_of_its_sdk(wire: str) -> None:
    bodies = [await sent(wire, tool_choice=choice) for choice in CHOICES]
    found = judged([{"wire": wire, "kind": "request", "value": body} for body in bodies])
    assert found == [[] for _ in CHOICES]
