"""What the films of an edit list say about their times: frame rate, time code of the first frame, and length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import ClipError, OptionError
from ...net.files import open_regular_file
from ..ffmpeg import probe_film, read_timecode
from ..moments import ClipMoment
from .frame_rates import FrameRateName, choose_frame_rate
from .timeline import EditMoment, to_edit_moment


@dataclass(frozen=True, slots=True)
class FilmTimes:
    """The times of the film *path*; *rate* is None if it has no pictures, or none at a rate that edit lists have."""

    path: Path
    rate: FrameRateName | None = None
    timecode: str = ""
    duration_ms: int = 0


def read_film_times(moments: Iterable[ClipMoment]) -> dict[Path, FilmTimes]:
    """Return the times of the films of *moments* that are on this machine; nothing of a film that cannot be read."""
    paths = dict.fromkeys(moment.media for moment in moments if moment.media is not None)
    return {path: _read_times(path) for path in paths}


def _read_times(path: Path) -> FilmTimes:
    try:
        with open_regular_file(path) as file:
            facts = probe_film(file, path.name)
            timecode = read_timecode(file, path.name)
    except (ClipError, OSError):  # ffmpeg is not needed for edit lists
        return FilmTimes(path)
    rate = choose_frame_rate(round(facts.frame_rate * 100_000), 100_000)
    return FilmTimes(path, _with_drop_frames(rate, timecode), timecode, int(facts.duration_ms))


def _with_drop_frames(rate: FrameRateName | None, timecode: str) -> FrameRateName | None:
    """Return *rate* with the way in which *timecode* counts."""
    if rate == "29.97" and ";" in timecode:
        return "29.97df"
    return "59.94df" if rate == "59.94" and ";" in timecode else rate


def make_edit_moments(moments: Iterable[ClipMoment], films: dict[Path, FilmTimes]) -> list[EditMoment]:
    """Return *moments* for an edit list, with the time codes and the lengths of *films*."""
    return [_make_edit_moment(moment, films) for moment in moments]


def _make_edit_moment(moment: ClipMoment, films: dict[Path, FilmTimes]) -> EditMoment:
    made = to_edit_moment(moment)
    times = films.get(moment.media) if moment.media else None
    if times is None:
        return made
    return replace(made, timecode=times.timecode, duration_ms=times.duration_ms or made.duration_ms)


def find_common_rate(moments: Sequence[ClipMoment], films: dict[Path, FilmTimes]) -> FrameRateName:
    """Return the frame rate of all films with pictures, or raise `OptionError` with what to do."""
    rates = {times.rate for times in films.values() if times.rate}
    if len(rates) == 1 and all(moment.media is not None for moment in moments):
        return rates.pop()
    if len(rates) > 1:
        listed = ", ".join(sorted(rates))
        raise OptionError(f"the films have different frame rates ({listed}): state that of the list, such as 25")
    raise OptionError("the frame rate of the films is not known: state it, such as 25 or 29.97")
