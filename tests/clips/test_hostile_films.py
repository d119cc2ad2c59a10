"""Films that anyone may have made: playlists and names that lead elsewhere, endless work, and files that are none."""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.clips.films import run
from tests.processes import HANG_S, kill, start_process, wait_until
from tests.resolve.conftest import Site
from vidindex import ClipMoment, ClipOptions, Video
from vidindex.clips.cut import FilmInput, open_film
from vidindex.clips.ffmpeg import run_ffmpeg
from vidindex.errors import ClipError

pytestmark = pytest.mark.usefixtures("ffmpeg")

PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT9S">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="9"><BaseURL>{}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=control:{}\n",
    "subtitles": "1\n00:00:00,000 --> 00:00:09,000\n{}\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_in_place_of_a_film_opens_no_file_and_no_url(
    film: Path, site: Site, tmp_path: Path, kind: str
) -> None:
    shutil.copy(film, tmp_path / "secret.mp4")
    path = tmp_path / "film.mp4"
    for target in (site.url("/secret.mp4"), "secret.mp4"):
        path.write_text(PLAYLISTS[kind].format(target))
        with (
            pytest.raises(ClipError, match=r"not a film that can be read|it cannot be read"),
            open_film((FilmInput(path),), "film"),
        ):
            pass
    assert not site.asked


@pytest.mark.parametrize(
    "name", ["-y.mp4", "concat:a|b.mp4", "img%03d.mp4", "http:", "pipe:0", "line\nbreak.mp4", "a'b\"c\\d.mp4"]
)
def test_a_film_is_read_whatever_its_name_is(film: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    shutil.copy(film, path)
    with open_film((FilmInput(path),), name) as opened:
        assert opened.facts.duration_ms == pytest.approx(20_000, abs=100)


def test_a_pipe_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", tmp_path, tmp_path / "none.mp4", Path("/dev/zero")):
        with pytest.raises(ClipError, match="its film cannot be read"), open_film((FilmInput(path),), "film"):
            pass


def test_endless_work_is_killed(tmp_path: Path) -> None:
    begun = time.process_time()
    with pytest.raises(ClipError, match="did not finish within"):
        run_ffmpeg(["-f", "lavfi", "-i", "color=s=64x36", "-f", "null", "-"], "film", folder=tmp_path, timeout_s=0.5,
                   max_bytes=0)  # fmt: skip
    assert time.process_time() - begun < 5
    with pytest.raises(ClipError, match=r"too large|ffmpeg failed"):
        run_ffmpeg(["-f", "lavfi", "-i", "color=s=640x360", "-f", "rawvideo", "file:film"], "film", folder=tmp_path,
                   timeout_s=HANG_S, max_bytes=1_000_000)  # fmt: skip
    assert (tmp_path / "film").stat().st_size <= 1_100_000


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_ffmpeg_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vidindex.clips.ffmpeg import run_ffmpeg; "
        "run_ffmpeg(['-re', '-f', 'lavfi', '-i', 'color=s=64x36', '-t', '600', '-f', 'rawvideo', 'file:film'],"
        " 'film', folder=Path(sys.argv[1]), timeout_s=600, max_bytes=10**8)"
    )
    process = start_process([sys.executable, "-c", code, tmp_path])
    wait_until((tmp_path / "film").exists, process=process)
    assert _is_folder_in_use(tmp_path)
    kill(process)
    wait_until(lambda: not _is_folder_in_use(tmp_path))


def _is_folder_in_use(folder: Path) -> bool:
    """Return whether *folder* is the working directory of a process."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if link.readlink() == folder:
                return True
    return False


def test_pictures_that_take_too_much_memory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="ffmpeg failed"):
        run_ffmpeg(["-f", "lavfi", "-i", "color=s=30000x30000:d=1", "-vf", "split,hstack", "-frames:v", "1",
                    "-f", "null", "-"], "film", folder=tmp_path, timeout_s=HANG_S, max_bytes=0)  # fmt: skip


def test_a_damaged_film_fails_alone(talk: vidindex.Index, film: Path, tmp_path: Path) -> None:
    (good,) = talk.clip_moments(talk.search("music after music"))[:1]
    content = film.read_bytes()
    (tmp_path / "half.mp4").write_bytes(content[: len(content) // 2])
    (tmp_path / "noise.mp4").write_bytes(os.urandom(50_000))
    damaged = [replace(good, media=tmp_path / name) for name in ("half.mp4", "noise.mp4")]
    results = list(talk.clips([*damaged, good], tmp_path / "out", options=ClipOptions("wav")))
    assert [result.state for result in results[1:]] == ["failed", "cut"]
    assert results[0].state == "failed"


def test_hostile_words_are_drawn_as_they_are(talk: vidindex.Index, tmp_path: Path) -> None:
    words = "{\\pos(1,1)}\\N',[in]movie=/etc/passwd[out]; %{gmtime} $(id) \x1b[31m <b>"
    (tmp_path / "talk.en.vtt").write_text(
        f"WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nmusic {words} after music\n", encoding="utf-8"
    )
    talk.add(tmp_path / "talk.en.vtt")
    (moment,) = talk.clip_moments(talk.search("music"))[:1]
    (result,) = talk.clips(
        [replace(moment, end_ms=moment.start_ms + 500)], tmp_path / "out", options=ClipOptions(burn=True)
    )
    assert result.state == "cut", result.reason


def test_a_film_elsewhere_is_not_taken_because_the_index_names_it(talk: vidindex.Index, tmp_path: Path) -> None:
    video = Video("file:other", "file:///etc/hostname", title="other")
    (result,) = talk.clips([ClipMoment(video, 0, 1000)], tmp_path / "out")
    assert "its film is not on this machine" in result.reason


def test_the_tags_of_a_film_do_not_reach_the_clip(talk: vidindex.Index, film: Path, tmp_path: Path) -> None:
    run("ffmpeg", "-y", "-v", "error", "-i", film, "-c", "copy", "-metadata", "copyright=secret", tmp_path / "talk.mp4")
    (moment,) = talk.clip_moments(talk.search("music after music"))[:1]
    (result,) = talk.clips([moment], tmp_path / "out", options=ClipOptions(copy=True, captions="none"))
    assert result.path is not None
    assert b"secret" not in result.path.read_bytes()
