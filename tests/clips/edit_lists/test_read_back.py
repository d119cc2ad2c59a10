"""Every edit list is read back by another program, within a frame, at each rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clips.edit_lists.readers import (
    ReadEvent,
    read_edl,
    read_fcpxml,
    read_m3u,
    read_otio,
    read_xml,
)
from vidindex.clips.edit_lists import EDIT_LIST_FILES, EditListFormat, format_edit_list
from vidindex.clips.edit_lists.frame_rates import FRAME_RATE_NAMES, FrameRateName, find_frame_rate
from vidindex.clips.edit_lists.timeline import EditMoment

READERS: dict[EditListFormat, Callable[[str, str], list[ReadEvent]]] = {
    "edl": read_edl,
    "fcpxml": read_fcpxml,
    "xml": read_xml,
    "otio": read_otio,
}
GOLDEN = Path(__file__).parent / "golden"
MOMENTS = (
    EditMoment("/films/Town hall.mp4", 750_000, 761_040, "We will “never” close <the> library & pool.",
               "Town hall", 5_400_000, timecode="10:00:00:00"),
    EditMoment("/films/Town hall.mp4", 59_960, 60_120, "No.", "Town hall", 5_400_000, timecode="10:00:00:00"),
    EditMoment("https://video.example/watch?v=a&t=1", 3_599_999, 3_605_001, "La bibliothèque", "Débat", 3_700_000,
               url="https://video.example/watch?v=a&t=3599"),
    EditMoment("/films/radio.mp3", 0, 0, "", "Radio", 60_000, is_audio=True),
)  # fmt: skip


def check(moments: Sequence[EditMoment], read: Sequence[ReadEvent], rate: FrameRateName, start: str) -> None:
    """Check that *read* are *moments*, each within half a frame, one after the other from the time code *start*."""
    fps = find_frame_rate(rate)
    record = fps.parse_timecode(start)
    assert len(read) == len(moments)
    for moment, event in zip(moments, read, strict=True):
        source_start = fps.parse_timecode(moment.timecode) if moment.timecode else 0
        ms_per_frame = 1000 * fps.denominator / fps.numerator
        first_ms, end_ms = ((event.start - source_start + more) * ms_per_frame for more in (0, event.frames))
        assert abs(first_ms - moment.start_ms) <= ms_per_frame / 2 + 1e-6
        assert abs(end_ms - max(moment.end_ms, first_ms + ms_per_frame)) <= ms_per_frame / 2 + 1e-6
        assert event.record == record
        record += event.frames


@pytest.mark.parametrize("rate", FRAME_RATE_NAMES)
@pytest.mark.parametrize("form", READERS)
def test_a_list_is_read_back_within_a_frame(form: EditListFormat, rate: FrameRateName) -> None:
    text = format_edit_list(MOMENTS, form, rate=rate, title="Answers", start_timecode="00:59:50:00")
    check(MOMENTS, READERS[form](text, rate), rate, "00:59:50:00")


GOLDEN_LISTS: list[tuple[EditListFormat, FrameRateName]] = [
    *(("edl", rate) for rate in FRAME_RATE_NAMES),
    *((form, rate) for form in EDIT_LIST_FILES if form != "edl" for rate in ("25", "29.97df")),
]
"""The formats and rates of the golden lists: EDLs at each rate, the others at one rate and one of NTSC."""


def golden_path(form: EditListFormat, rate: FrameRateName) -> Path:
    return GOLDEN / f"{form}-{rate}{EDIT_LIST_FILES[form].suffix}"


def write_golden_list(form: EditListFormat, rate: FrameRateName) -> str:
    moments = MOMENTS[:2] if form.endswith("markers") else MOMENTS
    return format_edit_list(moments, form, rate=rate, title="Answers")


@pytest.mark.parametrize(("form", "rate"), GOLDEN_LISTS)
def test_a_list_is_the_golden_one(form: EditListFormat, rate: FrameRateName) -> None:
    """To write the golden lists anew: `python -m tests.clips.edit_lists.test_read_back`, and look at the difference."""
    assert write_golden_list(form, rate) == golden_path(form, rate).read_text(encoding="utf-8")


TIMES = st.integers(0, 10 * 3_600_000)
LISTS = st.lists(
    st.builds(
        EditMoment,
        st.sampled_from(["/films/a.mp4", "/films/a.mov", "https://video.example/b"]),
        TIMES,
        TIMES,
        st.text(max_size=20),
        st.text(max_size=20),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(LISTS, st.sampled_from(FRAME_RATE_NAMES), st.sampled_from(sorted(READERS)))
def test_any_times_and_texts_are_read_back(
    moments: list[EditMoment], rate: FrameRateName, form: EditListFormat
) -> None:
    short = [moment for moment in moments if moment.end_ms - moment.start_ms < 3_600_000]
    if short:
        check(short, READERS[form](format_edit_list(short, form, rate=rate), rate), rate, "01:00:00:00")


@given(LISTS)
def test_a_playlist_has_every_moment_to_the_millisecond(moments: list[EditMoment]) -> None:
    read = read_m3u(format_edit_list(moments, "m3u"))
    assert [(start, end) for _, start, end in read] == [
        (moment.start_ms / 1000, max(moment.end_ms, moment.start_ms + 1) / 1000) for moment in moments
    ]


def test_the_films_of_a_list_are_addresses() -> None:
    """The players of a playlist, and all editors, get the same address of a film, with its special characters."""
    films = ["file:///films/Town%20hall.mp4"] * 2 + ["https://video.example/watch?v=a&t=1", "file:///films/radio.mp3"]
    assert [media for media, _, _ in read_m3u(format_edit_list(MOMENTS, "m3u"))] == films
    for form in ("fcpxml", "otio"):
        read = READERS[form](format_edit_list(MOMENTS, form, rate="25"), "25")
        assert [event.media for event in read] == films
    names = [event.media for event in read_edl(format_edit_list(MOMENTS, "edl", rate="25"), "25")]
    assert names == ["Town hall.mp4", "Town hall.mp4", "Débat", "radio.mp3"]


if __name__ == "__main__":
    for each in GOLDEN_LISTS:
        golden_path(*each).write_text(write_golden_list(*each), encoding="utf-8")
