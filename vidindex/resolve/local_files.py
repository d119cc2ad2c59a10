"""Caption files that are already here: a folder that yt-dlp wrote, or lone files → `Saved`, lazily."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import TargetError
from ..model import CaptionOrigin, Track, Video
from .info_json import InfoJson, read_info_json
from .languages import normalize_language, parse_caption_language
from .metadata import humanize_stem

INFO_SUFFIX = ".info.json"
MAX_CAPTION_FILE_BYTES = 16_000_000

_CAPTION_EXTENSIONS = "vtt srt sbv ttml dfxp json3 srv1 srv2 srv3 ass ssa lrc smi sami".split()  # noqa: SIM905 - one line
# These hold anything: what stands at their start tells whether it is captions.
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

_NOT_LANGUAGES = frozenset({"live_chat", "rechat", "danmaku", "comments"})
_LANGUAGE_SUFFIX = re.compile(r"\.([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,12}){0,3})$")
_YOUTUBE_ID_SUFFIX = re.compile(
    r"\s?\[[\w-]{11}\]$|[.\s-](?=[\w-]{0,10}[a-z])(?=[\w-]{0,10}[A-Z])(?=[\w-]{0,10}[0-9_-])[\w-]{11}$"
)
_MEDIA_SUFFIX = re.compile(r"\.(?:mp4|mkv|webm|mov|avi|mp3|m4a|ogg|wav|opus)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SavedVideo:
    """A video with the caption files that lie beside each other for it.

    A track's *url* is the `file:` URL of *paths* at the same position.  *problem* says what was wrong with its
    description, empty where nothing was.
    """

    video: Video
    tracks: tuple[Track, ...]
    paths: tuple[Path, ...]
    problem: str = ""


def read_caption_folder(folder: Path) -> Iterator[SavedVideo]:
    """Find the saved videos in *folder* and below, in sorted order, one directory at a time.

    Raises: TargetError where *folder* cannot be read; a folder below that cannot is passed over.
    """
    if not folder.is_dir():
        raise TargetError(str(folder), "it is not a folder: check the path")
    try:
        os.scandir(folder).close()
    except OSError as exc:
        raise TargetError(str(folder), f"it cannot be read ({exc.strerror}): check its permissions") from exc
    # Links to folders are not followed, so that none leads in a circle.
    taken: set[str] = set()
    for where, below, names in os.walk(folder, followlinks=False):
        below.sort()
        for saved in _read_saved_videos(Path(where), names):
            yield _disambiguate_id(saved, Path(where).relative_to(folder), taken)


def _disambiguate_id(saved: SavedVideo, below: Path, used_ids: set[str]) -> SavedVideo:
    """Keep lone files of one name in two folders apart: the later one is named by its folder too."""
    name = saved.video.id
    if name in used_ids and name.startswith("file:"):
        name = f"file:{escape_name(below.as_posix())}/{name.removeprefix('file:')}"
        saved = replace(saved, video=replace(saved.video, id=name))
    used_ids.add(name)
    return saved


def read_caption_file(path: Path) -> SavedVideo:
    """Read one caption file, with the description that yt-dlp may have left beside it.  Raises: TargetError."""
    if not path.is_file():
        raise TargetError(str(path), "there is no such file: check the path")
    if path.suffix.lower() not in CAPTION_SUFFIXES or path.name.endswith(INFO_SUFFIX):
        known = " ".join(sorted(suffix[1:] for suffix in CAPTION_SUFFIXES))
        raise TargetError(str(path), f"it is not a caption file by its name: these are read: {known}")
    name = _CaptionName.parse_path(path, info_stems=_info_stems(_list_names(path.parent)))
    return _build_saved(path.parent, [name], has_info=name.has_info)


def _list_names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names alone are wanted
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class _CaptionName:
    """A caption file's name, taken apart: *stem* without language and extension."""

    path: Path
    stem: str
    language_tag: str
    has_info: bool = False

    @classmethod
    def parse_path(cls, path: Path, *, info_stems: frozenset[str]) -> _CaptionName:
        base = path.name[: -len(path.suffix)]
        described = _matching_stem(base, info_stems)
        if described is not None:
            return cls(path, described, base[len(described) :].lstrip("."), has_info=True)
        match = _LANGUAGE_SUFFIX.search(base)
        if match and normalize_language(match[1].removesuffix("-orig")):
            return cls(path, base[: match.start()], match[1])
        return cls(path, base, "")


def _matching_stem(base: str, stems: frozenset[str]) -> str | None:
    """Find the described video to which the caption file *base* belongs: the longest stem that starts it."""
    at = len(base)
    while at > 0:
        if base[:at] in stems:
            return base[:at]
        at = base.rfind(".", 0, at)
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
            taken = _CaptionName.parse_path(path, info_stems=stems)
            if taken.language_tag not in _NOT_LANGUAGES:
                groups[taken.stem, taken.has_info].append(taken)
    for (stem, described), group in sorted(groups.items()):
        saved = _build_saved(folder, group, has_info=described, stem=stem)
        if saved.tracks or saved.problem or saved.video.id.partition(":")[0] != "file":
            yield saved


def _is_captions(path: Path) -> bool:
    """Look into a file whose suffix alone does not tell."""
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
    description = read_info_json(folder / (stem + INFO_SUFFIX)) if has_info else InfoJson()
    named = [(name, *_track_language(name, description)) for name in group]
    best: dict[tuple[str, CaptionOrigin], tuple[Path, Track]] = {}
    for name, language, origin in sorted(named, key=lambda entry: _format_preference(entry[0].path)):
        track = Track(language, origin, name.path.suffix[1:].lower(), name.path.absolute().as_uri())
        best.setdefault((language, origin), (name.path, track))
    chosen = list(best.values())
    return SavedVideo(
        video=description.video or _undescribed_video(folder, stem, group),
        tracks=tuple(track for _, track in chosen),
        paths=tuple(path for path, _ in chosen),
        problem=description.problem,
    )


_PREFERRED_SUFFIXES = (".json3", ".vtt", ".srv3", ".ttml", ".srt")


def _format_preference(path: Path) -> tuple[int, str]:
    suffix = path.suffix.lower()
    return (_PREFERRED_SUFFIXES.index(suffix) if suffix in _PREFERRED_SUFFIXES else len(_PREFERRED_SUFFIXES)), path.name


def _track_language(name: _CaptionName, description: InfoJson) -> tuple[str, CaptionOrigin]:
    """Tell a file's language and origin; the description knows which of its languages are automatic."""
    language, automatic = parse_caption_language(name.language_tag) if name.language_tag else ("", False)
    if name.language_tag and name.language_tag in description.manual_languages:
        return language, "manual"
    if automatic or name.language_tag.endswith("-orig") or name.language_tag in description.automatic_languages:
        return language, "automatic"
    return language, "manual" if name.has_info and description.video else "supplied"


_UNPRINTABLE_CHARS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def escape_name(stem: str) -> str:
    """Write what cannot be shown or typed, such as bytes that are no Unicode, as an escape."""
    return _UNPRINTABLE_CHARS.sub(lambda found: found[0].encode("unicode_escape").decode(), stem)


def _undescribed_video(folder: Path, stem: str, group: list[_CaptionName]) -> Video:
    """Describe a video that nothing describes, by the name of its files."""
    stem = escape_name(stem)
    url = group[0].path.absolute().as_uri() if group else (folder / (stem + INFO_SUFFIX)).absolute().as_uri()
    return Video(
        id=f"file:{stem}", url=url, title=humanize_stem(_YOUTUBE_ID_SUFFIX.sub("", _MEDIA_SUFFIX.sub("", stem)) or stem)
    )
