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

_LUMA = f"if(lt(X,32),16+mod(floor(T+0.001),27)*{_STEP},16+mod(floor(T*{RATE}+0.01),{RATE})*{_STEP})"
_BEEP = "0.5*sin(2*PI*(300+100*mod(floor(t),20))*t)*lt(mod(t,1),0.06)"


def run(*command: object) -> bytes:
    """Run a command and return what it prints."""
    return subprocess.run([*map(str, command)], check=True, capture_output=True).stdout


def make_film(path: Path, seconds: int, *options: object, rate: int = RATE, gop: int = 50) -> Path:
    """Write a film whose pictures and sound tell the time; *gop* pictures are between two key frames."""
    run(
        "ffmpeg", "-y", "-v", "error",
        "-f", "lavfi", "-i", f"nullsrc=s={WIDTH}x{HEIGHT}:r={rate}:d={seconds},geq=lum='{_LUMA}':cb=128:cr=128",
        "-f", "lavfi", "-i", f"aevalsrc='{_BEEP}':s={SOUND_HZ}:d={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-g", gop, "-keyint_min", gop, "-sc_threshold", 0,
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k", *options, path,
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
    """Return the step of brightness around the middle of a half, which is blurred least there."""
    points = [value for row in range(10, 16) for value in frame[row * WIDTH + left : row * WIDTH + left + 16]]
    return round((sum(points) / len(points) - 16) / _STEP)


def beep_times_ms(path: Path) -> list[int]:
    """Return when the beeps of a clip begin, in the clip."""
    raw = run("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-ac", 1, "-ar", 8000, "-f", "u8", "-")
    loud = [at // 8 for at in range(0, len(raw) - 40, 40) if max(raw[at : at + 40]) > 160]  # blocks of 5 ms
    return [at for before, at in pairwise([-1000, *loud]) if at - before > 200]
