"""Transforms: a change is written once, and holds for whole answers and streams."""

import pickle
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from minillm import (
    ConfigurationError,
    EventStream,
    GeneratorInfo,
    Message,
    MockModel,
    StreamInterrupted,
    TextPart,
    TimeoutExceeded,
)
from minillm.chat.estimating import sent_request
from minillm.policies.options import CallOptions
from minillm.policies.options import Transform as Change
from minillm.policies.transform import Transform
from minillm.transforms import think_tags
from minillm.types import Finish, Loss, MessageEnd, MessageStart, PartEnd, PartStart, TextDelta

from .models import REQUEST, response, streamed, whole

both = pytest.mark.parametrize("ask", [whole, streamed])


def saying(word):
    def request(old):
        return replace(old, messages=(*old.messages, Message("user", word)))

    def events(batch):
        return [replace(event, delta=event.delta + word) if isinstance(event, TextDelta) else event for event in batch]

    return Change(request, events)


@both
async def test_requests_are_changed_in_order_and_events_in_reverse(ask):
    """As a request passes an onion: out through all layers, back in through the same."""
    model = MockModel([response("Hi")])
    answer = await ask(Transform(model, [saying("1"), saying("2")]))
    assert [message.text for message in model.requests[0].messages] == ["Hi", "1", "2"]
    assert answer.text == "Hi21"


@both
async def test_a_change_of_requests_alone_leaves_the_answer_alone(ask):
    answer = await ask(Transform(MockModel([response("Hi")]), [Change(request=saying("1").request)]))
    assert answer.text == "Hi"


async def test_where_answers_are_not_changed_the_call_is_the_models_own():
    """There is nothing to wait for in between."""
    model = MockModel([response("Hi")] * 3)
    for changes in ([Change()], [Change(request=saying("1").request)], []):
        asking = Transform(model, changes).complete(REQUEST)
        assert asking.cr_code is MockModel.complete.__code__
        assert (await asking).text == "Hi"
    assert [len(request.messages) for request in model.requests] == [1, 2, 1]


async def test_what_events_do_not_carry_is_kept():
    """Losing the origin would lose sealed reasoning in the next turn."""
    message = Message("assistant", [TextPart("Hi")], name="Bob", origin=("host", "m"))
    losses = (Loss("seed", "the seed", "ignored"),)
    answer = await whole(Transform(MockModel([response(message, losses=losses)]), [saying("!")]))
    assert answer.text == "Hi!"
    assert (answer.message.origin, answer.message.name, answer.losses) == (("host", "m"), "Bob", losses)
    assert len(answer.attempts) == 1


async def test_the_answer_of_the_model_itself_is_not_touched():
    said = response("Hi")
    await whole(Transform(MockModel([said]), [saying("!")]))
    assert said.text == "Hi"


async def test_what_a_wire_says_once_more_does_not_take_a_change_back():
    """Responses ends a text with the whole of it, and the answer with the whole message."""
    said = TextPart("Hi.", signature="s")
    snapshot = Message("assistant", (said, TextPart("more")))
    events = [
        MessageStart(),
        PartStart(0, TextPart("")),
        TextDelta(0, "Hi"),
        TextDelta(0, "."),
        PartEnd(0, said),
        Finish(),
        MessageEnd(snapshot),
    ]
    answer = await streamed(Transform(MockModel([events]), [saying("!")]))
    assert answer.message.parts == (TextPart("Hi!.!", signature="s"), TextPart("more"))


async def test_a_part_that_the_function_itself_ends_otherwise_stays_so():
    def ended(batch):
        return [PartEnd(0, TextPart("Mine")) if isinstance(event, PartEnd) else event for event in batch]

    events = [MessageStart(), PartStart(0, TextPart("")), TextDelta(0, "Hi"), PartEnd(0), Finish(), MessageEnd()]
    assert (await streamed(Transform(MockModel([events]), [Change(events=ended)]))).text == "Mine"


@both
@pytest.mark.parametrize("way", ["request", "events"])
async def test_a_function_that_gives_nothing_back_is_told(ask, way):
    """The commonest slip: changed in place, and no return."""
    change = Change(**{way: lambda _: None})
    with pytest.raises(ConfigurationError, match=rf"the {way} function of a Transform must return .*, not NoneType"):
        await ask(Transform(MockModel([response("Hi")]), [change]))


@both
async def test_a_change_that_remembers_is_made_anew_for_each_answer(ask):
    """What one stream has seen is no business of the next."""
    made = []

    def function():
        seen = []
        made.append(seen)

        def events(batch):
            seen.extend(batch)
            return batch

        return events

    policy = Transform(MockModel([response("Hi"), response("Ho")]), [Change(stream=function)])
    assert [(await ask(policy)).text, (await ask(policy)).text] == ["Hi", "Ho"]
    assert len(made) == 2
    assert len(made[0]) == len(made[1])


class Broken:
    """A model whose stream gives some events and then an error, or just ends."""

    def __init__(self, events, error=None):
        self.events = events
        self.error = error

    @asynccontextmanager
    async def stream(self, request):
        batches = [self.events]

        async def read():
            if batches:
                return batches.pop()
            if self.error is not None:
                raise self.error
            return None

        stream = EventStream(read)
        yield stream
        stream.end(None)


@pytest.mark.parametrize("error", [TimeoutExceeded("silent"), StreamInterrupted("cut"), None])
async def test_what_was_held_back_is_in_the_partial_of_whatever_broke(error):
    """An error of another policy, a silent host, a stream that just ends."""
    events = [MessageStart(), PartStart(0, TextPart("")), TextDelta(0, "Hello <thi")]
    with pytest.raises(StreamInterrupted if error is None else type(error)) as caught:
        await streamed(Transform(Broken(events, error), [think_tags()]))
    assert caught.value.partial.text == "Hello <thi"
    assert error is None or caught.value is error


async def test_nobody_stands_in_the_way_of_a_stream_that_only_its_request_was_changed_for():
    """A change of requests costs a stream nothing."""
    async with Transform(MockModel([response("Hi")]), [Change(request=lambda asked: asked)]).stream(REQUEST) as stream:
        assert stream._maps == ()


def test_those_of_a_generator_stand_next_to_the_host():
    """What its model always needs, behind what a call wants besides; without any there is nothing on the way."""
    plain = GeneratorInfo.openai("m", api_key="k")
    own = plain.replace(transforms=[saying("own")])
    assert sent_request(REQUEST, plain, CallOptions()) == REQUEST
    sent = sent_request(REQUEST, own, CallOptions(transforms=(saying("call"),)))
    assert [message.text for message in sent.messages] == ["Hi", "call", "own"]
    assert hash(own) == hash(plain)
    assert pickle.loads(pickle.dumps(plain.replace(transforms=[think_tags()]))).transforms[0].stream is not None
