"""Spoken words: a clip of a hit has the words, and nothing of the silence around them."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import pytest

import vidindex
from tests.clips.films import run
from vidindex import ClipOptions

pytestmark = pytest.mark.usefixtures("ffmpeg")

SENTENCES = ("We left the harbor at noon.", "I never took the time off.", "Nobody asked for more.")
SILENCE_S = 1.5
_LOUD = 700


def spoken_range(samples: bytes, rate: int) -> tuple[float, float]:
    """Return when the sound in 16-bit *samples* begins and ends."""
    block = rate // 100 * 2
    levels = [
        max(abs(int.from_bytes(samples[at + n : at + n + 2], "little", signed=True)) for n in range(0, block - 1, 8))
        for at in range(0, len(samples) - block, block)
    ]
    loud = [number for number, level in enumerate(levels) if level > _LOUD]
    return loud[0] / 100, loud[-1] / 100


def read_wav(path: Path) -> tuple[bytes, int]:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes()), file.getframerate()


def test_a_clip_of_a_hit_has_the_spoken_sentence(tmp_path: Path) -> None:
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("flite is not installed: sudo apt install flite")
    sound, cues, at_s, truth = b"", "WEBVTT\n\n", 0.0, []
    rate = 16_000
    for number, sentence in enumerate(SENTENCES):
        spoken = tmp_path / f"{number}.wav"
        run(flite, "-voice", "slt", "-t", sentence, "-o", spoken)
        samples, rate = read_wav(spoken)
        sound += bytes(round(SILENCE_S * rate) * 2) + samples
        begin, end = (at_s + SILENCE_S + each for each in spoken_range(samples, rate))
        truth.append((begin, end))
        cues += f"00:00:{begin:06.3f} --> 00:00:{end:06.3f}\n{sentence}\n\n"
        at_s += SILENCE_S + len(samples) / 2 / rate
    whole = tmp_path / "whole.wav"
    with wave.open(str(whole), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound)
    run(
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "color=s=64x36:r=25",
        "-i",
        whole,
        "-shortest",
        tmp_path / "talk.mp4",
    )
    (tmp_path / "talk.en.vtt").write_text(cues, encoding="utf-8")
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        index.add(tmp_path / "talk.en.vtt")
        options = ClipOptions("wav", pad_ms=500, sentences=True)
        (result,) = index.clips(index.search("I never took the time off")[:1], tmp_path / "out", options=options)
    assert result.path is not None
    begin, end = spoken_range(*read_wav(mono(result.path)))
    assert begin == pytest.approx(0.5, abs=0.08)
    assert end == pytest.approx(0.5 + truth[1][1] - truth[1][0], abs=0.08)


def mono(path: Path) -> Path:
    """Return the sound of *path* in one channel."""
    made = path.with_name("mono.wav")
    run("ffmpeg", "-v", "error", "-i", path, "-ac", 1, "-ar", 16_000, made)
    return made
