"""Local media files are sent in ranges, so that a player can seek."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vidindex
from tests.processes import wait_until
from vidindex.server.app import make_app

from .conftest import serving

if TYPE_CHECKING:
    from .conftest import Site

FILM = bytes(range(256)) * 4000


@pytest.fixture
def films(tmp_path: Path) -> Iterator[Site]:
    """A server for one video with a media file and one without."""
    talks = tmp_path / "talks"
    talks.mkdir()
    for name in ("film", "none"):
        (talks / f"{name}.en.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:04.000\nwords beside a film\n")
    (talks / "film.mp4").write_bytes(FILM)
    (talks / "secret.txt").write_text("secret")
    with vidindex.open(tmp_path / "index") as index:
        index.add(talks)
    with serving(make_app(tmp_path / "index")) as site:
        yield site


def _id(site: Site, start: str) -> str:
    videos = site.ask("/api/videos").json["videos"]
    return next(str(video["id"]) for video in videos if start in video["title"])


def test_a_range_request_returns_that_range(films: Site) -> None:
    address = f"/media/{_id(films, 'film')}"
    part = films.ask(address, Range="bytes=1000-1999", Accept_Encoding="gzip")
    assert (part.status, part.body) == (206, FILM[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(FILM)}"
    assert part.headers["Content-Type"] == "video/mp4"
    assert films.ask(address, Range="bytes=-10").body == FILM[-10:]


def test_a_full_response_announces_ranges(films: Site) -> None:
    whole = films.ask(f"/media/{_id(films, 'film')}", Accept_Encoding="gzip")
    assert (whole.status, whole.headers["Accept-Ranges"]) == (200, "bytes")
    assert whole.body == FILM


def test_a_range_beyond_the_end_is_refused(films: Site) -> None:
    assert films.ask(f"/media/{_id(films, 'film')}", Range=f"bytes={len(FILM)}-").status == 416


def test_a_video_without_a_media_file_is_not_found(films: Site) -> None:
    assert films.ask(f"/media/{_id(films, 'none')}").status == 404
    assert films.ask("/media/secret.txt").status == 404


def test_several_ranges_and_a_head_request_are_answered(films: Site) -> None:
    address = f"/media/{_id(films, 'film')}"
    several = films.ask(address, Range="bytes=0-9,5000-5009")
    assert several.status == 206
    assert FILM[:10] in several.body
    head = films.ask(address, method="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(FILM)))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts the descriptors in /proc")
def test_no_response_leaves_the_film_open(films: Site, tmp_path: Path) -> None:
    address = f"/media/{_id(films, 'film')}"
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": f"bytes={len(FILM)}-"}, {"Range": "pages=1"}):
        films.ask(address, **headers)
        films.ask(address, method="HEAD", **headers)

    def is_closed() -> bool:
        return not any(_target(each) == tmp_path / "talks/film.mp4" for each in Path("/proc/self/fd").iterdir())

    wait_until(is_closed)


def _target(link: Path) -> Path | None:
    try:
        return link.readlink()
    except OSError:
        return None


def test_a_film_that_is_replaced_by_a_link_is_not_sent(films: Site, tmp_path: Path) -> None:
    address = f"/media/{_id(films, 'film')}"
    film = tmp_path / "talks" / "film.mp4"
    for target in ("secret.txt", "/etc/passwd", "/dev/zero"):
        film.unlink()
        film.symlink_to(target)
        assert films.ask(address).status == 404
