"""Which words beside a player name its video."""

from __future__ import annotations

import pytest

from vidindex.pages.embeds.label_words import clean_label, leads_elsewhere


@pytest.mark.parametrize(
    "text",
    [
        "MP4",
        "HD MP4 (120 MB) | MP3",
        "0:00 / 3:04",
        "Herunterladen",
        "Click here",
        "Anzeige",
        "Inhalt anzeigen",
        "Media playback is unsupported on your device",
        "Facebook Twitter WhatsApp",
        "May 5, 2022",
        "12.05.2015 à 13h36",
        "November 2012 von Tom Ray",
        "example.com",
        "50 comments",
        "Subscribe to our channel for more",
        "Photo: Ann Lee",
        "2016",
    ],
)
def test_controls_files_datelines_and_calls_name_no_video(text: str) -> None:
    assert clean_label(text) == ""


@pytest.mark.parametrize(
    "text",
    ["2Pac", "St. Vincent sings", "Node.js in ten minutes", "10.5.2012 Interview", "Photo finish", "Video: Jay speaks"],
)
def test_titles_with_such_words_are_kept(text: str) -> None:
    assert clean_label(text) == text


def test_a_heading_may_be_a_year_or_a_rank() -> None:
    assert clean_label("2016", is_heading=True) == "2016"
    assert clean_label("10", is_heading=True) == "10"


@pytest.mark.parametrize(
    "text",
    [
        "Read also: the bridge",
        "READ MORE: the bridge",
        "Related: the bridge",
        "Lea también: el puente",
        "Te puede interesar",
        "Lire aussi : le pont",
        "Lesen Sie auch: Die Brücke",
        "Leggi anche: il ponte",
        "Leia também: a ponte",
        "Czytaj także: most",
        "Läs också: bron",
        "Lees ook: de brug",
        "Читайте также: мост",
        "関連記事 橋",
        "相关阅读：桥",
    ],
)
def test_a_line_that_leads_to_another_article_is_recognized(text: str) -> None:
    assert leads_elsewhere(text)


@pytest.mark.parametrize(
    "text", ["Read my lips", "Watch: Jay speaks", "Mehr Licht", "Ver para creer", "Lire en public"]
)
def test_a_title_that_starts_like_such_a_line_does_not_lead_elsewhere(text: str) -> None:
    assert not leads_elsewhere(text)
