"""The shell of an application is named as such; short articles, walls and error pages are not shells."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.model import Article
from vidindex.pages.embeds.page_reading import read_page
from vidindex.pages.script_shells import is_script_shell

URL = "https://news.example.org/story"
SCRIPT = '<script src="/static/main.abc.js" defer></script>'


def is_shell(html: str) -> bool:
    return is_script_shell(read_page(html.encode(), URL).article, html.encode())


SHELLS = {
    "react": '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>',
    "vue": '<div id="app"></div>',
    "vite": '<div id="app"></div><script type="module" src="/assets/index.js"></script>',
    "angular": "<app-root>Loading…</app-root>",
    "next": '<div id="__next"><div class="spinner"></div></div>',
    "german": "<noscript>Bitte aktivieren Sie JavaScript.</noscript><div class=x></div>",
    "loader": '<p>Loading the story, please wait.</p><main id="application"></main>',
}
TEXT = "The mayor said on Tuesday that she never meant to close the bridge, and that nobody had asked her about it. "
PAGES = {
    "a short article": f'<div id="root"><article><h1>Bridge</h1><p>{TEXT * 2}</p></article></div>',
    "text outside an article": f'<div id="app">{TEXT * 3}</div>',
    "an error page": "<h1>Not found</h1><p>The page does not exist any more.</p>",
    "a login": "<form><p>Log in to read this story.</p><input type=password></form>",
    "a picture": '<figure><img src="/a.jpg"><figcaption>The bridge</figcaption></figure>',
    "news about scripts": f"<article><h1>Why sites require JavaScript</h1><p>{TEXT * 2}</p></article>",
}


@pytest.mark.parametrize("html", SHELLS.values(), ids=SHELLS.keys())
def test_a_page_that_its_scripts_fill_is_a_shell(html: str) -> None:
    assert is_shell(f"<title>News</title><body>{html}{SCRIPT}</body>")


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES.keys())
def test_a_page_with_text_of_its_own_is_not_a_shell(html: str) -> None:
    assert not is_shell(f"<title>News</title><body>{html}{SCRIPT}</body>")


@pytest.mark.parametrize("html", ["", '<body><div id="root"></div></body>'], ids=["empty", "no scripts"])
def test_a_page_without_scripts_is_not_a_shell(html: str) -> None:
    assert not is_shell(html)


@pytest.mark.parametrize("noise", ["<script ", "<noscript>", "<div id=", "enable ", "< <", "<style>"])
def test_hostile_pages_are_judged_in_linear_time(noise: str) -> None:
    check_linear_time(lambda html: is_script_shell(Article(URL), html.encode()), noise * (900_000 // len(noise)))
