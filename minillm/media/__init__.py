"""Floor 4: media out of anything. The part is picked by what the bytes are, not by who asks.

::

    from minillm import media

    node = root.add_user(["What do these show?", await media.load("chart.png"), await media.load("report.pdf")])

Kinds that are known beforehand have their own constructors: ``ImagePart.load``, ``AudioPart.from_bytes`` ...
"""

from .fetching import fetch
from .loading import from_bytes, from_data_url, from_file, from_url, load

__all__ = ["fetch", "from_bytes", "from_data_url", "from_file", "from_url", "load"]
