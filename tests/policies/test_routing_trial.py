"""A thousand calls through plans, under random faults: the short form of ``python -m tests.policies.routing_trial``."""

from .routing_trial import trial


async def test_nothing_is_left_open_after_a_thousand_runs():
    """No file, no task, no connection, no request; and every text, tree and bill on the way was right."""
    result = await trial(1000)
    assert sum(result.ended.values()) == 1000
    assert set(result.ended) == {"answered", "restarted", "left", "cancelled", "AllRoutesFailed", "StreamInterrupted"}
    assert result.left == dict.fromkeys(("files", "tasks", "connections", "requests"), 0)
