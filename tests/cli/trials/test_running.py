"""A run until its end, Ctrl-C or a full disk."""

import pytest

from minillm.cli.trials.running import Ended, carry_out


def ending(error: BaseException | None):
    async def run() -> None:
        if error is not None:
            raise error

    return run


def test_what_was_found_until_then_is_still_here() -> None:
    full = OSError(28, "No space left on device", "r.jsonl")
    assert carry_out(ending(None), list) == Ended()
    assert carry_out(ending(KeyboardInterrupt()), list) == Ended(interrupted=True)
    assert carry_out(ending(full), lambda: ["row"]) == Ended(full=True)


@pytest.mark.parametrize(("error", "found"), [(OSError(28, "full"), []), (BrokenPipeError(32, "pipe"), ["row"])])
def test_what_nobody_can_see_any_more_is_raised(error: OSError, found: list[str]) -> None:
    with pytest.raises(type(error)):
        carry_out(ending(error), lambda: found)
