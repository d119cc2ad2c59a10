"""Routes of clips: the page of a clip and its formats, oEmbed, and the page for the frames of other sites."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..errors import BadRequestError, VidindexError
from ..model import Video
from ..transcripts.timecode import parse_time_offset
from .clip_cutter import MAX_FILE_MS, FileFormat, can_cut, list_formats
from .media import find_media_file
from .pages import get_base_url, get_index, render_page
from .params import MAX_FILTER_CHARS, SearchParams, parse_choice
from .problems import problem_from_error, problem_response
from .responses import file_response, json_response
from .security import FRAME_PATH
from .views.clip import Clip, format_media_range, make_clip
from .views.clip_formats import CLIP_FORMATS
from .views.clip_page import make_clip_page
from .views.moment import describe_moment
from .views.social import make_frame_path, make_oembed
from .views.urls import media_path
from .views.video import VideoRequest, make_video_page

_VIDEO_PATH = "/video/"
_MAX_EMBED_SIZE = 10_000


def _show_clip(request: Request) -> Response:
    clip = _make_clip(request)
    form = request.query_params.get("format", "")
    if not form:
        film = find_media_file(get_index(request), clip.video)
        return render_page(request, "clip.html", make_clip_page(clip, _list_formats(clip, film), has_film=bool(film)))
    chosen = CLIP_FORMATS[parse_choice(request.query_params, "format", CLIP_FORMATS)]
    return file_response(chosen.format_clip(clip), chosen.media_type, chosen.file_name, is_inline=True)


def _list_formats(clip: Clip, film: Path | None) -> tuple[FileFormat, ...]:
    """Return the formats in which this server can cut *clip* out of *film*."""
    is_short = clip.end_ms - clip.start_ms <= MAX_FILE_MS
    return list_formats(film) if film and is_short and can_cut() else ()


def _make_clip(request: Request) -> Clip:
    params = request.query_params
    index = get_index(request)
    video = index.video(params.get("video", ""))
    language = params.get("lang", "")[:MAX_FILTER_CHARS]
    transcript = index.transcript(video.id, language=language, restore_case=True)
    start_ms, end_ms = (parse_time_offset(f"{params.get(name, '')}ms") for name in ("from", "to"))
    return make_clip(video, transcript, start_ms, end_ms, language=language, base_url=get_base_url(request))


def _send_oembed(request: Request) -> Response:
    try:
        return json_response(_describe_link(request))
    except (HTTPException, VidindexError) as error:
        return problem_response(problem_from_error(error))


def _describe_link(request: Request) -> dict[str, object]:
    """Return the oEmbed of the page of this server that the request names; no other address is looked at."""
    params = request.query_params
    if params.get("format", "") not in ("", "json"):
        raise HTTPException(501, "only format=json is implemented")
    base_url = get_base_url(request)
    name, linked = _parse_link(params.get("url", ""), base_url)
    index = get_index(request)
    video = index.video(name)
    page = make_video_page(index, _video_request(video, linked))
    moment = describe_moment(index, video, page, linked, base_url=base_url)
    is_embeddable = request.app.state.is_embeddable
    frame_path = make_frame_path(video, moment.clip, page.at_ms, linked.get("lang", "")) if is_embeddable else ""
    max_width, max_height = (_parse_size(params.get(each, "")) for each in ("maxwidth", "maxheight"))
    return make_oembed(
        video, moment.card, base_url=base_url, frame_path=frame_path, max_width=max_width, max_height=max_height
    )


def _parse_link(url: str, base_url: str) -> tuple[str, dict[str, str]]:
    """Return the id of the video and the parameters of *url*, the address of a video page of this server."""
    try:
        parts = urlsplit(url)
        own = urlsplit(base_url)
    except ValueError as exc:
        raise BadRequestError("url", "enter the address of a video page of this server") from exc
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != own.netloc.lower():
        raise HTTPException(404, "this is not an address of this server")
    if not parts.path.startswith(_VIDEO_PATH):
        raise HTTPException(404, "only pages of videos have an oEmbed")
    try:
        given = parse_qs(parts.query, max_num_fields=20)
    except ValueError as exc:
        raise BadRequestError("url", "it has too many parameters") from exc
    return unquote(parts.path.removeprefix(_VIDEO_PATH)), {key: values[-1] for key, values in given.items()}


def _video_request(video: Video, params: dict[str, str]) -> VideoRequest:
    return VideoRequest(
        video=video.id,
        at_ms=parse_time_offset(params.get("t", "")),
        text=SearchParams.from_params({"q": params.get("q", "")}).q,
        language=params.get("lang", ""),
    )


def _parse_size(text: str) -> int:
    """Return a size in pixels, or 0 for no limit."""
    return min(int(text), _MAX_EMBED_SIZE) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _show_embed(request: Request) -> Response:
    if not request.app.state.is_embeddable:
        raise HTTPException(404, "This server does not allow other sites to embed its videos.")
    index = get_index(request)
    video = index.video(request.path_params["video"])
    params = dict(request.query_params)
    page = make_video_page(index, _video_request(video, params))
    moment = describe_moment(index, video, page, params, base_url=get_base_url(request))
    src = media_path(video.id) if find_media_file(index, video) else ""
    times = format_media_range(page.at_ms, moment.end_ms) if moment.end_ms else page.player.at
    return render_page(request, "embed.html", page, moment=moment, src=f"{src}#t={times}" if src else "")


routes: list[BaseRoute] = [
    Route("/clip", _show_clip),
    Route("/oembed", _send_oembed),
    Route(f"{FRAME_PATH}{{video:path}}", _show_embed),
]
"""Routes of clips."""
