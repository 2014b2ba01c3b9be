"""An attempt: one exchange, filled in as it goes."""

import copy
import pickle
from decimal import Decimal

from minillm.types import Attempt, CostInfo, CostResolution, Outcome, RateLimit, Usage, total_cost


def test_it_is_pending_until_it_is_known_how_it_ended():
    attempt = Attempt("openai", "m", "openai_chat_completions", 1.0)
    assert attempt.outcome is Outcome.PENDING
    assert (attempt.duration, attempt.status, attempt.usage, attempt.cost) == (None, None, None, None)


def test_no_two_share_their_limits():
    one, other = Attempt("h", "m", "w", 0.0), Attempt("h", "m", "w", 0.0)
    one.rate_limits["requests"] = RateLimit(1)
    assert other.rate_limits == {}


def test_it_travels_whole():
    attempt = Attempt("h", "m", "w", 0.0, 1.5, 0.5, Outcome.FAILED, 429, "req", "RateLimitError", Usage(1))
    attempt.rate_limits = {"tokens": RateLimit(10, 3, 99.0)}
    assert pickle.loads(pickle.dumps(attempt)) == attempt
    assert copy.deepcopy(attempt) == attempt


def test_a_sum_with_an_unknown_part_is_unknown():
    known = Attempt("h", "m", "w", 0.0, cost=CostInfo(Decimal(1), Decimal(1), CostResolution.RESOLVED))
    assert total_cost([known]).usd == 1
    assert total_cost([known, Attempt("h", "m", "w", 0.0)]).usd is None
    assert total_cost([]).usd == 0
