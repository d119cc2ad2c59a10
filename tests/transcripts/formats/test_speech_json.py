"""The JSON of speech services, recognizers and transcript downloads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vidindex.errors import CaptionError
from vidindex.model import Cue, Transcript
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import ParseResult, parse_captions

WORDS = ("we", "never", "thought", "it")
STARTS_MS = (250, 650, 1050, 1450)
LENGTH_MS = 350


def parse(value: object) -> ParseResult:
    return parse_captions((value if isinstance(value, str) else json.dumps(value)).encode(), name="talk.json")


def transcribe(value: object) -> Transcript:
    return make_transcript(parse(value).cues)


def seconds(key: str = "word", start: str = "start", end: str = "end", scale: float = 1000) -> list[dict[str, Any]]:
    """Return the words with times in seconds, as most services state them."""
    return [
        {key: word, start: at / scale, end: (at + LENGTH_MS) / scale} for word, at in zip(WORDS, STARTS_MS, strict=True)
    ]


def amazon() -> object:
    items: list[dict[str, Any]] = [
        {
            "type": "pronunciation",
            "start_time": f"{word['start']:.2f}",
            "end_time": f"{word['end']:.2f}",
            "alternatives": [{"content": word["word"], "confidence": "0.9"}],
        }
        for word in seconds()
    ]
    labels = [
        {"start_time": item["start_time"], "speaker_label": f"spk_{at // 2}", "items": []}
        for at, item in enumerate(items)
    ]
    items.append({"type": "punctuation", "alternatives": [{"content": ".", "confidence": "0.0"}]})
    return {"jobName": "talk", "results": {"speaker_labels": {"segments": labels}, "items": items}}


def rev() -> object:
    elements: list[dict[str, Any]] = []
    for word in seconds("value", "ts", "end_ts"):
        elements += [{"type": "text", **word}, {"type": "punct", "value": " "}]
    monologues = [{"speaker": 0, "elements": elements[:4]}, {"speaker": 1, "elements": elements[4:]}]
    return {"monologues": monologues}


def google(*, speakers: bool = False) -> object:
    words = [
        {"word": word["word"], "startTime": f"{word['start']:.3f}s", "endTime": f"{word['end']:.3f}s"}
        for word in seconds()
    ]
    results = [{"alternatives": [{"transcript": "we never", "words": words[:2]}]}]
    results.append({"alternatives": [{"transcript": "thought it", "words": words[2:]}]})
    if speakers:  # the last result repeats all words
        tagged = [{**word, "speakerTag": 1 + at // 2} for at, word in enumerate(words)]
        results.append({"alternatives": [{"transcript": "", "words": tagged}]})
    return {"response": {"results": results}}


def watson() -> object:
    words = seconds()
    stamps = [[word["word"], word["start"], word["end"]] for word in words]
    labels = [{"from": word["start"], "to": word["end"], "speaker": at // 2} for at, word in enumerate(words)]
    return {"results": [{"alternatives": [{"timestamps": stamps}], "final": True}], "speaker_labels": labels}


def azure() -> object:
    words = [
        {"word": word, "offset": f"PT{at / 1000}S", "duration": "PT0.35S", "offsetInTicks": at * 10_000}
        for word, at in zip(WORDS, STARTS_MS, strict=True)
    ]
    best = {"display": "We never thought it.", "words": words}
    return {"recognizedPhrases": [{"offset": "PT0.25S", "duration": "PT1.55S", "nBest": [best]}]}


def eleven() -> object:
    words = [{**word, "type": "word"} for word in seconds("text")]
    spaces = [{"text": " ", "start": word["end"], "end": word["end"], "type": "spacing"} for word in words]
    return {"text": "x", "words": [item for pair in zip(words, spaces, strict=True) for item in pair]}


SERVICES: dict[str, object] = {
    "Amazon": amazon(),
    "AssemblyAI": {"id": "x", "words": seconds("text", scale=1), "utterances": None},
    "AssemblyAI utterances": {"utterances": [{"start": 250, "end": 1800, "words": seconds("text", scale=1)}]},
    "Azure": azure(),
    "Clova": {
        "segments": [
            {
                "start": 250,
                "end": 1800,
                "text": "we never thought it",
                "words": [[word["start"], word["end"], word["word"]] for word in seconds(scale=1)],
            }
        ]
    },
    "Deepgram": {"results": {"channels": [{"alternatives": [{"words": seconds()}]}]}},
    "ElevenLabs": eleven(),
    "Gladia": {"result": {"transcription": {"utterances": [{"text": "x", "start": 0.25, "words": seconds()}]}}},
    "Google": google(),
    "Google with speakers": google(speakers=True),
    "IBM Watson": watson(),
    "OpenAI": {
        "text": "x",
        "segments": [
            {"start": 0.25, "end": 1.0, "text": " we never"},
            {"start": 1.05, "end": 1.8, "text": " thought it"},
        ],
        "words": seconds(),
    },
    "Podcasting 2.0, by words": {"version": "1.0.0", "segments": seconds("body", "startTime", "endTime")},
    "Rev": rev(),
    "Speechmatics": {
        "results": [
            {"type": "word", "start_time": word["start"], "end_time": word["end"], "alternatives": [{"content": text}]}
            for text, word in zip(WORDS, seconds(), strict=True)
        ]
    },
    "Vosk": {"result": seconds(), "text": "we never thought it"},
    "Vosk, several documents": '{"partial": ""}\n' + json.dumps({"result": seconds(), "text": "we never thought it"}),
}


@pytest.mark.parametrize("name", SERVICES)
def test_each_word_comes_once_at_the_time_that_the_service_states(name: str) -> None:
    transcript = transcribe(SERVICES[name])

    assert transcript.tokens == WORDS
    assert transcript.starts_ms == STARTS_MS
    assert transcript.has_word_times


@pytest.mark.parametrize(
    ("name", "speakers"),
    [
        ("Amazon", ("spk_0", "spk_1")),
        ("Google with speakers", ("Speaker 1", "Speaker 2")),
        ("IBM Watson", ("Speaker 0", "Speaker 1")),
        ("Rev", ("Speaker 0", "Speaker 1")),
    ],
)
def test_each_speaker_gets_the_words_that_the_service_states(name: str, speakers: tuple[str, str]) -> None:
    assert transcribe(SERVICES[name]).speakers == ((0, speakers[0]), (2, speakers[1]))


SEGMENTS: dict[str, object] = {
    "Podcasting 2.0": {"segments": [{"speaker": "Ann", "startTime": 1.0, "endTime": 3.0, "body": "we never"}]},
    "Bilibili": {"body": [{"from": 1.0, "to": 3.0, "content": "we never"}]},
    "youtube-transcript-api": [{"text": "we never", "start": 1.0, "duration": 2.0}],
    "a length named dur": [{"text": "we never", "start": "1.0", "dur": "2.0"}],
    "npm in milliseconds": [{"text": "we never", "offset": 1000, "duration": 2000}],
    "npm in seconds": [{"text": "we never", "offset": 1, "duration": 2}],
    "milliseconds": [{"text": "we never", "start": 1000, "end": 3000}],
    "milliseconds with decimals": [{"text": "we never", "start": 1000.0, "end": 3000.0}],
    "names with the unit": [{"snippet": "we never", "start_ms": "1000", "end_ms": "3000"}],
    "YouTube": {"a": [{"b": {"startMs": "1000", "endMs": "3000", "snippet": {"runs": [{"text": "we "}, {"text": "never"}]}}}]},  # noqa: E501
    "Teams": {"entries": [{"text": "we never", "startOffset": "00:00:01.0000000", "endOffset": "00:00:03"}]},
    "AssemblyAI sentences": {"sentences": [{"text": "we never", "start": 1000, "end": 3000}]},
    "Supadata": {"lang": "en", "content": [{"text": "we never", "offset": 1000, "duration": 2000}]},
    "whisper.cpp": {"transcription": [{"offsets": {"from": 1000, "to": 3000}, "text": " we never"}]},
    "Hugging Face": {"chunks": [{"timestamp": [1.0, 3.0], "text": " we never"}]},
    "escaped": [{"text": "&lt;i&gt;we&amp;nbsp;never&lt;/i&gt;", "start": 1.0, "end": 3.0}],
}  # fmt: skip


@pytest.mark.parametrize("name", SEGMENTS)
def test_a_text_lasts_as_long_as_stated(name: str) -> None:
    (cue,) = parse(SEGMENTS[name]).cues

    assert (cue.start_ms, cue.end_ms, cue.text.split()) == (1000, 3000, ["we", "never"])


def test_a_guess_of_the_unit_is_reported() -> None:
    assert parse(SEGMENTS["milliseconds"]).warnings == ("times without a unit taken as milliseconds",)
    assert not parse(SEGMENTS["names with the unit"]).warnings


def test_several_words_at_the_rate_of_speech_in_milliseconds_are_certain() -> None:
    words = [
        {"text": text, "start": 400 * at, "end": 400 * at + 300}
        for at, text in enumerate(["we", "never", "thought", "that", "the", "river", "would", "rise"])
    ]
    result = parse({"words": words})

    assert result.warnings == ()
    assert result.cues[0].words[5].start_ms == 2000


def test_slow_speech_in_whole_seconds_stays_in_seconds() -> None:
    assert parse([{"text": "[Music]", "start": 0, "end": 90}]).cues == [Cue(0, 90_000, "[Music]")]


def test_a_text_without_an_end_is_reported() -> None:
    parsed = parse({"cues": [{"time": 1000, "text": "we never thought"}, {"time": 3000, "text": "that the river"}]})

    assert [cue.start_ms for cue in parsed.cues] == [1000, 3000]
    assert "2 × cue without an end time" in parsed.warnings


def test_texts_with_only_an_end_follow_each_other() -> None:
    results = [
        {"alternatives": [{"transcript": text}], "resultEndTime": f"{end}s"} for text, end in [("a", 2), ("b", 5)]
    ]

    parsed = parse({"results": results})

    assert [(cue.start_ms, cue.end_ms) for cue in parsed.cues] == [(0, 2000), (2000, 5000)]
    assert parsed.warnings


def test_pieces_of_words_are_joined_as_the_text_of_the_segment_states() -> None:
    pieces = [" It", " cost", " 1", ",500", " self", "-made", " aujourd", "'hui"]
    words = [{"word": piece, "start": at / 2, "end": at / 2 + 0.5} for at, piece in enumerate(pieces)]

    transcript = transcribe({"segments": [{"start": 0, "end": 4, "text": "".join(pieces), "words": words}]})

    assert transcript.words == ("It", "cost", "1,500", "self-made", "aujourd'hui")
    assert transcript.starts_ms == (0, 500, 1000, 2000, 3000)


def test_pieces_without_a_text_are_joined_by_their_spaces() -> None:
    pieces = [" You", "'re", " gro", "ans", " at", " 1", ",", "500"]
    chunks = [{"text": piece, "timestamp": [at / 2, at / 2 + 0.5]} for at, piece in enumerate(pieces)]

    transcript = transcribe({"chunks": chunks})

    assert transcript.words == ("You're", "groans", "at", "1,500")
    assert transcript.starts_ms == (0, 1000, 2000, 2500)


def test_letters_of_a_script_without_spaces_keep_their_own_times() -> None:
    words = [{"word": letter, "start": at / 2, "end": at / 2 + 0.5} for at, letter in enumerate("我们从没")]

    assert transcribe({"segments": [{"start": 0, "end": 2, "text": "我们从没", "words": words}]}).starts_ms == (
        0,
        500,
        1000,
        1500,
    )


def test_special_tokens_are_no_speech() -> None:
    tokens = [{"text": text, "offsets": {"from": 0, "to": 9}} for text in ("[_BEG_]", " we", " never", "[_TT_150]")]

    assert transcribe(
        {"transcription": [{"offsets": {"from": 0, "to": 9}, "text": " we never", "tokens": tokens}]}
    ).words == (
        "we",
        "never",
    )


def test_the_punctuation_of_the_text_is_kept_where_words_have_none() -> None:
    segments = [{"start": 0, "end": 2, "text": " We never, thought: it!"}]

    assert transcribe({"segments": segments, "words": seconds()}).words == ("We", "never,", "thought:", "it!")


def test_only_the_first_of_several_transcripts_is_read() -> None:
    parsed = parse([[{"text": "we", "start": 1.0, "duration": 2.0}], [{"text": "nous", "start": 1.0, "duration": 2.0}]])

    assert [cue.text for cue in parsed.cues] == ["we"]
    assert parsed.warnings == ("transcript after the first one dropped",)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"audio_url": "x", "status": "processing", "words": None}, "it looks like the JSON of AssemblyAI, but"),
        ({"jobName": "x", "results": {"items": []}}, "it looks like the JSON of Amazon Transcribe, but"),
        ({"version": "1.0.0", "segments": []}, "it looks like the JSON of Podcasting 2.0, but"),
        ({"name": "x", "scripts": {"start": "node a.js", "text": "b"}}, "it is not in a supported format: its JSON"),
    ],
)
def test_json_that_cannot_be_read_is_named(value: object, reason: str) -> None:
    with pytest.raises(CaptionError, match=reason):
        parse(value)


def test_the_sentences_of_tencent() -> None:
    details = [
        {"FinalSentence": "we never", "StartMs": 250, "EndMs": 1000, "WordsNum": 2},
        {"FinalSentence": "thought it", "StartMs": 1050, "EndMs": 1800, "WordsNum": 2},
    ]
    cues = parse_captions(json.dumps({"Response": {"Data": {"ResultDetail": details}}}).encode()).cues

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [
        (250, 1000, "we never"),
        (1050, 1800, "thought it"),
    ]


def test_columns_of_starts_ends_and_texts_are_rows() -> None:
    """Open edX writes them so."""
    result = parse({"start": [270, 2720, 5430], "end": [2720, 5430, 7160], "text": ["we never thought", None, "of it"]})

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in result.cues] == [
        (270, 2720, "we never thought"),
        (5430, 7160, "of it"),
    ]
