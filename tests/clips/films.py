"""Films whose pictures and sound tell the time, and what is read back of clips.

A film has 25 pictures of 64 × 36 a second.  The brightness of the left half tells the second, that of the right half
the picture in it.  Each second begins with a beep of 60 ms, whose pitch tells the second.
"""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

RATE = 25
WIDTH, HEIGHT = 64, 36
SOUND_HZ = 16_000
_STEP = 8
"""Steps of brightness, far enough apart that compression does not blur them."""

_BEEP = "0.5*sin(2*PI*(300+100*mod(floor(t),20))*t)*lt(mod(t,1),0.06)"


def run(*command: object, given: bytes = b"") -> bytes:
    """Run a command with *given* as its input, and return what it prints."""
    return subprocess.run([*map(str, command)], check=True, input=given, capture_output=True).stdout


def make_film(path: Path, seconds: int, *options: object, rate: int = RATE, gop: int = 50) -> Path:
    """Write a film whose pictures and sound tell the time; *gop* pictures are between two key frames."""
    times = (at / rate for at in range(seconds * rate))
    pictures = b"".join(_draw(16 + int(at) % 27 * _STEP, 16 + round(at % 1 * RATE) * _STEP) for at in times)
    run(
        "ffmpeg", "-y", "-v", "error",
        "-f", "rawvideo", "-s", f"{WIDTH}x{HEIGHT}", "-r", rate, "-i", "-",
        "-f", "lavfi", "-i", f"aevalsrc='{_BEEP}':s={SOUND_HZ}:d={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-g", gop, "-keyint_min", gop, "-sc_threshold", 0,
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k", *options, path, given=pictures,
    )  # fmt: skip
    return path


def read_luma(path: Path) -> list[bytes]:
    """Return the brightness of each point of each picture of a clip."""
    scale = f"scale={WIDTH}:{HEIGHT}"
    raw = run(
        "ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-vf", scale, "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"
    )
    size, pixels = WIDTH * HEIGHT * 3 // 2, WIDTH * HEIGHT
    return [raw[at : at + pixels] for at in range(0, len(raw), size)]


def picture_times_ms(path: Path) -> list[int]:
    """Return the time in the film of each picture of a clip."""
    return [_level(frame, 8) * 1000 + _level(frame, 40) * 1000 // RATE for frame in read_luma(path)]


def _level(frame: bytes, left: int) -> int:
    return round(_mean(frame, left) / _STEP)


def _mean(frame: bytes, left: int) -> float:
    """Return the brightness above black around the middle of a half, which is blurred least there."""
    points = [value for row in range(10, 16) for value in frame[row * WIDTH + left : row * WIDTH + left + 16]]
    return sum(points) / len(points) - 16


def beep_times_ms(path: Path) -> list[int]:
    """Return when the beeps of a clip begin, in the clip."""
    raw = run("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-ac", 1, "-ar", 8000, "-f", "u8", "-")
    loud = [at // 8 for at in range(0, len(raw) - 40, 40) if max(raw[at : at + 40]) > 160]  # blocks of 5 ms
    return [at for before, at in pairwise([-1000, *loud]) if at - before > 200]


HOUR_S = 3600


def make_hour(path: Path) -> Path:
    """Write a film of an hour with one picture a second, whose halves tell the minute and the second."""
    sound = path.with_name("minute.m4a")
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=8000:d=60", "-b:a", "24k", sound)
    pictures = b"".join(_draw(16 + second // 60 * 3, 16 + second % 60 * 3) for second in range(HOUR_S))
    run(
        "ffmpeg", "-y", "-v", "error", "-f", "rawvideo", "-s", f"{WIDTH}x{HEIGHT}", "-r", 1, "-i", "-",
        "-stream_loop", 59, "-i", sound,
        "-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-g", 10, "-keyint_min", 10, "-sc_threshold", 0,
        "-pix_fmt", "yuv420p", "-c:a", "copy", "-movflags", "+faststart", path, given=pictures,
    )  # fmt: skip
    sound.unlink()
    return path


def _draw(left: int, right: int) -> bytes:
    """Return a picture with two halves of these brightnesses."""
    row = bytes([left]) * (WIDTH // 2) + bytes([right]) * (WIDTH // 2)
    return row * HEIGHT + bytes([128]) * (WIDTH * HEIGHT // 2)


def second_of_picture(frame: bytes) -> int:
    """Return which second of the hour a picture shows."""
    minute, second = (round(_mean(frame, left) / 3) for left in (8, 40))
    return minute * 60 + second
