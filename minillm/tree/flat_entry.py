"""Entries of the oldest thread files: ``{"role", "content", "image_data"?, "audio_data"?}``.

They name pictures and sounds by path or URL. Nothing is opened here: a local path stays a reference
(a part whose ``url`` is that path), and a warning says so, since no host can fetch it.
"""

import warnings
from typing import Any

from ..errors import LossWarning
from ..types import AudioPart, ImagePart, Message, Part, TextPart
from ..types.media_type import media_type_of_name
from .bare_node import BareNode, blank, details_of
from .kept import left_over
from .message_json import ROLES
from .reading import items, object_at, text

__all__ = ["apply_required_kwargs", "read_flat_entry"]

_REMOTE = ("http://", "https://", "data:", "gs://", "s3://")


def read_flat_entry(entry: dict[str, Any], at: str, kind: type[Any]) -> Any:
    """The node of such an entry."""
    role = ROLES[text(entry["role"], f"{at}.role", ROLES)]
    content = entry.get("content")
    said = "" if content is None else text(content, f"{at}.content")
    metadata: dict[str, Any] = {}
    media = [*_images(entry, at), *_sounds(entry, at, metadata)]
    if not media:
        node = blank(kind, role, said)
    else:
        parts: list[Part] = [TextPart(said), *media] if said else media
        node = blank(kind, role, Message(role, tuple(parts)))
    if metadata:
        details_of(node).metadata = metadata
    understood = dict.fromkeys(("role", "content", "image_data", "audio_data"))
    kept = left_over(entry, understood)
    if kept:
        details_of(node).kept = {"entry": kept}
    return node


def _images(entry: dict[str, Any], at: str) -> list[Part]:
    if entry.get("image_data") is None:
        return []
    at = f"{at}.image_data"
    images = object_at(entry["image_data"], at).get("images") or []
    return [_image(each, f"{at}.images[{i}]") for i, each in enumerate(items(images, f"{at}.images"))]


def _image(value: Any, at: str) -> Part:
    url = _reference(value, at, "picture")
    return ImagePart(None if url[:5].lower() == "data:" else media_type_of_name(url), url=url)


def _sounds(entry: dict[str, Any], at: str, metadata: dict[str, Any]) -> list[Part]:
    if entry.get("audio_data") is None:
        return []
    at = f"{at}.audio_data"
    data = object_at(entry["audio_data"], at)
    paths = items(data.get("audio_paths") or [], f"{at}.audio_paths")
    parts: list[Part] = [_sound(each, f"{at}.audio_paths[{i}]") for i, each in enumerate(paths)]
    ids = object_at(data.get("audio_ids") or {}, f"{at}.audio_ids")
    for name, value in ids.items():
        about = object_at(value, f"{at}.audio_ids.{name}")
        transcript = about.get("transcript")
        words = None if transcript is None else text(transcript, f"{at}.audio_ids.{name}.transcript")
        parts.append(AudioPart(file_id=name, transcript=words))
    if ids:
        metadata["audio_ids"] = ids  # the host's ids end some day: the times stand here
    return parts


def _sound(value: Any, at: str) -> Part:
    url = _reference(value, at, "sound")
    return AudioPart(None if url[:5].lower() == "data:" else media_type_of_name(url), url=url)


def _reference(value: Any, at: str, what: str) -> str:
    url = text(value, at)
    if not url.lower().startswith(_REMOTE):
        warnings.warn(
            f"{at} names a local {what}: kept as a reference and not read; no host can fetch it. "
            "Read the file yourself and put its bytes in a part",
            LossWarning,
            stacklevel=2,
        )
    return url


def apply_required_kwargs(root: BareNode, value: Any) -> None:
    """The file-wide kwargs of the oldest files belong to the root; null means "to be filled"."""
    kwargs = object_at({} if value is None else value, "required_kwargs")
    known = {name: each for name, each in kwargs.items() if each is not None}
    if known:
        details = details_of(root)
        details.format_kwargs = {**known, **(details.format_kwargs or {})}
