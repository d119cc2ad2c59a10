"""How moments are cut, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import OptionError
from .moments import ClipMoment

MediaFormat = Literal["mp4", "webm", "mp3", "wav", "gif"]
CaptionFile = Literal["vtt", "srt", "none"]
MomentOrder = Literal["given", "time", "score"]
ClipState = Literal["cut", "kept", "failed"]

VIDEO_FORMATS: tuple[MediaFormat, ...] = ("mp4", "webm", "gif")
"""The formats with pictures."""

MIN_SIZE, MAX_SIZE = 16, 4096


@dataclass(frozen=True, slots=True)
class ClipOptions:
    """How each moment becomes a file.

    *format* is the container.  *pad_ms* is added before and after each moment; *sentences*: each moment begins and ends
    with a whole sentence.  *copy*: copy the streams as they are, which is fast, and starts at the key frame before the
    moment; otherwise they are encoded again and the cut is exact.  *captions* is the format of the captions beside each
    file, *burn* writes them into the pictures.  *max_height* limits the pictures that are fetched from a site,
    *max_fetch_bytes* the bytes of one moment, *timeout_s* the time that ffmpeg may take for one.
    """

    format: MediaFormat = "mp4"
    pad_ms: int = 0
    sentences: bool = False
    copy: bool = False
    captions: CaptionFile = "vtt"
    burn: bool = False
    max_height: int = 1080
    max_fetch_bytes: int = 500_000_000
    timeout_s: float = 1800.0

    def __post_init__(self) -> None:
        if self.copy and (self.burn or self.format == "gif"):
            what = "captions can only be burned in" if self.burn else "a GIF can only be made"
            raise OptionError(f"{what} if the pictures are encoded again: leave out --copy")
        if self.burn and self.format not in VIDEO_FORMATS:
            raise OptionError(f"{self.format} has no pictures to burn captions into: leave out --burn")


@dataclass(frozen=True, slots=True)
class SupercutOptions:
    """How all moments become one film.

    *size* and *frame_rate* are those of the pictures, *loudness* the loudness of each moment in LUFS as EBU R 128
    measures it.  *card_ms* is how long a title card is shown before each moment, 0 for none.
    """

    order: MomentOrder = "given"
    size: tuple[int, int] = (1280, 720)
    frame_rate: int = 30
    loudness: float = -23.0
    card_ms: int = 0

    def __post_init__(self) -> None:
        if not all(MIN_SIZE <= each <= MAX_SIZE and each % 2 == 0 for each in self.size):
            raise OptionError(f"width and height must be even numbers from {MIN_SIZE} to {MAX_SIZE}, such as 1280x720")
        if not 1 <= self.frame_rate <= 120:
            raise OptionError("the frame rate must be from 1 to 120 pictures a second")
        if not -70 <= self.loudness <= -5:
            raise OptionError("the loudness must be from -70 to -5 LUFS; EBU R 128 recommends -23")


@dataclass(frozen=True, slots=True)
class ClipResult:
    """What came of a moment: *path* is its file, unless it *failed*; it was *kept* if an earlier run had made it.

    *captions* is the file of its captions, if there is one.  *start_ms* is where the file starts in the film: before
    the moment if the streams are copied, because copying starts at a key frame.  *fetched_bytes* is how much was
    downloaded for it.  *reason* is why it failed.
    """

    moment: ClipMoment
    state: ClipState
    path: Path | None = None
    captions: Path | None = None
    start_ms: int = 0
    end_ms: int = 0
    fetched_bytes: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SupercutResult:
    """A film of many moments: *path*, its length, and what came of each moment, in the order of the film."""

    path: Path
    duration_ms: int
    results: tuple[ClipResult, ...] = ()
