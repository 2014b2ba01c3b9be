"""Field names in snake_case: the servers of this vendor take them beside camelCase, and its own examples
use them. Bodies are read in one spelling; which names came in the other is remembered."""

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["REQUEST", "Spelling", "in_snake"]

Level: TypeAlias = Mapping[str, Any]  # a field's name -> the names in it, or None


def _names(*plain: str, **deeper: Level | None) -> Level:
    return {**dict.fromkeys(plain), **deeper}


_BLOB = _names("mimeType", "data", "displayName", "fileUri")
_SIDE = ("thought", "thoughtSignature", "mediaResolution", "executableCode", "codeExecutionResult", "toolCall")
_MEDIA = _names(*_SIDE, "text", "toolResponse", inlineData=_BLOB, fileData=_BLOB)
_PART = _names(
    *_MEDIA,
    inlineData=_BLOB,
    fileData=_BLOB,
    videoMetadata=_names("startOffset", "endOffset", "fps"),
    functionCall=_names("partialArgs", "willContinue"),
    functionResponse=_names("willContinue", "scheduling", parts=_MEDIA),
)
_CONTENT = _names("role", parts=_PART)
_FUNCTION = _names("parametersJsonSchema", "responseJsonSchema")

#: The names of a request, as deep as they are the protocol's and not the user's.
REQUEST: Level = _names(
    "safetySettings",
    "cachedContent",
    "serviceTier",
    "continuationToken",
    systemInstruction=_CONTENT,
    contents=_CONTENT,
    tools=_names(functionDeclarations=_FUNCTION),
    toolConfig=_names(
        "retrievalConfig",
        "includeServerSideToolInvocations",
        functionCallingConfig=_names("allowedFunctionNames", "streamFunctionCallArguments"),
    ),
    generationConfig=_names(
        *("topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "presencePenalty"),
        *("frequencyPenalty", "responseLogprobs", "responseMimeType", "responseSchema", "responseJsonSchema"),
        *("responseModalities", "mediaResolution", "speechConfig", "imageConfig"),
        thinkingConfig=_names("includeThoughts", "thinkingBudget", "thinkingLevel"),
    ),
)


class Spelling:
    """Which names of a body came in snake_case: everywhere, or at some places only where a body mixes the two."""

    __slots__ = ("_camel", "_snake")

    def __init__(self) -> None:
        self._snake: dict[str, list[str]] = {}  # name -> the places where it came so
        self._camel: set[str] = set()

    def in_camel(self, body: Any, level: Level, path: str = "") -> Any:
        """The body with every name of ``level`` in camelCase."""
        if isinstance(body, list):
            # A list in a list is nobody's field: it stays as it is, however deep it goes.
            return [
                item if isinstance(item, list) else self.in_camel(item, level, f"{path}[{i}]")
                for i, item in enumerate(body)
            ]
        if not isinstance(body, Mapping):
            return body
        out: dict[str, Any] = {}
        for key, value in body.items():
            name = self._name_of(key, body, level, path)
            inner = level.get(name)
            out[name] = value if inner is None else self.in_camel(value, inner, f"{path}.{name}")
        return out

    def _name_of(self, key: str, body: Mapping[str, Any], level: Level, path: str) -> str:
        name = _camel(key)
        if name == key or name not in level or name in body:
            if key in level:
                self._camel.add(key)
            return key
        self._snake.setdefault(name, []).append(path)
        return name

    @property
    def hints(self) -> dict[str, Any] | None:
        """What :func:`in_snake` needs: name -> its places, or None for all of them."""
        found = {name: sorted(places) if name in self._camel else None for name, places in self._snake.items()}
        return found or None


def in_snake(body: Any, level: Level, hints: Mapping[str, Any], path: str = "") -> Any:
    """The body with those names in snake_case again."""
    if isinstance(body, list):
        return [
            item if isinstance(item, list) else in_snake(item, level, hints, f"{path}[{i}]")
            for i, item in enumerate(body)
        ]
    if not isinstance(body, Mapping):
        return body
    out: dict[str, Any] = {}
    for key, value in body.items():
        inner = level.get(key)
        snake = key in level and key in hints and (hints[key] is None or path in hints[key])
        out[_snake(key) if snake else key] = value if inner is None else in_snake(value, inner, hints, f"{path}.{key}")
    return out


def _camel(name: str) -> str:
    if "_" not in name:
        return name
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
