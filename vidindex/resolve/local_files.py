"""Find caption files on disk: in a folder that yt-dlp wrote, or single files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ..errors import OutsideFolderError, TargetError
from ..model import CaptionOrigin, Track, Video
from ..net.files import open_file_inside, read_regular_file
from ..transcripts.formats.sniff import has_times, starts_as_captions
from ..transcripts.languages import (
    NON_SPEECH_LANGUAGES,
    is_marked_original,
    normalize_language,
    parse_caption_language,
    remove_original_mark,
)
from .folder_walk import OUTSIDE_REASON, OnSkipped, SkippedFiles, walk_files
from .info_json import InfoJson, read_info_json
from .metadata import escape_name, humanize_stem

INFO_SUFFIX = ".info.json"
MAX_CAPTION_FILE_BYTES = 16_000_000

_CAPTION_EXTENSIONS = "vtt srt sbv ttml dfxp json3 srv1 srv2 srv3 ass ssa lrc smi sami scc mcc mpl pjs".split()  # noqa: SIM905 - one line
# Files with these suffixes may contain anything, so that the start of the file decides whether it is captions.
_AMBIGUOUS_PATTERNS = {
    ".json": re.compile(
        rb'"(?:events|wireMagic|body|cues|segments|transcript|captions|subtitles|words|utterances|monologues|chunks'
        rb'|transcription|sentences|alternatives|recognizedPhrases|phrases|initialSegments)"\s*:\s*\['
        rb'|\A\s*\[\s*\{[^{}]{0,2000}"(?:start|begin|from|offset)\w{0,6}"'
    ),
    ".xml": re.compile(rb"<(?:\w+:)?(?:tt|transcript|timedtext)\b"),
    ".txt": re.compile(rb"-->|^[^\S\n]*\[?\d{1,2}:\d\d(?::\d\d)?[.,]?\d{0,3}\]?[\s,;-]", re.MULTILINE),
    ".stl": re.compile(rb"\A[\d ]{3}STL\d\d\.\d\d|^\s*\d\d:\d\d:\d\d[:;.]\d\d[ \t]*,", re.MULTILINE),
    ".sub": re.compile(rb"^\{\d+\}\{\d+\}|\d\d:\d\d:\d\d[.,:]\d\d|^\[\d\d:\d\d:\d\d\]", re.MULTILINE),
}
TABLE_SUFFIXES = frozenset((".csv", ".tsv"))
_TEXT_SUFFIXES = TABLE_SUFFIXES | {".txt", ".sub"}
_SNIFFED_BYTES = 1 << 16
_HEAD_BYTES = 4096
_MAX_CAPTION_FILES = 500
"""Captions that one video may have; the others are skipped."""

AMBIGUOUS_SUFFIXES = frozenset({*_AMBIGUOUS_PATTERNS, *_TEXT_SUFFIXES})
"""Those of `CAPTION_SUFFIXES` that files of other kinds have, too."""
CAPTION_SUFFIXES = frozenset({*(f".{suffix}" for suffix in _CAPTION_EXTENSIONS), *AMBIGUOUS_SUFFIXES})

_LANGUAGE_SUFFIX = re.compile(r"\.([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,12}){0,3})$")
_YOUTUBE_ID_SUFFIX = re.compile(
    r"\s?\[[\w-]{11}\]$|[.\s-](?=[\w-]{0,10}[a-z])(?=[\w-]{0,10}[A-Z])(?=[\w-]{0,10}[0-9_-])[\w-]{11}$"
)
_MEDIA_SUFFIX = re.compile(r"\.(?:mp4|mkv|webm|mov|avi|mp3|m4a|ogg|wav|opus)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SavedVideo:
    """A video with its caption files in one folder.

    The *url* of a track is the `file:` URL of the path at the same position in *paths*.  The files must be read from
    inside *folder*, once links are resolved; it is None if the user named the one file.  *problem* says why the
    `info.json` file of the video could not be read; it is empty if there was no problem.  *translations* are the names
    of the files that are machine translations, which are not among the tracks.
    """

    video: Video
    tracks: tuple[Track, ...]
    paths: tuple[Path, ...]
    problem: str = ""
    folder: Path | None = None
    translations: tuple[str, ...] = ()


def read_caption_folder(folder: Path, *, on_skipped: OnSkipped = lambda path, reason: None) -> Iterator[SavedVideo]:
    """Yield the saved videos in *folder* and its subfolders, in sorted order; each folder is read when it is reached.

    Only regular files inside *folder* are read; links are resolved first.  *on_skipped* is called with what is skipped
    and looks like captions, or may contain some: links out of the folder, pipes, devices, unreadable subfolders.

    Raises `TargetError` if *folder* itself cannot be read.
    """
    if not folder.is_dir():
        raise TargetError(str(folder), "not a folder: check the path")
    try:
        os.scandir(folder).close()
    except OSError as exc:
        raise TargetError(str(folder), f"the folder cannot be read ({exc.strerror}): check its permissions") from exc
    used_ids: set[str] = set()
    skipped = SkippedFiles(on_skipped)
    real_folder = folder.resolve()
    for directory, names in walk_files(folder, _is_wanted, skipped):
        for saved in _FolderReader(directory, real_folder, skipped).read_videos(names):
            yield _disambiguate_id(saved, directory.relative_to(folder), used_ids)
    skipped.report_rest(folder)


def count_saved_videos(folder: Path) -> int:
    """Return about how many videos `read_caption_folder` yields; only the names of the files are read."""
    count = 0
    for _, names in walk_files(folder, _is_wanted, SkippedFiles(lambda path, reason: None)):
        stems = _info_stems(names)
        count += len({_video_key(name, stems) for name in names})
    return count


def _is_wanted(name: str) -> bool:
    return name.endswith(INFO_SUFFIX) or _split_suffix(name)[1] in CAPTION_SUFFIXES


def _split_suffix(name: str) -> tuple[str, str]:
    """Return *name* without its extension, and the extension in lower case."""
    base, dot, suffix = name.rpartition(".")
    return (base, f".{suffix.lower()}") if dot and base.strip(".") else (name, "")


def _disambiguate_id(saved: SavedVideo, subfolder: Path, used_ids: set[str]) -> SavedVideo:
    """Return *saved* with its *subfolder* in its id if a file of the same name in another folder has the id already."""
    video_id = saved.video.id
    if not video_id.startswith("file:"):
        return saved
    if video_id in used_ids:
        video_id = f"file:{escape_name(subfolder.as_posix())}/{video_id.removeprefix('file:')}"
        saved = replace(saved, video=replace(saved.video, id=video_id))
    used_ids.add(video_id)
    return saved


def read_caption_file(path: Path) -> SavedVideo:
    """Return the video of one caption file, with the metadata of the `info.json` file beside it, if there is one.

    Raises `TargetError` if *path* is not a regular file or a link to one, or neither its suffix nor its start is that
    of a caption format, or the `info.json` file says that it is a machine translation.
    """
    if not path.is_file():
        is_special = path.exists() and not path.is_dir()
        reason = "it is a pipe or a device: write its output to a file first"
        raise TargetError(str(path), reason if is_special else "no such file: check the path")
    if path.name.endswith(INFO_SUFFIX) or not _is_caption_file(path):
        suffixes = " ".join(sorted(suffix[1:] for suffix in CAPTION_SUFFIXES))
        raise TargetError(str(path), f"not a caption file; the supported suffixes are {suffixes}")
    name = _CaptionName.parse_name(path.name, info_stems=_find_info_stems(path))
    info = read_info_json(path.parent / (name.stem + INFO_SUFFIX), path.parent) if name.has_info else InfoJson()
    saved = _build_saved(path.parent, name.stem, [name], info)
    if saved.translations:
        raise TargetError(str(path), "it is a machine translation, and not what was said: add the original captions")
    return saved


def _is_caption_file(path: Path) -> bool:
    """Return whether *path* has the suffix of captions, or starts as captions and has no other known suffix."""
    if path.suffix.lower() in CAPTION_SUFFIXES:
        return True
    if _MEDIA_SUFFIX.search(path.name):
        return False
    try:
        return starts_as_captions(read_regular_file(path, _HEAD_BYTES))
    except OSError:
        return False


def _find_info_stems(path: Path) -> frozenset[str]:
    """Return the stems of the `info.json` files beside *path* that may belong to it; the folder is not listed."""
    parts = path.name.split(".")
    stems = (".".join(parts[:count]) for count in range(1, len(parts)))
    return frozenset(stem for stem in stems if os.path.lexists(path.parent / (stem + INFO_SUFFIX)))


@dataclass(frozen=True, slots=True)
class _CaptionName:
    """The parts of *name*, the name of a caption file; *stem* is the part before language and extension."""

    name: str
    stem: str
    language_tag: str
    has_info: bool = False

    @classmethod
    def parse_name(cls, name: str, *, info_stems: frozenset[str]) -> _CaptionName:
        base = _split_suffix(name)[0]
        stem = _matching_stem(base, info_stems)
        if stem is not None:
            return cls(name, stem, base[len(stem) :].lstrip("."), has_info=True)
        match = _LANGUAGE_SUFFIX.search(base)
        if match and normalize_language(remove_original_mark(match[1])):
            return cls(name, base[: match.start()], match[1])
        return cls(name, base, "")

    @property
    def suffix(self) -> str:
        """The extension, in lower case."""
        return _split_suffix(self.name)[1]


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


def _video_key(name: str, info_stems: frozenset[str]) -> str:
    """Return what the names of all files of a video have in common: the stem, and whether it has an `info.json`."""
    if name.endswith(INFO_SUFFIX):
        return f"{name.removesuffix(INFO_SUFFIX)}\0i"
    parsed = _CaptionName.parse_name(name, info_stems=info_stems)
    return f"{parsed.stem}\0{'i' if parsed.has_info else ''}"


@dataclass(frozen=True, slots=True)
class _FolderReader:
    """Reads the saved videos of *directory*, which is inside *root*."""

    directory: Path
    root: Path
    skipped: SkippedFiles

    def read_videos(self, names: list[str]) -> Iterator[SavedVideo]:
        """Yield the videos whose files are *names*, which is sorted."""
        stems = _info_stems(names)
        # Strings, and no objects that are made of them: a folder may have a million files.
        keys = [_video_key(name, stems) for name in names]
        order = sorted(range(len(names)), key=keys.__getitem__)
        for key, numbers in groupby(order, keys.__getitem__):
            stem, _, has_info = key.partition("\0")
            saved = self._read_video(stem, bool(has_info), map(names.__getitem__, numbers), stems)
            if saved is not None:
                yield saved

    def _read_video(
        self, stem: str, has_info: bool, names: Iterable[str], info_stems: frozenset[str]
    ) -> SavedVideo | None:
        captions: list[_CaptionName] = []
        for name in names:
            if name.endswith(INFO_SUFFIX) or not self._is_captions(name):
                continue
            if len(captions) == _MAX_CAPTION_FILES:
                self.skipped.add(self.directory / name, f"its video has more than {_MAX_CAPTION_FILES} caption files")
                continue
            parsed = _CaptionName.parse_name(name, info_stems=info_stems)
            if parsed.language_tag not in NON_SPEECH_LANGUAGES:
                captions.append(parsed)
        if not captions and not has_info:
            return None
        info = read_info_json(self.directory / (stem + INFO_SUFFIX), self.root) if has_info else InfoJson()
        saved = replace(_build_saved(self.directory, stem, captions, info), folder=self.root)
        is_empty = not saved.tracks and not saved.problem and saved.video.id.startswith("file:")
        return None if is_empty else saved

    def _is_captions(self, name: str) -> bool:
        """Return whether the file *name* has captions; if its suffix is ambiguous, the start of its content decides."""
        suffix = _split_suffix(name)[1]
        if suffix not in AMBIGUOUS_SUFFIXES:
            return True
        pattern = _AMBIGUOUS_PATTERNS.get(suffix)
        path = self.directory / name
        try:
            with open_file_inside(path, self.root) as file:
                head = file.read(_SNIFFED_BYTES)
            is_marked = pattern is not None and pattern.search(head) is not None
            return is_marked or (suffix in _TEXT_SUFFIXES and has_times(head))
        except OutsideFolderError:
            self.skipped.add(path, OUTSIDE_REASON)
        except OSError as exc:
            self.skipped.add(path, f"it cannot be read ({exc.strerror})")
        return False


def _build_saved(folder: Path, stem: str, group: list[_CaptionName], info: InfoJson) -> SavedVideo:
    translations = {name: None for name in group if info.is_translation(name.language_tag, name.suffix[1:])}
    files = [(name, *_track_language(name, info)) for name in group if name not in translations]
    best: dict[tuple[str, CaptionOrigin], tuple[Path, Track]] = {}
    for name, language, origin in sorted(files, key=lambda entry: _format_preference(entry[0])):
        path = folder / name.name
        track = Track(language, origin, name.suffix[1:], path.absolute().as_uri())
        best.setdefault((language, origin), (path, track))
    chosen = list(best.values())
    return SavedVideo(
        video=info.video or _video_from_name(folder, stem, group),
        tracks=tuple(track for _, track in chosen),
        paths=tuple(path for path, _ in chosen),
        problem=info.problem,
        translations=tuple(name.name for name in translations),
    )


_PREFERRED_SUFFIXES = (".json3", ".vtt", ".srv3", ".ttml", ".srt")


def _format_preference(name: _CaptionName) -> tuple[int, str]:
    suffix = name.suffix
    if suffix in _PREFERRED_SUFFIXES:
        return _PREFERRED_SUFFIXES.index(suffix), name.name
    return len(_PREFERRED_SUFFIXES) + (suffix in TABLE_SUFFIXES), name.name


def _track_language(name: _CaptionName, info: InfoJson) -> tuple[str, CaptionOrigin]:
    """Return the language and the origin of a caption file; *info* lists which languages are automatic."""
    tag = info.copies.get(name.language_tag, name.language_tag)
    language, is_automatic = parse_caption_language(tag) if tag else ("", False)
    if tag and tag in info.manual_languages:
        return language, "manual"
    if is_automatic or is_marked_original(tag) or tag in info.automatic_languages:
        return language, "automatic"
    return language, "manual" if name.has_info and info.video else "supplied"


def _video_from_name(folder: Path, stem: str, group: list[_CaptionName]) -> Video:
    """Return a video with the metadata that the name of its files contains."""
    path = folder / (group[0].name if group else stem + INFO_SUFFIX)
    stem = escape_name(stem)
    title = humanize_stem(_YOUTUBE_ID_SUFFIX.sub("", _MEDIA_SUFFIX.sub("", stem)) or stem)
    return Video(id=f"file:{stem}", url=path.absolute().as_uri(), title=title)
