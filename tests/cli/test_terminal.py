"""Text from the web is safe to print on a terminal; sizes and counts are easy to read."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.cli.terminal import format_bytes, json_line, one_line, pluralize, strip_controls

ATTACKS = ["\x1b[2J\x1b]0;owned\x07", "\x9b31m", "a\x08\x08b", "\u202egnp.exe", "\x00", "\x1b]8;;http://x\x1b\\"]


@pytest.mark.parametrize("text", ATTACKS)
def test_control_sequences_are_taken_out(text: str) -> None:
    for made in (one_line(text), strip_controls(text), json_line({"text": text})):
        assert not any(unicodedata.category(char) in ("Cc", "Cf") for char in made)


@given(st.text())
def test_no_control_character_survives(text: str) -> None:
    assert not any(unicodedata.category(char) == "Cc" for char in one_line(text))
    assert not any(unicodedata.category(char) == "Cc" for char in json_line([text]))


@given(st.text())
def test_json_means_what_was_given(text: str) -> None:
    assert json.loads(json_line(text)) == text


def test_lines_become_one_line_only_where_asked() -> None:
    assert one_line(" two\r\n  lines\there ") == "two lines here"
    assert strip_controls("two\r\nlines") == "two\nlines"


def test_sizes_and_counts() -> None:
    assert [format_bytes(n) for n in (0, 999, 1500, 2_500_000)] == ["0 B", "999 B", "1.5 kB", "2.5 MB"]
    assert [pluralize(n, "video") for n in (0, 1, 1200)] == ["0 videos", "1 video", "1,200 videos"]
