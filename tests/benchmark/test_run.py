"""A run of a plan against a model with known delays, in virtual time: every figure is what it must be."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from minillm import ConfigurationError, MockModel, TokenPrice, fallback
from minillm.benchmark import Benchmark, Closed, Open, Plan, Prompt, Results, Target, benchmark, load_results
from tests.benchmark.paced_model import PacedModel
from tests.benchmark.virtual_time import virtually

SHORT = Prompt.of("short", "Name a river.")


def plan(model, *loads, **said) -> Plan:
    said.setdefault("requests", 20)
    return Plan(targets=[Target("paced", model)], prompts=[SHORT], loads=loads or (Closed(1),), **said)


def run(asked: Plan, **settings) -> Results:
    return virtually(lambda clock: Benchmark(asked, clock=clock, **settings).run())


def test_known_delays_come_out_as_they_are() -> None:
    """0.2 s to the first of five tokens, 0.05 s between them: all else follows."""
    (figures,) = run(plan(PacedModel())).series
    assert figures.first_token.p50 == pytest.approx(0.2, abs=1e-4)
    assert figures.inter_token.p50 == pytest.approx(0.05, abs=1e-4)
    assert figures.wait.p99 == pytest.approx(0.05, abs=1e-4)
    assert figures.end_to_end.high == pytest.approx(0.4, abs=1e-4)
    assert figures.speed.p50 == pytest.approx(5 / 0.4, rel=1e-3)
    assert figures.throughput == pytest.approx(5 / 0.4, rel=1e-3)
    assert figures.duration == pytest.approx(20 * 0.4, rel=1e-3)


def test_tokens_are_those_of_the_answer_as_usage_tells_them() -> None:
    """The model tells of 1000 prompt tokens in each answer; none of them counts as output."""
    (figures,) = run(plan(PacedModel(tokens=7))).series
    assert figures.output_tokens == 20 * 7
    assert (figures.input_tokens, figures.cached_tokens, figures.cache_hits) == (20_000, 8_000, 0.4)


def test_what_the_host_does_not_count_is_not_guessed() -> None:
    (figures,) = run(plan(PacedModel(usage=False))).series
    assert (figures.output_tokens, figures.throughput, figures.uncounted) == (None, None, 20)
    assert figures.inter_token.p50 is None
    assert figures.wait.p50 == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize("level", [1, 4, 30])
def test_a_closed_loop_keeps_so_many_under_way(level: int) -> None:
    """Four at once are four times as much in the same time; more askers than requests do no harm."""
    model = PacedModel()
    (figures,) = run(plan(model, Closed(level), warm_up=0)).series
    assert len(model.requests) == 20
    assert model.most_under_way == min(level, 20)
    assert figures.duration == pytest.approx(-(-20 // level) * 0.4, rel=1e-3)


def test_a_stall_shows_in_an_open_loop_and_hides_in_a_closed_one() -> None:
    """Ten seconds of standstill under ten requests a second: a third of the users wait for seconds, and the open loop
    says so. The closed loop's single asker waits once, so even its 99th percentile shows nothing."""
    asked = (
        plan(PacedModel(stalls=(10.0, 20.0)), Closed(1), requests=300, warm_up=0),
        plan(PacedModel(stalls=(10.0, 20.0)), Open(10), requests=300, warm_up=0),
    )
    (closed,), (opened,) = (run(each).series for each in asked)
    assert closed.end_to_end.high == pytest.approx(10, abs=0.5)
    assert closed.end_to_end.p99 == pytest.approx(0.4, abs=1e-3)
    assert opened.end_to_end.p50 == pytest.approx(0.4, abs=1e-3)
    assert opened.end_to_end.p90 is not None
    assert opened.end_to_end.p90 > 6
    assert opened.end_to_end.p99 == pytest.approx(10, abs=0.5)


def test_an_open_loop_counts_from_when_a_request_was_due() -> None:
    """A program that is held up sends late; that is on the latency, and told apart."""

    async def main(clock) -> Results:
        model = PacedModel(tokens=1)
        asked = Benchmark(plan(model, Open(1000), requests=50, warm_up=0), clock=clock)
        loop = asyncio.get_running_loop()
        loop.call_at(0.02, lambda: setattr(loop, "_now", loop.time() + 1.0))  # the machine sleeps for a second
        return await asked.run()

    (figures,) = virtually(main).series
    assert figures.late.high == pytest.approx(1.0, abs=0.05)
    assert figures.end_to_end.high == pytest.approx(1.2, abs=0.05)
    assert figures.since_sent.p50 == pytest.approx(0.2, abs=0.01)


def test_requests_of_an_open_loop_are_independent_of_answers() -> None:
    """A slow host gets more and more at once; nobody waits for it."""
    model = PacedModel(first=60)
    (figures,) = run(plan(model, Open(5), requests=100, warm_up=0)).series
    assert model.most_under_way == 100
    assert figures.end_to_end.p50 == pytest.approx(60.2, abs=0.01)


def test_those_that_go_ahead_are_not_measured() -> None:
    model = PacedModel()
    results = run(plan(model, Closed(3), requests=6))
    assert len(model.requests) == 9  # as many ahead as may be under way
    assert len(results.measurements) == 9
    assert len(results.measured) == 6


def test_failures_are_results() -> None:
    """Each fifth is refused; the others' figures are not touched by it."""
    results = run(plan(PacedModel(refuses=5), warm_up=0))
    (figures,) = results.series
    assert (figures.failed, figures.errors) == (4, {"RateLimitError": 4})
    assert results.failed == 4
    assert figures.first_token.count == 16
    assert figures.end_to_end.p50 == pytest.approx(0.4, abs=1e-4)


def test_an_error_of_any_kind_is_a_failure_without_its_words() -> None:
    """What stands in the errors of somebody else's model, nobody knows: it may be a prompt."""
    results = run(plan(MockModel([ValueError("a secret")] * 3), requests=3, warm_up=0))
    assert [(each.error, each.message) for each in results.measured] == [("ValueError", None)] * 3


def test_what_takes_too_long_has_failed() -> None:
    (figures,) = run(plan(PacedModel(first=10), timeout=2, requests=2)).series
    assert figures.errors == {"TimeoutExceeded": 2}
    assert figures.duration == pytest.approx(4, abs=0.01)


def test_whole_answers_have_no_first_token() -> None:
    asked = Plan(targets=[Target("paced", PacedModel(), stream=False)], prompts=[SHORT], requests=3)
    (figures,) = run(asked).series
    assert figures.first_token.count == figures.inter_token.count == 0
    assert figures.end_to_end.p50 == pytest.approx(0.4, abs=1e-3)
    assert figures.output_tokens == 15


def test_each_target_prompt_and_load_is_a_series() -> None:
    model = PacedModel()
    asked = Plan(
        targets=[Target("a", model), Target("b", model)],
        prompts=[SHORT, Prompt.of("other", "Name a lake.")],
        loads=[Closed(1), Open(4)],
        requests=2,
        warm_up=0,
    )
    results = run(asked)
    assert [(each.target, each.prompt, each.load) for each in results.series] == [
        (target, prompt, load)
        for target in ("a", "b")
        for prompt in ("short", "other")
        for load in ("1 at once", "4 a second")
    ]
    assert asked.total == len(model.requests) == 16


def test_unique_prompts_begin_differently() -> None:
    model = PacedModel()
    run(plan(model, Closed(2), requests=5, unique=True))
    assert len({request.messages[0].text for request in model.requests}) == 7
    assert all(request.messages[0].text.endswith("] Name a river.") for request in model.requests)


def test_a_pause_between_series() -> None:
    results = run(plan(PacedModel(), Closed(1), Closed(2), requests=2, warm_up=0, pause=60))
    first, second = results.by_series().values()
    assert second[0].due - first[-1].ended == pytest.approx(60, abs=0.01)


def test_waits_are_left_out_where_they_are_not_wanted() -> None:
    results = run(plan(PacedModel(), requests=2, keep_waits=False))
    assert [each.waits for each in results.measured] == [[], []]
    assert results.measured[0].longest_wait == pytest.approx(0.05, abs=1e-4)


def test_a_budget_stops_the_run_and_keeps_what_was_measured(tmp_path: Path) -> None:
    """Nothing is sent that may cost more than is left; the results say why they end."""
    from tests.benchmark.priced import priced_generator

    price = TokenPrice(input=Decimal(1), output=Decimal(10))
    file = tmp_path / "results.jsonl"
    asked = plan(priced_generator(price), requests=50, warm_up=0, budget_usd=Decimal("0.01"))

    async def main() -> Results:
        return await benchmark(asked, file=str(file))

    results = asyncio.run(main())
    assert 0 < len(results.measured) < 50
    assert sum(each.known_usd for each in results.measured) <= Decimal("0.01")
    assert "benchmark" in results.ending
    assert load_results(file).ending == results.ending


async def test_a_file_that_holds_something_is_not_written_to(tmp_path: Path) -> None:
    """Results of two plans in one file would be read as one."""
    file = tmp_path / "results.jsonl"
    file.write_text("mine")
    model = PacedModel()
    with pytest.raises(ConfigurationError, match="there already"):
        await benchmark(plan(model), file=str(file))
    assert (file.read_text(), model.requests) == ("mine", [])


def test_a_host_that_cannot_stream_has_no_first_token() -> None:
    """Its whole answer in one piece is not a fast first token."""
    from tests.benchmark.priced import priced_generator

    generator = priced_generator(TokenPrice()).replace(streaming=False)
    assert not Target("t", generator).streams
    assert Target("t", generator.replace(streaming=None)).streams


def test_plans_of_routes_are_measured_as_one() -> None:
    """What a failure and the next route took together is what the caller waits for."""
    (figures,) = run(
        plan(fallback([PacedModel(refuses=1), PacedModel(first=0.3, each=0.01)]), requests=3, warm_up=0)
    ).series
    assert figures.failed == 0
    assert figures.first_token.p50 == pytest.approx(0.3, abs=0.01)


async def test_a_missing_key_is_told_and_nothing_is_measured() -> None:
    from minillm import GeneratorInfo

    asked = plan(GeneratorInfo.openai("gpt-5.4"), requests=3)
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        await benchmark(asked)


def test_an_interrupted_run_keeps_what_was_measured(tmp_path: Path) -> None:
    """Cancelled in the midst of a series: the object and the file hold all requests that had ended."""
    file = tmp_path / "results.jsonl"

    async def main(clock) -> Benchmark:
        work = Benchmark(plan(PacedModel(), warm_up=0), file=str(file), clock=clock)
        task = asyncio.create_task(work.run())
        await asyncio.sleep(0.4 * 7 + 0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return work

    work = virtually(main)
    assert len(work.results.measured) == 7
    assert work.results.ending == "interrupted"
    loaded = load_results(file)
    assert loaded.ending == "interrupted"
    assert [each.number for each in loaded.measured] == list(range(7))


def test_an_unfinished_run_can_be_gone_on_with(tmp_path: Path) -> None:
    """Whole series are kept, the one that was cut is measured anew, and the file tells the same."""
    file = tmp_path / "results.jsonl"
    asked = plan(PacedModel(), Closed(1), Closed(2), requests=5, warm_up=0)

    async def cut(clock) -> None:
        task = asyncio.create_task(Benchmark(asked, file=str(file), clock=clock).run())
        await asyncio.sleep(0.4 * 5 + 0.5)  # in the second series
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    virtually(cut)
    done = load_results(file)
    assert len(done.measured) == 7
    model = PacedModel()
    again = plan(model, Closed(1), Closed(2), requests=5, warm_up=0)
    results = run(again, file=str(file), done=done)
    assert len(model.requests) == 5
    for each in (results, load_results(file)):
        assert [(figures.load, figures.requests) for figures in each.series] == [("1 at once", 5), ("2 at once", 5)]
        assert each.ending == "done"


def test_each_measurement_is_told_as_it_is_made() -> None:
    told = []
    run(plan(PacedModel(), Closed(2), requests=4), on_measured=told.append)
    assert len(told) == 6
    assert [each.warm_up for each in told] == [True, True, False, False, False, False]
