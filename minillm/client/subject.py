"""Where a generator's requests go, as far as it can be said before any is sent."""

from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..generator import GeneratorInfo
from ..policies.observe import Subject
from .exchange import address_of

__all__ = ["subject_of"]

_PORTS = {"https": 443, "http": 80}


def subject_of(generator: GeneratorInfo) -> Subject:
    """Host, model, wire and the server's name; made once a generator."""
    subject: Subject | None = generator.prepared.get("subject")
    if subject is None:
        subject = generator.prepared["subject"] = Subject(
            generator.provider.name, generator.model, generator.endpoint.wire, _server(generator)
        )
    return subject


def _server(generator: GeneratorInfo) -> tuple[str | None, int | None]:
    if generator.local_server is not None:
        return None, None  # it says where it listens when it has started
    try:
        parts = urlsplit(address_of(generator))
    except ConfigurationError:
        return None, None  # told when the request is made
    return parts.hostname, parts.port or _PORTS.get(parts.scheme)
