"""Against a host in another process that stamps its times on the same clock; the tight figures are known_delays.py's.

No verdict here is one of speed: what was seen can only be later than what was done.
"""

import pytest

from minillm import GeneratorInfo
from minillm.benchmark import Benchmark, Closed, Open, Plan, Prompt, Target
from tests.benchmark.paced_server import PROMPT_TOKENS, WIRES, paced_server, stamps


@pytest.fixture(scope="module")
def address():
    with paced_server() as found:
        yield found


@pytest.mark.parametrize("load", [Closed(2), Open(50.0)], ids=lambda load: load.name)
@pytest.mark.parametrize("wire", WIRES.values())
async def test_nothing_is_seen_before_it_was_sent(address: str, wire: str, load) -> None:
    """By any wire: times are no shorter than the host's own, tokens are those of its usage, every request is there."""
    stamps(address)
    generator = GeneratorInfo.custom("10-2-8", base_url=f"{address}/v1", wire=wire)
    plan = Plan(
        targets=[Target("host", generator)], prompts=[Prompt.of("p", "Hi.")], loads=[load], requests=5, warm_up=0
    )
    (figures,) = (await Benchmark(plan).run()).series
    truth = stamps(address)
    assert figures.errors == {}
    assert len(truth) == 5
    assert figures.output_tokens == 5 * 8
    assert figures.input_tokens == 5 * PROMPT_TOKENS
    assert figures.first_token.low is not None
    assert figures.first_token.low >= min(each["sent"][0] - each["came"] for each in truth)
    assert figures.end_to_end.high is not None
    assert figures.end_to_end.high >= max(each["ended"] - each["came"] for each in truth) - 0.01
    assert figures.wait.count == 5 * 7
