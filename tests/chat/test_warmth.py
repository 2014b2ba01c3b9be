"""What is known of hosts' caches, and how long it holds."""

import threading

import pytest

from minillm import ChatNode, GeneratorInfo, MockModel
from minillm.chat import warmth as module
from minillm.chat.parameters import resolve
from minillm.chat.warmth import Warmth, is_warm, learn, lifetime_of, scope_of
from minillm.policies.options import Transform
from minillm.providers.caching import CacheFacts
from minillm.types import Attempt, CacheBreakpoint, ChatResponse, Usage
from tests.chat.caching_host import Clock

SCOPE = ("s",)


@pytest.fixture
def clock():
    return Clock(1000)


@pytest.fixture
def known(clock):
    return Warmth(clock)


def test_nothing_is_known_at_first(known):
    """An empty memory is false."""
    assert known.look(SCOPE, b"p", 0) is None
    assert not known
    assert not known.knows(SCOPE)


def test_it_holds_as_long_as_the_host_keeps_it(known, clock):
    """Not a moment longer."""
    known.note(SCOPE, b"p", 300, clock())
    clock.now = 1299
    assert known.look(SCOPE, b"p", 300).until == 1300
    clock.now = 1300
    assert known.look(SCOPE, b"p", 300) is None


def test_a_shorter_life_is_not_a_longer_one(known, clock):
    """Who wants an hour is not served by five minutes, but the other way round."""
    known.note(SCOPE, b"p", 300, clock())
    assert known.look(SCOPE, b"p", 3600) is None
    known.note(SCOPE, b"q", 3600, clock())
    assert known.look(SCOPE, b"q", 300) is not None


def test_a_longer_life_goes_on(known, clock):
    """Reading what lives an hour, by a mark of five minutes, keeps it for an hour more."""
    known.note(SCOPE, b"p", 3600, 1000)
    assert known.note(SCOPE, b"p", 300, 1100).until == 4700
    clock.now = 5000
    assert known.note(SCOPE, b"p", 300, 5000).until == 5300


def test_what_comes_late_does_not_shorten_it(known):
    """An older answer, told after a newer one."""
    known.note(SCOPE, b"p", 300, 1100)
    assert known.note(SCOPE, b"p", 300, 1000).until == 1400
    known.used(SCOPE, [b"p"], 1050)
    assert known.look(SCOPE, b"p", 300).until == 1400


def test_use_keeps_alive_what_lives(known, clock):
    """What is not known, or over, or was not cached, is not brought to life."""
    known.note(SCOPE, b"p", 300, 1000)
    known.note(SCOPE, b"over", 10, 1000)
    known.note(SCOPE, b"refused", 300, 1000, cached=False)
    known.used(SCOPE, [b"p", b"over", b"refused", b"never"], 1200)
    known.used(("other",), [b"p"], 1200)
    clock.now = 1250
    assert known.look(SCOPE, b"p", 300).until == 1500
    assert known.look(SCOPE, b"over", 10) is None
    assert known.look(SCOPE, b"never", 0) is None
    refused = known.look(SCOPE, b"refused", 300)
    assert (refused.cached, refused.until) == (False, 1300)


def test_a_refusal_gives_way_to_a_success(known):
    """The host may have changed its mind."""
    known.note(SCOPE, b"p", 300, 1000, cached=False)
    assert known.note(SCOPE, b"p", 300, 1001).cached


def test_it_does_not_grow_for_ever(known, clock, monkeypatch):
    """What was noted longest ago goes first."""
    monkeypatch.setattr(module, "_MOST_SCOPES", 3)
    monkeypatch.setattr(module, "_MOST_PREFIXES", 2)
    for number in range(5):
        known.note((number,), b"p", 300, clock())
        known.note(SCOPE, b"%d" % number, 300, clock())
    assert [number for number in range(5) if known.knows((number,))] == [3, 4]
    assert [n for n in range(5) if known.look(SCOPE, b"%d" % n, 300)] == [3, 4]
    known.forget()
    assert not known


def test_threads_may_share_it(known, clock):
    """No update is lost, and nothing breaks."""

    def work(start):
        for number in range(start, 800, 4):
            known.note((number % 7,), b"%d" % number, 300, clock())
            known.used((number % 7,), [b"%d" % number], clock())

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(known.look((number % 7,), b"%d" % number, 300) for number in range(800))


MARKED, AUTOMATIC = CacheFacts(by="marked"), CacheFacts(lifetime=1800)


@pytest.mark.parametrize(
    ("ttl", "facts", "seconds"),
    [(None, MARKED, 300), ("1h", MARKED, 3600), ("24h", MARKED, 3600), ("5m", MARKED, 300), ("1h", AUTOMATIC, 1800)],
)
def test_how_long_a_mark_lives(ttl, facts, seconds):
    """In the host's limits; a host that caches by itself does not hear of lifetimes."""
    assert lifetime_of(CacheBreakpoint(ttl), facts) == seconds


def _scope(model, node=None, **options):
    call = resolve(model, None, options)
    request = (node or ChatNode.root("s").add_user("u")).build_request(model, **options)
    return scope_of(model, call, request)


GEN = GeneratorInfo.anthropic("claude-opus-5", api_key="a")


@pytest.mark.parametrize(
    "other",
    [
        GEN.replace(api_key="b"),
        GEN.replace(model="claude-sonnet-5"),
        GEN.replace(base_url="https://h.test"),
        GEN.replace(headers={"anthropic-workspace": "w"}),
        GEN.replace(api_key=lambda: "a"),
        GeneratorInfo.openrouter("claude-opus-5", api_key="a"),
        MockModel("x"),
    ],
)
def test_caches_are_kept_apart(other):
    """By host, address, credential, headers, model."""
    assert _scope(GEN) != _scope(other)
    assert _scope(GEN) == _scope(GEN.replace(price=None))
    assert _scope(other) == _scope(other)


@pytest.mark.parametrize(
    "options",
    [
        {"reasoning": "high"},
        {"extra": {"x": 1}},
        {"cache_key": "k"},
        {"transforms": [Transform()]},
        {"verbosity": "low"},
    ],
)
def test_what_changes_how_a_prompt_is_read_keeps_it_apart(options):
    """What does not, does not."""
    assert _scope(GEN, **options) != _scope(GEN)
    assert _scope(GEN, **options) == _scope(GEN, **options)
    assert _scope(GEN, temperature=0.3, max_tokens=5, stop=["x"]) == _scope(GEN)


@pytest.fixture
def fresh(monkeypatch, clock):
    monkeypatch.setattr(module, "warmth", Warmth(clock))
    return clock


def _learned(node, usage, gen=GEN, **options):
    call, request = resolve(gen, None, options), node.build_request(gen, **options)
    attempts = (Attempt("anthropic", "m", "anthropic_messages", 1000.0, usage=usage),)
    learn(gen, call, request, ChatResponse(usage=usage, attempts=attempts))
    return is_warm(gen, call, request)


READ, NOT_READ = Usage(1, 100, {"5m": 0}, None, 1), Usage(101, 0, {"5m": 0}, None, 1)


def test_an_answer_tells_only_when_the_cache_was_used(fresh):
    """No count, or a count of nothing, tells nothing."""
    node = ChatNode.root("s").cache_breakpoint().add_user("u")
    assert not _learned(node, None)
    assert not _learned(node, NOT_READ)
    assert _learned(node, READ)
    fresh.now = 1301
    assert not is_warm(GEN, resolve(GEN, None, {}), node.build_request(GEN))


def test_a_prompt_without_marks_tells_nothing(fresh):
    """On a host that caches what is marked there is nothing to know."""
    assert not _learned(ChatNode.root("s").add_user("u"), READ)
    assert not module.warmth


def test_of_several_marks_the_last_is_known(fresh):
    """Each must be long enough by itself, so the earlier ones may not be cached; one that is known is kept alive."""
    root = ChatNode.root("s").cache_breakpoint()
    node = root.add_user("u").cache_breakpoint()
    assert _learned(node, READ)
    call = resolve(GEN, None, {})
    assert not is_warm(GEN, call, root.build_request(GEN))


def test_a_key_that_has_gone_costs_no_answer(fresh, monkeypatch):
    """Nothing is learned, and nothing is raised."""
    gen = GEN.replace(api_key=None)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert not _learned(ChatNode.root("s").cache_breakpoint().add_user("u"), READ, gen)
