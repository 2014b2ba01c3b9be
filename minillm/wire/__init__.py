"""Floor 3: the wires, a folder each. Pure: JSON values and bytes in, values out, nothing is awaited."""

from .codec import Codec, Quirks, StreamDecoder, StreamEncoder
from .registry import WIRES, get_codec
from .rewrite import StreamRewriter, rewrite_request, rewrite_response, rewrite_stream

__all__ = [
    "WIRES",
    "Codec",
    "Quirks",
    "StreamDecoder",
    "StreamEncoder",
    "StreamRewriter",
    "get_codec",
    "rewrite_request",
    "rewrite_response",
    "rewrite_stream",
]
