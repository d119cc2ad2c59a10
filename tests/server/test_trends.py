"""Mentions over time: bars that say what was counted, links to the hits, and files."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

import vidindex
from tests.server.conftest import talk
from vidindex.search.trend import Trend, TrendRow
from vidindex.server.params import SearchParams
from vidindex.server.views.trend import FEW_WORDS, PhraseTrend, make_trend_page

if TYPE_CHECKING:
    from starlette.testclient import TestClient

HOSTILE = "</title><script>alert(1)</script>\"'&"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    from starlette.testclient import TestClient

    from vidindex.server.app import make_app

    made: Path = tmp_path_factory.mktemp("trends")
    folder = made / "talks"
    folder.mkdir()
    for name, date, lines in (
        ("first000001", "20190310", ["the lamps are lit", "nobody came", "the lamps are out"]),
        ("second00001", "20190512", ["a quiet evening", "the lamps are lit again"]),
        ("undated0001", "", ["the lamps burned all night"]),
    ):
        talk(folder, name, lines, title=name, channel="Quay", **({"upload_date": date} if date else {}))
    with vidindex.open(made / "index") as index:
        assert not index.add(folder).failures
    with TestClient(make_app(made / "index"), base_url="http://localhost") as opened:
        yield opened


def links_of(page: str) -> list[str]:
    """Return the links of the bars."""
    return [html.unescape(link) for link in re.findall(r'<a href="([^"]+)" tabindex="-1">', page)]


def test_a_bar_leads_to_the_hits_that_it_counts(client: TestClient) -> None:
    page = client.get("/trend?q=the+lamps+are&channel=Quay").text
    links = links_of(page)
    assert len(links) == 2
    counts = [client.get(f"/api/search?{link.partition('?')[2]}").json()["total"] for link in links]
    assert counts == [int(hits) for hits in re.findall(r"<title>\w+ 2019: ([1-9]\d*) in", page)]
    assert sum(counts) >= 3
    (by_year,) = links_of(client.get("/trend?q=the+lamps+are&by=year").text)
    assert client.get(f"/api/search?{by_year.partition('?')[2]}").json()["total"] == sum(counts)


def test_a_link_of_a_month_stays_within_the_dates_of_the_search(client: TestClient) -> None:
    (link,) = links_of(client.get("/trend?q=lamps&after=2019-03-05&before=2019-04").text)
    assert "after=2019-03-05&before=2019-03-31" in link


def test_phrases_are_compared_in_a_table_of_the_same_months(client: TestClient) -> None:
    page = client.get("/trend?q=lamps&q=nobody+came").text
    table = page[page.index("<table>") : page.index("</table>")]
    assert re.findall(r'<th scope="row">([^<]+)<', table) == ["Mar 2019", "Apr 2019", "May 2019", "No month known"]
    assert re.findall(r'colspan="3"><bdi>([^<]+)<', table) == ["lamps", "nobody came"]
    assert page.count('class="trend-chart"') == 2
    assert "<td>0</td><td>–</td><td>0</td>" in table


def test_a_page_says_what_its_bars_cannot(client: TestClient) -> None:
    page = client.get("/trend?q=lamps").text
    assert "Videos without a known month are not drawn: they have 5 words and 1 mention." in page
    assert "Pale bars: fewer than 10,000 words" in page
    assert "That is a gap, and not a zero." in page
    assert "No mentions in" in client.get("/trend?q=submarines").text
    assert "lower bounds" not in page


def test_a_sample_is_said_to_be_one() -> None:
    trend = Trend("month", (TrendRow("2019-03", 900, FEW_WORDS),), 900, FEW_WORDS, is_more=True)
    page = make_trend_page([PhraseTrend(SearchParams(q="the"), trend)], "month")
    (panel,) = page.panels
    assert panel.total.startswith("At least 900 mentions")
    assert "lower bounds" in panel.note
    assert "at least 900" in panel.bars[0].title
    assert page.table[0].cells[0].hits == "≥ 900"
    assert not page.notes


def test_more_columns_than_fit_are_said_to_be_left_out() -> None:
    rows = tuple(TrendRow(f"{1000 + year}", 1, FEW_WORDS) for year in range(500))
    page = make_trend_page([PhraseTrend(SearchParams(q="the"), Trend("year", rows, 500, 500 * FEW_WORDS))], "year")
    assert len(page.panels[0].bars) == 240
    assert page.first == "1260"
    assert page.notes == ("The last 240 of 500 years are drawn. The CSV file has all.",)


def test_an_invalid_phrase_leaves_the_others(client: TestClient) -> None:
    page = client.get("/trend", params=[("q", '"lamps AND ('), ("q", "lamps")])
    assert page.status_code == 200
    assert page.text.count('class="note"') == 1
    assert page.text.count('class="trend-chart"') == 1


def test_five_phrases_and_unknown_groups_are_errors(client: TestClient) -> None:
    assert client.get("/trend?q=a&q=b&q=c&q=d&q=e").status_code == 400
    assert client.get("/trend?q=a&by=week").status_code == 400
    assert client.get("/trend").status_code == 200


def test_the_csv_file_has_the_numbers_and_no_formula(client: TestClient) -> None:
    answer = client.get("/trend.csv", params=[("q", "lamps"), ("q", "=lamps")])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mentions.csv"'
    rows = list(csv.reader(answer.text.splitlines()))
    assert rows[0] == ["phrase", "month", "hits", "words", "per_million", "lower_bound"]
    assert ["lamps", "2019-04", "0", "0", "", "0"] in rows
    assert {row[0] for row in rows[1:]} == {"lamps", "'=lamps"}


def test_hostile_phrases_stay_text_in_the_page_and_in_the_drawing(client: TestClient) -> None:
    for path in ("/trend", "/trend.svg"):
        answer = client.get(path, params={"q": f"{HOSTILE} lamps \x01", "channel": HOSTILE})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    drawing = ElementTree.fromstring(client.get("/trend.svg", params={"q": f"lamps {HOSTILE}\x01"}).text)
    assert not [each.tag for each in drawing.iter() if "script" in each.tag]


def test_results_link_to_their_trend_with_their_filters(client: TestClient) -> None:
    page = client.get("/?q=the+lamps&channel=Quay").text
    assert '<a class="trend-link" href="/trend?q=the%20lamps&amp;channel=Quay">' in page
    assert "trend-link" not in client.get("/?q=lamps&in=title").text


def test_a_trend_counts_with_every_filter_of_the_search(client: TestClient) -> None:
    def count(**filters: str) -> int:
        rows = csv.DictReader(client.get("/trend.csv", params={"q": "lamps", **filters}).text.splitlines())
        return sum(int(row["hits"]) for row in rows)

    assert count() > 0
    assert count(origin="asr") == count(speaker="nobody") == 0
