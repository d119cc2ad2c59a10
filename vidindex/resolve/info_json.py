"""`NAME.info.json`, which yt-dlp writes beside a download → `Description`, without importing yt-dlp."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import Video
from .metadata import is_bare, video_of

_MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Description:
    """What a video's description says; *manual* and *automatic* name the languages of its captions.

    *video* is None and *problem* says why where the description cannot be read.
    """

    video: Video | None = None
    manual: frozenset[str] = frozenset()
    automatic: frozenset[str] = frozenset()
    problem: str = ""


def read_description(path: Path) -> Description:
    """Read *path*; what is wrong with it is said in the description, not raised."""
    try:
        info = _read(path)
        if info.get("_type") in ("playlist", "multi_video"):
            return Description()
        url = str(info.get("webpage_url") or info.get("original_url") or "")
        if not info.get("id") or not (info.get("extractor_key") or info.get("extractor")):
            return Description(problem=f"{path} does not say which video it describes: its captions are taken alone")
        if is_bare(info) and not url:
            return Description(problem=f"{path} gives no address: its captions are taken alone")
        video = video_of(info, url or path.absolute().as_uri())
    except (OSError, ValueError, RecursionError) as exc:
        return Description(problem=f"{path} cannot be read ({_plain(exc)}): its captions are taken alone")
    return Description(video, _languages(info, "subtitles"), _languages(info, "automatic_captions"))


def _read(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("it is too large")
    info = json.loads(path.read_bytes())
    if not isinstance(info, dict):
        raise ValueError("it is not an object")
    return info


def _languages(info: dict[str, Any], key: str) -> frozenset[str]:
    stated = info.get(key)
    return frozenset(map(str, stated)) if isinstance(stated, dict) else frozenset()


def _plain(exc: BaseException) -> str:
    return str(getattr(exc, "strerror", None) or exc).splitlines()[0][:200] if str(exc) else type(exc).__name__
