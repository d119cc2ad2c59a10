"""Measure embed discovery on labeled pages and snippets, and compare it with other tools.

    python bench/embeds.py --styles STYLES.jsonl --pages PAGES [--peers PYTHON] [--verbose]

STYLES.jsonl has one snippet per line (`style`, `html`, `expect`).  PAGES is a folder with `labels.jsonl` and `html/`.
PYTHON is an interpreter in which newspaper4k and goose3 are installed; without it, they are not measured.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import partial_ratio

from vidindex.model import Embed
from vidindex.pages.embeds import discover_page, find_embeds
from vidindex.pages.embeds.ytdlp import find_all_with_ytdlp

Finder = Callable[[bytes, str | None], list[Embed]]
_YOUTUBE_LIKE = re.compile(
    r"(?:youtube(?:-nocookie)?\.com/(?:watch\?v=|embed/|v/)|youtu\.be/|vimeo\.com/(?:video/)?|dailymotion\.com/(?:embed/)?video/)([\w-]{5,})"
)
_PEER = """
import json, sys
def newspaper(html, url):
    from newspaper import Article
    article = Article(url or "https://example.org/a"); article.download(input_html=html); article.parse()
    return [str(getattr(m, "src", m) or m) for m in article.movies]
def goose(html, url):
    from goose3 import Goose
    return [m.src or "" for m in Goose({"enable_image_fetching": False}).extract(raw_html=html, url=url).movies]
for line in sys.stdin:
    task = json.loads(line); found = {}
    for name, peer in (("newspaper4k", newspaper), ("goose3", goose)):
        try: found[name] = peer(task["html"], task["url"])
        except Exception as exc: found[name] = []
    print(json.dumps(found), flush=True)
"""


@dataclass(slots=True)
class Score:
    """The results of one finder on all pages."""

    wanted: int = 0
    found: int = 0
    reported: int = 0
    right: int = 0
    labeled: int = 0
    labels_right: int = 0
    times: list[float] = field(default_factory=list)

    def line(self) -> str:
        """Return the score as a row of the table."""
        labels = f"{self.labels_right / self.labeled:7.3f}" if self.labeled else "      –"
        ms = sorted(t * 1000 for t in self.times) or [0.0]
        p95 = ms[min(len(ms) - 1, int(len(ms) * 0.95))]
        recall, precision = self.found / max(1, self.wanted), self.right / max(1, self.reported)
        return f"{recall:7.3f} {precision:9.3f} {labels} {statistics.median(ms):10.1f} {p95:8.1f}"


def main() -> None:
    """Measure the snippets and the pages that the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--styles", metavar="STYLES.jsonl", type=Path, help="file of snippets")
    parser.add_argument("--pages", metavar="DIR", type=Path, help="folder of labeled pages")
    parser.add_argument("--peers", metavar="PYTHON", type=Path, help="interpreter with newspaper4k and goose3")
    parser.add_argument("--verbose", action="store_true", help="also print each mistake of vidindex")
    args = parser.parse_args()
    if args.styles:
        measure_styles(args.styles, args.peers, verbose=args.verbose)
    if args.pages:
        measure_pages(args.pages, args.peers, verbose=args.verbose)


def finders(peers: Path | None) -> dict[str, Finder]:
    """Return all finders by name."""
    ours: dict[str, Finder] = {
        "vidindex": find_embeds,
        "vidindex, worker": lambda html, url: list(discover_page(html, url=url).embeds),
        "yt-dlp alone": _ytdlp_alone,
        "URL regex": _regex,
    }
    return ours | (_peer_finders(peers) if peers else {})


def measure_styles(path: Path, peers: Path | None, *, verbose: bool) -> None:
    """Count the snippets whose video is found."""
    styles = [json.loads(line) for line in path.read_text().splitlines()]
    print(f"{len(styles)} styles\n{'':20} found")
    for name, finder in finders(peers).items():
        missed = [
            s["style"] for s in styles if not _hit(finder(_in_page(s["html"]), "https://example.org/a/"), s["expect"])
        ]
        print(f"{name:20} {len(styles) - len(missed):5}")
        if verbose and missed and name == "vidindex":
            print("  missed:", *missed, sep="\n    ")


def measure_pages(folder: Path, peers: Path | None, *, verbose: bool) -> None:
    """Measure recall, precision, labels and time over labeled pages."""
    pages = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    print(f"{len(pages)} pages\n{'':20}  recall precision  labels  median ms   p95 ms")
    for name, finder in finders(peers).items():
        score = Score()
        for page in pages:
            html = (folder / "html" / page["page"]).read_bytes()
            began = time.perf_counter()
            embeds = finder(html, page["url"])
            score.times.append(time.perf_counter() - began)
            for mistake in _compare(page, embeds, score):
                if verbose and name == "vidindex":
                    print(f"  {page['page'][:44]:44} {mistake}")
        print(f"{name:20} {score.line()}")


def _compare(page: dict[str, Any], embeds: list[Embed], score: Score) -> Iterator[str]:
    wanted = [video for video in page["videos"] if video["kind"] == "embed"]
    reported = [embed for embed in embeds if embed.kind == "embed"]
    score.wanted += len(wanted)
    score.reported += len(reported)
    for video in wanted:
        embed = next((e for e in reported if _same(e, video)), None)
        if embed is None:
            yield f"missed {video['provider']} {video['id']}"
            continue
        score.found += 1
        if video["label"]:
            score.labeled += 1
            if _alike(video["label"], embed.label):
                score.labels_right += 1
            else:
                yield f"label {embed.label!r} instead of {video['label']!r}"
        elif embed.label:
            yield f"(not labeled, found {embed.label!r})"
    for embed in reported:
        if any(_same(embed, video) for video in wanted):
            score.right += 1
        else:
            yield f"wrong {embed.provider} {embed.url}"


def _same(embed: Embed, video: dict[str, Any]) -> bool:
    ids = [video["id"], *video.get("alt_ids", [])]
    # Without the URL of a saved page, the URLs of its own files stay relative.
    own = embed.url if embed.url.startswith("/") else "\0"
    return any(id_ in embed.url or id_ in embed.id or id_.endswith(own) for id_ in ids)


def _alike(wanted: str, got: str) -> bool:
    one, other = (" ".join(re.findall(r"\w+", text.casefold())) for text in (wanted, got))
    return bool(other) and min(len(one), len(other)) > 3 and partial_ratio(one, other) >= 80


def _hit(embeds: list[Embed], expect: str) -> bool:
    return any(expect in embed.url or expect in embed.id for embed in embeds)


def _in_page(snippet: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>T</title></head><body>{snippet}</body></html>".encode()


def _as_embeds(urls: list[str]) -> list[Embed]:
    return [Embed(url, "", url) for url in dict.fromkeys(urls) if url]


def _regex(html: bytes, _url: str | None) -> list[Embed]:
    return _as_embeds(_YOUTUBE_LIKE.findall(html.decode("utf-8", "replace")))


def _ytdlp_alone(html: bytes, url: str | None) -> list[Embed]:
    return _as_embeds(list(find_all_with_ytdlp(html.decode("utf-8", "replace"), url or "https://example.org/a")))


def _peer_finders(python: Path) -> dict[str, Finder]:
    peer = subprocess.Popen(
        [python, "-c", _PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )

    def finder(name: str) -> Finder:
        def ask(html: bytes, url: str | None) -> list[Embed]:
            if peer.stdin is None or peer.stdout is None:
                sys.exit("error: the interpreter of --peers has no pipes")
            peer.stdin.write(json.dumps({"html": html.decode("utf-8", "replace"), "url": url}) + "\n")
            peer.stdin.flush()
            found: dict[str, list[str]] = json.loads(peer.stdout.readline())
            return _as_embeds(found[name])

        return ask

    return {name: finder(name) for name in ("newspaper4k", "goose3")}


if __name__ == "__main__":
    main()
