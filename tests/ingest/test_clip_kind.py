"""The kind of a clip is inferred from the words around it."""

from __future__ import annotations

import pytest

from vidindex.ingest.clip_kind import classify_clip
from vidindex.model import Transcript, Video


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("DANA REYES INTERVIEWS MARCUS VALE", "interview"),
        ("Watch: the senator sits down with our reporter", "interview"),
        ("THE LANTERNS AND MARCUS VALE PERFORM “NIGHT TRAIN HOME”", "performance"),
        ("Night Train Home (live at the Old Mill)", "performance"),
        ("Night Train Home (Official Music Video)", "music video"),
        ("The president’s inaugural address to the nation", "speech"),
        ("Official trailer", "trailer"),
        ("The mayor testifies before the committee", "hearing"),
        ("Press conference, 12 May", "press conference"),
        ("Of course it is something else", "other"),
        ("", "other"),
    ],
)
def test_a_label_tells_the_kind(label: str, kind: str) -> None:
    assert classify_clip(Video("x:1", ""), [label]) == kind


def test_the_label_says_more_than_the_title_and_that_more_than_the_description() -> None:
    video = Video("x:1", "", title="Marcus Vale live at the Old Mill", description="An interview with him.")
    assert classify_clip(video, ["Dana Reyes interviews Marcus Vale"]) == "interview"
    assert classify_clip(video) == "performance"


def test_a_category_tells_where_no_word_does() -> None:
    assert classify_clip(Video("x:1", "", title="Night Train Home", categories=("Music",))) == "music video"


def test_captions_full_of_notes_are_a_performance() -> None:
    words = ("♪", "night", "train", "♪") * 5
    times = tuple(range(len(words)))
    sung = Transcript(words, times, times, sounds=frozenset(at for at, word in enumerate(words) if word == "♪"))
    assert classify_clip(Video("x:1", ""), transcript=sung) == "performance"
    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times)) == "other"


def test_one_note_in_a_long_talk_is_no_performance() -> None:
    words = ("♪", *["word"] * 400)
    times = tuple(range(len(words)))
    assert classify_clip(Video("x:1", ""), transcript=Transcript(words, times, times, sounds=frozenset({0}))) == "other"
