"""Makes the values of which every request or answer has some, from the arguments of their classes, for half the price.

They are compiled when this module is imported, which is when the first wire is.
"""

from typing import Final

from .attempt import RateLimit
from .message import Message
from .native import Native
from .parts import TextPart
from .quick import maker
from .request import ChatRequest
from .response import ChatResponse, Choice
from .usage import Usage

__all__ = [
    "new_choice",
    "new_message",
    "new_native",
    "new_rate_limit",
    "new_request",
    "new_response",
    "new_text",
    "new_usage",
]

new_choice: Final = maker(Choice)
new_message: Final = maker(Message)
new_native: Final = maker(Native)
new_rate_limit: Final = maker(RateLimit)
new_request: Final = maker(ChatRequest)
new_response: Final = maker(ChatResponse)
new_text: Final = maker(TextPart)
new_usage: Final = maker(Usage)
