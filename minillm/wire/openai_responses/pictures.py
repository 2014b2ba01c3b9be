"""Pictures that the host's own tool made: an item whose ``result`` is the bytes in base64."""

from collections.abc import Mapping
from typing import Any, Final

from ...types import ImagePart, Native
from ..residue import hints_of, own, residue, restore, with_hints
from .dialect import WIRE

__all__ = ["PICTURE", "decode_picture", "encode_picture"]

PICTURE: Final = "image_generation_call"
_USUAL: Final = "image/png"  # what the tool makes unless told otherwise


def decode_picture(raw: Mapping[str, Any]) -> ImagePart | None:
    """The picture out of its item; None where there is none, or none yet."""
    data = raw.get("result")
    if not isinstance(data, str) or not data:
        return None
    form = raw.get("output_format")
    said = f"image/{form}" if isinstance(form, str) and form else ImagePart(data=data).media_type
    rest = with_hints(residue(raw, _said(data)), picture=True)
    return ImagePart(said or _USUAL, data, native=Native(WIRE, rest))


def encode_picture(part: ImagePart) -> dict[str, Any] | None:
    """The item for a picture that came out of one; None for any other."""
    data = own(part.native, WIRE)
    if part.data is None or not hints_of(data).get("picture"):
        return None
    return restore(_said(part.data), data)


def _said(data: str) -> dict[str, Any]:
    return {"type": PICTURE, "result": data}
