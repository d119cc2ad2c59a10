"""Every letter survives, in any encoding."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import parse_captions

LINES = {
    "German": "Die Bürger fühlen sich übergangen, und das ärgert die Größten unter ihnen sehr. Schöne Grüße!",
    "French": "À l'époque, c'était déjà compliqué, et je ne sais pas où vous êtes allés après la fête de cet été.",
    "Russian": "Мы никогда не думали, что это случится так быстро, и никто не был к этому готов.",
    "Turkish": "Şehrimizdeki hava çok soğuktu, insanlar ırmağın taşacağından korktu ve İzmir'e gitti.",
    "Polish": "Źle się stało, że ludzie opuszczali domy, ponieważ bali się powodzi w całym mieście.",
    "Romanian": "Oamenii şi-au părăsit casele, pentru că se temeau de inundaţii în oraşul nostru.",
    "Lithuanian": "Žmonės paliko savo namus, nes bijojo potvynio, ir šiandien apie tai kalbėsime mūsų mieste.",
    "Greek": "Οι άνθρωποι άφησαν τα σπίτια τους, γιατί φοβούνταν ότι το ποτάμι θα υπερχείλιζε.",
    "Ukrainian": "Люди залишали домівки, бо боялися повені, і мер обіцяв їм допомогти.",
    "Hebrew": "אנשים עזבו את בתיהם, כי הם פחדו מהשיטפון, וראש העיר הבטיח לעזור לכולם.",
    "Japanese": "皆さん、こんにちは。今日は新しい研究についてお話ししたいと思います。",
}


def srt(text: str) -> str:
    return "\n".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{text} {n}\n" for n in range(1, 9))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("language", LINES)
def test_unicode_in_any_form(language: str, encoding: str) -> None:
    parsed = parse_captions(srt(LINES[language]).encode(encoding))

    assert [cue.text for cue in parsed.cues] == [f"{LINES[language]} {n}" for n in range(1, 9)]


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("German", "latin-1"),
        ("German", "cp850"),
        ("French", "cp1252"),
        ("French", "mac_roman"),
        ("Russian", "cp1251"),
        ("Russian", "koi8_r"),
        ("Turkish", "cp1254"),
        ("Polish", "cp1250"),
        ("Polish", "iso8859_2"),
        ("Romanian", "cp1250"),
        ("Lithuanian", "cp1257"),
        ("Greek", "cp1253"),
        ("Greek", "iso8859_7"),
        ("Ukrainian", "koi8_u"),
        ("Hebrew", "cp1255"),
        ("Japanese", "shift_jis"),
    ],
)
def test_code_pages_of_old_are_told_and_reported(language: str, encoding: str) -> None:
    parsed = parse_captions(srt(LINES[language]).encode(encoding))

    assert parsed.cues[0].text == f"{LINES[language]} 1"
    assert any("text read as" in warning for warning in parsed.warnings)


def test_the_escapes_of_japanese_mail_are_letters() -> None:
    assert parse_captions(srt(LINES["Japanese"]).encode("iso2022_jp")).cues[0].text == f"{LINES['Japanese']} 1"


def test_utf8_with_a_damaged_byte_stays_utf8() -> None:
    raw = srt(LINES["French"]).encode()

    parsed = parse_captions(raw[:-200] + b"\xff" + raw[-200:])

    assert parsed.cues[0].text == f"{LINES['French']} 1"
    assert "damaged UTF-8 replaced" in parsed.warnings


def test_xml_is_read_in_the_encoding_it_declares() -> None:
    raw = '<?xml version="1.0" encoding="ISO-8859-1"?><tt><body><p begin="1s" end="2s">café</p></body></tt>'

    assert parse_captions(raw.encode("latin-1")).cues[0].text == "café"
