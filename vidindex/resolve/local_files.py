"""Find caption files on disk: in a folder that yt-dlp wrote, or single files."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import TargetError
from ..model import CaptionOrigin, Track, Video
from ..transcripts.languages import (
    NON_SPEECH_LANGUAGES,
    is_marked_original,
    normalize_language,
    parse_caption_language,
    remove_original_mark,
)
from .info_json import InfoJson, read_info_json
from .metadata import humanize_stem

INFO_SUFFIX = ".info.json"
MAX_CAPTION_FILE_BYTES = 16_000_000

_CAPTION_EXTENSIONS = "vtt srt sbv ttml dfxp json3 srv1 srv2 srv3 ass ssa lrc smi sami".split()  # noqa: SIM905 - one line
# Files with these suffixes may contain anything, so that the start of the file decides whether it is captions.
_AMBIGUOUS_PATTERNS = {
    ".json": re.compile(
        rb'"(?:events|wireMagic|body|cues|segments|transcript|captions|subtitles)"\s*:\s*\['
        rb'|\A\s*\[\s*\{[^{}]{0,2000}"(?:start|begin|from|offset)\w{0,6}"'
    ),
    ".xml": re.compile(rb"<(?:\w+:)?(?:tt|transcript|timedtext)\b"),
    ".txt": re.compile(rb"-->|^\s*\[?\d{1,2}:\d\d(?::\d\d)?[.,]?\d{0,3}\]?[\s,;-]", re.MULTILINE),
    ".sub": re.compile(rb"^\{\d+\}\{\d+\}|\d\d:\d\d:\d\d[.,:]\d\d", re.MULTILINE),
}
_SNIFFED_BYTES = 1 << 16

CAPTION_SUFFIXES = frozenset({*(f".{suffix}" for suffix in _CAPTION_EXTENSIONS), *_AMBIGUOUS_PATTERNS})

_LANGUAGE_SUFFIX = re.compile(r"\.([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,12}){0,3})$")
_YOUTUBE_ID_SUFFIX = re.compile(
    r"\s?\[[\w-]{11}\]$|[.\s-](?=[\w-]{0,10}[a-z])(?=[\w-]{0,10}[A-Z])(?=[\w-]{0,10}[0-9_-])[\w-]{11}$"
)
_MEDIA_SUFFIX = re.compile(r"\.(?:mp4|mkv|webm|mov|avi|mp3|m4a|ogg|wav|opus)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SavedVideo:
    """A video with its caption files in one folder.

    The *url* of a track is the `file:` URL of the path at the same position in *paths*.  *problem* says why the
    `info.json` file of the video could not be read; it is empty if there was no problem.
    """

    video: Video
    tracks: tuple[Track, ...]
    paths: tuple[Path, ...]
    problem: str = ""


def read_caption_folder(folder: Path) -> Iterator[SavedVideo]:
    """Yield the saved videos in *folder* and its subfolders, in sorted order; each folder is read when it is reached.

    Subfolders that cannot be read are skipped.

    Raises `TargetError` if *folder* itself cannot be read.
    """
    if not folder.is_dir():
        raise TargetError(str(folder), "not a folder: check the path")
    try:
        os.scandir(folder).close()
    except OSError as exc:
        raise TargetError(str(folder), f"the folder cannot be read ({exc.strerror}): check its permissions") from exc
    used_ids: set[str] = set()
    # Links to folders are not followed, because they may form loops.
    for directory, subfolders, names in os.walk(folder, followlinks=False):
        subfolders.sort()
        for saved in _read_saved_videos(Path(directory), names):
            yield _disambiguate_id(saved, Path(directory).relative_to(folder), used_ids)


def _disambiguate_id(saved: SavedVideo, subfolder: Path, used_ids: set[str]) -> SavedVideo:
    """Return *saved* with its *subfolder* in its id if a file of the same name in another folder has the id already."""
    video_id = saved.video.id
    if video_id in used_ids and video_id.startswith("file:"):
        video_id = f"file:{escape_name(subfolder.as_posix())}/{video_id.removeprefix('file:')}"
        saved = replace(saved, video=replace(saved.video, id=video_id))
    used_ids.add(video_id)
    return saved


def read_caption_file(path: Path) -> SavedVideo:
    """Return the video of one caption file, with the metadata of the `info.json` file beside it, if there is one.

    Raises `TargetError` if *path* is not a file, or its suffix is not that of a caption format.
    """
    if not path.is_file():
        raise TargetError(str(path), "no such file: check the path")
    if path.suffix.lower() not in CAPTION_SUFFIXES or path.name.endswith(INFO_SUFFIX):
        suffixes = " ".join(sorted(suffix[1:] for suffix in CAPTION_SUFFIXES))
        raise TargetError(str(path), f"not a caption file; the supported suffixes are {suffixes}")
    name = _CaptionName.parse_path(path, info_stems=_info_stems(_list_names(path.parent)))
    return _build_saved(path.parent, [name], has_info=name.has_info)


def _list_names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - only names are needed
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class _CaptionName:
    """The parts of the name of a caption file; *stem* is the name without language and extension."""

    path: Path
    stem: str
    language_tag: str
    has_info: bool = False

    @classmethod
    def parse_path(cls, path: Path, *, info_stems: frozenset[str]) -> _CaptionName:
        base = path.name[: -len(path.suffix)]
        stem = _matching_stem(base, info_stems)
        if stem is not None:
            return cls(path, stem, base[len(stem) :].lstrip("."), has_info=True)
        match = _LANGUAGE_SUFFIX.search(base)
        if match and normalize_language(remove_original_mark(match[1])):
            return cls(path, base[: match.start()], match[1])
        return cls(path, base, "")


def _matching_stem(base: str, stems: frozenset[str]) -> str | None:
    """Return the longest of *stems* that is the start of *base*, up to a dot; None if there is none."""
    end = len(base)
    while end > 0:
        if base[:end] in stems:
            return base[:end]
        end = base.rfind(".", 0, end)
    return None


def _info_stems(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name[: -len(INFO_SUFFIX)] for name in names if name.endswith(INFO_SUFFIX))


def _read_saved_videos(folder: Path, names: list[str]) -> Iterator[SavedVideo]:
    stems = _info_stems(names)
    groups: defaultdict[tuple[str, bool], list[_CaptionName]] = defaultdict(list)
    for stem in stems:
        groups[stem, True] = []
    for name in sorted(names):
        path = folder / name
        if path.suffix.lower() in CAPTION_SUFFIXES and not name.endswith(INFO_SUFFIX) and _is_captions(path):
            caption_name = _CaptionName.parse_path(path, info_stems=stems)
            if caption_name.language_tag not in NON_SPEECH_LANGUAGES:
                groups[caption_name.stem, caption_name.has_info].append(caption_name)
    for (stem, has_info), group in sorted(groups.items()):
        saved = _build_saved(folder, group, has_info=has_info, stem=stem)
        if saved.tracks or saved.problem or saved.video.id.partition(":")[0] != "file":
            yield saved


def _is_captions(path: Path) -> bool:
    """Return whether *path* is a caption file; if its suffix is ambiguous, the start of its content decides."""
    pattern = _AMBIGUOUS_PATTERNS.get(path.suffix.lower())
    if pattern is None:
        return path.is_file()
    try:
        with path.open("rb") as file:
            return bool(pattern.search(file.read(_SNIFFED_BYTES)))
    except OSError:
        return False


def _build_saved(folder: Path, group: list[_CaptionName], *, has_info: bool, stem: str = "") -> SavedVideo:
    stem = stem or group[0].stem
    info = read_info_json(folder / (stem + INFO_SUFFIX)) if has_info else InfoJson()
    files = [(name, *_track_language(name, info)) for name in group]
    best: dict[tuple[str, CaptionOrigin], tuple[Path, Track]] = {}
    for name, language, origin in sorted(files, key=lambda entry: _format_preference(entry[0].path)):
        track = Track(language, origin, name.path.suffix[1:].lower(), name.path.absolute().as_uri())
        best.setdefault((language, origin), (name.path, track))
    chosen = list(best.values())
    return SavedVideo(
        video=info.video or _video_from_name(folder, stem, group),
        tracks=tuple(track for _, track in chosen),
        paths=tuple(path for path, _ in chosen),
        problem=info.problem,
    )


_PREFERRED_SUFFIXES = (".json3", ".vtt", ".srv3", ".ttml", ".srt")


def _format_preference(path: Path) -> tuple[int, str]:
    suffix = path.suffix.lower()
    return (_PREFERRED_SUFFIXES.index(suffix) if suffix in _PREFERRED_SUFFIXES else len(_PREFERRED_SUFFIXES)), path.name


def _track_language(name: _CaptionName, info: InfoJson) -> tuple[str, CaptionOrigin]:
    """Return the language and the origin of a caption file; *info* lists which languages are automatic."""
    tag = name.language_tag
    language, is_automatic = parse_caption_language(tag) if tag else ("", False)
    if tag and tag in info.manual_languages:
        return language, "manual"
    if is_automatic or is_marked_original(tag) or tag in info.automatic_languages:
        return language, "automatic"
    return language, "manual" if name.has_info and info.video else "supplied"


_UNPRINTABLE_CHARS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def escape_name(stem: str) -> str:
    """Return *stem* with escapes for what cannot be displayed or typed, such as bytes that are not valid Unicode."""
    return _UNPRINTABLE_CHARS.sub(lambda match: match[0].encode("unicode_escape").decode(), stem)


def _video_from_name(folder: Path, stem: str, group: list[_CaptionName]) -> Video:
    """Return a video with the metadata that the name of its files contains."""
    stem = escape_name(stem)
    url = group[0].path.absolute().as_uri() if group else (folder / (stem + INFO_SUFFIX)).absolute().as_uri()
    return Video(
        id=f"file:{stem}", url=url, title=humanize_stem(_YOUTUBE_ID_SUFFIX.sub("", _MEDIA_SUFFIX.sub("", stem)) or stem)
    )
