"""All engines return identical hits in the same order, over thousands of passages of generated speech."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex.engines import installed_engines
from vidindex.model import Hit

TALKS = 50
WORDS = 2_100  # per talk
CUE = 9

if len(installed_engines()) < 2:
    pytest.skip("only one engine is installed", allow_module_level=True)


def words() -> list[str]:
    """Return a vocabulary whose frequent words are short, as in natural language."""
    chooser = random.Random(11)
    onsets, cores = (*"bdfgklmnprstvw", "st", "tr"), (*"aeiou", "ai", "ou")
    ends = ("", "", "n", "r", "s")
    made: dict[str, None] = {}
    while len(made) < 1_800:
        size = 1 + (len(made) > 40) + (len(made) > 500) * chooser.randint(0, 1)
        made["".join(chooser.choice(part) for _ in range(size) for part in (onsets, cores, ends))] = None
    return list(made)


def speech() -> list[list[str]]:
    """Return talks with repeated phrases and the word frequencies of a natural language."""
    chooser = random.Random(12)
    known = words()
    weights = [1 / (rank + 2) for rank in range(len(known))]
    phrases = [chooser.choices(known, weights, k=chooser.randint(3, 7)) for _ in range(300)]
    talks = []
    for _ in range(TALKS):
        said: list[str] = []
        while len(said) < WORDS:
            said += chooser.choice(phrases) if chooser.random() < 0.2 else chooser.choices(known, weights, k=8)
        talks.append(said[:WORDS])
    return talks


def written(said: list[str], chooser: random.Random) -> list[str]:
    """Return the caption lines of a talk, with capitals, punctuation and sounds."""
    shown = [word.capitalize() if chooser.random() < 0.06 else word for word in said]
    shown = [f"{word}{chooser.choice('.,?')}" if chooser.random() < 0.08 else word for word in shown]
    lines = [" ".join(shown[at : at + CUE]) for at in range(0, len(shown), CUE)]
    return [f"{line} [applause]" if chooser.random() < 0.02 else line for line in lines]


@pytest.fixture(scope="module")
def talks() -> list[list[str]]:
    """The words of each talk."""
    return speech()


@pytest.fixture(scope="module")
def indexes(talks: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[vidindex.Index]]:
    """An index of the same captions on each engine."""
    folder = tmp_path_factory.mktemp("talks")
    chooser = random.Random(13)
    for number, said in enumerate(talks):
        kind, language = chooser.choice(("interview with", "live:", "lecture")), "en" if number % 5 else "de"
        (folder / f"{kind} {said[0]} {number}.{language}.vtt").write_text(webvtt(written(said, chooser)))
    opened = [vidindex.open(tmp_path_factory.mktemp(name) / "index", engine=name) for name in installed_engines()]
    for index in opened:
        index.add(folder)
    yield opened
    for index in opened:
        index.close()


def misheard(said: list[str], known: list[str], chooser: random.Random) -> str:
    """Change a sixth of the words: replace, misspell, join or delete them."""
    changed: list[str] = []
    for word in said:
        change = chooser.randrange(24)
        if change == 0:
            changed.append(chooser.choice(known))
        elif change == 1:
            changed.append(word[:-1] + chooser.choice("aeioun"))
        elif change == 2 and changed:
            changed[-1] += word
        elif change != 3:
            changed.append(word)
    return " ".join(changed)


def quotes(talks: list[list[str]], *, misheard_too: bool, count: int, seed: int) -> Iterator[str]:
    """Yield quotes of various lengths from random positions of the talks."""
    chooser = random.Random(seed)
    known = words()
    for _ in range(count):
        size = chooser.choice((1, 2, 3, 4, 5, 6, 8, 8, 12, 20, 30, 70))
        said = chooser.choice(talks)
        start = chooser.randrange(len(said) - size)
        cut = said[start : start + size]
        yield misheard(cut, known, chooser) if misheard_too else " ".join(cut)


def queries(talks: list[list[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield queries with search options."""
    for quote in quotes(talks, misheard_too=False, count=40, seed=14):
        yield quote, {}
    for quote in quotes(talks, misheard_too=True, count=60, seed=15):
        yield quote, {}
    for left, right in pairwise(quotes(talks, misheard_too=False, count=8, seed=16)):
        yield f"{left} … {right}", {}
    chooser = random.Random(17)
    for _ in range(8):
        said = chooser.choice(talks)
        at = chooser.randrange(100, len(said) - 100)
        a, b, c, d, e, f = said[at : at + 6]
        yield f"{a} {b} {c} … {' '.join(said[at + 20 : at + 24])}", {}
        yield f"{a} {b} [{chooser.choice(said)}] {c} {d}", {}
        yield f'"{a} {b}"', {"offset": 3}
        yield f'"{a} {b}" AND {d}', {}
        yield f'"{b} {c}" OR "{e} {f}"', {}
        yield f"{a} AND {c} NOT {f}", {}
        yield f'"{d} {a}"~5', {}
        yield f"{f[:3]}* AND {b}", {}
        yield f"lang:de {a} {b} {c} {d}", {}
        yield f"title:lecture {a} {b} {c} {d} {e}", {}
        yield f"{a} {b} {c} {d} {e} {f}", {"lang": "de", "match": "near"}
        yield f"{a} {b} {c} {d} {e} {f}", {"match": "exact", "sort": "length"}
        yield f"{a} {b} {c}", {"offset": 15, "threshold": 0.4}
    yield from ((word, {"sort": "date"}) for word in words()[:4])
    yield from ((f"title:{name}", {}) for name in ("interview", "live", "nothing"))


def visible_fields(hit: Hit) -> tuple[object, ...]:
    """Return everything that users see of a hit."""
    place = hit.video.title, hit.start_ms, hit.end_ms, hit.match, round(hit.score, 9)
    return (*place, hit.text, hit.before, hit.after, hit.marks, hit.language, hit.url)


def test_engines_return_identical_hits_in_the_same_order(indexes: list[vidindex.Index], talks: list[list[str]]) -> None:
    different = []
    found = 0
    for text, options in queries(talks):
        answers = [list(map(visible_fields, index.search(text, limit=20, **options))) for index in indexes]
        found += bool(answers[0])
        if any(answer != answers[0] for answer in answers):
            different.append((text, options))
    assert different == []
    assert found > 150


def test_there_are_thousands_of_passages(indexes: list[vidindex.Index]) -> None:
    assert all(index.stats().words >= TALKS * WORDS for index in indexes)


def test_a_quote_is_found_where_it_was_said(indexes: list[vidindex.Index], talks: list[list[str]]) -> None:
    """The identical hits are also correct."""
    chooser = random.Random(18)
    known = words()
    for _ in range(60):
        number = chooser.randrange(TALKS)
        start = chooser.randrange(WORDS - 12)
        said = talks[number][start : start + 12]
        hits = indexes[0].search(misheard(said, known, chooser), limit=3)
        titles = [hit.video.title.split()[-1] for hit in hits]
        assert str(number) in titles
        hit = hits[titles.index(str(number))]
        assert abs(hit.start_ms - start * 4_000 / CUE) < 6_000
