"""What is said in a file is heard, with the time of each word; what cannot be heard is told."""

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
def hears(asr: AsrOptions) -> SpeechRecognizer:
    from vidindex.transcripts.asr import get_recognizer

    return get_recognizer(asr)


def starts_of(raw: bytes) -> list[tuple[str, int]]:
    transcript = make_transcript(read_captions(raw))
    return list(zip(transcript.words, transcript.starts_ms, strict=True))


def test_each_word_is_heard_when_it_is_said(say: Say, hears: SpeechRecognizer, samples: Callable[[str], bytes]) -> None:
    heard = hears.recognize(say("talk.wav", 3.0, FIRST, 2.0, SECOND))
    words = starts_of(heard.raw)
    assert " ".join(word for word, _ in words[-9:]).lower().strip(".") == SECOND.lower().strip(".")
    second_ms = 5000 + len(samples(FIRST)) // 32
    assert abs(words[0][1] - 3000) < 500
    assert abs(words[-9][1] - second_ms) < 500
    assert heard.language == "en"
    assert heard.word_count == len(words)


def test_a_long_recording_is_heard_piece_by_piece_without_loss(say: Say, hears: SpeechRecognizer) -> None:
    sentences = (FIRST, SECOND, THIRD, "We walked home along the river.", "Nobody knew the song that she was singing.")
    heard = hears.recognize(say("long.wav", 38.0, *(part for each in sentences for part in (each, 0.6)), 12.0))
    assert heard.duration_ms > 60_000
    said = " ".join(word.lower().strip(".,") for word, _ in starts_of(heard.raw))
    assert said == " ".join(sentence.lower().strip(".") for sentence in sentences)
    starts = [start for _, start in starts_of(heard.raw)]
    assert starts == sorted(starts)
    assert abs(starts[0] - 38_000) < 500


def test_silence_has_no_words(say: Say, hears: SpeechRecognizer) -> None:
    assert hears.recognize(say("silence.wav", 20.0)).word_count == 0


def test_what_is_being_heard_is_told(say: Say, hears: SpeechRecognizer) -> None:
    told: list[int] = []
    hears.recognize(say("talk.wav", FIRST, 1.0, SECOND), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] > 6000


@pytest.mark.parametrize("content", [b"", b"no sound at all\n" * 100, b"RIFF\0\0\0\0WAVEfmt "])
def test_a_file_without_sound_is_an_error(tmp_path: Path, hears: SpeechRecognizer, content: bytes) -> None:
    path = tmp_path / "talk.wav"
    path.write_bytes(content)
    with pytest.raises(AsrError, match="sound"):
        hears.recognize(path)


def test_a_video_without_sound_is_an_error(tmp_path: Path, hears: SpeechRecognizer) -> None:
    import av

    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        file.mux(stream.encode())
    with pytest.raises(AsrError, match="there is no sound in it"):
        hears.recognize(path)


@pytest.mark.parametrize("suffix", ["wav", "m3u8"])
def test_a_playlist_in_place_of_a_recording_leads_nowhere(
    say: Say, hears: SpeechRecognizer, site: Site, suffix: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ts"
    encode(say("secret.wav", FIRST), secret, "aac")
    for target in (site.put("/secret.ts", secret.read_bytes(), "video/mp2t"), "secret.ts", secret.as_uri()):
        path = tmp_path / f"talk.{suffix}"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n", encoding="utf-8")
        with pytest.raises(AsrError, match="cannot be read"):
            hears.recognize(path)
    assert not site.asked


def test_a_language_that_the_model_does_not_know_is_an_error(asr: AsrOptions) -> None:
    with pytest.raises(AsrModelError, match="does not know the language de, but en"):
        SpeechRecognizer(replace(asr, language="de")).load(lambda says: None)


def test_a_folder_that_is_not_there_is_an_error_at_once(asr: AsrOptions, tmp_path: Path) -> None:
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
        SpeechRecognizer(replace(asr, model=str(folder))).load(lambda says: None)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("m4a", "aac"), ("webm", "libopus"), ("mp3", "libmp3lame"), ("ts", "aac"), ("ogg", "libopus")],
)
def test_every_usual_form_of_sound_is_read(say: Say, hears: SpeechRecognizer, suffix: str, codec: str) -> None:
    talk = say("talk.wav", 2.0, FIRST)
    path = talk.with_suffix(f".{suffix}")
    encode(talk, path, codec)
    words = starts_of(hears.recognize(path).raw)
    assert " ".join(word for word, _ in words).lower().strip(".") == FIRST.lower().strip(".")
    assert abs(words[0][1] - 2000) < 500


def test_sound_that_starts_after_the_pictures_keeps_its_place(say: Say, hears: SpeechRecognizer) -> None:
    talk = say("talk.wav", FIRST)
    path = talk.with_suffix(".mp4")
    encode(talk, path, "aac", late_s=5)
    assert abs(starts_of(hears.recognize(path).raw)[0][1] - 5000) < 500
