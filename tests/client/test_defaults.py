"""A generator's defaults lie over those of its host's row."""

from dataclasses import replace

from minillm import GeneratorInfo
from minillm.client.defaults import defaults_of
from minillm.types import CompletionParameters

GEN = GeneratorInfo.custom("m", base_url="http://localhost:1", api_key="k-12345678")
ROW = replace(GEN.provider, defaults=CompletionParameters(temperature=0.2, top_p=0.9))


def test_the_generators_own_win_over_its_rows():
    gen = GEN.replace(provider=ROW).with_defaults(temperature=0.7)
    assert defaults_of(gen) == CompletionParameters(temperature=0.7, top_p=0.9)


def test_they_are_made_once_a_generator():
    gen = GEN.replace(provider=ROW)
    assert defaults_of(gen) is defaults_of(gen)
    assert defaults_of(gen.with_defaults(seed=1)) != defaults_of(gen)
