"""Claims are verified against the captions of an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import vidindex
from tests.conftest import clock, webvtt
from vidindex import Claim, Verdict

TALK = [
    ("Rosa Vale", "Good evening and welcome to the harbor meeting."),
    ("Rosa Vale", "We have never closed the north ferry terminal in winter."),
    ("Rosa Vale", "Traffic at the ferry terminal grew by 38 percent last year."),
    ("Rosa Vale", "We could open a second line, but only if the city pays for the boats."),
    ("Tom Becker", "Will the tickets become more expensive next spring?"),
    ("Rosa Vale", "Some of the tickets will be cheaper for students and older people."),
    ("Rosa Vale", "Our boats carried, um, twelve thousand passengers every single weekend."),
    ("Tom Becker", "The old lighthouse keeper told us that nobody repairs the foghorn anymore."),
    ("Rosa Vale", "And that is why the council wants to increase the budget for repairs."),
    ("Tom Becker", "Thank you all for coming, the minutes will be published on Thursday."),
]

REVERSED = "That is why the council wants to increase the budget, we have never closed the north ferry terminal"


@pytest.fixture(scope="module", name="index")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[vidindex.Index]:
    folder = tmp_path_factory.mktemp("verify")
    cues = (f"{clock(at * 5)} --> {clock(at * 5 + 5)}\n<v {who}>{line}\n" for at, (who, line) in enumerate(TALK))
    (folder / "harbor.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")
    (folder / "bread.vtt").write_text(webvtt(["let us talk about sourdough bread and salted butter for an hour"]))
    with vidindex.open(folder / "index") as index:
        index.add(folder / "harbor.vtt", folder / "bread.vtt")
        yield index


def verify(index: vidindex.Index, quote: str, **fields: str) -> Verdict:
    video = next(video.id for video in index.videos() if "harbor" in video.title)
    return next(iter(index.verify([{"quote": quote, "video": video, **fields}])))


def test_claims_may_be_quotes_alone(index: vidindex.Index) -> None:
    quote = "Will the tickets become more expensive next spring?"
    assert [found.verdict for found in index.verify([quote, {"quote": quote}])] == ["verbatim", "verbatim"]
    assert [found.claim.quote for found in index.verify(quote)] == [quote]


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [
        ("We have never closed the north ferry terminal in winter.", "verbatim"),
        ("Our boats carried twelve thousand passengers every single weekend.", "verbatim"),
        ("We’ve never closed the north ferry terminal in the winter", "faithful"),
        ("We have closed the north ferry terminal in winter.", "altered"),
        ("Traffic at the ferry terminal grew by 28 percent last year.", "altered"),
        ("Traffic at the ferry terminal fell by 38 percent last year.", "altered"),
        ("All of the tickets will be cheaper for students and older people.", "altered"),
        ("Some of the tickets might be cheaper for students and older people.", "altered"),
        ("Traffic at the ferry terminal grew … We could open a second line", "verbatim"),
        ("Traffic at the ferry terminal grew by 38 percent [in 2019].", "verbatim"),
        ("We could open a second line … if the city pays for the boats.", "verbatim"),
        (REVERSED, "spliced"),
        ("Traffic at the ferry terminal grew by 38 percent because of cruise ships from Norway", "partial"),
        ("The mayor of Lisbon promised a wonderful new bridge across the wide river", "not_found"),
    ],
    ids=[
        "verbatim", "um", "grammar", "negation", "number", "direction", "quantifier", "modality", "ellipsis",
        "brackets", "limit-marked", "reversed", "half", "invented",
    ],
)  # fmt: skip
def test_a_quote_gets_its_verdict(index: vidindex.Index, quote: str, verdict: str) -> None:
    assert verify(index, quote).verdict == verdict


@pytest.mark.parametrize("quote", ["boats", "the boats", "the city pays", "And that is why", "old lighthouse keeper"])
@pytest.mark.parametrize("scoped", [True, False], ids=["video", "index"])
def test_a_short_quote_is_found_if_it_was_said_word_for_word(
    index: vidindex.Index, quote: str, *, scoped: bool
) -> None:
    found = verify(index, quote) if scoped else next(iter(index.verify([quote])))
    assert (found.verdict, found.hit and found.hit.text.casefold().rstrip(".")) == ("verbatim", quote.casefold())
    assert found.confidence < 0.9


def test_a_common_word_is_placed_beside_the_next_one(index: vidindex.Index) -> None:
    """Not at an earlier one, such as `the` of `the foghorn`, from which the rest of the quote is far away."""
    found = verify(index, "the council wants the budget")
    assert found.hit is not None
    assert found.hit.text == "the council wants to increase the budget"
    assert [(change.said, change.undecided) for change in found.changes] == [("to increase", True)]


def test_a_short_quote_that_several_say_is_the_one_of_the_claimed_speaker(index: vidindex.Index) -> None:
    places = {who: verify(index, "the tickets", who=who) for who in ("Rosa Vale", "Tom Becker", "Ann Lee")}
    found = {who: (verdict.speaker, verdict.speaker_check) for who, verdict in places.items()}
    assert found["Rosa Vale"] == ("Rosa Vale", "confirmed")
    assert found["Tom Becker"] == ("Tom Becker", "confirmed")
    assert found["Ann Lee"] == ("Tom Becker", "contradicted")
    assert verify(index, "the", who="Ann Lee").speaker_check == "unknown"


def test_an_ellipsis_may_leave_out_a_word_that_is_also_printed(tmp_path: Path) -> None:
    """The words before it are those that were said first, and the ones after it are found near them."""
    said = ["The ferry leaves the island at noon, right?", "Nobody on board has ever seen the captain, right?"]
    common = ["And so it is what it is, and that is how it is for you and for me and for all of us."] * 4
    said += ["You have to pay the sailors twice.", *common, "So this is mine."]
    said += [
        "And I think we are in the process where in many places,",
        "people are still on strike before they take steps.",
    ]
    (tmp_path / "talk.vtt").write_text(webvtt(said))
    quotes = [
        "The ferry leaves the island at noon, right? … You have to pay the sailors twice.",
        "You have to pay the sailors twice. … So this is mine.",
        "And I think we are in the process […] places, people are still on strike before they take steps.",
    ]
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "talk.vtt")
        found = [verdict.verdict for verdict in index.verify({"quote": quote} for quote in quotes)]
    assert found == ["verbatim"] * 3


@pytest.mark.parametrize(
    ("quote", "kind", "printed", "said"),
    [
        ("We have closed the north ferry terminal in winter.", "negation", "", "never"),
        ("Traffic at the ferry terminal grew by 28 percent last year.", "number", "28", "38"),
        ("We have never closed the north railway terminal in winter.", "other", "railway", "ferry"),
    ],
    ids=["negation", "number", "other"],
)
def test_a_change_names_the_words_and_where_to_listen(
    index: vidindex.Index, quote: str, kind: str, printed: str, said: str
) -> None:
    found = verify(index, quote)
    assert [(each.kind, each.printed, each.said, each.undecided) for each in found.changes] == [
        (kind, printed, said, False)
    ]
    assert found.hit is not None
    assert found.hit.start_ms <= found.changes[0].start_ms <= found.hit.end_ms


def test_changes_are_in_the_order_in_which_they_were_said(tmp_path: Path) -> None:
    with vidindex.open(tmp_path / "index") as index:
        index.add(Path(__file__).parents[2] / "samples" / "pages" / "vale-on-the-late-desk.html")
        (found,) = index.verify(["I need to learn how to stop before I break, not afterwards"])
    assert [each.printed for each in found.changes] == ["need", "afterwards"]


def test_a_spliced_quote_has_its_pieces_with_their_order(index: vidindex.Index) -> None:
    found = verify(index, REVERSED)
    assert [piece.order for piece in found.pieces] == [1, 0]
    assert [piece.start_ms // 5000 for piece in found.pieces] == [8, 1]


def test_a_limiting_clause_that_is_cut_out_is_shown(index: vidindex.Index) -> None:
    found = verify(index, "We could open a second line, the city pays for the boats.")
    assert found.verdict == "spliced"
    assert found.pieces[0].gap == "but only if"


def test_the_words_that_were_found_of_half_a_quote_are_its_piece(index: vidindex.Index) -> None:
    found = verify(
        index, "Traffic at the ferry terminal grew by 38 percent because of all those cruise ships from Norway"
    )
    assert [piece.printed for piece in found.pieces] == ["Traffic at the ferry terminal grew by 38 percent"]


@pytest.mark.parametrize(
    ("who", "check"),
    [("Rosa Vale", "confirmed"), ("Ms. Vale", "confirmed"), ("Becker", "contradicted"), ("", "unknown")],
    ids=["name", "title", "other", "nobody"],
)
def test_the_speaker_is_checked(index: vidindex.Index, who: str, check: str) -> None:
    found = verify(index, "We have never closed the north ferry terminal in winter.", who=who)
    assert (found.speaker_check, found.speaker) == (check, "Rosa Vale")


def test_the_context_has_the_question_and_what_the_quote_stops_before(index: vidindex.Index) -> None:
    answer = verify(index, "Some of the tickets will be cheaper for students and older people.").context
    assert answer is not None
    assert answer.question == "Will the tickets become more expensive next spring?"
    cut = verify(index, "We could open a second line").context
    assert cut is not None
    assert cut.cut_before == "but"
    assert cut.before == "Traffic at the ferry terminal grew by 38 percent last year."


def test_the_context_of_the_first_words_of_a_turn_is_what_was_said_before(tmp_path: Path) -> None:
    lines = (
        "ANN LEE: Nobody went out that night.",
        "BO VALE: We painted the tower twice.",
        "[applause]",
        "ANN LEE: Twice?",
    )
    (tmp_path / "harbor.vtt").write_text(webvtt(lines))
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "harbor.vtt")
        context = verify(index, "We painted the tower twice.").context
    assert context is not None
    assert context.before == "ANN LEE: Nobody went out that night."


def test_a_quote_of_another_video_is_found_elsewhere(index: vidindex.Index) -> None:
    found = verify(index, "let us talk about sourdough bread and salted butter for an hour")
    assert (found.verdict, found.elsewhere) == ("verbatim", True)


def test_a_chance_hit_elsewhere_is_not_shown(index: vidindex.Index) -> None:
    found = verify(index, "let us talk about it for an hour")
    assert (found.verdict, found.hit) == ("not_found", None)


def test_a_video_that_is_not_indexed_cannot_be_told_about(index: vidindex.Index) -> None:
    found = next(index.verify([Claim("the moon is made of cheese and old bread crumbs", video="youtube:gone")]))
    assert found.verdict == "not_found"
    assert found.searched.cannot_tell
    assert found.searched.without_captions == 1
    assert any("vidindex add" in note for note in found.notes)


def test_all_that_was_searched_is_told(index: vidindex.Index) -> None:
    searched = verify(index, "We have never closed the north ferry terminal in winter.").searched
    assert (searched.scope, searched.videos, searched.with_captions, searched.complete) == ("video", 1, 1, True)


def test_verdicts_come_in_the_order_of_the_claims(index: vidindex.Index) -> None:
    claims = [Claim("salted butter for an hour", id=str(at)) for at in range(3)]
    assert [verdict.claim.id for verdict in index.verify(claims)] == ["0", "1", "2"]


def test_a_claim_without_words_is_not_found(index: vidindex.Index) -> None:
    found = verify(index, "… — !")
    assert (found.verdict, found.confidence) == ("not_found", 0.0)


@pytest.mark.parametrize("quote", ["harbor meeting " * 4000, "ferry 1 2 " * 2000, "no " * 5000, "x" * 30_000])
def test_a_quote_that_is_longer_than_all_that_was_said_is_bounded(index: vidindex.Index, quote: str) -> None:
    assert verify(index, quote).verdict in ("partial", "not_found")
