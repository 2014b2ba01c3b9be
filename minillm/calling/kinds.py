"""Of which kind the value of each option must be. What is of another kind is told by its name, before anything is sent:
a host would answer with a 400 that speaks of the wire's own field, or take it for something else."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, TypeAlias

from ..errors import ConfigurationError
from ..policies.options import Transform
from ..types import ReasoningConfig, ResponseFormat, TokenPrice

__all__ = ["check"]

Kind: TypeAlias = tuple[Callable[[Any], bool], str]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return _whole(value) and value >= 0


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _biases(value: Any) -> bool:
    return _object(value) and all(_number(bias) for bias in value.values())


def _reasoning(value: Any) -> bool:
    if not isinstance(value, ReasoningConfig):
        return False
    fields = (
        (value.effort, _text),
        (value.budget_tokens, _count),
        (value.summary, _text),
        (value.exclude, _flag),
    )
    return all(said is None or fits(said) for said, fits in fields)


def _transforms(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, Transform) or callable(one) for one in value)


_NUMBER: Final[Kind] = (_number, "a finite number")
_COUNT: Final[Kind] = (_count, "a whole number of at least 0")
_TEXT: Final[Kind] = (_text, "a text")
_TEXTS: Final[Kind] = (_texts, "a text or a list of texts")
_FLAG: Final[Kind] = (_flag, "True or False")
_OBJECT: Final[Kind] = (_object, "a mapping whose keys are texts")

_KINDS: Final[dict[str, Kind]] = {
    "max_tokens": _COUNT,
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "top_k": _COUNT,
    "min_p": _NUMBER,
    "frequency_penalty": _NUMBER,
    "presence_penalty": _NUMBER,
    "repetition_penalty": _NUMBER,
    "stop": _TEXTS,
    "seed": (_whole, "a whole number"),
    "n": _COUNT,
    "logit_bias": (_biases, "a mapping of token ids, as texts, to numbers"),
    "logprobs": _FLAG,
    "top_logprobs": _COUNT,
    "response_format": (
        lambda value: isinstance(value, ResponseFormat),
        "a ResponseFormat, such as ResponseFormat('json')",
    ),
    "reasoning": (_reasoning, "an effort such as 'low', or a ReasoningConfig of texts, a count and a flag"),
    "verbosity": _TEXT,
    "parallel_tool_calls": _FLAG,
    "modalities": _TEXTS,
    "audio": _OBJECT,
    "prediction": _OBJECT,
    "service_tier": _TEXT,
    "store": _FLAG,
    "cache_key": _TEXT,
    "end_user": _TEXT,
    "metadata": _OBJECT,
    "extra": _OBJECT,
    "system_prompt": _TEXT,
    "force_prepend": _TEXT,
    "merge_contiguous": _FLAG,
    "attach": _FLAG,
    "parse_json": _FLAG,
    "crash_on_refusal": _FLAG,
    "crash_on_empty_response": _FLAG,
    "prepend_instruction": _FLAG,
    "exp_back_off": _FLAG,
    "track_cost": _FLAG,
    "retry": _COUNT,
    "back_off_time": _NUMBER,
    "max_back_off": _NUMBER,
    "max_retry_after": _NUMBER,
    "deadline": _NUMBER,
    "connect_timeout": _NUMBER,
    "first_byte_timeout": _NUMBER,
    "idle_timeout": _NUMBER,
    "transforms": (_transforms, "a list of Transform(request=..., events=...) or of functions of a request"),
    "token_price": (lambda value: isinstance(value, TokenPrice), "a TokenPrice"),
}
#: These say something else by None than "nothing", or cannot say nothing.
_NEVER_NONE: Final = frozenset(
    {
        *("merge_contiguous", "attach", "parse_json", "crash_on_refusal", "crash_on_empty_response"),
        *("prepend_instruction", "exp_back_off", "retry", "back_off_time", "max_back_off", "max_retry_after"),
    }
)


def check(said: Mapping[str, Any], where: str = "") -> None:
    """Refuse a value of a kind that its option cannot have.

    Args:
        where: whose option it is, where it is not the call's own; stands before its name.

    Raises:
        ConfigurationError: names the option and what it must be. Texts are not shown: one may be a prompt.
    """
    for name, value in said.items():
        kind = _KINDS.get(name)
        if kind is None or (value is None and name not in _NEVER_NONE):
            continue
        fits, expected = kind
        if not fits(value):
            raise ConfigurationError(f"{where}{name} must be {expected}, not {_shown(value)}")


def _shown(value: Any) -> str:
    return repr(value) if value is None or isinstance(value, bool | int | float) else type(value).__name__
