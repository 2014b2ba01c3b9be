"""The collector is held off, and comes back as it was."""

import gc

import pytest

from minillm.errors import ThreadFormatError
from minillm.tree import Node
from minillm.tree.garbage import collector_held_off


def test_off_inside_on_after():
    with collector_held_off():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_off_before_stays_off():
    gc.disable()
    try:
        with collector_held_off():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_on_again_after_an_error():
    with pytest.raises(ThreadFormatError):
        Node.from_tree_json('{"minillm": {"format": "tree", "version": "1.0"}}\n[]\n')
    assert gc.isenabled()
