"""Hostile caption files take linear time, bounded memory, and give a clear error if they exceed a limit."""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.clocks import check_growth
from tests.processes import start_process
from tests.transcripts.hostile import CUES, FILES, TEXTS, Hostile, hostile_files
from vidindex.errors import CaptionError
from vidindex.model import Cue, Track
from vidindex.transcripts import normalize
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import FORMAT_MODULES, parse_captions
from vidindex.transcripts.limits import MAX_CUE_CHARS, MAX_CUES
from vidindex.transcripts.read import parse_transcript

MAX_MEMORY_MB = 400
_SIZE = 56_000
_DAY_CUES = 43_200
_TEXT_SIZE = 24_000  # quadratic time shows in characters of one cue earlier than in cues


def parse(hostile: Hostile, size: int) -> None:
    """Parse a file and make its transcript, or get the error for it."""
    normalize._word_cache.clear()  # it would make the second run faster
    with suppress(CaptionError):
        parse_transcript(Track("en", "supplied", hostile.hint, "", "captions"), hostile.make(size))


def check_linear(hostile: Hostile, size: int = _SIZE) -> None:
    """Check that a file takes far less than 16 times as long as a quarter of it, which would be quadratic time."""
    check_growth(partial(parse, hostile, size // 4), partial(parse, hostile, size))


def test_every_format_has_hostile_files() -> None:
    names = {name.partition(":")[0] for name in FILES}

    assert names == set(FORMAT_MODULES)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_takes_linear_time(name: str) -> None:
    check_linear(FILES[name])


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("format_name", ["vtt", "ttml", "json3"])
def test_hostile_text_in_one_cue_takes_linear_time(format_name: str, name: str) -> None:
    check_linear(hostile_files()[f"{format_name} text: {name}"], _TEXT_SIZE)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_in_many_cues_takes_linear_time(name: str) -> None:
    check_linear(hostile_files()[f"vtt short cues: {name}"])


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_in_many_cues_at_the_same_time_takes_linear_time(name: str) -> None:
    check_linear(hostile_files()[f"vtt cues together: {name}"], _TEXT_SIZE)


_PRINT_PEAK = (
    "import re, resource, sys, threading\n"
    "from pathlib import Path\n"
    "import yt_dlp\n"  # a command that adds has it in memory, too
    "from vidindex.errors import CaptionError\n"
    "from vidindex.model import Track\n"
    "from vidindex.transcripts.read import parse_transcript\n"
    "hint, path, threads = sys.argv[1:]\n"
    "words = 0\n"
    "def parse():\n"
    "    global words\n"
    "    raw = Path(path).read_bytes()\n"
    "    ready.wait()\n"
    "    try:\n"
    "        words = len(parse_transcript(Track('en', 'supplied', hint, '', 'captions'), raw).words)\n"
    "    except CaptionError:\n"
    "        pass\n"
    "ready = threading.Barrier(int(threads))\n"
    "running = [threading.Thread(target=parse) for _ in range(int(threads))]\n"
    "[thread.start() for thread in running]\n"
    "[thread.join() for thread in running]\n"
    "status = Path('/proc/self/status')\n"
    # On Linux, `ru_maxrss` includes the memory of the process that started this one.
    "peak = re.search(r'VmHWM:\\s*(\\d+)', status.read_text())[1] if status.exists() else None\n"
    "print(int(peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024, words)\n"
)


def measure_process(path: Path, *, hint: str = "", threads: int = 1) -> tuple[int, int]:
    """Return the peak memory, in MB, of a process of which each thread makes a transcript of *path*, and its words."""
    process = start_process([sys.executable, "-c", _PRINT_PEAK, hint, path, str(threads)])
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    peak, words = map(int, output.split())
    return peak, words


@pytest.mark.parametrize(
    "name",
    [
        "lrc: stamps",
        "vtt long cues: ideographs",
        "ttml: elements",
        "json3: events",
        "srt: late emoji",
    ],
)
def test_the_largest_hostile_file_takes_little_memory(name: str, tmp_path: Path) -> None:
    hostile = hostile_files()[name]
    path = tmp_path / "captions"
    path.write_bytes(hostile.make(16_000_000))

    assert measure_process(path, hint=hostile.hint)[0] < 0.6 * MAX_MEMORY_MB


def test_threads_with_the_largest_hostile_file_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "captions"
    path.write_bytes(hostile_files()["vtt long cues: short words"].make(16_000_000))

    assert measure_process(path, threads=3)[0] < 0.6 * MAX_MEMORY_MB


class TestADayOfWords:
    """A video of 24 hours with 220,000 words, each with its time, in the formats that take most bytes for that."""

    WORDS = 220_000
    LINE = 8

    def lines(self) -> list[tuple[int, list[tuple[int, str]]]]:
        """Return the start of each line, and its words with their offsets."""
        numbers = range(0, self.WORDS, self.LINE)
        return [(at * 392, [(n * 392, f"word{(at + n) % 9973}") for n in range(self.LINE)]) for at in numbers]

    def check(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "captions"
        path.write_text(text, encoding="utf-8")

        assert 12_000_000 < path.stat().st_size < 16_000_000
        peak_mb, words = measure_process(path)
        assert words == self.WORDS
        assert peak_mb < 0.6 * MAX_MEMORY_MB

    def test_json3(self, tmp_path: Path) -> None:
        events = [
            {
                "tStartMs": start,
                "dDurationMs": 3136,
                "segs": [{"utf8": f" {word}", "tOffsetMs": ms, "acAsrConf": 0} for ms, word in words],
            }
            for start, words in self.lines()
        ]

        self.check(json.dumps({"wireMagic": "pb3", "events": events}, separators=(",", ":")), tmp_path)

    def test_ttml(self, tmp_path: Path) -> None:
        paragraphs = [
            f'<p begin="{start}ms" end="{start + 3136}ms">'
            + " ".join([f'<span begin="00:00:0{ms / 1000:.3f}" end="{ms + 392}ms">{word}</span>' for ms, word in words])
            + "</p>\n"
            for start, words in self.lines()
        ]

        self.check(f"<tt><body><div>{''.join(paragraphs)}</div></body></tt>", tmp_path)


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("srt: copies", 11_000_000, f"more than the limit of {MAX_CUES:,} cues"),
        ("vtt: short times", 9_000_000, f"more than the limit of {MAX_CUES:,} cues"),
        ("lrc: stamped lines", 2_000_000, f"more than the limit of {MAX_CUES:,} cues"),
        ("plain text: short words", 1_100_000, f"more than the limit of {MAX_CUE_CHARS:,} characters in one cue"),
        ("vtt cues together: distinct words", 4_000_000, "more than the limit of 300,000 words"),
        ("ttml: elements", 7_000_000, "more than the limit of 1,500,000 XML tags"),
        ("ttml: divs", 100_000, "more than the limit of 256 nested XML elements"),
        ("ttml: attributes", 200_000, "more than the limit of 100,000 characters in an XML tag"),
        ("vtt: plain segments", 1_000_000, "more than the limit of 100,000 segments"),
        ("json3: strings", 9_000_000, "more than the limit of 600,000 values in a JSON list"),
    ],
)
def test_an_error_states_the_limit_and_the_next_step(name: str, size: int, reason: str) -> None:
    hostile = hostile_files()[name]

    with pytest.raises(CaptionError) as caught:
        parse_transcript(Track("en", "supplied", hostile.hint, "", "talk.vtt"), hostile.make(size))

    assert str(caught.value).startswith(f"cannot read captions from talk.vtt: {reason}; split the file, or check that")


def test_long_words_are_limited_in_all_cues_together() -> None:
    cues = [Cue(at, at + 1, letter * 600_000) for at, letter in enumerate("ab")]

    with pytest.raises(CaptionError, match="more than the limit of 1,000,000 characters in words longer than 256"):
        make_transcript(cues)


def test_a_text_that_takes_too_much_memory_when_decoded_is_refused() -> None:
    raw = FILES["srt: late emoji"].make(16_000_000)

    with pytest.raises(CaptionError, match=re.escape("more than the limit of 40,000,000 bytes as decoded text")):
        parse_captions(raw)


@pytest.mark.parametrize("format_name", CUES)
def test_as_many_cues_as_an_honest_file_may_have_are_read(format_name: str) -> None:
    """A day of two seconds a cue."""
    head, start, end, tail = CUES[format_name]
    hostile = Hostile(head, "one word", tail, cue=(start, end), cue_chars=8)

    cues = parse_captions(hostile.make_units(_DAY_CUES)).cues

    assert len(cues) == _DAY_CUES
    assert cues[-1].text == "one word"
