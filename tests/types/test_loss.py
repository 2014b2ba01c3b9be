"""A loss: what could not be said, for a human."""

from minillm.types import Loss, Severity


def test_it_reads_as_a_sentence():
    loss = Loss("messages[2].content[0]", "a picture", "this host takes text only")
    assert str(loss) == "messages[2].content[0]: a picture lost: this host takes text only"


def test_it_says_how_often():
    assert "degraded (3 times)" in str(Loss("seed", "the seed", "ignored", Severity.DEGRADED, 3))


def test_equal_by_content():
    assert Loss("a", "b", "c") == Loss("a", "b", "c", Severity.LOST, 1)
    assert len({Loss("a", "b", "c"), Loss("a", "b", "c")}) == 1
