"""Edit lists: which moments of which films follow each other, for editors to cut, without any media.

`write_edit_list` crosses this package: moments in milliseconds go in, the text of a file comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ...errors import EditListError, OptionError
from ..moments import ClipMoment
from .cmx3600 import write_cmx3600
from .fcpxml import write_fcpxml
from .frame_rates import find_frame_rate
from .m3u import write_m3u
from .otio import write_otio
from .resolve_markers import write_resolve_markers
from .timeline import DEFAULT_START_TIMECODE, EditMoment, EditTimeline, lay_out, to_edit_moment
from .xmeml import write_premiere_markers, write_xmeml

EditListFormat = Literal["edl", "fcpxml", "xml", "otio", "m3u", "resolve-markers", "premiere-markers"]
"""A format of edit lists; `xml` is that of Final Cut Pro 7, which Premiere Pro reads."""

EDIT_LIST_FORMATS: tuple[EditListFormat, ...] = get_args(EditListFormat)


@dataclass(frozen=True, slots=True)
class EditListFile:
    """How the file of a format is named and sent."""

    suffix: str
    media_type: str
    needs_rate: bool = True


EDIT_LIST_FILES: dict[EditListFormat, EditListFile] = {
    "edl": EditListFile(".edl", "text/plain; charset=utf-8"),
    "fcpxml": EditListFile(".fcpxml", "application/xml"),
    "xml": EditListFile(".xml", "application/xml"),
    "otio": EditListFile(".otio", "application/json"),
    "m3u": EditListFile(".m3u8", "audio/x-mpegurl", needs_rate=False),
    "resolve-markers": EditListFile(".edl", "text/plain; charset=utf-8"),
    "premiere-markers": EditListFile(".xml", "application/xml"),
}

_WRITERS: dict[EditListFormat, Callable[[EditTimeline], str]] = {
    "edl": write_cmx3600,
    "fcpxml": write_fcpxml,
    "xml": write_xmeml,
    "otio": write_otio,
    "resolve-markers": write_resolve_markers,
    "premiere-markers": write_premiere_markers,
}


def write_edit_list(
    moments: Iterable[ClipMoment],
    form: EditListFormat,
    *,
    rate: str = "",
    title: str = "vidindex",
    start_timecode: str = DEFAULT_START_TIMECODE,
) -> str:
    """Return the text of an edit list of *moments*, as `Index.clip_moments` returns them.

    They follow each other as they are given.  Each names the film on this machine, or the page of the video if there is
    none.  If ffmpeg is installed, the films are asked for their time codes and frame rates.  *form* is `edl` (CMX
    3600), `fcpxml`, `xml` (Final Cut Pro 7), `otio`, `m3u`, or one of the lists of markers for one film,
    `resolve-markers` and `premiere-markers`.

    *rate* is the frame rate of the films and of the timeline, such as `25`, `29.97` or `29.97df` (drop-frame time
    code).  If it is empty, it is that of the films; `m3u` needs none.  *start_timecode* is the time code of the first
    frame of the timeline.

    Raises `OptionError` if *form*, *rate* or *start_timecode* is not valid, and `EditListError` if the moments do not
    fit into the format.
    """
    from .film_times import find_common_rate, make_edit_moments, read_film_times

    listed = list(moments)
    if form == "m3u" or not listed:
        return format_edit_list(map(to_edit_moment, listed), form)
    films = read_film_times(listed)
    return format_edit_list(
        make_edit_moments(listed, films),
        form,
        rate=rate or find_common_rate(listed, films),
        title=title,
        start_timecode=start_timecode,
    )


def format_edit_list(
    moments: Iterable[EditMoment],
    form: EditListFormat,
    *,
    rate: str = "",
    title: str = "vidindex",
    start_timecode: str = DEFAULT_START_TIMECODE,
) -> str:
    """Return the text of an edit list, as `write_edit_list` does."""
    listed = list(moments)
    if form not in EDIT_LIST_FORMATS:
        raise OptionError(f"edit list {form!r} is not known: choose one of {', '.join(EDIT_LIST_FORMATS)}")
    if not listed:
        raise EditListError("an edit list needs at least one moment")
    if form == "m3u":
        return write_m3u(listed)
    if not rate:
        raise OptionError("the frame rate of the film is not known: state it, such as 25 or 29.97")
    timeline = lay_out(listed, find_frame_rate(rate), title=title, start_timecode=start_timecode)
    return _WRITERS[form](timeline)
