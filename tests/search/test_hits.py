"""Misremembered quotes are found in automatic captions."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex.engines.base import Engine, PassageCandidate
from vidindex.model import CaptionOrigin, Hit, QueryNode, Track
from vidindex.store.base import Store

_SYLLABLES = ["".join(random.Random(at).choices("bdfgklmnprst", k=5)) for at in range(5000)]
SAID_MS = 60 * 4000  # when the interview starts


def name(hit: Hit) -> str:
    return hit.video.title


def first(talks: vidindex.Index, text: str) -> Hit:
    """Return the best hit."""
    return talks.search(text, limit=1)[0]


@pytest.mark.parametrize(
    "quote",
    [
        "they never take the time off",
        "They never take the time off!",
        "and i never took the time off, really",  # across cues and applause
        "$12 million in 1999",
        "I'd like to apologize to her in person",
        "was postponed",  # with a filler in between
    ],
)
def test_words_in_order_are_an_exact_hit(talks: vidindex.Index, quote: str) -> None:
    hit = first(talks, quote)
    assert (hit.match, hit.score, name(hit)) == ("exact", 1.0, "interview")


@pytest.mark.parametrize(
    "quote",
    [
        "I've really never taken the time off",
        "music after music and tour after tour",
        "like to apologise to him in person",
        "obviously I deal with hurt and so many celebrities",
        "the rafting trip to the canyons was cancelled",
    ],
)
def test_misremembered_and_misheard_words_are_a_near_hit(talks: vidindex.Index, quote: str) -> None:
    hit = first(talks, quote)
    assert (hit.match, name(hit)) == ("near", "interview")
    assert 0.5 < hit.score < 1.0


def test_words_written_together_or_apart_are_found(talks: vidindex.Index) -> None:
    assert name(first(talks, "the cashflow of a small bakery")) == "lecture"


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
@pytest.mark.parametrize(("asked", "other"), [("rain fall", "rainfall"), ("rainfall", "rain fall")])
def test_compound_and_split_spellings_are_found_after_many_exact_hits(
    tmp_path: Path, engine: str, asked: str, other: str
) -> None:
    """All hits with the spelling of the query are first, followed by those with the other spelling."""
    talk = tmp_path / "talk.en.vtt"
    chooser = random.Random(3)
    said = [
        f"the {asked} of a long and grey morning was no {other} but {' '.join(chooser.choices(_SYLLABLES, k=99))}"
        for _ in range(60)
    ]
    talk.write_text(
        "WEBVTT\n\n" + "\n".join(f"00:{at:02}.000 --> 00:{at:02}.900\n{cue}\n" for at, cue in enumerate(said))
    )
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(talk)
        hits = index.search(asked, limit=1000)
        assert [(hit.match, hit.text) for hit in hits[:60]] == [("exact", asked)] * 60
        assert [(hit.match, hit.text) for hit in hits[60:]] == [("near", other)] * 60
        near = index.search(asked, limit=1000, match="near")
        assert sorted(hit.start_ms for hit in near) == sorted(hit.start_ms for hit in hits[60:])


def test_a_hit_starts_and_ends_at_the_exact_words(talks: vidindex.Index) -> None:
    hit = first(talks, "never took the time off, really")
    assert hit.text == "never [applause] took the time off, really."
    assert hit.before.endswith("take the time off, and I")
    assert hit.after.startswith("It was music after music")
    assert SAID_MS + 8_000 < hit.start_ms < SAID_MS + 12_000
    assert SAID_MS + 16_000 < hit.end_ms <= SAID_MS + 20_000
    assert [hit.text[start:end] for start, end in hit.marks] == ["never", "took the time off, really."]


def test_every_occurrence_in_a_video_is_a_hit(talks: vidindex.Index) -> None:
    hits = [hit for hit in talks.search("never took the time off") if hit.match == "exact"]
    assert len(hits) == 2
    assert len({hit.start_ms for hit in hits}) == 2


def test_an_ellipsis_may_stand_for_many_words(talks: vidindex.Index) -> None:
    hit = first(talks, "so many singers … apologize to her in person")
    assert (hit.match, name(hit)) == ("exact", "interview")
    assert hit.text.startswith("so many singers,")
    assert hit.text.endswith("in person.")


def test_an_ellipsis_may_be_next_to_misheard_words(talks: vidindex.Index) -> None:
    hit = first(talks, "obviously I deal with hurt... music after music and tour after tour")
    assert (hit.match, name(hit)) == ("near", "interview")


def test_a_misheard_part_is_found_next_to_an_exact_part(talks: vidindex.Index) -> None:
    hit = first(talks, "they never take the time off, and I never … would love to apologise to him in person")
    assert (hit.match, name(hit)) == ("near", "interview")
    assert hit.text.startswith("they never take")
    assert hit.text.endswith("in person.")


def test_fillers_do_not_make_a_quote_harder_to_find(tmp_path: Path) -> None:
    talk = tmp_path / "talk.en.vtt"
    talk.write_text(
        webvtt(
            [f"{each} and so on" for each in _SYLLABLES[:99]] + ["a line on, you know, demonstrating in the marketing"]
        )
    )
    with vidindex.open(tmp_path / "index") as index:
        index.add(talk)
        (hit,) = index.search("align on, you know, benefiting as the market")
        assert (hit.match, hit.start_ms) == ("near", 99 * 4000)


def test_editorial_brackets_are_ignored(talks: vidindex.Index) -> None:
    assert first(talks, "[W]hat happened [at the VMAs] on that night").match == "exact"


def test_one_word_and_two_words_are_found(talks: vidindex.Index) -> None:
    assert name(first(talks, "bakery")) == "lecture"
    assert name(first(talks, "small bakery")) == "lecture"


def test_a_long_paragraph_costs_one_query_and_the_passages_in_which_it_is(
    talks: vidindex.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = talks.transcript(first(talks, "music after music").video.id).words[300:620]
    opened = talks._current_engine()
    assert opened is not None
    engine, store = type(opened), type(talks._store)
    find_candidates, block_texts = engine.find_candidates, store.block_texts
    queries: list[object] = []
    read: list[int] = []

    def count_queries(
        self: Engine, query: QueryNode, *, limit: int, min_share: float = 0.0
    ) -> Sequence[PassageCandidate]:
        queries.append(query)
        return find_candidates(self, query, limit=limit, min_share=min_share)

    def count_passages(self: Store, passages: Sequence[int]) -> Mapping[int, str]:
        read.extend(passages)
        return block_texts(self, passages)

    monkeypatch.setattr(engine, "find_candidates", count_queries)
    monkeypatch.setattr(store, "block_texts", count_passages)
    hit = first(talks, " ".join(words).replace("river", "liver"))
    assert len(queries) == 1
    assert len(read) <= 12
    assert (name(hit), hit.match) == ("interview", "near")
    assert len(hit.text.split()) > 300


def test_a_straight_quoted_text_is_found_only_as_it_stands(talks: vidindex.Index) -> None:
    assert first(talks, '"never took the time off"').match == "exact"
    assert talks.search('"never took any time off"') == []


def test_a_quoted_text_longer_than_passages_overlap_is_found(talks: vidindex.Index) -> None:
    words = talks.transcript(first(talks, "music after music").video.id).words[300:350]
    assert first(talks, f'"{" ".join(words)}"').match == "exact"


def test_scripts_without_spaces_are_found_by_character(talks: vidindex.Index) -> None:
    assert first(talks, "没有休息过").match == "exact"
    assert first(talks, "我们谈谈音乐").text == "今天我们谈谈音乐和巡演。"


def test_captions_in_capitals_are_shown_in_lower_case_by_default(talks: vidindex.Index) -> None:
    assert first(talks, "nobody writes it down").text == "Nobody writes it down,"
    assert talks.search("nobody writes it down", raw_case=True)[0].text == "NOBODY WRITES IT DOWN,"


def test_sentences_nobody_said_are_not_found(talks: vidindex.Index) -> None:
    assert talks.search("the committee painted a better question in the airport of Lisbon") == []
    assert talks.search("zebra") == []


def test_hits_can_be_only_exact_or_only_near(talks: vidindex.Index) -> None:
    quote = "they never take the time off"
    assert {hit.match for hit in talks.search(quote, match="exact")} == {"exact"}
    assert {hit.match for hit in talks.search(quote, match="near")} == {"near"}


@pytest.mark.parametrize("times", [1, 12])
def test_an_exact_match_is_not_a_near_hit(tmp_path: Path, times: int) -> None:
    quote = "herons never hurry at all when the tide is low " * times  # a different algorithm aligns long quotes
    talk = tmp_path / "talk.en.vtt"
    talk.write_text(f"WEBVTT\n\n00:00.000 --> 00:59.000\nwell {quote}we said\n")
    with vidindex.open(tmp_path / "index") as index:
        index.add(talk)
        assert index.search(quote, match="near") == []
        assert [hit.match for hit in index.search(quote)] == ["exact"]


def test_inflected_words_are_found_among_many_passages_that_share_more_words(tmp_path: Path) -> None:
    """The passage shares no word with the quote, only inflections."""
    chooser = random.Random(9)
    four = [" ".join(chooser.choices(_SYLLABLES, k=4)) for _ in range(10_000)]
    cues = [f"{before} growth in {after}" for before, after in zip(four[::2], four[1::2], strict=True)]
    cues[4900] = "so schedule delivery creates growths of sale said"
    talk = tmp_path / "talk.en.vtt"
    talk.write_text(webvtt(cues, seconds=1))
    with vidindex.open(tmp_path / "index") as index:
        index.add(talk)
        hits = index.search("the scheduled deliveries created growth in sales", limit=3)
        assert [hit.start_ms // 1000 for hit in hits] == [4900]


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_hundreds_of_occurrences_are_all_found(tmp_path: Path, engine: str) -> None:
    """Exact hits beyond the first candidates are found as well, and are not among the near hits."""
    talk = tmp_path / "talk.en.vtt"
    said = ["herons never hurry at all when the tide is low"] * 640 + ["herons never worry at all when it is low"] * 320
    chooser = random.Random(7)
    cues = (
        f"{at // 60:02}:{at % 60:02}.000 --> {at // 60:02}:{at % 60:02}.900\n"
        f"{words} {' '.join(chooser.choices(_SYLLABLES, k=99))}\n"
        for at, words in enumerate(said)
    )
    talk.write_text("WEBVTT\n\n" + "\n".join(cues))
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(talk)
        exact = index.search(said[0], limit=1000, match="exact")
        assert sorted(hit.start_ms for hit in exact) == [1000 * at for at in range(640)]
        every = index.search(said[0], limit=1000)
        assert [hit.match for hit in every[:640]] == ["exact"] * 640
        for quote in (said[0], said[-1]):
            assert {hit.match for hit in index.search(quote, limit=1000, match="near")} == {"near"}


def test_pages_of_hits_follow_each_other(talks: vidindex.Index) -> None:
    """This also holds beyond the first candidates of the engine."""
    everything = talks.search("the", limit=300)
    paged = [hit for offset in range(0, 300, 60) for hit in talks.search("the", limit=60, offset=offset)]
    assert len(everything) == 300
    assert paged == everything
    assert len({(hit.video.id, hit.start_ms, hit.before) for hit in paged}) == 300


def test_context_is_words_or_seconds(talks: vidindex.Index) -> None:
    few = talks.search("music after music", context=2)[0]
    assert (few.before, few.after) == ("It was", "and two")
    seconds = talks.search("music after music", context_ms=4_000)[0]
    assert "took" in seconds.before
    assert 4 < len(seconds.after.split()) < 25


def test_threshold_decides_what_is_near_enough(talks: vidindex.Index) -> None:
    quote = "I've really never taken the time off"
    assert len(talks.search(quote, threshold=0.99)) < len(talks.search(quote, threshold=0.3))


def test_a_hit_has_its_speaker(talks: vidindex.Index) -> None:
    assert first(talks, "apologize to her in person").speaker == "Guest"


def test_a_misspelled_word_suggests_an_indexed_one(talks: vidindex.Index) -> None:
    assert talks.suggest("the harbuor bakery") == "the harbour bakery"
    assert talks.suggest("the bakery") is None


AUTOMATIC = ["welcome to the show", "we never took the time off and i mean never", "good night to you"]
MANUAL = ["Welcome to the show.", "We never took the time off — and I mean never.", "Good night to you!"]
GERMAN = ["Willkommen in der Sendung.", "Wir haben uns nie die Zeit genommen.", "Gute Nacht."]


@pytest.fixture
def twice(index: vidindex.Index) -> vidindex.Index:
    """An index of one video with automatic captions, late manual captions, and captions in another language."""
    from vidindex import make_transcript, read_captions
    from vidindex.store import open_store
    from vidindex.store.location import parse_location

    store = open_store(parse_location(index.path))
    store.put_video(vidindex.Video("site:talk", "https://example.org/talk", title="talk"))
    tracks: list[tuple[str, CaptionOrigin, list[str]]] = [
        ("en", "automatic", AUTOMATIC),
        ("en", "manual", MANUAL),
        ("de", "manual", GERMAN),
    ]
    for language, origin, lines in tracks:
        raw = webvtt(lines).replace(".000", ".600" if origin == "manual" else ".000").encode()
        track = Track(language, origin, "vtt")
        assert store.put_track("site:talk", track, raw, make_transcript(read_captions(raw))) == "added"
    store.close()
    assert index.flush() == 3
    return index


@pytest.mark.parametrize(
    "quote",
    [
        "never took the time off",
        "we never took time off, I mean it",
        '"mean never"',
        "took AND never",
        "never",
        "nigh*",
    ],
)
def test_a_moment_captioned_twice_is_one_hit_with_the_manual_captions(twice: vidindex.Index, quote: str) -> None:
    in_video = twice.search_page(quote, options=vidindex.SearchOptions(videos=frozenset({"site:talk"}))).hits
    for hits in (twice.search(quote), in_video):
        assert hits
        assert {(hit.origin, hit.language) for hit in hits} == {("manual", "en")}
        assert len({hit.start_ms for hit in hits}) == len(hits)


def test_each_language_of_a_video_is_found_by_its_own_words(twice: vidindex.Index) -> None:
    (hit,) = twice.search("nie die Zeit genommen")
    assert (hit.language, hit.text) == ("de", "nie die Zeit genommen.")
    assert twice.search("never took the time off", lang="de") == []


@pytest.mark.parametrize(
    ("lines", "quote", "said"),
    [
        # The word before the ellipsis also occurs long before.
        (["you heard him", *["well and so on"] * 4, "you may begin thank you"], "You… may begin. Thank you", 2),
        (["you heard him", *["well and so on"] * 4, "you may begin thank you"], "You … may begin. Thank you", 2),
        # The pause was misheard as a word.
        (["we had no", *["well and so on"] * 9, "we are all very glad to see you"], "We … all very glad to see you", 2),
    ],
)
def test_the_tightest_reading_of_an_ellipsis_is_taken(lines: list[str], quote: str, said: int, tmp_path: Path) -> None:
    path = tmp_path / "talk.en.vtt"
    path.write_text(webvtt(lines))
    with vidindex.open(tmp_path / "index") as index:
        index.add(path)
        hit = first(index, quote)
    assert hit.start_ms >= (len(lines) - 1) * 4000
    assert len(hit.text.split()) <= len(quote.split()) + said


def test_parts_of_several_words_may_be_far_apart(tmp_path: Path) -> None:
    path = tmp_path / "talk.en.vtt"
    path.write_text(webvtt(["it was a dark night", *["well and so on"] * 20, "nobody slept in the old house"]))
    with vidindex.open(tmp_path / "index") as index:
        index.add(path)
        hit = first(index, "It was a dark night … nobody slept in the old house")
    assert (hit.match, hit.start_ms) == ("exact", 0)
