"""The page as an installed app: manifest, icons, colors, and what other apps share with it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

import vidindex
from tests.server.conftest import talk

if TYPE_CHECKING:
    from starlette.testclient import TestClient

ADDRESS = "https://news.example/harbour"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    from starlette.testclient import TestClient

    from vidindex.server.app import make_app

    made: Path = tmp_path_factory.mktemp("shared")
    folder = made / "talks"
    folder.mkdir()
    talk(folder, "dQw4w9WgXcQ", ["we walked down to the harbour"], title="Harbour")
    article = folder / "harbour.html"
    article.write_text(
        "<!doctype html><!-- saved from url=(0029)https://news.example/harbour -->"
        "<title>Harbour</title><link rel=canonical href='https://news.example/harbour'>"
        "<article><p>A walk.</p><iframe src='https://www.youtube.com/embed/dQw4w9WgXcQ'></iframe></article>"
    )
    with vidindex.open(made / "index") as index:
        index.add(folder)
        assert [article.url for article in index.articles()] == [ADDRESS]
    with TestClient(make_app(made / "index"), base_url="http://localhost", follow_redirects=False) as opened:
        yield opened


def shared(client: TestClient, **params: str) -> str:
    answer = client.get("/share", params=params)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


@pytest.mark.parametrize(
    "params",
    [
        {"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
        {"title": "Harbour", "text": "Look: https://youtu.be/dQw4w9WgXcQ?si=abc"},
        {"text": "https://m.youtube.com/watch?v=dQw4w9WgXcQ&feature=share"},
    ],
    ids=["watch", "short-in-text", "mobile"],
)
def test_the_shared_address_of_a_video_opens_it(client: TestClient, params: dict[str, str]) -> None:
    assert shared(client, **params) == "/video/youtube:dQw4w9WgXcQ"


def test_the_moment_of_a_shared_address_is_kept(client: TestClient) -> None:
    assert shared(client, url="https://youtu.be/dQw4w9WgXcQ?t=83") == "/video/youtube:dQw4w9WgXcQ?t=83"


def test_the_shared_address_of_an_article_opens_it(client: TestClient) -> None:
    assert shared(client, text="Read https://news.example/harbour") == f"/article?url={quote(ADDRESS, safe='')}"


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"text": "we walked down", "title": "Harbour"}, "we walked down"),
        ({"title": "Harbour"}, "Harbour"),
        ({"text": "a quote https://elsewhere.example/page"}, "a quote"),
        ({"url": "https://elsewhere.example/page"}, "https://elsewhere.example/page"),
        ({"url": "//evil.example"}, "//evil.example"),
    ],
    ids=["text", "title", "text-and-address", "unknown-address", "no-address"],
)
def test_other_shared_words_are_searched_for(client: TestClient, params: dict[str, str], query: str) -> None:
    target = urlsplit(shared(client, **params))
    assert (target.netloc, target.path, parse_qs(target.query)) == ("", "/", {"q": [query]})


def test_nothing_shared_leads_to_the_landing_page(client: TestClient) -> None:
    assert shared(client) == "/"


def test_the_manifest_names_icons_of_their_size_and_the_share_target(client: TestClient) -> None:
    page = client.get("/")
    assert '<link rel="manifest" href="/static/manifest.webmanifest">' in page.text
    assert "manifest-src 'self'" in page.headers["Content-Security-Policy"]
    answer = client.get("/static/manifest.webmanifest")
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert manifest["share_target"]["action"] == "/share"
    drawn = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon.get("purpose", "any")) for icon in drawn} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    for icon in drawn:
        width, height = struct.unpack(">II", client.get(icon["src"]).content[16:24])
        assert icon["sizes"] == f"{width}x{height}"


def test_the_color_of_the_browser_is_that_of_the_theme(client: TestClient) -> None:
    assert client.get("/").text.count('name="theme-color" media="(prefers-color-scheme') == 2
    dark = client.get("/", headers={"Cookie": "theme=dark"}).text
    assert '<meta name="theme-color" content="#171615">' in dark
