"""A media file → its sound, in pieces of a minute that are cut where it is quietest.

However long a recording is, one piece of it is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import AsrError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    AudioSamples = NDArray[numpy.float32]

SAMPLE_RATE_HZ = 16_000
"""Samples a second, as Whisper wants them."""

_SEGMENT_SAMPLES = 60 * SAMPLE_RATE_HZ
_CUT_WINDOW_SAMPLES = 20 * SAMPLE_RATE_HZ
_FRAME_SAMPLES = SAMPLE_RATE_HZ // 10
_MAX_SAMPLES = 12 * 3600 * SAMPLE_RATE_HZ
_MAX_FRAME_RATE_HZ, _MAX_CHANNELS = 768_000, 64
# ffmpeg reads lists of other files, and addresses, where it is let; these are files with sound in them alone.
_CONTAINER_FORMATS = "aac,ac3,aiff,amr,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,w64,wav"


def split_audio(path: Path, name: str) -> Iterator[tuple[float, AudioSamples]]:
    """Cut the sound of *path* into pieces: each with the second at which it starts."""
    import numpy

    waiting: list[AudioSamples] = []
    size = total = 0
    start_s, blocks = _open_audio(path, name)
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= _SEGMENT_SAMPLES:
            whole = numpy.concatenate(waiting)
            cut = _find_quietest(whole)
            yield start_s + total / SAMPLE_RATE_HZ, whole[:cut]
            total += cut
            waiting, size = [whole[cut:].copy()], size - cut
        if total > _MAX_SAMPLES:
            raise AsrError(name, f"it is longer than {_MAX_SAMPLES // SAMPLE_RATE_HZ // 3600} hours: cut it into parts")
    if size:
        yield start_s + total / SAMPLE_RATE_HZ, numpy.concatenate(waiting)
    elif not total:
        raise AsrError(name, "there is no sound in it: check that it is the file you mean")


def _find_quietest(sound: AudioSamples) -> int:
    """Find the quietest tenth of a second near the end of *sound*, where a cut divides no word."""
    import numpy

    tail = sound[len(sound) - _CUT_WINDOW_SAMPLES :]
    loud = numpy.abs(tail[: len(tail) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)).mean(axis=1)
    # Of two, the frames before and after count too: words are longer than a frame.
    calm = numpy.convolve(loud, numpy.ones(3), mode="same")
    return len(sound) - _CUT_WINDOW_SAMPLES + int(calm[1:-1].argmin() + 1) * _FRAME_SAMPLES + _FRAME_SAMPLES // 2


def _open_audio(path: Path, name: str) -> tuple[float, Iterator[AudioSamples]]:
    """Open the sound of *path*: the second of the video at which it starts, and its samples, decoded as they go."""
    import av

    try:
        # A name alone could be taken for an address.
        container = av.open(
            f"file:{path.absolute()}",
            metadata_errors="ignore",
            options={"format_whitelist": _CONTAINER_FORMATS, "protocol_whitelist": "file"},
        )
    except (av.FFmpegError, OSError, ValueError) as exc:
        raise AsrError(
            name, f"its sound cannot be read ({_short_message(exc)}): check that it is a video or audio file"
        ) from exc
    if not container.streams.audio:
        container.close()
        raise AsrError(name, "there is no sound in it: check that it is the file you mean")
    return _audio_start_s(container), _decode_samples(container, name)


def _audio_start_s(container: Any) -> float:
    """Tell how much later than its pictures the sound of a file starts."""
    stream = container.streams.audio[0]
    if stream.start_time is None or container.start_time is None:
        return 0.0
    late = float(stream.start_time * stream.time_base) - container.start_time / 1_000_000
    return late if 0 < late < 3600 else 0.0


def _decode_samples(container: Any, name: str) -> Iterator[AudioSamples]:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    try:
        with container:
            for frame in _decode_frames(container, name):
                for part in resampler.resample(frame):
                    yield part.to_ndarray()[0]
    except av.FFmpegError as exc:
        raise AsrError(name, f"its sound cannot be decoded ({_short_message(exc)}): try another copy of it") from exc


def _decode_frames(container: Any, name: str) -> Iterator[Any]:
    """Give the frames of sound, those that are broken left out, and None at the end."""
    import av

    stream = container.streams.audio[0]
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        for frame in frames:
            if frame.sample_rate > _MAX_FRAME_RATE_HZ or len(frame.layout.channels) > _MAX_CHANNELS:
                raise AsrError(name, "its sound is of a kind that no recording has: check the file")
            frame.pts = None  # the resampler minds jumps in it
            yield frame
    yield None


def _short_message(exc: Exception) -> str:
    return str(getattr(exc, "strerror", "") or exc)[:200].rstrip(".:").lower()
