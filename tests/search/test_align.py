"""A quote is aligned with the words around it as a listener would: what belongs together stays together."""

from __future__ import annotations

import pytest

from vidindex.search.align import QuoteAligner
from vidindex.search.retrieve import TextSpan, _likeliest_windows


@pytest.mark.parametrize(
    ("quote", "spoken", "found"),
    [
        (
            "now i would like to turn the",
            "and i would like to turn the call over to the shop",
            "i would like to turn the",
        ),
        ("we were late that day", "we said that we were late that year", "we were late that"),
        ("so it is late", "so we said so it is late", "so it is late"),
        ("low so we have not seen the", "slow so we have not seen the pivot of the", "slow so we have not seen the"),
        ("that it was late", "is that it is so that it was late", "that it was late"),
        ("log into a station it is", "log into a nation it is the one it is", "log into a nation it is"),
        ("it is a station open now", "it is what it is the nation open now", "it is the nation open now"),
    ],
)
def test_of_equal_words_those_beside_the_rest_of_the_quote_are_taken(quote: str, spoken: str, found: str) -> None:
    place = QuoteAligner(quote.split()).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert " ".join(spoken.split()[place.first : place.last + 1]) == found


def test_a_word_beyond_others_that_are_nothing_like_the_quote_does_not_belong() -> None:
    quote = "ships closed in may when they started the work"
    spoken = "ships thoroughly worth uttering words for you they started the work"
    place = QuoteAligner(quote.split()).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert " ".join(spoken.split()[place.first : place.last + 1]) == "they started the work"


def test_words_misheard_amid_a_quote_do_not_part_it() -> None:
    quote, spoken = "the statement was made in june last year", "the stay meant was laid in tune last year"
    place = QuoteAligner(quote.split()).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert (place.first, place.last) == (0, len(spoken.split()) - 1)


def test_a_word_said_again_later_costs_nothing() -> None:
    aligner = QuoteAligner(["i", "would", "like", "to", "turn", "the"])
    once, again = "i would like to turn the page", "i would like to turn the page and the light"
    first, second = (aligner.align_window(text, 0, len(text)) for text in (once, again))
    assert first is not None
    assert first == second


@pytest.mark.parametrize(("quote", "spoken"), [("the", "my grandfather said"), ("art", "we started over")])
def test_a_word_is_not_like_those_that_hold_it(quote: str, spoken: str) -> None:
    place = QuoteAligner([quote]).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert place.score < 0.75


def test_asides_count_next_to_nothing() -> None:
    aligner = QuoteAligner(["you", "know", "we", "closed", "the", "harbour", "i", "mean"])
    bare, aside = "well we closed the harbour", "you know she said i mean it"
    without, alone = (aligner.align_window(text, 0, len(text)) for text in (bare, aside))
    assert without is not None
    assert alone is not None
    assert without.score > 0.7 > 0.5 > alone.score


def test_the_passage_ranked_first_is_aligned_though_many_others_look_more_like_the_quote() -> None:
    """Fillers make it unlike the quote by its letters, and it has all the words."""
    aligner = QuoteAligner(["the", "harbour", "has", "been", "closed"])
    spoken = TextSpan(1, 0, "so the harbour you know has you know been you know closed")
    alike = [TextSpan(track, 0, "so the harper has bin closet") for track in range(2, 62)]
    aligned = [run.track for run, _ in _likeliest_windows(aligner, [spoken, *alike])]
    assert 1 in aligned
    assert len(aligned) < 50
