"""The report on the quotations of an article: what is printed and what was said, and what people noted about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlencode

from ...errors import BadRequestError
from ...model import Hit, Review, Video, origin_label
from ...transcripts.timecode import format_clock, format_seconds
from ...verify.reports.wording import (
    VERDICT_ORDER,
    describe_confidence,
    describe_context,
    describe_notes,
    describe_searched,
    describe_speaker,
    describe_words,
    verdict_label,
    verdict_meaning,
)
from ...verify.verdicts import Change, Verdict, VerdictKind
from .names import video_name
from .side_by_side import SaidPiece, SideWords, mark_printed, mark_said, split_said
from .urls import article_path, display_host, language_tag, safe_web_url, search_path, transcript_path, video_path

if TYPE_CHECKING:
    from ...verify.check import CheckedQuote

ReportFilter = VerdictKind | Literal["", "contradicted", "cannot_tell", "open", "checked"]
_OTHER_FILTERS = ("contradicted", "cannot_tell", "open", "checked")
_FILTER_LABELS = {
    "contradicted": "speaker contradicted",
    "cannot_tell": "cannot tell",
    "open": "to check",
    "checked": "checked",
}
_EXPORTS = (("CSV", "csv"), ("JSON", "json"), ("Markdown", "md"))
_MAX_SEARCHED_CHARS = 300


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What is asked of a report.

    *show* selects quotations.  *read_only* is why this visitor may not tick them off; "" for one who may.  *find_media*
    returns the path of the local media file of a video, or "".
    """

    show: ReportFilter = ""
    read_only: str = ""
    find_media: Callable[[Video], str] = field(default=lambda _: "")


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A link that shows some of the quotations; *verdict* is the label of a verdict, or empty."""

    label: str
    verdict: str
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of meaning, and where to listen."""

    kind: str
    text: str
    is_undecided: bool
    clock: str
    href: str


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """The place at which a quotation was found: *href* is that of its video page, *src* that of its local file."""

    title: str
    times: str
    facts: tuple[str, ...]
    href: str
    original: str
    host: str
    src: str
    medium: str
    captions: str
    language: str


@dataclass(frozen=True, slots=True)
class QuoteReport:
    """A quotation with its verdict; *review* is what people noted about it."""

    number: int
    text: str
    attribution: str
    verdict: str
    meaning: str
    is_unsure: bool
    is_contradicted: bool
    measures: tuple[str, ...]
    printed: tuple[SideWords, ...]
    said: tuple[SideWords, ...]
    pieces: tuple[SaidPiece, ...]
    speaker: str
    place: PlaceLink | None
    changes: tuple[ChangeLine, ...]
    context: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    searched: str
    search: str
    review: Review


@dataclass(frozen=True, slots=True)
class QuotesReport:
    """The report; *orphans* are reviews of quotations that the article does not print any more."""

    article: str
    quotes: tuple[QuoteReport, ...]
    total: int
    checked: int
    filters: tuple[FilterLink, ...]
    chosen: str
    searched: tuple[str, ...]
    exports: tuple[tuple[str, str], ...]
    orphans: tuple[Review, ...]
    read_only: str


def parse_report_filter(params: Mapping[str, str]) -> ReportFilter:
    """Parse which quotations are to be shown.

    Raises `BadRequestError` if there is no such group.
    """
    given = params.get("show", "")
    for name in ("", *get_args(VerdictKind), *_OTHER_FILTERS):
        if given == name:
            return name  # type: ignore[no-any-return]  # a value of `ReportFilter`
    raise BadRequestError("show", f"must be one of {', '.join((*VERDICT_ORDER, *_OTHER_FILTERS))}")


def make_report(
    article: str, checked: Sequence[CheckedQuote], reviews: Sequence[Review], request: ReportRequest
) -> QuotesReport:
    """Return the report on the quotations of *article* that were *checked*."""
    by_quote = {review.quote: review for review in reviews}
    groups = [_groups_of(each, by_quote.get(each.quotation.text)) for each in checked]
    find_media = cache(request.find_media)
    shown = (
        (number, each)
        for number, (each, names) in enumerate(zip(checked, groups, strict=True), 1)
        if request.show in names
    )
    printed = {each.quotation.text for each in checked}
    return QuotesReport(
        article=article,
        quotes=tuple(_make_quote(article, number, each, by_quote, find_media) for number, each in shown),
        total=len(checked),
        checked=sum("checked" in names for names in groups),
        filters=tuple(_make_filters(article, groups, request.show)),
        chosen=_filter_label(request.show),
        searched=_describe_searches(checked),
        exports=tuple((name, _export_path(article, form)) for name, form in _EXPORTS),
        orphans=tuple(review for review in reviews if review.quote not in printed and not review.is_empty),
        read_only=request.read_only,
    )


def _groups_of(checked: CheckedQuote, review: Review | None) -> frozenset[str]:
    """Return the names of the filters that show a quotation."""
    verdict = checked.details
    names = {"", checked.verdict, "checked" if review and review.done else "open"}
    if verdict and verdict.speaker_check == "contradicted":
        names.add("contradicted")
    if verdict and _cannot_tell(verdict):
        names.add("cannot_tell")
    return frozenset(names)


def _cannot_tell(verdict: Verdict) -> bool:
    return verdict.verdict == "not_found" and verdict.searched.cannot_tell


def _make_filters(article: str, groups: Sequence[frozenset[str]], show: ReportFilter) -> list[FilterLink]:
    names: list[ReportFilter] = ["", *VERDICT_ORDER, "contradicted", "cannot_tell", "open", "checked"]
    counted = ((name, sum(name in each for each in groups)) for name in names)
    return [
        FilterLink(
            _filter_label(name),
            verdict_label(name) if name in VERDICT_ORDER else "",
            count,
            _report_path(article, name),
            is_chosen=name == show,
        )
        for name, count in counted
        if count or name in ("", show)
    ]


def _filter_label(name: ReportFilter) -> str:
    if not name:
        return "all"
    return _FILTER_LABELS.get(name) or verdict_label(name)  # type: ignore[arg-type]


def _report_path(article: str, show: ReportFilter) -> str:
    path = article_path(article)
    return f"{path}&show={show}#quotes" if show else f"{path}#quotes"


def _export_path(article: str, form: str) -> str:
    return f"/report?{urlencode({'url': article, 'format': form})}"


def _describe_searches(checked: Sequence[CheckedQuote]) -> tuple[str, ...]:
    searches = (describe_searched(each.details.searched) for each in checked if each.details)
    found = dict.fromkeys(map(_capitalize, searches))
    if any(each.elsewhere or each.verdict == "not_found" for each in checked):
        found["Quotes that are not in the videos of the article were also searched in the whole index"] = None
    return tuple(found)


def _make_quote(
    article: str,
    number: int,
    checked: CheckedQuote,
    reviews: Mapping[str, Review],
    find_media: Callable[[Video], str],
) -> QuoteReport:
    text, verdict = checked.quotation.text, checked.details
    if verdict is None:
        raise TypeError("a checked quotation has no details")
    return QuoteReport(
        number=number,
        text=text,
        attribution=checked.quotation.attribution,
        verdict=verdict_label(verdict.verdict),
        meaning=verdict_meaning(verdict.verdict),
        is_unsure=_cannot_tell(verdict),
        is_contradicted=verdict.speaker_check == "contradicted",
        measures=_measure(verdict),
        printed=mark_printed(text, verdict),
        said=mark_said(verdict),
        pieces=split_said(verdict),
        speaker=verdict.speaker if verdict.hit else "",
        place=_make_place(verdict.hit, text, find_media) if verdict.hit else None,
        changes=tuple(_make_change(change, verdict.hit) for change in verdict.changes),
        # Captions that state who speaks do so before the words.
        context=tuple(describe_context(verdict)),
        remarks=tuple(map(_capitalize, filter(None, (describe_speaker(verdict), *describe_notes(verdict))))),
        searched=_capitalize(describe_searched(verdict.searched)),
        search=search_path(text[:_MAX_SEARCHED_CHARS]),
        review=reviews.get(text) or Review(article, text),
    )


def _measure(verdict: Verdict) -> tuple[str, ...]:
    if verdict.hit is None:
        return ()
    percent = 100 if verdict.score >= 1 else min(99, round(100 * verdict.score))
    return (f"{percent} % found", describe_confidence(verdict))


def _make_place(hit: Hit, text: str, find_media: Callable[[Video], str]) -> PlaceLink:
    src = find_media(hit.video)
    original = safe_web_url(hit.url)
    return PlaceLink(
        title=video_name(hit.video, hit.label),
        times=f"{format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}",
        facts=tuple(filter(None, (hit.video.channel, hit.video.date, origin_label(hit.origin), hit.language))),
        href=video_path(hit.video.id, at_ms=hit.start_ms, text=text[:_MAX_SEARCHED_CHARS], language=hit.language),
        original=original,
        host=display_host(original),
        src=f"{src}#t={format_seconds(hit.start_ms)},{format_seconds(hit.end_ms)}" if src else "",
        medium=hit.video.medium,
        captions=transcript_path(hit.video.id, "vtt", language=hit.language),
        language=language_tag(hit.language),
    )


def _make_change(change: Change, hit: Hit | None) -> ChangeLine:
    return ChangeLine(
        kind=change.kind,
        text=_capitalize(describe_words(change)),
        is_undecided=change.undecided,
        clock=format_clock(change.start_ms),
        href=video_path(hit.video.id, at_ms=change.start_ms, language=hit.language) if hit else "",
    )


def _capitalize(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
