"""Examine what vidindex stands on: Python, yt-dlp and its age, a JavaScript runtime, engines, the index."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from .. import config
from ..engines import installed_engines
from ..errors import NoIndexError, VidindexError
from ..library import open as open_index

_MAX_YT_DLP_AGE_DAYS = 60
"""Sites change: a yt-dlp older than this fails on some of them."""

_JS_RUNTIMES = ("deno", "node", "bun", "qjs")


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One thing that was examined: *says* what was found and, unless it is `ok`, what to do."""

    name: str
    state: Literal["ok", "note", "bad"]
    message: str


def run_checks(path: str | os.PathLike[str] | None = None, *, today: date | None = None) -> list[DoctorFinding]:
    """Examine everything; *path* is the index, as for `vidindex.open`."""
    return [
        DoctorFinding(
            "vidindex",
            "ok",
            f"{_package_version('vidindex')}, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}",
        ),
        check_yt_dlp_age(_package_version("yt-dlp"), today or date.today()),
        _check_js_runtime(),
        *_check_engines(),
        *_check_index(path),
    ]


def check_yt_dlp_age(installed_version: str, today: date) -> DoctorFinding:
    """Judge a yt-dlp by its version, which is the date of its release."""
    try:
        year, month, day = (int(part) for part in installed_version.split(".")[:3])
        age = (today - date(year, month, day)).days
    except ValueError:
        return DoctorFinding("yt-dlp", "bad", f"{installed_version}: install it with `pip install -U yt-dlp`")
    if age > _MAX_YT_DLP_AGE_DAYS:
        return DoctorFinding(
            "yt-dlp", "note", f"{installed_version}, {age} days old: `pip install -U yt-dlp`, sites change often"
        )
    return DoctorFinding("yt-dlp", "ok", f"{installed_version}, {max(age, 0)} days old")


def _check_js_runtime() -> DoctorFinding:
    found = next((name for name in _JS_RUNTIMES if shutil.which(name)), "")
    if found:
        return DoctorFinding(
            "JavaScript", "ok", f"{found}, for yt-dlp to use with YouTube (deno 2.3, node 22 or newer)"
        )
    says = "no deno, node, bun or quickjs: captions come without, but YouTube may ask for one: `pip install deno`"
    return DoctorFinding("JavaScript", "note", says)


def _check_engines() -> Iterator[DoctorFinding]:
    here = installed_engines()
    for name, extra in (("tantivy", "fast"), ("whoosh", "")):
        if name in here:
            yield DoctorFinding(name, "ok", _package_version("whoosh3" if name == "whoosh" else name))
        else:
            yield DoctorFinding(name, "note", f"not installed: `pip install 'vidindex[{extra}]'` makes searches faster")


def _check_index(path: str | os.PathLike[str] | None) -> Iterator[DoctorFinding]:
    place = config.resolve_index_path(path)
    try:
        with open_index(place, create=False) as index:
            counts = index.stats()
            wrong = index.find_damage()
    except NoIndexError:
        yield DoctorFinding("index", "note", f"there is none in {place} yet: `vidindex add TARGET` makes one")
        return
    except VidindexError as exc:
        yield DoctorFinding("index", "bad", str(exc))
        return
    yield DoctorFinding("index", "ok", f"{place}: {counts.videos:,} videos, {counts.words:,} words, {counts.engine}")
    for says in wrong:
        yield DoctorFinding("index", "bad", says)


def _package_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
