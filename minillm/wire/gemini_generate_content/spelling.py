"""Field names in snake_case: the servers of this vendor take them beside camelCase, and its own examples
use them. Bodies are read in one spelling; which names came in the other is remembered."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

__all__ = ["REQUEST", "in_camel", "in_snake"]

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


def in_camel(body: Any, level: Level, found: set[str]) -> Any:
    """The body with every name of ``level`` in camelCase; those that were not are put into ``found``."""
    if isinstance(body, list):
        return [in_camel(item, level, found) for item in body]
    if not isinstance(body, Mapping):
        return body
    out: dict[str, Any] = {}
    for key, value in body.items():
        name = _camel(key)
        if name != key and name in level and name not in body:
            found.add(name)
        else:
            name = key
        inner = level.get(name)
        out[name] = value if inner is None else in_camel(value, inner, found)
    return out


def in_snake(body: Any, level: Level, names: Iterable[str]) -> Any:
    """The body with those names in snake_case again."""
    if isinstance(body, list):
        return [in_snake(item, level, names) for item in body]
    if not isinstance(body, Mapping):
        return body
    out: dict[str, Any] = {}
    for key, value in body.items():
        inner = level.get(key)
        name = _snake(key) if key in names and key in level else key
        out[name] = value if inner is None else in_snake(value, inner, names)
    return out


def _camel(name: str) -> str:
    if "_" not in name:
        return name
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
