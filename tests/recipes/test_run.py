"""Runs: steps in order, branches, lists, second tries, limits, and what a failure leaves."""

import threading
from decimal import Decimal

import anyio
import pytest

from minillm import (
    BudgetExceeded,
    ConfigurationError,
    GeneratorInfo,
    InvalidOutput,
    MockModel,
    MockTransport,
    ServerError,
    TimeoutExceeded,
    TokenPrice,
)
from minillm.recipes import RecipeFailed, StepTrace
from minillm.recipes.state_file import StateFile
from minillm.transport import MockResponse
from tests.recipes.recipes import done, recipe

LIST = '[[steps]]\nid = "all"\nkind = "transform"\neach = "inputs.list"\n'
TOOL = '[[steps]]\nid = "a"\nkind = "tool"\ntool = "f"\nretry_wait = 0\n'
ASK = '[[steps]]\nid = "ask"\nkind = "complete"\nprompt = "?"\nretry_wait = 0\n'


async def test_steps_are_done_in_order_and_see_what_was_before():
    """Without outputs, the last step's is given under its id."""
    text = """
        inputs.n = "integer"
        [[steps]]
        id = "a"
        kind = "transform"
        value = { double = "{inputs.n * 2}" }
        [[steps]]
        id = "b"
        kind = "transform"
        value = "got {steps.a.output.double}"
        """
    result = await done(text, inputs={"n": 4})
    assert result.outputs == {"b": "got 8"}
    assert [(step.step, step.output) for step in result.trace] == [("a", {"double": 8}), ("b", "got 8")]
    assert result.cost.usd == 0


BRANCH = """
inputs.n = "integer"
[[steps]]
id = "size"
kind = "branch"
[[steps.cases]]
when = "inputs.n > 100"
steps = [{ id = "big", kind = "transform", value = "big" }]
[[steps.cases]]
when = "inputs.n > 10"
[[steps.cases.steps]]
id = "inner"
kind = "transform"
value = "{inputs.n + 1}"
[[steps.cases.steps]]
id = "middle"
kind = "transform"
value = "middle {steps.inner.output}"
"""


@pytest.mark.parametrize(("n", "output"), [(200, "big"), (20, "middle 21"), (2, None)])
async def test_the_first_case_that_holds_is_taken(n, output):
    """Its last step's output is the branch's; where none is taken, null."""
    result = await done(BRANCH, inputs={"n": n})
    assert result.outputs == {"size": output}
    taken = next(step for step in result.trace if step.step == "size").inputs["taken"]
    assert taken == {200: "inputs.n > 100", 20: "inputs.n > 10", 2: None}[n]


async def test_otherwise_is_the_last_case():
    """Taken where no condition holds."""
    text = BRANCH + '[[steps.otherwise]]\nid = "small"\nkind = "transform"\nvalue = "small"\n'
    assert (await done(text, inputs={"n": 2})).outputs == {"size": "small"}


async def test_a_step_for_each_item_of_a_list():
    """Outputs in the order of the items; an empty list gives an empty one."""
    text = f'inputs.list = "list"\n{LIST}value = "{{index}}:{{item}}"\n'
    assert (await done(text, inputs={"list": ["a", "b"]})).outputs == {"all": ["0:a", "1:b"]}
    assert (await done(text, inputs={"list": []})).outputs == {"all": []}
    with pytest.raises(RecipeFailed, match=r"test.toml:7: the step all failed: each needs a list, not a number"):
        await done(text.replace('"inputs.list"', '"1"'), inputs={"list": []})


async def test_items_run_at_the_same_time_up_to_a_limit():
    """Never more than the step allows."""
    running, most = 0, 0

    async def slow(n: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        running -= 1
        return n

    text = f'{TOOL}each = "range(7)"\nconcurrency = 3\narguments.n = "{{item}}"\n'
    result = await done(text, tools={"f": slow})
    assert result.outputs == {"a": [*range(7)]}
    assert most == 3


async def test_one_failed_item_ends_the_others():
    """What was done is in the trace."""

    async def odd(n: int) -> int:
        if n == 2:
            raise ValueError("two")
        if n > 2:
            await anyio.sleep_forever()
        return n

    with pytest.raises(RecipeFailed, match=r"the step a\[2\] failed: ValueError: two") as caught:
        await done(f'{TOOL}each = "range(5)"\narguments.n = "{{item}}"\n', tools={"f": odd})
    assert [(step.step, step.status) for step in caught.value.trace] == [
        ("a[0]", "done"),
        ("a[1]", "done"),
        ("a[2]", "failed"),
    ]
    assert isinstance(caught.value.__cause__, ValueError)


async def test_a_full_disk_is_told_as_what_it_is(tmp_path, monkeypatch):
    """Also out of a list, whose items are done in a group of tasks."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for each in ("", 'each = "range(3)"\n'):
        monkeypatch.undo()
        state = tmp_path / f"{bool(each)}.jsonl"
        with pytest.raises(OSError, match="No space"):
            await done(
                f"{TOOL}{each}", tools={"f": lambda: monkeypatch.setattr(StateFile, "append", full)}, state=state
            )


async def test_a_step_is_tried_again():
    """As often as it may; each try is counted."""
    tries = []

    def shaky() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("not yet")
        return "ok"

    result = await done(f"{TOOL}retries = 2\n", tools={"f": shaky})
    assert (result.outputs, result.trace[0].tries) == ({"a": "ok"}, 3)
    tries.clear()
    with pytest.raises(RecipeFailed, match="OSError: not yet") as caught:
        await done(f"{TOOL}retries = 1\n", tools={"f": shaky})
    assert (len(tries), caught.value.trace[0].tries, caught.value.step) == (2, 2, "a")


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (ServerError("down", retryable=True), 3),
        (InvalidOutput("no JSON"), 3),
        (ServerError("gone", retryable=False), 1),
        (ConfigurationError("wrong"), 1),
        (BudgetExceeded("empty"), 1),
    ],
)
async def test_what_is_worth_another_try(error, tries):
    """Errors that will not pass are not tried again."""
    model = MockModel([error] * 9)
    with pytest.raises(RecipeFailed) as caught:
        await recipe(f"{ASK}retries = 2\noptions.retry = 0\n").run(models={"m": model})
    assert caught.value.trace[0].tries == tries
    assert len(model.requests) == tries
    assert caught.value.__cause__ is error
    assert caught.value.retryable is error.retryable


async def test_a_step_that_takes_too_long():
    """Each try has its own time."""
    with pytest.raises(RecipeFailed, match=r"did not end within its timeout of 0\.01 s") as caught:
        await done(f"{TOOL}retries = 1\ntimeout = 0.01\n", tools={"f": anyio.sleep_forever})
    assert isinstance(caught.value.__cause__, TimeoutExceeded)
    assert caught.value.trace[0].tries == 2


async def test_a_run_that_takes_too_long():
    """The whole recipe has a time too."""
    with pytest.raises(RecipeFailed, match=r"test.toml:3: the recipe's timeout of 0.01 s passed"):
        await done(f"limits.timeout = 0.01\n{TOOL}", tools={"f": anyio.sleep_forever})


async def test_too_many_steps():
    """A list that is longer than anybody thought."""
    text = f'limits.max_steps = 3\ninputs.list = "list"\n{LIST}value = "{{item}}"\n'
    assert len((await done(text, inputs={"list": [1, 2, 3]})).trace) == 3
    with pytest.raises(RecipeFailed, match=r"more than 3 steps \(limits.max_steps\)"):
        await done(text, inputs={"list": [1, 2, 3, 4]})


def billed(request):
    message = {"role": "assistant", "content": "ok"}
    usage = {"prompt_tokens": 10, "completion_tokens": 10}
    return MockResponse.json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})


async def test_a_budget_for_the_whole_run():
    """Steps are asked while there is money; the error says what is spent."""
    price = TokenPrice(input=1000, output=1000)  # a cent for ten tokens
    gen = GeneratorInfo.openai("gpt-5.4", api_key="none", transport=MockTransport(billed), price=price)
    text = f'limits.budget_usd = 0.15\n{ASK}each = "range(9)"\nconcurrency = 1\noptions.max_tokens = 20\n'
    with pytest.raises(RecipeFailed) as caught:
        await recipe(text).run(models={"m": gen})
    error = caught.value.__cause__
    assert isinstance(error, BudgetExceeded)
    assert error.limit == Decimal("0.15")
    asked = [step for step in caught.value.trace if step.status == "done"]
    assert caught.value.cost.usd == Decimal("0.02") * len(asked)
    assert 0 < len(asked) < 9


async def test_a_budget_is_one_for_all_runs_of_a_state_file(tmp_path):
    """What earlier runs spent is gone; a larger one goes on."""
    price = TokenPrice(input=1000, output=1000)
    gen = GeneratorInfo.openai("gpt-5.4", api_key="none", transport=MockTransport(billed), price=price)
    text = f'limits.budget_usd = 0.06\n{ASK}each = "range(4)"\nconcurrency = 1\noptions.max_tokens = 10\n'
    done_by_run = []
    for _ in range(3):
        with pytest.raises(RecipeFailed) as caught:
            await recipe(text).run(models={"m": gen}, state=tmp_path / "s")
        assert isinstance(caught.value.__cause__, BudgetExceeded)
        done_by_run.append(sum(step.status == "done" for step in caught.value.trace))
    assert len(set(done_by_run)) == 1  # the first spent what there was
    more = text.replace("0.06", "0.60")
    result = await recipe(more).run(models={"m": gen}, state=tmp_path / "s")
    assert result.cost.usd == Decimal("0.08")
    assert sum(step.resumed and step.status == "done" for step in result.trace) == done_by_run[0]


async def test_what_a_failure_says_of_a_value():
    """Its expression and line, not its text."""
    text = '[[steps]]\nid = "a"\nkind = "transform"\nvalue = "{json(inputs.x).key}"\n'
    with pytest.raises(RecipeFailed) as caught:
        await done('inputs.x = "text"\n' + text, inputs={"x": '{"secret": 1}'})
    assert str(caught.value) == "test.toml:4: the step a failed: json(inputs.x).key: .key: there is no such key"


async def test_an_output_that_has_no_value():
    """Named like a step."""
    text = '[[steps]]\nid = "a"\nkind = "transform"\nvalue = 1\n[outputs]\nx = "{steps.a.output.b}"\n'
    with pytest.raises(RecipeFailed, match=r"test.toml:8: the output 'x': .* a number has no keys"):
        await done(text)


async def test_each_step_is_told_as_it_ends():
    """A callback that fails does not end the run."""
    told: list[StepTrace] = []

    def watch(step: StepTrace) -> None:
        told.append(step)
        raise RuntimeError("a fault of the watcher")

    result = await done(f"{TOOL}", tools={"f": threading.get_ident}, trace=watch)
    assert tuple(told) == result.trace
    assert result.outputs["a"] != threading.get_ident()  # plain functions run in threads


async def test_cancelling_ends_the_step_under_way():
    """And leaves no half question in the conversation."""
    started = anyio.Event()

    async def never(request):
        started.set()
        await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        group.start_soon(lambda: recipe(ASK).run(models={"m": MockModel(never)}))
        await started.wait()
        group.cancel_scope.cancel()
