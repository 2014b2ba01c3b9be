"""What would fail at the first request is told before any."""

from ..generator import GeneratorInfo
from ..local.weights import find_pieces
from ..providers import resolve_key

__all__ = ["check_ready"]


def check_ready(generator: GeneratorInfo) -> None:
    """Look for what a call of it needs, and send nothing.

    Raises:
        ConfigurationError: a key, or the model of this machine, is not here.
    """
    if generator.local_server is not None:
        find_pieces(generator.local_server)
    else:
        resolve_key(generator.provider, None, generator.api_key_env, own_base_url=generator.base_url is None)
