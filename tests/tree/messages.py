"""Messages of every kind, for codecs of files."""

from hypothesis import strategies as st

from minillm.types import (
    AudioPart,
    CacheBreakpoint,
    Citation,
    FilePart,
    ImagePart,
    Message,
    Native,
    NativePart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)

words = st.text(max_size=12)
some = st.none() | words
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, json_values, max_size=3)
natives = st.none() | st.builds(Native, st.sampled_from(["anthropic_messages", "openai_responses"]), json_values)
caches = st.none() | st.builds(CacheBreakpoint, st.none() | st.just("1h"))
common = {"extra": st.none() | objects, "native": natives}
data = st.none() | st.sampled_from(["AAAA", "iVBORw0KGgo=", "not base64"])
urls = st.none() | st.sampled_from(
    ["https://h/x.png", "./local.png", "data:image/png;base64,AAAA", "data:,plain", "javascript:alert(1)"]
)
media = {
    "mime": st.none() | st.sampled_from(["image/png", "audio/mpeg", "audio/wav", "application/pdf", "x"]),
    "data": data,
    "url": urls,
    "file_id": some,
    "name": some,
    "detail": some,
    "transcript": some,
    "signature": some,
    "cache": caches,
    **common,
}
logprobs = st.none() | st.lists(
    st.builds(
        TokenLogprob,
        words,
        st.floats(-100, 0),
        st.none() | st.lists(st.integers(0, 255), max_size=3).map(tuple),
        st.lists(st.builds(TokenLogprob, words, st.floats(-100, 0)), max_size=2).map(tuple),
        natives,
    ),
    max_size=2,
).map(tuple)
citations = st.lists(
    st.builds(Citation, some, some, some, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9), natives),
    max_size=2,
).map(tuple)

texts = st.builds(TextPart, words, citations, logprobs, some, caches, **common)
pictures = st.builds(ImagePart, **media)
content_parts = st.one_of(
    texts,
    texts.map(lambda part: TextPart(part.text)),
    pictures,
    st.builds(AudioPart, **media),
    st.builds(VideoPart, **media),
    st.builds(FilePart, **media),
    st.builds(RefusalPart, words, logprobs, **common),
    st.builds(ReasoningPart, words, some, some, **common),
    st.builds(NativePart, words, json_values),
)
calls = st.builds(
    ToolCallPart, words, words, words, st.sampled_from(["function", "custom"]), some, st.booleans(), caches, **common
)
results = st.builds(
    ToolResultPart,
    words,
    some,
    words | st.lists(content_parts, max_size=3).map(tuple),
    st.booleans(),
    caches,
    **common,
)
parts = st.one_of(content_parts, calls, results)
messages = st.builds(
    Message,
    st.sampled_from([*Role, "critic", "function"]),
    st.one_of(words, st.lists(parts, max_size=4).map(tuple), results.map(lambda part: (part,))),
    some,
    st.none() | st.tuples(words, words),
    **common,
)


def exactly(message: Message) -> object:
    """Everything a message says, what takes no part in equality included."""
    return (message.role, message.content, message.name, message.origin, message.extra, residue(message))


def residue(value: object) -> object:
    """The natives in a message, by place."""
    if isinstance(value, Message):
        return (value.native, [residue(part) for part in value.parts])
    inner = getattr(value, "content", ())
    deeper = [residue(part) for part in inner] if isinstance(inner, tuple) else []
    cited = [each.native for each in getattr(value, "citations", ())]
    tokens = [each.native for each in getattr(value, "logprobs", None) or ()]
    return (getattr(value, "native", None), deeper, cited, tokens)
