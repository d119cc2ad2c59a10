"""Measure how much of an article's text is found, and how much of what is found belongs to the article.

    python bench/article_text.py FOLDER… [--verbose]

FOLDER contains a folder for each page with `source.html` and `expected.html` (the test pages of mozilla/readability),
or `ground-truth.json` and `html/*.html.gz` (scrapinghub/article-extraction-benchmark).  `vidindex` is measured, and
trafilatura, resiliparse and readability-lxml if they are installed.  *embeds* is the time of a whole page in vidindex.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from vidindex.pages.article import read_article
from vidindex.pages.embeds.page_reading import read_page
from vidindex.pages.markup import element_text, parse_html
from vidindex.verify.quotations import extract_quotations

Extractor = Callable[[bytes], str]
_WORD = re.compile(r"[^\W_]+")
_LOW_SHARE = 0.6
_EDGE_WORDS = 6


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """A page, and the text of its article as a person or another program marked it."""

    name: str
    html: bytes
    text: str


@dataclass(slots=True)
class TextScore:
    """The results of one extractor: a share for each page, and the quotations of all pages."""

    found: dict[str, float] = field(default_factory=dict)
    belonging: list[float] = field(default_factory=list)
    quotations: int = 0
    kept: int = 0
    lost: list[str] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)

    def row(self) -> str:
        """Return the score as a row of the table."""
        low = sum(share < _LOW_SHARE for share in self.found.values())
        return (
            f"{statistics.mean(self.found.values()):7.3f} {low:6d} {statistics.mean(self.belonging):9.3f} "
            f"{self.kept:5d}/{self.quotations:<5d} {statistics.median(self.times_ms):8.1f}"
        )


def main() -> None:
    """Print a table for each folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="folder of pages")
    parser.add_argument("--verbose", action="store_true", help="also print pages of which little is found")
    args = parser.parse_args()
    for folder in args.folders:
        pages = [page for page in load_pages(folder) if page.text]
        print(f"{folder}: {len(pages)} pages")
        print(f"{'':12s} {'found':>7s} {'< .6':>6s} {'belongs':>9s} {'quotations':>11s} {'ms':>8s}")
        for name, extract in find_extractors().items():
            score = measure(pages, extract)
            print(f"{name:12s} {score.row()}", flush=True)
            if args.verbose:
                for page, share in sorted(score.found.items(), key=lambda pair: pair[1])[:12]:
                    print(f"    {share:.3f} {page}")
                for lost in score.lost:
                    print(f"    lost: {lost}")
        print(f"{'embeds':12s} {statistics.median(time_ms(page.html, _read_whole_page) for page in pages):49.1f}")


def load_pages(folder: Path) -> Iterator[ArticlePage]:
    """Yield the pages of *folder* in either layout."""
    truth = folder / "ground-truth.json"
    if truth.exists():
        for name, stated in json.loads(truth.read_text(encoding="utf-8")).items():
            html = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            yield ArticlePage(name, html, stated["articleBody"])
        return
    for source in sorted(folder.glob("*/source.html")):
        root = parse_html(source.with_name("expected.html").read_bytes())
        text = "" if root is None else element_text(root, limit=10_000_000)
        yield ArticlePage(source.parent.name, source.read_bytes(), text)


def find_extractors() -> dict[str, Extractor]:
    """Return the extractors that are installed, by name."""
    extractors: dict[str, Extractor] = {"vidindex": lambda html: read_article(html).text}
    with suppress(ImportError):
        import trafilatura  # type: ignore[import-not-found, unused-ignore]

        extractors["trafilatura"] = lambda html: trafilatura.extract(html, favor_recall=True) or ""
    with suppress(ImportError):
        from resiliparse.extract.html2text import (  # type: ignore[import-not-found, unused-ignore]
            extract_plain_text,
        )

        extractors["resiliparse"] = lambda html: extract_plain_text(html.decode("utf-8", "replace"), main_content=True)
    with suppress(ImportError):
        from readability import Document  # type: ignore[import-not-found, unused-ignore]

        extractors["readability"] = lambda html: _text_of(Document(html.decode("utf-8", "replace")).summary())
    return extractors


def measure(pages: list[ArticlePage], extract: Extractor) -> TextScore:
    """Run *extract* on all *pages*."""
    score = TextScore()
    for page in pages:
        started = time.perf_counter()
        text = extract(page.html)
        score.times_ms.append(1_000 * (time.perf_counter() - started))
        wanted, got = _count_words(page.text), _count_words(text)
        shared = (wanted & got).total()
        score.found[page.name] = shared / max(1, wanted.total())
        score.belonging.append(shared / got.total() if got else 0.0)
        words = " ".join(_WORD.findall(text))
        for quotation in extract_quotations(page.text):
            score.quotations += 1
            if all(_contains(words, part) for part in quotation.parts):
                score.kept += 1
            else:
                score.lost.append(f"{page.name}: {quotation.text[:80]}")
    return score


def _contains(words: str, part: str) -> bool:
    """Return whether the first and the last words of *part* are in *words*: a caption may stand between them."""
    spoken = _WORD.findall(part)
    return " ".join(spoken[:_EDGE_WORDS]) in words and " ".join(spoken[-_EDGE_WORDS:]) in words


def time_ms(html: bytes, read: Callable[[bytes], object]) -> float:
    """Return how long *read* takes."""
    started = time.perf_counter()
    read(html)
    return 1_000 * (time.perf_counter() - started)


def _read_whole_page(html: bytes) -> object:
    return read_page(html, "https://example.org/2020/a.html")


def _count_words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text))


def _text_of(html: str) -> str:
    root = parse_html(html)
    return "" if root is None else element_text(root, limit=10_000_000)


if __name__ == "__main__":
    main()
