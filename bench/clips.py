"""Measure a supercut: its time as a ratio to ffmpeg's own concat of the same moments, and the memory of each process.

    python bench/clips.py [--moments 200] [--seconds 2] [--size 640x360] [--folder DIR]

A film with moving pictures and speech-like sound is made first.  ffmpeg's own concat reads one list with the in and out
points of all moments and encodes the film with the same settings; it neither measures nor changes loudness.  The
memory is the largest resident size of any process, in MB.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from vidindex.clips.cut import AUDIO_ENCODERS, VIDEO_ENCODERS
from vidindex.clips.fetch import FilmFetcher
from vidindex.clips.moments import ClipMoment, NoIndexSource
from vidindex.clips.options import ClipOptions, SupercutOptions
from vidindex.clips.run import ClipRunner
from vidindex.clips.supercut import SupercutMaker
from vidindex.model import Video
from vidindex.resolve import ResolveOptions

FILM_S = 600


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    wall_s: float
    cpu_s: float
    memory_mb: float


def make_film(path: Path, size: str) -> None:
    """Write a film of ten minutes, unless it exists."""
    if not path.exists():
        sound = "aevalsrc='0.3*sin(2*PI*(200+60*sin(t/3))*t)*(0.5+0.5*sin(7*t))':s=48000"
        run(
            "ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={FILM_S}",
            "-f", "lavfi", "-i", f"{sound}:d={FILM_S}", "-c:v", "libx264", "-preset", "ultrafast", "-g", 250, path,
        )  # fmt: skip


def make_moments(path: Path, count: int, length_ms: int) -> list[ClipMoment]:
    """Return *count* moments all over the film."""
    video = Video("bench:film", path.as_uri(), title="Film", date="2020-01-01")
    step_ms = (FILM_S * 1000 - length_ms) // count
    return [
        ClipMoment(video, at * step_ms, at * step_ms + length_ms, text=f"moment {at}", media=path)
        for at in range(count)
    ]


def concat_with_ffmpeg(moments: list[ClipMoment], size: str, out: Path) -> None:
    """Let one ffmpeg do the same with a list of in and out points."""
    lines = [
        f"file {moment.media}\ninpoint {moment.start_ms / 1000}\noutpoint {moment.end_ms / 1000}\n"
        for moment in moments
    ]
    listed = out.with_suffix(".txt")
    listed.write_text("ffconcat version 1.0\n" + "".join(lines), encoding="utf-8")
    width, height = size.split("x")
    run(
        "ffmpeg", "-y", "-v", "error", "-f", "concat", "-safe", 0, "-i", listed, "-vf",
        f"fps=30,scale={width}:{height},setsar=1,format=yuv420p", *VIDEO_ENCODERS["mp4"], *AUDIO_ENCODERS["mp4"], out,
    )  # fmt: skip


def make_supercut(moments: list[ClipMoment], size: str, out: Path) -> None:
    """Make the supercut."""
    width, height = map(int, size.split("x"))
    options, clips = SupercutOptions(size=(width, height)), ClipOptions()
    with FilmFetcher(NoIndexSource(), clips, ResolveOptions()) as fetcher:
        SupercutMaker(NoIndexSource(), out, options, clips, fetcher).make(moments, lambda _: None)


def make_clips(moments: list[ClipMoment], out: Path, *, copy: bool) -> None:
    """Cut each moment into a file of its own."""
    options = ClipOptions(copy=copy, captions="none")
    with FilmFetcher(NoIndexSource(), options, ResolveOptions()) as fetcher:
        assert all(each.state == "cut" for each in ClipRunner(NoIndexSource(), out, options, fetcher).run(moments))


def run(*command: object) -> None:
    """Run a command."""
    subprocess.run([*map(str, command)], check=True, stdin=subprocess.DEVNULL)


def main() -> None:
    """Run each way in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder: Path = options.folder or Path(tempfile.mkdtemp(prefix="bench-clips-"))
    folder.mkdir(parents=True, exist_ok=True)
    film = folder / f"film-{options.size}.mp4"
    make_film(film, options.size)
    moments = make_moments(film, options.moments, round(options.seconds * 1000))
    if options.only:
        print_cost(options.only, moments, options.size, folder)
        return
    costs: dict[str, Cost] = {}
    for name in ("ffmpeg", "supercut", "clips", "copies"):
        command = [sys.executable, __file__, "--only", name, "--folder", str(folder), "--size", options.size]
        command += ["--moments", str(options.moments), "--seconds", str(options.seconds)]
        costs[name] = Cost(*map(float, subprocess.run(command, check=True, capture_output=True).stdout.split()))
    base = costs["ffmpeg"]
    print(f"{options.moments} moments of {options.seconds:g} s, {options.size}")
    print("| | wall s | ratio | CPU s | ratio | MB |\n|---|---|---|---|---|---|")
    for name, cost in costs.items():
        ratios = f"{cost.wall_s / base.wall_s:.2f} | {cost.cpu_s:.1f} | {cost.cpu_s / base.cpu_s:.2f}"
        print(f"| {name} | {cost.wall_s:.1f} | {ratios} | {cost.memory_mb:.0f} |")


def print_cost(name: str, moments: list[ClipMoment], size: str, folder: Path) -> None:
    """Run one way, and print what it took."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder) as made:
        out = Path(made)
        if name == "ffmpeg":
            concat_with_ffmpeg(moments, size, out / "concat.mp4")
        elif name == "supercut":
            make_supercut(moments, size, out / "supercut.mp4")
        else:
            make_clips(moments, out / "clips", copy=name == "copies")
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    print(time.perf_counter() - begun, cpu_s, max(usage.ru_maxrss for usage in usages) / 1000)


if __name__ == "__main__":
    main()
