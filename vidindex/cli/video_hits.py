"""Videos with their best hits, formatted for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Hit, origin_label, probability_word
from ..search.by_video import VideoHits, VideoHitsPage
from .hits import clean_fragment
from .terminal import format_clock, one_line, pluralize
from .wrapping import PLAIN, StyledText, TextStyle, wrap_text

_INDENT = " " * 5
_HIT_INDENT = " " * 7
_BOLD = TextStyle(bold=True)
_DIM = TextStyle(dim=True)
_LINK = TextStyle(color="blue")


def format_video_hits(found: VideoHits, number: int, *, width: int) -> Iterator[str]:
    """Yield the lines of a video and of its best hits, wrapped at *width* columns unless it is 0."""
    best, video = found.hits[0], found.video
    title = one_line(video.title) or one_line(video.id)
    yield from wrap_text([(title, _BOLD)], width=width, indent=_INDENT, first=f"{number:>3}  ")
    about = [one_line(video.channel), one_line(video.site), video.date, video.kind if video.kind != "other" else ""]
    if best.origin in ("automatic", "asr"):
        about.append(origin_label(best.origin))
    if video.unavailable_since:
        about.append(f"unavailable since {video.unavailable_since}")
    yield from wrap_text([(" · ".join(dict.fromkeys(filter(None, about))), _DIM)], width=width, indent=_INDENT)
    if best.label and best.label != video.title:
        yield from wrap_text([(f"“{one_line(best.label)}”", PLAIN)], width=width, indent=_INDENT)
    if video.url:
        yield f"{_INDENT}{_LINK.to_ansi(one_line(video.url))}"
    for article in best.articles:
        name = one_line(article.title)
        yield from wrap_text([(f"in {name}" if name else "in", _DIM)], width=width, indent=_INDENT)
        yield f"{_INDENT}   {_DIM.to_ansi(one_line(article.url))}"
    for hit in sorted(found.hits, key=lambda hit: hit.start_ms):
        yield from _format_moment(hit, best, width=width)
    if found.total > len(found.hits):
        at_least = "at least " if found.is_more else ""
        yield f"{_INDENT}{_DIM.to_ansi(f'{at_least}{found.total:,} moments in this video')}"


def _format_moment(hit: Hit, best: Hit, *, width: int) -> Iterator[str]:
    times = f"{format_clock(hit.start_ms)}–{format_clock(hit.end_ms)} "
    parts: list[StyledText] = [(times, TextStyle(color="cyan")), *_match_label(hit)]
    if hit.language != best.language:
        parts.append((f"{one_line(hit.language)} ", _DIM))
    if hit.speaker:
        parts.append((f"{one_line(hit.speaker)}: ", _DIM))
    parts += [(f"… {one_line(hit.before)} ", _DIM)] if hit.before else []
    parts += _marked_text(hit)
    parts += [(f" {one_line(hit.after)} …", _DIM)] if hit.after else []
    yield from wrap_text(parts, width=width, indent=_HIT_INDENT, first=_INDENT)
    if hit.url and hit.url != hit.video.url:
        yield f"{_HIT_INDENT}{_LINK.to_ansi(one_line(hit.url))}"


def _match_label(hit: Hit) -> list[StyledText]:
    if hit.match == "exact":
        return []
    if hit.match == "gist":
        return [(f"{probability_word(hit.score)} {min(hit.score, 0.99):.2f} ", TextStyle(color="magenta"))]
    return [(f"near {min(hit.score, 0.99):.2f} ", TextStyle(color="yellow"))]  # 1.00 means word for word


def _marked_text(hit: Hit) -> list[StyledText]:
    """Return the text of a hit with the matching words in bold and, for output without color, between « and »."""
    parts: list[StyledText] = []
    at = 0
    for start, end in hit.marks or ((0, len(hit.text)),):
        parts += [(clean_fragment(hit.text[at:start]), PLAIN), (f"«{clean_fragment(hit.text[start:end])}»", _BOLD)]
        at = end
    return [*parts, (clean_fragment(hit.text[at:]), PLAIN)]


def format_footer(page: VideoHitsPage, offset: int) -> str:
    """Return a line that says how many videos and moments there are, and how to see more of them."""
    at_least = "at least " if page.is_more else ""
    moments = f"{at_least}{pluralize(page.total, 'moment')}"
    if len(page) == page.total_videos and not page.is_more:
        return f"{pluralize(page.total_videos, 'video')}, {moments}"
    shown = f"{len(page):,}" if not offset else f"{offset + 1:,}–{offset + len(page):,}"
    end = offset + len(page)
    more = f"; `--offset {end}` for more" if end < page.total_videos else ""
    return f"{shown} of {at_least}{pluralize(page.total_videos, 'video')}, {moments}{more}"
