"""The audio of a media file, in segments of about a minute, each split where the audio is quietest.

Only one segment is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import AsrError
from ...net.files import open_regular_file

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    AudioSamples = NDArray[numpy.float32]

SAMPLE_RATE_HZ = 16_000
"""The sample rate that Whisper requires."""

_SEGMENT_SAMPLES = 60 * SAMPLE_RATE_HZ
_CUT_WINDOW_SAMPLES = 20 * SAMPLE_RATE_HZ
_FRAME_SAMPLES = SAMPLE_RATE_HZ // 10
_MAX_SAMPLES = 12 * 3600 * SAMPLE_RATE_HZ
_MAX_FRAME_RATE_HZ, _MAX_CHANNELS = 768_000, 64
# Without these limits, FFmpeg would also follow playlists to other files and URLs.
_CONTAINER_FORMATS = "aac,ac3,aiff,amr,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,w64,wav"


def split_audio(path: Path, name: str) -> Iterator[tuple[float, AudioSamples]]:
    """Yield the segments of the audio of *path*, each with its start in seconds; errors call the file *name*.

    Raises `AsrError` if the file has no audio, cannot be decoded, or is longer than 12 hours.
    """
    import numpy

    pending: list[AudioSamples] = []
    size = total = 0
    start_s, blocks = _open_audio(path, name)
    for block in blocks:
        pending.append(block)
        size += len(block)
        if size >= _SEGMENT_SAMPLES:
            samples = numpy.concatenate(pending)
            cut = _find_quietest(samples)
            yield start_s + total / SAMPLE_RATE_HZ, samples[:cut]
            total += cut
            pending, size = [samples[cut:].copy()], size - cut
        if total > _MAX_SAMPLES:
            hours = _MAX_SAMPLES // SAMPLE_RATE_HZ // 3600
            raise AsrError(name, f"it is longer than {hours} hours; split it into parts")
    if size:
        yield start_s + total / SAMPLE_RATE_HZ, numpy.concatenate(pending)
    elif not total:
        raise AsrError(name, "it has no audio; check the file")


def _find_quietest(samples: AudioSamples) -> int:
    """Return the position of the quietest tenth of a second near the end of *samples*, which is not inside a word."""
    import numpy

    tail = samples[len(samples) - _CUT_WINDOW_SAMPLES :]
    levels = numpy.abs(tail[: len(tail) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)).mean(axis=1)
    # Include the frames before and after, because words are longer than a frame.
    smoothed = numpy.convolve(levels, numpy.ones(3), mode="same")
    frame = int(smoothed[1:-1].argmin() + 1)
    return len(samples) - _CUT_WINDOW_SAMPLES + frame * _FRAME_SAMPLES + _FRAME_SAMPLES // 2


def _open_audio(path: Path, name: str) -> tuple[float, Iterator[AudioSamples]]:
    """Return the second of the video at which its audio starts, and the samples, which are decoded lazily."""
    import av

    try:
        # FFmpeg opens the descriptor, so that the file is a regular one; its name could be taken for a URL.
        with open_regular_file(path) as file:
            container = av.open(
                f"file:/dev/fd/{file.fileno()}",
                metadata_errors="ignore",
                options={"format_whitelist": _CONTAINER_FORMATS, "protocol_whitelist": "file"},
            )
    except (av.FFmpegError, OSError, ValueError) as exc:
        raise AsrError(
            name, f"its audio cannot be read ({_short_message(exc)}); check that it is a video or audio file"
        ) from exc
    if not container.streams.audio:
        container.close()
        raise AsrError(name, "it has no audio; check the file")
    return _audio_start_s(container), _decode_samples(container, name)


def _audio_start_s(container: Any) -> float:
    """Return the delay between the start of the file and the start of its audio."""
    stream = container.streams.audio[0]
    if stream.start_time is None or container.start_time is None:
        return 0.0
    delay_s = float(stream.start_time * stream.time_base) - container.start_time / 1_000_000
    return delay_s if 0 < delay_s < 3600 else 0.0


def _decode_samples(container: Any, name: str) -> Iterator[AudioSamples]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    try:
        with container:
            for frame in _decode_frames(container, name):
                for part in resampler.resample(frame):
                    yield part.to_ndarray()[0]
    except av.FFmpegError as exc:
        raise AsrError(name, f"its audio cannot be decoded ({_short_message(exc)}); try another copy of it") from exc


def _decode_frames(container: Any, name: str) -> Iterator[Any]:
    """Yield the audio frames, without damaged ones, and None at the end."""
    import av

    stream = container.streams.audio[0]
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        for frame in frames:
            if frame.sample_rate > _MAX_FRAME_RATE_HZ or len(frame.layout.channels) > _MAX_CHANNELS:
                raise AsrError(name, "its audio has an unsupported sample rate or number of channels; check the file")
            frame.pts = None  # the resampler does not accept gaps in it
            yield frame
    yield None


def _short_message(exc: Exception) -> str:
    return str(getattr(exc, "strerror", "") or exc)[:200].rstrip(".:").lower()
