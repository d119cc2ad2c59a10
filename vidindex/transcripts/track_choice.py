"""Which of a video's caption tracks are worth reading."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Track

ALL_LANGUAGES = "all"
_ORIGIN_RANK = {"supplied": 0, "manual": 0, "automatic": 1, "asr": 1}
_PREFERRED_FORMATS = ("vtt", "json3", "srv3", "ttml", "srt", "dfxp", "srv2", "srv1")
_NON_SPEECH_LANGUAGES = frozenset({"live_chat", "rechat", "danmaku", "comments"})


def choose_tracks(tracks: Sequence[Track], *, spoken: str, languages: Sequence[str]) -> list[Track]:
    """Choose one track of each wanted language, the spoken one first.

    *languages* as asked for: `all`, or codes (`de` takes `de-AT` too, `pt-BR` only that); none asks for the
    *spoken* language of the video and English.  What people wrote goes before what a machine heard, and
    what a machine translated is never taken.
    """
    own = _base_language(spoken) or _guess_spoken_language(tracks)
    wanted = [language.lower() for language in languages] or [code for code in (own, "en") if code]
    chosen: dict[str, Track] = {}
    for track in sorted(tracks, key=_track_rank):
        if _is_original_speech(track, own) and _is_wanted_language(track, wanted):
            chosen.setdefault(_language_key(track, wanted), track)
    found = sorted(chosen.values(), key=lambda track: _preference_key(track, own, wanted))
    return found or _fallback_tracks(tracks, own, languages)


def _base_language(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]


def _guess_spoken_language(tracks: Sequence[Track]) -> str:
    """Tell the spoken language by the tracks: YouTube marks it, and a lone language speaks for itself."""
    marked = {_base_language(track.language) for track in tracks if track.language.lower().endswith("-orig")}
    manual = {_base_language(track.language) for track in tracks if _ORIGIN_RANK[track.origin] == 0}
    every = {_base_language(track.language) for track in tracks}
    return next((next(iter(found)) for found in (marked, every, manual) if len(found) == 1), "")


def _track_rank(track: Track) -> tuple[int, bool, int, int]:
    marked = track.language.lower().endswith("-orig")
    known = _PREFERRED_FORMATS.index(track.format) if track.format in _PREFERRED_FORMATS else len(_PREFERRED_FORMATS)
    return _ORIGIN_RANK[track.origin], not marked, track.language.count("-") - marked, known


def _is_original_speech(track: Track, own: str) -> bool:
    """Leave out chats, and what a machine translated: an automatic track in another language than spoken."""
    if track.language.lower() in _NON_SPEECH_LANGUAGES or "tlang=" in track.url:
        return False
    return track.origin != "automatic" or not own or _base_language(track.language) == own


def _is_wanted_language(track: Track, wanted: Sequence[str]) -> bool:
    return ALL_LANGUAGES in wanted or any(_is_in_language(track, language) for language in wanted)


def _is_in_language(track: Track, language: str) -> bool:
    code = track.language.lower().replace("_", "-").removesuffix("-orig")
    language = language.replace("_", "-")
    return code == language or ("-" not in language and _base_language(code) == language)


def _language_key(track: Track, wanted: Sequence[str]) -> str:
    """Keep one track of each language, and of each variant that was asked for by name."""
    return next(
        (code for code in wanted if "-" in code and _is_in_language(track, code)), _base_language(track.language)
    )


def _preference_key(track: Track, own: str, wanted: Sequence[str]) -> tuple[bool, int, int, str]:
    asked = next((at for at, code in enumerate(wanted) if _is_in_language(track, code)), len(wanted))
    return _base_language(track.language) != own, asked, _ORIGIN_RANK[track.origin], track.language


def _fallback_tracks(tracks: Sequence[Track], own: str, languages: Sequence[str]) -> list[Track]:
    """Take the best track there is where nobody asked for a language and the usual ones are missing."""
    readable = [track for track in sorted(tracks, key=_track_rank) if _is_original_speech(track, own)]
    return [] if languages else readable[:1]
