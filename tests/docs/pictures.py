"""The pictures under docs/images that pages draw themselves: ``python -m tests.docs.pictures`` draws them anew.

A block that saves ``search.svg`` makes ``docs/images/search.svg``, and the test of the page holds it to its words: how
it is drawn may change without every page.
"""

import asyncio
import re
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import pytest

from tests.docs.blocks import blocks, pages
from tests.docs.running import execute, namespace, prepare
from tests.import_graph import REPOSITORY

PICTURES = REPOSITORY / "docs" / "images"


def words(picture: Path) -> list[str]:
    """What is written in it, hints included."""
    return re.findall(r"<(?:text|title)[^>]*>([^<]*)", picture.read_text("utf-8"))


async def draw(page: Path) -> None:
    """Run the page, and keep the pictures that it saves."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        prepare(patch, Path(folder))
        names = await namespace(page)
        for block in blocks(page, "python"):
            await execute(block.text, str(page), block.line, names)
        for picture in Path(folder).glob("*.svg"):
            copy(picture, PICTURES)


if __name__ == "__main__":
    for each in pages():
        if '.svg")' in each.read_text("utf-8"):
            asyncio.run(draw(each))
