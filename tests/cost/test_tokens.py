"""Counting text without a vocabulary: near on prose and code, above on everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.cost.tokens import Tokens, count_text

# Counted with public vocabularies: o200k, and the highest of o200k, cl100k, Llama 3 and Claude 2.
COUNTED = [
    ("The quick brown fox jumps over the lazy dog. " * 20, 201, 203),
    (
        "def parse(text: str) -> dict[str, int]:\n    return {key: int(value) for key, value in pairs(text)}\n" * 10,
        280,
        330,
    ),
    ('{"name": "get_weather", "arguments": {"city": "Paris", "unit": "celsius"}}\n' * 20, 480, 500),
    ("https://example.com/path/to/page?id=12345&ref=home\n" * 20, 320, 400),
]
SCRIPTS = [
    ("人工智能正在改变我们的生活方式。许多人每天使用它来写信、翻译文章、整理资料,也有人用它来学习新的语言。", 33, 54),
    (
        "Искусственный интеллект меняет нашу жизнь. Многие люди каждый день используют его, чтобы писать письма.",  # noqa: RUF001
        22,
        57,
    ),
    (
        "कृत्रिम बुद्धिमत्ता हमारे जीने के तरीके को बदल रही है। बहुत से लोग हर दिन इसका उपयोग पत्र लिखने के लिए करते हैं।",
        32,
        117,
    ),
    ("Künstliche Intelligenz verändert unsere Lebensweise. Viele Menschen benutzen sie jeden Tag.", 18, 26),
]


@pytest.mark.parametrize(("text", "o200k", "most"), COUNTED)
def test_prose_and_code_are_near(text, o200k, most):
    counted = count_text(text)
    assert 0.9 * o200k < counted.likely < 1.4 * o200k
    assert counted.upper >= most


@pytest.mark.parametrize(("text", "o200k", "most"), SCRIPTS)
def test_other_scripts_are_bounded(text, o200k, most):
    counted = count_text(text)
    assert counted.likely == pytest.approx(o200k, rel=0.4)
    assert counted.upper >= most


def test_nothing_is_nothing():
    assert count_text("") == Tokens(0, 0)


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_is_never_fewer_tokens(a, b):
    """A piece that grows at the seam may cost less than two, but never less than either text alone."""
    both = count_text(a + " \n " + b)
    assert both.upper >= count_text(a).upper - 1e-9
    assert both.upper >= both.likely >= 0


@given(st.text())
def test_any_text_is_counted(text):
    """Lone surrogates, controls and what no range names included; no vocabulary needs more than its bytes."""
    counted = count_text(text)
    assert 0 <= counted.likely <= counted.upper <= 4 * len(text) + 1


def test_a_run_of_one_mark_costs_little():
    assert count_text("-" * 400).likely < 15


def test_sums_and_multiples():
    assert Tokens(1, 2) + Tokens(3, 4) == Tokens(4, 6)
    assert Tokens(1, 2).times(3) == Tokens(3, 6)
    assert Tokens(1, 2).times(3, 4) == Tokens(3, 8)
    assert sum([Tokens(1, 2)], Tokens()) == Tokens(1, 2)
    with pytest.raises(TypeError):
        Tokens(1, 2) + (3, 4)  # noqa: RUF005
