"""A generated corpus, indexed once by every engine that is installed here."""

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
PASSAGES_A_TRACK = 8

KINDS = ("interview", "performance", "speech", "other")
TITLES = ("Über die Straße", "An evening with the band", "The band, live in Köln", "Über uns", "Live and well", "")


def vocabulary(size: int = 700) -> list[str]:
    """Make distinct words, some of them the start of others."""
    syllables = ("ka", "lo", "mi", "ne", "ru", "sta", "vo", "zi")
    chooser = random.Random(3)
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(chooser.choices(syllables, k=chooser.randint(1, 4)))] = None
    return list(words)


def fields(track: int, chooser: random.Random) -> PassageFields:
    """Describe a track; some have no title, some no date."""
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
    """Make passages whose words are as unevenly frequent as those of a language; some hold none."""
    chooser = random.Random(seed)
    words = vocabulary()
    weights = [1 / (rank + 1) for rank in range(len(words))]
    for track in tracks:
        described = fields(track, chooser)
        for number in range(PASSAGES_A_TRACK):
            size = 0 if chooser.random() < 0.02 else chooser.randint(1, 125)
            tokens = tuple(chooser.choices(words, weights, k=size))
            yield Passage(make_passage_id(track, number), track, tokens, described)


@pytest.fixture(scope="session")
def corpus() -> list[Passage]:
    """Some thousands of passages."""
    return list(passages(range(1, TRACKS + 1)))


@pytest.fixture(scope="session")
def indexed(
    corpus: list[Passage], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Engine]]:
    """Every engine over the same corpus, written in several commits, some passages of them twice."""
    engines = {}
    for name in ENGINES:
        engine = open_engine(name, somewhere(name, tmp_path_factory.mktemp(name), request))
        for start in range(0, TRACKS, 40):
            tracks = range(start + 1, start + 41)
            mine = [passage for passage in corpus if passage.track in tracks]
            if start % 80:
                engine.replace_tracks(list(tracks), [Passage(p.id, p.track, ("stale",), p.fields) for p in mine])
            engine.replace_tracks(list(tracks), mine)
        engines[name] = engine
    yield engines
    for engine in engines.values():
        engine.close()


def somewhere(name: str, folder: Path, request: pytest.FixtureRequest) -> Path | str:
    """Give a place for an index of engine *name*: a folder or an address."""
    if name != "opensearch":
        return folder
    fresh: Address = request.getfixturevalue("address")
    return fresh()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine that is installed here, and a cluster where one is wanted."""
    return str(request.param)


@pytest.fixture
def place(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path | str:
    """Where an index may be made that is not there yet."""
    return somewhere(engine_name, tmp_path / "deep" / "engine", request)


@pytest.fixture(params=installed_engines())
def folder_engine(request: pytest.FixtureRequest) -> str:
    """Each engine that keeps its index in a folder."""
    return str(request.param)


@pytest.fixture
def full(engine_name: str, indexed: dict[str, Engine]) -> Engine:
    """An engine that holds the corpus; only to be read."""
    return indexed[engine_name]


@pytest.fixture
def empty(engine_name: str, place: Path | str) -> Iterator[Engine]:
    """An engine that holds nothing yet."""
    engine = open_engine(engine_name, place)
    yield engine
    engine.close()


@pytest.fixture
def generate() -> Callable[..., Iterator[Passage]]:
    """Makes passages of given tracks."""
    return passages
