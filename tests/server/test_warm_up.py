"""The first request after the start: it imports nothing and compiles nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt

pytest.importorskip("starlette.testclient")

SCRIPT = """
import json, sys
from starlette.testclient import TestClient
from vidindex.server.app import make_app

with TestClient(make_app(sys.argv[1], is_warm=True), base_url="http://localhost") as client:
    before = set(sys.modules)
    answers = [client.get(path) for path in ("/?q=never+took+the+tune", "/", "/results?q=time", "/api/search?q=took")]
    new = [name for name in set(sys.modules) - before if name.startswith(("vidindex", "jinja2", "rapidfuzz"))]
    print(json.dumps([[answer.status_code for answer in answers], new]))
"""


def test_the_first_request_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.en.vtt").write_text(webvtt(["We never took the time off, really."] * 9), encoding="utf-8")
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "a.en.vtt")
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "index")], check=True, capture_output=True, text=True
    )
    assert json.loads(ran.stdout) == [[200] * 4, []]
    assert not ran.stderr


def test_an_empty_index_starts(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from vidindex.server.app import make_app

    with (
        vidindex.open(tmp_path / "index") as index,
        TestClient(make_app(index, is_warm=True), base_url="http://localhost") as client,
    ):
        assert client.get("/").status_code == 200
