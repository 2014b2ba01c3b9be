"""Requests that are plain, or nearly: said by a wire's short way and by its full one, to be compared."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from minillm.errors import MiniLLMError
from minillm.providers import PROVIDERS
from minillm.report import Report
from minillm.types import ChatRequest, CompletionParameters, Message, Native, Role, TextPart
from minillm.wire import WIRES, get_codec
from minillm.wire.codec import Quirks

from .corpus import case, names
from .rewritings import FOLDERS

#: Nearly always the first of these: one oddity at a time is what tells whether the short way looks for it.
RARELY = (0,) * 12 + (1,)


def rarely(usual: Any, odd: Any) -> Any:
    """A strategy that gives what is odd once in a while."""
    return st.sampled_from(RARELY).flatmap(lambda roll: odd if roll else usual)


def quirks_of(wire: str) -> list[Quirks]:
    """Those of every host in the catalog that speaks this wire, and none."""
    rows = [endpoint.quirks for row in PROVIDERS.values() for endpoint in row.endpoints if endpoint.wire == wire]
    return [Quirks(), *rows]


def natives(wire: str) -> Any:
    """What answers and requests of this wire and of others may have left on a message."""
    data: Any = st.sampled_from(
        [{}, {"refusal": None}, {"id": "x"}, {"~": {"asked": True}}, {"~": {"no_role": True}}, 5]
    )
    return st.none() | st.builds(Native, st.sampled_from([wire, wire, *WIRES]), data)


def plain_requests(wire: str) -> Any:
    """Turns of text, some with what answers left on them, and plain settings; now and then anything else."""
    texts = st.text(max_size=8)
    messages = st.builds(
        Message,
        rarely(
            st.sampled_from([Role.USER, Role.ASSISTANT, Role.SYSTEM]),
            st.sampled_from([Role.TOOL, Role.DEVELOPER, "critic"]),
        ),
        rarely(texts, texts.map(lambda text: (TextPart(text),))),
        rarely(st.none(), texts),
        extra=rarely(st.none(), st.sampled_from([{}, {"prefix": True}])),
        native=natives(wire),
    )
    settings: dict[str, Any] = {
        "max_tokens": st.integers(1, 9000),
        "temperature": st.floats(0, 2),
        "seed": st.integers(0, 9),
        "top_p": st.none() | st.floats(0, 1),
        "n": st.integers(1, 2),
        "logprobs": st.booleans(),
        "store": st.booleans(),
        "verbosity": st.sampled_from(["low", "high"]),
        "stop": rarely(st.none(), st.just(["end"])),
        "reasoning": rarely(st.none(), st.just("low")),
        "metadata": rarely(st.none(), st.sampled_from([{}, {"a": "b"}])),
        "extra": rarely(st.none(), st.sampled_from([{}, {"own": 1}])),
    }
    parameters = st.fixed_dictionaries({}, optional=settings).map(lambda given: CompletionParameters(**given))
    return st.builds(
        ChatRequest,
        rarely(st.just("some-model"), st.none()),
        st.lists(messages, max_size=4).map(tuple),
        parameters=parameters,
        stream=st.booleans(),
        include_usage=st.sampled_from([None, True, False]),
        extra=rarely(st.none(), st.sampled_from([{}, {"own": 1}])),
        native=rarely(st.none(), st.sampled_from([Native(wire, {}), Native(wire, {"own": 1})])),
    )


def recorded_requests(wire: str) -> list[ChatRequest]:
    """The recorded requests of every wire, as a program of ours would ask them anew."""
    found = []
    for folder, source in FOLDERS.items():
        for name in names(folder):
            body = case(folder, name).request
            if isinstance(body, dict):
                try:
                    request = get_codec(source).decode_request(body, model="some-model")
                except MiniLLMError:
                    continue
                found.append(ChatRequest(request.model, request.messages, request.tools, parameters=request.parameters))
                bare = tuple(Message(message.role, message.content) for message in request.messages)
                found.append(ChatRequest(request.model, bare, parameters=request.parameters))
    return found


def same_as_full(
    request: ChatRequest, short: Callable[[], dict[str, Any] | None], full: Callable[[Report], dict[str, Any]]
) -> bool:
    """Whether the short way says this request; what it says must be what the full way says without a loss."""
    found = short()
    if found is None:
        return False
    report = Report()
    assert list(found.items()) == list(full(report).items()), request
    assert repr(found) == repr(full(report))
    assert not report.losses
    return True
