#!/usr/bin/env python3
"""Generate the sample clips, their captions and all files that contain their times from `clips.toml`.

Requires Python 3.11 and the Debian packages ffmpeg, flite and fonts-dejavu-core.  The results are committed, so you
need to run this script only if you change the samples.  The times of the words come from the speech synthesizer, which
prints when each sound ends.  Running the script again replaces the files that it generated.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from array import array
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from samples.captioning import SUFFIXES, WRITERS, Line, Word

HERE = Path(__file__).resolve().parent
RATE = 16_000
GAP_MS = 120
LOUD = 4500
BEAT_MS = 1600
SPOKEN, SUNG = 0.88, 1.25
"""Factors by which words are longer than the default of the voice."""
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
NOISES = {
    "applause": "highpass=f=700,tremolo=f=11:d=0.5,volume=2",
    "cheering": "highpass=f=300,lowpass=f=4000,tremolo=f=6:d=0.3,volume=2",
    "laugh": "bandpass=f=900:t=h:w=700,tremolo=f=5:d=0.9,volume=3",
}


@dataclass(slots=True)
class Recording:
    """The recording of a clip in progress: its sound and its lines."""

    pcm: bytearray = field(default_factory=bytearray)
    lines: list[Line] = field(default_factory=list)

    @property
    def at_ms(self) -> int:
        return len(self.pcm) * 1000 // (2 * RATE)

    def add_silence(self, ms: int) -> None:
        self.pcm += bytes(2 * (ms * RATE // 1000))


@dataclass(frozen=True, slots=True)
class FinishedClip:
    """A finished clip."""

    clip: dict[str, Any]
    lines: list[Line]
    duration_ms: int
    media: Path
    captions: Path


# The tools


def check_tools() -> None:
    """Exit with the names of the missing packages, if any."""
    wanted = {"flite": shutil.which("flite"), "ffmpeg": shutil.which("ffmpeg") and shutil.which("ffprobe")}
    wanted["fonts-dejavu-core"] = str(FONT) if FONT.exists() else None
    missing = [package for package, found in wanted.items() if not found]
    if missing:
        sys.exit(f"error: missing packages; install them with: apt-get install {' '.join(missing)}")


def run(*command: str | Path, stdin: bytes | None = None) -> bytes:
    """Run *command* and return its output; exit if it fails."""
    done = subprocess.run([str(part) for part in command], input=stdin, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"error: {command[0]} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def ffmpeg(*arguments: str | Path, stdin: bytes | None = None) -> bytes:
    return run("ffmpeg", "-v", "error", "-nostdin" if stdin is None else "-y", *arguments, stdin=stdin)


def filtered(pcm: bytes, filters: str) -> bytes:
    """Apply *filters* of ffmpeg to *pcm*; the length stays the same."""
    raw = ("-f", "s16le", "-ar", str(RATE), "-ac", "1")
    changed = ffmpeg(*raw, "-i", "pipe:0", "-af", filters, *raw, "pipe:1", stdin=pcm)
    return changed[: len(pcm)].ljust(len(pcm), b"\0")


def normalize_volume(pcm: bytes) -> bytes:
    """Scale *pcm* to the same volume for every voice."""
    samples = array("h", pcm)
    loud = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    gain = min(LOUD / loud, 30_000 / max(map(abs, samples)))
    return array("h", [round(sample * gain) for sample in samples]).tobytes()


def noise(kind: str, seconds: float) -> bytes:
    """Return the sound of a crowd, made of filtered noise."""
    shape = next(filters for name, filters in NOISES.items() if kind.lower().startswith(name))
    source = f"anoisesrc=d={seconds}:c=pink:r={RATE}:a=0.8:seed=11,{shape}"
    fades = f"afade=t=in:d=0.3,afade=t=out:st={seconds * 0.6}:d={seconds * 0.4}"
    return ffmpeg("-f", "lavfi", "-i", f"{source},{fades}", "-f", "s16le", "-ac", "1", "pipe:1")


def add_music(pcm: bytes, start_ms: int, end_ms: int) -> bytes:
    """Mix four plucked chords into *pcm* from *start_ms* to *end_ms*."""
    notes = ((110, 165, 220), (87.3, 174.6, 220), (130.8, 164.8, 196), (98, 146.8, 246.9))
    tones = "+".join(
        f"eq(mod(floor(t/{2 * BEAT_MS / 1000}),4),{at})*({'+'.join(f'sin(2*PI*{hertz}*t)' for hertz in chord)})"
        for at, chord in enumerate(notes)
    )
    length = (end_ms - start_ms) / 1000
    music = f"aevalsrc='0.07*exp(-3*mod(t,{BEAT_MS / 4000}))*({tones})':s={RATE}:d={length}"
    raw = ("-f", "s16le", "-ar", str(RATE), "-ac", "1")
    mix = f"[1]afade=t=out:st={length - 2}:d=2,adelay={start_ms}[bed];[0][bed]amix=inputs=2:duration=first:normalize=0"
    return ffmpeg(*raw, "-i", "pipe:0", "-f", "lavfi", "-i", music, "-filter_complex", mix, *raw, "pipe:1", stdin=pcm)


# Speech


@cache
def count_sounds(word: str, voice: str) -> int:
    """Return the number of sounds in *word*."""
    return len([sound for sound in run("flite", "-voice", voice, "-ps", "-t", word, "none").split() if sound != b"pau"])


def speak(text: str, voice: str, folder: Path, *, sung: bool) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the speech, and the start and end of each word in milliseconds from its start."""
    wav = folder / "line.wav"
    pace = f"duration_stretch={SUNG if sung else SPOKEN}"
    stated = run("flite", "-voice", voice, "--setf", pace, "-psdur", "-t", text, "-o", wav).decode()
    pcm = ffmpeg("-i", wav, "-f", "s16le", "-ar", str(RATE), "-ac", "1", "pipe:1")
    if sung:
        pcm = filtered(pcm, "vibrato=f=5.5:d=0.3,aecho=1:0.8:90:0.3")
    length_ms = len(pcm) * 1000 / (2 * RATE)
    return normalize_volume(pcm), word_times(
        stated.split(), [count_sounds(word, voice) for word in text.split()], length_ms
    )


def word_times(stated: list[str], counts: list[int], length_ms: float) -> list[tuple[int, int]]:
    """Assign the *stated* sounds (`name:end`) to the words, which have *counts* sounds when spoken separately."""
    sounds = [(name, float(end)) for name, _, end in (sound.partition(":") for sound in stated)]
    # The voice kal16 speaks slightly faster than its stated times.
    faster = length_ms / sounds[-1][1]
    spans, before = [], 0.0
    for name, end in sounds:
        if name != "pau":
            spans.append((round(before * faster), round(end * faster)))
        before = end
    scale, used, times = len(spans) / sum(counts), 0, []
    for count in counts:
        first, used = round(used * scale), used + count
        last = min(max(round(used * scale) - 1, first), len(spans) - 1)
        times.append((spans[min(first, last)][0], spans[last][1]))
    return times


WRITTEN = re.compile(r"\{([^|}]*)\|([^}]*)\}|(\S+)")


def words_of(text: str) -> list[tuple[str, str]]:
    """Split a line into words, each as spoken and as recognized."""
    return [(spoken or plain, recognized or normalize(plain)) for spoken, recognized, plain in WRITTEN.findall(text)]


def normalize(word: str) -> str:
    return word.lower().strip('.,?!:;“”"')


def record(clip: dict[str, Any], folder: Path) -> Recording:
    """Synthesize the whole script of *clip*."""
    recording = Recording()
    for written in clip["lines"].strip().splitlines():
        if pause := re.fullmatch(r"\(pause\) ([\d.]+)", written):
            recording.add_silence(int(float(pause[1]) * 1000))
        elif sound := re.fullmatch(r"\[(\w+)\] ([\d.]+)", written):
            start_ms = recording.at_ms
            recording.pcm += noise(sound[1], float(sound[2]))
            recording.lines.append(Line(start_ms, recording.at_ms, sound=sound[1]))
        else:
            record_line(recording, clip, written, folder)
    recording.add_silence(800)
    return recording


def record_line(recording: Recording, clip: dict[str, Any], written: str, folder: Path) -> None:
    """Synthesize one line of the script and append it to *recording*."""
    parts = re.fullmatch(r"([A-Z]+)([:~]) (.+)", written) or sys.exit(f"error: cannot parse the line: {written}")
    name, voice = clip["voices"][parts[1]]
    sung = parts[2] == "~"
    sung_before = [line.start_ms for line in recording.lines if line.sung]
    if sung and sung_before:
        recording.add_silence(-(recording.at_ms - sung_before[0]) % BEAT_MS)
    pairs = words_of(parts[3])
    start_ms = recording.at_ms
    pcm, times = speak(" ".join(spoken for spoken, _ in pairs), voice, folder, sung=sung)
    recording.pcm += pcm
    timed = zip(pairs, times, strict=True)
    words = tuple(Word(*pair, start_ms + start, start_ms + end) for pair, (start, end) in timed)
    recording.lines.append(Line(words[0].start_ms, words[-1].end_ms, name, words, sung=sung))
    recording.add_silence(GAP_MS)


# Picture and media file


def picture(clip: dict[str, Any], lines: list[Line], folder: Path) -> str:
    """Return filters that draw the title, the speaker and the time, so that times can be checked in the picture."""
    title = enumerate(textwrap.wrap(clip["title"], 30))
    drawn = [draw_text(part, f"title{at}", folder, 24, f"h*0.2+{36 * at}") for at, part in title]
    for at, name in enumerate(sorted({line.speaker for line in lines if line.speaker})):
        own = [f"between(t,{line.start_ms / 1000},{line.end_ms / 1000})" for line in lines if line.speaker == name]
        drawn.append(draw_text(name, f"name{at}", folder, 20, "h*0.68") + f":enable='{'+'.join(own)}'")
    timer = r"drawtext=fontfile=" + str(FONT) + r":text='%{pts\:hms}':fontcolor=white@0.7:fontsize=14:x=w-tw-12:y=h-26"
    return ",".join((*drawn, timer))


def draw_text(words: str, name: str, folder: Path, size: int, y: str) -> str:
    (folder / name).write_text(words, encoding="utf-8")
    place = f"fontcolor=white:fontsize={size}:x=(w-tw)/2:y={y}"
    return f"drawtext=fontfile={FONT}:textfile={folder / name}:expansion=none:{place}"


def encode(clip: dict[str, Any], recording: Recording, folder: Path, target: Path) -> None:
    """Write the media file: an almost still picture and mono speech, small enough for a repository."""
    raw = ("-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "pipe:0")
    exact = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")
    named = ("-metadata", f"title={clip['title']}", *exact, "-ac", "1", "-y", target)
    pcm = bytes(recording.pcm)
    if clip.get("audio") == "mp3":
        ffmpeg(*raw, "-c:a", "libmp3lame", "-b:a", "32k", "-ar", "22050", *named, stdin=pcm)
    elif clip.get("audio") == "ogg":
        ffmpeg(*raw, "-c:a", "libvorbis", "-q:a", "0", "-ar", "22050", *named, stdin=pcm)
    else:
        still = ("-f", "lavfi", "-i", f"color=c={clip['colour']}:s=480x270:r=5:d={recording.at_ms / 1000}")
        film = ("-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-crf", "30", "-g", "25")
        sound = ("-c:a", "aac", "-b:a", "40k", "-ar", "24000", "-movflags", "+faststart", "-shortest")
        drawing = picture(clip, recording.lines, folder)
        ffmpeg(*still, *raw, "-vf", drawing, *film, "-tune", "stillimage", *sound, *named, stdin=pcm)


def duration_ms(media: Path) -> int:
    """Return the duration of *media* that ffprobe reads."""
    stated = run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", media)
    return round(float(stated) * 1000)


def make(clip: dict[str, Any]) -> FinishedClip:
    """Generate one clip with its captions."""
    media = HERE / f"{clip['name']}.{clip.get('audio', 'mp4')}"
    captions = HERE / f"{clip['name']}.{SUFFIXES[clip['captions']]}"
    media.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vidindex-samples-") as folder:
        recording = record(clip, Path(folder))
        if clip.get("music"):
            sung = [line for line in recording.lines if line.sung]
            recording.pcm = bytearray(
                add_music(bytes(recording.pcm), sung[0].start_ms - BEAT_MS, sung[-1].end_ms + 3000)
            )
        encode(clip, recording, Path(folder), media)
    captions.write_text(WRITERS[clip["captions"]](recording.lines, clip["title"]), encoding="utf-8")
    finished = FinishedClip(clip, recording.lines, duration_ms(media), media, captions)
    if "host" in clip:
        write_info(finished)
    print(f"{media.relative_to(HERE)}: {finished.duration_ms / 1000:.1f} s, {media.stat().st_size // 1000} kB")
    return finished


# Files that contain times


def second_of(finished: FinishedClip, phrase: str) -> float:
    """Return the second at which *phrase* begins."""
    words = [word for line in finished.lines for word in line.words]
    wanted = [normalize(word) for word in phrase.split()]
    for at in range(len(words)):
        if [normalize(word.spoken) for word in words[at : at + len(wanted)]] == wanted:
            return words[at].start_ms / 1000
    sys.exit(f"error: {phrase!r} is not in {finished.clip['name']}")


def write_info(finished: FinishedClip) -> None:
    """Write the `.info.json` file that yt-dlp writes next to a download."""
    clip, base = finished.clip, f"https://{finished.clip['host']}"
    starts = [
        (0.0, "Introduction"),
        *((second_of(finished, phrase), title) for title, phrase in clip["chapters"].items()),
    ]
    ends = [*(start for start, _ in starts[1:]), round(finished.duration_ms / 1000)]
    track = {"en": [{"url": f"{base}/lazy-static/video-captions/{clip['id']}-en.vtt", "ext": "vtt"}]}
    automatic = clip["captions"] == "rolling"
    info = {
        "id": clip["id"], "title": clip["title"], "description": clip["description"],
        "channel": clip["channel"], "channel_url": f"{base}/c/{clip['channel'].lower().replace(' ', '_')}",
        "upload_date": clip["date"], "duration": round(finished.duration_ms / 1000), "language": "en",
        "categories": clip["categories"], "tags": clip["tags"],
        "chapters": [
            {"start_time": start, "end_time": end, "title": title}
            for (start, title), end in zip(starts, ends, strict=True)
        ],
        "subtitles": {} if automatic else track, "automatic_captions": track if automatic else {},
        "webpage_url": f"{base}/w/{clip['id']}", "original_url": f"{base}/w/{clip['id']}",
        "webpage_url_basename": clip["id"], "webpage_url_domain": clip["host"],
        "extractor": "PeerTube", "extractor_key": "PeerTube", "display_id": clip["id"], "fulltitle": clip["title"],
        "ext": clip["audio"], "vcodec": "none", "_type": "video",
    }  # fmt: skip
    path = HERE / f"{clip['name']}.info.json"
    path.write_text(json.dumps(info, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_manifest(clips: list[FinishedClip]) -> None:
    """Write `manifest.json`, a list of all clips."""
    entries = [
        {
            "media": finished.media.relative_to(HERE).as_posix(),
            "captions": finished.captions.relative_to(HERE).as_posix(),
            "format": finished.clip["captions"],
            "title": finished.clip["title"],
            "duration_ms": finished.duration_ms,
            "words": sum(len(line.words) for line in finished.lines),
        }
        for finished in clips
    ]
    (HERE / "manifest.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_quotes(quotes: list[dict[str, str]], clips: dict[str, FinishedClip]) -> None:
    """Write `quotes.txt` and the table of quotes in README.md."""
    rows = [(second_of(clips[q["clip"]], q["said"]), clips[q["clip"]].media, q["query"], q["note"]) for q in quotes]
    head = "# second, file, query, note; separated by tabs.  Generated by make.py.\n"
    lines = [f"{at:.1f}\t{media.relative_to(HERE)}\t{query}\t{note}\n" for at, media, query, note in rows]
    (HERE / "quotes.txt").write_text(head + "".join(lines), encoding="utf-8")
    table = "| second | clip | query | note |\n|---:|---|---|---|\n" + "".join(
        f"| {at:.1f} | {media.name.partition(' [')[0]} | {query} | {note} |\n" for at, media, query, note in rows
    )
    readme = HERE / "README.md"
    marks = "<!-- quotes: made by make.py -->\n", "<!-- end of quotes -->"
    before, _, rest = readme.read_text(encoding="utf-8").partition(marks[0])
    readme.write_text(before + marks[0] + table + marks[1] + rest.partition(marks[1])[2], encoding="utf-8")


def main() -> None:
    """Generate all samples."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    check_tools()
    script = tomllib.loads((HERE / "clips.toml").read_text(encoding="utf-8"))
    clips = [make(clip) for clip in script["clip"]]
    write_manifest(clips)
    write_quotes(script["quote"], {finished.clip["name"]: finished for finished in clips})


if __name__ == "__main__":
    main()
