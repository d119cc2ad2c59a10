"""Text from the web is harmless on a terminal; times are written as people write them."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.cli.terminal import (
    format_bytes,
    format_clock,
    format_srt_time,
    json_line,
    one_line,
    parse_time_argument,
    pluralize,
    strip_controls,
)

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


@pytest.mark.parametrize(
    ("time_ms", "written"),
    [(0, "0:00"), (83_999, "1:23"), (3_723_000, "1:02:03"), (-5, "0:00"), (360_000_000, "100:00:00")],
)
def test_a_time_is_written_as_people_do(time_ms: int, written: str) -> None:
    assert format_clock(time_ms) == written


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("750", 750_000),
        ("12:30", 750_000),
        ("1:02:03", 3_723_000),
        ("0:01.5", 1500),
        ("x", None),
        ("1:2:3:4", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_all_its_forms(text: str, time_ms: int | None) -> None:
    assert parse_time_argument(text) == time_ms


@given(st.integers(0, 10**10))
def test_a_time_that_is_written_is_read_back_to_the_second(time_ms: int) -> None:
    assert parse_time_argument(format_clock(time_ms)) == time_ms // 1000 * 1000


def test_sizes_counts_and_srt_times() -> None:
    assert [format_bytes(n) for n in (0, 999, 1500, 2_500_000)] == ["0 B", "999 B", "1.5 kB", "2.5 MB"]
    assert [pluralize(n, "video") for n in (0, 1, 1200)] == ["0 videos", "1 video", "1,200 videos"]
    assert format_srt_time(3_723_045) == "01:02:03,045"
