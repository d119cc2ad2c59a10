"""Selection of the caption tracks of a video."""

from __future__ import annotations

from vidindex.model import CaptionOrigin, Track
from vidindex.transcripts.formats import choose_tracks


def track(language: str, origin: CaptionOrigin = "manual", format_name: str = "vtt", url: str = "") -> Track:
    return Track(language, origin, format_name, url)


def languages(tracks: list[Track]) -> list[tuple[str, str]]:
    return [(track.language, track.origin) for track in tracks]


def test_the_videos_own_language_and_english_by_default() -> None:
    tracks = [track("en"), track("fr"), track("de")]

    assert languages(choose_tracks(tracks, spoken="de", languages=())) == [("de", "manual"), ("en", "manual")]


def test_people_before_machines_in_each_language() -> None:
    tracks = [track("en", "automatic"), track("en-GB")]

    assert languages(choose_tracks(tracks, spoken="en", languages=())) == [("en-GB", "manual")]


def test_machine_translations_are_never_taken() -> None:
    """YouTube lists a hundred; the original is marked, and the URLs of the others name a target language."""
    tracks = [
        track("en", "automatic", url="https://t/?lang=fr&tlang=en"),
        track("de", "automatic"),
        track("fr-orig", "automatic"),
        track("fr", "automatic"),
    ]

    assert languages(choose_tracks(tracks, spoken="", languages=("all",))) == [("fr-orig", "automatic")]


def test_a_translation_by_people_is_taken_beside_the_automatic_original() -> None:
    tracks = [track("en"), track("fr-orig", "automatic")]

    assert languages(choose_tracks(tracks, spoken="fr", languages=())) == [("fr-orig", "automatic"), ("en", "manual")]


def test_languages_asked_for_by_code_variant_or_all() -> None:
    tracks = [track("pt-BR"), track("pt-PT"), track("es"), track("en")]

    assert languages(choose_tracks(tracks, spoken="en", languages=("pt-PT",))) == [("pt-PT", "manual")]
    assert len(choose_tracks(tracks, spoken="en", languages=("pt",))) == 1
    assert [found.language for found in choose_tracks(tracks, spoken="en", languages=("all",))] == ["en", "es", "pt-BR"]
    assert choose_tracks(tracks, spoken="en", languages=("ja",)) == []


def test_one_format_of_each_language() -> None:
    tracks = [track("en", format_name="json3"), track("en", format_name="vtt"), track("en", format_name="srv1")]

    assert [found.format for found in choose_tracks(tracks, spoken="en", languages=())] == ["vtt"]


def test_a_chat_is_no_caption_track() -> None:
    assert choose_tracks([track("live_chat", format_name="json")], spoken="", languages=("all",)) == []


def test_something_rather_than_nothing_where_nobody_asked() -> None:
    """A Finnish video of unknown language is still worth searching."""
    assert languages(choose_tracks([track("fi"), track("sv")], spoken="", languages=())) == [("fi", "manual")]
