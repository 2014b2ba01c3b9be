"""What a generator sets for every call to it."""

from ..generator import GeneratorInfo
from ..types import CompletionParameters

__all__ = ["defaults_of"]


def defaults_of(generator: GeneratorInfo) -> CompletionParameters:
    """Its own defaults over those of its host's row; made once a generator."""
    made: CompletionParameters | None = generator.prepared.get("defaults")
    if made is None:
        made = generator.prepared["defaults"] = generator.provider.defaults.merged(generator.defaults)
    return made
