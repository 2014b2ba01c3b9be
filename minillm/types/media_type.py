"""Media types by magic bytes, then by file name; one table each.

Magic numbers: https://mimesniff.spec.whatwg.org (sections 6 and 7), and the formats' own
specifications where that page is silent.
"""

import base64
import binascii
import re
from typing import Final

__all__ = [
    "canonical",
    "decode_base64",
    "guess_media_type",
    "kind_of_type",
    "media_type_of_bytes",
    "media_type_of_name",
    "parse_data_url",
]

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_ZIP: Final = "application/zip"
_OLE: Final = "application/x-ole-storage"

# (offset, magic, media type); the longest, most telling ones first.
_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (4, b"moov", "video/quicktime"),  # before there were brands
    (4, b"wide", "video/quicktime"),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
)

# Containers whose first bytes are alike: what they hold is told by the four bytes at offset 8.
_FORMS: Final[dict[tuple[bytes, bytes], str]] = {
    (b"RIFF", b"WEBP"): "image/webp",
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RIFF", b"AVI "): "video/x-msvideo",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}

# ISO base media: the major brand (https://mp4ra.org/registered-types/brands); any other is a film.
_BRANDS: Final[dict[bytes, str]] = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"heif", b"mif1", b"msf1"), "image/heif"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gs7", b"3ge6"), "video/3gpp"),
    b"qt  ": "video/quicktime",
}

# What a ZIP archive is, by the name of a file that only such a document holds.
_IN_ZIP: Final = (
    (b"word/document.xml", f"{_OFFICE}wordprocessingml.document"),
    (b"xl/workbook.xml", f"{_OFFICE}spreadsheetml.sheet"),
    (b"ppt/presentation.xml", f"{_OFFICE}presentationml.presentation"),
)
_FIRST_IN_ZIP: Final = b"mimetype"  # OpenDocument and EPUB: the first file, stored, says the type
_ZIP_END: Final = 64 * 1024  # the archive's own list of its files stands at its end

_NAMES: Final[dict[str, str]] = {
    "png": "image/png",
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
    "heic": "image/heic",
    "heif": "image/heif",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    **dict.fromkeys(("wav", "wave"), "audio/wav"),
    **dict.fromkeys(("mp3", "mpga"), "audio/mpeg"),
    **dict.fromkeys(("m4a", "m4b"), "audio/mp4"),
    "flac": "audio/flac",
    **dict.fromkeys(("ogg", "oga"), "audio/ogg"),
    "opus": "audio/opus",
    "aac": "audio/aac",
    **dict.fromkeys(("aif", "aiff", "aifc"), "audio/aiff"),
    "amr": "audio/amr",
    **dict.fromkeys(("pcm", "l16"), "audio/pcm"),
    "weba": "audio/webm",
    **dict.fromkeys(("mp4", "m4v"), "video/mp4"),
    **dict.fromkeys(("mov", "qt"), "video/quicktime"),
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
    **dict.fromkeys(("mpg", "mpeg"), "video/mpeg"),
    "ogv": "video/ogg",
    **dict.fromkeys(("3gp", "3gpp"), "video/3gpp"),
    "flv": "video/x-flv",
    "wmv": "video/x-ms-wmv",
    "pdf": "application/pdf",
    **dict.fromkeys(("txt", "text", "log"), "text/plain"),
    **dict.fromkeys(("md", "markdown"), "text/markdown"),
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    **dict.fromkeys(("html", "htm"), "text/html"),
    "css": "text/css",
    "xml": "application/xml",
    "json": "application/json",
    "rtf": "application/rtf",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN_DOCUMENT}text",
    "ods": f"{_OPEN_DOCUMENT}spreadsheet",
    "odp": f"{_OPEN_DOCUMENT}presentation",
    "epub": "application/epub+zip",
    "zip": _ZIP,
}

# Where the bytes tell only the container, a name may tell what is in it: bytes -> the types that a name may make of it.
_FINER: Final[dict[str, frozenset[str]]] = {
    _ZIP: frozenset(_NAMES[ending] for ending in ("docx", "xlsx", "pptx", "odt", "ods", "odp", "epub")),
    _OLE: frozenset(_NAMES[ending] for ending in ("doc", "xls", "ppt")),
    "video/mp4": frozenset({"audio/mp4", "video/3gpp"}),
    "video/webm": frozenset({"audio/webm"}),
    "audio/ogg": frozenset({"audio/opus", "video/ogg"}),
}

# Spellings that people and programs use -> the one of the tables above.
_ALIASES: Final[dict[str, str]] = {
    **dict.fromkeys(("image/jpg", "image/pjpeg", "image/x-jpeg"), "image/jpeg"),
    "image/x-png": "image/png",
    **dict.fromkeys(("image/x-ms-bmp", "image/x-bmp"), "image/bmp"),
    **dict.fromkeys(("audio/mp3", "audio/mpeg3", "audio/x-mp3", "audio/x-mpeg", "audio/mpga"), "audio/mpeg"),
    **dict.fromkeys(("audio/x-wav", "audio/wave", "audio/vnd.wave"), "audio/wav"),
    **dict.fromkeys(("audio/m4a", "audio/x-m4a"), "audio/mp4"),
    **dict.fromkeys(("audio/x-aac", "audio/aacp"), "audio/aac"),
    "audio/x-flac": "audio/flac",
    "audio/x-aiff": "audio/aiff",
    **dict.fromkeys(("audio/pcm16", "audio/l16"), "audio/pcm"),
    "video/mov": "video/quicktime",
    **dict.fromkeys(("video/avi", "video/msvideo"), "video/x-msvideo"),
    **dict.fromkeys(("video/mpg", "video/mpegs"), "video/mpeg"),
    "video/wmv": "video/x-ms-wmv",
    "video/flv": "video/x-flv",
    "application/x-pdf": "application/pdf",
    "text/xml": "application/xml",
}

_PADDED: Final = re.compile("[^=]+={0,2}")
_STANDARD_ALPHABET: Final = str.maketrans("-_", "+/")


def canonical(media_type: str) -> str:
    """The usual spelling of a media type, without its parameters: ``"image/JPG; q=1"`` is ``"image/jpeg"``."""
    plain = media_type.partition(";")[0].strip().lower()
    return _ALIASES.get(plain, plain)


def kind_of_type(media_type: str | None) -> str:
    """``"image"``, ``"audio"``, ``"video"``, or ``"document"`` for everything else."""
    major = (media_type or "").partition("/")[0].strip().lower()
    return major if major in ("image", "audio", "video") else "document"


def media_type_of_bytes(data: bytes) -> str | None:
    """The media type that ``data`` tells by its first bytes (an archive also by what it lists), or None."""
    for offset, magic, media_type in _MAGIC:
        if data[offset : offset + len(magic)] == magic:
            return _of_zip(data) if media_type is _ZIP else media_type
    form = _FORMS.get((data[:4], data[8:12]))
    if form is not None:
        return form
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    if data[:4] == b"\x1aE\xdf\xa3":  # EBML: its DocType is the word
        return "video/x-matroska" if b"matroska" in data[:64] else "video/webm"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0" and len(data) > 14:  # a text may begin with BM as well
        return "image/bmp"
    return _of_audio_frame(data)


def _of_audio_frame(data: bytes) -> str | None:
    """A bare stream begins with a frame: eleven set bits, then version and layer (ISO 11172-3, 13818-7)."""
    if len(data) < 4 or data[0] != 0xFF:
        return None
    if data[1] & 0xF6 == 0xF0:
        return "audio/aac"  # ADTS
    usual = data[1] & 0xE6 == 0xE2 and data[1] & 0x18 != 0x08 and data[2] & 0xF0 != 0xF0 and data[2] & 0x0C != 0x0C
    return "audio/mpeg" if usual else None


def _of_zip(data: bytes) -> str:
    length = len(_FIRST_IN_ZIP)
    if data[30 : 30 + length] == _FIRST_IN_ZIP and data[26:28] == bytes((length, 0)):
        size = int.from_bytes(data[18:22], "little")
        start = 30 + length + int.from_bytes(data[28:30], "little")
        said = data[start : start + size]
        if said.startswith(b"application/") and size < 100 and said.isascii():
            return said.decode("ascii").strip()
    listed = data[-_ZIP_END:]
    return next((media_type for name, media_type in _IN_ZIP if name in listed), _ZIP)


def media_type_of_name(name: str) -> str | None:
    """The media type that a file name's or URL's ending tells, or None."""
    path = name.split("?", 1)[0].split("#", 1)[0]
    _, dot, ending = path.rpartition(".")
    return _NAMES.get(ending.lower()) if dot else None


def guess_media_type(data: bytes | None = None, name: str | None = None) -> str | None:
    """By magic bytes, then by name; None when neither tells. A name says more only of what a container holds."""
    found = media_type_of_bytes(data) if data else None
    named = media_type_of_name(name) if name else None
    if found is None:
        return named
    return named if named is not None and named in _FINER.get(found, ()) else found


def parse_data_url(url: str) -> tuple[str, str] | None:
    """``(media type, base64 text)`` of a base64 data URL (RFC 2397), or None for anything else."""
    if url[:5].lower() != "data:":
        return None
    head, comma, payload = url[5:].partition(",")
    if not comma or not head.lower().endswith(";base64"):
        return None
    media_type = head[: -len(";base64")]
    return media_type, payload


def decode_base64(text: str) -> bytes:
    """Base64 (standard or URL-safe alphabet, padding optional) to bytes.

    Padded pieces one behind the other are read as well: streams bring sound so, and it is joined as text.

    Raises:
        ValueError: the text is not base64.
    """
    cleaned = "".join(text.split()).translate(_STANDARD_ALPHABET)  # MIME breaks it into lines (RFC 2045)
    try:
        return base64.b64decode(cleaned + "=" * (-len(cleaned) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        pieces = _PADDED.findall(cleaned)
        if len(pieces) < 2 or "".join(pieces) != cleaned or any(len(piece) % 4 for piece in pieces):
            raise ValueError("not base64") from error
    try:
        return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
