"""The film of a moment: the file on this machine, or the section of it that is fetched from the site."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import ClipError, NotIndexedError, ResolveError
from ..net.files import open_regular_file
from ..resolve import ResolveOptions, VideoResolver
from ..resolve.audio import enable_audio_formats
from ..resolve.sections import SectionPart, SectionRequest
from .cut import Film, FilmInput
from .ffmpeg import probe_film, run_ffmpeg
from .moments import ClipMoment, MomentSource
from .options import VIDEO_FORMATS, ClipOptions

_MARGIN_MS = 1_000
"""How much more is fetched on either side: the times that a site states are rounded."""

_NO_HOSTS: frozenset[str] = frozenset()


class FilmFetcher:
    """Finds or fetches the films of moments; *source* is the index.  Close it, or use it in a `with` statement.

    *given* are the URLs that the user gave, which may be private; others that are not in the index may not.
    """

    def __init__(
        self, source: MomentSource, options: ClipOptions, resolve: ResolveOptions, *, given: frozenset[str] = _NO_HOSTS
    ) -> None:
        self._source = source
        self._given = given
        self._options = options
        self._resolve_options = enable_audio_formats(resolve)
        self._resolver: VideoResolver | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._resolver is not None:
            self._resolver.close()

    def fetch(self, moment: ClipMoment, folder: Path) -> tuple[Film, int]:
        """Return the film of *moment*, and how many bytes were fetched into *folder* for it.

        Raises `ClipError`, `ResolveError`, `FfmpegNotInstalledError`.
        """
        if moment.media is not None:
            return (FilmInput(moment.media),), 0
        if not moment.video.url.startswith(("http://", "https://")):
            raise ClipError(
                moment.video.id, "its film is not on this machine: put it beside the captions, under their name"
            )
        return self._fetch_section(moment, folder)

    def _fetch_section(self, moment: ClipMoment, folder: Path) -> tuple[Film, int]:
        self._resolver = self._resolver or VideoResolver(self._resolve_options)
        options = self._options
        request = SectionRequest(
            start_ms=max(moment.start_ms - _MARGIN_MS, 0),
            end_ms=moment.end_ms + _MARGIN_MS,
            video=options.format in VIDEO_FORMATS,
            max_height=options.max_height,
            max_bytes=options.max_fetch_bytes,
            total_s=options.timeout_s,
        )
        url, referer, hosts = self._find_playback(moment)
        with self._resolver.open_section(url, folder, request, referer=referer, allowed_private_hosts=hosts) as (
            parts,
            context,
        ):
            film = tuple(
                self._save(part, folder / f"section-{number}.mkv", request, moment) for number, part in enumerate(parts)
            )
            fetched = request.max_bytes - context.bytes_left
        return _align(film, parts, moment), fetched

    def _find_playback(self, moment: ClipMoment) -> tuple[str, str, frozenset[str] | None]:
        """Return where the video plays, the page that embeds it there, and the private hosts that may be reached."""
        video = moment.video
        try:
            self._source.video(video.id)
        except NotIndexedError:
            hosts = None if video.url in self._given else _NO_HOSTS
            return video.url, "", hosts  # whoever wrote the list may have chosen any address
        for record in self._source.embeds(video=video.id):
            if record.state == "done" and not record.is_replaced:
                return record.embed.url, record.article if record.article.startswith("http") else "", None
        return video.url, "", None

    def _save(self, part: SectionPart, path: Path, request: SectionRequest, moment: ClipMoment) -> FilmInput:
        """Return *part* as a file; what is read from a URL is copied, so that it is read once."""
        if part.path is not None:
            return FilmInput(part.path, part.skipped_ms)
        length_ms = request.end_ms - request.start_ms
        run_ffmpeg(
            [*(["-ss", f"{request.start_ms / 1000:.3f}"] if request.start_ms else []), "-t", f"{length_ms / 1000:.3f}",
             *_remote_arguments(part.url), "-map", "0:V:0?", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1",
             "-map_chapters", "-1", "-c", "copy", "-copyts", "-start_at_zero", "-avoid_negative_ts", "disabled",
             "-f", "matroska", f"file:{path.name}"],
            moment.video.id,
            folder=path.parent,
            timeout_s=self._options.timeout_s,
            max_bytes=self._options.max_fetch_bytes,
        )  # fmt: skip
        with open_regular_file(path) as file:
            return FilmInput(path, probe_film(file, moment.video.id).start_ms)


def _remote_arguments(url: str) -> list[str]:
    """Return the arguments with which ffmpeg reads *url*, which is on this machine, and no other."""
    from .ffmpeg import FILM_FORMATS

    return ["-protocol_whitelist", "http,tcp", "-format_whitelist", FILM_FORMATS, "-i", url]


def _align(film: Film, parts: tuple[SectionPart, ...], moment: ClipMoment) -> Film:
    """Return *film* with the exact times of its segments, as the first segment of the whole film tells them.

    Playlists round the lengths of segments, and the error adds up.  If the two differ a lot, the clock of the film is
    not continuous, and the playlist is right.
    """
    starts = [_probe_start(part.path, moment)[0] for part in parts]
    zeros = [_probe_start(part.anchor or part.path, moment)[1] for part in parts]
    zero = next((zero for zero in zeros if zero is not None), 0.0)  # that of the pictures, if there are any
    aligned = []
    for each, start, own in zip(film, starts, zeros, strict=True):
        if start is None or own is None:
            aligned.append(each)
            continue
        exact = start - (zero if abs(own - zero) < _MARGIN_MS else own)
        is_plausible = abs(exact - each.start_ms) <= _MARGIN_MS + each.start_ms / 50
        aligned.append(FilmInput(each.path, exact) if is_plausible else each)
    return tuple(aligned)


def _probe_start(path: Path | None, moment: ClipMoment) -> tuple[float, float] | tuple[None, None]:
    """Return when a file begins, and when its pictures do: what encoders put before the sound is not a part of it."""
    if path is None:
        return None, None
    try:
        with open_regular_file(path) as file:
            facts = probe_film(file, moment.video.id)
            return facts.start_ms, facts.video_start_ms
    except OSError as exc:
        raise ResolveError(moment.video.url, "a part of it is missing: try again") from exc
