"""Titles, chapters, tags, channels, descriptions and articles are found, in both stores, as what they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

import vidindex
from vidindex import Article, Chapter, Cue, Embed, QuerySyntaxError, SearchOptions, Track, Video, make_transcript
from vidindex.search.texts import TextHit, TextHits

TALK = Video(
    "example:talk",
    "https://video.example/talk",
    title="Liquid nitrogen at home",
    channel="Cold Kitchen",
    site="video.example",
    date="2020-05-01",
    description="We pour twelve million litres of liquid nitrogen.\nThen Zoë Müller freezes a crème brûlée.",
    tags=("ice cream", "nitrogen", "kitchen"),
    chapters=(
        Chapter(0, "Intro"),
        Chapter(61_000, "What is nitrogen?"),
        Chapter(90_000, "Nitrogen ice cream, at last"),
    ),
    kind="lecture",
)
OTHER = Video(
    "example:other", "https://video.example/other", title="Helium", site="video.example", date="2021-01-01",
    language="de",
)  # fmt: skip
PAGE = Article(
    "https://news.example/cold", title="A cold winter", site="news.example", date="2022-02-02", language="en",
    text="## Kitchens\n\nThe chefs discovered liquid helium, and nobody was surprised.",
)  # fmt: skip


@pytest.fixture
def filled(index: vidindex.Index) -> vidindex.Index:
    """An index of two videos and an article."""
    store = index._store
    for video in (TALK, OTHER):
        store.put_video(video)
        captions = make_transcript([Cue(0, 4000, f"nobody mentions it in {video.id}")], automatic=False)
        store.put_track(video.id, Track(video.language or "en", "manual"), video.id.encode(), captions)
    store.put_article(PAGE, [Embed(OTHER.url, "example", "other", label="How cold is it?")])
    store.set_embed_state(PAGE.url, OTHER.url, state="done", video=OTHER.id)
    index.flush()
    return index


def kinds(found: TextHits) -> list[str]:
    assert len(found.hits) == found.total
    return [hit.match for hit in found.hits]


def marked(hit: TextHit) -> list[str]:
    return [hit.text[start:end] for start, end in hit.marks]


def test_each_kind_of_text_is_a_hit_of_its_own_kind(filled: vidindex.Index) -> None:
    found = filled.search_texts("nitrogen")
    assert kinds(found) == ["title", "chapter", "tag", "description"]
    assert found.counts == (("title", 1), ("chapter", 1), ("tag", 1), ("description", 1))
    assert {hit.video for hit in found.hits} == {TALK}
    assert all(marked(hit)[0].strip("?.,").lower() == "nitrogen" for hit in found.hits)
    assert filled.search("nitrogen") == []


def test_a_chapter_is_linked_at_its_start(filled: vidindex.Index) -> None:
    (hit,) = filled.search_texts("in:chapter nitrogen ice").hits
    assert (hit.text, hit.start_ms) == ("Nitrogen ice cream, at last", 90_000)
    assert hit.url == "https://video.example/talk#t=90" or "90" in hit.url
    assert marked(hit) == ["Nitrogen", "ice"]


def test_the_text_of_an_article_is_found_with_its_title(filled: vidindex.Index) -> None:
    (hit,) = filled.search_texts("liquid helium").hits
    assert (hit.match, hit.video, hit.url) == ("article", None, PAGE.url)
    assert hit.article is not None
    assert hit.article.title == PAGE.title
    assert marked(hit) == ["liquid", "helium,"]
    assert kinds(filled.search_texts("in:article winter")) == ["article"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("zoe muller", ["description"]),
        ("12 million liters", []),
        ("12 million litres", ["description"]),
        ('"liquid nitrogen"', ["title", "description"]),
        ('"nitrogen liquid"', []),
        ("nitrogen liquid", ["title", "description"]),
        ("nitro*", ["title", "chapter", "tag", "description"]),
        ("in:title,tag nitrogen", ["title", "tag"]),
        ("in:tags nitrogen in:title", ["title", "tag"]),
        ("in:any helium", ["title", "article"]),
        ("nitrogen NOT liquid", ["chapter", "tag"]),
        ("(brulee OR helium) AND liquid", ["description", "article"]),
        ('"liquid freezes"~9', ["description"]),
        ('"liquid freezes"~2', []),
        ("in:channel kitchen", ["channel"]),
        ('in:tag "cream nitrogen"', []),  # two tags
        ("in:title", []),
        ("…", []),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value) or "nothing",
)
def test_the_query_language_works_as_for_speech(filled: vidindex.Index, words: str, expected: list[str]) -> None:
    assert kinds(filled.search_texts(words)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (SearchOptions(site="video.example"), ["title"]),
        (SearchOptions(site="elsewhere.example"), []),
        (SearchOptions(lang="de"), ["title"]),
        (SearchOptions(lang="en"), ["article"]),
        (SearchOptions(article="cold winter"), ["title", "article"]),
        (SearchOptions(after="2021-06"), ["article"]),
        (SearchOptions(before="2021"), ["title"]),
        (SearchOptions(videos=frozenset([OTHER.id])), ["title"]),
        (SearchOptions(texts=("article",)), ["article"]),
        (SearchOptions(kind="lecture"), []),
        (SearchOptions(channel="cold kitchen"), []),
    ],
    ids=["site", "other-site", "de", "en", "article", "after", "before", "video", "texts", "kind", "channel"],
)
def test_filters_select_texts(filled: vidindex.Index, options: SearchOptions, expected: list[str]) -> None:
    assert kinds(filled.search_texts("helium", options=options)) == expected


def test_fields_filter_inside_operators(filled: vidindex.Index) -> None:
    assert kinds(filled.search_texts("helium NOT title:helium")) == ["article"]
    assert kinds(filled.search_texts("label:cold helium")) == ["title"]
    assert kinds(filled.search_texts("(channel:kitchen nitrogen) OR after:2022")) == [
        "title", "chapter", "tag", "description", "article",
    ]  # fmt: skip
    assert kinds(filled.search_texts("speaker:leno helium")) == []


def test_hits_are_paged_and_the_counts_are_those_of_all(filled: vidindex.Index) -> None:
    every = filled.search_texts("nitrogen")
    pages = [filled.search_texts("nitrogen", options=SearchOptions(limit=3, offset=at)) for at in (0, 3)]
    assert [hit for page in pages for hit in page.hits] == list(every.hits)
    assert {page.counts for page in pages} == {every.counts}
    assert filled.search_texts("nitrogen", options=SearchOptions(limit=0)).total == 4


def test_changes_are_found_after_they_are_flushed(filled: vidindex.Index) -> None:
    store = filled._store
    store.put_video(replace(TALK, title="Liquid oxygen"))
    filled.flush()
    assert kinds(filled.search_texts("in:title nitrogen")) == []
    assert kinds(filled.search_texts("in:title oxygen")) == ["title"]
    store.put_article(replace(PAGE, text="About krypton."), [Embed(OTHER.url, "example", "other")])
    assert kinds(filled.search_texts("krypton")) == ["article"]  # a search indexes what has changed
    assert kinds(filled.search_texts("label:cold helium")) == []
    filled.remove(TALK.id)
    assert kinds(filled.search_texts("oxygen OR nitrogen")) == []
    filled.remove(PAGE.url)
    assert filled.search_texts("helium OR krypton").total == 0  # with the video that only it embeds


def test_a_rebuild_indexes_every_text_again(filled: vidindex.Index) -> None:
    before = filled.search_texts("nitrogen")
    filled.rebuild()
    assert filled.search_texts("nitrogen") == before


def test_moments_are_not_searched_with_the_operator(filled: vidindex.Index) -> None:
    assert [hit.video for hit in filled.search("in:speech nobody mentions it")] == [TALK, OTHER]
    with pytest.raises(QuerySyntaxError, match="finds texts about videos"):
        filled.search("in:title nitrogen")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("(in:title nitrogen) OR helium", "whole query"),
        ("helium OR in:title nitrogen", "whole query"),
        ("NOT in:title nitrogen", "whole query"),
        ("in:titel nitrogen", "use in:title"),
        ("in:speech in:title nitrogen", "use one of them"),
        ("in:title n* AND helium", "two letters"),
    ],
    ids=["parentheses", "or", "not", "spelling", "both", "prefix"],
)
def test_an_operator_that_cannot_apply_is_an_error(index: vidindex.Index, words: str, reason: str) -> None:
    with pytest.raises(QuerySyntaxError, match=reason):
        index.search_texts(words)


@pytest.mark.parametrize("words", ["built in:house pizza", 'he said "in:title nitrogen"', "in: title", "min:title"])
def test_other_words_with_a_colon_stay_words(filled: vidindex.Index, words: str) -> None:
    assert filled.search(words) == []
    assert filled.search_texts(words).total == 0


def test_the_words_side_by_side_come_first_and_then_the_newest(index: vidindex.Index) -> None:
    for name, title, date in (
        ("a", "helium and liquid", "2022"), ("b", "liquid helium", "2020"), ("c", "liquid helium", "2021"),
    ):  # fmt: skip
        index._store.put_video(Video(f"x:{name}", f"https://x.example/{name}", title=title, date=date))
    found = index.search_texts("liquid helium").hits
    assert [hit.video.id for hit in found if hit.video] == ["x:c", "x:b", "x:a"]
    newest = index.search_texts("liquid helium", options=SearchOptions(sort="date")).hits
    assert [hit.video.id for hit in newest if hit.video] == ["x:a", "x:c", "x:b"]


def test_the_part_of_a_long_text_that_matches_is_shown(index: vidindex.Index) -> None:
    padding = "all the world is a stage and " * 40_000
    index._store.put_article(Article("https://x.example/long", text=f"{padding} liquid helium at last {padding}"), [])
    (hit,) = index.search_texts("helium liquid").hits
    assert marked(hit) == ["liquid", "helium"]
    assert hit.text.startswith("… ")
    assert hit.text.endswith(" …")
    assert len(hit.text.split()) < 50


def test_texts_without_spaces_are_found_and_cut(index: vidindex.Index) -> None:
    sentence = "大约有3000人参加了会议。" * 100
    index._store.put_video(Video("x:1", "https://x.example/1", title="会议", description=sentence))
    assert kinds(index.search_texts("参加了会议")) == ["description"]
    (hit,) = index.search_texts("in:description 会议").hits
    assert len(hit.text) < 1100
    assert hit.marks


def test_nothing_is_found_in_an_empty_index(index: vidindex.Index) -> None:
    assert index.search_texts("helium") == TextHits()
