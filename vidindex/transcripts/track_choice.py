"""Selection of the caption tracks of a video that are read."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import CaptionOrigin, Track
from .languages import NON_SPEECH_LANGUAGES, base_language, is_marked_original, matches_language

ALL_LANGUAGES = "all"
_ORIGIN_RANK: dict[CaptionOrigin, int] = {"supplied": 0, "manual": 0, "automatic": 1, "asr": 1}
_READING_ORDER: tuple[CaptionOrigin, ...] = ("manual", "supplied", "asr", "automatic")
_PREFERRED_FORMATS = ("vtt", "json3", "srv3", "ttml", "srt", "dfxp", "srv2", "srv1")


def choose_tracks(tracks: Sequence[Track], *, spoken: str, languages: Sequence[str]) -> list[Track]:
    """Return one track of each wanted language, the *spoken* language of the video first.

    *languages* are codes, or `all`: `de` includes `de-AT`, while `pt-BR` includes nothing else.  If it is empty, the
    spoken language and English are wanted, and if those are missing, the best track is returned.  Manual captions are
    preferred to auto-generated ones, and machine translations are never returned.
    """
    own = base_language(spoken) or _guess_spoken_language(tracks)
    wanted = [language.lower() for language in languages] or [code for code in (own, "en") if code]
    chosen: dict[str, Track] = {}
    for track in sorted(tracks, key=_track_rank):
        if _is_original_speech(track, own) and _is_wanted_language(track, wanted):
            chosen.setdefault(_language_key(track, wanted), track)
    result = sorted(chosen.values(), key=lambda track: _preference_key(track, own, wanted))
    return result or _fallback_tracks(tracks, own, languages)


def choose_reading_track(tracks: Sequence[Track], language: str) -> int | None:
    """Return the position of the track to read: the best in *language*, or of all if that is empty; None for none."""
    wanted = base_language(language)
    matching = [at for at, track in enumerate(tracks) if not wanted or base_language(track.language) == wanted]
    return min(matching, key=lambda at: (_READING_ORDER.index(tracks[at].origin), at), default=None)


def _guess_spoken_language(tracks: Sequence[Track]) -> str:
    """Return the language that YouTube marks as the original, or the only language of the tracks, or `""`."""
    marked = {base_language(track.language) for track in tracks if is_marked_original(track.language)}
    manual = {base_language(track.language) for track in tracks if _ORIGIN_RANK[track.origin] == 0}
    every = {base_language(track.language) for track in tracks}
    return next((next(iter(codes)) for codes in (marked, every, manual) if len(codes) == 1), "")


def _track_rank(track: Track) -> tuple[int, bool, int, int]:
    marked = is_marked_original(track.language)
    formats = _PREFERRED_FORMATS
    format_rank = formats.index(track.format) if track.format in formats else len(formats)
    return _ORIGIN_RANK[track.origin], not marked, track.language.count("-") - marked, format_rank


def _is_original_speech(track: Track, own: str) -> bool:
    """Check that *track* is not a chat and not a machine translation: automatic, but not in the spoken language."""
    if track.language.lower() in NON_SPEECH_LANGUAGES or "tlang=" in track.url:
        return False
    return track.origin != "automatic" or not own or base_language(track.language) == own


def _is_wanted_language(track: Track, wanted: Sequence[str]) -> bool:
    return ALL_LANGUAGES in wanted or any(matches_language(track.language, language) for language in wanted)


def _language_key(track: Track, wanted: Sequence[str]) -> str:
    """Return the key under which only one track is chosen: its language, or a variant that is wanted by its code."""
    return next(
        (code for code in wanted if "-" in code and matches_language(track.language, code)),
        base_language(track.language),
    )


def _preference_key(track: Track, own: str, wanted: Sequence[str]) -> tuple[bool, int, int, str]:
    position = next((at for at, code in enumerate(wanted) if matches_language(track.language, code)), len(wanted))
    return base_language(track.language) != own, position, _ORIGIN_RANK[track.origin], track.language


def _fallback_tracks(tracks: Sequence[Track], own: str, languages: Sequence[str]) -> list[Track]:
    """Return the best track, or no track if *languages* names the wanted ones."""
    readable = [track for track in sorted(tracks, key=_track_rank) if _is_original_speech(track, own)]
    return [] if languages else readable[:1]
