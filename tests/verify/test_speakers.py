"""Names of speakers are compared as people write them."""

from __future__ import annotations

import pytest

from vidindex.verify.speakers import check_speaker


@pytest.mark.parametrize(
    ("who", "speaker"),
    [
        ("Vale", "Rosa Vale"),
        ("Rosa Vale", "Rosa Vale"),
        ("Rosa Vale, chief executive", "ROSA VALE"),
        ("Sen. Vale", "Rosa Vale"),
        ("Bob Iger", "Robert Iger"),
        ("Jean-Marc Germain", "Jean Marc Germain"),
        ("Germain", "Jean-Marc Germain"),
        ("Suzanne S.", "Suzanne Sitherwood"),
        ("R. Vale", "Rosa Vale"),
        ("Carolina Dybeck Happe", "Karolina Dybeck Happe"),
        ("Joc O’Rourke", "Joc ORourke"),
        ("Orbán Viktor", "Viktor Orbán"),
        ("the host", "Host"),
        ("Brandon", "Brandon"),
        ("Anna Müller", "Anna Muller"),
    ],
)  # fmt: skip
def test_the_same_person_is_confirmed(who: str, speaker: str) -> None:
    assert check_speaker(who, speaker) == "confirmed"


@pytest.mark.parametrize(
    ("who", "speaker"),
    [
        ("Tom Becker", "Rosa Vale"),
        ("Becker", "Rosa Vale"),
        ("Mary Smith", "John Smith"),
        ("Laura Gannon", "Joc O'Rourke"),
        ("Chief executive Tom Becker", "Rosa Vale"),
    ],
)
def test_another_person_is_contradicted(who: str, speaker: str) -> None:
    assert check_speaker(who, speaker) == "contradicted"


@pytest.mark.parametrize(
    ("who", "speaker"),
    [
        ("", "Rosa Vale"),
        ("Vale", ""),
        ("he", "Rosa Vale"),
        ("she", "Tom Becker"),
        ("the chief executive", "Rosa Vale"),
        ("Rosa Vale", "Speaker 1"),
        ("Rosa Vale", "Host"),
        ("Rosa Vale", "Woman"),
        ("Vale", "マイク"),
        ("the spokeswoman", "Rosa Vale"),
    ],
)
def test_what_says_nothing_about_the_person_is_unknown(who: str, speaker: str) -> None:
    assert check_speaker(who, speaker) == "unknown"
