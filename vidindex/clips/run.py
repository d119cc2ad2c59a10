"""Cut many moments: each into a file of its own, which gets its name only when it is complete."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import ClipError, FfmpegNotInstalledError, VidindexError
from ..model import Transcript
from ..net.files import open_regular_file
from ..store.temporary_folder import temporary_folder
from ..transcripts.export import export_transcript
from ..transcripts.timecode import format_timestamp, parse_timestamp_ms
from .captions import cut_transcript, make_ass
from .cut import CAPTIONS_TO_BURN, cut_clip, estimate_bytes, open_film
from .fetch import FilmFetcher
from .ffmpeg import find_program, read_tag
from .moments import ClipMoment, MomentSource, read_transcript
from .names import safe_name
from .options import ClipOptions, ClipResult

_SPARE_BYTES = 50_000_000
_TIMES = re.compile(r"(\d\d:\d\d:\d\d\.\d{3})–(\d\d:\d\d:\d\d\.\d{3})$")


class ClipRunner:
    """Cuts moments into the folder *out*; films that are not on this machine come from *fetcher*."""

    def __init__(self, source: MomentSource, out: Path, options: ClipOptions, fetcher: FilmFetcher) -> None:
        self._out = out
        self._options = options
        self._fetcher = fetcher
        self._transcripts = TranscriptReader(source)

    def run(self, moments: Sequence[ClipMoment]) -> Iterator[ClipResult]:
        """Yield what came of each of *moments*, in order; a failure never stops the rest.

        A clip that an earlier run has made is kept.
        Raises `ClipError` if the folder cannot be written or the disk has too little space for all of them,
        `FfmpegNotInstalledError`.
        """
        check_programs()
        names = [make_name(moment, number, len(moments), self._options) for number, moment in enumerate(moments, 1)]
        make_folder(self._out)
        missing = [moment for moment, name in zip(moments, names, strict=True) if not (self._out / name).is_file()]
        check_space(self._out, sum(estimate_bytes(moment, self._options) for moment in missing))
        with temporary_folder(self._out / "clips") as folder:
            for moment, name in zip(moments, names, strict=True):
                yield self._run_one(moment, self._out / name, folder)

    def _run_one(self, moment: ClipMoment, path: Path, folder: Path) -> ClipResult:
        work = folder / path.stem.partition(" ")[0]
        try:
            if path.is_file():
                return self._keep(moment, path)
            work.mkdir()
            return self._cut(moment, path, work)
        except FfmpegNotInstalledError:
            raise
        except VidindexError as exc:
            return ClipResult(moment, "failed", reason=exc.reason or str(exc))
        except OSError as exc:
            return ClipResult(moment, "failed", reason=f"it cannot be written: {(exc.strerror or str(exc)).lower()}")
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _keep(self, moment: ClipMoment, path: Path) -> ClipResult:
        """Return the result of an earlier run; a copied clip states itself where it starts."""
        start_ms, end_ms = moment.start_ms, moment.end_ms
        if self._options.copy:
            with open_regular_file(path) as file:
                match = _TIMES.search(read_tag(file, path.name, "comment"))
            start_ms = parse_timestamp_ms(match[1]) or 0 if match else start_ms
        beside = path.with_suffix(f".{self._options.captions}")
        return ClipResult(moment, "kept", path, beside if beside.is_file() else None, start_ms, end_ms)

    def _cut(self, moment: ClipMoment, path: Path, work: Path) -> ClipResult:
        film, fetched = self._fetcher.fetch(moment, work)
        spoken = self._transcripts.read(moment)
        with open_film(film, moment.video.title or moment.video.id) as opened:
            if self._options.burn:
                shift_ms = round(opened.lead_ms(moment.start_ms))
                words = cut_transcript(spoken, moment.start_ms, moment.end_ms) if spoken else Transcript((), (), ())
                (work / CAPTIONS_TO_BURN).write_text(
                    make_ass(words, shift_ms=shift_ms), encoding="utf-8", errors="replace"
                )
            made, start_ms, end_ms = cut_clip(opened, moment, self._options, work)
        beside = self._write_captions(spoken, start_ms, end_ms, path, work)
        made.replace(path)
        return ClipResult(moment, "cut", path, beside, start_ms, end_ms, fetched)

    def _write_captions(
        self, spoken: Transcript | None, start_ms: int, end_ms: int, path: Path, work: Path
    ) -> Path | None:
        """Write the captions of the clip beside it; they get their name before the clip does."""
        form = self._options.captions
        if spoken is None or form == "none":
            return None
        words = cut_transcript(spoken, start_ms, end_ms)
        if not words:
            return None
        beside = path.with_suffix(f".{form}")
        partial = work / "captions"
        partial.write_text(export_transcript(words, form), encoding="utf-8", errors="replace")
        partial.replace(beside)
        return beside


class TranscriptReader:
    """Reads the transcripts of moments; that of the last one is kept, because several moments may be of one video."""

    def __init__(self, source: MomentSource) -> None:
        self._source = source
        self._key = ("", "")
        self._transcript: Transcript | None = None

    def read(self, moment: ClipMoment) -> Transcript | None:
        """Return the transcript of the video of *moment*, or None if it has none."""
        key = (moment.video.id, moment.language)
        if key != self._key:
            self._transcript = read_transcript(self._source, *key)
            self._key = key
        return self._transcript


def check_programs() -> None:
    """Raise `FfmpegNotInstalledError` if a program is missing, before anything is fetched or written."""
    for program in ("ffmpeg", "ffprobe"):
        find_program(program)


def make_folder(folder: Path) -> None:
    """Create *folder* unless it exists.  Raises `ClipError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        reason = (exc.strerror or str(exc)).lower()
        raise ClipError(str(folder), f"the folder cannot be written ({reason}): choose another one with -o") from exc


def check_space(folder: Path, needed: int) -> None:
    """Raise `ClipError` if the disk of *folder* has less than *needed* bytes."""
    free = needed + _SPARE_BYTES
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
    if free < needed + _SPARE_BYTES:
        megabytes = (needed + _SPARE_BYTES) // 1_000_000
        raise ClipError(
            str(folder),
            f"the clips need about {megabytes:,} MB, but only {free // 1_000_000:,} MB are free: "
            "free some space, choose another folder with -o, or cut fewer",
        )


def make_name(moment: ClipMoment, number: int, count: int, options: ClipOptions) -> str:
    """Return the name of the file of *moment*: number, title, time, and a mark of all else that it depends on."""
    what = (moment.video.id, moment.start_ms, moment.end_ms, options.copy, options.burn, moment.language * options.burn)
    mark = hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:8]
    clock = format_timestamp(moment.start_ms).replace(":", ".")
    title = safe_name(moment.video.title or moment.video.id)
    return f"{number:0{max(len(str(count)), 3)}} {title} {clock} {mark}.{options.format}"
