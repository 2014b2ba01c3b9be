"""Rounds and calls, as HTML and as words."""

from minillm.notebook.run_page import ShownCall, ShownRound, run_page
from tests.notebook.talks import EVIL


def test_each_round_has_its_calls_with_what_became_of_them() -> None:
    calls = [
        ShownCall("rooms", '{"town": "Lagos"}', "done", "0.1 s", "sea, attic"),
        ShownCall("pay", "{}", "denied", "", "not allowed"),
    ]
    made = run_page([ShownRound("round 1 · m", "Let me see.", "9 out", "done", calls)], "done · 1 round")
    html = made._repr_html_()
    assert '<section class="column done"><header><b>round 1 · m</b></header><pre dir="auto">Let me see.</pre>' in html
    assert (
        '<li class="call done"><b>rooms</b> <code dir="auto">{&quot;town&quot;: &quot;Lagos&quot;}</code>'
        ' <span class="state">done · 0.1 s</span><pre dir="auto" class="result">sea, attic</pre></li>'
    ) in html
    assert str(made).splitlines() == [
        "done · 1 round",
        "-- round 1 · m · 9 out",
        "Let me see.",
        'rooms {"town": "Lagos"} · done · 0.1 s -> sea, attic',
        "pay {} · denied -> not allowed",
    ]


def test_a_long_run_shows_its_last_rounds_and_so_many_calls() -> None:
    rounds = [ShownRound(f"round {n}", state="done", calls=[ShownCall("f")] * 70) for n in range(50)]
    made = run_page(rounds, "running")
    assert made.html.count("<section") == 40
    assert made.html.count("<li") == 40 * 60
    assert "running · the last 40 rounds" in made.html
    assert "10 more calls" in made.html
    long = run_page([ShownRound("r", calls=[ShownCall("f", "a" * 4000, "done", "", "b" * 4000)])], "")
    assert long.html.count("… (2,500 more characters)") == 2


def test_nothing_in_a_run_is_markup_or_steers() -> None:
    made = run_page([ShownRound(EVIL, EVIL, EVIL, "done", [ShownCall(EVIL, EVIL, "failed", EVIL, EVIL)])], EVIL)
    html = made._repr_html_()
    assert html.count("<script") == html.count("<img") == 0
    assert html.count("</style>") == 1
    assert "\x1b" not in str(made) + html
