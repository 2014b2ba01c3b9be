"""Paths, bytes, addresses and data URLs as the part that fits what is in them."""

import os

from ..errors import MediaError
from ..transport import Timeouts, Transport
from ..types import AudioPart, FilePart, ImagePart, MediaPart, VideoPart
from ..types.media_source import (
    MAX_BYTES,
    Path,
    as_base64,
    checked_type,
    is_data_url,
    plain_bytes,
    read_file,
    split_data_url,
    web_address,
)
from ..types.media_type import kind_of_type, media_type_of_name
from .fetching import fetch as fetch_bytes

__all__ = ["AnyMedia", "from_bytes", "from_data_url", "from_file", "from_url", "load"]

AnyMedia = ImagePart | AudioPart | VideoPart | FilePart
Source = Path | bytes | bytearray | memoryview | MediaPart

_PARTS: dict[str, type[ImagePart] | type[AudioPart] | type[VideoPart] | type[FilePart]] = {
    part.kind: part for part in (ImagePart, AudioPart, VideoPart, FilePart)
}


async def load(
    source: Source,
    *,
    mime: str | None = None,
    name: str | None = None,
    fetch: bool = False,
    max_bytes: int = MAX_BYTES,
    transport: Transport | None = None,
    timeouts: Timeouts | None = None,
    public_only: bool = False,
) -> AnyMedia:
    """The part for a path, bytes, a web address or a data URL. Files are read in a thread.

    A text is an address where it begins with ``scheme://``, a data URL where it begins with ``data:``, else a path:
    text from strangers has no business here, it could name any file of yours.

    Args:
        source: what to load; a part with an address is of use with ``fetch``.
        mime: its media type; None: as the bytes tell, else the name.
        name: the name it goes by; None: a file's own.
        fetch: fetch an address now and keep the bytes. Otherwise it stays an address, which the host fetches.
        max_bytes: how large it may be.
        transport: what fetches; None: the program's own. See :func:`minillm.media.fetch`.
        timeouts: of fetching, in seconds.
        public_only: fetch from the public net only; for addresses that strangers give.

    Raises:
        MediaError: it is missing, no file, empty, too large, no base64, of an unknown type, or cannot be fetched.
        ConfigurationError: the network is blocked (``block_network``) and it would have to be fetched.
    """
    if isinstance(source, MediaPart):
        if source.url is None or source.data is not None or not fetch:
            return source if mime is None and name is None else _kept(source, mime, name)  # type: ignore[return-value]
        mime, name, source = mime or source.mime, name or source.name, source.url
    if isinstance(source, bytes | bytearray | memoryview):
        return from_bytes(source, mime=mime, name=name)
    if isinstance(source, str) and source[:5].lower() == "data:":
        return from_data_url(source, mime=mime, name=name)
    if isinstance(source, str) and "://" in source[:32]:
        if not fetch:
            return from_url(source, mime=mime, name=name)
        data, told, called = await fetch_bytes(
            web_address(source),
            max_bytes=max_bytes,
            transport=transport,
            timeouts=timeouts,
            public_only=public_only,
        )
        return from_bytes(data, mime=mime or told, name=name or called)
    if not isinstance(source, str | os.PathLike):
        raise MediaError(f"media are loaded from a path, bytes, an address or a data URL, not {type(source).__name__}")
    import asyncio

    data, own_name = await asyncio.to_thread(read_file, source, max_bytes)
    return from_bytes(data, mime=mime, name=name or own_name)


def _kept(part: MediaPart, mime: str | None, name: str | None) -> MediaPart:
    from dataclasses import replace

    return replace(part, mime=mime or part.mime, name=name or part.name)


def from_bytes(data: bytes | bytearray | memoryview, *, mime: str | None = None, name: str | None = None) -> AnyMedia:
    """The part for bytes.

    Raises:
        MediaError: there are none, or nobody can tell what they are.
    """
    raw = plain_bytes(data)
    media_type = checked_type(raw, mime, name, "document")
    return _PARTS[kind_of_type(media_type)](media_type, as_base64(raw), name=name)


def from_file(path: Path, *, mime: str | None = None, name: str | None = None, max_bytes: int = MAX_BYTES) -> AnyMedia:
    """The part for a file. It **blocks** while it reads; in asynchronous code ``await`` :func:`load` instead.

    Raises:
        MediaError: as for :meth:`minillm.ImagePart.from_file`, but for a wrong kind.
    """
    data, own_name = read_file(path, max_bytes)
    return from_bytes(data, mime=mime, name=name or own_name)


def from_url(url: str, *, mime: str | None = None, name: str | None = None) -> AnyMedia:
    """The part for a web address that the host fetches; its ending tells the kind, or ``mime`` does.

    Raises:
        MediaError: it is no address, or nothing tells what is there.
    """
    if is_data_url(url):
        return from_data_url(url, mime=mime, name=name)
    address = web_address(url)
    media_type = mime or media_type_of_name(name or "") or media_type_of_name(address)
    if media_type is None:
        raise MediaError(
            "the address does not tell what is there: say mime='image/png' or what it is, use ImagePart.from_url() or "
            "another part's, or fetch it: await media.load(url, fetch=True)"
        )
    return _PARTS[kind_of_type(media_type)](media_type, url=address, name=name)


def from_data_url(url: str, *, mime: str | None = None, name: str | None = None) -> AnyMedia:
    """The part for a data URL.

    Raises:
        MediaError: it is none, its payload is not base64 or empty, or nobody can tell what it is.
    """
    said, data = split_data_url(url)
    return from_bytes(data, mime=mime or said, name=name)
