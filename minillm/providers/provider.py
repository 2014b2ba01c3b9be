"""A host as a row: where it is, what it speaks, how it is signed, and its quirks. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import ConfigurationError
from ..types import CompletionParameters
from ..wire.codec import Quirks
from .capabilities import Capabilities

__all__ = ["BEARER", "Auth", "Endpoint", "Provider"]


@dataclass(frozen=True, slots=True)
class Auth:
    """The header that carries the key, and what stands before it."""

    header: str = "authorization"
    prefix: str = "Bearer "


BEARER = Auth()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One wire of a host.

    Args:
        wire: the protocol, a name of ``minillm.wire.WIRES``.
        base_url: everything before the wire's own path; ``{name}`` stands for one of the host's variables.
        quirks: how its dialect differs.
        auth: how the key is sent.
        headers: sent with every request. A row is data and may be saved: no place for a key.
        query: sent with every request (Azure's ``api-version``). No place for a key either.
        shape: how paths or bodies differ from the wire's own, a name of ``endpoints.SHAPES``.
        capabilities: what the host documents of what it takes; None: nothing.
        generation_record: the path of the record that the host keeps of each answer, for bills; None: it keeps none.
        routing: whether it chooses among other hosts, as :class:`ProviderSettings` say.
    """

    wire: str = "openai_chat_completions"
    base_url: str
    quirks: Quirks = Quirks()
    auth: Auth = BEARER
    headers: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    shape: str | None = None
    capabilities: Capabilities | None = None
    generation_record: str | None = None
    routing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A host that answers.

    Args:
        name: as in ``GeneratorInfo.from_name("name:model")``.
        endpoints: the wires it speaks, its usual one first.
        key_env: environment variables that may hold its key, the first that is set counts.
        key_required: whether it refuses requests without a key.
        variables: placeholders of the base URL, with the environment variable that may fill each.
        streaming: whether it can stream; otherwise ``stream()`` replays a whole answer.
        defaults: parameters sent unless the generator or the call says otherwise.
        label: the name for people.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    key_env: tuple[str, ...] = ()
    key_required: bool = True
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    streaming: bool = True
    defaults: CompletionParameters = CompletionParameters()
    label: str = ""

    @property
    def wires(self) -> tuple[str, ...]:
        return tuple(endpoint.wire for endpoint in self.endpoints)

    def endpoint(self, wire: str | None = None) -> Endpoint:
        """The endpoint for a wire, or the host's usual one.

        Raises:
            ConfigurationError: the host does not speak that wire.
        """
        if wire is None:
            return self.endpoints[0]
        for endpoint in self.endpoints:
            if endpoint.wire == wire:
                return endpoint
        raise ConfigurationError(f"{self.name} does not speak {wire!r}; it speaks {', '.join(self.wires)}")
