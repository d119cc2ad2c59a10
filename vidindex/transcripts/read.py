"""Caption bytes or files, read into transcripts: parse the cues, then build the transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..errors import CaptionError, EmptyCaptionsError
from ..model import Cue, Track, Transcript
from .build import Speech, make_speech
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
        return _add_warnings(make_speech(_read_cues(source, format, "", warnings)), warnings).to_transcript()


def parse_transcript(track: Track, raw: bytes) -> Transcript:
    """Parse the caption bytes *raw* of *track*; its warnings tell what was repaired, guessed or left out.

    Raises `CaptionError` if *raw* is not in a caption format or exceeds a limit, and `EmptyCaptionsError` if it has no
    words.
    """
    return parse_speech(track, raw).to_transcript()


def parse_speech(track: Track, raw: bytes) -> Speech:
    """Do the same as `parse_transcript`, without the times of single words."""
    rolling = True if track.origin == "automatic" else None
    with take_turn(len(raw)), _name_source(track.name or track.url):
        # The cues get no name here, so that `make_speech` can free them.
        warnings: list[str] = []
        name, hint = track.name or track.url, track.format or None
        speech = _add_warnings(make_speech(_read_cues(raw, hint, name, warnings), automatic=rolling), warnings)
    if not speech.words:
        raise EmptyCaptionsError(track.name or track.url, "they contain no words; check that they are complete")
    return speech


def _read_cues(source: str | Path | bytes, hint: str | None, name: str, warnings: list[str]) -> Sequence[Cue]:
    result = parse_captions(source, format=hint, name=name)
    warnings += result.warnings
    return result.cues


def _add_warnings(speech: Speech, warnings: list[str]) -> Speech:
    """Return *speech* with the *warnings* of its parser before its own."""
    return replace(speech, warnings=(*warnings, *speech.warnings)) if warnings else speech


@contextmanager
def _name_source(name: str) -> Iterator[None]:
    """Name the captions *name* in an error of the block."""
    try:
        yield
    except CaptionError as error:
        if error.source == name:
            raise
        raise type(error)(name, error.reason) from error
