"""Pure changes of a request, for ``transforms=[Transform(request=...)]``. Nothing here waits.

messages    instructions as the user's words; neighbours of one role as one message
"""

from .messages import merge_contiguous, system_as_user

__all__ = ["merge_contiguous", "system_as_user"]
