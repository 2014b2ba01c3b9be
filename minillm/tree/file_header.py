"""What a file says about itself: ``{"format": "thread", "version": "1.0"}`` under ``minillm``.

A newer minor version has keys we do not know, and we hand them on; a newer major version means
something else by the keys we do know, so it is refused.
"""

from typing import Any

from .reading import object_at, refuse, required, text

__all__ = ["VERSION", "check_header", "header"]

VERSION = "1.0"
_LOADERS = {"thread": "from_thread_file", "tree": "from_tree_file"}


def header(kind: str) -> dict[str, Any]:
    return {"format": kind, "version": VERSION}


def check_header(value: Any, kind: str, at: str) -> dict[str, Any]:
    """The header, if this is a file of that kind which we can read.

    Raises:
        ThreadFormatError: it is another kind's, of a newer major version, or no header.
    """
    found = object_at(value, at)
    said = text(required(found, "format", at), f"{at}.format", _LOADERS)
    if said != kind:
        refuse(f"{at}.format", f"this is a {said} file: read it with {_LOADERS[said]}()")
    version = text(required(found, "version", at), f"{at}.version")
    major = version.partition(".")[0]
    if not major.isdecimal():
        refuse(f"{at}.version", f'must be like "{VERSION}"')
    if int(major) > int(VERSION.partition(".")[0]):
        refuse(
            f"{at}.version",
            f"the file has version {version[:20]}, this minillm reads up to version {VERSION}: update minillm",
        )
    return found
