"""Compare quote search with other tools on the same captions and the same quotes, in one run.

    python -m venv PEERS && PEERS/bin/pip install yt-fts==0.1.62 videogrep==2.3.0
    python bench/peers.py CAPTIONS_DIR QUOTES_JSONL --peers PEERS [--background DIR…]
        [--background-words 3e6] [--each 100] [--tool yt-fts]

The files are those of `quotes.py`.  `peer_tools.py` says what is each tool's own code; every tool runs in a process of
its own and reads the same folder, which has an invented `info.json` file for each video.  All tools get the words
without punctuation, which some of them refuse.  The quotes have eight words and are of three kinds:

- `exact`: consecutive words of the captions, also across the end of a cue;
- `misheard`: what a person wrote down, searched in the captions that a machine made;
- `misquoted`: the same, changed by the kinds of `misquotes.py` in turn.

A hit is right if its video is right and it starts at most 6 s before the quote starts (16 s for `misquoted`, where the
start may be cut off) and at most 4 s after it ends.  Recall is the share of quotes with a right hit among the first
ten.  p50 and p95 are the times of a search in a warm process, `command` of a whole process, all in ms of wall-clock
time; the CPU times are in brackets.  videogrep is asked for the first 30 quotes of each kind only.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.changed_words import find_captions, read_cues
from bench.misquotes import KINDS
from bench.peer_tools import LIMIT, PEERS, TOOLS

QUOTE_WORDS = 8
_EARLY_MS, _CUT_MS, _LATE_MS = 6_000, 10_000, 4_000
_WORD = re.compile(r"\w+(?:'\w+)*")


@dataclass(frozen=True, slots=True)
class Quote:
    """What is searched for, and where it was said."""

    words: str
    video: str
    start_ms: int
    end_ms: int

    def is_right(self, video: str, start_ms: int, slack_ms: int) -> bool:
        """Return whether a hit in *video* at *start_ms* is this quote."""
        return video == self.video and self.start_ms - slack_ms <= start_ms <= self.end_ms + _LATE_MS


def stage_captions(captions: Path, background: Sequence[Path], most_words: float, folder: Path) -> dict[str, str]:
    """Copy the files to *folder* with an `info.json` file each; return the new names of those in *captions*.

    Files of *background* are copied up to *most_words* words.
    """
    names: dict[str, str] = {}
    for number, file in enumerate([*find_captions([captions]), *_take(find_captions(background), most_words)]):
        name = f"v{number:05d}"
        shutil.copyfile(file, folder / f"{name}.en.vtt")
        info = {"id": name, "extractor_key": "Bench", "title": f"Video {number}", "upload_date": "20260101"}
        info |= {"channel": "Channel", "channel_id": "channel", "webpage_url": f"https://videos.example/{name}"}
        (folder / f"{name}.info.json").write_text(json.dumps(info), "utf-8")
        if file.is_relative_to(captions):
            names[file.stem] = name
    return names


def _take(files: Sequence[Path], most_words: float) -> Iterator[Path]:
    words = 0
    for file in files:
        if words < most_words:
            yield file
            words += sum(len(cue) for _, cue in read_cues(file))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.replace("’", "'")))


def heard_quotes(path: Path, names: dict[str, str]) -> Iterator[Quote]:
    """Yield the quotes of *path* that have eight words."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["words"] == QUOTE_WORDS and row["video"] in names:
            yield Quote(_plain(row["quote"]), names[row["video"]], *(round(1_000 * row[k]) for k in ("start", "end")))


def exact_quotes(folder: Path, names: Sequence[str], number: int) -> Iterator[Quote]:
    """Yield *number* runs of words of the staged captions *names*."""
    chooser = random.Random(5)
    cues = {name: list(read_cues(folder / f"{name}.en.vtt")) for name in names}
    spoken = {name: [(times, word) for times, words in cues[name] for word in words] for name in names}
    for _ in range(number):
        name = chooser.choice(names)
        at = chooser.randrange(len(spoken[name]) - QUOTE_WORDS)
        run = spoken[name][at : at + QUOTE_WORDS]
        start, end = run[0][0].partition(" --> ")[0], run[-1][0].partition(" --> ")[2]
        yield Quote(_plain(" ".join(word for _, word in run)), name, _to_ms(start), _to_ms(end.split()[0]))


def _to_ms(stamp: str) -> int:
    return round(1_000 * sum(float(part) * 60.0**power for power, part in enumerate(reversed(stamp.split(":")))))


def misquote(quotes: Sequence[Quote]) -> Iterator[Quote]:
    """Yield *quotes*, each changed by another kind."""
    kinds = list(KINDS.items())
    for number, quote in enumerate(quotes):
        kind, change = kinds[number % len(kinds)]
        words = change(quote.words.split(), random.Random(f"{kind} {number}"))
        yield Quote(_plain(" ".join(words)), quote.video, quote.start_ms, quote.end_ms)


def recall(quotes: Sequence[Quote], answers: Sequence[Sequence[tuple[str, int]]], slack_ms: int) -> float:
    """Return the share of the first of *quotes*, those with *answers*, that have a right hit among the first ten."""
    pairs = zip(quotes, answers, strict=False)
    right = sum(any(quote.is_right(*hit, slack_ms) for hit in hits[:LIMIT]) for quote, hits in pairs)
    return right / len(answers)


def table(rows: Sequence[dict[str, Any]], quotes: dict[str, list[Quote]], words: int) -> Iterator[str]:
    """Yield the rows of a Markdown table."""
    kinds = list(quotes)
    yield "| tool | index s | bytes/word | " + " | ".join(kinds) + " | p50 ms | p95 ms | command ms |"
    yield "|---|---|---|" + "---|" * (len(kinds) + 3)
    for row in rows:
        slack = {kind: _EARLY_MS + (_CUT_MS if kind == "misquoted" else 0) for kind in kinds}
        found = (f"{recall(quotes[kind], row['answers'][kind], slack[kind]):.3f}" for kind in kinds)
        yield (
            f"| {row['tool']} {row['version']}, {row['search']} | {row['index_s']:.0f} ({row['index_cpu_s']:.0f}) "
            f"| {row['bytes'] / words:.1f} | {' | '.join(found)} "
            f"| {row['p50']:,.1f} ({row['cpu50']:,.1f}) | {row['p95']:,.1f} ({row['cpu95']:,.1f}) "
            f"| {row['command_ms']:,.0f} ({row['command_cpu_ms']:,.0f}) |"
        )


def main() -> None:
    """Prepare captions and quotes, run each tool in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, help="folder of WebVTT files")
    parser.add_argument("quotes", metavar="QUOTES_JSONL", type=Path, help="file of quotes")
    parser.add_argument("--background", metavar="DIR", type=Path, nargs="*", default=[], help="other WebVTT files")
    parser.add_argument("--background-words", metavar="N", type=float, default=3e6, help="at most (default: 3e6)")
    parser.add_argument("--each", metavar="N", type=int, default=100, help="quotes of each kind (default: 100)")
    parser.add_argument("--peers", metavar="VENV", type=Path, help="virtual environment with yt-fts and videogrep")
    parser.add_argument("--tool", choices=list(TOOLS), action="append", help="what to measure (default: all)")
    args = parser.parse_args()
    names = args.tool or [name for name in TOOLS if args.peers or name not in PEERS]
    if not args.peers and set(names) & set(PEERS):
        parser.error("yt-fts and videogrep require --peers")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "captions")
        folder.mkdir()
        staged = stage_captions(args.captions, args.background, args.background_words, folder)
        misheard = list(heard_quotes(args.quotes, staged))
        misheard = random.Random(3).sample(misheard, min(args.each, len(misheard)))
        exact = list(exact_quotes(folder, sorted(staged.values()), len(misheard)))
        quotes = {"exact": exact, "misheard": misheard, "misquoted": list(misquote(misheard))}
        asked = Path(scratch, "quotes.json")
        asked.write_text(json.dumps({kind: [quote.words for quote in each] for kind, each in quotes.items()}), "utf-8")
        words = sum(len(cue) for file in folder.glob("*.vtt") for _, cue in read_cues(file))
        rows = []
        for name in names:
            made = _run(name, folder, asked, Path(scratch, name), args.peers)
            print("\n".join(table(made, quotes, words)), file=sys.stderr)  # so that an interrupted run keeps them
            rows += made
        print("\n".join(table(rows, quotes, words)))
        print(_describe(folder, words, quotes, rows))


def _run(name: str, folder: Path, asked: Path, work: Path, peers: Path | None) -> list[dict[str, Any]]:
    work.mkdir()
    python = str(peers.absolute() / "bin" / "python") if peers and name in PEERS else sys.executable
    command = [python, str(Path(__file__).with_name("peer_tools.py")), name, str(folder), str(asked), str(work)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: measuring {name} failed")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _describe(folder: Path, words: int, quotes: dict[str, list[Quote]], rows: Sequence[dict[str, Any]]) -> str:
    counts = ", ".join(f"{len(each)} {kind}" for kind, each in quotes.items())
    long = sum(len(quote.words) > 40 for quote in quotes["misheard"]) / len(quotes["misheard"])
    timed = ", ".join(
        f"{row['tool']} ({row['search']}): {row['timed']} of {sum(map(len, row['answers'].values()))}" for row in rows
    )
    return (
        f"{len(list(folder.glob('*.vtt')))} files, {words:,} words; {counts} quotes of {QUOTE_WORDS} words.  "
        f"Searches timed: {timed}.  {100 * long:.0f} % of the misheard quotes have more than 40 characters, which "
        "the yt-fts command refuses; it was timed with the first words that fit."
    )


if __name__ == "__main__":
    main()
