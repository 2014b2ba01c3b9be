"""Several replies to one node: their order, their errors, and what leaving does."""

import asyncio

import anyio
import pytest

from minillm import (
    Branch,
    BranchFailed,
    ChatNode,
    ConfigurationError,
    MockModel,
    ServerError,
    StreamConsumed,
    StreamInterrupted,
    TransportError,
    UnansweredToolCalls,
)
from minillm.types import Attempt, Finish, MessageEnd, MessageStart, Outcome, StreamFailed, TextDelta, ToolCallPart


def user():
    return ChatNode.root("Be terse.").add_user("Hi")


class Gates(MockModel):
    """Answers request number i with ``answers[i]`` when its gate is opened."""

    def __init__(self, *answers):
        self.gates = [asyncio.Event() for _ in answers]
        self.started = []
        self.cancelled = []

        async def answer(_):
            number = len(self.requests) - 1
            self.started.append(number)
            try:
                await self.gates[number].wait()
            except asyncio.CancelledError:
                self.cancelled.append(number)
                raise
            return answers[number]

        super().__init__(answer)

    def open(self, *numbers):
        for number in numbers:
            self.gates[number].set()

    async def all_started(self, count=None):
        while len(self.started) < (len(self.gates) if count is None else count):
            await asyncio.sleep(0)


def texts(nodes):
    return [node.text for node in nodes]


# ---------------------------------------------------------------- awaited


async def test_replies_stand_in_the_order_they_were_asked_for():
    node, model = user(), Gates("a", "b", "c")
    task = asyncio.ensure_future(_branch(node, model, n=3))
    await model.all_started()
    for number in (2, 0, 1):
        model.open(number)
        while len(node.children) < {2: 1, 0: 2, 1: 3}[number]:
            await asyncio.sleep(0)
    branch = await task
    assert isinstance(branch, Branch)
    assert texts(branch) == ["a", "b", "c"]
    assert texts(node.children) == ["c", "a", "b"]  # the tree has them as they came
    assert all(reply.parent is node for reply in branch)


async def _branch(node, *args, **options):
    return await node.branch(*args, **options)


async def test_one_reply_unless_told_otherwise():
    assert len(await user().branch(MockModel(["a"]))) == 1


async def test_several_generators_with_several_replies_each():
    branch = await user().branch([MockModel(["a", "b"]), MockModel(["c", "d"])], n=2)
    assert texts(branch) == ["a", "b", "c", "d"]


async def test_a_branch_is_a_sequence():
    branch = await user().branch(MockModel(["a", "b", "c"]), n=3)
    assert (branch[0].text, branch[-1].text, texts(branch[1:])) == ("a", "c", ["b", "c"])
    assert branch[1] in branch
    assert branch.index(branch[2]) == 2
    assert repr(branch) == "Branch(3 replies)"


async def test_one_question_for_all_of_them():
    root = ChatNode.root("Be terse.")
    branch = await root.branch(MockModel(["a", "b"]), n=2, user="Hi")
    (question,) = root.children
    assert question.text == "Hi"
    assert question.children == tuple(branch)


async def test_options_hold_for_every_sibling():
    model = MockModel(["{}", "{}"])
    branch = await user().branch(model, n=2, temperature=0.5, expect="object", attach=False)
    assert [request.parameters.temperature for request in model.requests] == [0.5, 0.5]
    assert [reply.output for reply in branch] == [{}, {}]
    assert branch[0].parent.children == ()


async def test_those_that_failed_stand_beside():
    node = user()
    branch = await node.branch(MockModel(["a", ServerError("first"), "b", ServerError("second")]), n=4, retry=0)
    assert texts(branch) == ["a", "b"]
    assert [str(error) for error in branch.errors] == ["first", "second"]
    assert repr(branch) == "Branch(2 replies, 2 failed)"


async def test_what_became_of_each_stands_in_its_place():
    """Whose reply it is when one in the middle failed."""
    down = ServerError("down")
    branch = await user().branch([MockModel(["a"]), MockModel([down]), MockModel(["b"])], retry=0)
    assert branch.outcomes == (branch[0], down, branch[1])


async def test_a_sibling_that_is_cancelled_from_within_has_failed():
    """Nobody cancelled the branch: the others go on, and the caller goes his way."""

    def cancelled(request):
        raise asyncio.CancelledError

    branch = await user().branch([MockModel(["a"]), MockModel(cancelled), MockModel(["b"])], retry=0)
    assert texts(branch) == ["a", "b"]
    assert [type(error) for error in branch.errors] == [TransportError]


async def test_which_one_a_reply_is_can_be_told_while_others_run():
    model = Gates("a", "b", "c")
    async with user().branch(model, n=3) as run:
        await model.all_started()
        model.open(1)
        async for reply in run:
            assert run.outcomes == (None, reply, None)
            assert run.outcomes.index(reply) == 1
            break
    assert run.result().outcomes == run.outcomes


async def test_only_when_all_have_failed_the_branch_has():
    node = user()

    def fail(_):
        return ServerError("down", retryable=True, attempts=[Attempt("h", "m", "w", 0.0, outcome=Outcome.FAILED)])

    with pytest.raises(
        BranchFailed, match="none of 3 siblings was answered; the first said: ServerError: down"
    ) as caught:
        await node.branch(MockModel(fail), n=3, retry=0)
    error = caught.value
    assert [type(one) for one in error.errors] == [ServerError] * 3
    assert len(error.attempts) == len(node.attempts) == 3
    assert error.retryable
    assert error.__cause__ is error.errors[0]
    assert node.children == ()


async def test_a_fault_of_a_model_is_an_error_like_any_other():
    branch = await user().branch(MockModel([KeyError("bug"), "a"]), n=2)
    assert [type(error) for error in branch.errors] == [KeyError]


async def test_what_is_wrong_with_the_request_is_told_bare():
    """It is not one sibling's misfortune."""
    node = user().add_assistant([ToolCallPart("c", "f")])
    with pytest.raises(UnansweredToolCalls):
        await node.branch(MockModel(), n=3)


async def test_any_collection_of_generators_will_do():
    branch = await user().branch(MockModel([text]) for text in "ab")
    assert texts(branch) == ["a", "b"]


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (MockModel(), {"n": 0}),
        (MockModel(), {"n": -1}),
        ([], {"n": 2}),
        (MockModel(), {"n": 2.0}),
        (MockModel(), {"n": "2"}),
    ],
)
def test_at_least_one_must_be_asked(model, options):
    with pytest.raises(ConfigurationError, match="at least one"):
        user().branch(model, **options)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True])
def test_a_limit_of_none_at_all_would_wait_for_ever(limit):
    with pytest.raises(ConfigurationError, match="limit must be a whole number of at least 1"):
        user().branch(MockModel(), n=2, limit=limit)


async def test_a_word_for_warm_that_means_nothing_is_told():
    with pytest.raises(ConfigurationError, match="warm must be 'auto', True or False, not 'yes'"):
        user().branch(MockModel(), warm="yes")


async def test_what_answers_nothing_is_told_by_its_kind():
    with pytest.raises(ConfigurationError, match="str cannot answer"):
        await user().branch("gpt", n=2)


async def test_a_branch_runs_once():
    run = user().branch(MockModel(["a"]))
    await run
    with pytest.raises(StreamConsumed, match="again for a new one"):
        await run


async def test_no_more_than_the_limit_run_at_a_time():
    model = Gates("a", "b", "c", "d")
    task = asyncio.ensure_future(_branch(user(), model, n=4, limit=2))
    await model.all_started(2)
    for number in range(4):
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(model.started) == min(number + 2, 4)
        model.open(number)
    assert texts(await task) == ["a", "b", "c", "d"]


# ---------------------------------------------------------------- as they finish


async def test_replies_come_as_they_finish():
    model = Gates("a", "b", "c")
    async with user().branch(model, n=3) as run:
        await model.all_started()
        model.open(1)
        seen = []
        async for reply in run:
            seen.append(reply.text)
            model.open({1: 2, 2: 0, 3: 0}[len(seen)])
    assert seen == ["b", "c", "a"]
    assert texts(run.result()) == ["a", "b", "c"]


async def test_leaving_cancels_the_rest_and_keeps_what_has_finished():
    node, model = user(), Gates("a", "b", "c")
    async with node.branch(model, n=3) as run:
        await model.all_started()
        model.open(1)
        async for _ in run:
            break
    assert sorted(model.cancelled) == [0, 2]
    assert texts(node.children) == texts(run.result()) == ["b"]
    assert run.errors == ()


async def test_errors_so_far_can_be_looked_at():
    async with user().branch(MockModel([ServerError("down"), "a"]), n=2, retry=0) as run:
        assert texts([reply async for reply in run]) == ["a"]
        assert [str(error) for error in run.errors] == ["down"]


async def test_when_all_fail_the_loop_says_so_bare():
    """No ExceptionGroup reaches a user."""
    run = user().branch(MockModel(lambda _: ServerError("down")), n=2, retry=0)
    with pytest.raises(BranchFailed):  # noqa: PT012  the block is what is tested
        async with run:
            async for _ in run:
                pytest.fail("there is no reply")


async def test_an_error_of_the_callers_comes_out_bare():
    model = Gates("a", "b")
    with pytest.raises(KeyError, match="mine"):  # noqa: PT012  the block is what is tested
        async with user().branch(model, n=2) as run:
            await model.all_started()
            model.open(0)
            async for _ in run:
                raise KeyError("mine")
    assert model.cancelled == [1]


async def test_it_is_not_iterated_without_its_block():
    run = user().branch(MockModel(["a"]))
    with pytest.raises(StreamConsumed, match="async with"):
        await anext(aiter(run))
    with pytest.raises(StreamConsumed, match="async with"):
        await run.__aexit__(None, None, None)


# ---------------------------------------------------------------- cancelled


async def _cancelled_by_task(node, model):
    task = asyncio.ensure_future(_branch(node, model, n=3))
    await model.all_started()
    model.open(1)
    while not node.children:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _cancelled_by_scope(node, model):
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(_branch_of_three, node, model)
            await model.all_started()
            model.open(1)
            while not node.children:
                await asyncio.sleep(0)
            scope.cancel()
    assert scope.cancelled_caught


async def _branch_of_three(node, model):
    await node.branch(model, n=3)


@pytest.mark.parametrize("cancel", [_cancelled_by_task, _cancelled_by_scope])
async def test_cancellation_keeps_finished_siblings(cancel):
    node, model = user(), Gates("a", "b", "c")
    await cancel(node, model)
    assert texts(node.children) == ["b"]
    assert sorted(model.cancelled) == [0, 2]


async def test_every_sibling_is_on_a_bill_once_cancelled_ones_too():
    """An async callback is told to its end although its task was cancelled."""
    node, model, bills = user(), Gates("a", "b"), []
    told = asyncio.Event()

    async def callback(cost):
        await asyncio.sleep(0)
        bills.append(cost)
        if len(bills) == 2:
            told.set()

    async with node.branch(model, n=2, cost_callback=callback) as run:
        await model.all_started()
        model.open(0)
        async for _ in run:
            break
    await told.wait()
    assert len(bills) == 2


# ---------------------------------------------------------------- warm caches


def hello(word):
    return [MessageStart(), TextDelta(0, word), Finish(), MessageEnd()]


class Leading(MockModel):
    """Streams the first answer, whose rest waits for a gate; tells how each request was made."""

    def __init__(self, *answers):
        super().__init__(answers)
        self.ways = []
        self.gate = asyncio.Event()

    async def complete(self, request):
        self.ways.append("whole")
        return await super().complete(request)

    def stream(self, request):
        self.ways.append("streamed")
        manager, gate = super().stream(request), self.gate

        class Held:
            async def __aenter__(self):
                await gate.wait()
                return await manager.__aenter__()

            async def __aexit__(self, *error):
                return await manager.__aexit__(*error)

        return Held()


def marked():
    return ChatNode.root("A long prompt.").cache_breakpoint().add_user("Hi")


@pytest.mark.parametrize(("make", "warm"), [(marked, "auto"), (user, True)], ids=["marks on the path", "told so"])
async def test_the_first_goes_ahead_until_its_first_content(make, warm):
    """So that the others find in the host's cache what it wrote there."""
    model = Leading(hello("a"), "b", "c")
    task = asyncio.ensure_future(_branch(make(), model, n=3, warm=warm))
    for _ in range(20):
        await asyncio.sleep(0)
    assert model.ways == ["streamed"]
    model.gate.set()
    assert texts(await task) == ["a", "b", "c"]
    assert model.ways == ["streamed", "whole", "whole"]


@pytest.mark.parametrize(("make", "warm"), [(user, "auto"), (marked, False)], ids=["no marks", "told so"])
async def test_otherwise_all_go_at_once(make, warm):
    model = Leading("a", "b")
    await make().branch(model, n=2, warm=warm)
    assert model.ways == ["whole", "whole"]


async def test_each_model_has_a_leader_of_its_own():
    """One host's cache does not warm another's."""
    one, other = Leading(hello("a"), "b"), Leading(hello("c"), "d")
    one.gate.set()
    task = asyncio.ensure_future(_branch(marked(), [one, other], n=2))
    for _ in range(50):
        await asyncio.sleep(0)
    assert (one.ways, other.ways) == (["streamed", "whole"], ["streamed"])
    other.gate.set()
    assert texts(await task) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("failure", [ServerError("down"), [StreamFailed(ServerError("down"))]])
async def test_when_the_leader_fails_the_others_go_all_the_same(failure):
    model = Leading(failure, "b")
    model.gate.set()
    branch = await marked().branch(model, n=2, retry=0)
    assert texts(branch) == ["b"]
    assert len(branch.errors) == 1


async def test_a_leader_that_is_cut_is_asked_again():
    """Nobody has seen what came: it counts like a whole call."""
    cut = [MessageStart(), TextDelta(0, "half"), StreamFailed(StreamInterrupted("cut", retryable=True))]
    model = Leading(cut, "b", hello("a"))
    model.gate.set()
    node = marked()
    branch = await node.branch(model, n=2, back_off_time=0)
    assert sorted(texts(branch)) == ["a", "b"]
    assert branch.errors == ()
    assert sorted(model.ways) == ["streamed", "streamed", "whole"]


async def test_a_leader_whose_answer_is_refused_is_asked_again():
    model = Leading(hello("prose"), '{"a": 1}', hello("{}"))
    model.gate.set()
    branch = await marked().branch(model, n=2, expect="object", back_off_time=0)
    assert sorted(map(str, (reply.output for reply in branch))) == ["{'a': 1}", "{}"]


async def test_a_leader_in_a_narrow_place_lets_the_others_follow():
    model = Leading(hello("a"), "b", "c")
    model.gate.set()
    assert texts(await marked().branch(model, n=3, limit=1)) == ["a", "b", "c"]


# ---------------------------------------------------------------- followed


async def test_a_follower_is_told_of_each_answer_as_it_begins():
    """A display looks at what has come; the replies are those of any branch."""
    begun = {}
    models = [MockModel(["a", "b"]), MockModel(["c"])]
    run = user().branch([models[0], models[0], models[1]])
    assert run.models == ()
    branch = await run.follow(lambda index, stream: begun.update({index: stream}))
    assert texts(branch) == ["a", "b", "c"]
    assert run.models == (models[0], models[0], models[1])
    assert [begun[index].collector.text() for index in range(3)] == ["a", "b", "c"]


async def test_an_answer_that_begins_again_is_told_again():
    """It was cut, and is asked for again: under its own index, with a stream of its own."""
    cut = [MessageStart("id"), TextDelta(0, "a"), StreamFailed(StreamInterrupted("cut", retryable=True))]
    begun = []
    run = user().branch(MockModel([cut, "whole"]), back_off_time=0)
    (reply,) = await run.follow(lambda index, stream: begun.append((index, stream.collector.text)))
    assert reply.text == "whole"
    assert [(index, text()) for index, text in begun] == [(0, "a"), (0, "whole")]


async def test_what_a_follower_sees_went_through_the_transforms():
    """What is taken out of answers is on no screen either."""
    from minillm.transforms import redact

    begun = []
    run = user().branch(MockModel(["the code is 1234"]), transforms=[redact("1234")])
    (reply,) = await run.follow(lambda _, stream: begun.append(stream))
    assert begun[0].collector.text() == reply.text
    assert "1234" not in reply.text


async def test_the_leader_of_a_warm_branch_opens_the_way_while_it_is_followed():
    begun = []
    branch = await user().branch(MockModel(["a", "b"]), n=2, warm=True).follow(lambda index, _: begun.append(index))
    assert (texts(branch), begun) == (["a", "b"], [0, 1])
