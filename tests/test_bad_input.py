"""Bad input of every kind results in a clear error with the next step, and does not stop the rest."""

from __future__ import annotations

import gc
import gzip
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write, webvtt
from tests.damage import replace_file
from tests.processes import HANG_S, read_until, start_vidindex
from vidindex import ResolveOptions
from vidindex.engines.folders import delete_folder

PAGE = b"<!doctype html><title>%s</title><body><p>Only words here.</p>"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + b"x" * 3000
MUCH = b"<p>word</p>" * 100_000


class _Hostile(BaseHTTPRequestHandler):
    """Responds according to the path of the request."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = {  # noqa: RUF012 - never written to
        "/gone": (404, {}, b"no"),
        "/broken": (500, {}, b"no"),
        "/circle": (302, {"Location": "/circle"}, b""),
        "/to-file": (302, {"Location": "file:///etc/passwd"}, b""),
        "/to-private": (302, {"Location": "http://192.168.77.77/"}, b""),
        "/pdf": (200, {"Content-Type": "application/pdf"}, PDF),
        "/pdf-as-html": (200, {"Content-Type": "text/html"}, PDF),
        "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + b"\0" * 3000),
        "/json": (200, {"Content-Type": "application/json"}, b'{"a": 1}'),
        "/talk.en.vtt": (200, {"Content-Type": "text/vtt"}, webvtt(["Good evening."]).encode()),
        "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(MUCH * 60, 1)),
        "/empty": (200, {}, b""),
        "/utf-16": (200, {}, (PAGE % b"Caf\xc3\xa9").decode().encode("utf-16")),
    }

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.server.shut.wait(2 * HANG_S)  # type: ignore[attr-defined] # set by the fixture
            return
        if self.path == "/endless":
            self._send_endless_body()
            return
        status, headers, body = self.answers.get(self.path, self.answers["/gone"])
        self.send_response(status)
        for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send_endless_body(self) -> None:
        """Send 500 MB, unless the client disconnects."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            for _ in range(500_000_000 // len(MUCH)):
                self.wfile.write(MUCH)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Log nothing."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The URL of a hostile server on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hostile)
    server.daemon_threads = True
    server.shut = threading.Event()  # type: ignore[attr-defined] # ends the responses that never come
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shut.set()  # type: ignore[attr-defined] # as above
    server.shutdown()
    server.server_close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[vidindex.Index]:
    """An empty index."""
    with vidindex.open(tmp_path / "index") as opened:
        yield opened


def failure(index: vidindex.Index, target: str | Path, *, timeout_s: float = HANG_S) -> str:
    """Add *target*, check that it fails and leaves nothing behind, and return the reason."""
    report = index.add(target, resolve=ResolveOptions(timeout_s=timeout_s, retries=0))
    assert [report.articles, report.videos, list(index.videos())] == [0, (), []]
    (failed,) = report.failures
    assert failed.target
    return failed.reason


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/gone", "HTTP 404, page not found: check the address"),
        ("/broken", "HTTP 500, the server failed: try again later"),
        ("/circle", "too many redirects"),
        ("/to-file", "an address that is not allowed"),
        ("/to-private", "192.168.77.77 is a private address"),
        ("/pdf", "neither a page nor a video"),
        ("/pdf-as-html", "neither a page nor a video"),
        ("/picture", "neither a page nor a video"),
        ("/json", "neither a page nor a video"),
        ("/talk.en.vtt", "download it and add the file"),
        ("/bomb", "it is not an article page"),
        ("/endless", "it is not an article page"),
        ("/silent", "timed out: try again later"),
    ],
)
def test_an_address_that_is_no_article_fails_with_its_reason(
    index: vidindex.Index, base: str, path: str, says: str
) -> None:
    assert says in failure(index, base + path, timeout_s=1 if path == "/silent" else HANG_S)


def test_a_page_that_is_empty_or_in_utf_16_is_an_article_without_videos(index: vidindex.Index, base: str) -> None:
    report = index.add(base + "/empty", base + "/utf-16")
    assert (report.articles, report.embeds, report.failures) == (2, 0, ())
    assert [article.title for article in index.articles()] == ["", "Café"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("not-an-address", "those start with https://"),
        ("example.org/page", "give https://example.org/page"),
        ("ftp://example.org/x", "ftp: addresses are not supported"),
        ("http://", "names no host"),
        ("http://[bad", "not a valid address"),
        ("", "the name is empty"),
        ("x" * 5000, "no such file"),
        ("nul\0byte", "no such file"),
    ],
)
def test_anything_that_is_not_a_target_fails_with_its_reason(index: vidindex.Index, target: str, says: str) -> None:
    report = index.add(target)
    assert says in report.failures[0].reason


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (bytes(range(128, 256)) * 300, "not in a supported format"),
        (b"<html><body>Sign in</body></html>", ""),
    ],
)
def test_a_caption_file_without_captions_leaves_nothing_behind(
    index: vidindex.Index, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "talk.en.vtt").write_bytes(content)
    report = index.add(tmp_path / "talk.en.vtt")
    assert not list(index.videos())
    if says:
        assert says in report.failures[0].reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.en.vtt", b""),
        ("talk.en.vtt", b"\xef\xbb\xbf\r\n \n"),
        ("talk.en.vtt", b"WEBVTT\n\n"),
        ("talk.en.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n"),
        ("talk.en.srt", b"\n"),
        ("talk.en.json3", b'{"wireMagic": "pb3", "events": []}'),
    ],
)
def test_an_empty_caption_file_is_no_failure(index: vidindex.Index, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    report = index.add(tmp_path / name)
    assert (report.failures, report.videos, report.without_captions) == ((), (), ("file:talk",))
    assert not list(index.videos())


def test_a_folder_without_captions_and_one_with_circular_links(index: vidindex.Index, write: Write) -> None:
    talk = write("circle/talk.en.vtt", "Good evening.")
    (talk.parent / "again").symlink_to("../circle")
    os.mkfifo(talk.parent / "pipe.vtt")
    (talk.parent / "nowhere.vtt").symlink_to("nowhere.vtt")
    empty = talk.parent / "empty"
    empty.mkdir()
    assert "contains no captions" in failure(index, empty)
    assert "neither a file nor a folder" in failure(index, talk.parent / "pipe.vtt")
    assert index.add(talk.parent).videos == ("file:talk",)


def test_a_video_without_captions_is_found_by_its_metadata_and_reported(index: vidindex.Index, tmp_path: Path) -> None:
    about = {"id": "9", "extractor": "site", "webpage_url": "https://example.org/9", "title": "Harbour lights"}
    (tmp_path / "dl").mkdir()
    (tmp_path / "dl" / "x.info.json").write_text(json.dumps(about), encoding="utf-8")
    report = index.add(tmp_path / "dl")
    assert (report.videos, report.without_captions) == (("site:9",), ("site:9",))
    assert index.stats().without_captions == 1


HALF = '"\\ud83d half"'


def test_lone_surrogates_are_accepted_everywhere(index: vidindex.Index, tmp_path: Path) -> None:
    """JSON may state half of a surrogate pair: in a description, in captions, in a page's data."""
    folder = tmp_path / "half"
    folder.mkdir()
    events = f'{{"events": [{{"tStartMs": 0, "dDurationMs": 2000, "segs": [{{"utf8": {HALF}}}]}}]}}'
    (folder / "a.en.json3").write_text(events, encoding="utf-8")
    about = f'{{"id": "9", "extractor": "site", "webpage_url": "https://example.org/9", "title": {HALF}}}'
    (folder / "b.info.json").write_text(about, encoding="utf-8")
    page = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": {HALF}}}</script>'
    (folder / "c.html").write_text(page, encoding="utf-8")
    report = index.add(folder)
    assert (len(report.videos), report.articles, report.failures) == (2, 1, ())
    texts = "".join(index.transcript("file:a").words) + index.video("site:9").title + next(index.articles()).title
    assert texts.count("half") == 3
    texts.encode()  # no lone surrogate is left


def test_half_a_surrogate_pair_names_nothing(index: vidindex.Index) -> None:
    for find in (index.article, index.reviews, index.remove, index.quotes):
        with pytest.raises(vidindex.VidindexError):
            find("half \ud83d")
    assert not list(index.report("half \ud83d"))


def test_an_undecodable_file_name_gives_an_id_that_can_be_typed(index: vidindex.Index, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/ev\nil\x1b[31m\xff.en.vtt"))
    try:
        odd.write_text(webvtt(["Good evening."]), encoding="utf-8")
    except OSError:
        pytest.skip("this file system keeps no such names")
    (name,) = index.add(odd).videos
    assert name.isprintable()
    assert name.isascii()
    assert index.add(odd).unchanged == (name,)
    assert index.search("good evening")[0].video.id == name
    with pytest.raises(vidindex.NotIndexedError):
        index.video("bro\udcffken")


# The index itself


@pytest.fixture
def made(tmp_path: Path, write: Write) -> Path:
    """An index of one talk, closed."""
    with vidindex.open(tmp_path / "made") as index:
        index.add(write("talk.en.vtt", *(f"the captain said word {at}" for at in range(500))))
    return tmp_path / "made"


def unusable(folder: Path, error: type[vidindex.IndexUnusableError] = vidindex.IndexLocationError) -> str:
    """Search the index in *folder*, check that it fails, and return the message."""
    with pytest.raises(error) as caught, vidindex.open(folder, create=False) as index:
        index.search("the captain said")
    return str(caught.value)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "it is not a folder; choose another with --index" in unusable(tmp_path / "file")
    with pytest.raises(vidindex.IndexLocationError, match="it is not a folder"):
        vidindex.open(tmp_path / "file")


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte", "file/below"])
def test_a_folder_that_cannot_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(vidindex.IndexLocationError, match="choose another with --index"):
        vidindex.open(tmp_path / name)


def test_an_index_of_a_newer_version(made: Path) -> None:
    with sqlite3.connect(made / "store.sqlite3") as sql:
        sql.execute("PRAGMA user_version = 99")
    assert "has format 99" in unusable(made, vidindex.IndexVersionError)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda whole: whole[: len(whole) // 3], "its store is damaged"),
        (lambda whole: whole[:4096] + os.urandom(len(whole) - 4096), "its store is damaged"),
        (lambda whole: os.urandom(5000), "not a vidindex store"),
        (lambda whole: b"", "its store is empty"),
    ],
)
def test_a_damaged_store(made: Path, damage: Callable[[bytes], bytes], says: str) -> None:
    store = made / "store.sqlite3"
    store.write_bytes(damage(store.read_bytes()))
    assert says in unusable(made)


def test_a_store_of_another_program(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.sqlite3") as sql:
        sql.execute("CREATE TABLE other (x)")
        sql.execute("PRAGMA user_version = 1")
    assert "not a vidindex store" in unusable(tmp_path)


@pytest.fixture
def collected() -> Iterator[None]:
    """Collect the files that a failing Whoosh leaves open, so that they are not reported in another test."""
    yield
    gc.collect()


LEAVES_FILES_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@LEAVES_FILES_OPEN
@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("damage", ["deleted", "emptied", "cut"])
def test_a_damaged_engine_is_detected_and_rebuilt(made: Path, engine: str, damage: str) -> None:
    from vidindex.cli.doctor import run_checks
    from vidindex.library import rebuild_index

    rebuild_index(made, engine=engine)
    (place,) = made.glob(f"{engine}-*")
    if damage == "cut":
        for file in list(place.iterdir()):
            replace_file(file, file.read_bytes()[: file.stat().st_size // 2])
    else:
        delete_folder(place)
        if damage == "emptied":
            place.mkdir()
    assert "vidindex rebuild" in unusable(made, vidindex.EngineError)
    assert [finding.state for finding in run_checks(made) if finding.name == "index"][-1] == "bad"
    assert rebuild_index(made) == []
    with vidindex.open(made) as index:
        assert index.find_damage() == []
        assert index.search("the captain said")


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something over *folder*; skip the test if that is not allowed."""
    done = subprocess.run(["mount", *options, folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make *folder* read-only; for root this takes a mount, because root ignores permissions."""
    if os.geteuid() == 0:
        with mounted(folder, "--bind", str(folder)), mounted_again(folder):
            yield
        return
    folder.chmod(0o555)
    yield
    folder.chmod(0o755)


@contextmanager
def mounted_again(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
    yield


def test_a_read_only_index_is_read_and_not_written(made: Path, write: Write) -> None:
    other = write("other.en.vtt", "Nobody else did.")
    with read_only(made), vidindex.open(made) as index:
        assert index.stats().videos == 1
        assert index.transcript("file:talk").words[:2] == ("the", "captain")
        assert [hit.video.id for hit in index.search("the captain", limit=1)] == ["file:talk"]
        for change in (lambda: index.add(other), lambda: index.remove("file:talk"), index.rebuild):
            with pytest.raises(vidindex.IndexLocationError, match=r"choose another (folder )?with --index"):
                change()


@LEAVES_FILES_OPEN
@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("kilobytes", [300, 900])
def test_a_full_disk_is_reported_and_loses_nothing(tmp_path: Path, write: Write, engine: str, kilobytes: int) -> None:
    """Depending on the size of the disk, the store or the engine runs out of space."""
    for talk in range(60):
        words = " ".join(f"w{talk}x{at}" for at in range(200))
        write(f"talks/talk{talk}.en.vtt", words, words[::-1])
    small = tmp_path / "small"
    small.mkdir()
    with mounted(small, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs"):
        run = start_vidindex("--index", small, "add", "--engine", engine, "-q", tmp_path / "talks")
        _, messages = run.communicate(timeout=HANG_S)
        assert run.returncode == 2
        assert re.search(r"^error: .*full.*free some space", messages)
        subprocess.run(["mount", "-o", "remount,size=60m", small], check=True)
        with vidindex.open(small, engine=engine) as index:
            index.add(tmp_path / "talks")
            assert len(list(index.videos())) == 60
            assert index.find_damage() == []


# A run as a whole


def test_an_interrupted_run_says_so_and_the_next_completes_it(tmp_path: Path, write: Write) -> None:
    for talk in range(400):
        write(f"talks/talk{talk:03}.en.vtt", *(f"the captain said {talk} {at}" for at in range(40)))
    # The run cannot end before it is interrupted: the pipe is too small for all that it reports.
    run = start_vidindex("--verbose", "--index", tmp_path / "index", "add", tmp_path / "talks", pipesize=4096)
    read_until(run, run.stderr, "talk020")
    run.send_signal(signal.SIGINT)
    _, messages = run.communicate(timeout=HANG_S)
    assert run.returncode == 130
    assert "interrupted" in messages
    assert "Traceback" not in messages
    with vidindex.open(tmp_path / "index") as index:
        assert 20 < len(list(index.videos())) < 400
        assert len(index.add(tmp_path / "talks").videos) < 400
        assert len(list(index.videos())) == 400
        assert index.find_damage() == []


def test_unwritable_output_is_an_error_without_a_traceback(made: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full")
    with full.open("w", encoding="utf-8") as stream:
        run = start_vidindex("--index", made, "search", "the captain said", stdout=stream.fileno())
        _, messages = run.communicate(timeout=HANG_S)
    assert run.returncode == 2
    assert messages.startswith("error: ")
    assert "Traceback" not in messages


def test_searches_work_while_another_process_adds_to_the_index(made: Path, write: Write) -> None:
    for talk in range(200):
        write(f"talks/talk{talk:03}.en.vtt", *(f"somebody said {talk} {at}" for at in range(40)))
    run = start_vidindex("--index", made, "add", "-q", made.parent / "talks")
    with vidindex.open(made) as index:
        while run.poll() is None:
            assert index.search("the captain said word 400")[0].start_ms == 1_600_000
    assert run.communicate()[1] == ""
