"""Cut clips of local films for visitors: one at a time, short, and in a process of its own, as `vidindex clip` does."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from ..clips.cut import FilmInput, cut_clip, open_film
from ..clips.ffmpeg import find_program
from ..clips.films import MEDIA_TYPES
from ..clips.moments import ClipMoment
from ..clips.options import ClipOptions
from ..errors import ClipError, FfmpegNotInstalledError, TooBusyError
from ..net.files import open_real_file, open_regular_file

FileFormat = Literal["mp4", "mp3"]

MAX_FILE_MS = 120_000
"""Maximum length of a clip that visitors may download."""

MAX_CUT_S = 60.0
"""Maximum time that ffmpeg may take for one."""

MAX_WAITING = 4
_MAX_KEPT = 8
_MAX_KEPT_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class _CutKey:
    """What the content of a clip depends on: the film as it is now, the times and the format."""

    path: str
    changed_ns: int
    size: int
    start_ms: int
    end_ms: int
    form: FileFormat


class ClipCutter:
    """Cuts the clips that visitors download, and keeps the last ones.

    A kept file has no name any more, so that nothing of it is left when the process ends.
    """

    def __init__(self, *, timeout_s: float = MAX_CUT_S, max_waiting: int = MAX_WAITING) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="vidindex-clips")
        self._timeout_s = timeout_s
        self._max_active = max_waiting + 1
        self._active = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[_CutKey, BinaryIO] = OrderedDict()

    async def cut(self, moment: ClipMoment, form: FileFormat) -> BinaryIO:
        """Return the open file of *moment*, whose film is on this machine; the caller closes it.

        The event loop is never blocked.  Raises `ClipError`, `FfmpegNotInstalledError`, and `TooBusyError` if too many
        visitors wait.
        """
        if self._active >= self._max_active:
            raise TooBusyError("other clips are being cut: try again in a minute")
        self._active += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, self._find_or_cut, moment, form)
        future.add_done_callback(self._on_done)
        return await asyncio.shield(future)  # a visitor who leaves does not stop it, so that it still counts

    def close(self) -> None:
        """Let go of the files; a clip that is being cut is completed, within its time limit."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            while self._kept:
                self._kept.popitem()[1].close()

    def _on_done(self, future: asyncio.Future[BinaryIO]) -> None:
        self._active -= 1
        if not future.cancelled():
            future.exception()

    def _find_or_cut(self, moment: ClipMoment, form: FileFormat) -> BinaryIO:
        key = _make_key(moment, form)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return _reopen(self._kept[key])
        file = self._cut(moment, form)
        with self._lock:
            self._kept[key] = file
            self._drop_oldest()
            return _reopen(file)

    def _cut(self, moment: ClipMoment, form: FileFormat) -> BinaryIO:
        name = moment.video.title or moment.video.id
        options = ClipOptions(form, captions="none", timeout_s=self._timeout_s)
        try:
            with (
                tempfile.TemporaryDirectory(prefix="vidindex-clip-") as folder,
                open_real_file(_film_of(moment)) as source,  # its name may lead elsewhere by now
                open_film((FilmInput(Path(f"/dev/fd/{source.fileno()}")),), name) as film,
            ):
                return open_regular_file(cut_clip(film, moment, options, Path(folder))[0])
        except OSError as exc:
            raise ClipError(name, f"the clip cannot be written ({(exc.strerror or str(exc)).lower()})") from exc

    def _drop_oldest(self) -> None:
        """Drop files until the rest is within the bounds, except the last one."""
        sizes = {key: os.fstat(file.fileno()).st_size for key, file in self._kept.items()}
        while len(self._kept) > 1 and (len(self._kept) > _MAX_KEPT or sum(sizes.values()) > _MAX_KEPT_BYTES):
            key, file = self._kept.popitem(last=False)
            del sizes[key]
            file.close()


def can_cut() -> bool:
    """Return whether the programs are installed that cut clips."""
    try:
        return bool(find_program("ffmpeg") and find_program("ffprobe"))
    except FfmpegNotInstalledError:
        return False


def list_formats(film: Path) -> tuple[FileFormat, ...]:
    """Return the formats that clips of *film* can have."""
    return ("mp3",) if MEDIA_TYPES.get(film.suffix.lower(), "").startswith("audio/") else ("mp4", "mp3")


def _film_of(moment: ClipMoment) -> Path:
    if moment.media is None:
        raise ClipError(moment.video.title or moment.video.id, "its film is not on this machine")
    return moment.media


def _make_key(moment: ClipMoment, form: FileFormat) -> _CutKey:
    film = _film_of(moment)
    try:
        facts = film.stat()
    except OSError as exc:
        raise ClipError(moment.video.title or moment.video.id, "its film was removed") from exc
    return _CutKey(str(film), facts.st_mtime_ns, facts.st_size, moment.start_ms, moment.end_ms, form)


def _reopen(file: BinaryIO) -> BinaryIO:
    return os.fdopen(os.dup(file.fileno()), "rb")
