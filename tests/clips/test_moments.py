"""The moments of hits, of times and of JSON Lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write
from vidindex.clips.moments import MomentMaker, read_hits
from vidindex.errors import ListError, OptionError
from vidindex.server.serialize import serialize_hit

TALK = (
    "we met Mr. Stone in the old harbor.",
    "I never took the time off,",
    "it was music after music! Then we went home.",
    "Nobody asked for more of it than that.",
)


def cut(index: vidindex.Index, words: str, **options: object) -> vidindex.ClipMoment:
    return index.clip_moments(index.search(words)[:1], **options)[0]  # type: ignore[arg-type] # the options of one test


def test_a_moment_has_the_times_of_its_hit_and_the_film_beside_the_captions(
    index: vidindex.Index, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"film")
    index.add(write("talk.en.vtt", *TALK))
    hit = index.search("never took the time off")[0]
    moment = cut(index, "never took the time off")
    assert (moment.start_ms, moment.end_ms, moment.text, moment.score) == (
        hit.start_ms, hit.end_ms, hit.text, hit.score,
    )  # fmt: skip
    assert moment.media == tmp_path / "talk.mp4"


def test_padding_stays_inside_the_film(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    padded = cut(index, "we met Mr. Stone", pad_ms=60_000)
    assert (padded.start_ms, padded.end_ms) == (0, index.video("file:talk").duration_ms)


def test_whole_sentences_begin_and_end_where_the_captions_have_them(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    moment = cut(index, "music after music", sentences=True)
    assert moment.start_ms == 4000  # the sentence began a caption earlier
    assert 8000 < moment.end_ms < 12_000  # and ends in the middle of one
    assert cut(index, "the old harbor", sentences=True).start_ms == 0  # the dot of a title ends none


def test_the_text_of_a_moment_is_what_is_said_in_it(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    moment = cut(index, "music after music", sentences=True)
    assert moment.text == "I never took the time off, it was music after music!"
    assert cut(index, "music after music", pad_ms=5_000).text == index.search("music after music")[0].text


def test_hits_in_one_sentence_have_one_moment_if_moments_are_joined(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    index.add(write("other.en.vtt", "Nobody asked for more than that."))
    found = [index.search(words)[0] for words in ("music after music", "asked for more", "took the time off")]
    separate = index.clip_moments(found, sentences=True)
    joined = index.clip_moments(found, sentences=True, joined=True)
    assert len(separate) == 3
    assert [(moment.start_ms, moment.end_ms) for moment in joined] == [
        (moment.start_ms, moment.end_ms) for moment in separate[:2]
    ]
    padded = index.clip_moments(found[::2], pad_ms=3_000, joined=True)
    assert [moment.text for moment in padded] == ["took the time off, … music after music!"]


def test_moments_that_are_given_or_together_too_long_are_not_joined(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    moment = cut(index, "music after music")
    assert index.clip_moments([moment, moment], joined=True) == [moment, moment]
    hit = index.search("music after music")[0]
    long = [replace(hit, start_ms=at * 60_000, end_ms=(at + 20) * 60_000) for at in (0, 15)]
    assert len(index.clip_moments(long, joined=True)) == 2


def test_a_sentence_without_punctuation_ends_at_a_pause(index: vidindex.Index, tmp_path: Path) -> None:
    path = tmp_path / "talk.vtt"
    cues = "".join(
        f"00:00:{start:02}.000 --> 00:00:{start + 3:02}.000\n{text}\n\n"
        for start, text in (
            (1, "we sailed at noon"),
            (8, "and then the wind came"),
            (11, "up from the south"),
            (20, "so"),
        )
    )
    path.write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
    index.add(path)
    moment = cut(index, "the wind came", sentences=True)
    assert (moment.start_ms, moment.end_ms) == (8000, 14_000)


def test_the_json_lines_of_a_search_give_the_same_moments(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    hits = index.search("music after music")
    lines = [json.dumps(serialize_hit(hit)) for hit in hits]
    by_video = json.dumps({"video_id": "file:talk", "hits": [serialize_hit(hit) for hit in hits]})
    for given in (lines, [by_video, ""]):
        assert index.clip_moments(read_hits(given, index)) == index.clip_moments(hits)


@pytest.mark.parametrize(
    "line",
    [
        "music",
        "[" * 100_000,
        "[1]",
        '{"video_id": 7}',
        '{"video_id": "file:talk", "start_ms": 5, "end_ms": 5}',
        '{"video_id": "file:talk", "start_ms": 1e99, "end_ms": 5}',
        '{"video_id": "x:1", "video_url": "file:///etc/passwd", "start_ms": 0, "end_ms": 5}',
    ],
    ids=["text", "nested", "list", "id", "empty", "huge", "file"],
)
def test_a_line_that_is_no_hit_is_refused_with_its_number(index: vidindex.Index, write: Write, line: str) -> None:
    index.add(write("talk.en.vtt", *TALK))
    with pytest.raises(ListError, match="line 2"):
        list(read_hits(["", line], index))


def test_times_that_make_no_moment_are_refused(index: vidindex.Index, write: Write) -> None:
    index.add(write("talk.en.vtt", *TALK))
    maker, video = MomentMaker(index), index.video("file:talk")
    assert maker.make_range(video, 4000, 8000).text == "I never took the time off,"
    for start_ms, end_ms in ((5000, 5000), (0, 31 * 60_000 + 1)):
        with pytest.raises(OptionError):
            maker.make_range(vidindex.Video("x", "https://example.org/"), start_ms, end_ms)
