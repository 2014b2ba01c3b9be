"""Google's Gemini GenerateContent, both ways. Facts: wire-spec, gemini-generate."""

from collections.abc import Mapping
from typing import Any

from ...errors import APIError, EncodeError
from ...report import Report
from ...types import ChatRequest, ChatResponse, Origin
from ..codec import Quirks
from .dialect import WIRE
from .errors import decode_error, encode_error
from .listed import decode_list
from .request import decode_request, encode_request
from .response import decode_response, encode_response
from .stream import StreamDecoder, StreamEncoder

__all__ = ["Codec"]


class Codec:
    """See :class:`minillm.wire.codec.Codec`.

    Args:
        quirks: how the host's dialect differs.
    """

    __slots__ = ("_quirks",)

    name = WIRE

    def __init__(self, quirks: Quirks | None = None) -> None:
        self._quirks = Quirks() if quirks is None else quirks

    def encode_request(
        self, request: ChatRequest, *, origin: Origin | None = None, report: Report | None = None
    ) -> dict[str, Any]:
        """The JSON body of a request; the model is not in it, see :meth:`path`. Raises EncodeError."""
        return encode_request(request, self._quirks, origin, report)

    def decode_request(
        self,
        body: Mapping[str, Any],
        *,
        model: str | None = None,
        stream: bool | None = None,
        report: Report | None = None,
    ) -> ChatRequest:
        """A request out of its JSON body, with ``model`` and ``stream`` out of its path. Raises DecodeError."""
        return decode_request(body, model, stream)

    def encode_response(self, response: ChatResponse, *, report: Report | None = None) -> dict[str, Any]:
        """The JSON body of an answer."""
        return encode_response(response, self._quirks, report)

    def decode_response(self, body: Any, *, report: Report | None = None) -> ChatResponse:
        """An answer out of its JSON body: an object, or a streamed list. Raises APIError, DecodeError."""
        return decode_list(body) if isinstance(body, list) else decode_response(body)

    def stream_decoder(self, *, native: bool = True, report: Report | None = None) -> StreamDecoder:
        """A new decoder for one stream; ``native=False`` leaves the frames out of the events (faster)."""
        return StreamDecoder(keep_native=native)

    def stream_encoder(self, *, report: Report | None = None) -> StreamEncoder:
        """A new encoder for one stream."""
        return StreamEncoder(self._quirks, report)

    def decode_error(self, status: int, headers: Mapping[str, str], body: bytes) -> APIError:
        """The typed error for an answer with an error status; never raises."""
        return decode_error(status, headers, body)

    def encode_error(self, error: Exception) -> tuple[int, dict[str, Any]]:
        """Status and JSON body for an error."""
        return encode_error(error)

    def path(self, request: ChatRequest) -> str:
        """Behind the host's base URL, which ends in ``/v1beta`` or its like: it names model and method.

        Raises:
            EncodeError: the request names no model.
        """
        if not request.model:
            raise EncodeError("the model stands in the path on this wire, and the request names none", path="model")
        model = request.model if "/" in request.model else f"models/{request.model}"
        return f"/{model}:streamGenerateContent?alt=sse" if request.stream else f"/{model}:generateContent"
