"""Carrying out a plan: one question first, what was found is kept, bounds are kept too."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from minillm import GeneratorInfo
from minillm.compat import Compat, Plan, Target, Verdict, compat, load_results
from minillm.errors import ConfigurationError, ConnectError
from minillm.transport import HTTPRequest, MockResponse, MockTransport
from minillm.types import TokenPrice
from tests.compat import hosts


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="needs targets"):
        Plan(targets=[])
    with pytest.raises(ConfigurationError, match=r"two targets.*'mine'"):
        Plan(targets=[hosts.target(hosts.echo), hosts.target(hosts.echo)])
    with pytest.raises(ConfigurationError, match="no probe is called 'nope'; known: plain, usage"):
        Plan(targets=[hosts.target(hosts.echo)], probes=["nope"])
    with pytest.raises(ConfigurationError, match="concurrency"):
        Plan(targets=[hosts.target(hosts.echo)], concurrency=0)


def test_probes_stand_in_the_order_of_the_matrix() -> None:
    assert Plan(targets=[hosts.target(hosts.echo)], probes=["n", "tools", "plain"]).probes == ("plain", "tools", "n")


async def test_where_nobody_answers_nothing_else_is_asked() -> None:
    """With the plain question among the probes, and without it."""
    for probes in ((), ("tools", "image")):
        asked = 0

        def host(request: HTTPRequest) -> MockResponse:
            nonlocal asked
            asked += 1
            raise ConnectError("nobody listens")

        results = await compat(Plan(targets=[hosts.target(host)], probes=probes, retry=0))
        rest = [row for row in results.rows.values() if row.probe != "plain"]
        assert {row.verdict for row in rest} == {Verdict.SKIPPED}
        assert "nobody listens" in rest[0].reason
        assert asked == 1


async def test_a_host_that_refuses_a_plain_question_teaches_nothing() -> None:
    """What it then refuses is no feature."""
    results = await compat(Plan(targets=[hosts.target(lambda _: hosts.refusal(404, "no fixture matched"))]))
    assert results.rows["mine", "plain"].verdict is Verdict.FAIL
    assert {row.verdict for row in results.rows.values() if row.probe != "plain"} == {Verdict.SKIPPED}
    assert [row.learned for row in results.rows.values() if row.learned] == []


async def test_findings_are_in_the_file_as_they_are_made(tmp_path: Path) -> None:
    path = str(tmp_path / "r.jsonl")
    seen = []
    work = Compat(Plan(targets=[hosts.target(hosts.obliging)], probes=["plain", "system", "n"]), file=path)
    work.on_found = lambda row: seen.append((row.probe, len(load_results(path).rows)))
    await work.run()
    assert [count for _, count in seen] == [1, 2, 3]
    assert load_results(path).ending == "done"
    assert hosts.KEY not in Path(path).read_text("utf-8")


async def test_what_was_found_is_not_asked_again(tmp_path: Path) -> None:
    """A run is cancelled in its midst; the next goes on where it was, in the same file."""
    path = str(tmp_path / "r.jsonl")

    async def host(request: HTTPRequest) -> MockResponse:
        await asyncio.sleep(0)
        return hosts.obliging(request)

    plan = Plan(targets=[hosts.target(host)], concurrency=1)
    work = Compat(plan, file=path)
    task = asyncio.ensure_future(work.run())
    work.on_found = lambda row: task.cancel() if len(work.results.rows) == 5 else None
    with pytest.raises(asyncio.CancelledError):
        await task
    before = load_results(path)
    assert before.ending == "interrupted"
    assert 5 <= len(before.rows) < len(plan.probes)
    again: list[str] = []
    rest = Compat(plan, file=path, done=before, on_found=lambda row: again.append(row.probe))
    assert rest.left == len(plan.probes) - len(before.rows)
    await rest.run()
    assert set(again).isdisjoint(name for _, name in before.rows)
    assert len(load_results(path).rows) == len(plan.probes)


async def test_a_missing_key_is_told_at_once() -> None:
    target = Target("openai", GeneratorInfo.openai("gpt-5.4", transport=MockTransport(hosts.echo)))
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        await compat(Plan(targets=[target]))


async def test_nothing_is_sent_beyond_the_budget() -> None:
    """A dollar a token: the purse holds one question."""
    price = TokenPrice(input=Decimal(1_000_000), output=Decimal(1_000_000))
    plan = Plan(targets=[hosts.target(hosts.obliging, price=price)], budget_usd=Decimal(300), concurrency=1)
    results = await compat(plan)
    assert results.of(Verdict.SKIPPED)
    assert all("budget" in row.reason for row in results.of(Verdict.SKIPPED))


async def test_after_the_time_limit_nothing_is_begun() -> None:
    plan = Plan(targets=[hosts.target(hosts.obliging)], time_limit=1e-9)
    results = await compat(plan)
    assert {row.verdict for row in results.rows.values()} == {Verdict.SKIPPED}


async def test_a_host_that_hangs_is_inconclusive() -> None:
    def host(request: HTTPRequest) -> MockResponse:
        if b"France" in (request.body or b""):
            return hosts.obliging(request)
        return MockResponse(200, {}, b"", delay=60)

    plan = Plan(targets=[hosts.target(host)], probes=["plain", "system"], timeout=0.05, retry=0)
    row = (await compat(plan)).rows["mine", "system"]
    assert row.verdict is Verdict.INCONCLUSIVE
