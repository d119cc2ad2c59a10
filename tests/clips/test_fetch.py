"""Sections of films on a site: right pictures for few bytes, through the checks that all requests pass."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.clips.films import make_hour, read_luma, run, second_of_picture
from tests.resolve.conftest import Answer, Site
from vidindex import ClipMoment, ClipOptions, ResolveOptions, Video
from vidindex.clips.fetch import FilmFetcher
from vidindex.clips.moments import NoIndexSource
from vidindex.clips.run import ClipRunner

pytestmark = pytest.mark.usefixtures("ffmpeg")

_BLOCK = 16_384
_TYPES = {".mp4": "video/mp4", ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml"}


class Films:
    """The files of a folder on a site that answers requests for ranges; *sent* counts the bytes that were taken."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.sent = 0
        for path in folder.iterdir():
            site.pages[f"/{path.name}"] = self._page(path)

    def _page(self, path: Path) -> Callable[[Any], Answer]:
        def answer(handler: Any) -> Answer:
            # Otherwise the system would take megabytes that nobody reads.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BLOCK)
            content = path.read_bytes()
            match = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
            first, last = (int(match[1]), int(match[2] or len(content) - 1)) if match else (0, len(content) - 1)
            part = content[first : last + 1]
            headers = {"Content-Type": _TYPES.get(path.suffix, "video/mp2t"), "Content-Length": str(len(part))}
            if match:
                headers["Content-Range"] = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
            return Answer(status=206 if match else 200, headers=headers, steps=self._steps(part))  # type: ignore[arg-type]

        return answer

    def _steps(self, content: bytes) -> Iterator[bytes]:
        for at in range(0, len(content), _BLOCK):
            block = content[at : at + _BLOCK]
            yield block
            self.sent += len(block)


@pytest.fixture(scope="session")
def hour(ffmpeg: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of an hour in a folder, as a file, as HLS and as DASH."""
    folder = tmp_path_factory.mktemp("hour")
    film = make_hour(folder / "film.mp4")
    run("ffmpeg", "-v", "error", "-i", film, "-c", "copy", "-hls_time", 10, "-hls_playlist_type", "vod",
        "-hls_segment_filename", folder / "hls%03d.ts", folder / "film.m3u8")  # fmt: skip
    run("ffmpeg", "-v", "error", "-i", film, "-c", "copy", "-seg_duration", 10, "-use_timeline", 1,
        "-init_seg_name", "init-$RepresentationID$.m4s", "-media_seg_name", "dash-$RepresentationID$-$Number$.m4s",
        "-f", "dash", folder / "film.mpd")  # fmt: skip
    return folder


@pytest.fixture
def films(site: Site, hour: Path) -> Films:
    return Films(site, hour)


def cut(url: str, start_ms: int, end_ms: int, out: Path, *, given: bool = True, **options: Any) -> vidindex.ClipResult:
    """Cut a moment of the film at *url*, which the user typed."""
    chosen = ClipOptions(**{"captions": "none", **options})
    moment = ClipMoment(Video("site:film", url, title="Film"), start_ms, end_ms)
    known = frozenset({url} if given else ())
    resolve = ResolveOptions(retries=0)
    with FilmFetcher(NoIndexSource(), chosen, resolve, given=known) as fetcher:
        (result,) = ClipRunner(NoIndexSource(), out, chosen, fetcher).run([moment])
    return result


@pytest.mark.parametrize("name", ["film.m3u8", "film.mpd", "film.mp4"])
def test_a_section_of_an_hour_takes_less_than_a_tenth_of_its_bytes(
    films: Films, hour: Path, tmp_path: Path, name: str
) -> None:
    stem = {"film.m3u8": "hls*", "film.mpd": "*.m4s", "film.mp4": "film.mp4"}[name]
    whole = sum(path.stat().st_size for path in hour.glob(stem))
    result = cut(films.site.url(f"/{name}"), 1_834_300, 1_840_300, tmp_path)
    assert result.path is not None, result.reason
    pictures = [second_of_picture(frame) for frame in read_luma(result.path)]
    assert (pictures[0], pictures[-1]) == (1834, 1840)
    assert abs(pictures.index(1835) * 40 - 700) <= 80  # the pictures change where they do in the film
    assert run("ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_type", result.path)
    assert 0 < result.fetched_bytes < whole / 10
    assert films.sent < whole / 10


@pytest.mark.parametrize("name", ["film.mpd", "film.mp4"])
def test_the_start_of_a_film_and_its_sound_alone_are_fetched(films: Films, tmp_path: Path, name: str) -> None:
    result = cut(films.site.url(f"/{name}"), 0, 2_000, tmp_path, format="wav")
    assert result.path is not None, result.reason
    assert abs(result.end_ms - 2000) <= 80


def test_a_film_of_a_list_may_not_be_on_a_private_address(films: Films, tmp_path: Path) -> None:
    result = cut(films.site.url("/film.mp4"), 0, 2_000, tmp_path, given=False)
    assert "private address" in result.reason
    assert not films.site.asked


def test_segments_and_redirects_to_other_private_addresses_are_refused(site: Site, hour: Path, tmp_path: Path) -> None:
    Films(site, hour)
    for target in ("http://127.0.0.2:9/secret.ts", "file:///etc/passwd"):
        listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n"
        result = cut(site.put("/playlist.m3u8", listed, "application/x-mpegurl"), 0, 2_000, tmp_path)
        assert result.state == "failed"
    site.redirect("/moved.mp4", "http://127.0.0.2:9/film.mp4")
    assert cut(site.url("/moved.mp4"), 0, 2_000, tmp_path).state == "failed"
    assert not list(tmp_path.iterdir())


def test_a_film_that_is_a_playlist_in_disguise_opens_nothing(site: Site, tmp_path: Path) -> None:
    secret = site.url("/secret.ts")
    site.put("/film.mp4", f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n", "video/mp4")
    assert cut(site.url("/film.mp4"), 0, 2_000, tmp_path).state == "failed"
    assert "/secret.ts" not in site.paths()


def test_a_section_that_is_too_large_is_refused(films: Films, tmp_path: Path) -> None:
    result = cut(films.site.url("/film.mp4"), 1_834_300, 1_840_300, tmp_path, max_fetch_bytes=100_000)
    assert result.state == "failed"
    assert "limit" in result.reason or "larger" in result.reason
