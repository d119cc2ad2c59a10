"""Measure the caption parsers and the transcripts on a folder of real files.

    python bench/captions.py DIR

DIR contains `youtube-auto` and `youtube-auto-human` (the same lectures with automatic and with human captions),
`youtube-auto-other`, `webvtt-conformance` (the tests of the W3C), `odd`, `srt-languages`, and `youtube-manual` and
`ttml-smpte`, which are only timed.
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import util
from pathlib import Path
from statistics import median
from typing import Any

from rapidfuzz.distance import Levenshtein

from vidindex.errors import CaptionError
from vidindex.model import Transcript
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import ParseResult, parse_captions
from vidindex.transcripts.formats.cue_text import parse_cue_text
from vidindex.transcripts.formats.parse_result import ParseWarnings
from vidindex.transcripts.formats.webvtt import parse_cues as read_webvtt
from vidindex.transcripts.normalize import normalize_words

_TAG = re.compile(r"<[^<>]*>")


def main(folder: Path) -> None:
    """Run all measurements and print each as a table."""
    lectures(folder)
    others(folder)
    conformance(folder / "webvtt-conformance")
    odd(folder / "odd")
    languages(folder / "srt-languages")
    speed(folder)


def lectures(folder: Path) -> None:
    """Compare the transcript of each automatic track with the words of the track and with human captions."""
    print("lecture      words   /track  raw/words  /human  dup-5grams (human)   WER  lost-lines")
    for path in sorted((folder / "youtube-auto").glob("*.vtt")):
        number = path.name.split(".")[0]
        human_path = next((folder / "youtube-auto-human").glob(f"{number}.*"))
        raw = path.read_text(encoding="utf-8")
        transcript = make_transcript(parse_captions(path).cues)
        human = make_transcript(parse_captions(human_path).cues)
        track_words = _count_track_words(raw)
        print(
            f"{number:<12}{len(transcript.words):>6}{len(transcript.words) / track_words:>9.3f}"
            f"{_raw_words(raw) / len(transcript.words):>10.2f}{len(transcript.words) / len(human.words):>9.3f}"
            f"{_repeats(transcript):>11.4f} ({_repeats(human):.4f}){_error_rate(transcript, human):>10.3f}"
            f"{_lost_lines(raw, transcript):>8}"
        )


def others(folder: Path) -> None:
    """Compare the transcripts of other automatic tracks with the words of the tracks."""
    print("\nother automatic tracks: words, words / words of the track, repeated 5-grams, lost lines")
    for path in sorted((folder / "youtube-auto-other").glob("*.vtt")):
        raw = path.read_text(encoding="utf-8")
        transcript = make_transcript(parse_captions(path).cues)
        share = len(transcript.words) / max(1, _count_track_words(raw))
        lost = _lost_lines(raw, transcript)
        print(f"{path.name:<12}{len(transcript.words):>6}{share:>9.3f}{_repeats(transcript):>9.4f}{lost:>5}")


def _blocks(raw: str) -> Iterable[list[str]]:
    for block in raw.split("\n\n"):
        lines = block.strip("\n").split("\n")
        if lines and "-->" in lines[0]:
            yield lines[1:]


def _count_track_words(raw: str) -> int:
    """Count the words of lines with inline times, and of lines without them that are shown for the first time."""
    count = 0
    shown: list[str] = []
    for lines in _blocks(raw):
        texts = [_TAG.sub("", line).strip() for line in lines]
        last = texts[-1] if texts else ""
        has_times = [bool(re.search(r"<\d", line)) for line in lines]
        if any(has_times[-1:]) or (len(texts) > 1 and texts != shown and not any(has_times)):
            count += len(last.split())
        shown = texts
    return count


def _raw_words(raw: str) -> int:
    return sum(len(_TAG.sub("", line).split()) for lines in _blocks(raw) for line in lines)


def _repeats(transcript: Transcript) -> float:
    """Return the share of 5-grams of tokens that occur again within 40 tokens."""
    tokens = transcript.tokens
    seen: dict[tuple[str, ...], int] = {}
    twice = 0
    for at in range(len(tokens) - 4):
        run = tokens[at : at + 5]
        twice += at - seen.get(run, -1000) < 40
        seen[run] = at
    return twice / max(1, len(tokens) - 4)


def _error_rate(transcript: Transcript, human: Transcript) -> float:
    return Levenshtein.distance(transcript.tokens, human.tokens) / len(human.tokens)


def _lost_lines(raw: str, transcript: Transcript) -> int:
    """Count the lines of the file whose words are not consecutive in the transcript."""
    spoken = f" {' '.join(transcript.words)} "
    lines = {" ".join(_TAG.sub("", line).split()) for lines in _blocks(raw) for line in lines}
    return sum(1 for line in lines if f" {_decoded(line)} " not in spoken and line)


def _decoded(line: str) -> str:
    return " ".join(parse_cue_text(line.replace("<", ""), 0, 0).text.split())


def conformance(folder: Path) -> None:
    """Compare the cues with those of the reference parser of the W3C, which is next to the tests."""
    tests = folder / "webvtt" / "parsing" / "file-parsing"
    reference = _reference(tests / "tools" / "parser.py")
    paths = sorted((tests / "tests" / "support").glob("*.vtt"))
    parsed_as_webvtt = [path.name for path in paths if _is_right(_expected(reference, path), _read(path), path)]
    parsed = [path.name for path in paths if _is_right(_expected(reference, path), _parsed(path), path)]
    invalid = sorted((tests / "support").glob("*.vtt"))
    rejected = [path for path in invalid if _read(path) is None]
    print(f"\nWebVTT conformance: {len(parsed_as_webvtt)} of {len(paths)} files have the cues of the reference parser")
    print(f"  with format detection: {len(parsed)} of {len(paths)}")
    print(f"  files without a valid signature rejected: {len(rejected)} of {len(invalid)}")
    for path in paths:
        if path.name not in parsed_as_webvtt or path.name not in parsed:
            print("  differs:", path.name, _expected(reference, path), _read(path), sep="\n    ")


def _reference(path: Path) -> Any:
    spec = util.spec_from_file_location("reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Cues = list[tuple[int, int, str]]


def _is_right(expected: Cues, cues: Cues | None, path: Path) -> bool:
    """Compare *cues* with the reference parser, or with the assertions of the test if the parser violates them."""
    page = (path.parent.parent / f"{path.stem}.html").read_text(encoding="utf-8")
    count = re.search(r"assert_equals\(cues.length, (\d+)", page)
    if count and int(count[1]) != len(expected):
        return cues is not None and len(cues) == int(count[1]) and cues[: len(expected)] == expected
    return cues == expected


def _expected(reference: Any, path: Path) -> Cues:
    parser = reference.VTTParser(path.read_bytes().decode("utf-8-sig"))
    parser.parse()
    cues = [(round(cue.start_time * 1000), round(cue.end_time * 1000), cue.text) for cue in parser.text_tracks]
    return [(start, max(start, end), parse_cue_text(raw, start, end).text) for start, end, raw in cues]


def _read(path: Path) -> Cues | None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return [(cue.start_ms, cue.end_ms, cue.text) for cue in read_webvtt(text, ParseWarnings())]
    except ValueError:
        return None


def _parsed(path: Path) -> Cues | None:
    try:
        return [(cue.start_ms, cue.end_ms, cue.text) for cue in parse_captions(path).cues]
    except CaptionError:
        return None


def odd(folder: Path) -> None:
    """Parse each unusual file, and print the number of cues or the error."""
    print("\nunusual files")
    for path in sorted(folder.iterdir()):
        began = time.perf_counter()
        try:
            parsed = parse_captions(path)
            result = f"{parsed.format}: {len(parsed.cues)} cues {'; '.join(parsed.warnings)}"
        except CaptionError as error:
            result = f"error: {error.reason[:70]}"
        print(f"  {path.name[:52]:<54}{time.perf_counter() - began:>6.2f} s  {result}")


def languages(folder: Path) -> None:
    """Check that SRT files of every script keep all letters, in UTF-8, UTF-16 and legacy code pages."""
    print("\nSRT, share of letters kept: UTF-8, UTF-16, legacy code page")
    for path in sorted(folder.glob("*.srt")):
        text = path.read_text(encoding="utf-8-sig")
        wanted = _letters(re.sub(r"^\d+$|^.*-->.*$|<[^<>]*>", "", text, flags=re.MULTILINE))
        kept = [_share_kept(wanted, text.encode(name)) for name in ("utf-8", "utf-16")]
        legacy = [name for name in _LEGACY_ENCODINGS if _can_encode(text, name)][:1]
        page = f"{legacy[0]} {_share_kept(wanted, text.encode(legacy[0])):.4f}" if legacy else "-"
        print(f"  {path.name:<22}{kept[0]:>8.4f}{kept[1]:>8.4f}   {page}")


_LEGACY_ENCODINGS = ("iso-8859-1", "cp1250", "cp1251", "cp1254", "cp1256", "shift_jis")


def _can_encode(text: str, name: str) -> bool:
    try:
        text.encode(name)
    except UnicodeEncodeError:
        return False
    return True


def _letters(text: str) -> Counter[str]:
    return Counter(char for char in text if unicodedata.category(char)[0] in "LMN")


def _share_kept(wanted: Counter[str], raw: bytes) -> float:
    found = _letters(" ".join(cue.text for cue in parse_captions(raw).cues))
    return (wanted & found).total() / max(wanted.total(), found.total(), 1)


def speed(folder: Path) -> None:
    """Time parsing, and making transcripts with and without the normalization of words."""
    print("\nspeed (median of 7)              cues/s    words/s to transcript   without norm.")
    for name in ("youtube-auto", "youtube-manual", "youtube-auto-human", "ttml-smpte"):
        raws = [path.read_bytes() for path in sorted((folder / name).iterdir())]
        seconds, parsed = _timed(lambda raws=raws: [parse_captions(raw) for raw in raws])
        made, transcripts = _timed(lambda parsed=parsed: [make_transcript(one.cues) for one in parsed])
        words = [transcript.words for transcript in transcripts]
        folding, _ = _timed(lambda words=words: [normalize_words(one) for one in words])
        cues, count = _count(parsed), sum(map(len, words))
        bare = count / max(made - folding, 1e-9)
        print(f"  {name:<24}{cues / seconds:>14,.0f}{count / made:>20,.0f}{bare:>20,.0f}")


def _count(parsed: Sequence[ParseResult]) -> int:
    return sum(len(one.cues) for one in parsed)


def _timed(run: Any) -> tuple[float, Any]:
    seconds = []
    for _ in range(7):
        began = time.process_time()
        value = run()
        seconds.append(time.process_time() - began)
    return median(seconds), value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of caption files")
    main(parser.parse_args().folder)
