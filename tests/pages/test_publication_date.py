"""The day of an article is its own, and not that of a related article or a comment."""

from __future__ import annotations

import json

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.article import read_article
from vidindex.pages.dates import day_of_timestamp, find_date, parse_day

OWN = '<p class="meta">By Ann Lee, <time datetime="2009-09-14">Sept 14</time></p>'


def date_of(body: str, head: str = "") -> str:
    return read_article(f"<html><head>{head}</head><body>{body}<p>The council met.</p></body></html>").date


@pytest.mark.parametrize(
    "other",
    [
        '<ul class="related"><li><time datetime="2023-01-01">Jan 1</time> other</li></ul>',
        '<aside><time datetime="2023-01-01">Jan 1</time></aside>',
        '<nav><span class="date">January 1, 2023</span></nav>',
        '<div class="latest-news"><span class="date">January 1, 2023</span></div>',
        '<article><h3><a href="/b">Ferry</a></h3><time datetime="2023-01-01">Jan 1</time></article>',
        '<div class="teaser"><time datetime="2023-01-01">Jan 1</time></div>',
        '<a href="/b"><time datetime="2023-01-01">Jan 1</time> Ferry</a>',
        '<ul><li><a href="/b">Ferry sinks in the harbor</a> <time datetime="2023-01-01">Jan 1</time></li></ul>',
        '<div id="comments"><time datetime="2023-01-01">Jan 1</time></div>',
    ],
    ids=["related", "aside", "nav", "latest", "teaser article", "teaser", "link", "item", "comments"],
)
@pytest.mark.parametrize("place", ["above", "below"])
def test_the_day_of_another_article_is_left_out(other: str, place: str) -> None:
    own = f"<h1>Bridge</h1>{OWN}"

    assert date_of(other + own if place == "above" else own + other) == "2009-09-14"
    assert date_of(f"{other}<h1>Bridge</h1>") == ""


def test_the_day_of_an_unnamed_box_above_the_heading_comes_last() -> None:
    assert date_of(f'<div><time datetime="2023-01-01">Jan 1</time></div><h1>Bridge</h1>{OWN}') == "2009-09-14"
    assert date_of('<div><time datetime="2023-01-01">Jan 1</time></div><h1>Bridge</h1>') == "2023-01-01"


def test_the_day_of_publication_comes_before_that_of_a_change() -> None:
    changed = '<time itemprop="dateModified" datetime="2024-01-01">Jan 1</time>'

    assert date_of(f"<h1>Bridge</h1>{changed}{OWN}") == "2009-09-14"
    assert date_of(f"<h1>Bridge</h1>{changed}") == "2024-01-01"


def test_the_day_of_the_article_comes_before_that_of_its_video() -> None:
    items = [
        {"@type": "VideoObject", "uploadDate": "2012-01-01"},
        {"@type": "NewsArticle", "datePublished": "2012-01-09"},
    ]

    assert date_of("", f'<script type="application/ld+json">{json.dumps(items)}</script>') == "2012-01-09"


@pytest.mark.parametrize(
    "none", ["1970-01-01", "1970-01-01T00:00:00Z", "-0001-11-30", "0001-01-01", "0000-00-00", "2021-02-31"]
)
def test_a_day_that_stands_for_none_is_passed_over(none: str) -> None:
    head = f'<meta property="article:published_time" content="{none}"><meta name="date" content="2009-09-14">'

    assert date_of("", head) == "2009-09-14"
    assert date_of(f'<h1>Bridge</h1><time datetime="{none}">x</time>{OWN}') == "2009-09-14"
    assert find_date(none) == ""
    assert parse_day(none) == ""


def test_the_start_of_unix_time_is_no_day() -> None:
    assert (day_of_timestamp(0), day_of_timestamp(-1), day_of_timestamp(1252886400)) == ("", "", "2009-09-14")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("14. September 2009", "2009-09-14"),
        ("14 września 2009", "2009-09-14"),
        ("14 сентября 2009", "2009-09-14"),
        ("14 settembre 2009", "2009-09-14"),
        ("14 de setembro de 2009", "2009-09-14"),
        ("14 maart 2009", "2009-03-14"),
        ("14 maj 2009", "2009-05-14"),
        ("2009年9月14日", "2009-09-14"),
        ("14.09.2009", "2009-09-14"),
        ("14/09/2009", "2009-09-14"),
        ("09/14/2009", "2009-09-14"),
        ("06/09/2009", ""),
        ("1.2.3.2009", ""),
        ("version 2009.1", ""),
    ],
)
def test_days_are_read_in_many_languages(text: str, date: str) -> None:
    assert find_date(text) == date


@pytest.mark.parametrize(
    "part",
    ["<time>2020-02-02</time>", '<aside><time datetime="2020-02-02">x</time></aside>', '<p class="byline">By 3</p>'],
)
def test_a_page_of_dates_is_read_in_linear_time(part: str) -> None:
    check_linear_time(date_of, "<article>" + part * 5_000 + '<h2><a href="/b">x</a></h2></article>')


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published May 2, 2019 | Updated May 7, 2021", "2019-05-02"),
        ("Par Anne Dupont, publié le 2 mai 2019 à 10h00", "2019-05-02"),
        ("Stand: 02.05.2019 10:00 Uhr", "2019-05-02"),
        ("Thursday, May 2, 2019; 10:15 AM", "2019-05-02"),
        ("On May 2, 2019, the mayor opened the bridge.", ""),
    ],
)
def test_a_first_line_without_a_name_in_the_markup_states_the_day(line: str, day: str) -> None:
    text = "The bridge was opened by the mayor, who spoke for a while. " * 8

    assert read_article(f"<h1>Bridge opens</h1><p>{line}</p><p>{text}</p>").date == day
