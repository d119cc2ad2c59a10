"""Caption bytes or files, read into transcripts: parse the cues, then build the transcript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..errors import CaptionError, EmptyCaptionsError
from ..model import Cue, Track, Transcript
from .build import make_transcript
from .formats import parse_captions, read_captions
from .limits import take_turn


def read_transcript(source: str | Path | bytes, *, format: str | None = None) -> Transcript:  # noqa: A002
    """Read the transcript of a caption file.

    *source* is a path, or the bytes of the file.  *format* and the suffix of the path are hints: the content decides
    the format.  The transcript is empty if the file has no words.

    Raises `CaptionError` if the file cannot be read, is not in a caption format, or exceeds a limit.
    """
    with _name_source("captions" if isinstance(source, bytes) else str(source)):
        return make_transcript(read_captions(source, format=format))


def parse_transcript(track: Track, raw: bytes) -> Transcript:
    """Parse the caption bytes *raw* of *track*; its warnings tell what was repaired, guessed or left out.

    Raises `CaptionError` if *raw* is not in a caption format or exceeds a limit, and `EmptyCaptionsError` if it has no
    words.
    """
    rolling = True if track.origin == "automatic" else None
    with take_turn(len(raw)), _name_source(track.name or track.url):
        # The cues get no name here, so that `make_transcript` can free them.
        warnings: list[str] = []
        transcript = make_transcript(_parse_cues(track, raw, warnings), automatic=rolling)
    transcript = replace(transcript, warnings=tuple(warnings) + transcript.warnings)
    if not transcript.words:
        raise EmptyCaptionsError(track.name or track.url, "they contain no words; check that they are complete")
    return transcript


def _parse_cues(track: Track, raw: bytes, warnings: list[str]) -> list[Cue]:
    result = parse_captions(raw, format=track.format or None, name=track.name or track.url)
    warnings += result.warnings
    return result.cues


@contextmanager
def _name_source(name: str) -> Iterator[None]:
    """Name the captions *name* in an error of the block."""
    try:
        yield
    except CaptionError as error:
        if error.source == name:
            raise
        raise type(error)(name, error.reason) from error
