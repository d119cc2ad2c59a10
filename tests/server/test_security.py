"""Accepted hosts and methods, and the security headers of every response."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

import vidindex
from vidindex.server.app import make_app

from .conftest import ATTACK, serving

if TYPE_CHECKING:
    from .conftest import Site

ADDRESSES = [
    "/", "/?q=geese", "/results?q=geese", "/articles", "/article?url=x", "/status", "/clip", "/oembed",
    "/video/youtube:attack00001", "/video/none", "/media/none", "/static/none", "/static/",
    "/nothing", "/api/search",
    "/api/search?q=geese", "/api/videos", "/api/videos/none", "/api/videos/youtube:attack00001/transcript.txt",
    "/api/articles", "/api/quotes", "/api/stats", "/api/openapi.json", "/api/nothing",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_response_forbids_foreign_scripts(site: Site, address: str) -> None:
    headers = site.ask(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("name", ["css/site.css", "js/site.js", "icon.svg"])
def test_a_static_file_may_load_nothing(site: Site, name: str) -> None:
    headers = site.ask(f"/static/{name}").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", ["/", "/status", "/static/css/site.css", "/api/stats", "/nothing"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(site: Site, address: str, method: str) -> None:
    answer = site.ask(address, method=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::2]",
     "localhost:80:80", "localhost:x", "[::1", "[::1]x", "user@localhost", "", " "],
)  # fmt: skip
def test_a_foreign_host_name_is_refused(site: Site, host: str) -> None:
    answer = site.ask("/api/stats", host=host or "?")
    assert answer.status == 400
    assert b"words" not in answer.body


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:99", "localhost", "LocalHost:8000", "[::1]", "[::1]:8000"])
def test_own_host_names_are_accepted(site: Site, host: str) -> None:
    assert site.ask("/api/stats", host=host).status == 200


def test_accepted_host_names_are_configurable(folder: Path | str) -> None:
    with serving(make_app(folder, hosts=["clips.example"])) as site:
        assert site.ask("/api/stats", host="clips.example").status == 200
        assert site.ask("/api/stats", host="localhost").status == 400


def test_a_server_on_all_addresses_accepts_any_numeric_address(folder: Path | str) -> None:
    with serving(make_app(folder, hosts=["0.0.0.0"])) as site:
        assert site.ask("/api/stats", host="192.0.2.7:8000").status == 200
        assert site.ask("/api/stats", host="[2001:db8::1]").status == 200
        assert site.ask("/api/stats", host="evil.example").status == 400


def test_a_head_request_gets_no_body(site: Site) -> None:
    answer = site.ask("/api/stats", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


def test_a_title_cannot_turn_the_text_after_it_around(tmp_path: Path) -> None:
    cue = "WEBVTT\n\n00:00.000 --> 00:04.000\ngeese \x1b[31m\x9b in the park\n"
    talks = tmp_path / "talks"
    talks.mkdir()
    (talks / "geese.en.vtt").write_text(cue, encoding="utf-8")
    info = {"id": "geese", "extractor": "generic", "webpage_url": "https://example.org/geese"}
    info |= {"title": "geese \u202ecod.exe \u2067of", "channel": "\u202dbirds"}
    (talks / "geese.info.json").write_text(json.dumps(info))
    with vidindex.open(tmp_path / "index") as index:
        index.add(talks)
        client = TestClient(make_app(index), base_url="http://localhost")
        (video,) = index.videos()
        assert "\u202e" in video.title
        for address in ("/?q=geese", "/videos", "/channels", f"/video/{video.id}"):
            page = client.get(address).text
            assert {"\u202e", "\u2067", "\u202d", "\x1b", "\x9b"}.isdisjoint(page), address
            assert "birds" in page


def test_a_hostile_title_stays_text(site: Site) -> None:
    found = site.ask("/api/search?q=peaceful+sentence+about+geese")
    assert found.json["hits"][0]["title"] == ATTACK
    assert found.headers["Content-Type"] == "application/json"
    for address in ("/?q=peaceful+sentence+about+geese", "/video/youtube:attack00001"):
        assert b"<script>alert" not in site.ask(address).body
        assert b"<img src=x" not in site.ask(address).body


@pytest.mark.parametrize(
    "address",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fmodel.py", "/static//etc/passwd",
     "/media//etc/passwd", "/media/file:///etc/passwd", "/media/..%2f..%2fetc%2fpasswd", "/video/%00", "/media/%00"],
)  # fmt: skip
def test_no_path_leaves_the_served_folders(site: Site, address: str) -> None:
    answer = site.ask(address)
    assert answer.status == 404
    assert b"root:" not in answer.body


def test_too_long_a_request_line_is_refused(site: Site) -> None:
    assert site.ask(f"/api/search?q={'a' * 140_000}").status == 400
