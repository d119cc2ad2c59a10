"""UTF-8 that was encoded twice: undone where it is certain, and only there."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import parse_captions

LINES = {
    "French": "je ne l'avais pas formulé comme ça, mais voilà",
    "French capitals": "ÉTÉ\nl'été déjà",
    "one letter": "the café is closed",
    "German": "Größe, Übung, schön",
    "Spanish": "¿Qué pasó? ¡El río creció!",
    "Polish": "źdźbło, łąka, żółć",
    "Turkish": "İyi akşamlar, çocuğum",
    "Russian": "Мы никогда не думали, что река поднимется",
    "Greek": "Ποτέ δεν σκεφτήκαμε",
    "Chinese": "我们从没想过河水会涨",
    "Japanese": "私たちは川が増水するとは思わなかった",
    "Korean": "우리는 강이 불어날 줄 몰랐다",
    "Arabic": "لم نفكر أبدا",
    "Hindi": "हमने कभी नहीं सोचा",
    "quotes": "it’s “the river” – and… she’s there",
    "music": "♪ la la ♪",
    "emoji": "well 😀 done",
}


def text_of(text: str) -> str:
    raw = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n"
    return parse_captions(raw.encode()).cues[0].text


def misread(text: str, encoding: str) -> str:
    """Return what a program makes of the UTF-8 of *text* that takes it for *encoding*."""
    raw = text.encode()
    return "".join([raw[at : at + 1].decode(encoding, "ignore") or chr(raw[at]) for at in range(len(raw))])


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize("language", LINES)
def test_utf8_that_was_read_as_latin_letters_is_undone(language: str, encoding: str) -> None:
    assert text_of(misread(LINES[language], encoding)) == LINES[language]


def test_utf8_that_was_encoded_three_times_is_undone() -> None:
    assert text_of(misread(misread(LINES["French"], "cp1252"), "cp1252")) == LINES["French"]


@pytest.mark.parametrize(
    ("language", "encoding"),
    [("Russian", "cp1251"), ("French", "mac_roman"), ("Spanish", "cp437"), ("German", "cp437")],
)
def test_utf8_that_was_read_as_another_code_page_is_undone(language: str, encoding: str) -> None:
    assert text_of(LINES[language].encode().decode(encoding)) == LINES[language]


def test_the_mending_is_reported() -> None:
    raw = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{misread(LINES['French'], 'latin-1')}\n"

    assert parse_captions(raw.encode()).warnings == ("UTF-8 that was encoded twice decoded",)


def test_a_lost_space_without_break_is_no_obstacle() -> None:
    assert text_of("voilÃ  la rÃ©forme, dÃ©jÃ  Ã  cÃ´tÃ©") == "voilà  la réforme, déjà  à  côté"


def test_lines_that_are_right_stay_where_others_are_not() -> None:
    assert text_of("la rÃ©forme\nla réforme\nÀ voilÃ©") == "la réforme\nla réforme\nÀ voilÃ©"


@pytest.mark.parametrize("language", LINES)
def test_right_text_stays(language: str) -> None:
    assert text_of(LINES[language]) == LINES[language]


@pytest.mark.parametrize(
    "text",
    [
        "AMANHÃ…",
        "IRMÃ”",
        "«\u00a0café\u00a0»",
        "café\u00a0»",
        "un café…”",
        "CAFÉ»",
        "Spaß”",
        "IKEÅ’s",
        "NÃO, MÃE",
        "Â, Ã e À",
        "30\u00a0°C",
        "4×…",
        "é…» è…»",
        "©®™",
    ],
)
def test_rare_letters_before_signs_stay(text: str) -> None:
    assert text_of(text) == text
