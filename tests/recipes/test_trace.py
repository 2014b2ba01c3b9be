"""What a run did, as values and as JSON."""

import json
import pickle
from decimal import Decimal

from minillm import MockModel, TokenPrice
from minillm.recipes import RecipeFailed, StepTrace
from minillm.types import Attempt, CostInfo, CostResolution
from tests.recipes.recipes import recipe

ASK = 'inputs.x = "text"\n[[steps]]\nid = "ask"\nkind = "complete"\nprompt = "{inputs.x}"\n'


async def test_a_result_is_json():
    """With no digit of a sum lost, and no key in it."""
    result = await recipe(ASK).run({"x": "hi"}, models={"m": MockModel(["yes"])})
    told = json.loads(json.dumps(result.to_json()))
    assert told["outputs"] == {"ask": "yes"}
    [step] = told["trace"]
    assert (step["step"], step["kind"], step["status"], step["output"]) == ("ask", "complete", "done", "yes")
    assert step["inputs"] == {"model": "m", "prompt": "hi"}
    assert step["seconds"] >= 0
    assert step["started_at"] > 0


def test_sums_are_text():
    """What is unknown is null beside what is known."""
    price = TokenPrice(input=1, output=1)
    bill = CostInfo(Decimal("0.10"), Decimal("0.10"), CostResolution.RESOLVED, "user", price)
    step = StepTrace("a", "complete", "done", attempts=(Attempt("h", "m", "w", 0.0, cost=bill),), cost=bill)
    assert (step.to_json()["usd"], step.to_json()["known_usd"]) == ("0.10", "0.10")
    assert StepTrace("a", "tool", "done").to_json()["usd"] == "0"
    assert StepTrace("a", "tool", "done", cost=CostInfo()).to_json()["usd"] is None


def test_a_failure_knows_its_step_and_what_was_spent():
    """Also on the other side of a process."""
    bill = CostInfo(Decimal(1), Decimal(1), CostResolution.RESOLVED)
    error = RecipeFailed("m", step="b", trace=[StepTrace("a", "complete", "done", cost=bill)], retryable=True)
    again = pickle.loads(pickle.dumps(error))
    assert (again.step, again.cost.usd, again.retryable, str(again)) == ("b", 1, True, "m")
