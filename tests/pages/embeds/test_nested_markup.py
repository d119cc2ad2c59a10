"""Markup that a page contains as text: escapes are decoded, in linear time."""

from __future__ import annotations

import base64

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.embeds.nested_markup import unescape_markup, unescape_script

FRAME = '<iframe src="https://www.youtube.com/embed/aB3dE6gH9jK"></iframe>'


@pytest.mark.parametrize(
    "text",
    [
        FRAME.replace("<", "\\u003c").replace(">", "\\u003E"),
        FRAME.replace("<", "\\\\x3c").replace("/", "\\/"),
        FRAME.replace('"', '\\\\\\"'),
        FRAME,
    ],
)
def test_escapes_of_scripts_are_decoded(text: str) -> None:
    assert unescape_script(text) == FRAME


@pytest.mark.parametrize("text", [FRAME, f"\n{FRAME}"])
def test_base64_is_decoded(text: str) -> None:
    encoded = base64.b64encode(text.encode() + b" " * 40).decode()

    assert unescape_markup(f" {encoded}\n").strip() == text.strip()


@pytest.mark.parametrize("text", ["\\" * 40_000, "\\u00" * 10_000, "\\\\\\x3" * 10_000])
def test_backslashes_are_decoded_in_linear_time(text: str) -> None:
    check_linear_time(unescape_script, text)


@pytest.mark.parametrize("text", ["PG" + " " * 40_000, "PG" + "= " * 20_000])
def test_what_looks_like_base64_is_read_in_linear_time(text: str) -> None:
    check_linear_time(lambda part: unescape_markup(f"{part}!"), text)
