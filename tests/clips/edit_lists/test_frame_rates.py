"""Frame rates and time codes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.clips.edit_lists.frame_rates import FRAME_RATE_NAMES, FrameRate, choose_frame_rate, find_frame_rate
from vidindex.errors import OptionError

RATES = st.sampled_from([find_frame_rate(name) for name in FRAME_RATE_NAMES])


@pytest.mark.parametrize(
    ("rate", "frame", "timecode"),
    [
        ("29.97df", 1799, "00:00:59;29"),
        ("29.97df", 1800, "00:01:00;02"),
        ("29.97df", 17981, "00:09:59;29"),
        ("29.97df", 17982, "00:10:00;00"),
        ("29.97df", 107892, "01:00:00;00"),
        ("59.94df", 3599, "00:00:59;59"),
        ("59.94df", 3600, "00:01:00;04"),
        ("59.94df", 215784, "01:00:00;00"),
        ("29.97", 108000, "01:00:00:00"),
        ("23.976", 86399, "00:59:59:23"),
        ("25", 89999, "00:59:59:24"),
        ("50", 179999, "00:59:59:49"),
    ],
)
def test_time_code_counts_as_smpte_says(rate: str, frame: int, timecode: str) -> None:
    assert find_frame_rate(rate).format_timecode(frame) == timecode
    assert find_frame_rate(rate).parse_timecode(timecode) == frame


@given(RATES, st.integers(0, 10_000_000))
def test_every_frame_of_a_day_has_a_time_code_of_its_own(rate: FrameRate, frame: int) -> None:
    frame %= rate.frames_per_day
    assert rate.parse_timecode(rate.format_timecode(frame)) == frame


@given(RATES, st.integers(0, 5_000_000))
def test_time_codes_are_those_of_opentimelineio(rate: FrameRate, frame: int) -> None:
    opentime: Any = pytest.importorskip("opentimelineio.opentime")
    time = opentime.RationalTime(frame % rate.frames_per_day, rate.numerator / rate.denominator)
    assert rate.format_timecode(frame % rate.frames_per_day) == opentime.to_timecode(time, time.rate, rate.is_drop)


@given(RATES, st.integers(0, 10**9))
def test_a_time_is_never_more_than_half_a_frame_away(rate: FrameRate, time_ms: int) -> None:
    exact = Fraction(time_ms, 1000) * Fraction(rate.numerator, rate.denominator)
    assert abs(rate.to_frame(time_ms) - exact) <= Fraction(1, 2)


def test_drop_frame_time_code_is_right_after_an_hour_and_a_day() -> None:
    for name in ("29.97df", "59.94df"):
        rate = find_frame_rate(name)
        seconds = rate.parse_timecode("01:00:00;00") * rate.denominator / rate.numerator
        assert abs(seconds - 3600) < 0.01
        assert abs(rate.frames_per_day * rate.denominator / rate.numerator - 86_400) < 0.1


@pytest.mark.parametrize(
    ("rate", "timecode"),
    [
        ("29.97df", "00:01:00;01"),
        ("59.94df", "00:01:00;03"),
        ("25", "00:00:00:25"),
        ("24", "24:00:00:00"),
        ("24", "00:60:00:00"),
        ("24", "1:00:00:00"),
        ("24", ""),
        ("24", "00:00:00:٠٠"),
    ],
)
def test_a_time_code_that_does_not_exist_is_refused(rate: str, timecode: str) -> None:
    with pytest.raises(OptionError, match="time code"):
        find_frame_rate(rate).parse_timecode(timecode)


def test_an_unknown_frame_rate_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"29\.97df"):
        find_frame_rate("12")


@pytest.mark.parametrize(
    ("frames", "seconds", "name"),
    [
        (30000, 1001, "29.97"),
        (2997, 100, "29.97"),
        (24000, 1001, "23.976"),
        (24, 1, "24"),
        (25, 1, "25"),
        (60, 1, "60"),
        (60000, 1001, "59.94"),
        (15, 1, None),
        (0, 0, None),
    ],
)
def test_the_rate_of_a_film_is_recognized(frames: int, seconds: int, name: str | None) -> None:
    assert choose_frame_rate(frames, seconds) == name
