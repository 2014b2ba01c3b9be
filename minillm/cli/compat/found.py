"""The configuration that is meant, by name or by looking for it."""

from ...compat.planning import find_config
from ...config_file import Document

__all__ = ["document_of"]


def document_of(config: str | None) -> Document | None:
    """Read it; None where none was named and none is here.

    Raises:
        ConfigFileError: it is no TOML or JSON, or is not there.
    """
    name = config or find_config()
    return None if name is None else Document.load(name)
