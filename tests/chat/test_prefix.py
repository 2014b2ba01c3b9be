"""The beginnings of a prompt, told apart by what a host sees in them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from minillm.chat.prefix import prefixes_of
from minillm.types import (
    CacheBreakpoint,
    ChatRequest,
    ImagePart,
    Message,
    NativeTool,
    Role,
    TextPart,
    ToolDefinition,
    ToolResultPart,
)

MARK = CacheBreakpoint("1h")


def digests(*messages, tools=()):
    return [prefix.digest for prefix in prefixes_of(ChatRequest("m", messages, tools), every=True)]


def test_marks_do_not_tell_prompts_apart():
    """On parts, on tools, inside results: a mark is no part of what the model reads."""
    inner = ToolResultPart("c", "f", (TextPart("x"),))
    marked_inner = replace(inner, content=(TextPart("x", cache=MARK),), cache=MARK)
    plain = digests(Message(Role.USER, "a"), Message(Role.TOOL, (inner,)), tools=(ToolDefinition("f"),))
    marked = digests(
        Message(Role.USER, (TextPart("a", cache=MARK),)),
        Message(Role.TOOL, (marked_inner,)),
        tools=(ToolDefinition("f", cache=MARK),),
    )
    assert plain == marked


def test_where_marks_stand():
    """Each with the number of messages it covers."""
    request = ChatRequest(
        "m",
        (
            Message(Role.SYSTEM, "s"),
            Message(Role.USER, (TextPart("a", cache=MARK), TextPart("b"))),
            Message(Role.TOOL, (ToolResultPart("c", "f", (TextPart("x", cache=MARK), TextPart("y"))),)),
        ),
        (ToolDefinition("f", cache=MARK), NativeTool("w", {"type": "t"})),
    )
    found = list(prefixes_of(request, every=True))
    assert [prefix for prefix in found if prefix.mark] == list(prefixes_of(request))
    assert [prefix.path for prefix in found][:3] == ["tools[0]", "tools[1]", "messages[0].content[0]"]
    assert found[-1].path == "messages[2].content[0]"
    assert [(prefix.messages, prefix.mark) for prefix in found] == [
        (0, MARK), (0, None), (1, None), (2, MARK), (2, None), (3, MARK)
    ]  # fmt: skip


def test_what_a_host_sees_tells_prompts_apart():
    """Role, speaker, text, kind of part, tools and their order."""
    texts = [
        digests(Message(Role.USER, "a")),
        digests(Message(Role.SYSTEM, "a")),
        digests(Message(Role.USER, "a", "Ann")),
        digests(Message(Role.USER, "b")),
        digests(Message(Role.USER, (ImagePart(url="a"),))),
        digests(Message(Role.USER, "a"), tools=(ToolDefinition("f"),))[1:],
        digests(Message(Role.USER, "a"), tools=(ToolDefinition("f"), ToolDefinition("g")))[2:],
        digests(Message(Role.USER, "a"), tools=(ToolDefinition("g"), ToolDefinition("f")))[2:],
    ]
    assert len({digest for (digest,) in texts}) == len(texts)


def test_media_have_no_length():
    """Their tokens do not follow from their bytes; what stands before them has one."""
    messages = (Message(Role.SYSTEM, "s" * 100), Message(Role.USER, (ImagePart(url="https://h"), TextPart("t"))))
    sizes = [prefix.size for prefix in prefixes_of(ChatRequest("m", messages), every=True)]
    assert sizes[0] >= 100
    assert sizes[1:] == [None, None]


texts = st.lists(st.tuples(st.sampled_from(Role), st.text(max_size=5)), max_size=5)


@given(texts, texts)
def test_equal_beginnings_have_equal_digests_and_others_do_not(one, other):
    """Nothing that follows changes what stands before it."""
    first, second = (digests(*(Message(role, text) for role, text in each)) for each in (one, other))
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    assert first[:shared] == second[:shared]
    assert not set(first[shared:]) & set(second[shared:])
