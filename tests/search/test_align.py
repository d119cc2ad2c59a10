"""The alignment of quotes with transcripts."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
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
def test_repeated_words_are_aligned_next_to_the_rest_of_the_quote(quote: str, spoken: str, found: str) -> None:
    place = QuoteAligner(quote.split()).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert " ".join(spoken.split()[place.first : place.last + 1]) == found


def test_a_long_quote_is_aligned_whole_although_more_words_were_said() -> None:
    quote = [f"w{number}" for number in range(160)]
    spoken = " ".join(f"{word} uh{word}" if at % 10 == 0 else word for at, word in enumerate(quote))
    aligner = QuoteAligner(quote)
    text = f"before {spoken} after"
    window = aligner.find_windows(text, aligner.min_likeness)[0]
    place = aligner.align_window(text, window.start, window.end)
    assert place is not None
    assert " ".join(text.split()[place.first : place.last + 1]) == spoken


def test_a_word_separated_by_unrelated_words_is_not_part_of_a_match() -> None:
    quote = "ships closed in may when they started the work"
    spoken = "ships thoroughly worth uttering words for you they started the work"
    place = QuoteAligner(quote.split()).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert " ".join(spoken.split()[place.first : place.last + 1]) == "they started the work"


def test_misheard_words_within_a_quote_do_not_split_it() -> None:
    quote, spoken = "the statement was made in june last year", "the stay meant was laid in tune last year"
    place = QuoteAligner(quote.split()).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert (place.first, place.last) == (0, len(spoken.split()) - 1)


def test_a_later_repetition_of_a_word_does_not_lower_the_score() -> None:
    aligner = QuoteAligner(["i", "would", "like", "to", "turn", "the"])
    once, again = "i would like to turn the page", "i would like to turn the page and the light"
    first, second = (aligner.align_window(text, 0, len(text)) for text in (once, again))
    assert first is not None
    assert first == second


@pytest.mark.parametrize(("quote", "spoken"), [("the", "my grandfather said"), ("art", "we started over")])
def test_a_word_does_not_match_words_that_contain_it(quote: str, spoken: str) -> None:
    place = QuoteAligner([quote]).align_window(spoken, 0, len(spoken))
    assert place is not None
    assert place.score < 0.75


def test_fillers_have_almost_no_weight() -> None:
    aligner = QuoteAligner(["you", "know", "we", "closed", "the", "harbour", "i", "mean"])
    bare, aside = "well we closed the harbour", "you know she said i mean it"
    without, alone = (aligner.align_window(text, 0, len(text)) for text in (bare, aside))
    assert without is not None
    assert alone is not None
    assert without.score > 0.7 > 0.5 > alone.score


def test_the_first_passage_is_aligned_although_many_others_are_more_similar() -> None:
    """It contains all words of the quote, but fillers make its characters less similar."""
    aligner = QuoteAligner(["the", "harbour", "has", "been", "closed"])
    spoken = TextSpan(1, 0, "so the harbour you know has you know been you know closed")
    alike = [TextSpan(track, 0, "so the harper has bin closet") for track in range(2, 62)]
    aligned = [span.track for span, _ in _likeliest_windows(aligner, [spoken, *alike])]
    assert 1 in aligned
    assert len(aligned) < 50


def test_time_grows_no_faster_than_the_letters_of_long_words() -> None:
    spoken = " ".join(f"{number * 7919 % 10007:x}word" for number in range(400))

    def align(letters: str) -> None:
        words = [letters[start : start + 30] for start in range(0, len(letters), 30)]
        for _ in range(20):
            QuoteAligner(words).find_windows(spoken, 45.0)

    check_linear_time(align, "so the word was that we were here" * 50)
