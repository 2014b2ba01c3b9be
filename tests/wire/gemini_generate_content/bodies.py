"""Bodies of GenerateContent as clients and hosts really spell them: nulls, fields left out, both spellings,
parts nobody knows. For the properties that hold for any of them."""

from typing import Any

from hypothesis import strategies as st

Body = dict[str, Any]

WORDS = st.sampled_from(["a", "Hi", "wörld", "two words", "{", "\n", "👋"])
NAMES = st.sampled_from(["f", "get_weather", "g"])
NUMBERS = st.integers(0, 50)
VALUES = (
    st.none() | st.booleans() | NUMBERS | WORDS | st.lists(NUMBERS, max_size=2) | st.just({}) | st.just({"x": None})
)
SEALS = st.sampled_from(["c2ln", "skip_thought_signature_validator", ""])


def fields(required: Body, optional: Body) -> st.SearchStrategy[Body]:
    return st.fixed_dictionaries(required, optional=optional)


BESIDE = {"thoughtSignature": SEALS, "videoMetadata": VALUES, "x": VALUES}
BLOBS = fields({"data": st.just("AAAA")}, {"mimeType": st.sampled_from(["image/png", "audio/wav", "x"]), "x": VALUES})
FILES = fields(
    {"fileUri": WORDS}, {"mimeType": st.sampled_from(["video/mp4", "application/pdf"]), "displayName": WORDS}
)
ARGUMENTS = st.sampled_from([{}, {"a": 1.0, "b": [None]}, None])
TEXTS = fields({"text": WORDS | st.just("")}, {**BESIDE, "thought": st.booleans() | st.none()})
MEDIA = fields({"inlineData": BLOBS}, {**BESIDE, "thought": st.booleans()}) | fields({"fileData": FILES}, BESIDE)
CALLS = fields({"functionCall": fields({"name": NAMES}, {"id": WORDS | st.just(""), "args": ARGUMENTS})}, BESIDE)
RESPONSES = st.sampled_from(
    [{"output": "a"}, {"result": "a"}, {"error": "a"}, {"a": 1}, {}, {"output": 1}, {"error": {}}]
)
RESULTS = fields(
    {
        "functionResponse": fields(
            {"name": NAMES}, {"id": WORDS, "response": RESPONSES, "parts": st.lists(MEDIA, max_size=1), "x": VALUES}
        )
    },
    {"x": VALUES},
)
UNKNOWN = st.sampled_from(
    [{}, {"executableCode": {"code": "1"}}, {"novel": 1}, {"thoughtSignature": "c2ln"}, {"thoughtSignature": None}]
)
SNAKE = st.sampled_from(
    [
        {"inline_data": {"mime_type": "image/png", "data": "AAAA"}},
        {"function_call": {"name": "f", "args": {"an_arg": 1}}, "thought_signature": "c2ln"},
        {"file_data": {"file_uri": "https://x.test/a"}},
    ]
)
PARTS = TEXTS | MEDIA | CALLS | RESULTS | UNKNOWN
ROLES = st.sampled_from(["user", "model", "function", "system", "novel", None])
CONTENTS = fields({}, {"role": ROLES, "parts": st.lists(PARTS, max_size=3) | PARTS | st.none(), "x": VALUES})
SCHEMAS = st.sampled_from(
    [
        {"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True}}, "required": ["a"]},
        {"type": "object", "properties": {"type": {"type": "string"}}},
        {"type": "ARRAY", "items": {"anyOf": [{"type": "NUMBER"}, {"type": "NULL"}]}},
        {"enum": ["STRING"], "type": "string"},
        {"type": ["string", "null"]},
        {"type": "NOVEL"},
        {},
    ]
)
FUNCTIONS = fields(
    {"name": NAMES},
    {"description": WORDS | st.none(), "parameters": SCHEMAS | st.none(), "response": SCHEMAS, "behavior": WORDS},
) | fields({"name": NAMES}, {"parametersJsonSchema": SCHEMAS | st.none()})
TOOLS = fields({}, {"functionDeclarations": st.lists(FUNCTIONS, max_size=2) | st.none(), "googleSearch": VALUES})
CONFIGS = fields(
    {},
    {
        "temperature": st.sampled_from([0, 0.5, None, "x"]),
        "topK": NUMBERS | st.just(4.0),
        "maxOutputTokens": NUMBERS | st.none(),
        "stopSequences": st.lists(WORDS, max_size=2) | st.none(),
        "seed": st.integers(-3, 3),
        "candidateCount": NUMBERS,
        "responseLogprobs": st.booleans() | NUMBERS,
        "logprobs": NUMBERS,
        "responseMimeType": st.sampled_from(["text/plain", "application/json", "text/x.enum", None]),
        "responseSchema": SCHEMAS | st.none(),
        "responseJsonSchema": SCHEMAS,
        "responseModalities": st.sampled_from([["TEXT"], ["TEXT", "image"], [1], None]),
        "thinkingConfig": fields(
            {},
            {
                "includeThoughts": st.booleans() | st.none(),
                "thinkingBudget": st.integers(-1, 9) | st.booleans(),
                "thinkingLevel": st.sampled_from(["LOW", "low", "NOVEL", None]),
            },
        )
        | st.none(),
        "speechConfig": VALUES,
    },
)
CHOICES = fields(
    {},
    {
        "functionCallingConfig": fields(
            {},
            {
                "mode": st.sampled_from(["AUTO", "any", "NONE", "VALIDATED", "NOVEL", None]),
                "allowedFunctionNames": st.lists(NAMES, max_size=2) | st.none(),
            },
        )
        | st.none(),
        "retrievalConfig": VALUES,
    },
)
REQUESTS = fields(
    {"contents": st.lists(CONTENTS, max_size=4) | CONTENTS | WORDS},
    {
        "model": WORDS,
        "systemInstruction": CONTENTS | st.none() | WORDS,
        "tools": st.lists(TOOLS, max_size=2) | st.none(),
        "toolConfig": CHOICES | st.none(),
        "generationConfig": CONFIGS | st.none(),
        "safetySettings": VALUES,
        "cachedContent": WORDS,
        "serviceTier": st.sampled_from(["flex", "novel", None]),
        "store": st.booleans() | st.none(),
    },
)
SNAKE_REQUESTS = fields(
    {"contents": st.lists(fields({"parts": st.lists(SNAKE | TEXTS, max_size=3)}, {"role": ROLES}), max_size=3)},
    {
        "system_instruction": fields({"parts": st.lists(TEXTS, max_size=2)}, {}),
        "generation_config": st.sampled_from([{"max_output_tokens": 3}, {"response_mime_type": "application/json"}]),
        "tools": st.just([{"function_declarations": [{"name": "f"}]}, {"google_search": {}}]),
        "tool_config": st.just({"function_calling_config": {"mode": "ANY", "allowed_function_names": ["f"]}}),
        "safety_settings": VALUES,
    },
)
COUNTS = fields(
    {},
    {
        "promptTokenCount": NUMBERS | st.none(),
        "cachedContentTokenCount": NUMBERS,
        "toolUsePromptTokenCount": NUMBERS,
        "candidatesTokenCount": NUMBERS | st.just("x"),
        "thoughtsTokenCount": NUMBERS | st.none(),
        "totalTokenCount": NUMBERS,
        "trafficType": WORDS,
    },
)
TOKENS = fields({}, {"token": WORDS, "logProbability": st.floats(-9, 0), "tokenId": NUMBERS})
GROUNDING = fields(
    {},
    {
        "groundingChunks": st.lists(
            fields({"web": fields({}, {"uri": WORDS, "title": WORDS})}, {}) | st.just({}), max_size=2
        ),
        "groundingSupports": st.lists(
            fields(
                {},
                {
                    "segment": fields({}, {"startIndex": NUMBERS, "endIndex": NUMBERS, "text": WORDS}),
                    "groundingChunkIndices": st.lists(st.integers(-1, 3), max_size=2),
                },
            ),
            max_size=2,
        ),
        "webSearchQueries": st.lists(WORDS, max_size=1),
    },
)
CANDIDATES = fields(
    {},
    {
        "content": fields({}, {"role": st.just("model"), "parts": st.lists(PARTS, max_size=3) | st.none()}) | st.none(),
        "index": st.integers(0, 2) | st.none(),
        "finishReason": st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "NOVEL", "novel", None]),
        "finishMessage": WORDS,
        "safetyRatings": VALUES,
        "groundingMetadata": GROUNDING | st.none(),
        "citationMetadata": fields(
            {}, {"citations": st.lists(fields({}, {"uri": WORDS, "endIndex": NUMBERS}), max_size=2)}
        ),
        "logprobsResult": fields(
            {},
            {
                "chosenCandidates": st.lists(TOKENS, max_size=2) | st.none(),
                "topCandidates": st.lists(fields({}, {"candidates": st.lists(TOKENS, max_size=2)}), max_size=2),
            },
        )
        | st.none(),
    },
)
ANSWERS = fields(
    {"usageMetadata": COUNTS | st.none()},
    {
        "candidates": st.lists(CANDIDATES, max_size=2) | st.none(),
        "promptFeedback": st.sampled_from(
            [{"blockReason": "OTHER"}, {"blockReason": None}, {"safetyRatings": []}, None]
        ),
        "modelVersion": WORDS | st.none(),
        "responseId": WORDS | st.just(""),
        "createTime": WORDS,
    },
)
STREAMS = st.lists(
    ANSWERS | st.just({}) | st.just({"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}), max_size=6
)
