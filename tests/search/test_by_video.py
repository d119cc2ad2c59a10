"""Answers by video, and facets that count what is found after choosing a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex import SearchOptions, VideoHitsPage
from vidindex.engines import installed_engines
from vidindex.search.moments import find_starts

from .conftest import noise

QUOTE = "I never took the time off, really"
CHANNELS = ["NBC", "NBC News", "Café Zürich", "Cafe Zurich Live", "★★★", ""]
DATES = ["20091231", "2009", "20100101", ""]
SITES = ["www.youtube.com", "m.youtube.com", "vimeo.com"]

Talk = Callable[..., None]


def _write_talk(folder: Path, name: str, tracks: dict[str, list[str]], **about: object) -> None:
    """Write the files of a video as yt-dlp does."""
    url = f"https://www.youtube.com/watch?v={name}"
    fields = {"id": name, "title": name, "webpage_url": url, "_type": "video", "extractor_key": "Youtube", **about}
    (folder / f"{name}.info.json").write_text(json.dumps(fields), encoding="utf-8")
    for language, lines in tracks.items():
        (folder / f"{name}.{language}.vtt").write_text(webvtt(lines), encoding="utf-8")


def _write_talks(folder: Path) -> None:
    """Write talks whose channels, languages and dates contain each other, some with captions in two languages."""
    folder.mkdir()
    for number in range(18):
        said = [QUOTE, "I never took the time of it, really"][number % 2 : number % 2 + 1]
        lines = [*noise(number, 6), *said, *noise(number + 50, 4)]
        tracks = {["en", "en-US", "de"][number % 3]: lines}
        if number % 4 == 0:
            tracks["fr"] = lines[1:]
        name = f"talk{number:07}"
        url = f"https://{SITES[number % 3]}/watch?v={name}"
        about = {"channel": CHANNELS[number % 6], "upload_date": DATES[number % 4], "webpage_url": url}
        _write_talk(folder, name, tracks, **about)


@pytest.fixture(scope="module", params=["whoosh", "tantivy"])
def talks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    if request.param not in installed_engines():
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp("by-video")
    _write_talks(folder / "talks")
    with vidindex.open(folder / "index", engine=request.param) as index:
        assert not index.add(folder / "talks", languages=("all",)).failures
        yield index


def _choose(options: SearchOptions, name: str, value: str) -> SearchOptions:
    changes: dict[str, Any] = {"after": value, "before": value} if name == "year" else {name: value}
    return replace(options, **changes)


QUERIES = [
    "the",
    QUOTE,
    "never took",
    "never … off",
    '"of the"',
    "the AND river",
    "never taken the times of",
    "lang:fr we",
    "of it",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "options", [SearchOptions(), SearchOptions(match="near"), SearchOptions(lang="en")], ids=["all", "near", "en"]
)
def test_the_count_of_each_facet_value_is_found_after_choosing_it(
    talks: vidindex.Index, query: str, options: SearchOptions
) -> None:
    counted, found = [], []
    for facet in talks.search_page(query, options=options).facets:
        for value, count in facet.values:
            chosen = talks.search_page(query, options=_choose(options, facet.name, value))
            counted.append((facet.name, value, count))
            found.append((facet.name, value, chosen.total))
    assert counted == found


def test_counts_hold_for_two_filters_and_in_one_video(talks: vidindex.Index) -> None:
    some = talks.search_page("never took the time").hits[0].video.id
    for options in (SearchOptions(channel="NBC"), SearchOptions(videos=frozenset([some]))):
        for facet in talks.search_page("never took the time", options=options).facets:
            for value, count in facet.values:
                chosen = _choose(options, facet.name, value)
                assert talks.search_page("never took the time", options=chosen).total == count, (facet.name, value)


@pytest.mark.parametrize("query", QUERIES)
def test_the_videos_of_a_search_have_all_of_its_hits(talks: vidindex.Index, query: str) -> None:
    videos = talks.search_videos(query, limit=1000)
    page = talks.search_page(query, options=SearchOptions(limit=10_000))
    assert len(videos) == videos.total_videos == len({each.video.id for each in videos})
    assert (videos.total, videos.is_more, videos.facets) == (page.total, page.is_more, page.facets)
    assert sum(each.total for each in videos) == videos.total == len(page.hits)
    for each in videos:
        of_video = [hit for hit in page.hits if hit.video.id == each.video.id]
        assert each.total == len(of_video)
        assert len(each.hits) == min(3, each.total)
        assert {hit.score for hit in each.hits} <= {hit.score for hit in of_video}
        assert each.hits[0].score == of_video[0].score


def test_exact_matches_come_first_and_pages_follow_each_other(talks: vidindex.Index) -> None:
    every = talks.search_videos("I never took the time to sit down, really", limit=100)
    scores = [each.hits[0].score for each in every]
    assert scores == sorted(scores, reverse=True)
    assert "near" in {hit.match for each in every for hit in each.hits}
    paged = [
        each
        for at in range(0, 20, 5)
        for each in talks.search_videos("I never took the time to sit down, really", limit=5, offset=at)
    ]
    assert paged == list(every)
    assert len(talks.search_videos("the")) == 10
    assert (every[0], every[:2]) == (every.videos[0], every.videos[:2])


@pytest.mark.parametrize("sort", ["date", "length"])
def test_videos_are_sorted_like_their_hits(talks: vidindex.Index, sort: str) -> None:
    by_hit = talks.search_page("the", options=SearchOptions(limit=10_000, sort=sort)).hits  # type: ignore[arg-type]
    videos = talks.search_videos("the", limit=100, sort=sort)  # type: ignore[arg-type]
    assert [each.video.id for each in videos] == list(dict.fromkeys(hit.video.id for hit in by_hit))


def test_the_shortcuts_are_those_of_a_search(talks: vidindex.Index) -> None:
    import inspect

    parameters = [inspect.signature(call).parameters for call in (vidindex.Index.search, vidindex.Index.search_videos)]
    assert [*parameters[0], "correct"] == list(parameters[1])
    assert {each.video.channel for each in talks.search_videos(QUOTE, channel="nbc news")} == {"NBC News"}
    assert {hit.match for each in talks.search_videos(QUOTE, match="exact") for hit in each.hits} == {"exact"}


def test_nothing_is_an_empty_page(talks: vidindex.Index) -> None:
    for words in ("elephants on bicycles xylophone", "", "…"):
        assert talks.search_videos(words) == VideoHitsPage()
    assert not talks.search_videos("the", channel="nobody")


def test_more_than_ten_thousand_hits_are_at_least_so_many(tmp_path: Path, engine: str) -> None:
    """The total of each shown video is exact all the same."""
    folder = tmp_path / "talks"
    folder.mkdir()
    for number in range(4):
        _write_talk(
            folder, f"talk{number:07}", {"en": [f"w{at} {'no yes ' * 10}" for at in range(300)]}, channel=f"c{number}"
        )
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(folder)
        page = index.search_videos("no")
        assert (page.total, page.is_more) == (10_000, True)
        assert [(each.total, each.is_more) for each in page] == [(3_000, False)] * page.total_videos
        for facet in page.facets:
            for value, count in facet.values:
                assert index.search_page("no", options=_choose(SearchOptions(), facet.name, value)).total >= count
        within = index.search_page("no", options=SearchOptions(videos=frozenset(["youtube:talk0000003"]), limit=3))
        assert (within.total, within.is_more) == (3_000, False)
        last = index.search_page("no", options=SearchOptions(limit=5, offset=9_998))
        assert len(last.hits) == 2


def test_matches_that_cross_passages_are_counted_once(tmp_path: Path, engine: str) -> None:
    lines = [f"w{number} we never took the time" for number in range(200)]
    (tmp_path / "a.en.vtt").write_text(webvtt(lines), encoding="utf-8")
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(tmp_path / "a.en.vtt")
        for words in ("never took the time", "we never", '"the time"', "took AND time"):
            assert index.search_videos(words, match="exact").total == 200, words


def test_a_speaker_is_counted_by_who_says_the_words(tmp_path: Path, engine: str) -> None:
    lines = [f"<v {'Ann' if at % 3 else 'Bob'}>we never took the time" for at in range(30)]
    (tmp_path / "a.en.vtt").write_text(webvtt(lines), encoding="utf-8")
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(tmp_path / "a.en.vtt")
        assert index.search_videos("speaker:bob took the time").total == 10
        assert index.search_videos("speaker:ann took the time").total == 20


def write_speakers(folder: Path) -> None:
    """Write talks with captions of two origins that name different speakers, or nobody, at the same moments."""
    for number in range(6):
        lines = [f"<v {'Ann' if at % 3 else 'Bob Lee'}>we never took the time" for at in range(12)]
        lines += [f"<v Ann Lee>we never took a time {at}" for at in range(4)]
        tracks = {"en": lines, "en-orig": ["we never took the time off", *lines[1:]]} if number % 2 else {"en": lines}
        _write_talk(folder, f"spoken{number:05}", tracks, channel=f"c{number % 2}")
    (folder / "alone.en.vtt").write_text(webvtt(["we never took the time"] * 3), encoding="utf-8")


def test_speakers_and_origins_are_facets_and_filters(tmp_path: Path, engine: str) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    write_speakers(folder)
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        assert not index.add(folder, languages=("all",)).failures
        for query in ("never took the time", '"took the"', "took AND time", "speaker:ann never took the time"):
            check_speakers_and_origins(index, query)
        assert index.trend("never took the time", by="channel", options=SearchOptions(origin="asr")).words == 0


def check_speakers_and_origins(index: vidindex.Index, query: str) -> None:
    every = index.search_page(query)
    facets = {facet.name: dict(facet.values) for facet in every.facets}
    assert "Ann" in facets["speaker"]
    assert facets["origin"].keys() >= {"manual", "automatic"}
    some = next(hit for hit in every.hits if hit.speaker).video.id
    for options in (SearchOptions(), SearchOptions(match="exact"), SearchOptions(videos=frozenset([some]))):
        for facet in index.search_page(query, options=options).facets:
            for value, count in facet.values:
                chosen = index.search_page(query, options=_choose(options, facet.name, value))
                assert (facet.name, value, chosen.total) == (facet.name, value, count)
    said = index.search(query, speaker="ann", limit=1000)
    assert {hit.speaker for hit in said} == {name for name in facets["speaker"] if "Ann" in name}
    assert len(said) == facets["speaker"]["Ann"]
    assert index.search(query, speaker="zoe") == index.search(query, origin="asr") == []
    unknown = index.find_unknown_values(query, options=SearchOptions(speaker="zoe"))
    assert [(each.name, each.value) for each in unknown] == [("speaker", "zoe")]


def test_a_video_that_is_removed_by_another_process_is_not_counted(tmp_path: Path, engine: str) -> None:
    _write_talks(tmp_path / "talks")
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(tmp_path / "talks", languages=("all",))
        before = index.search_videos(QUOTE, match="exact")
        with vidindex.open(tmp_path / "index") as other:
            other._store.remove_video(before[0].video.id)  # its passages stay in the engine until the next flush
        after = index.search_videos(QUOTE, match="exact")
        assert before[0].video.id not in {each.video.id for each in after}
        assert (after.total_videos, after.total) == (before.total_videos - 1, before.total - before[0].total)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("no no no", [0]),
        ("a no no b no no", [1, 4]),
        (" ".join(["x"] * 99 + ["no"] * 3), [99]),
        ("nono no", []),
        ("", []),
    ],
)
def test_starts_are_whole_words_of_this_passage(text: str, starts: list[int]) -> None:
    assert find_starts(" no no ", text) == starts
    assert find_starts(" no no ", text, 100) == [100 + at for at in starts]
