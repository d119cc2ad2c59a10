"""Errors as models read them: what is wrong and what to do next, without anything about this machine."""

from __future__ import annotations

from ..errors import (
    BadRequestError,
    IndexBusyError,
    NotIndexedError,
    OptionError,
    QuerySyntaxError,
    TooBusyError,
    VidindexError,
)
from .bounds import clean_text

_MAX_NAME_BYTES = 200
_MAX_MESSAGE_BYTES = 900


def explain_error(error: Exception) -> str:
    """Return the message for a model."""
    match error:
        case QuerySyntaxError():
            return f"query, character {error.at + 1}: {clean_text(error.reason, _MAX_MESSAGE_BYTES)}"
        case NotIndexedError():
            name = clean_text(error.name, _MAX_NAME_BYTES)
            return f"the index has no {name}: find_videos lists the videos, and their articles"
        case BadRequestError() | OptionError() | TooBusyError():
            return clean_text(str(error), _MAX_MESSAGE_BYTES)
        case IndexBusyError():
            return "another process is writing to the index: try again in a moment"
        case VidindexError():
            return "the index cannot be read: ask the user to run `vidindex doctor`"
    return "internal error: ask the user to look at the log of the server"
