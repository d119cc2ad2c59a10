"""Read `NAME.info.json` files, which yt-dlp writes beside a download, without importing yt-dlp.

Nothing in them is trusted: a file may come from anyone, and name any URL.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OutsideFolderError
from ..model import Video
from ..net.bounded_json import load_bounded_json
from ..net.files import open_file_inside
from ..net.ssrf import extract_host
from ..net.transport import LOCAL_FILES_HOST
from .folder_walk import OUTSIDE_REASON
from .metadata import build_video, clean_web_url, escape_name, extractor_name, is_generic_video

_MAX_INFO_BYTES = 20_000_000
_MAX_INFO_MEMORY_BYTES = 120_000_000
_MAX_LANGUAGE_CHARS = 100
_EXTRACTOR_NAME = re.compile(r"(?!(?:file|web)$)\w[\w .+-]{0,80}")  # ids of local files start with these two words


@dataclass(frozen=True, slots=True)
class InfoJson:
    """The content of an `info.json` file.

    The languages are the keys of the caption lists as yt-dlp wrote them.  If the file cannot be read, *video* is None
    and *problem* says why.
    """

    video: Video | None = None
    manual_languages: frozenset[str] = frozenset()
    automatic_languages: frozenset[str] = frozenset()
    problem: str = ""


def read_info_json(path: Path, folder: Path) -> InfoJson:
    """Read the `info.json` file *path*, which must be inside *folder*.

    The URL of the video is an HTTP or HTTPS URL in the file, else that of the file itself.  Errors are not raised: they
    are the *problem* of the result.
    """
    name = escape_name(str(path))
    try:
        info = _load_info(path, folder)
        if info.get("_type") in ("playlist", "multi_video"):
            return InfoJson()
        url = next(filter(None, (_web_url(info.get(key)) for key in ("webpage_url", "original_url"))), "")
        if not isinstance(info.get("id") or None, str | int) or not _EXTRACTOR_NAME.fullmatch(extractor_name(info)):
            return InfoJson(problem=f"{name} does not name its video: the captions are added without its metadata")
        if is_generic_video(info) and not url:
            return InfoJson(problem=f"{name} states no URL: the captions are added without its metadata")
        safe_urls = {key: _web_url(info.get(key)) for key in ("channel_url", "uploader_url", "thumbnail")}
        video = build_video({**info, **safe_urls, "webpage_url": url}, url or path.absolute().as_uri())
    except (OSError, ValueError) as exc:
        problem = f"cannot read {name} ({_short_message(exc)}): the captions are added without its metadata"
        return InfoJson(problem=problem)
    return InfoJson(video, _caption_languages(info, "subtitles"), _caption_languages(info, "automatic_captions"))


def _load_info(path: Path, folder: Path) -> dict[str, Any]:
    with open_file_inside(path, folder) as file:
        raw = file.read(_MAX_INFO_BYTES + 1)
    if len(raw) > _MAX_INFO_BYTES:
        raise ValueError(f"it is larger than {_MAX_INFO_BYTES // 1_000_000} MB")
    text = raw.decode(json.detect_encoding(raw), "surrogatepass")
    del raw  # both would be in memory while the text is parsed
    info = load_bounded_json(text, max_memory_bytes=_MAX_INFO_MEMORY_BYTES)
    if not isinstance(info, dict):
        raise ValueError("not a JSON object")
    return info


def _web_url(value: object) -> str:
    """Return *value* if it is the URL of a page on the web, else an empty string."""
    url = clean_web_url(value)
    return url if extract_host(url) != LOCAL_FILES_HOST else ""


def _caption_languages(info: dict[str, Any], key: str) -> frozenset[str]:
    captions = info.get(key)
    if not isinstance(captions, dict):
        return frozenset()
    return frozenset(language for language in captions if len(language) <= _MAX_LANGUAGE_CHARS)


def _short_message(exc: BaseException) -> str:
    if isinstance(exc, OutsideFolderError):
        return OUTSIDE_REASON
    return str(getattr(exc, "strerror", None) or exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
