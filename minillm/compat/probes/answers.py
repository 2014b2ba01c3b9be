"""Whole answers: text, roles, memory, counts."""

from ...errors import APIError, DecodeError
from ...types import FinishReason, Message, Role, TextPart
from ..evidence import body_json
from ..probe import of_error, probe, said_of
from ..samples import TICKET, WORD, filler
from ..subject import Subject
from ..verdict import Finding, Verdict, degraded, failed, inconclusive, passed, unsupported
from .wrong import as_get

__all__ = [
    "NOT_SHOWN",
    "SIGNS",
    "content_parts",
    "developer_role",
    "long_input",
    "memory",
    "models",
    "of_signs",
    "plain",
    "repeated",
    "same_role_twice",
    "system",
    "unicode",
    "usage",
]

GROUP = "answers"
NOT_SHOWN = "taken, but the answer does not show it: the model may be too small, or the host leaves it unread"


@probe(
    GROUP,
    "one short question, a whole answer",
    "text, a reason for the end and an assistant's role; an answer without a reason for the end is degraded",
)
async def plain(subject: Subject) -> Finding:
    try:
        response = await subject.ask("Name a river in France. One word.")
    except APIError as error:
        found = of_error(error)
        return failed(found.reason) if found.verdict is Verdict.UNSUPPORTED else found
    if not response.choices:
        return failed("an answer without a choice")
    if not response.text.strip():
        if response.reasoning or response.finish_reason is FinishReason.LENGTH:
            return inconclusive("no text before max_tokens; give more (max_tokens in the configuration)")
        return failed("an answer without text")
    if response.finish_reason in (None, FinishReason.UNKNOWN):
        return degraded(f"text, but no known reason for its end ({response.raw_finish_reason!r})")
    return passed(f"text, ended by {response.finish_reason}")


@probe(
    GROUP,
    "a short and a long prompt",
    "tokens in and out are reported, and the long prompt has more of them; the same count for both is a failure",
    requests=2,
)
async def usage(subject: Subject) -> Finding:
    short = await subject.ask("Say yes.", max_tokens=16)
    long = await subject.ask(filler(150) + " Say yes.", max_tokens=16)
    if short.usage is None or long.usage is None:
        return failed("no usage is reported")
    inputs = short.usage.input_tokens, long.usage.input_tokens
    if inputs[0] is None or inputs[1] is None or short.usage.output_tokens is None:
        return degraded(f"usage lacks counts: input {inputs[0]}, output {short.usage.output_tokens}")
    if inputs[0] == inputs[1]:
        return failed(f"{inputs[0]} input tokens for 2 words and for 150: the count is none")
    if inputs[0] > inputs[1]:
        return failed(f"fewer input tokens for the longer prompt: {inputs[0]} and {inputs[1]}")
    return passed(f"input tokens {inputs[0]} and {inputs[1]}, output {short.usage.output_tokens}")


@probe(
    GROUP,
    "a word in the system message, asked for by the user",
    "the word stands in the answer, and nothing beside it that was not asked for: an echo shows nothing",
)
async def system(subject: Subject) -> Finding:
    told = f"You are a helpful assistant, ticket {TICKET}. The password is {WORD}. Tell it to anyone who asks."
    response = await subject.ask("What is the password?", system=told)
    return _found(response.text, "the word of the system message")


@probe(
    GROUP,
    "the same with the role developer",
    "the word stands in the answer; where the role is refused, a profile sends system instead",
    refused={"quirks.system_role": "system"},
    granted={},
)
async def developer_role(subject: Subject) -> Finding:
    if not subject.wire.startswith("openai_"):
        return Finding(Verdict.SKIPPED, "this protocol has no such role")
    told = f"You are a helpful assistant, ticket {TICKET}. The password is {WORD}. Tell it to anyone who asks."
    asked = [Message(Role.DEVELOPER, told), Message(Role.USER, "What is the password?")]
    response = await subject.ask(asked, quirks={"system_role": "keep"})
    return _found(response.text, "the word of the developer message")


@probe(
    GROUP,
    "a number told two turns ago, asked for now",
    "the number stands in the answer: all turns of the conversation are read, not the last alone",
)
async def memory(subject: Subject) -> Finding:
    asked = [
        Message(Role.USER, f"Ticket {TICKET}. My locker has the number 58231. Please remember it."),
        Message(Role.ASSISTANT, "I will remember it."),
        Message(Role.USER, "What number does my locker have?"),
    ]
    return _found((await subject.ask(asked)).text, "the number of the first turn", "58231")


@probe(
    GROUP,
    "two messages of the user in a row",
    "a word of the first stands in the answer; a refusal means that roles must take turns",
)
async def same_role_twice(subject: Subject) -> Finding:
    asked = [
        Message(Role.USER, f"Ticket {TICKET}. The password is {WORD}."),
        Message(Role.USER, "What is the password? Repeat it."),
    ]
    return _found((await subject.ask(asked)).text, "the word of the first message")


@probe(
    GROUP,
    "one message as a list of two texts",
    "a word of the first text stands in the answer",
)
async def content_parts(subject: Subject) -> Finding:
    asked = Message(
        Role.USER, (TextPart(f"Ticket {TICKET}. The password is {WORD}."), TextPart("What is the password? Repeat it."))
    )
    return _found((await subject.ask(asked)).text, "the word of the first text")


SIGNS = "Grüße, 日本語, 🦘"


@probe(
    GROUP,
    "letters, signs and an emoji to be repeated",
    "all of them come back; a replacement character (U+FFFD) or wrongly decoded letters are a failure",
)
async def unicode(subject: Subject) -> Finding:
    response = await subject.ask(f"Repeat this line exactly, and say nothing else: {SIGNS}")
    return of_signs(response.text)


def of_signs(text: str) -> Finding:
    """What became of the signs."""
    if "\ufffd" in text:
        return failed("replacement characters (U+FFFD) in the text: characters were cut or lost")
    if any(spoilt in text for spoilt in ("GrÃ¼", "æ—¥", "ðŸ")):
        return failed("UTF-8 read as Latin-1")
    found = [sign for sign in ("Grüße", "日本語", "🦘") if sign in text]
    if len(found) == 3:
        return passed("all came back")
    if found:
        return inconclusive(f"only {', '.join(found)} came back; nothing was spoilt: the model may be too small")
    return inconclusive(NOT_SHOWN)


@probe(
    GROUP,
    "a word at the head of a long prompt (long_input words in the configuration)",
    "the word stands in the answer; far too few input tokens mean that the prompt was cut in silence, a failure",
)
async def long_input(subject: Subject) -> Finding:
    words = subject.long_input
    asked = f"Ticket {TICKET}. The password is {WORD}.\n\n{filler(words)}\n\nWhat is the password? Repeat it."
    response = await subject.ask(asked)
    if WORD.lower() in response.text.lower():
        return repeated(response.text) or passed(f"the word is found {words} words back")
    tokens = None if response.usage is None else response.usage.input_tokens
    if tokens is not None and 0 < tokens < words // 4:
        return inconclusive(f"{words} words count as {tokens} tokens: they were cut, or the count is none")
    return inconclusive(f"taken ({tokens or 'unknown'} tokens), but the word is not in the answer")


@probe(
    GROUP,
    "the list of models (GET /models)",
    "the model that is asked stands in it; a list without it is degraded",
)
async def models(subject: Subject) -> Finding:
    refusal: APIError | None = None
    try:
        await subject.ask("", alter=as_get("/models"))
    except APIError as error:
        refusal = error
    except DecodeError:
        pass  # a list is no answer; it is read below
    if refusal is not None:
        return unsupported(said_of(refusal))
    value = body_json(subject.exchanges[-1])
    rows = (value.get("data") or value.get("models")) if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return failed("the answer is no list of models")
    names = {str(row.get("id") or row.get("name")).removeprefix("models/") for row in rows if isinstance(row, dict)}
    if subject.generator.model in names:
        return passed(f"{len(names)} models, this one among them")
    return degraded(f"{len(names)} models, and this one is not among them")


def _found(text: str, what: str, word: str = WORD) -> Finding:
    if word.lower() in text.lower():
        return repeated(text) or passed(f"{what} is in the answer")
    return inconclusive(NOT_SHOWN)


def repeated(text: str) -> Finding | None:
    """An answer that holds what nobody asked for repeats its prompt, as mocks do: it shows nothing."""
    if TICKET.lower() in text.lower():
        return inconclusive("the answer repeats what was sent, so that it shows nothing")
    return None
