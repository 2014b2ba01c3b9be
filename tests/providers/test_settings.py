"""Constructors take what a generator holds."""

from dataclasses import fields

from minillm import GeneratorInfo
from minillm.providers.settings import GeneratorSettings


def test_every_setting_is_a_field_of_the_generator():
    """They are handed on by name."""
    assert GeneratorSettings.__optional_keys__ <= {field.name for field in fields(GeneratorInfo)}
