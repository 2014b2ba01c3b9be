"""Floor 6: the only place where codec, host and transport meet."""

from .http_model import HTTPModel

__all__ = ["HTTPModel"]
