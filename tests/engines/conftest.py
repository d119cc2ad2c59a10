"""A generated corpus, indexed once by every installed engine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.opensearch.conftest import Address, address, cluster, wanted  # noqa: F401 - fixtures
from vidindex.engines import Engine, installed_engines, open_engine
from vidindex.model import Passage, PassageFields, make_passage_id

ENGINES = [*installed_engines(), *(["opensearch"] if wanted() else [])]

TRACKS = 400
PASSAGES_PER_TRACK = 8

KINDS = ("interview", "performance", "speech", "other")
TITLES = ("Über die Straße", "An evening with the band", "The band, live in Köln", "Über uns", "Live and well", "")


def vocabulary(size: int = 700) -> list[str]:
    """Return distinct words, some of which are prefixes of others."""
    syllables = ("ka", "lo", "mi", "ne", "ru", "sta", "vo", "zi")
    chooser = random.Random(3)
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(chooser.choices(syllables, k=chooser.randint(1, 4)))] = None
    return list(words)


def fields(track: int, chooser: random.Random) -> PassageFields:
    """Return the fields of a track; some tracks have no title, some no date."""
    return PassageFields(
        title=chooser.choice(TITLES),
        channel=f"channel {track % 7}",
        site="example.org",
        label=f"Clip {track}: what {chooser.choice(KINDS)}s are",
        kind=KINDS[track % 4],
        lang="en" if track % 3 else "de-AT",
        speaker=chooser.choice(("", "Ann Lee", "Lee Ann")),
        date=chooser.choice(("", "2009-09-14", "2009-10-01", "2010-01-01", "2024-02-29")),
    )


def passages(tracks: range, *, seed: int = 1) -> Iterator[Passage]:
    """Yield passages with the word frequencies of a natural language; some passages have no words."""
    chooser = random.Random(seed)
    words = vocabulary()
    weights = [1 / (rank + 1) for rank in range(len(words))]
    for track in tracks:
        described = fields(track, chooser)
        for number in range(PASSAGES_PER_TRACK):
            size = 0 if chooser.random() < 0.02 else chooser.randint(1, 125)
            tokens = tuple(chooser.choices(words, weights, k=size))
            yield Passage(make_passage_id(track, number), track, tokens, described)


@pytest.fixture(scope="session")
def corpus() -> list[Passage]:
    """Several thousand passages."""
    return list(passages(range(1, TRACKS + 1)))


@pytest.fixture(scope="session")
def indexed(
    corpus: list[Passage], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Engine]]:
    """Every engine with the same corpus, written in several commits, in which some passages are replaced."""
    engines = {}
    for name in ENGINES:
        engine = open_engine(name, new_location(name, tmp_path_factory.mktemp(name), request))
        for start in range(0, TRACKS, 40):
            tracks = range(start + 1, start + 41)
            current = [passage for passage in corpus if passage.track in tracks]
            if start % 80:
                engine.replace_tracks(list(tracks), [Passage(p.id, p.track, ("stale",), p.fields) for p in current])
            engine.replace_tracks(list(tracks), current)
        engines[name] = engine
    yield engines
    for engine in engines.values():
        engine.close()


def new_location(name: str, folder: Path, request: pytest.FixtureRequest) -> Path | str:
    """Return a folder or an address for a new index of engine *name*."""
    if name != "opensearch":
        return folder
    fresh: Address = request.getfixturevalue("address")
    return fresh()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each installed engine, and a cluster if the tests are run with one."""
    return str(request.param)


@pytest.fixture
def place(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path | str:
    """A location at which no index exists yet."""
    return new_location(engine_name, tmp_path / "deep" / "engine", request)


@pytest.fixture(params=installed_engines())
def folder_engine(request: pytest.FixtureRequest) -> str:
    """Each engine that stores its index in a folder."""
    return str(request.param)


@pytest.fixture
def full(engine_name: str, indexed: dict[str, Engine]) -> Engine:
    """An engine with the corpus; tests only read it."""
    return indexed[engine_name]


@pytest.fixture
def empty(engine_name: str, place: Path | str) -> Iterator[Engine]:
    """An engine without passages."""
    engine = open_engine(engine_name, place)
    yield engine
    engine.close()


@pytest.fixture
def generate() -> Callable[..., Iterator[Passage]]:
    """The function that generates the passages of tracks."""
    return passages
