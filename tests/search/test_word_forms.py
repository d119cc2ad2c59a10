"""Other forms of words are found in the languages of the captions, by their Snowball stems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex.engines.base import PassageCandidate, PassageIndex
from vidindex.model import Hit, QueryNode, TrackContext, Video
from vidindex.search import inflections
from vidindex.search.inflections import find_forms
from vidindex.search.options import SearchOptions
from vidindex.search.single_video import find_in_transcript

SAID = {
    "ar": "هذا كتاب جديد",
    "cs": "velké domy",
    "da": "en stor hund",
    "de": "das alte Haus am Fluss",
    "el": "το σπίτι μας",
    "en": "she was walking home and caring for it",
    "es": "nadie habló de eso",
    "fi": "talossa on",
    "fr": "les chevaux sont là",
    "hi": "लड़के आए",
    "hu": "a házban vagyunk",
    "it": "abbiamo parlato molto",
    "nl": "een groot huis",
    "pl": "nowych domów",
    "pt": "ele cantou ontem",
    "ro": "casele noastre",
    "ru": "новый дом стоит",
    "sv": "de stora skogarna",
    "tr": "evlerimiz güzel",
}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """An index of one short talk in each language."""
    folder = tmp_path_factory.mktemp("spoken")
    for language, line in SAID.items():
        (folder / f"talk-{language}.{language}.vtt").write_text(webvtt(["xx yy zz", line, "uu vv ww"]))
    with vidindex.open(folder / "index", engine="tantivy") as index:
        index.add(*sorted(folder.glob("*.vtt")))
        yield index


def texts(hits: list[Hit]) -> list[tuple[str, str]]:
    return [(hit.match, hit.text.casefold()) for hit in hits]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("الكتاب", "كتاب"),
        ("domů", "domy"),
        ("hunde", "hund"),
        ("Häuser", "haus"),
        ("Hause", "haus"),
        ("σπίτια", "σπίτι"),
        ("walked", "walking"),
        ("hablar", "habló"),
        ("talo", "talossa"),
        ("cheval", "chevaux"),
        ("लड़का", "लड़के"),
        ("házak", "házban"),
        ("parlare", "parlato"),
        ("huizen", "huis"),
        ("domach", "domów"),
        ("cantar", "cantou"),
        ("casa", "casele"),
        ("новой", "новый"),
        ("skog", "skogarna"),
        ("evler", "evlerimiz"),
    ],
)
def test_a_word_finds_its_other_forms(spoken: vidindex.Index, query: str, said: str) -> None:
    assert ("near", said) in texts(spoken.search(query))
    assert ("near", said) in texts(list(spoken.search_page(query).hits))


def test_words_that_only_look_alike_are_not_forms(spoken: vidindex.Index) -> None:
    assert spoken.search("car") == []


def test_forms_are_those_of_the_chosen_language(spoken: vidindex.Index) -> None:
    assert texts(spoken.search("hunde", lang="da")) == [("near", "hund")]
    assert spoken.search("hunde", lang="sv") == []
    assert texts(spoken.search("hunde lang:da")) == [("near", "hund")]


def test_forms_are_no_exact_hits(spoken: vidindex.Index) -> None:
    assert spoken.search("Häuser", match="exact") == []
    assert spoken.search('"Häuser"') == []


def test_the_word_itself_comes_first(tmp_path: Path) -> None:
    talk = tmp_path / "talk.de.vtt"
    talk.write_text(webvtt(["das Haus am Fluss", "die Häuser am Fluss"]))
    with vidindex.open(tmp_path / "index") as index:
        index.add(talk)
        assert texts(index.search("Häuser"))[0] == ("exact", "häuser")
        assert texts(index.search("die Häuser am Fluss"))[0] == ("exact", "die häuser am fluss")


def test_forms_that_another_process_adds_are_found(tmp_path: Path) -> None:
    first, second = tmp_path / "first.de.vtt", tmp_path / "second.fr.vtt"
    first.write_text(webvtt(["der alte Baum"]))
    second.write_text(webvtt(["les chevaux sont là"]))
    with vidindex.open(tmp_path / "index") as index, vidindex.open(tmp_path / "index") as other:
        index.add(first)
        assert texts(index.search("Bäume")) == [("near", "baum")]
        assert index.search("cheval") == []
        other.add(second)
        assert texts(index.search("cheval")) == [("near", "chevaux")]


def test_a_quote_with_other_forms_is_found_among_passages_that_share_more_words(tmp_path: Path) -> None:
    cues = [f"die alten {word} am grossen Fluss und so weiter" for word in ("Steine", "Schiffe", "Boote", "Tore")] * 400
    cues[900] = "ein altes Haus brannte nahe der grossen Kirchen"
    talk = tmp_path / "talk.de.vtt"
    talk.write_text(webvtt(cues, seconds=1))
    with vidindex.open(tmp_path / "index") as index:
        index.add(talk)
        assert [hit.start_ms // 1000 for hit in index.search("alte Häuser brannten nahe einer Kirche", limit=1)] == [
            900
        ]


def test_forms_are_found_in_a_single_video(spoken: vidindex.Index) -> None:
    transcript = vidindex.make_transcript(vidindex.read_captions(webvtt(["das alte Haus am Fluss"]).encode()))
    for language, expected in (("de", [("near", "haus")]), ("ru", []), ("", [])):
        track = vidindex.Track(language, "manual", "vtt")
        context = TrackContext(Video("site:a", "https://example.org/a"), track)
        assert texts(find_in_transcript(context, transcript, "Häuser", options=SearchOptions())) == expected


class _EndlessVocabulary(PassageIndex):
    """An engine with many words that start with any letters, and a count of those that were read."""

    def __init__(self) -> None:
        self.read = 0

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> list[PassageCandidate]:
        return [PassageCandidate(0, 0.0)]

    def has_token(self, token: str) -> bool:
        return True

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        return []

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        self.read += limit
        return [f"{token[:prefix_chars]}{number}x" for number in range(limit)]

    def count_passages(self) -> int:
        return 1


def test_the_work_for_a_long_quote_in_many_languages_is_bounded() -> None:
    engine = _EndlessVocabulary()
    tokens = [f"word{letter}{other}" for letter in "abcdefghijklmnop" for other in "abcdefghijklmnop"]
    assert find_forms(engine, tokens, list(inflections._STEMMERS)) == {}
    assert engine.read < 600
