"""Cookie files that are no files, or too large."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vidindex.errors import CookieFileError
from vidindex.net.cookies import MAX_COOKIE_FILE_BYTES, load_cookies
from vidindex.resolve.options import ResolveOptions, build_ydl_params

LINE = "# Netscape HTTP Cookie File\n.example.org\tTRUE\t/\tFALSE\t0\tname\tvalue\n"


def test_a_cookie_file_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "cookies.txt").write_text(LINE)
    (tmp_path / "link.txt").symlink_to("cookies.txt")

    assert [cookie.value for cookie in load_cookies(str(tmp_path / "link.txt"))] == ["value"]


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "missing", "large", "null byte"])
def test_what_is_no_cookie_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("cookies.txt" if kind != "null byte" else "a\0b")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "large":
        path.write_bytes(LINE.encode() + b"#" * MAX_COOKIE_FILE_BYTES)

    with pytest.raises(CookieFileError, match="check --cookies"):
        load_cookies(str(path))
    with pytest.raises(CookieFileError, match="check --cookies"):
        build_ydl_params(ResolveOptions(cookies=str(path)), logger=None)
