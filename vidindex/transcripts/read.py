"""Caption bytes or files, read into transcripts: parse the cues, then build the transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..errors import CaptionError, EmptyCaptionsError
from ..model import Cue, Track, Transcript
from .build import make_transcript
from .formats import parse_captions
from .limits import take_turn


def read_transcript(source: str | Path | bytes, *, format: str | None = None) -> Transcript:  # noqa: A002
    """Read the transcript of a caption file.

    *source* is a path, or the bytes of the file.  *format* and the suffix of the path are hints: the content decides
    the format.  The transcript is empty if the file has no words.

    Raises `CaptionError` if the file cannot be read, is not in a caption format, or exceeds a limit.
    """
    with _name_source("captions" if isinstance(source, bytes) else str(source)):
        warnings: list[str] = []
        return _add_warnings(make_transcript(_read_cues(source, format, "", warnings)), warnings)


def parse_transcript(track: Track, raw: bytes) -> Transcript:
    """Parse the caption bytes *raw* of *track*; its warnings tell what was repaired, guessed or left out.

    Raises `CaptionError` if *raw* is not in a caption format or exceeds a limit, and `EmptyCaptionsError` if it has no
    words.
    """
    rolling = True if track.origin == "automatic" else None
    with take_turn(len(raw)), _name_source(track.name or track.url):
        # The cues get no name here, so that `make_transcript` can free them.
        warnings: list[str] = []
        name, hint = track.name or track.url, track.format or None
        transcript = make_transcript(_read_cues(raw, hint, name, warnings), automatic=rolling)
    transcript = _add_warnings(transcript, warnings)
    if not transcript.words:
        raise EmptyCaptionsError(track.name or track.url, "they contain no words; check that they are complete")
    return transcript


def _read_cues(source: str | Path | bytes, hint: str | None, name: str, warnings: list[str]) -> Sequence[Cue]:
    result = parse_captions(source, format=hint, name=name)
    warnings += result.warnings
    return result.cues


def _add_warnings(transcript: Transcript, warnings: list[str]) -> Transcript:
    """Return *transcript* with the *warnings* of its parser before its own."""
    return replace(transcript, warnings=(*warnings, *transcript.warnings)) if warnings else transcript


@contextmanager
def _name_source(name: str) -> Iterator[None]:
    """Name the captions *name* in an error of the block."""
    try:
        yield
    except CaptionError as error:
        if error.source == name:
            raise
        raise type(error)(name, error.reason) from error
