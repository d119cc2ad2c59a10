"""Times as people, URLs and caption files write them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.transcripts.timecode import (
    MAX_TIME_MS,
    format_clock,
    format_seconds,
    format_timestamp,
    format_units,
    parse_clock_ms,
    parse_full_timestamp_ms,
    parse_time_offset,
    parse_timestamp_ms,
    scale_to_ms,
)


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
        ("0:01.001", 1001),
        ("x", None),
        ("1:2:3:4", None),
        ("1,5", None),
        (" 1", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_all_its_forms(text: str, time_ms: int | None) -> None:
    assert parse_clock_ms(text) == time_ms


@given(st.integers(0, 10**10))
def test_a_time_that_is_written_is_read_back_to_the_second(time_ms: int) -> None:
    assert parse_clock_ms(format_clock(time_ms)) == time_ms // 1000 * 1000


@given(st.integers(0, MAX_TIME_MS), st.sampled_from([".", ","]))
def test_a_timestamp_that_is_written_is_read_back(time_ms: int, decimal_mark: str) -> None:
    assert parse_timestamp_ms(format_timestamp(time_ms, decimal_mark)) == time_ms


@given(st.integers(0, 99 * 3_600_000))
def test_the_fast_path_agrees_with_the_general_one(time_ms: int) -> None:
    written = format_timestamp(time_ms)

    assert parse_full_timestamp_ms(written) == parse_timestamp_ms(f" {written}") == time_ms


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("01:02:03.045", 3_723_045),
        ("01:02:03,045", 3_723_045),
        ("2:03.5", 123_500),
        ("00:03:045", 3_045),
        ("00:00:01:500", 1_500),
        ("3", 3000),
        ("100:00:00.000", 360_000_000),
        ("10000:00:00.000", MAX_TIME_MS),
        ("10000:00:00.001", None),
        ("1:2:3:4:5", None),
        ("-1", None),
        ("", None),
    ],
)
def test_a_timestamp_is_read_with_or_without_hours_and_decimals(text: str, time_ms: int | None) -> None:
    assert parse_timestamp_ms(text) == time_ms


@pytest.mark.parametrize("text", ["00:60:00.000", "00:00:60.000", "0:00:01.000", "00:00:01,000", "00:00:0x.000"])
def test_the_fast_path_reads_one_form_only(text: str) -> None:
    assert parse_full_timestamp_ms(text) is None


def test_timestamps_have_milliseconds_and_at_least_two_digits_of_hours() -> None:
    assert format_timestamp(3_723_045) == "01:02:03.045"
    assert format_timestamp(3_723_045, ",") == "01:02:03,045"
    assert format_timestamp(360_000_000) == "100:00:00.000"
    assert format_timestamp(-5) == "00:00:00.000"


@pytest.mark.parametrize(("time_ms", "units"), [(0, "0h0m0s"), (83_999, "0h1m23s"), (3_723_000, "1h2m3s")])
def test_urls_state_times_with_units(time_ms: int, units: str) -> None:
    assert format_units(time_ms) == units
    assert parse_time_offset(units) == time_ms // 1000 * 1000


@given(st.integers(0, 9_999_999_999))
def test_seconds_in_a_url_are_read_back_exactly(time_ms: int) -> None:
    assert parse_time_offset(format_seconds(time_ms)) == time_ms


@pytest.mark.parametrize(
    ("value", "scale", "ms"),
    [
        (1.5, 1000, 1500),
        ("1.5", 1000, 1500),
        (True, 1000, None),
        ("soon", 1000, None),
        (None, 1000, None),
        ("nan", 1000, None),
        (1e300, 1000, None),
        (10**400, 1000, None),
    ],
)
def test_numbers_become_times_unless_they_are_absurd(value: object, scale: float, ms: int | None) -> None:
    assert scale_to_ms(value, scale) == ms


def test_importing_the_module_compiles_no_pattern() -> None:
    """The command line imports it at start-up."""
    code = (
        "import re; compile_ = re.compile; patterns = []\n"
        "re.compile = lambda *args: patterns.append(args) or compile_(*args)\n"
        "import vidindex.transcripts.timecode; print(len(patterns))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "0\n"
