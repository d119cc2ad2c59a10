"""The route of clips as files: moments that are cut out of local films."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..clips.moments import ClipMoment
from ..clips.names import safe_name
from ..errors import BadRequestError, ClipError, FfmpegNotInstalledError
from ..model import Hit
from ..transcripts.timecode import format_timestamp, parse_time_offset
from .clip_cutter import MAX_FILE_MS, ClipCutter, FileFormat, list_formats
from .media import MediaFileResponse, find_media_file
from .pages import get_index
from .params import parse_choice
from .views.urls import CLIP_FILE_PATH

_MEDIA_TYPES: dict[FileFormat, str] = {"mp4": "video/mp4", "mp3": "audio/mpeg"}


async def _send_clip_file(request: Request) -> Response:
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise HTTPException(403, "Other sites cannot have clips cut here. Open the page of the clip.")
    form: FileFormat = parse_choice(request.query_params, "format", get_args(FileFormat))
    moment: ClipMoment = await request.app.state.pool.run(lambda: _find_moment(request, form))
    cutter: ClipCutter = request.app.state.clip_cutter
    try:
        file = await cutter.cut(moment, form)
    except FfmpegNotInstalledError as exc:
        raise HTTPException(501, f"This server cannot cut films: {exc.reason}") from exc
    except ClipError as exc:
        raise HTTPException(422, str(exc)) from exc
    clock = format_timestamp(moment.start_ms).replace(":", ".")
    return MediaFileResponse(
        file, media_type=_MEDIA_TYPES[form], file_name=f"{safe_name(moment.video.title)} {clock}.{form}"
    )


def _find_moment(request: Request, form: FileFormat) -> ClipMoment:
    """Return the moment that *request* asks for.  Raises `BadRequestError`, `NotIndexedError`."""
    params, index = request.query_params, get_index(request)
    video = index.video(params.get("video", ""))
    start_ms, end_ms = (parse_time_offset(f"{params.get(name, '')}ms") for name in ("from", "to"))
    if not 0 < end_ms - start_ms <= MAX_FILE_MS:
        raise BadRequestError("to", f"must be after `from`, by at most {MAX_FILE_MS // 1000} seconds")
    film = find_media_file(index, video)
    if film is None:
        raise HTTPException(404, "This server does not have the media file of this video.")
    if form not in list_formats(film):
        raise BadRequestError("format", f"must be one of {', '.join(list_formats(film))}: there are no pictures")
    hit = Hit(video, start_ms, end_ms, "", "", "", "exact", 0.0, "")
    return replace(index.clip_moments([hit])[0], media=film)


routes: list[BaseRoute] = [Route(CLIP_FILE_PATH, _send_clip_file)]
"""Routes of clips as files."""
