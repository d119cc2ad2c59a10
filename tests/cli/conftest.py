"""Fixtures that run the command line in a separate process, as users do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs `vidindex` on an index in the folder of the test."""

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
