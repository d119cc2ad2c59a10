"""Transcripts as resources: `vidindex://transcript/ID`, in parts that a model can take in."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode

import mcp_types as types

from ..errors import BadRequestError
from ..server.params import parse_number
from ..transcripts.timecode import parse_clock_ms
from .bounds import MAX_RESULT_BYTES, clean_text, cut_name, take_fitting, to_fields
from .cursors import make_cursor, read_cursor
from .reading import split_lines
from .results import NOTICE, TranscriptLine, describe_video

if TYPE_CHECKING:
    from ..library import Index
    from ..model import Video

TEMPLATE = "vidindex://transcript/{video}{?from,lang,line}"
_PREFIX = "vidindex://transcript/"
_MIME_TYPE = "text/plain"
_LISTED = 25
_MAX_URI_CHARS = 2_000
_MAX_LINE = 999_999
_TEXT_BYTES = MAX_RESULT_BYTES // 2
_LIST_REQUEST = {"method": "resources/list"}


def describe_template() -> types.ResourceTemplate:
    """Return the template of the resources."""
    return types.ResourceTemplate(
        uri_template=TEMPLATE,
        name="transcript",
        title="Transcript of a video",
        description=f"What is said in a video, from a time on, such as 12:30. {NOTICE}",
        mime_type=_MIME_TYPE,
    )


def list_resources(index: Index, cursor: str) -> types.ListResourcesResult:
    """Return a page of the transcripts in the index.  Raises `BadRequestError` if *cursor* is invalid."""
    offset = read_cursor(cursor, _LIST_REQUEST)
    videos = list(islice(index.videos(offset=offset), _LISTED + 1))
    listed = [_describe_resource(video) for video in videos[:_LISTED] if index.tracks(video.id)]
    more = make_cursor(offset + _LISTED, _LIST_REQUEST) if len(videos) > _LISTED else None
    return types.ListResourcesResult(resources=listed, next_cursor=more)


def _describe_resource(video: Video) -> types.Resource:
    about = describe_video(video)
    title = about.title or about.video
    return types.Resource(uri=_make_uri(video.id), name=clean_text(about.video, 200), title=title, mime_type=_MIME_TYPE)


def _make_uri(video: str) -> str:
    return _PREFIX + quote(cut_name(video, 150), safe=":")


def read_resource(index: Index, uri: str) -> types.ReadResourceResult:
    """Return a part of a transcript.  Raises `NotIndexedError`, `BadRequestError` if *uri* is invalid."""
    name, params = _parse_uri(uri)
    video = index.video(name)
    start_ms = parse_clock_ms(params.get("from", "0"))
    if start_ms is None:
        raise BadRequestError("from", "write a time as 12:30, as 1:02:03, or as a number of seconds")
    skipped = parse_number(params, "line", default=1, maximum=_MAX_LINE) - 1
    transcript = index.transcript(video.id, language=params.get("lang", ""), restore_case=True)
    spoken = islice(split_lines(transcript, video, start_ms, None), skipped, None)
    lines, is_more = take_fitting(spoken, to_fields, _TEXT_BYTES)
    next_uri = f"{_make_uri(video.id)}?{urlencode({**params, 'line': skipped + len(lines) + 1})}" if is_more else ""
    text = "\n".join(
        [_describe_start(video), *map(_format_line, lines), *([f"continued at {next_uri}"] if is_more else [])]
    )
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, text=text, mime_type=_MIME_TYPE)])


def _parse_uri(uri: str) -> tuple[str, dict[str, str]]:
    """Return the id of the video and the parameters in *uri*."""
    address, _, query = uri.partition("?")
    if len(uri) > _MAX_URI_CHARS or not address.startswith(_PREFIX):
        raise BadRequestError("uri", f"the resources of this server are {TEMPLATE}")
    return unquote(address.removeprefix(_PREFIX)), dict(parse_qsl(query, max_num_fields=10))


def _describe_start(video: Video) -> str:
    about = describe_video(video)
    return "\n".join([NOTICE, *(part for part in (about.title, about.url) if part), ""])


def _format_line(line: TranscriptLine) -> str:
    return f"[{line.start}] {line.speaker}: {line.text}" if line.speaker else f"[{line.start}] {line.text}"
