"""`NAME.info.json`, which yt-dlp writes beside a download → `Description`, without importing yt-dlp."""

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
    """What a video's description says; *manual* and *automatic* name the languages of its captions.

    *video* is None and *problem* says why where the description cannot be read.
    """

    video: Video | None = None
    manual_languages: frozenset[str] = frozenset()
    automatic_languages: frozenset[str] = frozenset()
    problem: str = ""


def read_info_json(path: Path) -> InfoJson:
    """Read *path*; what is wrong with it is said in the description, not raised."""
    try:
        info = _load_info(path)
        if info.get("_type") in ("playlist", "multi_video"):
            return InfoJson()
        url = str(info.get("webpage_url") or info.get("original_url") or "")
        if not info.get("id") or not (info.get("extractor_key") or info.get("extractor")):
            return InfoJson(problem=f"{path} does not say which video it describes: its captions are taken alone")
        if is_generic_video(info) and not url:
            return InfoJson(problem=f"{path} gives no address: its captions are taken alone")
        video = build_video(info, url or path.absolute().as_uri())
    except (OSError, ValueError, RecursionError) as exc:
        return InfoJson(problem=f"{path} cannot be read ({_short_message(exc)}): its captions are taken alone")
    return InfoJson(video, _caption_languages(info, "subtitles"), _caption_languages(info, "automatic_captions"))


def _load_info(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MAX_INFO_BYTES:
        raise ValueError("it is too large")
    info = json.loads(path.read_bytes())
    if not isinstance(info, dict):
        raise ValueError("it is not an object")
    return info


def _caption_languages(info: dict[str, Any], key: str) -> frozenset[str]:
    stated = info.get(key)
    return frozenset(map(str, stated)) if isinstance(stated, dict) else frozenset()


def _short_message(exc: BaseException) -> str:
    return str(getattr(exc, "strerror", None) or exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
