"""Recognition of the speech in a file, with the time of each word, and its errors."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.conftest import Site
from tests.transcripts.asr.conftest import Say, encode
from vidindex import AsrError, AsrModelError, AsrOptions, make_transcript, read_captions
from vidindex.transcripts.asr import SpeechRecognizer

FIRST = "I had been working so long that I never took the time off."
SECOND = "My mother would have been proud of me tonight."
THIRD = "The bridge was closed because of the storm."


@pytest.fixture
def recognizer(asr: AsrOptions) -> SpeechRecognizer:
    from vidindex.transcripts.asr import get_recognizer

    return get_recognizer(asr)


def starts_of(raw: bytes) -> list[tuple[str, int]]:
    transcript = make_transcript(read_captions(raw))
    return list(zip(transcript.words, transcript.starts_ms, strict=True))


def test_each_word_is_recognized_with_its_time(
    say: Say, recognizer: SpeechRecognizer, samples: Callable[[str], bytes]
) -> None:
    result = recognizer.recognize(say("talk.wav", 3.0, FIRST, 2.0, SECOND))
    words = starts_of(result.raw)
    assert " ".join(word for word, _ in words[-9:]).lower().strip(".") == SECOND.lower().strip(".")
    second_ms = 5000 + len(samples(FIRST)) // 32
    assert abs(words[0][1] - 3000) < 500
    assert abs(words[-9][1] - second_ms) < 500
    assert result.language == "en"
    assert result.word_count == len(words)


def test_a_long_recording_is_recognized_in_segments_without_loss(say: Say, recognizer: SpeechRecognizer) -> None:
    sentences = (FIRST, SECOND, THIRD, "We walked home along the river.", "Nobody knew the song that she was singing.")
    result = recognizer.recognize(say("long.wav", 38.0, *(part for each in sentences for part in (each, 0.6)), 12.0))
    assert result.duration_ms > 60_000
    said = " ".join(word.lower().strip(".,") for word, _ in starts_of(result.raw))
    assert said == " ".join(sentence.lower().strip(".") for sentence in sentences)
    starts = [start for _, start in starts_of(result.raw)]
    assert starts == sorted(starts)
    assert abs(starts[0] - 38_000) < 500


def test_silence_has_no_words(say: Say, recognizer: SpeechRecognizer) -> None:
    assert recognizer.recognize(say("silence.wav", 20.0)).word_count == 0


def test_progress_is_reported_in_order(say: Say, recognizer: SpeechRecognizer) -> None:
    positions_ms: list[int] = []
    recognizer.recognize(say("talk.wav", FIRST, 1.0, SECOND), on_progress=positions_ms.append)
    assert positions_ms == sorted(positions_ms)
    assert positions_ms[-1] > 6000


@pytest.mark.parametrize("content", [b"", b"no sound at all\n" * 100, b"RIFF\0\0\0\0WAVEfmt "])
def test_a_file_without_audio_is_an_error(tmp_path: Path, recognizer: SpeechRecognizer, content: bytes) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(content)
    with pytest.raises(AsrError, match="audio"):
        recognizer.recognize(path)


def test_a_video_without_audio_is_an_error(tmp_path: Path, recognizer: SpeechRecognizer) -> None:
    import av

    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        file.mux(stream.encode())
    with pytest.raises(AsrError, match="it has no audio"):
        recognizer.recognize(path)


@pytest.mark.parametrize("suffix", ["wav", "m3u8"])
def test_a_playlist_in_place_of_a_recording_is_not_followed(
    say: Say, recognizer: SpeechRecognizer, site: Site, suffix: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ts"
    encode(say("secret.wav", FIRST), secret, "aac")
    for target in (site.put("/secret.ts", secret.read_bytes(), "video/mp2t"), "secret.ts", secret.as_uri()):
        path = tmp_path / f"talk.{suffix}"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n", encoding="utf-8")
        with pytest.raises(AsrError, match="cannot be read"):
            recognizer.recognize(path)
    assert not site.asked


def test_a_language_that_the_model_does_not_support_is_an_error(asr: AsrOptions) -> None:
    with pytest.raises(AsrModelError, match="does not support the language de; it supports en"):
        SpeechRecognizer(replace(asr, language="de")).load(lambda message: None)


def test_a_folder_that_does_not_exist_is_an_error_at_once(asr: AsrOptions, tmp_path: Path) -> None:
    with pytest.raises(AsrModelError, match="there is no such folder"):
        SpeechRecognizer(replace(asr, model=str(tmp_path / "nowhere")))


def test_a_folder_without_a_model_is_an_error_at_once(asr: AsrOptions, tmp_path: Path) -> None:
    with pytest.raises(AsrModelError, match=r"has no model\.bin and no tokenizer\.json"):
        SpeechRecognizer(replace(asr, model=str(tmp_path)))


def test_a_damaged_model_is_an_error(asr: AsrOptions, tmp_path: Path) -> None:
    folder = shutil.copytree(asr.model, tmp_path / "damaged")
    with (folder / "model.bin").open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(AsrModelError, match="cannot be loaded"):
        SpeechRecognizer(replace(asr, model=str(folder))).load(lambda message: None)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("m4a", "aac"), ("webm", "libopus"), ("mp3", "libmp3lame"), ("ts", "aac"), ("ogg", "libopus")],
)
def test_every_common_audio_format_is_read(say: Say, recognizer: SpeechRecognizer, suffix: str, codec: str) -> None:
    talk = say("talk.wav", 2.0, FIRST)
    path = talk.with_suffix(f".{suffix}")
    encode(talk, path, codec)
    words = starts_of(recognizer.recognize(path).raw)
    assert " ".join(word for word, _ in words).lower().strip(".") == FIRST.lower().strip(".")
    assert abs(words[0][1] - 2000) < 500


def test_audio_that_starts_after_the_video_keeps_its_times(say: Say, recognizer: SpeechRecognizer) -> None:
    talk = say("talk.wav", FIRST)
    path = talk.with_suffix(".mp4")
    encode(talk, path, "aac", late_s=5)
    assert abs(starts_of(recognizer.recognize(path).raw)[0][1] - 5000) < 500
