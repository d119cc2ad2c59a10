"""The films of indexed videos on this machine.

Anyone may have made an index, so that its URLs alone are not enough: a film is used only if it is a regular file in the
folder of captions, or of a page, that its video was indexed from and that still exist.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from ..errors import NotIndexedError
from ..model import Article, EmbedRecord, Track, Video
from ..net.files import resolve_inside_folder
from ..resolve.local_files import CAPTION_SUFFIXES
from ..resolve.metadata import build_url_id

MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".aac": "audio/aac",
}
"""Media types of the file extensions that browsers can play."""

_MAX_TRACKS = 50
_MAX_ARTICLES = 20


class FilmSource(Protocol):
    """What is read of an index to find the film of a video; `Index` has it."""

    def article(self, url: str) -> Article: ...

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]: ...

    def tracks(self, video: str) -> list[Track]: ...


def find_media_file(index: FilmSource, video: Video) -> Path | None:
    """Return the media file of *video*, with links resolved: the video itself or a file beside its captions.

    Returns None if there is none, or it is not inside the folder of the captions, or of the page that embeds the video.
    """
    captions = [path for track in index.tracks(video.id)[:_MAX_TRACKS] if (path := local_path(track.url)) is not None]
    existing = [path for path in captions if path.suffix.lower() in CAPTION_SUFFIXES and _is_file(path)]
    beside = ((path, caption.parent) for caption in existing for path in _media_paths_beside(caption))
    candidates = (*_own_paths(index, video, existing, has_captions=bool(captions)), *beside)
    return next((found for path, folder in candidates if (found := _check_media_file(path, folder)) is not None), None)


def _own_paths(
    index: FilmSource, video: Video, captions: Iterable[Path], *, has_captions: bool
) -> Iterator[tuple[Path, Path]]:
    """Yield the path that the URL of *video* names, with each folder that it may be in."""
    path = local_path(video.url)
    if path is None or path.suffix.lower() not in MEDIA_TYPES:
        return
    for origin in (*captions, *_page_paths(index, video)):
        yield path, origin.parent
    if not has_captions and video.id == build_url_id(video.url):  # the user added the media file itself
        yield path, path.parent


def _page_paths(index: FilmSource, video: Video) -> Iterator[Path]:
    """Yield the saved pages that embed *video*."""
    for record in index.embeds(video=video.id)[:_MAX_ARTICLES]:
        with suppress(NotIndexedError):
            path = local_path(index.article(record.article).fetched_from)
            if path is not None and _is_file(path):
                yield path


def local_path(url: str) -> Path | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(parts.path)
    is_local = parts.scheme == "file" and parts.netloc in ("", "localhost") and path.startswith("/")
    return Path(path) if is_local and "\0" not in path else None


def _media_paths_beside(caption: Path) -> Iterator[Path]:
    """Yield the paths of the media files that may belong to *caption*: `NAME.mp4` for `NAME.vtt` and `NAME.en.vtt`."""
    for stem in sorted({caption.stem, Path(caption.stem).stem}):
        for suffix in MEDIA_TYPES:
            yield caption.with_name(f"{stem}{suffix}")


def _check_media_file(path: Path, folder: Path) -> Path | None:
    """Return *path* with links resolved if that is a media file inside *folder*."""
    if not _is_file(path):
        return None
    with suppress(OSError, ValueError):
        real_path = resolve_inside_folder(path, folder)
        if real_path.suffix.lower() in MEDIA_TYPES:
            return real_path
    return None


def _is_file(path: Path) -> bool:
    """Return whether *path* is a regular file, or a link to one."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises errors for some names
