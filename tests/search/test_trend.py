"""A trend counts all hits of a query and the indexed words, on every engine and in both stores."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import vidindex
from vidindex import Cue, SearchOptions, Track, Transcript, Trend, Video, make_transcript


def said(lines: Sequence[str], speakers: Sequence[str] = ()) -> Transcript:
    """Return a transcript with a line every four seconds, each with its speaker."""
    names = [*speakers, *[""] * len(lines)]
    cues = [Cue(at * 4000, at * 4000 + 4000, line, names[at]) for at, line in enumerate(lines)]
    return make_transcript(cues, automatic=False)


def put(
    index: vidindex.Index, name: str, *lines: str, language: str = "en", speakers: Sequence[str] = (), **about: str
) -> None:
    """Store a video with captions, or another track of a video."""
    site = about.pop("site", "example.org")
    index._store.put_video(Video(f"example:{name}", f"https://{site}/{name}", title=name, site=site, **about))  # type: ignore[arg-type]
    track = Track(language, "manual", "vtt")
    index._store.put_track(f"example:{name}", track, "".join(lines).encode(), said(lines, speakers))


def rows(trend: Trend) -> list[tuple[str, int, int]]:
    return [(row.value, row.hits, row.words) for row in trend.rows]


def fill(index: vidindex.Index) -> None:
    put(index, "a", "liquid nitrogen is cold", "very cold nitrogen", date="2019-11-02", channel="Physics")
    put(index, "b", "nothing of the kind was said here", date="2020-02-28", channel="Physics")
    put(index, "c", "nitrogen", date="2020-02-01", channel="Cooking", site="cook.example")
    put(index, "d", "nitrogen and helium", date="", channel="")
    put(index, "e", "helium or nitrogen in a year", date="2018", channel="Cooking")
    index.flush()


def test_every_month_between_the_first_and_the_last_has_a_row(index: vidindex.Index) -> None:
    fill(index)
    trend = index.trend("nitrogen")
    assert rows(trend) == [
        ("2019-11", 2, 7),
        ("2019-12", 0, 0),
        ("2020-01", 0, 0),
        ("2020-02", 1, 8),
        ("", 2, 9),  # no date, and a year without a month
    ]
    assert [row.rate for row in trend.rows[:2]] == [pytest.approx(2_000_000 / 7), None]
    assert (trend.by, trend.total, trend.words, trend.is_more) == ("month", 5, 24, False)


def test_months_with_words_but_without_hits_have_the_rate_zero(index: vidindex.Index) -> None:
    fill(index)
    trend = index.trend("helium", by="month")
    assert [(row.hits, row.rate) for row in trend.rows if row.value == "2019-11"] == [(0, 0.0)]
    nothing = index.trend("zirconium")
    assert nothing.total == 0
    assert [row.words for row in nothing.rows] == [7, 0, 0, 8, 9]


def test_hits_are_counted_by_year_and_channel(index: vidindex.Index) -> None:
    fill(index)
    assert rows(index.trend("nitrogen", by="year")) == [("2018", 1, 6), ("2019", 2, 7), ("2020", 1, 8), ("", 1, 3)]
    assert rows(index.trend("nitrogen", by="channel")) == [("Cooking", 2, 7), ("Physics", 2, 14), ("", 1, 3)]


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("nitrogen", SearchOptions(channel="physics")),
        ("channel:physics nitrogen", SearchOptions()),
        ("nitrogen AND NOT channel:cooking", SearchOptions(after="2019", before="2020-12")),
        ("nitrogen", SearchOptions(videos=frozenset(["example:a", "example:b"]))),
    ],
    ids=["option", "field", "operators", "videos"],
)
def test_filters_select_hits_and_words(index: vidindex.Index, query: str, options: SearchOptions) -> None:
    fill(index)
    trend = index.trend(query, options=options)
    assert (trend.total, trend.words) == (2, 14)
    assert rows(trend)[0] == ("2019-11", 2, 7)


def test_limit_and_offset_do_not_change_the_counts(index: vidindex.Index) -> None:
    fill(index)
    assert index.trend("nitrogen", options=SearchOptions(limit=1, offset=3, sort="date")) == index.trend("nitrogen")


def test_hits_are_those_of_the_search(index: vidindex.Index) -> None:
    fill(index)
    for query in ("nitrogen", "liquid nitrogen was cold", "nitro*", "(helium OR cold) NOT liquid", '"very cold"'):
        assert index.trend(query).total == len(index.search(query, limit=1000)), query


def test_a_moment_in_two_languages_counts_once_and_the_longest_track_has_the_words(index: vidindex.Index) -> None:
    put(index, "a", "Tokyo Osaka", "the end of it", date="2020-01-01")
    put(index, "a", "Tokyo Osaka", "das Ende", "Tokyo", language="de", date="2020-01-01")
    index.flush()
    assert rows(index.trend("tokyo")) == [("2020-01", 2, 6)]
    assert rows(index.trend("tokyo", options=SearchOptions(lang="de"))) == [("2020-01", 2, 5)]


def test_hits_are_counted_by_speaker(index: vidindex.Index) -> None:
    put(index, "a", "cold tea", "warm tea please", "more tea", speakers=["Ann", "Bob", "Ann"], date="2020-01-01")
    put(index, "b", "tea for two", date="2020-01-01")
    put(index, "c", "coffee", speakers=["Cem"], date="2020-01-01")
    index.flush()
    assert rows(index.trend("tea", by="speaker")) == [("Ann", 2, 4), ("Bob", 1, 3), ("", 1, 3)]
    assert index.trend("speaker:bob tea").total == 1
    assert index.trend("speaker:bob tea").words == 11


def test_captions_that_are_not_searchable_yet_do_not_count(index: vidindex.Index) -> None:
    fill(index)
    put(index, "late", "nitrogen again", date="2021-01-01")
    assert index.trend("nitrogen").words == 24


def test_a_wrong_date_does_not_make_thousands_of_rows(index: vidindex.Index) -> None:
    put(index, "a", "one", date="0203-01-01")
    put(index, "b", "one", date="2020-01-01")
    put(index, "c", "one", date="2020-13-45")
    index.flush()
    assert rows(index.trend("one")) == [("0203-01", 1, 1), ("2020-01", 1, 1), ("", 1, 1)]


def test_an_index_without_captions_has_no_rows(index: vidindex.Index) -> None:
    assert index.trend("nitrogen", by="year") == Trend("year")


def test_an_unknown_group_is_an_error(index: vidindex.Index) -> None:
    with pytest.raises(vidindex.OptionError, match="month, year, channel, speaker, not by 'week'"):
        index.trend("nitrogen", by="week")  # type: ignore[arg-type]


def test_an_even_sample_is_counted_if_too_many_passages_match(
    index: vidindex.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidindex.search.moments.MAX_SAMPLED_PASSAGES", 4)
    for month in range(1, 9):
        put(index, f"v{month}", "nitrogen", date=f"2020-{month:02}-01")
    index.flush()
    trend = index.trend("nitrogen")
    assert trend.is_more
    assert [row.hits for row in trend.rows] == [1, 0, 1, 0, 1, 0, 1, 0]
