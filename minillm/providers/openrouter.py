"""OpenRouter beyond its protocol: which of its hosts may answer, the variants of its models, and who is asking.

https://openrouter.ai/docs/features/provider-routing, https://openrouter.ai/docs/app-attribution,
https://openrouter.ai/docs/faq (model variants)
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from ..errors import ConfigurationError
from ..types import JSONValue
from .catalog import get_provider
from .provider import Provider

__all__ = ["VARIANTS", "ProviderSettings", "attributed", "split_variant"]

#: What may stand behind a model's name, and what it asks for.
VARIANTS: Final[Mapping[str, str]] = {
    "free": "free of charge, with low limits",
    "extended": "a longer context window",
    "exacto": "only hosts that call tools well",
    "thinking": "reasons before it answers",
    "online": "searches the web first, which is billed apart",
    "nitro": "the fastest hosts first",
    "floor": "the cheapest hosts first",
}

_SORTS = ("price", "throughput", "latency", "exacto")
_PRICES = frozenset({"prompt", "completion", "request", "image", "audio"})
Cutoffs = float | Mapping[str, float]


class ProviderSettings(dict[str, JSONValue]):
    """Which of OpenRouter's hosts may answer, and in which order. What is not given is not sent.

    It is the ``provider`` object of a request: give it to ``GeneratorInfo.openrouter(..., routing=...)``, or to one
    call as ``extra={"provider": ProviderSettings(...)}``. At a host that does not know it, it is left out and told
    as a loss.

    Args:
        order: hosts to try first, in this order.
        only: no others than these.
        ignore: none of these.
        allow_fallbacks: whether others may answer when these do not (their default: yes).
        require_parameters: only hosts that heed every parameter of the request.
        data_collection: ``"deny"``: only hosts that keep nothing of it.
        zdr: only endpoints with zero data retention.
        enforce_distillable_text: only models whose text may be used for training others.
        quantizations: only these precisions, such as ``"fp8"``, ``"bf16"``.
        sort: ``"price"``, ``"throughput"``, ``"latency"``, ``"exacto"``, or their object; it ends load balancing.
        max_price: no dearer than this, in USD per million tokens (``prompt``, ``completion``), or each
            (``request``, ``image``, ``audio``).
        preferred_min_throughput: tokens a second; a number, or one for each percentile such as ``{"p90": 50}``.
        preferred_max_latency: seconds, in the same forms.
        options: handed through to a host, by its name.

    Raises:
        ConfigurationError: a value is not of the kind it must be.
    """

    def __init__(
        self,
        *,
        order: Sequence[str] | None = None,
        only: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        allow_fallbacks: bool | None = None,
        require_parameters: bool | None = None,
        data_collection: Literal["allow", "deny"] | None = None,
        zdr: bool | None = None,
        enforce_distillable_text: bool | None = None,
        quantizations: Sequence[str] | None = None,
        sort: str | Mapping[str, JSONValue] | None = None,
        max_price: Mapping[str, float | str] | None = None,
        preferred_min_throughput: Cutoffs | None = None,
        preferred_max_latency: Cutoffs | None = None,
        options: Mapping[str, JSONValue] | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "order": _names("order", order),
            "only": _names("only", only),
            "ignore": _names("ignore", ignore),
            "allow_fallbacks": allow_fallbacks,
            "require_parameters": require_parameters,
            "data_collection": data_collection,
            "zdr": zdr,
            "enforce_distillable_text": enforce_distillable_text,
            "quantizations": _names("quantizations", quantizations),
            "sort": sort if sort is None or isinstance(sort, str) else dict(sort),
            "max_price": None if max_price is None else dict(max_price),
            "preferred_min_throughput": _cutoffs(preferred_min_throughput),
            "preferred_max_latency": _cutoffs(preferred_max_latency),
            "options": None if options is None else dict(options),
        }
        super().__init__({name: value for name, value in given.items() if value is not None})
        if data_collection not in (None, "allow", "deny"):
            raise ConfigurationError(f"data_collection must be 'allow' or 'deny', not {data_collection!r}")
        by = given["sort"].get("by") if isinstance(given["sort"], dict) else given["sort"]
        if by is not None and by not in _SORTS:
            raise ConfigurationError(f"sort must be one of {', '.join(_SORTS)}, not {by!r}")
        if unknown := (given["max_price"] or {}).keys() - _PRICES:
            raise ConfigurationError(f"max_price knows {', '.join(sorted(_PRICES))}, not {', '.join(sorted(unknown))}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (dict(self),))


def _restored(said: dict[str, Any]) -> ProviderSettings:
    return ProviderSettings(**said)


def _names(field: str, names: Sequence[str] | None) -> list[str] | None:
    if isinstance(names, str):
        raise ConfigurationError(f"{field} is a list of names: [{names!r}]")
    return None if names is None else list(names)


def _cutoffs(cutoffs: Cutoffs | None) -> Any:
    return dict(cutoffs) if isinstance(cutoffs, Mapping) else cutoffs


def attributed(app_name: str | None, app_url: str | None) -> Provider:
    """OpenRouter's row with headers that say which program asks; they are public (its rankings show them)."""
    row = get_provider("openrouter")
    headers = {}
    for name, value in (("HTTP-Referer", app_url), ("X-Title", app_name)):
        if value is None:
            continue
        if not value.strip() or not value.isprintable() or not value.isascii():
            field = "app_name" if name == "X-Title" else "app_url"
            raise ConfigurationError(f"openrouter: {field} must be printable ASCII, since it is sent as a header")
        headers[name] = value
    if not headers:
        return row
    return replace(
        row,
        endpoints=tuple(replace(each, headers={**each.headers, **headers}) for each in row.endpoints),
    )


def split_variant(model: str) -> tuple[str, str]:
    """``"vendor/model:free"`` as ``("vendor/model", "free")``; the second is empty where there is none."""
    name, _, variant = model.rpartition(":")
    return (name, variant) if name and variant in VARIANTS else (model, "")
