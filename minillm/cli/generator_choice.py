"""``--generator``: from a name to a model that can be asked, checked before anything is asked."""

from dataclasses import replace as changed
from decimal import Decimal

from ..environment import load_env
from ..generator import GeneratorInfo
from ..local.weights import find_pieces
from ..providers import resolve_key
from ..stack import Model
from ..types import TokenPrice

__all__ = ["LOCAL", "choose", "model_words", "with_temperature"]

LOCAL = "local"

_FREE = TokenPrice(input=Decimal(0), output=Decimal(0), cache_read=Decimal(0))


def choose(name: str) -> GeneratorInfo:
    """The generator called ``provider:model``, or ``local``. Keys may stand in ``.env`` in this folder.

    Raises:
        ConfigurationError: no such provider, no key for it, or a piece of the local model is missing.
    """
    load_env()
    generator = GeneratorInfo.from_name(name)
    if generator.local_server is not None:
        find_pieces(generator.local_server)
        # Nobody sends a bill for this machine, so here the price is known: nothing.
        return generator.replace(price=_FREE)
    # The request would find a missing key as well, but only after the first question has been typed.
    resolve_key(generator.provider, None, generator.api_key_env, own_base_url=True)
    return generator


def model_words(model: Model) -> str:
    """The model as people call it."""
    if not isinstance(model, GeneratorInfo):
        return type(model).__name__
    if model.local_server is not None:
        return f"{model.model}, on this machine: no key, nothing leaves it"
    return f"{model.model} at {model.provider.label or model.provider.name}"


def with_temperature(model: Model, temperature: float) -> Model:
    """The same model, by default at another temperature; a script of replies has none."""
    if not isinstance(model, GeneratorInfo):
        return model
    return model.replace(defaults=changed(model.defaults, temperature=temperature))
