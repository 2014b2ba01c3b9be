"""Experience: pairs of expected and reported numbers, which make the next estimate better."""

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.cost.calibration import Calibration, expected, shape_of
from minillm.cost.size import measure
from minillm.cost.tokens import Tokens
from minillm.errors import ConfigurationError
from minillm.types import ChatRequest, CompletionParameters, FilePart, Message, ReasoningConfig, ToolDefinition, Usage

REQUEST = ChatRequest("m", (Message("user", "word " * 200),))
LIKELY = expected(REQUEST, measure(REQUEST), "m").likely


def learnt(*reported, host="h", model="m", request=REQUEST):
    calibration = Calibration()
    for tokens in reported:
        calibration.learn(request, Usage(tokens, output_tokens=10), host=host, model=model)
    return calibration


def corrected(calibration, model="m", host="h", shape="plain"):
    return calibration.corrected(Tokens(LIKELY, LIKELY * 2), host=host, model=model, shape=shape)


def test_without_experience_nothing_changes():
    assert corrected(Calibration()) == Tokens(LIKELY, LIKELY * 2)


def test_a_request_without_a_word_is_neither_learnt_from_nor_corrected():
    """Some models add nothing to the words: there is no ratio to nothing."""
    empty = ChatRequest("sonar", ())
    assert expected(empty, measure(empty), "sonar").likely == 0
    assert corrected(learnt(3, model="sonar", request=empty), "sonar") == Tokens(LIKELY, LIKELY * 2)
    learnt_of_others = learnt(300, model="sonar")
    assert learnt_of_others.corrected(Tokens(0.0, 6.0), host="h", model="sonar", shape="plain") == Tokens(0.0, 6.0)


def test_experience_pulls_the_likely_number():
    """One case a little, many nearly all the way."""
    one, many = corrected(learnt(int(LIKELY * 1.5))), corrected(learnt(*[int(LIKELY * 1.5)] * 20))
    assert LIKELY * 1.2 < one.likely < many.likely < LIKELY * 1.51
    assert many.likely > LIKELY * 1.45


def test_experience_of_this_very_model_narrows_the_bound_and_one_case_above_widens_it():
    assert corrected(learnt(*[int(LIKELY)] * 8)).upper < LIKELY * 1.4
    assert corrected(learnt(int(LIKELY * 3))).upper > LIKELY * 3


def test_a_family_learns_together_and_other_shapes_do_not():
    calibration = learnt(*[int(LIKELY * 1.5)] * 20, model="gpt-5.4")
    assert corrected(calibration, "gpt-5.6", "elsewhere").likely > LIKELY * 1.2
    assert corrected(calibration, "claude-x").likely == LIKELY
    assert corrected(calibration, "gpt-5.6", shape="tools").likely == LIKELY


def test_lengths_of_answers_are_kept():
    calibration = Calibration()
    for length in (5, 500, 50):
        calibration.learn(REQUEST, Usage(1, output_tokens=length), host="h", model="m")
    assert calibration.output_of("h", "m") == 50
    assert calibration.output_of("h", "x") is None


def test_what_tells_nothing_is_not_taken():
    calibration = Calibration()
    unseen = ChatRequest("m", (Message("user", (FilePart(file_id="f"),)),))
    assert not calibration.learn(REQUEST, None, host="h", model="m")
    assert not calibration.learn(REQUEST, Usage(output_tokens=3), host="h", model="m")
    assert not calibration.learn(unseen, Usage(3000, output_tokens=3), host="h", model="m")
    assert (len(calibration), bool(calibration)) == (0, True)


def test_searches_of_the_host_are_left_out():
    """What Gemini's own tools read is told apart, and is no part of the prompt."""
    plain, searched = learnt(int(LIKELY)), Calibration()
    searched.learn(REQUEST, Usage(int(LIKELY), tool_use_tokens=9000), host="h", model="m")
    assert corrected(searched) == corrected(plain)


def test_the_worst_is_what_it_is_now_and_not_what_it_was_when_it_was_asked_for_first():
    """What was worked out is forgotten with the first worse reply, of this model or another of its family."""
    calibration, of = Calibration(), {"host": "h", "shape": "plain"}
    assert calibration.worst(model="gpt-4o", **of) == 1.0
    calibration.observe(10, 20, model="gpt-4o-mini", **of)
    assert calibration.worst(model="gpt-4o", **of) == 2.0
    calibration.observe(10, 30, model="gpt-4o", **of)
    assert [calibration.worst(model="gpt-4o", **of) for _ in range(2)] == [3.0, 3.0]
    other = Calibration()
    other.observe(10, 50, model="gpt-4o", **of)
    calibration.update(other)
    assert calibration.worst(model="gpt-4o", **of) == 5.0


def test_what_is_kept_is_bounded():
    calibration = Calibration()
    for n in range(700):
        calibration.learn(REQUEST, Usage(9, output_tokens=1), host="h", model=f"m{n}")
    for _ in range(100):
        calibration.learn(REQUEST, Usage(9, output_tokens=1), host="h", model="m")
    assert len(calibration) <= 512
    assert max(len(pairs) for pairs in calibration.to_json()["inputs"].values()) <= 32


def test_shapes():
    assert shape_of(measure(REQUEST)) == "plain"
    assert shape_of(measure(ChatRequest("m", tools=(ToolDefinition("a"),)))) == "tools"
    assert shape_of(measure(ChatRequest("m", (Message("user", (FilePart(file_id="f"),)),)))) == "media"


def test_thinking_may_cost_something():
    asked = ChatRequest("claude-x", REQUEST.messages, parameters=CompletionParameters(reasoning=ReasoningConfig("low")))
    size = measure(asked)
    assert expected(asked, size, "claude-x").likely > expected(REQUEST, size, "claude-x").likely + 20


def test_saving_and_loading_is_exact(tmp_path):
    path = tmp_path / "c.json"
    calibration = learnt(300, 400)
    calibration.save(path)
    again = Calibration.load(path)
    assert again.to_json() == calibration.to_json()
    assert repr(again) == "Calibration(4 observations)"
    assert list(tmp_path.iterdir()) == [path]
    assert "word" not in path.read_text("utf-8")


def test_two_become_one():
    one, other = learnt(300), learnt(400, model="x")
    one.update(other)
    assert (len(one), one.output_of("h", "x")) == (3, 10)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ([], "is no calibration of version 1"),
        ({"version": 2}, "is no calibration of version 1"),
        ({"version": 1, "inputs": {"k": [[1]]}}, r"inputs\.k: must hold pairs"),
        ({"version": 1, "inputs": {"k": [[1, 0]]}}, r"inputs\.k: must hold pairs"),
        ({"version": 1, "inputs": {"k": 3}}, "inputs: must be an object of lists"),
        ({"version": 1, "outputs": {"k": ["x"]}}, r"outputs\.k: must hold sound numbers"),
    ],
)
def test_a_bad_file_is_refused_by_place(tmp_path, content, complaint):
    path = tmp_path / "c.json"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ConfigurationError, match=rf"c\.json: {complaint}"):
        Calibration.load(path)


def test_a_file_that_cannot_be_read_or_written(tmp_path):
    (tmp_path / "broken.json").write_text("{", "utf-8")
    for name, complaint in (("none.json", "cannot be read"), ("broken.json", "line 1")):
        with pytest.raises(ConfigurationError, match=complaint):
            Calibration.load(tmp_path / name)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Calibration().save(tmp_path / "no" / "c.json")


def test_many_threads_may_learn_at_once():
    calibration = Calibration()

    def learn(name):
        for _ in range(50):
            calibration.learn(REQUEST, Usage(300, output_tokens=3), host="h", model=name)
            corrected(calibration, name)

    threads = [threading.Thread(target=learn, args=(f"m{n % 3}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calibration) == 4


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "h:m plain"]), inner, max_size=2),
    max_leaves=8,
)


@given(st.fixed_dictionaries({"version": st.just(1)}, optional={"inputs": anything, "outputs": anything}))
def test_any_content_is_a_calibration_or_refused(content):
    """Nothing but our own error comes out, and what is taken can be asked."""
    try:
        calibration = Calibration.from_json(content)
    except ConfigurationError:
        return
    answer = corrected(calibration)
    assert 0 <= answer.likely <= answer.upper
