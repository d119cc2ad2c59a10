"""Checks of the environment: Python, yt-dlp (its age and plugins), JavaScript, the engines, the index."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import sysconfig
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
"""Sites change; an older yt-dlp fails on some of them."""

_OTHER_JS_RUNTIME = "node"
"""A runtime that yt-dlp uses only if it is told to; deno needs no option."""


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """The result of one check; *message* states the finding and, unless *state* is `ok`, the next step."""

    name: str
    state: Literal["ok", "note", "bad"]
    message: str


def run_checks(path: str | os.PathLike[str] | None = None, *, today: date | None = None) -> list[DoctorFinding]:
    """Run all checks; *path* is the index, as for `vidindex.open`."""
    return [
        DoctorFinding(
            "vidindex",
            "ok",
            f"{_package_version('vidindex')}, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}",
        ),
        check_yt_dlp_age(_package_version("yt-dlp"), today or date.today()),
        _check_js_runtime(),
        *_check_plugins(),
        *_check_engines(),
        *_check_index(path),
    ]


def check_yt_dlp_age(installed_version: str, today: date) -> DoctorFinding:
    """Check the age of yt-dlp, whose version is its release date."""
    try:
        year, month, day = (int(part) for part in installed_version.split(".")[:3])
        age = (today - date(year, month, day)).days
    except ValueError:
        return DoctorFinding("yt-dlp", "bad", f"{installed_version}: install it with `pip install -U yt-dlp`")
    if age > _MAX_YT_DLP_AGE_DAYS:
        return DoctorFinding(
            "yt-dlp", "note", f"{installed_version}, {age} days old: upgrade it with `pip install -U yt-dlp`"
        )
    return DoctorFinding("yt-dlp", "ok", f"{installed_version}, {max(age, 0)} days old")


def _check_js_runtime() -> DoctorFinding:
    if _has_program("deno"):
        return DoctorFinding("JavaScript", "ok", "deno, for yt-dlp to use with YouTube (2.3 or newer)")
    install = "YouTube may require deno (`pip install deno`)"
    if _has_program(_OTHER_JS_RUNTIME):
        use = "let yt-dlp use node 22 or newer with `--yt-dlp-option js-runtimes=node`"
        return DoctorFinding("JavaScript", "note", f"no deno: {install}, or {use}")
    return DoctorFinding("JavaScript", "note", f"no deno or node: {install}")


def _has_program(name: str) -> bool:
    """Return whether yt-dlp finds *name*: it also searches the scripts of this environment, such as `pip` installs."""
    return bool(shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts")))


def _check_plugins() -> Iterator[DoctorFinding]:
    """List the plugins of yt-dlp, whose code runs in this program, and those that it would load elsewhere."""
    from ..pages.ytdlp_plugins import list_ignored_plugins, list_plugins

    loaded = list_plugins()
    listed = ", ".join(f"{plugin.name} ({plugin.root})" for plugin in loaded)
    yield DoctorFinding("plugins", "ok", f"{listed}, for yt-dlp" if loaded else "none for yt-dlp")
    if ignored := list_ignored_plugins():
        listed = ", ".join(f"{plugin.name} ({plugin.root})" for plugin in ignored)
        message = f"plugins that are not loaded: {listed}; install them with pip, or use --yt-dlp-plugins"
        yield DoctorFinding("ignored", "note", message)


def _check_engines() -> Iterator[DoctorFinding]:
    installed = installed_engines()
    for name, extra in (("tantivy", "fast"), ("whoosh", "")):
        if name in installed:
            yield DoctorFinding(name, "ok", _package_version("Whoosh-Reloaded" if name == "whoosh" else name))
        else:
            yield DoctorFinding(name, "note", f"not installed: `pip install 'vidindex[{extra}]'` speeds up searches")


def _check_index(path: str | os.PathLike[str] | None) -> Iterator[DoctorFinding]:
    place = config.resolve_index_path(path)
    try:
        with open_index(place, create=False) as index:
            counts = index.stats()
            damages = index.find_damage()
    except NoIndexError:
        yield DoctorFinding("index", "note", f"no index at {place}: create one with `vidindex add TARGET`")
        return
    except VidindexError as exc:
        yield DoctorFinding("index", "bad", str(exc))
        return
    yield DoctorFinding("index", "ok", f"{place}: {counts.videos:,} videos, {counts.words:,} words, {counts.engine}")
    for damage in damages:
        yield DoctorFinding("index", "bad", damage)
    if counts.pending:
        message = (
            f"{counts.pending:,} tracks are not searchable yet: the running or the next `vidindex add` indexes them"
        )
        yield DoctorFinding("pending", "note", message)


def _package_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
