"""Cut one moment out of a film with ffmpeg: exactly, by encoding it again, or fast, by copying its streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import ClipError
from ..net.files import open_regular_file
from ..transcripts.timecode import format_clock, format_timestamp
from .ffmpeg import FilmFacts, find_key_frame_ms, input_arguments, probe_film, run_ffmpeg
from .moments import ClipMoment
from .options import VIDEO_FORMATS, ClipOptions, MediaFormat

CAPTIONS_TO_BURN = "captions.ass"
"""The file of captions in the folder of the clip; filters name it, and nothing that anyone else has written."""

SLOW_FRAME_RATE = 12.0
"""Below this rate, a moment often starts between two pictures that are far apart."""

THREADS = ("-threads", "4")

_LEAD_MS = 10_000
_MAX_TAG_CHARS = 2_000
_EVEN_SIZE = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
_GIF = "fps=12,scale='min(480,iw)':-2:flags=lanczos"
_GIF_COLORS = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1"

VIDEO_ENCODERS: dict[MediaFormat, tuple[str, ...]] = {
    "mp4": ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"),
    "webm": ("-c:v", "libvpx-vp9", "-crf", "32", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6", "-row-mt", "1",
             "-pix_fmt", "yuv420p"),
    "gif": ("-c:v", "gif"),
}  # fmt: skip
AUDIO_ENCODERS: dict[MediaFormat, tuple[str, ...]] = {
    "mp4": ("-c:a", "aac", "-b:a", "160k"),
    "webm": ("-c:a", "libopus", "-b:a", "128k"),
    "mp3": ("-c:a", "libmp3lame", "-q:a", "2"),
    "wav": ("-c:a", "pcm_s16le"),
}
MUXERS: dict[MediaFormat, tuple[str, ...]] = {
    "mp4": ("-movflags", "+faststart", "-f", "mp4"),
    "webm": ("-f", "webm"),
    "mp3": ("-id3v2_version", "3", "-f", "mp3"),
    "wav": ("-f", "wav"),
    "gif": ("-f", "gif"),
}

_COPIED_CODECS: dict[MediaFormat, str] = {
    "mp4": "h264 hevc av1 vp9 mpeg4 mpeg2video mjpeg aac mp3 opus ac3 eac3 flac alac",
    "webm": "vp8 vp9 av1 opus vorbis",
    "mp3": "mp3",
    "wav": "pcm_s16le pcm_s24le pcm_s32le pcm_u8 pcm_f32le",
}
_BYTES_PER_S: dict[MediaFormat, int] = {
    "mp4": 1_000_000, "webm": 600_000, "mp3": 35_000, "wav": 192_000, "gif": 2_000_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilmInput:
    """A file with the pictures or the sound of a film, or both; it begins *start_ms* after the film."""

    path: Path
    start_ms: float = 0.0


Film = tuple[FilmInput, ...]
"""One file, or one with the pictures and one with the sound."""


@dataclass(frozen=True, slots=True)
class OpenFilm:
    """A film whose files are open, with what is known about each; *facts* are those of the whole."""

    name: str
    inputs: Film
    files: tuple[IO[bytes], ...]
    facts: FilmFacts

    def seek(self, at_ms: float) -> list[str]:
        """Return the arguments with which ffmpeg reads the film from *at_ms* on."""
        each = zip(self.inputs, self.files, strict=True)
        return [
            argument
            for film, file in each
            for argument in (*THREADS, *input_arguments(file, seek_s=max(at_ms - film.start_ms, 0) / 1000))
        ]

    def maps(self, *, video: bool) -> list[str]:
        """Return the arguments that select the streams, those of the pictures if *video*."""
        pictures = ["-map", "0:V:0"] if video and self.facts.has_video else []
        sound = ["-map", f"{len(self.files) - 1}:a:0"] if self.facts.has_audio else []
        return [*pictures, *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]

    def lead_ms(self, start_ms: float) -> float:
        """Return how much earlier than *start_ms* to read, so that the picture that is shown then is among those."""
        is_slow = 0 < self.facts.frame_rate < SLOW_FRAME_RATE
        before_ms = max(start_ms - self.inputs[0].start_ms, 0)
        return min(max(_LEAD_MS, 2000 / self.facts.frame_rate), before_ms) if is_slow else 0.0


@contextmanager
def open_film(film: Film, name: str) -> Iterator[OpenFilm]:
    """Open *film*, which *name* names in errors.  Raises `ClipError`, `FfmpegNotInstalledError`."""
    with ExitStack() as stack:
        try:
            files = tuple(stack.enter_context(open_regular_file(each.path)) for each in film)
        except (OSError, ValueError) as exc:
            raise ClipError(name, f"its film cannot be read ({getattr(exc, 'strerror', None) or exc})") from exc
        probed = [probe_film(file, name) for file in files]
        yield OpenFilm(name, film, files, _join_facts(probed))


def _join_facts(probed: Sequence[FilmFacts]) -> FilmFacts:
    first, last = probed[0], probed[-1]
    if first is last:
        return first
    return FilmFacts(
        first.start_ms, first.video_start_ms, max(first.duration_ms, last.duration_ms), first.has_video, last.has_audio,
        first.frame_rate, first.video_codec, last.audio_codec,
    )  # fmt: skip


def cut_clip(film: OpenFilm, moment: ClipMoment, options: ClipOptions, folder: Path) -> tuple[Path, int, int]:
    """Cut *moment* into a file in *folder*; return it, and where it starts and ends in the film.

    Raises `ClipError`, `FfmpegNotInstalledError`.
    """
    check_streams(film, moment, options)
    cut = _copy if options.copy else _encode
    return cut(film, moment, options, folder / f"clip.{options.format}")


def check_streams(film: OpenFilm, moment: ClipMoment, options: ClipOptions) -> None:
    """Raise `ClipError` if *film* does not have what the format needs, or ends before *moment*."""
    facts, start_ms = film.facts, film.inputs[0].start_ms
    wants_video = options.format == "gif" or options.burn
    if wants_video and not facts.has_video:
        raise ClipError(film.name, "it has no pictures: use --format mp3, or wav")
    if options.format not in VIDEO_FORMATS and not facts.has_audio:
        raise ClipError(film.name, "it has no sound: use --format mp4, webm or gif")
    if 0 < facts.duration_ms <= moment.start_ms - start_ms:
        ends = format_clock(round(facts.duration_ms + start_ms))
        raise ClipError(film.name, f"the film ends at {ends}, before the moment at {format_clock(moment.start_ms)}")


def _encode(film: OpenFilm, moment: ClipMoment, options: ClipOptions, path: Path) -> tuple[Path, int, int]:
    has_video = film.facts.has_video and options.format in VIDEO_FORMATS
    lead_ms = film.lead_ms(moment.start_ms) if has_video else 0.0
    filters = list(_video_filters(options, is_slow=lead_ms > 0)) if has_video else []
    arguments = [
        *film.seek(moment.start_ms - lead_ms),
        *(["-map", "0:V:0", "-an"] if options.format == "gif" else film.maps(video=has_video)),
        *(["-vf", ",".join(filters)] if filters else []),
        *(VIDEO_ENCODERS[options.format] if has_video else []),
        *(AUDIO_ENCODERS.get(options.format, ()) if film.facts.has_audio else []),
        *(["-ss", f"{lead_ms / 1000:.6f}"] if lead_ms else []),
        *["-t", f"{moment.duration_ms / 1000:.3f}"],
    ]
    _write(film, arguments, moment, options, path, (moment.start_ms, moment.end_ms))
    facts = _read_back(path, film.name)
    return path, moment.start_ms, moment.start_ms + min(round(facts.duration_ms), moment.duration_ms)


def _video_filters(options: ClipOptions, *, is_slow: bool) -> Iterator[str]:
    if is_slow:
        yield "fps=25"
    if options.burn:
        yield f"subtitles={CAPTIONS_TO_BURN}"
    yield f"{_GIF},{_GIF_COLORS}" if options.format == "gif" else _EVEN_SIZE


def _copy(film: OpenFilm, moment: ClipMoment, options: ClipOptions, path: Path) -> tuple[Path, int, int]:
    """Copy the streams from the key frame before the moment on."""
    wants_video = options.format in VIDEO_FORMATS
    codecs = [film.facts.video_codec if wants_video else "", film.facts.audio_codec]
    if misfits := [each for each in codecs if each and each not in _COPIED_CODECS[options.format].split()]:
        raise ClipError(
            film.name,
            f"{options.format} cannot hold {' and '.join(misfits)} as it is: leave out --copy, or use --format",
        )
    first = film.inputs[0]
    key_ms: float = moment.start_ms
    if wants_video:
        key_ms = first.start_ms + find_key_frame_ms(
            film.files[0], film.name, film.facts, moment.start_ms - first.start_ms
        )
    arguments = [
        *film.seek(key_ms + 0.5 if key_ms else 0),  # times are rounded, and the key frame must not be missed
        *film.maps(video=wants_video),
        *["-c", "copy", "-avoid_negative_ts", "make_zero", "-t", f"{(moment.end_ms - key_ms) / 1000:.3f}"],
    ]
    _write(film, arguments, moment, options, path, (round(key_ms), moment.end_ms))
    facts = _read_back(path, film.name)
    start_ms = round(key_ms - (facts.video_start_ms - facts.start_ms))
    return path, max(start_ms, 0), start_ms + round(facts.duration_ms)


def _write(
    film: OpenFilm,
    arguments: Sequence[str],
    moment: ClipMoment,
    options: ClipOptions,
    path: Path,
    times: tuple[int, int],
) -> None:
    """Run ffmpeg with *arguments* and the tags of *moment*."""
    tags = [f"{key}={value}" for key, value in make_tags(moment, *times).items() if value]
    run_ffmpeg(
        [*arguments, *(part for tag in tags for part in ("-metadata", tag)), *THREADS, "-max_muxing_queue_size", "1024",
         *MUXERS[options.format], f"file:{path.name}"],
        film.name,
        folder=path.parent,
        files=film.files,
        timeout_s=options.timeout_s,
        max_bytes=4 * estimate_bytes(moment, options) + 64_000_000,
    )  # fmt: skip


def make_tags(moment: ClipMoment, start_ms: int, end_ms: int) -> dict[str, str]:
    """Return the source, the times and the quote as tags of a file."""
    video = moment.video
    times = f"{format_timestamp(start_ms)}–{format_timestamp(end_ms)}"
    source = moment.url or video.url
    if not source.startswith(("http://", "https://")):
        source = video.id  # the path of a file is nobody's business
    quote = f"“{clean_tag(moment.text)}” " if moment.text else ""
    return {
        "title": clean_tag(video.title or video.id),
        "artist": clean_tag(moment.speaker or video.channel),
        "date": clean_tag(video.date),
        "comment": clean_tag(f"{quote}{source} {times}"),
        "description": clean_tag(moment.article.url if moment.article else ""),
    }


def clean_tag(text: str) -> str:
    """Return *text* in one line without control characters; a program gets it as an argument."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 2 * _MAX_TAG_CHARS])
    return " ".join(printable.split())[:_MAX_TAG_CHARS]


def _read_back(path: Path, name: str) -> FilmFacts:
    """Return what ffprobe says about the finished clip.  Raises `ClipError` if there is nothing in it."""
    try:
        with open_regular_file(path) as file:
            return probe_film(file, name)
    except ClipError as exc:
        raise ClipError(name, "the film has nothing at this moment: check the times") from exc


def estimate_bytes(moment: ClipMoment, options: ClipOptions) -> int:
    """Return about how many bytes the file of *moment* takes."""
    return _BYTES_PER_S[options.format] * max(moment.duration_ms, 1000) // 1000
