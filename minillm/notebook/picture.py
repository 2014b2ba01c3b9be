"""A drawing as SVG: in a notebook it takes the colour of the text around it, in a file it knows light and dark."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from .fragment import said, style

__all__ = ["Picture"]

_ALONE = ".minillm-nb{color:#1d2129}@media(prefers-color-scheme:dark){.minillm-nb{color:#e6e9ee}}"


class Picture:
    """What :func:`plot_tree` and :func:`plot_costs` give. Inert: lines and words, no script, nothing is fetched.

    Args:
        body: the elements.
        size: width and height, in pixels.
        title: what is to be seen, for those who cannot see it.
    """

    def __init__(self, body: Sequence[str], size: tuple[float, float], title: str) -> None:
        self._body = "".join(body)
        self._size = size
        self.title = title

    def _drawn(self, attributes: str = "", inner: str = "") -> str:
        width, height = (f"{side:g}" for side in self._size)
        return (
            f'<svg{attributes} viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
            f"<title>{said(self.title)}</title>{inner}{self._body}</svg>"
        )

    @property
    def svg(self) -> str:
        """A whole SVG file."""
        drawn = self._drawn(' xmlns="http://www.w3.org/2000/svg" class="minillm-nb"', f"<style>{_FLAT}{_ALONE}</style>")
        return f"{drawn}\n"

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a file whose name ends in ``.svg``.

        Raises:
            ValueError: it ends in something else.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".svg":
            raise ValueError(f"a picture is saved as .svg, not {target.name}")
        target.write_text(self.svg, "utf-8")

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_html_(self) -> str:
        return f'<div class="minillm-nb"><style>{style()}</style><div class="scroll">{self._drawn()}</div></div>'


# In a file the drawing itself is what bears the class, so that only the rules for what is in a drawing apply.
_FLAT = "".join(
    line.replace(".minillm-nb svg ", ".minillm-nb ")
    for line in style().splitlines()
    if line.startswith(".minillm-nb svg ")
)
