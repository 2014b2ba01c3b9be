"""A key that was refused while its source had a newer one."""

from ..errors import APIError, MiniLLMError
from ..generator import GeneratorInfo
from ..providers import Secret, ask_key

__all__ = ["heed_renewal"]


async def heed_renewal(error: MiniLLMError, generator: GeneratorInfo, used: Secret | None) -> None:
    """Make a 401 worth another try where the callable that gave the key gives another one by now: tokens are renewed
    by other programs, and may be so between being read and being sent. The source is read again once for each 401."""
    source = generator.api_key
    if not isinstance(error, APIError) or error.status != 401 or source is None or isinstance(source, Secret):
        return
    try:
        newer = await ask_key(generator.provider, source)
    except Exception:
        return  # the refusal is the news
    if newer and newer != used:
        error.retryable = True
