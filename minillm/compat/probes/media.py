"""Pictures, sounds and documents in a prompt."""

from ...types import AudioPart, FilePart, ImagePart, Message, Role, TextPart
from ..probe import probe
from ..samples import WORD, beeps, document, picture
from ..subject import Subject
from ..verdict import Finding, inconclusive, passed
from .answers import NOT_SHOWN

__all__ = [
    "audio",
    "image",
    "pdf",
]

GROUP = "media"
_RED, _BLUE = (220, 20, 20), (20, 20, 220)


@probe(
    GROUP,
    "a red picture, then a blue one, both asked for their colour",
    "both colours are named, each for its picture",
    requests=2,
    refused={"capabilities.image": {"sources": []}},
)
async def image(subject: Subject) -> Finding:
    said = []
    for colour in (_RED, _BLUE):
        part = ImagePart.from_bytes(picture(colour), mime="image/png")
        asked = Message(Role.USER, (TextPart("What colour is this picture? Red, green or blue? One word."), part))
        said.append((await subject.ask(asked)).text.lower())
    if "red" in said[0] and "blue" not in said[0] and "blue" in said[1] and "red" not in said[1]:
        return passed("red is called red, and blue is called blue")
    return inconclusive(NOT_SHOWN)


@probe(
    GROUP,
    "two tones, then five, both to be counted",
    "both are counted right, or the host counts tokens of sound",
    requests=2,
    refused={"capabilities.audio": {"sources": []}},
)
async def audio(subject: Subject) -> Finding:
    said = []
    for count in (2, 5):
        part = AudioPart.from_bytes(beeps(count), mime="audio/wav")
        asked = Message(Role.USER, (TextPart("How many beeps do you hear? Answer with a digit."), part))
        response = await subject.ask(asked)
        if response.usage is not None and response.usage.audio_input_tokens:
            return passed(f"{response.usage.audio_input_tokens} tokens of sound are counted")
        said.append(response.text)
    if "2" in said[0] and "5" not in said[0] and "5" in said[1]:
        return passed("both are counted right")
    return inconclusive(NOT_SHOWN)


@probe(
    GROUP,
    "a PDF with a word, asked for the word",
    "the word, which stands in the document alone, is in the answer",
    refused={"capabilities.document": {"sources": []}},
)
async def pdf(subject: Subject) -> Finding:
    part = FilePart.from_bytes(document(f"The password is {WORD}"), mime="application/pdf", name="note.pdf")
    asked = Message(Role.USER, (TextPart("What is the password in this document? Repeat it."), part))
    response = await subject.ask(asked)
    return passed("the word is in the answer") if WORD.lower() in response.text.lower() else inconclusive(NOT_SHOWN)
