"""The logger: one record an event, facts beside the words, nothing printed by itself, nothing said in it."""

import json
import logging
import subprocess
import sys
from decimal import Decimal

import pytest

from minillm import ChatNode, CostInfo, GeneratorInfo, MockTransport, TokenPrice, Usage
from minillm.observe import LOGGER, JSONFormatter, RequestStarted
from minillm.observe.logger import facts_of, log
from minillm.transport import MockResponse
from minillm.types import Attempt, Outcome
from tests.chat.four_wires import CHAT, whole
from tests.observe.test_events import KINDS, made

BUSY = MockResponse.json({"error": {"message": "c4n4ry"}}, 429)


def generator(*answers):
    price = TokenPrice(input=1, output=2)
    return GeneratorInfo.openai("m", api_key="c4n4ry", transport=MockTransport(answers), price=price)


async def records(caplog, level, *answers):
    with caplog.at_level(level, "minillm"):
        await ChatNode.root().chat("c4n4ry", generator(*answers), back_off_time=0)
    return [(record.levelname, record.event) for record in caplog.records]


async def test_at_info_one_record_for_what_is_over(caplog):
    assert await records(caplog, "INFO", MockResponse.json(whole(CHAT, "c4n4ry"))) == [("INFO", "request_ended")]
    (record,) = caplog.records
    assert record.minillm["input_tokens"] == 7
    assert record.minillm["usd"] == "0.000013"
    assert record.minillm["finish_reasons"] == ["stop"]
    assert "7 tokens in, 3 out, cost $0.000013" in record.getMessage()
    assert "c4n4ry" not in caplog.text + repr(record.__dict__)


async def test_at_debug_every_step(caplog):
    """Retries among them, as warnings."""
    assert await records(caplog, "DEBUG", BUSY, MockResponse.json(whole(CHAT, "c4n4ry"))) == [
        ("DEBUG", "request_started"),
        ("DEBUG", "attempt_started"),
        ("DEBUG", "attempt_ended"),
        ("WARNING", "retry_scheduled"),
        ("DEBUG", "attempt_started"),
        ("DEBUG", "attempt_ended"),
        ("INFO", "request_ended"),
    ]
    assert "c4n4ry" not in caplog.text + "".join(repr(record.__dict__) for record in caplog.records)


async def test_a_retry_is_a_warning_where_nobody_watches(caplog):
    """With logging as it is by default, nothing is wrapped, and this is told all the same."""
    assert await records(caplog, "WARNING", BUSY, MockResponse.json(whole(CHAT))) == [("WARNING", "retry_scheduled")]


def test_by_itself_it_prints_nothing():
    program = (
        "import asyncio, minillm\n"
        "from minillm import ChatNode, GeneratorInfo, MockTransport\n"
        "from minillm.transport import MockResponse\n"
        "t = MockTransport([MockResponse.json({}, 500), MockResponse.json({}, 500)])\n"
        "async def main():\n"
        "    try: await ChatNode.root().chat('Hi', GeneratorInfo.openai('m', api_key='k', transport=t), retry=1, "
        "back_off_time=0)\n"
        "    except minillm.ServerError: print('failed')\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("failed", "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_has_plain_facts_without_content(kind, caplog):
    """What a JSON formatter can write, whatever the event."""
    event = made(kind)
    facts = facts_of(event)
    assert "c4n4ry" not in json.dumps(facts)
    with caplog.at_level("DEBUG", "minillm"):
        log(event)
    assert "c4n4ry" not in caplog.text


def test_facts_of_bills_and_tokens():
    usage = Usage(uncached_tokens=5, cache_read_tokens=2, output_tokens=3)
    cost = CostInfo(Decimal("0.10"), Decimal("0.10"), usage=usage)
    attempt = Attempt("h", "m", "w", 0.0, outcome=Outcome.FAILED, status=500, usage=usage, cost=cost)
    from minillm.observe import AttemptEnded

    facts = facts_of(AttemptEnded(id=1, number=2, attempt=attempt, error_type="ServerError"))
    assert facts["usd"] == "0.10"
    assert (facts["input_tokens"], facts["cache_read_tokens"], facts["status"]) == (7, 2, 500)
    assert (facts["outcome"], facts["error_type"], facts["number"]) == ("failed", "ServerError", 2)


def formatted(**facts):
    record = LOGGER.makeRecord("minillm", logging.INFO, "f.py", 1, "said %s", ("Zoë",), None, extra=facts or None)
    return json.loads(JSONFormatter().format(record))


def test_the_formatter_writes_a_line_of_json():
    event = RequestStarted(id=4, host="openai", model="m", settings={"temperature": 0.5, "odd": [1]})
    line = formatted(event=event.name, minillm=facts_of(event))
    assert (line["message"], line["level"], line["event"]) == ("said Zoë", "INFO", "request_started")
    assert (line["host"], line["id"], line["settings"]) == ("openai", 4, {"temperature": 0.5})
    assert line["time"].endswith("+00:00")


def test_the_formatter_takes_any_record():
    """Of other programs, with tracebacks."""
    assert formatted()["message"] == "said Zoë"
    try:
        raise ValueError("x")
    except ValueError:
        record = LOGGER.makeRecord("other", logging.ERROR, "f.py", 1, "no", (), sys.exc_info())
    line = json.loads(JSONFormatter().format(record))
    assert line["traceback"].endswith("ValueError: x")
    assert "event" not in line
