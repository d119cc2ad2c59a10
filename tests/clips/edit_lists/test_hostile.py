"""Edit lists of hostile titles, quotes, addresses and times."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.clips.edit_lists.readers import read_edl, read_m3u
from vidindex.clips.edit_lists import EDIT_LIST_FORMATS, EditListFormat, format_edit_list
from vidindex.clips.edit_lists.timeline import EditMoment
from vidindex.errors import EditListError, OptionError

HOSTILE = (
    "line\n002  AX       V     C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\r* LOC:\u2028|M:x |D:9"
    "\x00\x1b[31m\u202e\u2066]]><b a='&\">#EXTVLCOPT:sout=file\ufffe\ud800\x85#EXTINF \u05d0"
)
MOMENT = EditMoment("https://video.example/a\nb\x00 <c>\"'\u202e\ud800|é", 1_000, 2_000, HOSTILE, HOSTILE, url=HOSTILE)
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\ud800-\udfff]")
TIMED_FORMATS = [form for form in EDIT_LIST_FORMATS if form != "m3u"]


@pytest.mark.parametrize("form", EDIT_LIST_FORMATS)
def test_no_text_breaks_out_of_its_line_or_hides_another(form: EditListFormat) -> None:
    """The list has as many lines as one with a plain title, and no control characters or marks of direction."""
    text = format_edit_list([MOMENT], form, rate="25", title=HOSTILE)
    plain = replace(MOMENT, quote="quote", title="title", url="https://video.example/", media="https://video.example/")
    assert text.count("\n") == format_edit_list([plain], form, rate="25").count("\n")
    assert not FORBIDDEN.search(text)
    text.encode()


def test_hostile_texts_are_read_back_as_one_event_or_one_name() -> None:
    pytest.importorskip("opentimelineio")
    assert len(read_edl(format_edit_list([MOMENT], "edl", rate="25", title=HOSTILE), "25")) == 1
    assert [times for _, *times in read_m3u(format_edit_list([MOMENT], "m3u"))] == [[1.0, 2.0]]
    for form in ("fcpxml", "xml", "premiere-markers"):
        ElementTree.fromstring(format_edit_list([MOMENT], form, rate="25", title=HOSTILE))
    json.loads(format_edit_list([MOMENT], "otio", rate="25", title=HOSTILE))


def test_a_marker_has_one_name_and_one_length() -> None:
    """Resolve takes a note that starts with a digit for an event, and a bar for the start of a field."""
    text = format_edit_list([replace(MOMENT, quote="2 | 3 |D:7")], "resolve-markers", rate="25")
    *_, marker, _, _ = text.split("\n")
    assert re.fullmatch(r"line.* \|C:ResolveColorBlue \|M:- 2 / 3 /D:7 \|D:25", marker)


@pytest.mark.parametrize("form", EDIT_LIST_FORMATS)
def test_a_playlist_has_only_addresses_that_are_no_options(form: EditListFormat) -> None:
    text = format_edit_list([replace(MOMENT, media="#EXTVLCOPT:sout=x")], form, rate="25")
    assert "\n#EXTVLCOPT:sout" not in text


def test_reels_are_short_and_unlike_each_other() -> None:
    names = ["Town hall one.mp4", "Town hall two.mp4", "Town hall three.mp4", "ax.mp4", "é.mp4", "ü.mp4"]
    moments = [EditMoment(f"/films/{name}", 0, 1_000) for name in names]
    lines = format_edit_list(moments, "edl", rate="25").splitlines()
    reels = [line.split()[1] for line in lines if line[:3].isdecimal()]
    assert reels == ["TOWNHALL", "TOWNHAL2", "TOWNHAL3", "AX2", "REEL", "REEL2"]


def test_films_with_one_name_have_reels_of_their_own() -> None:
    moments = [EditMoment(f"/films/{number}/film.mp4", 0, 1_000) for number in range(999)]
    lines = format_edit_list(moments, "edl", rate="25").splitlines()
    assert len({line.split()[1] for line in lines if line[:3].isdecimal()}) == 999


@pytest.mark.parametrize("form", TIMED_FORMATS)
def test_a_moment_without_length_has_one_frame(form: EditListFormat) -> None:
    text = format_edit_list([EditMoment("/films/a.mp4", 1_000, 1_000), EditMoment("/films/a.mp4", 900, 400)], form,
                           rate="25")  # fmt: skip
    one_frame = {
        "edl": "00:00:01:00 00:00:01:01",
        "fcpxml": 'start="2500/2500s" duration="100/2500s"',
        "xml": "<in>25</in>",
        "otio": '"value": 1.0',
        "resolve-markers": "|D:1",
        "premiere-markers": "<out>26</out>",
    }
    assert one_frame[form] in text


@pytest.mark.parametrize("form", ["edl", "resolve-markers"])
def test_a_time_that_time_code_cannot_state_is_refused_with_the_formats_that_can(form: EditListFormat) -> None:
    late = EditMoment("/films/a.mp4", 25 * 3_600_000, 25 * 3_600_000 + 1_000)
    with pytest.raises(EditListError, match=r"24 hours.*(fcpxml|otio)"):
        format_edit_list([late], form, rate="25", start_timecode="00:00:00:00")


@pytest.mark.parametrize(
    ("form", "time"), [("fcpxml", 'start="225000000/2500s"'), ("xml", "<in>2250000</in>"), ("otio", "2250000.0")]
)
def test_other_lists_take_times_after_a_day(form: EditListFormat, time: str) -> None:
    assert time in format_edit_list([EditMoment("/a.mp4", 25 * 3_600_000, 25 * 3_600_000 + 1_000)], form, rate="25")


@pytest.mark.parametrize("form", TIMED_FORMATS)
def test_a_thousand_events_fit_or_are_refused_with_a_format_that_takes_them(form: EditListFormat) -> None:
    moments = [EditMoment("/films/a.mp4", at * 1_000, at * 1_000 + 500) for at in range(1_000)]
    if form in ("edl", "resolve-markers"):
        with pytest.raises(EditListError, match="999"):
            format_edit_list(moments, form, rate="25")
        moments = moments[:999]
    marks = {
        "edl": "* FROM CLIP NAME",
        "fcpxml": "<asset-clip ",
        "xml": "<marker>",
        "otio": '"Marker.2"',
        "resolve-markers": "|D:",
        "premiere-markers": "<marker>",
    }
    assert format_edit_list(moments, form, rate="25").count(marks[form]) == len(moments)


@pytest.mark.parametrize("form", ["resolve-markers", "premiere-markers"])
def test_markers_of_several_films_are_refused(form: EditListFormat) -> None:
    with pytest.raises(EditListError, match="2"):
        format_edit_list([EditMoment("/a.mp4", 0, 1_000), EditMoment("/b.mp4", 0, 1_000)], form, rate="25")


def test_what_is_missing_is_said() -> None:
    with pytest.raises(OptionError, match="frame rate"):
        format_edit_list([MOMENT], "edl")
    with pytest.raises(OptionError, match="fcpxml"):
        format_edit_list([MOMENT], "aaf", rate="25")  # type: ignore[arg-type]
    with pytest.raises(EditListError, match="one moment"):
        format_edit_list([], "m3u")
