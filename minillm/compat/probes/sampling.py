"""How is generated: ceilings, ends, chance, several answers, a started answer, thinking."""

from typing import Any, Final

from ...errors import APIError, EncodeError
from ...types import ChatResponse, FinishReason, Message, ReasoningConfig, Role
from ..probe import of_error, probe, said_of
from ..subject import Subject
from ..verdict import Finding, Verdict, degraded, failed, inconclusive, passed, unsupported
from .answers import NOT_SHOWN

__all__ = [
    "logprobs",
    "max_tokens",
    "n",
    "prefill",
    "reasoning",
    "reasoning_stream",
    "seed",
    "stop",
    "temperature",
]

GROUP = "sampling"
COUNT = "Count from 1 to 60 in words, one number a line, nothing else."
STORY = "Tell a long story about a river and a mill, in at least ten sentences."
SHEEP = "A farmer has 17 sheep. All but 9 run away. How many are left?"
CHANCE = "Invent a name for a ship, two words. Only the name."
OTHER_FIELD: Final = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


@probe(
    GROUP,
    "a long story with a ceiling of 16 tokens",
    "the answer ends by its length within the ceiling; more output is a failure. On Chat Completions the other name "
    "of the field is tried where this one is refused or ignored",
    requests=2,
)
async def max_tokens(subject: Subject) -> Finding:
    field = subject.generator.endpoint.quirks.max_tokens_field
    first = await _ceiling(subject, field)
    other = OTHER_FIELD[field]
    if subject.wire != "openai_chat_completions" or first.verdict in (Verdict.PASS, Verdict.INCONCLUSIVE):
        return first
    second = await _ceiling(subject, other)
    if second.verdict is not Verdict.PASS:
        return first
    return degraded(f"as {other} only; as {field}: {first.reason}", quirks__max_tokens_field=other)


async def _ceiling(subject: Subject, field: str) -> Finding:
    try:
        response = await subject.ask(STORY, max_tokens=16, quirks={"max_tokens_field": field})
    except APIError as error:
        return of_error(error)
    used = None if response.usage is None else response.usage.output_tokens
    words = len(response.text.split())
    if (used is not None and used > 24) or words > 40:
        return failed(f"ignored: {used or 'unknown'} tokens, {words} words", ignored=True)
    if response.finish_reason is FinishReason.LENGTH:
        return passed(f"ended by its length, {used or 'unknown'} tokens")
    if used in (15, 16):
        return degraded(f"cut at the ceiling, but said to be ended by {response.finish_reason}")
    return inconclusive(f"the answer is shorter than the ceiling ({words} words)")


@probe(
    GROUP,
    "a text that ends the answer, taken from the midst of an answer without it",
    "the same answer, cut before the text, or an end said to be by it; the text in the answer is a failure",
    requests=2,
    refused={"unsupported": ["stop"]},
)
async def stop(subject: Subject) -> Finding:
    before = (await subject.ask(COUNT, max_tokens=120, **_still(subject))).text
    words = before.split()
    if len(words) < 5:
        return inconclusive("the answer without it is too short to be cut")
    mark = max(words[2 : max(3, len(words) // 2)], key=len)
    response = await subject.ask(COUNT, max_tokens=120, stop=[mark], **_still(subject))
    after = response.text
    if mark in after:
        return failed(f"{mark!r} was to end the answer and stands in it", ignored=True)
    if after.strip() and before.startswith(after.rstrip()) and len(after) < len(before):
        return passed(f"cut before {mark!r}, ended by {response.finish_reason}")
    if response.finish_reason is FinishReason.STOP_SEQUENCE:
        return passed("ended by the text, as the host says")
    return inconclusive(f"{mark!r} is not in the answer, which is another one anyway")


@probe(
    GROUP,
    "the same question twice cold (0) and twice hot (1.5)",
    "the cold answers are equal and the hot ones are not",
    requests=4,
    refused={"unsupported": ["temperature"]},
)
async def temperature(subject: Subject) -> Finding:
    cold = [(await subject.ask(CHANCE, max_tokens=24, temperature=0.0)).text for _ in range(2)]
    hottest = 1.0 if subject.wire == "anthropic_messages" else 1.5
    hot = [(await subject.ask(CHANCE, max_tokens=24, temperature=hottest)).text for _ in range(2)]
    return _chance(cold, hot, "cold", "hot")


@probe(
    GROUP,
    "the same question twice with one seed and twice with others, at temperature 1",
    "answers of one seed are equal, those of others are not",
    requests=4,
    refused={"unsupported": ["seed"]},
)
async def seed(subject: Subject) -> Finding:
    same = [(await subject.ask(CHANCE, max_tokens=24, temperature=1.0, seed=7)).text for _ in range(2)]
    others = [(await subject.ask(CHANCE, max_tokens=24, temperature=1.0, seed=each)).text for each in (8, 1234567)]
    return _chance(same, others, "same seed", "other seeds")


def _chance(same: list[str], others: list[str], one: str, other: str) -> Finding:
    alike, differ = same[0] == same[1], len({*others, same[0]}) > 1
    if alike and differ:
        return passed(f"{one}: equal; {other}: not")
    if alike:
        return inconclusive(f"all answers are equal, {one} or {other}")
    return degraded(f"{one}: two different answers; hosts promise no more than an effort")


@probe(
    GROUP,
    "two answers to one request (n)",
    "two come; one alone is a failure",
    refused={"unsupported": ["n"]},
)
async def n(subject: Subject) -> Finding:
    response = await subject.ask(CHANCE, max_tokens=24, n=2)
    if len(response.choices) == 2:
        return passed("two answers")
    return failed(f"taken, and {len(response.choices)} came", ignored=True)


@probe(
    GROUP,
    "the probability of each token (logprobs)",
    "they come, none above 0, and their tokens make up the text; none at all is a failure",
    refused={"unsupported": ["logprobs", "top_logprobs"]},
)
async def logprobs(subject: Subject) -> Finding:
    response = await subject.ask("Name a river.", max_tokens=16, logprobs=True, top_logprobs=2)
    rows = _logprobs(response)
    if not rows:
        return failed("taken, and none came", ignored=True)
    if any(row.logprob > 0 for row in rows):
        return failed("a logarithm above 0 is no probability")
    if "".join(row.token for row in rows).strip() != response.text.strip():
        return degraded("their tokens do not make up the text")
    if not any(row.top for row in rows):
        return degraded(f"{len(rows)} tokens, without runners-up")
    return passed(f"{len(rows)} tokens")


def _logprobs(response: ChatResponse) -> list[Any]:
    found: list[Any] = []
    for choice in response.choices:
        found += choice.logprobs or ()
        if not choice.logprobs:
            found += [row for part in choice.message.parts for row in getattr(part, "logprobs", None) or ()]
    return found


START = "KANGA"


@probe(
    GROUP,
    "go on with an answer that was started within a word",
    "the answer is the rest of the word; on Chat Completions three ways to say it are tried. A whole answer that "
    "begins anew means that starts are not continued, and a profile says so",
    requests=3,
    refused={"capabilities.prefill": False},
    granted={"capabilities.prefill": True},
)
async def prefill(subject: Subject) -> Finding:
    forms = ("trailing", "prefix", "partial") if subject.wire == "openai_chat_completions" else ("trailing",)
    findings = []
    for form in forms:
        try:
            finding = await _continued(subject, form)
        except (APIError, EncodeError) as error:
            finding = of_error(error)
            finding = unsupported(said_of(error)) if finding.verdict is Verdict.UNSUPPORTED else finding
        if finding.verdict is Verdict.PASS:
            return passed(f"{finding.reason} (form: {form})", quirks__prefill=form)
        findings.append(finding)
    return next((each for each in findings if each.verdict is not Verdict.UNSUPPORTED), findings[0])


async def _continued(subject: Subject, form: str) -> Finding:
    asked = [
        Message(Role.USER, "Which animal jumps, lives in Australia and has a pouch? Answer in capital letters."),
        Message(Role.ASSISTANT, START),
    ]
    response = await subject.ask(asked, max_tokens=24, quirks={"prefill": form})
    text = response.text.strip()
    if text.upper().startswith("ROO"):
        return passed("the answer goes on within the word")
    if text.upper().startswith(START):
        return degraded("the answer begins with the start: repeated, or begun anew")
    return inconclusive(NOT_SHOWN)


@probe(
    GROUP,
    "a wish to think (effort low)",
    "thinking, or tokens counted as such, and none of it without the wish; a model that thinks anyway shows nothing",
    requests=2,
    refused={"capabilities.reasoning": False},
)
async def reasoning(subject: Subject) -> Finding:
    room = max(2048, subject.max_tokens)
    finding = _thought(await subject.ask(SHEEP, reasoning=ReasoningConfig(effort="low"), max_tokens=room))
    if finding.verdict is Verdict.PASS and _thought(await subject.ask(SHEEP, max_tokens=room)).verdict is Verdict.PASS:
        return inconclusive("it thinks, but without the wish as well")
    return finding


@probe(
    GROUP,
    "the same in pieces",
    "thinking comes in pieces of its own",
)
async def reasoning_stream(subject: Subject) -> Finding:
    seen = await subject.stream(
        SHEEP,
        reasoning=ReasoningConfig(effort="low"),
        max_tokens=max(2048, subject.max_tokens),
    )
    if seen.thoughts:
        return passed(f"{seen.thoughts} pieces of thinking")
    return _thought(seen.response)


def _thought(response: ChatResponse) -> Finding:
    if response.reasoning:
        return passed(f"{len(response.reasoning)} characters of thinking")
    counted = None if response.usage is None else response.usage.reasoning_tokens
    if counted:
        return passed(f"{counted} tokens of thinking, not shown")
    return inconclusive("taken, and nothing was thought that is shown or counted")


def _still(subject: Subject) -> dict[str, Any]:
    """Cold where the model takes a temperature, so that two answers can be compared."""
    refused = subject.generator.endpoint.quirks.unsupported | subject.generator.capabilities.unsupported
    return {} if "temperature" in refused else {"temperature": 0.0}
