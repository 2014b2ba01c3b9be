"""What is said of an exchange that failed: the library's own errors may show the URL, so their texts are not."""

from .base import Timeouts
from .egress import Destination

__all__ = ["failure_text", "why"]


def failure_text(text: str, target: Destination, timeouts: Timeouts, error: Exception) -> str:
    """``text`` with the destination, the times and the reason filled in."""
    # A deadline cuts timeouts to odd lengths: three digits tell enough.
    seconds = {name: f"{getattr(timeouts, name) or 0:.3g} s" for name in ("connect", "first_byte", "idle")}
    return text.format(target=target, why=why(error), **seconds)


def why(error: BaseException) -> str:
    """The system's own words, the status, or the class's name."""
    certificate = getattr(error, "certificate_error", None)
    cause = certificate or getattr(error, "os_error", None) or error
    for fact in ("verify_message", "strerror", "status"):
        if words := getattr(cause, fact, None):
            return str(words)
    return type(error).__name__
