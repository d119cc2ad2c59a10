"""`vidindex show` and `vidindex export`: print or write the transcript of a video."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import NotIndexedError
from ..model import origin_label
from ..transcripts.timecode import parse_clock_ms
from .context import CommandContext
from .terminal import format_clock, json_line, one_line, pluralize, strip_controls

if TYPE_CHECKING:
    from ..library import Index
    from ..model import Transcript, Video
    from ..transcripts.export import ExportFormat

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
        said = _find_transcript(index, found, language)
        if as_json:
            click.echo(json_line(_transcript_fields(index, found, said)))
            return 0
        for line in _video_lines(index, found):
            click.echo(line)
        if said is None:
            click.echo("no captions" + (f" in {one_line(language)}" if language else ""), err=True)
            return 1 if language else 0
        click.echo()
        lines = list(_transcript_lines(said, at_ms=at_ms, raw_case=raw_case))
        for line in lines:
            click.echo(line)
        if at_ms is not None and not lines:
            click.echo(f"no words around {format_clock(at_ms)}", err=True)
            return 1
    return 0


def _find_transcript(index: Index, video: Video, language: str) -> Transcript | None:
    try:
        return index.transcript(video.id, language=language)
    except NotIndexedError:
        return None


def _video_lines(index: Index, video: Video) -> list[str]:
    captions = ", ".join(f"{track.language or '?'} ({origin_label(track.origin)})" for track in index.tracks(video.id))
    rows = [
        ("id", video.id),
        ("url", video.url),
        ("channel", video.channel),
        ("date", video.date),
        ("status", f"unavailable since {video.unavailable_since}" if video.unavailable_since else ""),
        ("length", format_clock(video.duration_ms) if video.duration_ms else ""),
        ("kind", video.kind),
        ("captions", captions or "none"),
        *(("chapter", f"{format_clock(chapter.start_ms)} {chapter.title}") for chapter in video.chapters),
        *(("embedded", _embed_text(state.embed.label, state.article)) for state in index.embeds(video=video.id)),
    ]
    shown = [f"{click.style(f'{name:>9}', dim=True)}  {one_line(value)}" for name, value in rows if value]
    return [click.style(one_line(video.title) or video.id, bold=True), *shown]


def _embed_text(label: str, article: str) -> str:
    return f"“{label}” in {article}" if label else f"in {article}"


def _transcript_lines(transcript: Transcript, *, at_ms: int | None, raw_case: bool) -> Iterator[str]:
    from ..transcripts.export import split_captions

    speaker = ""
    for caption in split_captions(transcript if raw_case else _restore_sentence_case(transcript)):
        if at_ms is not None and not caption.start_ms - _CONTEXT_MS <= at_ms <= caption.end_ms + _CONTEXT_MS:
            continue
        here = at_ms is not None and caption.start_ms <= at_ms < caption.end_ms
        time = click.style(f"{format_clock(caption.start_ms):>8}", fg="cyan", bold=here)
        named = f"{click.style(one_line(caption.speaker), bold=True)}: " if caption.speaker not in ("", speaker) else ""
        speaker = caption.speaker
        yield f"{time}  {named}{click.style(one_line(caption.text), bold=here)}"


def _restore_sentence_case(transcript: Transcript) -> Transcript:
    from ..transcripts.casing import is_all_caps, to_sentence_case

    return (
        replace(transcript, words=tuple(to_sentence_case(transcript.words)))
        if is_all_caps(transcript.words)
        else transcript
    )


def _transcript_fields(index: Index, video: Video, transcript: Transcript | None) -> dict[str, object]:
    from dataclasses import asdict

    words = zip(transcript.words, transcript.starts_ms, transcript.ends_ms, strict=True) if transcript else ()
    return {
        **asdict(video),
        "tracks": [{"language": track.language, "origin": track.origin} for track in index.tracks(video.id)],
        "articles": [state.article for state in index.embeds(video=video.id)],
        "words": [{"text": text, "start_ms": start, "end_ms": end} for text, start, end in words],
    }


@click.command()
@click.argument("video")
@click.option(
    "--format",
    "form",
    type=click.Choice(["vtt", "srt", "txt", "json", "md"]),
    default="vtt",
    show_default=True,
    help="Format of the output.",
)
@click.option(
    "--lang", "language", default="", metavar="CODE", help="Caption language to write.  [default: the best track]"
)
@click.option("--raw-case", is_flag=True, help="Write captions in capitals as they are.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write.  [default: standard output]",
)
@click.pass_obj
def export(
    session: CommandContext, video: str, form: ExportFormat, language: str, raw_case: bool, output: Path | None
) -> None:
    """Write the transcript of VIDEO to a file, as captions or paragraphs in which every word stands once.

    \b
      vidindex export youtube:dQw4w9WgXcQ --format srt -o talk.srt
    """
    from ..transcripts.export import export_transcript

    with session.open() as index:
        found = index.video(video)
        said = index.transcript(video, language=language)
        text = export_transcript(said if raw_case else _restore_sentence_case(said), form, title=found.title)
    if output is None:
        click.echo(strip_controls(text) if sys.stdout.isatty() else text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise click.ClickException(f"cannot write {output}: {exc.strerror}") from exc
    click.echo(f"wrote {pluralize(len(text.splitlines()), 'line')} to {output}", err=True)
