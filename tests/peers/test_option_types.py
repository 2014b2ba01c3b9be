"""Every option, as each wire says it, judged by the official SDKs' own types: no error at all."""

from typing import Any

import pytest

from minillm import ChatNode
from minillm.client.adapt import encode
from minillm.policies.options import CallOptions
from minillm.wire import get_codec
from tests.chat.four_wires import WIRES, at
from tests.chat.test_every_option import MODELS, ON_THE_WIRE, SCALE, THINKERS
from tests.peers.test_rewritten_types import ACCEPTED, judged

pytestmark = pytest.mark.peers

# What the user wrote himself is his, and the SDKs' types know nothing of it.
OUR_OWN = {"extra"}


def body(wire: str, model: str | None, **options: Any) -> dict[str, Any]:
    """What would be sent."""
    gen = at(wire, "http://127.0.0.1", **({} if model is None else {"model": model}))
    request = ChatNode.root("Be terse.").add_user("Hi").build_request(gen, **options)
    codec = get_codec(wire, quirks=gen.endpoint.quirks)
    said, _ = encode(request, gen, codec, CallOptions(unsupported="drop"))
    return dict(said)


@pytest.mark.parametrize("wire", WIRES)
def test_every_option_is_said_as_the_vendor_takes_it(wire: str) -> None:
    named = [
        (f"{name}={value!r}", body(wire, MODELS.get(wire), **{name: value}))
        for name, value, *_ in ON_THE_WIRE
        if name not in OUR_OWN
    ]
    named += [
        (f"{model}: {effort}", body(wire, model, reasoning=effort))
        for other, model, _ in THINKERS
        for effort in SCALE
        if other == wire
    ]
    assert len(named) > 30
    found = judged([{"wire": wire, "kind": "request", "value": said} for _, said in named])
    bad = {
        name: findings
        for (name, _), each in zip(named, found, strict=True)
        if (findings := [one for one in each if not any(accepted in one for accepted in ACCEPTED.get(wire, ()))])
    }
    assert bad == {}
