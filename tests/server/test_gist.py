"""Hits in other words on the search page, in the API and in files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from tests.server.conftest import Site, serving

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")

from vidindex.server.app import make_app

HIRING = "We cannot afford to hire more people this year."
TARIFFS = "Sales to China were hurt by the new tariffs."
QUESTION = "new+import+tariffs+cost+us+revenue+in+China"


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of an index with vectors, and one hostile caption."""
    folder = tmp_path_factory.mktemp("gist")
    for name, lines in {
        "hiring": [HIRING, "The puppy enjoys strolling for hours."],
        "tariffs": [TARIFFS],
        "dog": ["My dog likes long walks."],
        "attack": ["The &lt;script&gt;alert(1)&lt;/script&gt; of the train conductor was long."],
    }.items():
        (folder / f"{name}.en.vtt").write_text(webvtt(lines), encoding="utf-8")
    with vidindex.open(folder / "index") as index:
        index.add(*folder.glob("*.vtt"))
        index.rebuild(gist=True)
    with serving(make_app(folder / "index")) as site:
        yield site


def page(site: Site, path: str) -> str:
    answer = site.ask(path)
    assert answer.status == 200, answer.body
    return answer.body.decode()


def section(text: str) -> str:
    """Return the section of hits in other words, without tags; empty if there is none."""
    found = re.search(r'<section class="other-words".*?</section>', text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", found[0])) if found else ""


def test_the_page_offers_other_words_where_the_words_find_nothing(site: Site) -> None:
    text = page(site, f"/?q={QUESTION}")
    assert "<strong>No matches</strong>" in text
    assert "Said in other words" in section(text)
    assert TARIFFS in section(text)
    assert re.search(r"(likely|possible) \d+ %", section(text))


def test_the_page_shows_other_words_below_the_words_if_they_are_asked_for(site: Site) -> None:
    text = page(site, "/?q=hire+more+people")
    assert section(text) == ""
    assert 'href="/?q=hire+more+people&amp;gist=1#gist"' in text
    both = page(site, "/?q=my+dog+likes+long+walks&gist=1")
    assert both.index('class="video-results"') < both.index('class="other-words"')
    assert "The puppy enjoys strolling for hours." in section(both)
    assert "my dog" not in section(both).lower()  # it is found by its words


def test_a_filter_shows_other_words_only(site: Site) -> None:
    text = page(site, f"/?q={QUESTION}&match=gist")
    assert TARIFFS in section(text)
    assert "No matches" not in text


def test_captions_are_escaped_on_the_page(site: Site) -> None:
    text = page(site, "/?q=railway+guard&gist=1")
    assert "<script>alert(1)" not in text


@pytest.mark.parametrize("by", ["moment", "video"])
def test_the_api_returns_other_words_beside_the_hits(site: Site, by: str) -> None:
    found = site.ask(f"/api/search?q={QUESTION}&by={by}").json
    assert (found["hits"], found["total"]) == ([], 0)
    assert [(hit["match"], hit["text"]) for hit in found["gist"][:1]] == [("gist", TARIFFS)]
    assert site.ask(f"/api/search?q={QUESTION}&by={by}&gist=0").json["gist"] == []
    words = site.ask(f"/api/search?q=hire+more+people&by={by}").json
    assert (words["total"], words["gist"]) == (1, [])
    both = site.ask(f"/api/search?q=hire+more+people&by={by}&gist=1").json
    assert both["hits"] == words["hits"]
    assert HIRING not in [hit["text"] for hit in both["gist"]]


def test_the_api_refuses_values_that_mean_nothing(site: Site) -> None:
    assert site.ask("/api/search?q=x&gist=yes").json["parameter"] == "gist"
    assert site.ask("/api/trend?q=x&match=gist").json["parameter"] == "match"


def test_files_have_other_words_if_they_are_asked_for(site: Site) -> None:
    assert TARIFFS in page(site, f"/export?q={QUESTION}&format=csv&gist=1")
    assert TARIFFS not in page(site, f"/export?q={QUESTION}&format=csv")
    assert "other words, " in page(site, f"/export?q={QUESTION}&format=md&gist=1")


def test_an_index_without_vectors_says_so_to_who_asks_for_them(tmp_path: Path) -> None:
    (tmp_path / "talk.en.vtt").write_text(webvtt([HIRING]), encoding="utf-8")
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "talk.en.vtt")
    with serving(make_app(tmp_path / "index")) as site:
        refused = site.ask(f"/api/search?q={QUESTION}&gist=1")
        assert (refused.status, refused.json["parameter"]) == (400, "gist")
        assert site.ask(f"/api/search?q={QUESTION}").json["gist"] == []
        assert "other words" not in page(site, "/?q=hire+more+people")
