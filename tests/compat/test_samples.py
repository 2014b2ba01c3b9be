"""What probes show to a model is what it says it is, for readers that are not ours."""

import io
import re
import wave
import zlib

from minillm.compat.samples import TICKET, WORD, beeps, document, filler, picture
from minillm.types.media_type import guess_media_type


def test_types_are_recognised() -> None:
    kinds = [guess_media_type(data, None) for data in (picture((1, 2, 3)), beeps(1), document(WORD))]
    assert kinds == ["image/png", "audio/wav", "application/pdf"]


def test_the_picture_is_one_colour() -> None:
    data = picture((220, 20, 20), side=4)
    start = data.index(b"IDAT") + 4
    rows = zlib.decompress(data[start : data.index(b"IEND") - 8])
    assert rows == (b"\0" + bytes((220, 20, 20)) * 4) * 4


def test_the_sound_lasts_half_a_second_a_tone() -> None:
    with wave.open(io.BytesIO(beeps(5))) as sound:
        assert sound.getnframes() / sound.getframerate() == 2.5


def test_the_places_in_the_document_are_right() -> None:
    data = document(WORD)
    places = [int(place) for place in re.findall(rb"^(\d{10}) 00000 n", data, re.MULTILINE)]
    assert [data[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, 1)] == [True] * 5
    assert WORD.encode() in data


def test_nothing_gives_the_words_away() -> None:
    assert len(filler(100).split()) >= 100
    assert WORD not in filler(50)
    assert TICKET not in filler(50)
