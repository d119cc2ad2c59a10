"""Times of syllables in ASS, and escapes in its text."""

from __future__ import annotations

import pytest

from vidindex.model import Cue
from vidindex.transcripts.formats import read_captions


def dialogue(text: str) -> Cue:
    (cue,) = read_captions(f"[Events]\nDialogue: 0,0:00:01.00,0:00:05.00,,,,,,,{text}\n".encode())
    return cue


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"{\k50}one {\k100}two {\k50}three", [(1000, "one"), (1500, "two"), (2500, "three")]),
        (r"{\an8\kf30}un{\kf20}der{\ko50}stand {\K60}me", [(1000, "understand"), (2000, "me")]),
        (r"{\k0}{\k50\c&HFF&}one {\kt200\k10}two", [(1000, "one"), (3000, "two")]),
        (r"{\k50}one\N{\k50}two", [(1000, "one"), (1500, "two")]),
    ],
    ids=["words", "syllables", "time from the start", "two lines"],
)
def test_karaoke_tags_time_the_words(text: str, words: list[tuple[int, str]]) -> None:
    assert [tuple(word) for word in dialogue(text).words] == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("it&#39;s &lt;i&gt;here&lt;/i&gt;", "it's here"),
        ("<i>here</i> and there", "here and there"),
        ("R&D < Q&A > X", "R&D < Q&A > X"),
        (r"{\p1}m 0 0 l 9 9{\p0}here", "here"),
    ],
)
def test_escapes_and_tags_are_no_speech(text: str, said: str) -> None:
    cue = dialogue(text)

    assert (cue.text, cue.words) == (said, ())


def test_documents_of_json3_in_one_file_are_all_read() -> None:
    documents = (
        f'{{"events":[{{"tStartMs":{ms},"segs":[{{"utf8":"{said}"}}]}}]}}' for ms, said in ((1, "a"), (9, "b"))
    )
    raw = "\n".join(documents)

    assert [cue.text for cue in read_captions(raw.encode())] == ["a", "b"]
