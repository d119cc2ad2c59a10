"""The JSON objects of the API and of `--json`: field names, types and descriptions.

`vidindex.server.serialize` builds these objects, and `vidindex.server.openapi` describes them. The name of a schema in
the OpenAPI document is the class name without `Json`.
"""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from ..model import CaptionOrigin, EmbedKind, MatchKind, Medium, TextKind
from ..search.facets import FacetName
from ..search.trend import TrendGroup
from ..verify.check import QuoteVerdict
from ..verify.verdicts import ChangeKind, SearchScope, SpeakerCheck, VerdictKind
from .params import ResultUnit

IsoDate = Annotated[str, "ISO 8601 date; empty if unknown"]
UnavailableSince = Annotated[str, "ISO 8601 date since which the site no longer has the video; empty if it does"]


class ArticleNameJson(TypedDict):
    """An article that embeds the video."""

    url: str
    title: str


class HitJson(TypedDict):
    """A moment that matches a query; the same fields as `vidindex search --json`."""

    video_id: str
    video_url: str
    title: str
    channel: str
    site: str
    date: IsoDate
    label: Annotated[str, "heading or caption that introduces the video in an article"]
    kind: str
    medium: Medium
    language: str
    origin: CaptionOrigin
    unavailable_since: UnavailableSince
    speaker: str
    start_ms: int
    end_ms: int
    text: Annotated[str, "the matching words, as captioned"]
    before: Annotated[str, "the words before the match"]
    after: Annotated[str, "the words after the match"]
    match: MatchKind
    score: Annotated[float, "from 0 to 1; 1 means that every word matches, in order"]
    url: Annotated[str, "URL that plays the video from this moment"]
    articles: list[ArticleNameJson]


class FacetValueJson(TypedDict):
    """A value of a facet and the number of hits that a search with it as a filter finds."""

    value: str
    count: int
    name: Annotated[str, "display name of the value; empty if the value is its own name"]


class FacetJson(TypedDict):
    """The values of one filter parameter among the hits of a search."""

    name: FacetName
    values: list[FacetValueJson]


class VideoHitsJson(TypedDict):
    """A video with its best hits, at most three; the same fields as `vidindex search --by video --json`."""

    video_id: str
    video_url: str
    title: str
    channel: str
    site: str
    date: IsoDate
    kind: str
    duration_ms: int
    unavailable_since: UnavailableSince
    total: Annotated[int, "number of all hits in the video"]
    is_more: Annotated[bool, "true if there may be more hits in the video than `total`"]
    hits: list[HitJson]


class TextHitJson(TypedDict):
    """A text about a video, or of an article, that has the words: nobody needs to have said them."""

    match: TextKind
    video_id: Annotated[str, "empty for an article"]
    video_url: str
    article_url: Annotated[str, "empty for a video"]
    title: str
    channel: str
    site: str
    date: IsoDate
    start_ms: Annotated[int, "start of the chapter; 0 for other texts"]
    text: Annotated[str, "the part of the text that matches; `…` where it is cut"]
    marks: Annotated[list[list[int]], "character ranges of `text` that match: start and end of each"]
    url: Annotated[str, "URL of the video or the article; that of a chapter plays it from its start"]


class TextCountJson(TypedDict):
    """A kind of text and the number of texts of that kind that match."""

    kind: TextKind
    count: int


class TextsJson(TypedDict):
    """The texts about videos that match, apart from what was said."""

    total: int
    counts: list[TextCountJson]
    pending: Annotated[int, "number of videos and articles whose texts are not searchable yet"]
    hits: list[TextHitJson]


class UnknownValueJson(TypedDict):
    """The value of a filter that no video has."""

    name: Annotated[str, "name of the filter, or of the field in the query"]
    value: str
    similar: Annotated[list[str], "values that some video has"]


class SearchPageJson(TypedDict):
    """A page of hits, or of videos. Counts are exact up to 10,000 hits."""

    query: str
    by: ResultUnit
    total: Annotated[int, "number of hits, at most 10,000"]
    total_videos: Annotated[int | None, "number of videos, if the results are by video"]
    is_more: Annotated[bool, "true if there are more hits than `total`: all counts are then lower bounds"]
    page: int
    size: int
    next: Annotated[str | None, "path of the next page"]
    suggestion: Annotated[str | None, "corrected query that finds something, if nothing matches"]
    corrected: Annotated[str | None, "the query whose results these are, if nothing matches `query`; see `correct`"]
    unknown: Annotated[list[UnknownValueJson], "the filter values that no video has, if nothing matches"]
    took_ms: float
    facets: list[FacetJson]
    videos: Annotated[list[VideoHitsJson], "the videos of the page, if the results are by video"]
    hits: Annotated[list[HitJson], "the hits of the page; by video, the best hits of each"]
    gist: Annotated[list[HitJson], "the hits that say it in other words, which `total` does not count; see `gist`"]
    texts: Annotated[TextsJson | None, "the texts that match, if the request or its query selects texts"]


class TrendRowJson(TypedDict):
    """The hits in one month, one year, one channel or of one speaker, and the words that are indexed there."""

    value: Annotated[str, "`2009-09`, `2009` or a name; empty for videos without a date or a name"]
    hits: int
    words: Annotated[int, "number of indexed words; 0 is a gap"]
    rate: Annotated[float | None, "hits per million words; null if no words are indexed"]


class TrendJson(TypedDict):
    """The hits of a query by month, year, channel or speaker, relative to the indexed words."""

    by: TrendGroup
    total: Annotated[int, "number of all hits"]
    words: Annotated[int, "number of indexed words in all videos that the filters select"]
    is_more: Annotated[bool, "true if more than 10,000 passages match: the hits in a sample of them are counted"]
    rows: list[TrendRowJson]


class TrendPageJson(TrendJson):
    """A trend with its query."""

    query: str


class ChapterJson(TypedDict):
    """A titled part of a video."""

    start_ms: int
    title: str


class VideoJson(TypedDict):
    """The metadata of a video."""

    id: Annotated[str, "`extractor:id`"]
    url: str
    title: str
    channel: str
    channel_url: str
    site: str
    date: IsoDate
    duration_ms: int
    description: str
    language: str
    categories: list[str]
    tags: list[str]
    chapters: list[ChapterJson]
    thumbnail: str
    kind: str
    medium: Medium
    unavailable_since: UnavailableSince


class TrackJson(TypedDict):
    """A caption track."""

    language: str
    origin: CaptionOrigin
    warnings: Annotated[list[str], "what was repaired, guessed or left out when the captions were read"]


class EmbeddedInJson(TypedDict):
    """An article that embeds the video, with the label that introduces it there."""

    url: str
    label: str


class VideoDetailsJson(VideoJson):
    """A video with its caption tracks and the articles that embed it."""

    tracks: list[TrackJson]
    articles: list[EmbeddedInJson]


class ArticleJson(TypedDict):
    """The metadata of an article."""

    url: str
    title: str
    author: str
    site: str
    date: IsoDate
    language: str
    captured: Annotated[str, "UTC time at which an archive saved the page; empty if it was read from the web"]


class EmbedJson(TypedDict):
    """One place in an article where a video plays, with its current state."""

    url: str
    provider: str
    id: str
    label: str
    kind: EmbedKind
    medium: Medium
    state: Annotated[str, "`done`, `attached`, `waiting`, `dead`, or the failure class of the last attempt"]
    reason: str
    video_id: Annotated[str, "empty if the embed has not been resolved"]


class ArticleDetailsJson(ArticleJson):
    """An article with its embeds."""

    embeds: list[EmbedJson]


class ListPageJson(TypedDict):
    """A page of a list."""

    total: int
    page: int
    size: int
    next: Annotated[str | None, "path of the next page"]


class VideoPageJson(ListPageJson):
    """A page of the videos, in the order in which they were added."""

    videos: list[VideoJson]


class ArticlePageJson(ListPageJson):
    """A page of the articles, in the order in which they were added."""

    articles: list[ArticleJson]


class WordJson(TypedDict):
    """A word of a transcript with its time."""

    text: str
    start_ms: int
    end_ms: int
    sound: Annotated[bool, "true if the word is not speech, for example `[applause]`"]


class TurnJson(TypedDict):
    """A change of speaker."""

    word: Annotated[int, "index of the first word of the new speaker"]
    name: Annotated[str, "name of the speaker; empty if unknown"]


class TranscriptJson(TypedDict):
    """The words of a video, each once; written by `vidindex.transcripts.export`."""

    title: str
    timed: Annotated[bool, "true if the captions state the times of words"]
    words: list[WordJson]
    speakers: list[TurnJson]


class ChangeJson(TypedDict):
    """Words as printed and as spoken."""

    printed: str
    spoken: str
    same: bool


class QuoteJson(TypedDict):
    """A printed quote compared with the transcripts."""

    quote: str
    attribution: str
    verdict: QuoteVerdict
    elsewhere: Annotated[bool, "true if the match is in a video that the article does not embed"]
    changes: list[ChangeJson]
    hit: HitJson | None


class QuotesJson(TypedDict):
    """The quotes in an article."""

    article: ArticleJson
    quotes: list[QuoteJson]


class MeaningChangeJson(TypedDict):
    """A difference that changes the meaning."""

    kind: ChangeKind
    printed: str
    said: str
    start_ms: Annotated[int, "where to listen"]
    undecided: Annotated[bool, "true if the captions cannot decide it"]


class PieceJson(TypedDict):
    """A run of the quote that was said in one place."""

    printed: str
    said: str
    start_ms: int
    end_ms: int
    order: Annotated[int, "position in the order of the video, from 0"]
    gap: Annotated[str, "the words between this piece and the next one of the quote"]
    gap_words: int


class ContextJson(TypedDict):
    """What was said around the quote."""

    before: str
    after: str
    question: Annotated[str, "the question that was answered; empty if the captions show none"]
    cut_before: Annotated[str, "the word with which the speaker goes on where the quote stops, such as `but`"]


class SearchedJson(TypedDict):
    """How much was searched."""

    scope: SearchScope
    videos: int
    with_captions: int
    without_captions: int
    languages: list[str]
    complete: Annotated[bool, "true if all these videos have captions"]


class ClaimJson(TypedDict):
    """A quote to verify."""

    quote: str
    who: NotRequired[Annotated[str, "the person who is said to have said it"]]
    video: NotRequired[Annotated[str, "id or URL of the video in which it is said to have been said"]]
    article: NotRequired[Annotated[str, "URL of an article in the index that embeds the video"]]
    id: NotRequired[Annotated[str, "any text; the verdict repeats it"]]


class VerdictJson(TypedDict):
    """The verdict for a claim; the same fields as `vidindex verify --json`."""

    id: str
    quote: str
    who: str
    video: str
    article: str
    verdict: VerdictKind
    speaker_check: SpeakerCheck
    speaker: Annotated[str, "who speaks, as the captions state it"]
    score: Annotated[float, "how much of the quote was found, from 0 to 1"]
    confidence: Annotated[float, "how likely the verdict is right, from 0 to 1"]
    elsewhere: Annotated[bool, "true if the match is not in a video of the claim"]
    hit: HitJson | None
    changes: list[MeaningChangeJson]
    diff: list[ChangeJson]
    pieces: list[PieceJson]
    context: ContextJson | None
    searched: SearchedJson
    notes: list[str]


class ClaimsJson(TypedDict):
    """The claims of a request."""

    claims: list[ClaimJson]


class VerdictsJson(TypedDict):
    """The verdicts, in the order of the claims."""

    verdicts: list[VerdictJson]


class SitePauseJson(TypedDict):
    """A site that refuses requests for now."""

    site: str
    until: Annotated[str, "when its links are tried again"]
    waiting: Annotated[int, "links that wait for it"]
    reason: str


class QueueJson(TypedDict):
    """The work queue, as `vidindex status --json` prints it: the number of tasks by kind and state."""

    links: dict[str, int]
    embeds: dict[str, int]
    videos: dict[str, int]
    total: Annotated[dict[str, int], "the tasks of all kinds, by state"]
    next_try: Annotated[str, "when the next retry is due; empty if none is scheduled"]
    runs: Annotated[int, "processes that work on the queue"]
    reasons: Annotated[dict[str, int], "the failure classes of tasks that failed, are unavailable or will be retried"]
    paused: Annotated[list[SitePauseJson], "the sites that refuse requests for now"]


class StatsJson(TypedDict):
    """The size of the index, and its work queue."""

    articles: int
    embeds: int
    dead: Annotated[int, "embeds whose player no longer works"]
    videos: int
    without_captions: int
    tracks: int
    words: int
    duration_ms: int
    pending: Annotated[int, "caption tracks that are not searchable yet"]
    engine: str
    bytes: int
    vectors: Annotated[int, "number of vectors for searches in other words"]
    gist_model: Annotated[str, "name of the model that made them; empty if there are none"]
    queue: QueueJson


class ReviewEditJson(TypedDict):
    """A change of a review; what is left out stays as it is."""

    article: Annotated[str, "URL of an article in the index"]
    quote: Annotated[str, "a quotation that the article prints, as `/api/quotes` returns it"]
    done: NotRequired[Annotated[bool, "whether the quotation is ticked off"]]
    note: NotRequired[Annotated[str, "at most 2,000 characters; empty to delete the note"]]


class ReviewJson(TypedDict):
    """What people noted about a quotation."""

    article: str
    quote: str
    done: bool
    note: str
    changed: Annotated[str, "UTC time of the last change"]


class ProblemJson(TypedDict):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    parameter: NotRequired[Annotated[str, "the invalid parameter of the request"]]
    at: NotRequired[Annotated[int, "index of the character of the query where parsing failed"]]
