"""One film of many moments: each is brought to the same size, frame rate and loudness, and then they are joined.

Each part is a file of its own, with sound that is not compressed yet: it is made in little memory, survives an
interrupt, and is joined without a gap.  The pictures of the parts are joined as they are.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ClipError, FfmpegNotInstalledError, VidindexError
from ..transcripts.timecode import format_clock
from .captions import cut_transcript, make_ass, make_card
from .cut import (
    AUDIO_ENCODERS,
    CAPTIONS_TO_BURN,
    MUXERS,
    THREADS,
    VIDEO_ENCODERS,
    OpenFilm,
    clean_tag,
    estimate_bytes,
    open_film,
)
from .fetch import FilmFetcher
from .ffmpeg import run_ffmpeg
from .moments import ClipMoment, MomentSource, order_moments
from .options import VIDEO_FORMATS, ClipOptions, ClipResult, SupercutOptions, SupercutResult
from .run import TranscriptReader, check_programs, check_space, make_folder

SOUND_HZ = 48_000

_MIN_MEASURED_MS = 3_000
"""Loudness is that of at least this time: it has no meaning for a syllable."""

_MAX_GAIN_DB = 30.0
_SILENCE_LUFS = -60.0
_PEAK = 0.891  # -1 dB, below which the peaks stay that loud parts would have
_LOUDNESS = re.compile(r"\bI:\s*(-?\d{1,3}\.\d)\s*LUFS")
_MAX_CHAPTER_CHARS = 120


@dataclass(frozen=True, slots=True)
class _FilmPart:
    """A finished part of the film: *name* is its file in the folder of parts."""

    name: str
    duration_s: float


class SupercutMaker:
    """Makes the film *path* of moments; *options* say how they are joined, *clip_options* how each is cut."""

    def __init__(
        self,
        source: MomentSource,
        path: Path,
        options: SupercutOptions,
        clip_options: ClipOptions,
        fetcher: FilmFetcher,
    ) -> None:
        self._path = path
        self._options = options
        self._clip_options = clip_options
        self._fetcher = fetcher
        self._transcripts = TranscriptReader(source)
        self._has_pictures = clip_options.format in VIDEO_FORMATS
        self._folder = path.with_name(f".{path.name[:100]}.vidindex.parts")

    def make(self, moments: Sequence[ClipMoment], notify: Callable[[ClipResult], None]) -> SupercutResult:
        """Make the film, and call *notify* with what came of each moment; a failure never stops the rest.

        The parts that an interrupted run has made are used again.
        Raises `ClipError` if no moment can be cut, the folder cannot be written, or the disk has too little space,
        `FfmpegNotInstalledError`.
        """
        check_programs()
        ordered = order_moments(moments, self._options.order)
        make_folder(self._path.parent)
        self._make_parts_folder()
        check_space(self._path.parent, 2 * sum(estimate_bytes(moment, self._clip_options) for moment in ordered))
        made: list[tuple[ClipResult, list[_FilmPart]]] = []
        results: list[ClipResult] = []
        for number, moment in enumerate(ordered):
            result, parts = self._make_moment(moment, self._folder / f"work-{number}")
            results.append(result)
            made += [(result, parts)] if parts else []
            notify(result)
        if not made:
            raise ClipError(
                self._path.name, f"none of the moments can be cut: {results[0].reason if results else 'none found'}"
            )
        self._join(made)
        shutil.rmtree(self._folder, ignore_errors=True)
        duration_s = sum(part.duration_s for _, parts in made for part in parts)
        return SupercutResult(self._path, round(duration_s * 1000), tuple(results))

    def _make_parts_folder(self) -> None:
        if self._folder.is_symlink():
            raise ClipError(str(self._folder), "it is a link to another folder: delete it")
        make_folder(self._folder)

    def _make_moment(self, moment: ClipMoment, work: Path) -> tuple[ClipResult, list[_FilmPart]]:
        """Return what came of *moment*, and its parts: a title card, if there is one, and the moment itself."""
        mark = self._mark(moment)
        result = ClipResult(moment, "kept", self._path, start_ms=moment.start_ms)
        try:
            part = self._find_part(mark)
            if part is None:
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir()
                part, fetched = self._cut(moment, mark, work)
                (work / part.name).replace(self._folder / part.name)
                result = replace(result, state="cut", fetched_bytes=fetched)
            cards = [self._make_card(moment, work)] if self._options.card_ms and self._has_pictures else []
        except FfmpegNotInstalledError:
            raise
        except VidindexError as exc:
            return ClipResult(moment, "failed", reason=exc.reason or str(exc)), []
        except OSError as exc:
            return ClipResult(
                moment, "failed", reason=f"it cannot be written: {(exc.strerror or str(exc)).lower()}"
            ), []
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return replace(result, end_ms=self._end_ms(moment, part)), [*cards, part]

    def _find_part(self, mark: str) -> _FilmPart | None:
        """Return the part that an interrupted run has made, whose name ends with the number of its pictures."""
        name = next((path.name for path in self._folder.glob(f"{mark}-*.mkv")), "")
        frames = name.removeprefix(f"{mark}-").removesuffix(".mkv")
        return self._part(mark, int(frames)) if frames.isdecimal() else None

    def _part(self, mark: str, frames: int) -> _FilmPart:
        return _FilmPart(f"{mark}-{frames}.mkv", frames / self._options.frame_rate)

    def _end_ms(self, moment: ClipMoment, part: _FilmPart) -> int:
        """Return where a part ends in its film: at the end of the moment, unless the film ends before it."""
        is_whole = round(part.duration_s * self._options.frame_rate) == self._count_frames(moment.duration_ms)
        return moment.end_ms if is_whole else moment.start_ms + round(part.duration_s * 1000)

    def _mark(self, moment: ClipMoment, *more: object) -> str:
        """Return a name for a part, of everything that it depends on."""
        options, clip = replace(self._options, order="given", card_ms=0), self._clip_options
        what = (
            moment.video.id,
            moment.start_ms,
            moment.end_ms,
            options,
            clip.format,
            clip.burn,
            moment.language,
            *more,
        )
        return hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:24]

    def _count_frames(self, duration_ms: int) -> int:
        return max(round(duration_ms * self._options.frame_rate / 1000), 1)

    def _cut(self, moment: ClipMoment, mark: str, work: Path) -> tuple[_FilmPart, int]:
        """Write the part of *moment* into *work*; return it, and how many bytes were fetched for it.

        It ends with the film, whose last picture would otherwise be shown until the end of the moment.
        """
        film, fetched = self._fetcher.fetch(moment, work)
        with open_film(film, moment.video.title or moment.video.id) as opened:
            if not opened.facts.has_video and not self._has_pictures and not opened.facts.has_audio:
                raise ClipError(opened.name, "it has no sound")
            left_ms = opened.facts.duration_ms + film[0].start_ms - moment.start_ms
            if opened.facts.duration_ms and left_ms <= 0:
                raise ClipError(opened.name, f"the film ends before the moment at {format_clock(moment.start_ms)}")
            length_ms = min(moment.duration_ms, round(left_ms)) if opened.facts.duration_ms else moment.duration_ms
            part = self._part(mark, self._count_frames(length_ms))
            lead_ms = opened.lead_ms(moment.start_ms) if self._has_pictures else 0.0
            gain_db = self._measure_gain(opened, moment, work)
            if self._clip_options.burn:
                self._write_captions(moment, round(lead_ms), work)
            self._encode(opened, moment, part, work, lead_ms=lead_ms, gain_db=gain_db)
        return part, fetched

    def _measure_gain(self, film: OpenFilm, moment: ClipMoment, work: Path) -> float:
        """Return by how much the sound of *moment* has to be louder; that of silence stays."""
        if not film.facts.has_audio:
            return 0.0
        length_s = max(moment.duration_ms, _MIN_MEASURED_MS) / 1000
        said = run_ffmpeg(
            [*film.seek(moment.start_ms), *film.maps(video=False), "-t", f"{length_s:.3f}",
             "-af", "ebur128=framelog=verbose", "-f", "null", "-"],
            film.name, folder=work, files=film.files, timeout_s=self._clip_options.timeout_s, max_bytes=0, level="info",
        )  # fmt: skip
        found = _LOUDNESS.findall(said)
        loudness = float(found[-1]) if found else _SILENCE_LUFS
        return 0.0 if loudness <= _SILENCE_LUFS else min(self._options.loudness - loudness, _MAX_GAIN_DB)

    def _write_captions(self, moment: ClipMoment, shift_ms: int, work: Path) -> None:
        spoken = self._transcripts.read(moment)
        if spoken is not None:
            words = cut_transcript(spoken, moment.start_ms, moment.end_ms)
            (work / CAPTIONS_TO_BURN).write_text(make_ass(words, shift_ms=shift_ms), encoding="utf-8", errors="replace")

    def _encode(
        self, film: OpenFilm, moment: ClipMoment, part: _FilmPart, work: Path, *, lead_ms: float, gain_db: float
    ) -> None:
        extra: list[str] = []
        inputs = len(film.files)
        video, audio = "0:V:0", f"{inputs - 1}:a:0"
        if not film.facts.has_video:
            extra += self._black()
            video, inputs = f"{inputs}:v:0", inputs + 1
        if not film.facts.has_audio:
            extra += _silence()
            audio = f"{inputs}:a:0"
        volume = f"volume={gain_db:.2f}dB,alimiter=limit={_PEAK}:level=disabled," if gain_db else ""
        sound = f"{volume}aresample={SOUND_HZ}:async=1:first_pts=0,apad"
        burn = film.facts.has_video and self._clip_options.burn and (work / CAPTIONS_TO_BURN).is_file()
        arguments = [*film.seek(moment.start_ms - lead_ms), *extra, "-map", audio, "-af", sound]
        if self._has_pictures:
            arguments += ["-map", video, "-vf", ",".join(self._picture_filters(burn=burn))]
        if lead_ms:
            arguments += ["-ss", f"{lead_ms / 1000:.6f}"]
        self._write_part(arguments, part, work, film)

    def _picture_filters(self, *, burn: bool) -> Iterator[str]:
        width, height = self._options.size
        yield f"fps={self._options.frame_rate}"
        yield "scale=trunc(iw*sar/2)*2:trunc(ih/2)*2,setsar=1"
        yield f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2"
        yield f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p"
        if burn:
            yield f"subtitles={CAPTIONS_TO_BURN}"
        yield "tpad=stop_mode=clone:stop=-1"

    def _write_part(self, arguments: Sequence[str], part: _FilmPart, work: Path, film: OpenFilm | None = None) -> None:
        frames = round(part.duration_s * self._options.frame_rate)
        video = [*VIDEO_ENCODERS[self._clip_options.format], "-frames:v", str(frames)] if self._has_pictures else []
        run_ffmpeg(
            [*arguments, "-map_metadata", "-1", "-map_chapters", "-1", *video, "-c:a", "pcm_s16le", "-ac", "2",
             "-t", f"{part.duration_s:.6f}", *THREADS, "-max_muxing_queue_size", "1024", "-f", "matroska",
             f"file:{part.name}"],
            film.name if film else "the title card",
            folder=work, files=film.files if film else (), timeout_s=self._clip_options.timeout_s,
            max_bytes=round(part.duration_s * 8_000_000) + 64_000_000,
        )  # fmt: skip

    def _make_card(self, moment: ClipMoment, work: Path) -> _FilmPart:
        """Return the title card of *moment*; moments of one video share it."""
        video = moment.video
        lines = [clean_tag(video.title or video.id), clean_tag(video.channel or video.site), clean_tag(video.date)]
        duration_s = self._count_frames(self._options.card_ms) / self._options.frame_rate
        mark = self._mark(replace(moment, start_ms=0, end_ms=0), lines, duration_s)
        part = _FilmPart(f"{mark}.mkv", duration_s)
        if not (self._folder / part.name).is_file():
            work.mkdir(exist_ok=True)
            card = make_card([line[:200] for line in lines], self._options.card_ms + 1000)
            (work / "card.ass").write_text(card, encoding="utf-8", errors="replace")
            arguments = [*self._black(), *_silence(), "-map", "1:a:0", "-map", "0:v:0"]
            self._write_part([*arguments, "-vf", "subtitles=card.ass,format=yuv420p"], part, work)
            (work / part.name).replace(self._folder / part.name)
        return part

    def _black(self) -> list[str]:
        width, height = self._options.size
        return ["-f", "lavfi", "-i", f"color=c=black:s={width}x{height}:r={self._options.frame_rate}"]

    def _join(self, made: Sequence[tuple[ClipResult, list[_FilmPart]]]) -> None:
        """Join the parts: the pictures as they are, the sound as one stream."""
        listed = [f"file {part.name}\nduration {part.duration_s:.6f}\n" for _, parts in made for part in parts]
        (self._folder / "parts.txt").write_text("ffconcat version 1.0\n" + "".join(listed), encoding="ascii")
        (self._folder / "chapters.txt").write_text(make_chapters(made), encoding="utf-8", errors="replace")
        form = self._clip_options.format
        name = f"film.{form}"
        pictures = ["-map", "0:v:0", "-c:v", "copy"] if self._has_pictures else []
        run_ffmpeg(
            ["-protocol_whitelist", "file", "-f", "concat", "-i", "file:parts.txt",
             "-protocol_whitelist", "file", "-f", "ffmetadata", "-i", "file:chapters.txt", *pictures, "-map", "0:a:0",
             "-af", "aresample=async=1", *AUDIO_ENCODERS[form], "-map_metadata", "1", "-map_chapters", "1", *THREADS,
             *MUXERS[form], f"file:{name}"],
            self._path.name, folder=self._folder, timeout_s=self._clip_options.timeout_s * 4, max_bytes=2**40,
        )  # fmt: skip
        (self._folder / name).replace(self._path)


def make_chapters(made: Sequence[tuple[ClipResult, list[_FilmPart]]]) -> str:
    """Return a chapter for each moment, which begins with its title card, as ffmpeg reads them."""
    lines = [";FFMETADATA1", f"comment={_escape(f'{len(made)} moments, cut by vidindex')}"]
    at_s = 0.0
    for result, parts in made:
        end_s = at_s + sum(part.duration_s for part in parts)
        title = _escape(describe_moment(result.moment))
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(at_s * 1000)}", f"END={round(end_s * 1000)}"]
        lines.append(f"title={title}")
        at_s = end_s
    return "\n".join([*lines, ""])


def describe_moment(moment: ClipMoment) -> str:
    """Return the quote, the video, the date and the time of *moment* in a line."""
    video = moment.video
    quote = clean_tag(moment.text)
    short = quote if len(quote) <= _MAX_CHAPTER_CHARS else f"{quote[:_MAX_CHAPTER_CHARS]}…"
    about = ", ".join(filter(None, (clean_tag(video.title or video.id), video.date, format_clock(moment.start_ms))))
    return clean_tag(f"“{short}” {about}" if short else about)


def _escape(text: str) -> str:
    return re.sub(r"([=;#\\\n])", r"\\\1", text)


def _silence() -> list[str]:
    return ["-f", "lavfi", "-i", f"anullsrc=r={SOUND_HZ}:cl=stereo"]
