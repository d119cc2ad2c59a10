"""Fuzz captions, pages, lists and queries with hostile input, and print the peak memory of each.

    python bench/fuzz.py SECONDS [--kind KIND] [--seed SEED]

SECONDS are divided among the kinds; each runs in a process of its own.  Inputs are corrupted files, and files of up to
16 MB that repeat one piece.  A run fails if an input raises anything other than the errors that the library documents,
takes more than 10 s of CPU time, or brings the process or a child above 400 MB.  The input that caused the failure is
written to `fuzz-failure.bin` in the working directory.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import vidindex
from vidindex.errors import VidindexError
from vidindex.ingest.lists import read_list
from vidindex.pages.embeds import discover_page
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import parse_captions
from vidindex.verify.quotations import extract_quotations

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.fuzz_captions import corrupt, make_file

MAX_MEMORY_MB = 400
MAX_CPU_S = 10.0
_MAX_LARGE_BYTES = 16 << 20
_LARGE_EVERY = 40
"""One of so many inputs is large."""

Check = Callable[[bytes], str]
"""Handles one input and returns the name of what came out of it."""

_SAMPLES = Path(__file__).parents[1] / "samples"
_FILLERS = (
    "\0", " ", "\n", "7\n", "a", "a ", "é", "\u0301", "😀", "\u3000", "'", '"', "“", "…", "...", "[...]", "-", "(",
    ")", "&", "&amp;", "<", ">",
)  # fmt: skip

_CAPTION_PIECES = (
    "[00:01.00]", "[00:01.00]\n", "1\n00:00:01,000 --> 00:00:02,000\na\n\n", "00:01.000 --> 00:02.000\n\n", "-->",
    "00:00:00.000 ", "<c>", "<v A>", "<00:00:01.000>", "{1}{2}a\n", "<p begin='1s'>a</p>", '<p t="1">a</p>', "<s>",
    "<Sync Start=1><P>a", "Dialogue: 0,0:00:01.00,0:00:02.00,D,N,0,0,0,,a\n", '{"tStartMs":1,"segs":[{"utf8":"a"}]},',
    "{},", "[],", '"a",', "1,", "twenty one ", "0:00:01.000,0:00:02.000\na\n\n", "♪", "[a] ", ">> ", "NOTE\n\n", "\r",
)  # fmt: skip
_CAPTION_HEADS = (
    "", "WEBVTT\n\n", "WEBVTT\n\n00:01.000 --> 99:00:00.000\n", "<tt><body>", "<timedtext><body>", "<SAMI>",
    '{"events":[', '{"segments":[', "[Script Info]\n[Events]\n", "1\n00:00:01,000 --> 00:00:02,000\n", "{1}{2}",
    "[00:00.00]", "0:00:01.000,0:00:02.000\n", "<transcript>",
)  # fmt: skip
_PAGE_PIECES = (
    "<a>", "<a href='/x'>y</a>", "<p>", "<p>text, text</p>", "<div>", "</div>",
    "<iframe src=//www.youtube.com/embed/dQw4w9WgXcQ></iframe>", "<iframe", "<script>",
    "<script type='application/ld+json'>{\"@graph\":[", "{},", "[", "<video src=a.mp4>",
    "<meta property=og:url content=", "<embed", "<object data=", "<!--", "-->", "<blockquote>",
    "[youtube dQw4w9WgXcQ]", "[embed]http://a/b[/embed]", "<h2>", "<link rel=canonical href=http://a/>",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ ", "%25", " x=y", "<table><tr><td>", "<svg>", "<template>",
    "\\u003c", "<b><i>", "<time datetime=2012-01-01>",
)  # fmt: skip
_LIST_PIECES = (
    "<a>", "<item>", "<item><link>http://a.example/1</link></item>", "<entry>",
    "<url><loc>http://a.example/1</loc></url>", "<sitemap><loc>", "<outline xmlUrl='http://a/'>", "<outline>",
    "<DT><A HREF='http://a.example/1'>x</A>", "http://a.example/1\n", "http://a.example/1,x,y\n", ",", '"', "\t",
    "{},", '{"url":"http://a.example/1"}\n', "[", "&lt;", " a='b'", "<![CDATA[", "]]>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "# \n", "\r", "\u2028",
)  # fmt: skip
_LIST_HEADS = (
    "", "<rss><channel>", "<feed>", "<?xml version='1.0'?><urlset>", "<sitemapindex>", "<opml><body>",
    "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n", "[", '{"items":[', "url,title\n", "url\ttitle\n", '"',
)  # fmt: skip
_QUERY_PIECES = (
    '"', "(", ")", " AND ", " OR ", " NOT ", "-", "a*", "word ", "site:", "channel:x ", "NEAR/3 ", "…", "... ",
    "[...]", "“", "”", "~", "12 ", "one hundred ", "the ", "9", ":", "é", "日本", "\t", " ", "word~2 ",
)  # fmt: skip


def _make_captions(rng: random.Random) -> bytes:
    return corrupt(make_file(rng), rng)


def _check_captions(raw: bytes) -> str:
    parsed = parse_captions(raw, format="txt" if len(raw) % 2 else None)
    make_transcript(parsed.cues)
    return parsed.format


def _make_page(rng: random.Random) -> bytes:
    paths = sorted((_SAMPLES / "pages").glob("*.html"))
    text = rng.choice(paths).read_text("utf-8", "replace") if rng.random() < 0.3 else _join_pieces(_PAGE_PIECES, rng)
    return corrupt(text, rng)


def _check_page(raw: bytes) -> str:
    found = discover_page(raw, url="https://site.example/article")
    claims = len(list(extract_quotations(found.article.text)))
    return f"{'embeds' if found.embeds else 'no embeds'}, {'quotations' if claims else 'no quotations'}"


def _make_list(rng: random.Random) -> bytes:
    raw = corrupt(rng.choice(_LIST_HEADS) + _join_pieces(_LIST_PIECES, rng), rng)
    return gzip.compress(raw) if rng.random() < 0.1 else raw


def _check_list(raw: bytes) -> str:
    with tempfile.NamedTemporaryFile(prefix="fuzz-", suffix=".list") as file:
        file.write(raw)
        file.flush()
        links = sum(1 for _ in islice(read_list(file.name, fetching=vidindex.FetchOptions(total_s=0.0)), 1_100_000))
    return "links" if links else "no links"


def _make_query(rng: random.Random) -> bytes:
    return _join_pieces((*_QUERY_PIECES, *_FILLERS), rng).encode("utf-8", "replace")[:10_000]


def _make_query_check(folder: Path) -> Check:
    index = vidindex.open(folder, create=True)
    for target in (*(_SAMPLES / "pages").glob("*.html"), _SAMPLES / "downloads"):
        index.add(target)

    def check(raw: bytes) -> str:
        hits = index.search(raw.decode("utf-8", "replace"))
        return "hits" if hits else "no hits"

    return check


def _join_pieces(pieces: tuple[str, ...], rng: random.Random) -> str:
    parts = [rng.choice(pieces) * rng.choice((1, 1, 1, 2, 30, 1000)) for _ in range(rng.choice((1, 3, 10, 40)))]
    return "".join(parts)[: 1 << 20]


def _make_large(heads: tuple[str, ...], pieces: tuple[str, ...], rng: random.Random) -> bytes:
    """Return an input that repeats one or two pieces up to a size of 1 to 16 MB."""
    piece = "".join(rng.choice((*pieces, *_FILLERS)) for _ in range(rng.choice((1, 1, 2))))
    size = rng.choice((1 << 20, 4 << 20, _MAX_LARGE_BYTES))
    text = rng.choice(heads) + piece * (size // len(piece.encode()))
    return text.encode(rng.choice(("utf-8", "utf-8", "utf-16")), "replace")[:size]


class _Fuzzer:
    """Runs one kind of input until a time has passed, and checks the limits after each input."""

    def __init__(
        self, check: Check, make: Callable[[random.Random], bytes], make_large: Callable[[random.Random], bytes]
    ) -> None:
        self._check = check
        self._make = make
        self._make_large = make_large
        self._outcomes: Counter[str] = Counter()
        self._slowest_s = 0.0

    def run(self, seconds: float, rng: random.Random) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            is_large = self._outcomes.total() % _LARGE_EVERY == 0
            raw = (self._make_large if is_large else self._make)(rng)
            try:
                self._run_one(raw)
            except BaseException:
                Path("fuzz-failure.bin").write_bytes(raw)
                raise

    def _run_one(self, raw: bytes) -> None:
        began = _cpu_s()
        try:
            outcome = self._check(raw)
        except VidindexError as error:
            outcome = type(error).__name__
        took_s = _cpu_s() - began
        self._outcomes[outcome] += 1
        self._slowest_s = max(self._slowest_s, took_s)
        assert took_s < MAX_CPU_S, f"{took_s:.1f} s for {len(raw):,} bytes ({outcome})"
        assert peak_memory_mb() < MAX_MEMORY_MB, f"{peak_memory_mb()} MB after {len(raw):,} bytes ({outcome})"

    def describe(self) -> str:
        counts = ", ".join(f"{name} {count:,}" for name, count in self._outcomes.most_common())
        total = f"{self._outcomes.total():,} inputs, slowest {self._slowest_s:.2f} s, peak {peak_memory_mb()} MB"
        return f"{total}\n  {counts}"


def _cpu_s() -> float:
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def peak_memory_mb() -> int:
    """Return the peak memory of this process, or of a child that has ended if that is more, in MB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024


def fuzz_kind(kind: str, seconds: float, seed: int) -> None:
    """Fuzz one *kind* for *seconds* in this process, and print what came out."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        fuzzer = {
            "captions": lambda: _Fuzzer(
                _check_captions, _make_captions, lambda rng: _make_large(_CAPTION_HEADS, _CAPTION_PIECES, rng)
            ),
            "pages": lambda: _Fuzzer(_check_page, _make_page, lambda rng: _make_large(("<p>",), _PAGE_PIECES, rng)),
            "lists": lambda: _Fuzzer(_check_list, _make_list, lambda rng: _make_large(_LIST_HEADS, _LIST_PIECES, rng)),
            "queries": lambda: _Fuzzer(_make_query_check(Path(folder)), _make_query, _make_long_query),
        }[kind]()
        fuzzer.run(seconds, rng)
    print(f"{kind}: seed {seed}, {fuzzer.describe()}", flush=True)


def _make_long_query(rng: random.Random) -> bytes:
    piece = rng.choice((*_QUERY_PIECES, *_FILLERS)) + rng.choice(("", "a", " ", *_QUERY_PIECES))
    return (piece * 10_000).encode()[:10_000]


KINDS = ("captions", "pages", "lists", "queries")


def main() -> None:
    """Fuzz the kinds one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", metavar="SECONDS", type=float, help="duration of the run")
    parser.add_argument("--kind", choices=KINDS, help="fuzz only this kind, in this process")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9, help="seed to repeat a run")
    args = parser.parse_args()
    if args.kind:
        fuzz_kind(args.kind, args.seconds, args.seed)
        return
    for kind in KINDS:
        command = [sys.executable, __file__, str(args.seconds / len(KINDS)), "--kind", kind, "--seed", str(args.seed)]
        if subprocess.run(command, check=False).returncode:
            sys.exit(f"{kind}: failed with --seed {args.seed}")


if __name__ == "__main__":
    main()
