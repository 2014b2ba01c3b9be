"""What a request asks of a model: unset, deliberately nothing, and what wins."""

import copy
import pickle
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minillm.types import UNSET, CompletionParameters, ReasoningConfig, ReasoningEffort, ResponseFormat

NAMES = [field.name for field in fields(CompletionParameters)]


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_unset_at_first(name):
    assert getattr(CompletionParameters(), name) is UNSET
    assert CompletionParameters().get(name) is None


def test_set_fields_tell_none_from_unset():
    assert CompletionParameters(temperature=None, top_p=0.5).set_fields() == {"temperature": None, "top_p": 0.5}


def test_unset_is_false_and_shows_its_name():
    assert not UNSET
    assert repr(UNSET) == "UNSET"


settings = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.none() | st.floats(0, 2),
        "max_tokens": st.none() | st.integers(1, 9),
        "stop": st.none() | st.text(max_size=3) | st.lists(st.text(max_size=3), max_size=2),
        "extra": st.none() | st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=2),
    },
)


@given(settings, settings)
def test_the_later_one_wins_field_by_field(first, second):
    """And the mappings of ``extra`` are united."""
    merged = CompletionParameters(**first).merged(CompletionParameters(**second))
    expected = {**first, **second}
    if first.get("extra") is not None and second.get("extra") is not None:
        expected["extra"] = {**first["extra"], **second["extra"]}
    assert merged == CompletionParameters(**expected)


@given(settings)
def test_nothing_over_something_changes_nothing(said):
    parameters = CompletionParameters(**said)
    assert parameters.merged(CompletionParameters()) is parameters


def test_words_for_people_become_values():
    parameters = CompletionParameters(stop="END", modalities=["text"], reasoning="low")
    assert parameters.stop == ("END",)
    assert parameters.modalities == ("text",)
    assert parameters.reasoning == ReasoningConfig(effort=ReasoningEffort.LOW)


def test_an_effort_of_a_hosts_own_is_kept():
    assert ReasoningConfig("turbo").effort == "turbo"
    assert ReasoningConfig("high").effort is ReasoningEffort.HIGH


def test_hashable_whatever_it_holds():
    parameters = CompletionParameters(
        stop=["a"],
        extra={"a": {}},
        logit_bias={"1": 2},
        response_format=ResponseFormat("json_schema", {"type": "object"}),
    )
    assert hash(parameters) == hash(parameters.merged(CompletionParameters(extra={"a": {}})))


def test_a_misspelt_field_is_refused():
    with pytest.raises(TypeError, match="temprature"):
        CompletionParameters(temprature=1)


def test_what_is_remembered_of_set_fields_is_the_parameters_own():
    """Neither a change of what was told, nor a copy with changes, nor a pickle is misled by it."""
    parameters = CompletionParameters(temperature=None, top_p=0.5)
    parameters.set_fields()["seed"] = 1
    parameters.set_fields().pop("top_p")
    assert parameters.set_fields() == {"temperature": None, "top_p": 0.5}
    assert replace(parameters, top_p=0.25).set_fields() == {"temperature": None, "top_p": 0.25}
    assert parameters.merged(CompletionParameters(seed=2)).set_fields() == {**parameters.set_fields(), "seed": 2}
    back = pickle.loads(pickle.dumps(parameters))
    assert back == parameters == copy.copy(parameters)
    assert hash(back) == hash(parameters) == hash(CompletionParameters(temperature=None, top_p=0.5))
    assert repr(back) == repr(parameters) == repr(CompletionParameters(temperature=None, top_p=0.5))
    assert back.set_fields() == parameters.set_fields()


def test_over_nothing_at_all_is_what_is_over_it():
    over = CompletionParameters(seed=1, extra={"a": 1})
    assert CompletionParameters().merged(over) is over
