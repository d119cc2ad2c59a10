"""Measure captions against DIR of real files: `python bench/captions.py DIR`.

DIR holds `youtube-auto` and `youtube-auto-human` (the same lectures, by machine and by people),
`webvtt-conformance` (the W3C's tests), `odd`, `srt-languages`, and other folders to time.
"""

from __future__ import annotations

import re
import sys
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
    """Print each measure as a table."""
    lectures(folder)
    others(folder)
    conformance(folder / "webvtt-conformance")
    odd(folder / "odd")
    languages(folder / "srt-languages")
    speed(folder)


def lectures(folder: Path) -> None:
    """Compare each automatic track's transcript with what the track says and with what people wrote."""
    print("lecture      words  track's  raw/words  /human  dup-5grams (human)   WER  lost-lines")
    for path in sorted((folder / "youtube-auto").glob("*.vtt")):
        number = path.name.split(".")[0]
        human_path = next((folder / "youtube-auto-human").glob(f"{number}.*"))
        raw = path.read_text(encoding="utf-8")
        transcript = make_transcript(parse_captions(path).cues)
        human = make_transcript(parse_captions(human_path).cues)
        says = _track_says(raw)
        print(
            f"{number:<12}{len(transcript.words):>6}{len(transcript.words) / says:>9.3f}"
            f"{_raw_words(raw) / len(transcript.words):>10.2f}{len(transcript.words) / len(human.words):>9.3f}"
            f"{_repeats(transcript):>11.4f} ({_repeats(human):.4f}){_error_rate(transcript, human):>10.3f}"
            f"{_lost_lines(raw, transcript):>8}"
        )


def others(folder: Path) -> None:
    """Count what other automatic tracks say, and what their transcripts hold."""
    print("\nother automatic tracks: words, of the track's, repeated 5-grams, lost lines")
    for path in sorted((folder / "youtube-auto-other").glob("*.vtt")):
        raw = path.read_text(encoding="utf-8")
        transcript = make_transcript(parse_captions(path).cues)
        share = len(transcript.words) / max(1, _track_says(raw))
        lost = _lost_lines(raw, transcript)
        print(f"{path.name:<12}{len(transcript.words):>6}{share:>9.3f}{_repeats(transcript):>9.4f}{lost:>5}")


def _blocks(raw: str) -> Iterable[list[str]]:
    for block in raw.split("\n\n"):
        lines = block.strip("\n").split("\n")
        if lines and "-->" in lines[0]:
            yield lines[1:]


def _track_says(raw: str) -> int:
    """Count the words on lines with inline times, and of lines of one word that come up new."""
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
    """Tell which share of runs of five tokens stand right behind themselves or twice within 40 tokens."""
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
    """Count lines of the file whose words do not stand in a row in the transcript."""
    said = f" {' '.join(transcript.words)} "
    lines = {" ".join(_TAG.sub("", line).split()) for lines in _blocks(raw) for line in lines}
    return sum(1 for line in lines if f" {_decoded(line)} " not in said and line)


def _decoded(line: str) -> str:
    return " ".join(parse_cue_text(line.replace("<", ""), 0, 0).text.split())


def conformance(folder: Path) -> None:
    """Compare cues with those of the standard's reference parser, which lies beside its tests."""
    tests = folder / "webvtt" / "parsing" / "file-parsing"
    reference = _reference(tests / "tools" / "parser.py")
    paths = sorted((tests / "tests" / "support").glob("*.vtt"))
    through = [path.name for path in paths if _is_right(_expected(reference, path), _read(path), path)]
    parsed = [path.name for path in paths if _is_right(_expected(reference, path), _parsed(path), path)]
    refused = sorted((tests / "support").glob("*.vtt"))
    right = [path for path in refused if _read(path) is None]
    print(f"\nWebVTT conformance: {len(through)} of {len(paths)} files give the standard's cues")
    print(f"  through read_captions: {len(parsed)} of {len(paths)}")
    print(f"  {len(right)} of {len(refused)} files without a valid signature refused as WebVTT")
    for path in paths:
        if path.name not in through or path.name not in parsed:
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
    """Compare with the reference parser; where that breaks the test's own assertions, with those."""
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
    """Read every odd file: cues or a clear error."""
    print("\nodd files")
    for path in sorted(folder.iterdir()):
        began = time.perf_counter()
        try:
            parsed = parse_captions(path)
            answer = f"{parsed.format}: {len(parsed.cues)} cues {'; '.join(parsed.warnings)}"
        except CaptionError as error:
            answer = f"error: {error.reason[:70]}"
        print(f"  {path.name[:52]:<54}{time.perf_counter() - began:>6.2f} s  {answer}")


def languages(folder: Path) -> None:
    """Check that SRT in every script keeps every letter, in UTF-8 and in the code pages of old."""
    print("\nSRT: letters kept as UTF-8, as UTF-16, in an old code page")
    for path in sorted(folder.glob("*.srt")):
        text = path.read_text(encoding="utf-8-sig")
        wanted = _letters(re.sub(r"^\d+$|^.*-->.*$|<[^<>]*>", "", text, flags=re.MULTILINE))
        kept = [_kept(wanted, text.encode(name)) for name in ("utf-8", "utf-16")]
        old = [name for name in _OLD if _encodes(text, name)][:1]
        page = f"{old[0]} {_kept(wanted, text.encode(old[0])):.4f}" if old else "-"
        print(f"  {path.name:<22}{kept[0]:>8.4f}{kept[1]:>8.4f}   {page}")


_OLD = ("iso-8859-1", "cp1250", "cp1251", "cp1254", "cp1256", "shift_jis")


def _encodes(text: str, name: str) -> bool:
    try:
        text.encode(name)
    except UnicodeEncodeError:
        return False
    return True


def _letters(text: str) -> Counter[str]:
    return Counter(char for char in text if unicodedata.category(char)[0] in "LMN")


def _kept(wanted: Counter[str], raw: bytes) -> float:
    found = _letters(" ".join(cue.text for cue in parse_captions(raw).cues))
    return (wanted & found).total() / max(wanted.total(), found.total(), 1)


def speed(folder: Path) -> None:
    """Time bytes to cues, and cues to transcript with and without the folding."""
    print("\nspeed (median of 7)              cues/s    words/s to transcript    without fold")
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
    main(Path(sys.argv[1]))
