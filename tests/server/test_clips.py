"""Clips on the web: their page and formats, what is shown of a shared moment, and frames of other sites."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

import vidindex
from tests.server.conftest import ATTACK, talk

if TYPE_CHECKING:
    from starlette.testclient import TestClient

TALK = "/video/youtube:rain0000001"
BASE = "http://localhost:8000"
MOMENT = f"{TALK}?t=4&end=8"


def make_client(folder: Path, **options: object) -> TestClient:
    from starlette.testclient import TestClient

    from vidindex.server.app import make_app

    return TestClient(make_app(folder, **options), base_url=BASE, raise_server_exceptions=False)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("clips")
    folder = made / "talks"
    folder.mkdir()
    lines = ["It was raining when we left.", "Nobody minded the rain at all.", "The boats came home at night."]
    talk(folder, "rain0000001", lines, title="Rain", channel="Weather", upload_date="20200202", duration=12)
    talk(folder, "attack00001", [ATTACK.replace("<", "&lt;")], title=ATTACK, channel=ATTACK)
    with vidindex.open(made / "index") as index:
        assert not index.add(folder).failures
    return made / "index"


@pytest.fixture(scope="module")
def client(talks: Path) -> Iterator[TestClient]:
    with make_client(talks) as made:
        yield made


@pytest.fixture(scope="module")
def open_client(talks: Path) -> Iterator[TestClient]:
    with make_client(talks, is_embeddable=True, hosts=["localhost", "https://clips.example"]) as made:
        yield made


def meta(page: str) -> dict[str, str]:
    """Return the content of the `<meta>` elements of *page* by their property or name."""
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page)
    return {name: html.unescape(content) for name, content in found}


def test_the_page_of_a_clip_has_exact_times_and_all_formats(client: TestClient) -> None:
    page = client.get("/clip?video=youtube:rain0000001&from=4000&to=8000").text
    assert '<time data-ms="4000" datetime="PT4S">0:04</time>' in page
    assert "Nobody minded the rain at all." in page
    assert f"{BASE}{MOMENT}".replace("&", "&amp;") in page
    for form in ("text", "markdown", "html", "srt", "bibtex", "csl"):
        answer = client.get(f"/clip?video=youtube:rain0000001&from=4000&to=8000&format={form}")
        assert answer.status_code == 200
        assert "Nobody minded" in answer.text
        assert "text/html" not in answer.headers["Content-Type"]
        assert answer.text in html.unescape(page)


def test_an_unknown_format_and_a_clip_without_words_are_errors(client: TestClient) -> None:
    assert client.get("/clip?video=youtube:rain0000001&from=0&to=9000&format=docx").status_code == 400
    assert client.get("/clip?video=youtube:rain0000001&from=90000&to=99000").status_code == 404
    assert client.get("/clip").status_code == 404


def test_a_video_page_with_an_end_shows_the_clip(client: TestClient) -> None:
    page = client.get(MOMENT).text
    note = page[page.index('id="clip-note"') :]
    assert 'data-end-ms="8000"' in note
    assert "Clip 0:04–0:08" in note
    assert "Nobody minded the rain at all." in note[: note.index("</section>")]
    assert 'id="clip-note"' not in client.get(f"{TALK}?t=4").text
    assert 'id="clip-note"' not in client.get(f"{TALK}?t=4&end=3").text


def test_a_shared_moment_says_what_is_spoken_there(client: TestClient) -> None:
    tags = meta(client.get(MOMENT).text)
    assert tags["og:title"] == "Rain · 0:04–0:08"
    assert tags["og:description"] == "“Nobody minded the rain at all.”"
    assert tags["og:url"] == f"{BASE}{MOMENT}"
    assert (tags["og:site_name"], tags["og:type"], tags["twitter:card"]) == ("vidindex", "video.other", "summary")
    assert (tags["video:release_date"], tags["video:duration"]) == ("2020-02-02", "12")


@pytest.mark.parametrize(
    ("query", "said"),
    [("?q=boats+came+home", "boats came home"), ("?t=8.1", "The boats came home at night."), ("", "Weather")],
)
def test_the_description_is_the_hit_or_the_current_words(client: TestClient, query: str, said: str) -> None:
    assert said in meta(client.get(TALK + query).text)["og:description"]


def test_hostile_words_stay_text_in_tags_and_in_the_card(client: TestClient) -> None:
    for path in ("/video/youtube:attack00001?t=0.1&end=4", "/clip?video=youtube:attack00001&from=0&to=4000"):
        page = client.get(path).text
        assert "<img src=x" not in page
        assert "<script>alert" not in page


def ask_oembed(client: TestClient, url: str, **params: str) -> dict[str, object]:
    answer = client.get("/oembed", params={"url": url, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_oembed_describes_a_moment_as_a_link(client: TestClient) -> None:
    page = client.get(MOMENT).text
    address = re.search(r'type="application/json\+oembed" href="([^"]+)"', page)
    assert address
    found = client.get(html.unescape(address[1])).json()
    assert (found["version"], found["type"], found["title"]) == ("1.0", "link", "Rain · 0:04–0:08")
    assert (found["author_name"], found["provider_name"]) == ("Weather", "vidindex")
    assert "html" not in found


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404), (f"url={BASE}/", 404), (f"url={BASE}/video/none", 404), ("url=http://evil.example/video/x", 404),
        (f"url={quote(BASE + MOMENT)}&format=xml", 501), ("url=http://[", 400), ("url=file:///etc/passwd", 404),
    ],
)  # fmt: skip
def test_oembed_refuses_what_is_no_video_page_of_this_server(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/oembed?{query}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_no_page_may_be_framed_unless_the_server_is_embeddable(client: TestClient) -> None:
    for path in (MOMENT, "/embed/youtube:rain0000001?t=4&end=8"):
        headers = client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert client.get("/embed/youtube:rain0000001").status_code == 404


def test_an_embeddable_server_lets_only_the_small_page_be_framed(open_client: TestClient) -> None:
    answer = open_client.get("/embed/youtube:rain0000001?t=4&end=8")
    assert answer.status_code == 200
    assert "Nobody minded the rain at all." in answer.text
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    for path in (MOMENT, "/", "/embed/none", "/api/stats"):
        headers = open_client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_embeddable_server_offers_a_frame_of_the_wanted_size(open_client: TestClient) -> None:
    found = ask_oembed(open_client, BASE + MOMENT, maxwidth="400", maxheight="9999")
    assert (found["type"], found["width"], found["height"]) == ("rich", 400, 420)
    frame = str(found["html"])
    assert frame.startswith(f'<iframe src="{BASE}/embed/youtube:rain0000001?t=4&amp;end=8" width="400" height="420"')
    hostile = str(ask_oembed(open_client, f"{BASE}/video/youtube:attack00001")["html"])
    assert hostile.count("<") == 2


def test_addresses_begin_with_https_behind_a_proxy_that_speaks_it(open_client: TestClient) -> None:
    page = open_client.get(MOMENT, headers={"Host": "clips.example"}).text
    assert meta(page)["og:url"] == f"https://clips.example{MOMENT}"
    assert ask_oembed(open_client, BASE + MOMENT)["url"] == BASE + MOMENT
    assert open_client.get(MOMENT, headers={"Host": "evil.example"}).status_code == 400
