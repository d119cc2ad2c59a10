"""Measure how well words are found in any language, as they are captioned and as people spell them otherwise.

    python bench/languages.py CAPTIONS_DIR [--quotes 120] [--engine tantivy]

Each caption file is indexed by itself.  Runs of 3 to 8 words are cut from it at random and searched as they are, and in
each other spelling that changes them.  A hit is correct if it is among the first ten and within 3 s of the words.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import vidindex

_SLACK_MS = 3_000
_WANTED = 0.97
_SHORTEST_CHARS = 6

_HANGUL = re.compile("[\uac00-\ud7a3]")
_HAN = re.compile("[\u4e00-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")
_HIRAGANA_TO_KATAKANA = {code: code + 96 for code in range(0x3041, 0x3097)}
_KATAKANA_TO_HIRAGANA = {after: before for before, after in _HIRAGANA_TO_KATAKANA.items()}
_DIGITS = {"Arabic": 0x660, "Persian": 0x6F0, "Devanagari": 0x966, "full-width": 0xFF10}


def _strip_marks(text: str) -> str:
    """Remove the marks of Latin, Greek and Cyrillic letters."""
    kept = (c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", "".join(kept))


def _replace(pairs: dict[str, str]) -> Callable[[str], str]:
    table = str.maketrans(pairs)
    return lambda text: text.translate(table)


def _write_digits(zero: int) -> Callable[[str], str]:
    return lambda text: "".join(chr(zero + unicodedata.digit(c)) if c.isdecimal() else c for c in text)


def _without_spaces(text: str) -> str:
    return text.replace(" ", "") if _HANGUL.search(text) or _KANA.search(text) or _HAN.search(text) else text


def _convert_han(config: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        import opencc

        return str(opencc.OpenCC(config).convert(text)) if _HAN.search(text) and not _KANA.search(text) else text

    return convert


SPELLINGS: dict[str, Callable[[str], str]] = {
    "exact": lambda text: text,
    "capitals": str.upper,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "without accents": _strip_marks,
    "without spaces": _without_spaces,
    "ae, oe, ue": _replace({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae"}),
    "aa, dj": _replace({"å": "aa", "đ": "dj"}),
    "dotless i": _replace({"ı": "i", "İ": "I", "ş": "s", "ğ": "g", "ç": "c"}),
    "apostrophes": lambda text: text.replace("\u2019", "'").replace("'", "\u02bc"),
    "without apostrophes": lambda text: re.sub("(?<=[\u0400-\u04ff])['\u2019\u02bc](?=[\u0400-\u04ff])", "", text),
    "Ukrainian g": _replace({"\u0491": "\u0433"}),
    "Russian yo": _replace({"\u0451": "\u0435"}),
    "Arabic alef, yeh": _replace({"\u0623": "\u0627", "\u0625": "\u0627", "\u0622": "\u0627", "\u064a": "\u06cc"}),
    "Arabic teh, kaf": _replace({"\u0629": "\u0647", "\u0643": "\u06a9"}),
    "tatweel": lambda text: re.sub("([\u0633\u0634\u0628\u062a])(?=[\u0621-\u064a])", "\\1\u0640", text),
    "candrabindu": _replace({"\u0901": "\u0902"}),
    "anusvara": _replace({"\u0902": "\u0901"}),
    "hiragana": lambda text: text.translate(_KATAKANA_TO_HIRAGANA),
    "katakana": lambda text: text.translate(_HIRAGANA_TO_KATAKANA),
    "simplified": _convert_han("t2s"),
    "traditional": _convert_han("s2t"),
    **{f"{name} digits": _write_digits(zero) for name, zero in _DIGITS.items()},
}
"""Other spellings; one that leaves a quote as it is does not count."""


def main() -> None:
    """Print recall for each file and spelling; exit with 1 if one is below what is wanted."""
    args = _arguments()
    is_good = True
    for path in sorted(path for path in args.captions.rglob("*") if path.is_file()):
        for name, found, tried in measure(path, args.quotes, engine=args.engine):
            share = found / tried
            is_good = is_good and share >= _WANTED
            print(f"{path.name:30} {name:22} {found:4} of {tried:4}  {share:.3f}{'' if share >= _WANTED else '  LOW'}")
    sys.exit(0 if is_good else 1)


def measure(path: Path, count: int, *, engine: str) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each spelling, how many of its quotes were found, and how many there were."""
    with tempfile.TemporaryDirectory() as folder, vidindex.open(folder, engine=engine) as index:
        index.add(path)
        video = next(iter(index.videos()), None)
        if video is None:
            print(f"{path.name}: no captions")
            return
        transcript = index.transcript(video.id)
        quotes = list(cut_quotes(transcript, count))
        for name, respell in SPELLINGS.items():
            changed = [
                (respell(quote), start_ms) for quote, start_ms in quotes if name == "exact" or respell(quote) != quote
            ]
            if changed:
                yield name, sum(_is_found(index, quote, start_ms) for quote, start_ms in changed), len(changed)


def cut_quotes(transcript: vidindex.Transcript, count: int) -> Iterator[tuple[str, int]]:
    """Yield *count* runs of words at random, with the time of their first word."""
    chooser = random.Random(1)
    words = transcript.words
    for _ in range(count):
        size = chooser.choice((3, 6, 8))
        at = chooser.randrange(max(1, len(words) - size))
        quote = " ".join(words[at : at + size])
        if len(quote) >= _SHORTEST_CHARS:
            yield quote, transcript.starts_ms[at]


def _is_found(index: vidindex.Index, quote: str, start_ms: int) -> bool:
    hits = index.search(quote, limit=10)
    return any(hit.start_ms - _SLACK_MS <= start_ms <= hit.end_ms + _SLACK_MS for hit in hits)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, help="folder of caption files")
    parser.add_argument("--quotes", metavar="N", type=int, default=120, help="quotes of each file (default: 120)")
    parser.add_argument("--engine", default="auto", help="engine to measure")
    return parser.parse_args()


if __name__ == "__main__":
    main()
