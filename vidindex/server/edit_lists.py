"""The hits of a search as an edit list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.requests import Request

from ..clips.edit_lists import EditListFormat, format_edit_list
from ..clips.edit_lists.frame_rates import FRAME_RATE_NAMES
from ..clips.edit_lists.timeline import DEFAULT_START_TIMECODE, to_edit_moment
from ..errors import BadRequestError, EditListError, OptionError
from ..model import Hit
from .params import parse_choice
from .security import explain_read_only

if TYPE_CHECKING:
    from ..library import Index

_MAX_TIMECODE_CHARS = 20


def make_edit_list(request: Request, index: Index, hits: Sequence[Hit], form: EditListFormat, *, title: str) -> str:
    """Return the edit list of *hits* that *request* asks for.

    It names the films of this machine only for somebody at this machine; for others, the pages of the videos.
    Raises `BadRequestError`.
    """
    rate = "" if form == "m3u" else parse_choice(request.query_params, "rate", FRAME_RATE_NAMES)
    start = request.query_params.get("start", "")[:_MAX_TIMECODE_CHARS] or DEFAULT_START_TIMECODE
    try:
        moments = index.clip_moments(hits, joined=True)
        if explain_read_only(request):
            moments = [replace(moment, media=None) for moment in moments]
        # The films are not asked for their time codes: that starts a process for each.
        return format_edit_list(map(to_edit_moment, moments), form, rate=rate, title=title, start_timecode=start)
    except EditListError as exc:
        raise BadRequestError("format", str(exc)) from exc
    except OptionError as exc:
        raise BadRequestError("start", exc.reason) from exc
