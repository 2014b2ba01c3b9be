"""What must be there for a run of the tests to count.

``MINILLM_REQUIRE=corpus,local,peers,browser`` names things that many machines lack. A test that needs one
asks :func:`demand`: absent and required is a failure, absent otherwise is a skip that says what to
install. So a green run with everything required has skipped none of them.
"""

import os
from typing import NoReturn

import pytest

NAMES = frozenset({"corpus", "local", "peers", "browser"})


def required() -> frozenset[str]:
    """The names in ``MINILLM_REQUIRE``; an unknown one is a mistake, not a wish."""
    wanted = frozenset(name.strip() for name in os.environ.get("MINILLM_REQUIRE", "").split(",") if name.strip())
    unknown = wanted - NAMES
    if unknown:
        raise pytest.UsageError(
            f"MINILLM_REQUIRE names {', '.join(sorted(unknown))}; known are {', '.join(sorted(NAMES))}"
        )
    return wanted


def missing(name: str, reason: str) -> NoReturn:
    """Fail where ``name`` is required, else skip; ``reason`` says what is absent and how to get it."""
    if name not in NAMES:
        raise ValueError(f"{name!r} is not one of {sorted(NAMES)}")
    if name in required():
        pytest.fail(f"{name} is required by MINILLM_REQUIRE, but {reason}", pytrace=False)
    pytest.skip(f"{name}: {reason}")


def demand(name: str, available: bool, reason: str) -> None:
    """Return where ``available``, otherwise :func:`missing`."""
    if not available:
        missing(name, reason)
