"""Formatting tags and escapes in captions that should have none."""

from __future__ import annotations

import json

import pytest

from vidindex.transcripts.formats import read_captions
from vidindex.transcripts.formats.stray_markup import strip_stray_markup, strip_stray_markup_of_pieces


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("<i>we never</i> thought", "we never thought"),
        ("&lt;i&gt;we never&lt;/i&gt;", "we never"),
        ("&amp;lt;font color=&quot;#fff&quot;&amp;gt;rise&amp;lt;/font&amp;gt;", "rise"),
        ("it&#39;s the river&amp;#39;s", "it's the river's"),
        ("Smith &amp;amp; Sons", "Smith & Sons"),
        ("we&nbsp;never<br/>thought", "we\xa0never\nthought"),
        (r"{\an8}we never", "we never"),
        ("<c.yellow>we</c> <v Ann>never", "we never"),
    ],
)
def test_markup_is_no_speech(text: str, speech: str) -> None:
    assert strip_stray_markup(text) == speech


@pytest.mark.parametrize(
    "text", ["AT&T and R&D", "3 < 5 and 7 > 2", "the <div> tag", "?a=1&copy=2", "{curly} words", "<It was rising.>"]
)
def test_other_text_with_such_characters_stays(text: str) -> None:
    assert strip_stray_markup(text) == text


@pytest.mark.parametrize("said", ["the <b> tag makes text bold", "close it with </i> here", "a <p> and a <div>"])
def test_a_tag_that_is_said_stays_in_json3(said: str) -> None:
    """Only its other half, or a place at the edge of the text, tells that a tag formats it."""
    segments = [{"utf8": f"{word} ", "tOffsetMs": 200 * at} for at, word in enumerate(said.split(), 1)]

    (cue,) = read_captions(json.dumps({"events": [{"tStartMs": 0, "dDurationMs": 9000, "segs": segments}]}).encode())

    assert cue.text == said


def test_a_tag_may_end_in_another_piece() -> None:
    assert strip_stray_markup_of_pieces(["we <i>", "never", "</i> thought"]) == ["we ", "never", " thought"]


def test_escaped_markup_in_json3_is_no_speech() -> None:
    segments = [{"utf8": "&lt;i&gt;we"}, {"utf8": " don&amp;#39;t&lt;/i&gt;", "tOffsetMs": 500}]
    events = [{"tStartMs": 1000, "dDurationMs": 2000, "segs": segments}]

    (cue,) = read_captions(json.dumps({"events": events}).encode())

    assert [(word.start_ms, word.text) for word in cue.words] == [(1000, "we"), (1500, "don't")]
