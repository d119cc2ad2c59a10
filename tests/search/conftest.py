"""An index of a few talks among much other speech, created once for each engine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from tests.opensearch.conftest import Address, address, cluster, discard, wanted  # noqa: F401 - fixtures
from vidindex.engines import installed_engines

INTERVIEW = [
    "Host: Tell us what happened on that night, would you?",
    "Guest: Obviously I deal with pain, and so many singers,",
    "they never take the time off, and I never",
    "[applause]",
    "took the time off, really. It was music",
    "after music and two or after two or, and twelve million dollars in nineteen ninety nine.",
    "Host: And the rafting trip in the canyon was, um, postponed?",
    "Guest: I would like to apologize to her in person.",
    "Host: Thank you. That is all we have time for, ladies and gentlemen.",
    "And I never took the time off again.",
]
LECTURE = [
    "THE CASH FLOW OF A SMALL BAKERY IS A SIMPLE THING.",
    "IT COMES IN IN THE MORNING AND GOES OUT AT NIGHT.",
    "NOBODY WRITES IT DOWN, AND THAT IS THE WHOLE PROBLEM WITH IT.",
    "CAN YOU HEAR ME IN THE BACK? GOOD. LET US TALK ABOUT BREAD.",
]
CHINESE = ["我从来没有休息过,真的。", "今天我们谈谈音乐和巡演。"]


def noise(seed: int, lines: int) -> list[str]:
    """Return lines of meaningless speech with the word frequencies of a natural language."""
    chooser = random.Random(seed)
    words = (
        *(
            "the",
            "a",
            "of",
            "and",
            "to",
            "in",
            "it",
            "was",
            "that",
            "we",
            "you",
            "for",
            "on",
            "with",
            "they",
            "so",
            "but",
        ),
        *("what", "when", "there", "about", "then", "people", "thing", "really", "river", "engine", "season", "table"),
        *("garden", "winter", "market", "paper", "signal", "window", "bridge", "number", "kettle", "harbour", "ladder"),
    )
    weights = [1 / (rank + 1) for rank in range(len(words))]
    return [" ".join(chooser.choices(words, weights, k=9)) for _ in range(lines)]


def captions(lines: list[str]) -> str:
    """Return WebVTT with one line every four seconds."""
    return webvtt(lines)


def fill(folder: Path) -> None:
    """Write the caption files of all talks."""
    talks = {
        "interview": noise(1, 60) + INTERVIEW + noise(2, 60),
        "lecture": LECTURE,
        "chinese": CHINESE,
        **{f"noise-{seed}": noise(seed, 80) for seed in range(10, 40)},
    }
    for name, lines in talks.items():
        (folder / f"{name}.vtt").write_text(captions(lines), encoding="utf-8")


@pytest.fixture(scope="session", params=[*installed_engines(), *(["opensearch"] if wanted() else [])])
def talks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """An index of the talks; tests only read it."""
    folder = tmp_path_factory.mktemp(str(request.param))
    fill(folder)
    place: Path | str = folder / "index"
    if request.param == "opensearch":
        fresh: Address = request.getfixturevalue("address")
        place = fresh()
    with vidindex.open(place, engine=str(request.param)) as index:
        index.add(*sorted(folder.glob("*.vtt")))
        yield index
    if isinstance(place, str):
        discard(place)
