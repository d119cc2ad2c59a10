"""Words with content that only a quote has, or only the captions, in captions that people wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import vidindex
from tests.conftest import webvtt, write_manual_captions
from vidindex import Verdict

SAID = [
    "So I just moved it from one hotel to the next without telling anybody.",
    "The farmers of the valley sold their wheat to a brewery in Denmark.",
    "We really tried to repair the old bridge before the winter came.",
    "She is, you know, going to open seven libraries in the harbor district.",
    "And, I think, the pilots have been waiting for the mechanic since Tuesday.",
    "He's really a painter, and it's not the first time he has broken down.",
    "They served bread and cheese on January 15th in the town hall.",
    "Nobody had told us that Intel was going to close the factory in Leipzig.",
    "Those miners nearly drowned when the water rose.",
]


@pytest.fixture(scope="module", name="heard")
def _heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """Yield an index of captions that a program may have heard."""
    folder = tmp_path_factory.mktemp("heard")
    (folder / "talk.en.vtt").write_text(webvtt(SAID))
    with vidindex.open(folder / "index") as index:
        index.add(folder / "talk.en.vtt")
        yield index


@pytest.fixture(scope="module", name="index")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    """Yield an index of captions that people wrote."""
    folder = tmp_path_factory.mktemp("unmatched")
    write_manual_captions(folder, SAID)
    with vidindex.open(folder / "index") as index:
        index.add(folder)
        yield index


def verify(index: vidindex.Index, quote: str) -> Verdict:
    return next(iter(index.verify([{"quote": quote}])))


@pytest.mark.parametrize(
    ("quote", "printed", "said"),
    [
        ("I moved it from house to hotel without telling anybody.", "house to", "one"),
        ("I just moved it from house to the next without telling anybody.", "house", "one hotel"),
        ("He moved it from one hotel to the next without telling anybody.", "He", "I"),
        ("Secretly, so I moved it from one hotel to the next without telling anybody.", "Secretly,", ""),
        ("The farmers of the valley sold their horses to a castle in Denmark.", "horses", "wheat"),
        ("The farmers of the valley sold their horses to a castle in Denmark.", "castle", "brewery"),
        ("We repair the bridge before the winter came.", "", "really tried to"),
        ("Nobody had told us that Windows was going to close the factory in Leipzig.", "Windows", "Intel"),
        (
            "We tried to destroy an ancient church before the winter came.",
            "destroy an ancient church",
            "repair the old bridge",
        ),
        ("And pilots have been waiting for the mechanic since Tuesday.", "", "I think, the"),
        ("They misserved bread and cheese on January 15th in the town hall.", "misserved", "served"),
    ],
)
def test_words_beside_other_differences_are_shown(index: vidindex.Index, quote: str, printed: str, said: str) -> None:
    found = verify(index, quote)
    assert (printed, said) in [(change.printed, change.said) for change in found.changes]
    assert found.verdict != "verbatim"


@pytest.mark.parametrize(
    "quote",
    [
        "I moved it from one hotel to the next without telling anybody.",
        "She's going to open 7 libraries in the harbor district.",
        "We tried to repair that old bridge before winter came.",
        "She will open seven libraries in the harbor district.",
        "He is a painter, and it is not the first time he's brokendown",
        "They served bread and cheese on Jan. 15 in the town hall.",
    ],
)
def test_light_edits_side_by_side_are_no_changes(index: vidindex.Index, quote: str) -> None:
    found = verify(index, quote)
    assert (found.verdict, found.changes) == ("faithful", ())


@pytest.mark.parametrize(
    ("quote", "printed", "said"),
    [
        (
            "She is going to open seven dungeons in monastery district.",
            "dungeons in monastery",
            "libraries in the harbor",
        ),
        ("He moved it from one hotel to the next without telling anybody.", "He", "I"),
        ("She is going to open seven dungeons in harbor district.", "dungeons", "libraries"),
    ],
)
def test_words_between_others_that_agree_are_shown(heard: vidindex.Index, quote: str, printed: str, said: str) -> None:
    found = [(change.printed, change.said) for change in verify(heard, quote).changes]
    assert (printed, said) in found


def test_several_words_that_sound_alike_are_misheard(heard: vidindex.Index) -> None:
    found = verify(heard, "The farmers of the valet sold there wheat to a brewer in Denmark.")
    assert (found.verdict, found.changes) == ("faithful", ())


@pytest.mark.parametrize(
    ("quote", "printed", "said"),
    [
        ("The dealers of the valley sold their wheat to a brewery in Denmark.", "dealers", "farmers"),
        ("And the doctors have been waiting for the mechanic since Tuesday.", "doctors", "pilots"),
    ],
)
def test_a_word_in_place_of_one_that_people_wrote_alters_a_quote(
    index: vidindex.Index, quote: str, printed: str, said: str
) -> None:
    found = verify(index, quote)
    assert found.verdict == "altered"
    assert (printed, said, False) in [(each.printed, each.said, each.undecided) for each in found.changes]


@pytest.mark.parametrize(
    ("quote", "printed"),
    [
        ("And, I think, the pilots have been waiting for the mechainc since Tuesday.", "mechainc"),
        ("The farmers of the valley sold their wheatfields to a brewery in Denmark.", "wheatfields"),
    ],
)
def test_a_word_that_may_be_misspelled_is_not_decided(index: vidindex.Index, quote: str, printed: str) -> None:
    found = verify(index, quote)
    assert [(each.printed, each.undecided) for each in found.changes] == [(printed, True)]


def test_a_word_of_the_same_meaning_is_not_decided(index: vidindex.Index) -> None:
    found = verify(index, "Those miners almost drowned when the water rose.")
    assert [(each.printed, each.said, each.undecided) for each in found.changes] == [("almost", "nearly", True)]


def test_everybody_is_everyone(index: vidindex.Index) -> None:
    assert not verify(index, "So I just moved it from one hotel to the next without telling anyone.").changes
