"""Trees to look at: a small one with everything in it, a large one, and one that means harm."""

import random
from decimal import Decimal

from minillm.tree import Node, label, score
from minillm.types import (
    Attempt,
    ChatResponse,
    Choice,
    Content,
    CostInfo,
    CostResolution,
    FinishReason,
    ImagePart,
    Message,
    Outcome,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    Usage,
)

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="  # a red dot
SVG = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoMSkiLz4="

#: Everything that has ever got out of a page or into a terminal.
EVIL = (
    "</script><script>window.ran = 1; alert(1)</script><!--<script>",
    "<img src=http://evil.test/a.png onerror=\"window.ran=1\"><svg onload='window.ran=1'>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "[click](javascript:window.ran=1) javascript:window.ran=1",
    "data:text/html,<script>window.ran=1</script> data:image/svg+xml;base64," + SVG,
    "]]>\u2028window.ran=1//\u2029 ${window.ran=1} `+window.ran`",
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b31m\x00",
    "user\u202e gnp.exe\u202c \u2066hidden\u2069 \u200f\u061c",
    "__proto__",
)


def reply(
    parent: Node,
    content: Content | tuple[Part, ...],
    *,
    usd: str | None = "0.00123",
    model: str = "gpt-5.4",
    seconds: float = 1.1,
) -> Node:
    """An answer as a host gave it; without ``usd`` its price is not known."""
    message = Message("assistant", content)
    usage = Usage(820, output_tokens=140)
    known = Decimal(usd or 0)
    cost = CostInfo(
        None if usd is None else known,
        known,
        CostResolution.UNPRICED if usd is None else CostResolution.RESOLVED,
        "" if usd is None else "host",
        usage=usage,
    )
    attempt = Attempt("openai", model, "openai_chat_completions", 1.7e9, duration=seconds, usage=usage, cost=cost)
    attempt.outcome, attempt.status = Outcome.ACCEPTED, 200
    node = parent.adopt(Node(message))
    node.remember(ChatResponse("r", model, (Choice(0, message, FinishReason.STOP),), usage, attempts=(attempt,)))
    return node


def rivers() -> Node:
    """Sixteen nodes: siblings with scores, thinking, a tool, a picture, a price that is not known."""
    root = Node.root("You are a patient guide to rivers. Answer in at most two sentences.")
    asked = root.add_user("Which river should I paddle first, as a beginner?")
    loire = reply(asked, "Take the Loire between Nevers and Orléans: it is wide, slow and has sandbanks to rest on.")
    dordogne = reply(
        asked,
        "Take the Dordogne between Argentat and Beaulieu: it is clear, lively and has villages to rest in.",
        model="claude-sonnet-5",
        usd="0.0034",
    )
    third = reply(
        asked, "Take the Loire between Nevers and Tours: it is broad, slow and has sandbanks to camp on.", usd=None
    )
    for node, value in ((loire, 0.9), (dordogne, 0.7), (third, 0.4)):
        score(node, value)
    label(loire, "checked")
    call = ToolCallPart("c1", "water_level", '{"river": "Loire", "station": "Nevers"}')
    thinking = ReasoningPart("Water levels matter: spring is high, late summer is low.")
    when = reply(loire.add_user("And when?"), (thinking, TextPart("From May to July."), call))
    level = when.add_tool_results({"c1": '{"metres": 1.2, "trend": "falling"}'})
    reply(level, "The gauge at Nevers stands at 1.2 m and falls: this week is good.", usd="0.00081")
    picture = ImagePart(mime="image/png", data=PIXEL, name="weir.png")
    seen = dordogne.add_user((TextPart("What do you see in this picture?"), picture))
    reply(seen, "A weir; carry the boat around on the left.", usd="0.0021")
    danger = loire.add_user("Is it dangerous?")
    for advice in (
        "Not in summer: the current is slow, and most of the river is shallow enough to stand in.",
        "Rarely in summer: the current is slow, but keep away from bridge piers and weirs.",
        "Not much: stay away from bridge piers, weirs and willows, and wear a vest.",
        "It can be: quicksand at the edges of the sandbanks has taken people who swam.",
    ):
        reply(danger, advice, usd="0.0006")
    return root


_WORDS = "the river runs through a quiet town where people talk about trade and the old stone bridge"


def grown(count: int, *, seed: int = 3, recorded: bool = True) -> Node:
    """A tree of ``count`` nodes, half of them answers, that now goes on and now branches."""
    chance = random.Random(seed)

    def words(number: int) -> str:
        return " ".join(chance.choices(_WORDS.split(), k=number)).capitalize() + "."

    nodes = [Node.root("A large tree.")]
    while len(nodes) < count:
        parent = nodes[-1] if chance.random() < 0.5 else chance.choice(nodes[-200:])
        if parent.role != "user":
            nodes.append(parent.add_user(words(15)))
        elif recorded:
            nodes.append(reply(parent, words(25), seconds=chance.random()))
        else:
            nodes.append(parent.add_assistant(words(25)))
    return nodes[0]


def hostile(long: int = 0) -> Node:
    """Every piece of :data:`EVIL` in every place that holds text."""
    root = Node.root(EVIL[0])
    for evil in EVIL:
        asked = root.add_user(evil)
        asked.format_kwargs["name"] = evil
        parts = (
            ReasoningPart(evil),
            TextPart(evil),
            ToolCallPart(evil, evil, evil),
            ImagePart(mime="image/png", data=SVG, name=evil),
            ImagePart(url=f"http://evil.test/{len(evil)}.png", name=evil),
        )
        answer = reply(asked, parts, model=evil)
        answer.metadata[evil] = {"score": evil}
        answer.metadata["conversation"] = {"title": evil}
        label(answer, evil)
        answer.add_child(Node(Message("a" + evil, evil, name=evil)))
    if long:
        root.add_user("<script>long</script>" + "x" * long)
    return root
