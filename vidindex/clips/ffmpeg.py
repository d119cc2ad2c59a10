"""Run ffmpeg on films that anyone may have made: no network, no other files, limited memory and time.

ffmpeg is a program of its own, and not PyAV in this process: a process can be limited and killed, a crash of it loses
one clip only, and the system updates it.  A film is opened by its descriptor, because its name may look like an option,
a URL or a pattern.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..config import make_environment
from ..errors import ClipError, FfmpegNotInstalledError

FILM_FORMATS = "aac,ac3,aiff,amr,asf,au,avi,caf,eac3,flac,flv,gif,matroska,mov,mp3,mpeg,mpegts,ogg,w64,wav"
"""The containers that are read.  Without this limit, ffmpeg would also follow playlists to other files and URLs."""

_MAX_MEMORY_KB = 3_000_000
_MAX_OPEN_FILES = 256
_MAX_ERROR_BYTES = 64_000
_PROBE_TIMEOUT_S = 60.0
_CPU_PER_S = 4
"""The processor time that a second of the time limit allows: there are several threads."""

# Sets the limits in the new process, and not in a thread of this one; where a limit does not exist, it has no effect.
# setpriv, which Linux has, lets the system kill ffmpeg when this process is killed.
_LIMITED = (
    'ulimit -c 0; ulimit -t "$1"; ulimit -v "$2"; ulimit -f "$3"; ulimit -n "$4"; shift 4; '
    'command -v setpriv >/dev/null && set -- setpriv --pdeathsig KILL "$@"; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What ffprobe says about a film.

    *start_ms* is the time of its first picture or sound, which players count as zero; *video_start_ms* is that of its
    first picture.  *frame_rate* is 0 if it is not known.
    """

    start_ms: float
    video_start_ms: float
    duration_ms: float
    has_video: bool
    has_audio: bool
    frame_rate: float = 0.0
    video_codec: str = ""
    audio_codec: str = ""


_known_facts: dict[tuple[int, ...], FilmFacts] = {}
_MAX_KNOWN_FILMS = 500


def find_program(name: str) -> str:
    """Return the path of `ffmpeg` or `ffprobe`.  Raises `FfmpegNotInstalledError`."""
    path = shutil.which(name)
    if path is None:
        raise FfmpegNotInstalledError(name)
    return path


def input_arguments(file: IO[bytes], *, seek_s: float = 0.0) -> list[str]:
    """Return the arguments with which ffmpeg reads the open film *file* from *seek_s* on, and nothing else."""
    seek = ["-ss", f"{seek_s:.6f}"] if seek_s > 0 else []
    return [*seek, *_source_arguments(file), "-i", _descriptor_url(file)]


def _source_arguments(file: IO[bytes]) -> list[str]:
    del file
    return ["-protocol_whitelist", "file", "-format_whitelist", FILM_FORMATS]


def _descriptor_url(file: IO[bytes]) -> str:
    return f"file:/dev/fd/{file.fileno()}"


def run_ffmpeg(
    arguments: Sequence[str],
    name: str,
    *,
    folder: Path,
    files: Sequence[IO[bytes]] = (),
    timeout_s: float,
    max_bytes: int,
    level: str = "error",
) -> str:
    """Run ffmpeg with *arguments* in *folder*, and return what it says at *level*; *name* is the film in errors.

    *files* are the open films that the arguments name.  No file that it writes may have more than *max_bytes*.
    Raises `ClipError`, `FfmpegNotInstalledError`.
    """
    command = [find_program("ffmpeg"), "-hide_banner", "-nostdin", "-loglevel", level, "-y", *arguments]
    return _run(command, name, folder=folder, files=files, timeout_s=timeout_s, max_bytes=max_bytes)[1]


def probe_film(file: IO[bytes], name: str) -> FilmFacts:
    """Return what ffprobe says about the open film *file*; a film that has not changed is read once.

    Raises `ClipError`, `FfmpegNotInstalledError`.
    """
    stat = os.fstat(file.fileno())
    key = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    facts = _known_facts.get(key)
    if facts is None:
        while len(_known_facts) >= _MAX_KNOWN_FILMS:
            _known_facts.pop(next(iter(_known_facts)), None)
        facts = _known_facts[key] = _read_facts(file, name)
    return facts


def _read_facts(file: IO[bytes], name: str) -> FilmFacts:
    entries = "format=start_time,duration:stream=codec_type,codec_name,start_time,avg_frame_rate"
    entries += ":stream_disposition=attached_pic"
    found = _probe(file, name, ["-show_entries", entries])
    streams = [each for each in found.get("streams", ()) if not (each.get("disposition") or {}).get("attached_pic")]
    video = next((each for each in streams if each.get("codec_type") == "video"), None)
    audio = next((each for each in streams if each.get("codec_type") == "audio"), None)
    if video is None and audio is None:
        raise ClipError(name, "it has neither pictures nor sound: check the file")
    start_ms = _number(found.get("format", {}).get("start_time")) * 1000
    return FilmFacts(
        start_ms=start_ms,
        video_start_ms=_number(video.get("start_time"), start_ms / 1000) * 1000 if video else start_ms,
        duration_ms=_number(found.get("format", {}).get("duration")) * 1000,
        has_video=video is not None,
        has_audio=audio is not None,
        frame_rate=_ratio(str(video.get("avg_frame_rate", ""))) if video else 0.0,
        video_codec=str(video.get("codec_name", "")) if video else "",
        audio_codec=str(audio.get("codec_name", "")) if audio else "",
    )


def find_key_frame_ms(file: IO[bytes], name: str, facts: FilmFacts, at_ms: float) -> float:
    """Return the time of the key frame at or before *at_ms*, both counted from the start of the film.

    A film without pictures can be cut anywhere.
    """
    if not facts.has_video:
        return at_ms
    target_s = (at_ms + facts.start_ms) / 1000
    arguments = ["-select_streams", "V:0", "-read_intervals", f"{target_s:.6f}%+#1", "-show_entries", "packet=pts_time"]
    packets = _probe(file, name, arguments).get("packets") or [{}]
    found_ms = _number(packets[0].get("pts_time"), target_s) * 1000 - facts.start_ms
    return max(found_ms, 0.0) if found_ms <= at_ms else 0.0


def read_tag(file: IO[bytes], name: str, tag: str) -> str:
    """Return a tag of the open film *file*, or "".  Raises `ClipError`, `FfmpegNotInstalledError`."""
    tags = _probe(file, name, ["-show_entries", f"format_tags={tag}"]).get("format", {}).get("tags") or {}
    return next((str(value) for key, value in tags.items() if key.lower() == tag), "")


def read_timecode(file: IO[bytes], name: str) -> str:
    """Return the time code of the first picture of the open film *file*, or "" if it states none.

    Raises `ClipError`, `FfmpegNotInstalledError`.
    """
    found = _probe(file, name, ["-show_entries", "format_tags=timecode:stream_tags=timecode"])
    parts = [found.get("format", {}), *found.get("streams", ())]
    tags = (str((part.get("tags") or {}).get("timecode", "")) for part in parts)
    return next(filter(None, tags), "")


def _probe(file: IO[bytes], name: str, arguments: Sequence[str]) -> dict[str, Any]:
    command = [find_program("ffprobe"), "-v", "error", *_source_arguments(file), *arguments, "-of", "json"]
    command += ["-i", _descriptor_url(file)]
    output, _ = _run(command, name, folder=Path("/"), files=[file], timeout_s=_PROBE_TIMEOUT_S, max_bytes=1_000_000)
    try:
        found = json.loads(output)
    except ValueError as exc:
        raise ClipError(name, "it cannot be read: check that it is a film") from exc
    return found if isinstance(found, dict) else {}


def _run(
    command: Sequence[str], name: str, *, folder: Path, files: Sequence[IO[bytes]], timeout_s: float, max_bytes: int
) -> tuple[str, str]:
    """Run *command* within limits and return what it prints, and what it says.  Raises `ClipError`."""
    limits = [int(timeout_s * _CPU_PER_S) + 1, _MAX_MEMORY_KB, max_bytes // 512 + 1, _MAX_OPEN_FILES]
    process = subprocess.Popen(  # noqa: S603 - ffmpeg, whose arguments are ours
        ["/bin/sh", "-c", _LIMITED, "sh", *map(str, limits), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=make_environment(MALLOC_ARENA_MAX="2", LC_ALL="C"),
        pass_fds=[file.fileno() for file in files],
        start_new_session=True,  # an interrupt is for this process, which then ends the other one
    )
    timer = threading.Timer(timeout_s, _kill, (process,))
    timer.start()
    try:
        said: list[bytes] = []
        reader = threading.Thread(target=lambda: said.append(_read_tail(process.stderr)), daemon=True)
        reader.start()
        printed = _read_tail(process.stdout)
        reader.join()
        process.wait()
    finally:
        is_late = not timer.is_alive()
        timer.cancel()
        _kill(process)
    message = b"".join(said).decode("utf-8", "replace")
    if process.returncode:
        raise ClipError(name, _explain_failure(process.returncode, message, timeout_s, is_late=is_late))
    return printed.decode("utf-8", "replace"), message


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _read_tail(stream: IO[bytes] | None) -> bytes:
    """Return the end of what *stream* says; all of it is read, so that the process never waits."""
    blocks: deque[bytes] = deque()
    size = 0
    while stream is not None and (block := stream.read1(1 << 14)):  # type: ignore[attr-defined] # of BufferedReader
        blocks.append(block)
        size += len(block)
        while size - len(blocks[0]) > _MAX_ERROR_BYTES:
            size -= len(blocks.popleft())
    if stream is not None:
        stream.close()
    return b"".join(blocks)


def _explain_failure(code: int, message: str, timeout_s: float, *, is_late: bool) -> str:
    if is_late or code == -signal.SIGXCPU:
        return f"ffmpeg did not finish within {timeout_s:.0f} s: cut a shorter moment"
    if code == -signal.SIGXFSZ:
        return "the clip would be too large: cut a shorter moment"
    if "No space left" in message:
        return "the disk is full: free some space and run the same command again"
    if "whitelist" in message or "Invalid data" in message:
        return "it is not a film that can be read: playlists and lists of other files are not followed"
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if "Error" in line or "error" in line), (lines or [""])[-1])
    return f"ffmpeg failed ({reason[:200] or f'exit code {code}'})".replace("\x1b", "")


def _number(value: object, default: float = 0.0) -> float:
    try:
        return float(str(value))
    except ValueError:
        return default


def _ratio(text: str) -> float:
    number, _, divisor = text.partition("/")
    return _number(number) / (_number(divisor) or 1.0) if _number(divisor, 1.0) else 0.0
