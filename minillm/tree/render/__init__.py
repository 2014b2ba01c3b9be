"""Conversations and trees for human eyes."""

from .html import tree_to_html
from .text import format_conversation, format_tree, pretty_messages

__all__ = ["format_conversation", "format_tree", "pretty_messages", "tree_to_html"]
