"""`vidindex show`: print a video and its transcript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..errors import NotIndexedError
from ..model import origin_label
from ..transcripts.timecode import parse_clock_ms
from .context import CommandContext
from .terminal import format_clock, json_line, one_line
from .tracks import describe_track, track_fields

if TYPE_CHECKING:
    from ..library import Index
    from ..model import EmbedRecord, Track, Transcript, Video

_CONTEXT_MS = 45_000


class TimeParam(click.ParamType[int]):
    """A time such as `12:30`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = value if isinstance(value, int) else parse_clock_ms(str(value))
        if found is None:
            self.fail(f"{value!r} is not a time; write 750, 12:30 or 1:02:03", param, ctx)
        return found


@click.command()
@click.argument("video")
@click.option(
    "--at", "at_ms", type=TimeParam(), metavar="TIME", help="Show only the transcript around TIME, such as 12:30."
)
@click.option(
    "--lang", "language", default="", metavar="CODE", help="Caption language to show.  [default: the best track]"
)
@click.option("--raw-case", is_flag=True, help="Show captions in capitals as they are.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every word and its time.")
@click.pass_obj
def show(session: CommandContext, video: str, at_ms: int | None, language: str, raw_case: bool, as_json: bool) -> int:
    """Show VIDEO, an id or a URL, and its transcript.

    \b
      vidindex show youtube:dQw4w9WgXcQ
      vidindex show dQw4w9WgXcQ --at 12:30
    """
    with session.open() as index:
        found = index.video(video)
        said = _find_transcript(index, found, language, restore_case=not raw_case and not as_json)
        if as_json:
            click.echo(json_line(_transcript_fields(index, found, said)))
            return 0
        for line in _video_lines(index, found):
            click.echo(line)
        if said is None:
            click.echo("no captions" + (f" in {one_line(language)}" if language else ""), err=True)
            return 1 if language else 0
        click.echo()
        lines = list(_transcript_lines(said, at_ms=at_ms))
        for line in lines:
            click.echo(line)
        if at_ms is not None and not lines:
            click.echo(f"no words around {format_clock(at_ms)}", err=True)
            return 1
    return 0


def _find_transcript(index: Index, video: Video, language: str, *, restore_case: bool) -> Transcript | None:
    try:
        return index.transcript(video.id, language=language, restore_case=restore_case)
    except NotIndexedError:
        return None


def _video_lines(index: Index, video: Video) -> list[str]:
    tracks = index.tracks(video.id)
    captions = ", ".join(map(describe_track, tracks))
    rows = [
        ("id", video.id),
        ("url", video.url),
        ("channel", video.channel),
        ("date", video.date),
        ("status", f"unavailable since {video.unavailable_since}" if video.unavailable_since else ""),
        ("length", format_clock(video.duration_ms) if video.duration_ms else ""),
        ("kind", video.kind),
        ("medium", video.medium if video.medium != "video" else ""),
        ("captions", captions or "none"),
        *(("warning", _warning_text(track, text)) for track in tracks for text in track.warnings),
        *(("chapter", f"{format_clock(chapter.start_ms)} {chapter.title}") for chapter in video.chapters),
        *(("embedded", _embed_text(index, state)) for state in index.embeds(video=video.id)),
    ]
    shown = [f"{click.style(f'{name:>9}', dim=True)}  {one_line(value)}" for name, value in rows if value]
    return [click.style(one_line(video.title) or video.id, bold=True), *shown]


def _warning_text(track: Track, warning: str) -> str:
    return f"{track.language or '?'} ({origin_label(track.origin)}): {warning}"


def _embed_text(index: Index, record: EmbedRecord) -> str:
    label, captured = record.embed.label, _capture_time(index, record.article)
    place = f"in {record.article}" + (f", captured {captured[:10]}" if captured else "")
    return f"“{label}” {place}" if label else place


def _capture_time(index: Index, article: str) -> str:
    try:
        return index.article(article).captured
    except NotIndexedError:  # it was removed a moment ago
        return ""


def _transcript_lines(transcript: Transcript, *, at_ms: int | None) -> Iterator[str]:
    from ..transcripts.export import split_captions

    speaker = ""
    for caption in split_captions(transcript):
        if at_ms is not None and not caption.start_ms - _CONTEXT_MS <= at_ms <= caption.end_ms + _CONTEXT_MS:
            continue
        here = at_ms is not None and caption.start_ms <= at_ms < caption.end_ms
        time = click.style(f"{format_clock(caption.start_ms):>8}", fg="cyan", bold=here)
        named = f"{click.style(one_line(caption.speaker), bold=True)}: " if caption.speaker not in ("", speaker) else ""
        speaker = caption.speaker
        yield f"{time}  {named}{click.style(one_line(caption.text), bold=here)}"


def _transcript_fields(index: Index, video: Video, transcript: Transcript | None) -> dict[str, object]:
    from dataclasses import asdict

    words = zip(transcript.words, transcript.starts_ms, transcript.ends_ms, strict=True) if transcript else ()
    return {
        **asdict(video),
        "tracks": [track_fields(track) for track in index.tracks(video.id)],
        "articles": [state.article for state in index.embeds(video=video.id)],
        "captured": [_capture_time(index, state.article) for state in index.embeds(video=video.id)],
        "words": [{"text": text, "start_ms": start, "end_ms": end} for text, start, end in words],
    }
