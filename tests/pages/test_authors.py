"""Authors are named without roles and dates, and those of comments and other articles are left out."""

from __future__ import annotations

import json

import pytest

from vidindex.pages.article import read_article


def author_of(body: str, head: str = "") -> str:
    return read_article(f"<html><head>{head}</head><body><h1>Bridge opens</h1>{body}<p>Text.</p></body></html>").author


def json_ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("By <span>Ann Lee</span>, Staff Writer | Updated 3 hours ago", "Ann Lee"),
        ("By Ann Lee, BBC News", "Ann Lee"),
        ("Ann Lee, chief correspondent", "Ann Lee"),
        ("By Ann Lee and Bob Ray", "Ann Lee and Bob Ray"),
        ("By Ann Lee, Bob Ray and Cy Dee", "Ann Lee, Bob Ray and Cy Dee"),
        ("Von Ann Lee, Redakteurin", "Ann Lee"),
        ("Par Ann Lee, journaliste", "Ann Lee"),
        ("Por Ana Ruiz | 3 de marzo", "Ana Ruiz"),
        ("By Ann Lee for The Daily", "Ann Lee"),
        ("Posted by Ann Lee on Tuesday", "Ann Lee"),
        ("By Ann Lee · 5 min read", "Ann Lee"),
        ("By Ann Lee, The Associated Press", "Ann Lee"),
        ("February 25, 2021", ""),
        ("25 February 2021, 10:15", ""),
        ("Tuesday, 10:15", ""),
        ("3 hours ago", ""),
        ("Updated March 3", ""),
        ("2021-02-25", ""),
    ],
)
def test_a_byline_names_the_author(byline: str, author: str) -> None:
    assert author_of(f'<p class="byline">{byline}</p>') == author


@pytest.mark.parametrize(
    "other",
    [
        '<div class="comments"><span class="author">Troll</span></div>',
        '<ol class="comment-list"><li><cite class="fn">Troll</cite></li></ol>',
        '<aside><p class="byline">By Bob Ray</p></aside>',
        '<div class="related"><span class="byline">By Bob Ray</span></div>',
        '<article><h2><a href="/b">Ferry</a></h2><p class="byline">By Bob Ray</p></article>',
    ],
)
def test_authors_of_comments_and_other_articles_are_left_out(other: str) -> None:
    assert author_of(other) == ""
    assert author_of(f'{other}<p class="byline">By Ann Lee</p>') == "Ann Lee"


@pytest.mark.parametrize(
    ("value", "author"),
    [
        (
            {"@graph": [
                {"@type": "WebPage", "author": {"@id": "#site"}},
                {"@type": "NewsArticle", "author": {"@id": "#ann"}},
                {"@type": "Person", "@id": "#ann", "name": "Ann Lee"},
                {"@type": "Organization", "@id": "#site", "name": "The Daily"},
            ]},
            "Ann Lee",
        ),
        ([{"@type": "Article", "author": [{"@id": "#a"}, {"@id": "#b"}]},
          {"@id": "#a", "name": "Ann Lee"}, {"@id": "#b", "name": "Bob Ray"}], "Ann Lee, Bob Ray"),
        ({"@type": "Article", "author": "#ann", "publisher": {"@id": "#ann", "name": "Ann Lee"}}, "Ann Lee"),
        ({"@type": "WebPage", "mainEntity": {"@type": "Article", "author": {"name": "Ann Lee"}}}, "Ann Lee"),
        ({"@type": "Article", "author": {"@id": "#nobody"}}, ""),
        ({"@type": "Article", "author": {"@id": "#x", "author": {"@id": "#x"}}}, ""),
    ],
    ids=["graph", "list", "text", "main entity", "unknown", "itself"],
)  # fmt: skip
def test_authors_in_json_ld_are_followed_by_their_id(value: object, author: str) -> None:
    assert author_of("", json_ld(value)) == author


def test_an_id_in_another_script_is_followed() -> None:
    head = json_ld({"@type": "NewsArticle", "author": {"@id": "#ann"}}) + json_ld({"@id": "#ann", "name": "Ann Lee"})

    assert author_of("", head) == "Ann Lee"


LONG = "<p>" + "The bridge was opened on Friday by the mayor, who spoke for a while. " * 8 + "</p>"


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("By ANN LEE and Bob Ray | Example News", "ANN LEE and Bob Ray"),
        ("Von Anna von der Weber", "Anna von der Weber"),
        ("Par Anne Dupont, publié le 2 mai 2019 à 10h00", "Anne Dupont"),
        ("By Friday Morning", ""),
        ("By the time the mayor spoke", ""),
        ("By Ann Lee, who opened the bridge on Friday, nobody was asked, she said later on", ""),
        ("Photo by Ann Lee", ""),
    ],
)
def test_a_first_line_without_a_name_in_the_markup_is_a_byline(line: str, author: str) -> None:
    assert author_of(f"<p>{line}</p>{LONG}") == author


def test_the_footer_of_a_post_names_its_author() -> None:
    footer = '<div class="post-footer"><span class="post-author vcard">Posted by <span class="fn">Ann Lee</span></span>'

    assert author_of(f"{LONG}{footer}</div>") == "Ann Lee"


@pytest.mark.parametrize(
    "byline",
    [
        '<em class="byline">Ann Lee </em>',
        '<div class="FeatureByline">By <b>Ann Lee</b><br>March 25, 2015</div>',
        '<p class="byline">By Ann Lee, Software Engineer</p>',
    ],
)
def test_bylines_have_many_forms(byline: str) -> None:
    assert author_of(byline) == "Ann Lee"


def test_a_large_card_is_the_article_and_a_small_one_leads_to_another() -> None:
    card = '<div class="card"><cite class="byline">By <span>{}</span></cite>{}</div>'

    assert read_article(card.format("Ann Lee", 3 * LONG)).author == "Ann Lee"
    assert author_of(LONG + card.format("Bob Ray", "<p>Ferry sinks</p>")) == ""
