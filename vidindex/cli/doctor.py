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
from ..engines import installed
from ..errors import NoIndexError, VidindexError
from ..library import open as open_index

_OLD_DAYS = 60
"""Sites change: a yt-dlp older than this fails on some of them."""

_RUNTIMES = ("deno", "node", "bun", "qjs")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined: *says* what was found and, unless it is `ok`, what to do."""

    name: str
    state: Literal["ok", "note", "bad"]
    says: str


def examine(path: str | os.PathLike[str] | None = None, *, today: date | None = None) -> list[Finding]:
    """Examine everything; *path* is the index, as for `vidindex.open`."""
    return [
        Finding(
            "vidindex",
            "ok",
            f"{_version('vidindex')}, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}",
        ),
        yt_dlp_age(_version("yt-dlp"), today or date.today()),
        _runtime(),
        *_engines(),
        *_index(path),
    ]


def yt_dlp_age(stated: str, today: date) -> Finding:
    """Judge a yt-dlp by its version, which is the date of its release."""
    try:
        year, month, day = (int(part) for part in stated.split(".")[:3])
        age = (today - date(year, month, day)).days
    except ValueError:
        return Finding("yt-dlp", "bad", f"{stated}: install it with `pip install -U yt-dlp`")
    if age > _OLD_DAYS:
        return Finding("yt-dlp", "note", f"{stated}, {age} days old: `pip install -U yt-dlp`, sites change often")
    return Finding("yt-dlp", "ok", f"{stated}, {max(age, 0)} days old")


def _runtime() -> Finding:
    found = next((name for name in _RUNTIMES if shutil.which(name)), "")
    if found:
        return Finding("JavaScript", "ok", f"{found}, for yt-dlp to use with YouTube (deno 2.3, node 22 or newer)")
    says = "no deno, node, bun or quickjs: captions come without, but YouTube may ask for one: `pip install deno`"
    return Finding("JavaScript", "note", says)


def _engines() -> Iterator[Finding]:
    here = installed()
    for name, extra in (("tantivy", "fast"), ("whoosh", "")):
        if name in here:
            yield Finding(name, "ok", _version("whoosh3" if name == "whoosh" else name))
        else:
            yield Finding(name, "note", f"not installed: `pip install 'vidindex[{extra}]'` makes searches faster")


def _index(path: str | os.PathLike[str] | None) -> Iterator[Finding]:
    place = config.index_path(path)
    try:
        with open_index(place, create=False) as index:
            counts = index.stats()
            wrong = index.check()
    except NoIndexError:
        yield Finding("index", "note", f"there is none in {place} yet: `vidindex add TARGET` makes one")
        return
    except VidindexError as exc:
        yield Finding("index", "bad", str(exc))
        return
    yield Finding("index", "ok", f"{place}: {counts.videos:,} videos, {counts.words:,} words, {counts.engine}")
    for says in wrong:
        yield Finding("index", "bad", says)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
