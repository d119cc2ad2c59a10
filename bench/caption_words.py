"""Compare the words of transcripts with a plain reading of the same caption files.

    python bench/caption_words.py DIR

The plain reading knows no format: it removes tags, times and numbers of cues, and drops a line that was among the last
few.  For each file of any caption format in DIR, the table states which share of its words is kept in order, how many
words of the transcript come twice where the plain reading has them once, and how many are lost.  The labels of
speakers and sounds count as words.  Files that the parsers refuse are counted.
"""

from __future__ import annotations

import argparse
import html
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Indel

from vidindex.errors import CaptionError
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import ParseResult, parse_captions
from vidindex.transcripts.formats.encoding import decode_captions
from vidindex.transcripts.formats.parse_result import ParseWarnings

_TEXT_KEYS = frozenset({"utf8", "text", "body", "content", "transcript", "punctuated_word", "word", "value", "display"})
_BLOCK_TAG = re.compile(r"</?(?:p|br|div|tt:p|tt:br|text|sync|body)\b[^<>]*>|\\[Nn]", re.IGNORECASE)
_HEAD = re.compile(r"<((?:tt:)?head|style)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<[^<>]*>|\{[^{}]*\}|\[\d+[:\d.]*\](?:\[\d*\])?")
_TIMES = re.compile(
    r"^\D{0,3}(?:\d{1,2}:)?\d{1,2}:\d{2}.*-->.*$|^[\d:.,; ]+$|^\d+:\d\d:\d\d[.:]\d+ ?,.*?\d ?,?", re.MULTILINE
)
_BLOCKS_WITHOUT_TEXT = re.compile(r"^(?:NOTE|STYLE|REGION|WEBVTT)\b[^\n]*(?:\n[^\n]+)*", re.MULTILINE)
_DIALOGUE = re.compile(r"^Dialogue:(?:[^,\n]*,){9}", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ROLLING_LINES = 6  # a line that was among so many before it is on the display still
_MAX_WORDS = 20_000  # of a file: comparing takes quadratic time
_NEAR_WORDS = 40


@dataclass(slots=True)
class Counts:
    """The words of a file, or of several."""

    plain: int = 0
    kept: int = 0
    doubled: int = 0
    lost: int = 0

    def add(self, other: Counts) -> None:
        """Add the words of another file."""
        self.plain += other.plain
        self.kept += other.kept
        self.doubled += other.doubled
        self.lost += other.lost

    def __str__(self) -> str:
        share = self.kept / max(1, self.plain)
        return f"{self.plain:>9,}{share:>9.4f}{self.doubled:>9,}{self.lost:>9,}"


def main(folder: Path) -> None:
    """Print a line for each file that differs, and the totals of each format."""
    totals: dict[str, Counts] = {}
    files: dict[str, int] = {}
    refused = 0
    print(f"{'words':>9}{'kept':>9}{'doubled':>9}{'lost':>9}  file")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            parsed = parse_captions(path)
        except CaptionError:
            refused += 1
            continue
        counts = compare(path, parsed)
        totals.setdefault(parsed.format, Counts()).add(counts)
        files[parsed.format] = files.get(parsed.format, 0) + 1
        if counts.lost or counts.doubled:
            print(f"{counts}  {path.relative_to(folder)}")
    print()
    for name, counts in sorted(totals.items()):
        print(f"{counts}  {name}, {files[name]} files")
    print(f"{refused} files refused")


def compare(path: Path, parsed: ParseResult) -> Counts:
    """Compare the words of the transcript with those of the plain reading."""
    plain = list(_words(_read_lines(path.read_bytes())))[:_MAX_WORDS]
    transcript = [word for text in make_transcript(parsed.cues).words for word in _words([text])][:_MAX_WORDS]
    counts = Counts(plain=len(plain))
    for change in Indel.opcodes(plain, transcript):
        if change.tag == "equal":
            counts.kept += change.src_end - change.src_start
        elif change.tag == "delete":
            counts.lost += change.src_end - change.src_start
        elif change.tag == "insert":
            near = transcript[max(0, change.dest_start - _NEAR_WORDS) : change.dest_start]
            counts.doubled += sum([word in near for word in transcript[change.dest_start : change.dest_end]])
    return counts


def _words(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from _WORD.findall(line.casefold())


def _read_lines(raw: bytes) -> Iterator[str]:
    """Yield the lines of the plain reading: those that were not shown shortly before."""
    shown: deque[str] = deque(maxlen=_ROLLING_LINES)
    for line in _plain_text(raw).split("\n"):
        text = " ".join(line.split())
        if text and text not in shown:
            yield text
        if text:
            shown.append(text)


def _plain_text(raw: bytes) -> str:
    text = decode_captions(raw, ParseWarnings()).replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip()[:1] in "{[":
        try:
            return "\n".join(_json_texts(json.loads(text)))
        except ValueError:
            pass
    text = _DIALOGUE.sub("", _BLOCKS_WITHOUT_TEXT.sub("", _HEAD.sub("", text)))
    return html.unescape(_TIMES.sub("", _MARKUP.sub("", _BLOCK_TAG.sub("\n", text))))


def _json_texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        segments = value.get("segs")
        if isinstance(segments, list):
            yield "".join([str(part.get("utf8", "")) for part in segments if isinstance(part, dict)])
            return
        for key, item in value.items():
            if isinstance(item, str) and key in _TEXT_KEYS:
                yield item
            elif not (key == "words" and "text" in value):
                yield from _json_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _json_texts(item)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of caption files")
    main(parser.parse_args().folder)
