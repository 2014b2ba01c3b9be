"""Saved conversations to look at: as a page that stands alone, and what the terminal's viewer is made of.

    conversations  any file that a loader takes -> trees
    entries parts  a node as the page's data: words, figures, what cannot be said as text
    searching      words of a node, and which nodes have some
    bill           what all of it has cost
    page           data, scripts and styles -> one HTML text
    assets/        the page's scripts and styles

No page fetches anything and nothing in a file can become markup, see ``page``. docs/viewer.md shows it.
"""

from .conversations import Conversations, open_conversations
from .page import page, write_page

__all__ = ["Conversations", "open_conversations", "page", "write_page"]
