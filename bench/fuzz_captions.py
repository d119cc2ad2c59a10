"""Fuzz all caption parsers for a number of seconds.

    python bench/fuzz_captions.py SECONDS [SEED]

Generates files of every format, corrupts them, and parses them.  The run fails if a parser raises anything other than
`CaptionError`, takes more than 5 s per MB, or if the transcript is not in order.  The file that caused the failure
is written to `fuzz-failure.bin` in the working directory.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter
from pathlib import Path

from vidindex.errors import CaptionError
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.export import EXPORT_FORMATS, export_transcript
from vidindex.transcripts.formats import parse_captions

_STAMPS = (
    "00:00:0{0}.000",
    "{0}:00.5",
    "0{0}:00:00,000",
    "00:00:0{0}:1{0}",
    "{0}s",
    "{0}t",
    "99999999:00:00.000",
    "-1",
    "",
)
_TEXTS = (
    "one two three", "[applause]", "♪ la la ♪", ">> JON: HELLO", "- no.", "<v Ann>hi</v>", "a<00:00:01.000><c> b</c>",
    "&amp;&lt;&#x110000;&#0;", "<b><i><rt>x</rt>", "( LAUGHTER", "\u202e\ufeff\0", "日本語です。", "no.\nno.", "", " ", "{\\an8}{y:i}",  # noqa: E501
    "]]>", "<![CDATA[x", "a" * 300, "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
)  # fmt: skip
_PIECES = (
    "WEBVTT\n\n", "\n\n", "\n", " --> ", "-->", "<", ">", "&", "{", "}", "[", "]", '"', "\\", "\0", "\r", "<c>", "</c>", "<tt ",  # noqa: E501
    "<p ", "</p>", "<br/>", 'begin="', "<sync start=", "[00:01.00]", "{1}{2}", "Dialogue: ", "NOTE ", "STYLE\n", '"segs":', "[[[[",  # noqa: E501
    "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "9" * 40, "\x0b", "\u2028", "1e999",  # noqa: E501
)  # fmt: skip


def make_file(rng: random.Random) -> str:
    """Return a file of a random format with unusual content."""
    count = rng.choice((0, 1, 2, 5, 30))
    cues = [(_stamp(rng), _stamp(rng), rng.choice(_TEXTS)) for _ in range(count)]
    number = rng.randrange(1, 100)
    makers = (
        lambda: "WEBVTT\n\n" + "\n\n".join(f"{a} --> {b}\n{t}" for a, b, t in cues),
        lambda: "\n\n".join(f"{n}\n{a} --> {b}\n{t}" for n, (a, b, t) in enumerate(cues)),
        lambda: "\n\n".join(f"{a},{b}\n{t}" for a, b, t in cues),
        lambda: "<tt><body><div>" + "".join(f'<p begin="{a}" end="{b}">{t}</p>' for a, b, t in cues) + "</div></body></tt>",  # noqa: E501
        lambda: '{"events":[' + ",".join(f'{{"tStartMs":{number},"segs":[{{"utf8":"{t}"}}]}}' for *_, t in cues) + "]}",
        lambda: "<timedtext><body>" + "".join(f'<p t="{number}" d="9"><s t="{a}">{t}</s></p>' for a, _, t in cues) + "</body></timedtext>",  # noqa: E501
        lambda: "<transcript>" + "".join(f'<text start="{a}" dur="{b}">{t}</text>' for a, b, t in cues) + "</transcript>",  # noqa: E501
        lambda: "[Script Info]\n[Events]\n" + "\n".join(f"Dialogue: 0,{a},{b},D,N,0,0,0,,{t}" for a, b, t in cues),
        lambda: "\n".join(f"[{a[3:]}]{t}" for a, _, t in cues),
        lambda: "<SAMI><BODY>" + "".join(f"<SYNC Start={number}><P Class=X>{t}" for *_, t in cues),
        lambda: "\n".join(f"{{{number}}}{{{number + 9}}}{t}" for *_, t in cues),
        lambda: '{"segments":[' + ",".join(f'{{"start":{number},"end":{number},"text":"{t}","words":[{{"word":"x"}}]}}' for *_, t in cues) + "]}",  # noqa: E501
        lambda: "\n".join(f"[{number}][{number + 9}]{t}" for *_, t in cues),
        lambda: "\n".join(f"00:00:{n:02}:{t}" for n, (*_, t) in enumerate(cues)),
        lambda: "\n".join(f"{a}\n{t}" for a, _, t in cues),
        lambda: "\n\n".join(f"Ann Lee  0:{n:02}\n{t}" for n, (*_, t) in enumerate(cues)),
        lambda: "Scenarist_SCC V1.0\n\n" + "\n\n".join(f"00:00:{n:02}:00\t9420 9470 {_make_pairs(t)} 942f" for n, (*_, t) in enumerate(cues)),  # noqa: E501
        lambda: "850STL25.01".ljust(1024) + "".join(f"\0\0{chr(n)}\xff\0\0\0{chr(n)}\1\0\0{chr(n)}\2\0\0\0{t}"[:128].ljust(128, "\x8f") for n, (*_, t) in enumerate(cues)),  # noqa: E501
        lambda: "\n".join(f"00:00:{n:02}:00 , 00:00:{n:02}:20 , {t}" for n, (*_, t) in enumerate(cues)),
        lambda: '{"words":[' + ",".join(f'{{"text":"{t}","start":{number * n},"end":{number * n + 9}}}' for n, (*_, t) in enumerate(cues)) + "]}",  # noqa: E501
        lambda: '{"results":{"items":[' + ",".join(f'{{"start_time":"{n}","alternatives":[{{"content":"{t}"}}]}}' for n, (*_, t) in enumerate(cues)) + "]}}",  # noqa: E501
        lambda: '[{"start":"' + '"},{"start":"'.join(f'{a}","dur":"{b}","text":"{t}' for a, b, t in cues) + '"}]',
    )  # fmt: skip
    return rng.choice(makers)()


def _make_pairs(text: str) -> str:
    """Return the characters of *text* as SCC writes them."""
    codes = "".join(f"{ord(char) & 0x7F:02x}" for char in text) + "80"
    return " ".join(codes[at : at + 4].ljust(4, "0") for at in range(0, len(codes), 4))


def _stamp(rng: random.Random) -> str:
    return rng.choice(_STAMPS).format(rng.randrange(10))


def corrupt(text: str, rng: random.Random) -> bytes:
    """Cut, repeat, insert and splice at random in *text*, then encode it in a random encoding."""
    for _ in range(rng.choice((0, 0, 1, 2, 8))):
        at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        change = rng.randrange(5)
        if change == 0:
            text = text[:at] + text[to:]
        elif change == 1:
            text = text[:at] + rng.choice(_PIECES) + text[at:]
        elif change == 2:
            text = text[:to] + text[at:to] * rng.choice((1, 2, 50)) + text[to:]
        elif change == 3:
            text = text[:at] + rng.choice(_PIECES) * rng.choice((2, 30, 3000)) + text[at:]
        else:
            text = text[:at] + chr(rng.choice((0, 9, 13, 0x85, 0x3000, 0xFEFF, 0x1F600, 0xD7FF))) + text[to:]
        text = text[: 1 << 20]
    raw = text.encode(rng.choice(("utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig", "latin-1")), "replace")
    for _ in range(rng.choice((0, 0, 0, 1, 5))):
        if raw:
            at = rng.randrange(len(raw))
            raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :]
    return raw


def _check(raw: bytes, outcomes: Counter[str]) -> float:
    """Parse *raw*, check the result, and return the CPU time of parsing and of making the transcript."""
    began = time.process_time()
    try:
        parsed = parse_captions(raw, format="txt" if len(raw) % 2 else None)
        transcript = make_transcript(parsed.cues)
    except CaptionError:
        outcomes["error"] += 1
        return time.process_time() - began
    outcomes[parsed.format] += 1
    took = time.process_time() - began
    count = len(transcript.words)
    assert count == len(transcript.starts_ms) == len(transcript.ends_ms)
    assert list(transcript.starts_ms) == sorted(transcript.starts_ms)
    assert all(0 <= start <= end < 1 << 53 for start, end in zip(transcript.starts_ms, transcript.ends_ms, strict=True))
    assert all(0 <= origin < count and origin not in transcript.sounds for origin in transcript.word_index)
    if len(raw) < 20_000:
        for name in EXPORT_FORMATS:
            export_transcript(transcript, name)
    return took


def main(seconds: float, seed: int) -> None:
    """Fuzz for *seconds*, and print a summary."""
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    slowest, end = 0.0, time.monotonic() + seconds
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while time.monotonic() < end:
        raw = corrupt(make_file(rng), rng)
        try:
            took = _check(raw, outcomes)
            assert took < max(1.0, 5.0 * len(raw) / (1 << 20)), f"{took:.1f} s for {len(raw)} bytes"
        except BaseException:
            Path("fuzz-failure.bin").write_bytes(raw)
            raise
        slowest = max(slowest, took)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
    print(f"{outcomes.total()} files in {seconds:.0f} s, slowest {slowest:.2f} s, memory grew by {grown // 1024} MB")
    print(", ".join(f"{name} {count}" for name, count in outcomes.most_common()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", metavar="SECONDS", type=float, help="duration of the run")
    parser.add_argument("seed", metavar="SEED", type=int, nargs="?", help="seed to repeat a run (default: the time)")
    args = parser.parse_args()
    seed = time.time_ns() if args.seed is None else args.seed
    print(f"seed {seed}")
    main(args.seconds, seed)
