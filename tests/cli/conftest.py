"""Fixtures that run the command line."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from vidindex.cli.main import main

SAMPLES = Path(__file__).parents[2] / "samples"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `vidindex` on an index in the folder of the test, in this process to save time."""

    def run_vidindex(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        command = ["vidindex", *map(str, words)]
        with monkeypatch.context() as patch, closing(io.StringIO()) as out, closing(io.StringIO()) as err:
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", command)
            for name, value in {"VIDINDEX_INDEX": str(tmp_path / "index"), **environment}.items():
                patch.setenv(name, value)
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as exited:
                main()
            return subprocess.CompletedProcess(command, int(exited.value.code or 0), out.getvalue(), err.getvalue())

    return run_vidindex


@pytest.fixture
def run_process(tmp_path: Path) -> Run:
    """Return a function that runs `vidindex` on an index in the folder of the test in a process, as users do."""

    def run_vidindex(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "vidindex", *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={
                **os.environ,
                "VIDINDEX_INDEX": str(tmp_path / "index"),
                "PYTHONPATH": str(SAMPLES.parent),
                **environment,
            },
            timeout=120,
            check=False,
        )

    return run_vidindex


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of all samples; tests only read it."""
    folder = tmp_path_factory.mktemp("samples") / "index"
    pages = sorted((SAMPLES / "pages").glob("*.html"))
    subprocess.run(
        [sys.executable, "-m", "vidindex", "--index", folder, "add", *pages, SAMPLES / "downloads"],
        env={**os.environ, "PYTHONPATH": str(SAMPLES.parent)},
        capture_output=True,
        timeout=300,
        check=True,
    )
    return folder
