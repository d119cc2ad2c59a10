"""A verdict of each kind, with texts as hostile as pages can state them."""

from __future__ import annotations

import pytest

from vidindex.model import Hit, Video
from vidindex.verify.claims import Claim
from vidindex.verify.verdicts import Change, Context, Piece, Searched, Verdict, WordChange

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x1b[31m\u202e"
SEARCHED = Searched("article", videos=3, with_captions=2, without_captions=1, languages=("en", "de"))


def make_hit(text: str, *, title: str = "Late Desk", url: str = "https://www.youtube.com/watch?v=abcdefghijk") -> Hit:
    video = Video("youtube:abcdefghijk", url, title=title)
    return Hit(video, 25_000, 29_000, text, "before", "after", "near", 0.9, f"{url}&t=25s", origin="automatic")


@pytest.fixture
def verdicts() -> list[Verdict]:
    """One verdict of each kind."""
    said = make_hit("I never took the time off")
    return [
        Verdict(Claim("I took the time off"), "verbatim", hit=make_hit("I took the time off"), searched=SEARCHED),
        Verdict(
            Claim("I took the time off", who="Marcus Vale"), "altered", "contradicted", 0.8, 0.9, said, "Ann Lee",
            changes=(
                Change("negation", "", "never", 25_400),
                Change("number", "13", "30", 26_000, undecided=True),
            ),
            diff=(WordChange("I", "I", True), WordChange("", "never", False), WordChange("took the", "took the", True)),
            context=Context("He laughed.", "Then he left.", "Did you rest?", "but"),
            searched=SEARCHED,
        ),
        Verdict(
            Claim("I took the night train"), "spliced", hit=said, searched=SEARCHED,
            pieces=(
                Piece("I took", "I took", 25_000, 26_000, 0, "no bus, only", 3),
                Piece("the night train", "", 95_000, 96_000, 1),
            ),
        ),
        Verdict(Claim(ATTACK, who=ATTACK), "not_found", searched=SEARCHED, notes=(ATTACK,)),
        Verdict(
            Claim("geese"), "faithful", "confirmed", hit=make_hit(ATTACK, title=ATTACK, url="javascript:alert(3)"),
            speaker=ATTACK, diff=(WordChange(ATTACK, ATTACK, False),), searched=SEARCHED, elsewhere=True,
        ),
    ]  # fmt: skip
