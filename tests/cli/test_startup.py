"""The start and the end of a process: what it imports, and what it leaves out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vidindex

CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:00:05.000\nnever took the time off\n"


SHOW_END = (
    "import atexit, builtins\n"
    "class Object:\n    def __del__(self): print('freed')\n"
    "builtins.kept = Object()\n"
    "atexit.register(print, 'handled')\n"
    "from vidindex.cli import run; run()"
)
"""Runs the command line, and prints what happens at the end of the process."""


def run_python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    # Without the measurement of coverage in the process, which imports modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(params=["tantivy", "whoosh"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the folder of an index with one caption file."""
    pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    (tmp_path / "talk.vtt").write_text(CAPTIONS)
    with vidindex.open(tmp_path / "index", engine=request.param) as opened:
        opened.add(tmp_path / "talk.vtt")
    return tmp_path / "index"


def test_help_imports_only_the_modules_of_the_command_line() -> None:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules)); from vidindex.cli import run; run()"

    loaded = run_python(code, "--help").stdout.splitlines()[-1].split()

    assert [name for name in loaded if name.startswith("vidindex")] == [
        "vidindex",
        "vidindex.cli.process",
        "vidindex.cli",
        "vidindex.config",
        "vidindex.cli.context",
        "vidindex.errors",
        "vidindex.server",
        "vidindex.transcripts",
        "vidindex.transcripts.lazy_pattern",
        "vidindex.server.plain_text",
        "vidindex.transcripts.timecode",
        "vidindex.cli.terminal",
        "vidindex.cli.main",
    ]
    assert {"dataclasses", "json", "sqlite3"}.isdisjoint(loaded)


def test_a_search_imports_nothing_that_it_does_not_need(index: Path) -> None:
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules)); from vidindex.cli import run; run()"

    done = run_python(code, "--index", str(index), "search", "took", "the", "time")

    assert done.returncode == 0, done.stderr
    loaded = {*done.stdout.splitlines()[-1].split()}
    needless = {"secrets", "fractions", "yt_dlp", "lxml", "webvtt", "opencc", "vidindex.search.query_language"}
    if "whoosh" not in loaded:  # which needs these
        needless |= {"hashlib", "tempfile", "random"}
    assert not loaded & needless


def test_a_search_does_not_look_for_garbage_among_what_it_imports(index: Path) -> None:
    code = (
        "import atexit, gc\n"
        "collections = []\n"
        "gc.callbacks.append(lambda phase, details: collections.append(phase))\n"
        "atexit.register(lambda: print(collections))\n"
        "from vidindex.cli import run; collections.clear(); run()"
    )

    assert run_python(code, "--index", str(index), "search", "took").stdout.splitlines()[-1] == "[]"
    assert run_python(code, "--index", str(index), "status").stdout.splitlines()[-1] != "[]"
    assert run_python(code, "--index", str(index), "add", "search").stdout.splitlines()[-1] != "[]"


def test_a_search_lets_numpy_use_one_thread_unless_the_user_decides(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import atexit, os\n"
        "atexit.register(lambda: print(os.environ.get('OPENBLAS_NUM_THREADS')))\n"
        "from vidindex.cli import run; run()"
    )
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert run_python(code, "--index", str(index), "search", "took").stdout.splitlines()[-1] == "1"
    assert run_python(code, "--index", str(index), "status").stdout.splitlines()[-1] == "None"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert run_python(code, "--index", str(index), "search", "took").stdout.splitlines()[-1] == "3"


@pytest.mark.parametrize(("words", "status"), [("took the time", 0), ("umbrella teapot", 1), ("--limit x", 2)])
def test_a_search_ends_its_process_at_once_with_its_status(index: Path, words: str, status: int) -> None:
    """Handlers still run, and nothing is left beside the store, but Python does not free objects one by one."""
    done = run_python(SHOW_END, "--index", str(index), "search", *words.split())

    assert done.returncode == status
    assert "handled" in done.stdout
    assert "freed" not in done.stdout
    assert not list(index.glob("*-wal"))


def test_a_command_is_not_taken_for_another_one_that_its_arguments_name(index: Path) -> None:
    done = run_python(SHOW_END, "--index", str(index), "add", "search")

    assert done.returncode == 2
    assert "freed" in done.stdout

    done = run_python(SHOW_END, "search", "--index", str(index / "nowhere"), "--", "-v")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
