"""Media files of indexed videos on this machine: the only local files that the server sends.

`vidindex.clips.films` says which they are: an index alone does not make a file one of them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from starlette.responses import FileResponse

from ..clips.films import MEDIA_TYPES
from ..clips.films import find_media_file as find_media_file
from ..model import Video
from ..net.files import open_real_file

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ..library import Index


class MediaFileResponse(FileResponse):
    """A response with the content of *file*, which is open and was checked; its name may lead elsewhere by now.

    With a *file_name*, a browser saves it under that.
    """

    def __init__(self, file: BinaryIO, *, media_type: str, file_name: str = "") -> None:
        self._file = file
        stat_result = os.fstat(file.fileno())
        path = f"/dev/fd/{file.fileno()}"
        super().__init__(path, media_type=media_type, stat_result=stat_result, filename=file_name or None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, and close it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.close()

    def close(self) -> None:
        """Close the file of a response that is not sent."""
        self._file.close()


def open_media_file(index: Index, video: Video) -> MediaFileResponse | None:
    """Return a response with the media file of *video*; None if there is none."""
    path = find_media_file(index, video)
    if path is None:
        return None
    with suppress(OSError):  # it has been removed, or replaced by a link
        return MediaFileResponse(open_real_file(path), media_type=guess_media_type(path))
    return None


def guess_media_type(path: Path) -> str:
    """Return the media type of the file *path*."""
    return MEDIA_TYPES[path.suffix.lower()]
