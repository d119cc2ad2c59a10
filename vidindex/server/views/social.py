"""What other sites show of a shared link: the words of a moment, in Open Graph tags and as oEmbed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from ...model import Video
from ...transcripts.timecode import format_clock
from .clip import Clip
from .hits import TextPiece
from .urls import embed_path, safe_web_url, video_path
from .video import VideoPage

_MAX_DESCRIPTION_CHARS = 300
_EMBED_WIDTH = 560
_EMBED_HEIGHT = 420
_MIN_EMBED_WIDTH = 200
_MIN_EMBED_HEIGHT = 150


@dataclass(frozen=True, slots=True)
class SocialCard:
    """The title of a video, the words of a moment, and the absolute address of its page."""

    title: str
    description: str
    url: str
    oembed_url: str
    image: str = ""
    date: str = ""
    duration_s: int = 0


def make_social_card(video: Video, page: VideoPage, clip: Clip | None, *, base_url: str) -> SocialCard:
    """Return what is shown of *page*, a page of *video*: the *clip*, else the current hit or paragraph, if any."""
    at_ms, words = (clip.start_ms, clip.quoted) if clip else _find_words(page)
    path = video_path(video.id, at_ms=at_ms or None)
    url = clip.page_url if clip else f"{base_url}{path}"
    clock = clip.clock if clip else format_clock(at_ms) if words else ""
    return SocialCard(
        title=" · ".join(filter(None, (" ".join(page.title.split()), clock))),
        description=_shorten(words or video.description or ", ".join(page.facts)),
        url=url,
        oembed_url=f"{base_url}/oembed?{urlencode({'url': url, 'format': 'json'})}",
        image=safe_web_url(video.thumbnail),
        date=video.date,
        duration_s=video.duration_ms // 1000,
    )


def make_oembed(
    video: Video, card: SocialCard, *, base_url: str, frame_path: str = "", max_width: int = 0, max_height: int = 0
) -> dict[str, object]:
    """Return the oEmbed of *card*: a link, or a frame with the page at *frame_path* within the maximum size."""
    frame = _make_frame(card, f"{base_url}{frame_path}", max_width, max_height) if frame_path else {}
    author = {
        "author_name": " ".join(video.channel.split()),
        "author_url": safe_web_url(video.channel_url),
    }
    return {
        "version": "1.0",
        "type": "rich" if frame else "link",
        "title": card.title,
        "description": card.description,
        **{name: value for name, value in author.items() if value},
        "provider_name": "vidindex",
        "provider_url": f"{base_url}/",
        "url": card.url,
        **frame,
    }


def make_frame_path(video: Video, clip: Clip | None, at_ms: int, language: str) -> str:
    """Return the path of the page that other sites may show in a frame."""
    if clip:
        return embed_path(video.id, at_ms=clip.start_ms, end_ms=clip.end_ms, language=language)
    return embed_path(video.id, at_ms=at_ms or None, language=language)


def _make_frame(card: SocialCard, url: str, max_width: int, max_height: int) -> dict[str, object]:
    from html import escape

    width = max(min(_EMBED_WIDTH, max_width or _EMBED_WIDTH), _MIN_EMBED_WIDTH)
    height = max(min(_EMBED_HEIGHT, max_height or _EMBED_HEIGHT), _MIN_EMBED_HEIGHT)
    html = (
        f'<iframe src="{escape(url)}" width="{width}" height="{height}" title="{escape(card.title)}"'
        ' loading="lazy" allow="fullscreen" frameborder="0"></iframe>'
    )
    return {"html": html, "width": width, "height": height}


def _find_words(page: VideoPage) -> tuple[int, str]:
    """Return the time and the words of the hit at the time of the page, else of its first hit or current paragraph."""
    for hit in page.hit_list.hits:
        if not page.at_ms or abs(hit.start_ms - page.at_ms) <= 1000:
            by = f"{' '.join(hit.speaker.split())}: " if hit.speaker else ""
            return hit.start_ms, by + _quote(_join(hit.pieces))
    for paragraph in page.paragraphs:
        if paragraph.is_current:
            return paragraph.start_ms, _quote(_join(paragraph.pieces))
    return page.at_ms, ""


def _join(pieces: tuple[TextPiece, ...]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "sound")


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words}”" if words else ""


def _shorten(text: str) -> str:
    """Return *text* in one line, cut after a word if it is too long."""
    line = " ".join(text[: 4 * _MAX_DESCRIPTION_CHARS].split())
    if len(line) <= _MAX_DESCRIPTION_CHARS:
        return line
    cut = line[: _MAX_DESCRIPTION_CHARS - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
