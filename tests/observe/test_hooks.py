"""Who is told: hooks of the process, of a block, of a call; what they raise; what they may see."""

import asyncio
import logging

import pytest

from minillm import ConfigurationError, observe
from minillm.observe import Observer, RequestStarted, ToolFailed, hooks
from minillm.types import ChatRequest, Message

REQUEST = ChatRequest("m", (Message("user", "c4n4ry"),))
STARTED = RequestStarted(id=1, host="h", model="m", request=REQUEST)


def test_a_hook_is_told_until_it_is_removed():
    seen = []
    remove = observe.add(seen.append)
    hooks.tell(hooks.observers(), STARTED)
    remove()
    remove()
    hooks.tell(hooks.observers(), STARTED)
    assert len(seen) == 1
    assert hooks.count == 0


def test_one_hook_added_twice_is_told_twice_and_removed_once():
    seen = []
    first, second = observe.add(seen.append), observe.add(seen.append)
    first()
    hooks.tell(hooks.observers(), STARTED)
    second()
    assert len(seen) == 1
    assert hooks.count == 0


async def test_a_block_is_inherited_by_its_tasks_and_by_no_other():
    seen, opened, done = [], asyncio.Event(), asyncio.Event()

    async def outside():
        await opened.wait()
        assert hooks.observers() == ()
        done.set()

    async def inside():
        hooks.tell(hooks.observers(), STARTED)

    other = asyncio.create_task(outside())
    with observe.watching(seen.append):
        opened.set()
        await asyncio.create_task(inside())
        await done.wait()
    await other
    assert len(seen) == 1
    assert hooks.observers() == ()
    assert hooks.count == 0


def test_content_is_for_those_who_asked():
    bare, whole = [], []
    hooks.tell((Observer(bare.append), Observer(whole.append, content=True)), STARTED)
    assert bare[0].request is None
    assert whole[0].request is REQUEST
    assert "c4n4ry" not in repr(bare[0])
    assert "c4n4ry" not in repr(whole[0]), "not even then in a repr"


@pytest.mark.parametrize("error", [ValueError("c4n4ry"), asyncio.CancelledError(), StopIteration()])
def test_a_hook_that_raises_breaks_nothing_and_is_logged_once(error, caplog):
    seen = []

    def faulty(event):
        raise error

    faulty.__qualname__ = f"faulty_{type(error).__name__}"  # told once in a process, by name
    with caplog.at_level(logging.DEBUG, "minillm"):
        for _ in range(3):
            hooks.tell((Observer(faulty), Observer(seen.append)), STARTED)
    assert len(seen) == 3
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert faulty.__qualname__ in record.getMessage()
    assert "test_hooks.py" in record.getMessage()
    assert "c4n4ry" not in caplog.text


def test_who_stops_the_program_stops_it():
    def stop(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hooks.tell((Observer(stop),), STARTED)


@pytest.mark.parametrize("bad", [3, "print", [print, 3]])
def test_what_is_no_hook_is_told(bad):
    with pytest.raises(ConfigurationError, match="hook must be callable"):
        hooks.as_observers(bad)
    if not isinstance(bad, list):
        with pytest.raises(ConfigurationError, match="hook must be callable"):
            observe.add(bad)
    assert hooks.count == 0


def test_several_hooks_of_one_call():
    given = hooks.as_observers([print, Observer(repr, chunks=True)])
    assert [one.hook for one in given] == [print, repr]
    assert [one.chunks for one in given] == [False, True]
    assert hooks.as_observers(None) == ()


def test_the_room_is_reached_by_the_packages_name():
    """``import minillm; minillm.observe.add(hook)``, before anything else was imported."""
    import subprocess
    import sys

    program = "import minillm; minillm.observe.add(print)(); print(minillm.observe.LOGGER.name)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "minillm"


def test_an_error_is_content():
    event = ToolFailed(id=1, tool="t", call_id="c", duration=0.0, error_type="ValueError", error=ValueError("c4n4ry"))
    assert event.bare().error is None
    assert "c4n4ry" not in repr(event)
