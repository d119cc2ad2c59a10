"""Read `NAME.info.json` files, which yt-dlp writes beside a download, without importing yt-dlp.

Nothing in them is trusted: a file may come from anyone, and name any URL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
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
from .tracks import is_translation_url

_MAX_INFO_BYTES = 20_000_000
_MAX_INFO_MEMORY_BYTES = 120_000_000
_MAX_LANGUAGE_CHARS = 100
_CAPTION_LISTS = ("subtitles", "automatic_captions", "requested_subtitles")
_CaptionList = dict[str, list[dict[str, Any]]]
"""The formats of each language."""

_EXTRACTOR_NAME = re.compile(r"(?!(?:file|web)$)\w[\w .+-]{0,80}")  # ids of local files start with these two words


@dataclass(frozen=True, slots=True)
class InfoJson:
    """The content of an `info.json` file.

    The languages are the keys of the caption lists as yt-dlp wrote them.  *copies* are languages under which YouTube
    lists manual captions of another language again, which is the value.  If the file cannot be read, *video* is None
    and *problem* says why.
    """

    video: Video | None = None
    manual_languages: frozenset[str] = frozenset()
    automatic_languages: frozenset[str] = frozenset()
    copies: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    """Whether a track is a machine translation, by language and format; with format "", the one that is preferred."""
    problem: str = ""

    def is_translation(self, language: str, format_name: str) -> bool:
        """Return whether the track *language* in *format_name*, or converted to it, is a machine translation."""
        preferred = self.translations.get((language, ""), False)
        return self.translations.get((language, format_name), preferred)


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
    manual, automatic, requested = map(partial(_caption_list, info), _CAPTION_LISTS)
    return InfoJson(
        video,
        frozenset(manual),
        frozenset(automatic),
        _find_copies(manual, automatic),
        # As yt-dlp does: manual captions replace automatic ones.  The tracks that it chose, if it wrote them, decide.
        _find_translations({**automatic, **manual, **requested}),
    )


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


def _caption_list(info: dict[str, Any], key: str) -> _CaptionList:
    captions = info.get(key)
    if not isinstance(captions, dict):
        return {}
    return {
        language: [each for each in (formats if isinstance(formats, list) else [formats]) if isinstance(each, dict)]
        for language, formats in captions.items()
        if len(language) <= _MAX_LANGUAGE_CHARS
    }


def _find_translations(captions: _CaptionList) -> dict[tuple[str, str], bool]:
    found: dict[tuple[str, str], bool] = {}
    for language, formats in captions.items():
        for each in formats:
            # yt-dlp prefers the last one.
            found[language, str(each.get("ext"))[:8]] = found[language, ""] = is_translation_url(_track_url(each))
    return found if any(found.values()) else {}


def _find_copies(manual: _CaptionList, automatic: _CaptionList) -> dict[str, str]:
    """Return the automatic languages whose captions are manual ones: `en-en` has the address of `en`."""
    languages = {url: language for language, formats in manual.items() for url in map(_track_url, formats) if url}
    return {
        language: languages[_track_url(each)]
        for language, formats in automatic.items()
        for each in formats
        if language not in manual and _track_url(each) in languages
    }


def _track_url(track: dict[str, Any]) -> str:
    return str(track.get("url") or "")


def _short_message(exc: BaseException) -> str:
    if isinstance(exc, OutsideFolderError):
        return OUTSIDE_REASON
    return str(getattr(exc, "strerror", None) or exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
