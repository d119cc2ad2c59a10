"""What is printed beside what was said."""

from __future__ import annotations

from dataclasses import replace

from vidindex.model import Hit, Video
from vidindex.server.views.report import ReportRequest, make_report
from vidindex.server.views.side_by_side import mark_printed, mark_said, split_said
from vidindex.verify.check import CheckedQuote, compare_words
from vidindex.verify.claims import Claim
from vidindex.verify.quotations import Quotation
from vidindex.verify.verdicts import Change, Piece, Searched, Verdict

PRINTED = "We will raise … all  taxes, nobody [in town] cared"
VIDEO = Video("youtube:abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk", title="Late Desk")
HIT = Hit(VIDEO, 25_000, 29_000, "said", "", "", "near", 0.9, f"{VIDEO.url}&t=25s")
VERDICT = Verdict(
    Claim(PRINTED),
    "altered",
    hit=HIT,
    score=0.999,
    confidence=0.8,
    changes=(Change("negation", "", "not", 26_000),),
    diff=compare_words("We will raise all taxes, nobody cared", "we will not raise all the taxes nobody cared"),
)


def test_the_printed_words_stay_exactly_as_they_are_printed() -> None:
    assert "".join(words.text for words in mark_printed(PRINTED, VERDICT)) == PRINTED


def test_words_are_set_apart_by_what_they_do_to_the_meaning() -> None:
    said = {words.text: words.difference for words in mark_said(VERDICT) if words.difference != "same"}
    assert said == {"not": "meaning", "the": "wording"}


def test_a_word_within_another_word_is_not_the_change() -> None:
    verdict = replace(
        VERDICT,
        changes=(Change("negation", "no", "", 26_000),),
        diff=compare_words("nobody had no time", "somebody had time"),
    )
    marked = {words.text: words.difference for words in mark_printed("nobody had no time", verdict)}
    assert (marked["nobody"], marked["no"]) == ("wording", "meaning")


def test_pieces_stand_apart_with_their_times_and_what_was_left_out() -> None:
    pieces = (
        Piece("We will raise", "we will raise", 95_000, 96_000, 1),
        Piece("taxes", "taxes", 25_000, 26_000, 0, "and all of the", 4),
    )
    spliced = replace(VERDICT, verdict="spliced", pieces=pieces)
    assert mark_said(spliced) == ()
    first, second = split_said(spliced)
    assert (first.clock, first.is_earlier, second.clock, second.is_earlier) == ("1:35", False, "0:25", True)
    assert second.gap == "4 words left out: and all of the"


def test_a_score_that_is_not_perfect_is_not_rounded_to_100() -> None:
    report = make_report("https://a.example/", [_checked(VERDICT)], [], ReportRequest())
    assert report.quotes[0].measures == ("99 % found", "confidence 0.80")


def test_the_local_file_plays_just_the_quote() -> None:
    asked: list[str] = []

    def find_media(video: Video) -> str:
        asked.append(video.id)
        return "/media/x"

    checked = [_checked(VERDICT), _checked(VERDICT)]
    report = make_report("https://a.example/", checked, [], ReportRequest(find_media=find_media))
    assert [each.place.src for each in report.quotes if each.place] == ["/media/x#t=25,29"] * 2
    assert asked == [VIDEO.id]


def test_a_quote_whose_videos_lack_captions_is_one_that_cannot_be_told() -> None:
    missing = Verdict(Claim("x"), "not_found", searched=Searched("article", videos=1, without_captions=1))
    searched = replace(missing, searched=Searched("article", videos=1, with_captions=1, complete=True))
    report = make_report("https://a.example/", [_checked(missing), _checked(searched)], [], ReportRequest())
    assert [each.is_unsure for each in report.quotes] == [True, False]


def _checked(verdict: Verdict) -> CheckedQuote:
    return CheckedQuote(Quotation(verdict.claim.quote), verdict.verdict, verdict.hit, verdict.diff, details=verdict)
