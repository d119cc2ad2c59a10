"""Read `NAME.info.json` files, which yt-dlp writes beside a download, without importing yt-dlp."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import Video
from .metadata import build_video, is_generic_video

_MAX_INFO_BYTES = 64_000_000


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


def read_info_json(path: Path) -> InfoJson:
    """Read the `info.json` file *path*.  Errors are not raised: they are the *problem* of the result."""
    try:
        info = _load_info(path)
        if info.get("_type") in ("playlist", "multi_video"):
            return InfoJson()
        url = str(info.get("webpage_url") or info.get("original_url") or "")
        if not info.get("id") or not (info.get("extractor_key") or info.get("extractor")):
            return InfoJson(problem=f"{path} does not name its video: the captions are added without its metadata")
        if is_generic_video(info) and not url:
            return InfoJson(problem=f"{path} states no URL: the captions are added without its metadata")
        video = build_video(info, url or path.absolute().as_uri())
    except (OSError, ValueError, RecursionError) as exc:
        problem = f"cannot read {path} ({_short_message(exc)}): the captions are added without its metadata"
        return InfoJson(problem=problem)
    return InfoJson(video, _caption_languages(info, "subtitles"), _caption_languages(info, "automatic_captions"))


def _load_info(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MAX_INFO_BYTES:
        raise ValueError("the file is too large")
    info = json.loads(path.read_bytes())
    if not isinstance(info, dict):
        raise ValueError("not a JSON object")
    return info


def _caption_languages(info: dict[str, Any], key: str) -> frozenset[str]:
    captions = info.get(key)
    return frozenset(map(str, captions)) if isinstance(captions, dict) else frozenset()


def _short_message(exc: BaseException) -> str:
    return str(getattr(exc, "strerror", None) or exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
