"""Reports: losses are collected, warned about, or refused, and never dropped in silence."""

import warnings

import pytest

from minillm.errors import EncodeError, LossWarning
from minillm.report import Loss, Report, Severity, WarningReport, reporting


def test_it_collects_in_the_order_found_and_counts_what_repeats():
    report = Report()
    report.lost("tools[0]", "a tool", "no tools here")
    report.note("seed", "the seed", "ignored")
    report.lost("tools[0]", "a tool", "no tools here")
    report.degraded("role", "developer", "said as system")
    assert report.losses == (
        Loss("tools[0]", "a tool", "no tools here", Severity.LOST, 2),
        Loss("seed", "the seed", "ignored", Severity.NOTE),
        Loss("role", "developer", "said as system", Severity.DEGRADED),
    )


def test_severity_tells_two_losses_apart():
    report = Report()
    report.note("a", "b", "c")
    report.lost("a", "b", "c")
    assert len(report.losses) == 2


def test_an_empty_report_is_false():
    report = Report()
    assert not report
    report.note("a", "b", "c")
    assert report
    assert repr(report) == "Report(1 losses)"


def test_strict_raises_at_the_first_thing_not_said_at_all():
    report = Report(strict=True)
    report.note("a", "b", "c")
    report.degraded("a", "b", "c")
    with pytest.raises(EncodeError, match="a picture cannot be said: text only") as caught:
        report.lost("messages[0]", "a picture", "text only")
    assert caught.value.path == "messages[0]"
    assert len(report.losses) == 2


def test_who_does_not_care_says_so():
    report = Report.ignore()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report.lost("a", "b", "c")
    assert report.losses == ()


def test_nobody_asked_means_a_warning_each():
    report = reporting(None)
    assert isinstance(report, WarningReport)
    with pytest.warns(LossWarning, match="a: b lost: c") as caught:
        report.lost("a", "b", "c")
    report.lost("a", "b", "c")  # filterwarnings is "error": a second one would raise
    assert len(caught) == 1
    assert report.losses == (Loss("a", "b", "c", Severity.LOST, 2),)


def test_a_given_report_is_used_even_while_it_is_empty():
    """An empty one is false: whoever writes ``report or ...`` loses it."""
    report = Report()
    assert reporting(report) is report
