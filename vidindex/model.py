"""The values that pass between stages: frozen dataclasses without behavior beyond their own fields.

Times are integer milliseconds from the start of the video; dates are ISO `YYYY-MM-DD` strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

EmbedKind = Literal["embed", "link", "meta"]
Medium = Literal["video", "audio"]
CaptionOrigin = Literal["manual", "automatic", "asr", "supplied"]
MatchKind = Literal["exact", "near", "gist"]

FailureClass = Literal[
    "failed", "gone", "dead", "later", "live", "blocked", "robots", "needs-login", "needs-token", "wall", "geo", "drm",
    "unsupported", "broken-extractor", "stopped", "broken",
]  # fmt: skip
"""What a failure means for a later attempt: see `docs/resolving.md`."""

EmbedState = FailureClass | Literal["waiting", "done", "attached", "removed"]
"""The state of an embed: waiting, resolved, attached to a video by hand, its video removed, or its last failure."""

StatusWord = Literal["waiting", "in progress", "indexed", "no captions", "will retry", "unavailable", "failed"]
"""The status of an embed, a video or a task, as people read it."""

_STATUS_WORDS: dict[str, StatusWord] = {
    "waiting": "waiting",
    "working": "in progress",
    "done": "indexed",
    "attached": "indexed",
    "later": "will retry",
    "live": "will retry",
    "blocked": "will retry",
    "stopped": "will retry",
    "gone": "unavailable",
    "dead": "unavailable",
}


def status_word(state: str) -> StatusWord:
    """Return the status that people read for an embed state, a task state or a failure class."""
    return _STATUS_WORDS.get(state, "failed")


_ORIGIN_LABELS: dict[CaptionOrigin, str] = {
    "manual": "manual captions",
    "automatic": "auto-generated",
    "asr": "speech recognition",
    "supplied": "supplied file",
}


def origin_label(origin: CaptionOrigin) -> str:
    """Return the name that people read for the origin of a caption track."""
    return _ORIGIN_LABELS[origin]


@dataclass(frozen=True, slots=True)
class Article:
    """A page that embeds videos.

    *url* is the canonical URL if the page states one of its own site, otherwise the URL that it was read from.
    *fetched_from* is the URL that was asked for it.  *text* has blank lines between its paragraphs; headings start with
    `## `, each paragraph of a block quote with `> `, and lines of a program with four spaces.
    *captured* is the UTC time at which the page was saved, as `YYYY-MM-DDTHH:MM:SSZ`, or "" if that is not known.  Of
    several captures that differ, all but the first have a *url* that ends with `#capture-` and a number.
    """

    url: str
    fetched_from: str = ""
    title: str = ""
    author: str = ""
    site: str = ""
    date: str = ""
    language: str = ""
    text: str = ""
    captured: str = ""


@dataclass(frozen=True, slots=True)
class CaptionLink:
    """A caption file that a page names for its player (`<track>`)."""

    url: str
    language: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Embed:
    """One place in an article where a video plays, or something that is only heard, such as an episode of a podcast.

    *url* is canonical; yt-dlp resolves it.  *id* is the provider's own id in its original case, or the URL if it has
    none.  A *dead* embed is from a provider that no longer exists.  *original_url* is the URL that the page states if
    it differs from *url*; web archives store the embed under that.  *medium* is `audio` if nothing is seen.
    """

    url: str
    provider: str
    id: str
    label: str = ""
    kind: EmbedKind = "embed"
    dead: bool = False
    captions: tuple[CaptionLink, ...] = ()
    original_url: str = field(default="", compare=False)
    medium: Medium = "video"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A titled part of a video."""

    start_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class Video:
    """The metadata of a video, from yt-dlp or from the name of a file.

    *id* is `extractor:id` with the extractor in lower case; ids are case-sensitive.  *site* is the host that
    serves it.  `vidindex.ingest.clip_kind` sets *kind*; it is `other` before that.  *unavailable_since* is the day on
    which the site was found not to have the video any more; its captions stay searchable.  *medium* is `audio` if
    nothing is seen.  *duration_ms* is the end of the last cue if the length is not known otherwise.
    """

    id: str
    url: str
    title: str = ""
    channel: str = ""
    channel_url: str = ""
    site: str = ""
    date: str = ""
    duration_ms: int = 0
    description: str = ""
    language: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    thumbnail: str = ""
    kind: str = "other"
    unavailable_since: str = ""
    medium: Medium = "video"


@dataclass(frozen=True, slots=True)
class Track:
    """One caption track of a video, before its bytes are fetched.

    *format* is the file extension that the site states (`vtt`, `json3`, `ttml`…), or "" if it states none.  *warnings*
    of a track in the index tell what was repaired, guessed or left out when it was read.
    """

    language: str
    origin: CaptionOrigin
    format: str = ""
    url: str = ""
    name: str = ""
    warnings: tuple[str, ...] = ()


class TimedWord(NamedTuple):
    """A word with its start time."""

    start_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """One timed caption, as its track states it.

    *text* is plain text: entities are decoded, markup is removed, lines are separated by newlines.  *words* are the
    words with inline times, in order, if the track has them.  *highlight* is the first word of *text* that its markup
    sets apart from the others, and the first after it, if the track highlights one run of words.  Cues of an automatic
    track overlap and repeat each other; a `Transcript` does not.
    """

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()
    highlight: tuple[int, int] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one caption track, each once, in order, with its time.

    *words*, *starts_ms* and *ends_ms* are parallel; words keep the case and punctuation of the captions.  *sounds* are
    the positions of words that are not speech (`[applause]`, `♪`).  *speakers* are `(position, name)` pairs: *name*
    speaks from the word at *position* until the next pair; an empty name means that the speaker is not known.
    *has_word_times* is true if the track states the times of words, false if they are interpolated.  *warnings* tell
    what was repaired, guessed or left out when the captions were read; `Index.transcript` leaves them to `Track`.

    Iteration yields each word with its start time, and `len()` is the number of words, so that an empty transcript is
    false:

    >>> transcript = Transcript(words=("Good", "evening."), starts_ms=(1000, 1400), ends_ms=(1400, 2000))
    >>> transcript.text
    'Good evening.'
    >>> list(transcript)
    [TimedWord(start_ms=1000, text='Good'), TimedWord(start_ms=1400, text='evening.')]
    """

    words: tuple[str, ...]
    starts_ms: tuple[int, ...]
    ends_ms: tuple[int, ...]
    sounds: frozenset[int] = frozenset()
    speakers: tuple[tuple[int, str], ...] = ()
    has_word_times: bool = False
    tokens: tuple[str, ...] = ()
    word_index: tuple[int, ...] = ()
    """For each of *tokens*, the normalized words, the position of the word in which it starts; never decreases."""
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words as one string, separated by spaces; sounds are included as captioned."""
        return " ".join(self.words)

    def __iter__(self) -> Iterator[TimedWord]:
        """Yield each word with its start time, in order."""
        return map(TimedWord, self.starts_ms, self.words)

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.words)


@dataclass(frozen=True, slots=True)
class PassageFields:
    """The fields that passages can be filtered by."""

    title: str = ""
    channel: str = ""
    site: str = ""
    label: str = ""
    article: str = ""
    kind: str = ""
    lang: str = ""
    speaker: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that an engine indexes: a run of tokens of one transcript, which overlaps the next.

    *id* is `track << 20 | number`; see `make_passage_id`.
    """

    id: int
    track: int
    tokens: tuple[str, ...]
    fields: PassageFields


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment in a video that matches a query.

    *text* is the captioned text there, *before* and *after* are the words around it; *marks* are the `(start, end)`
    character ranges of *text* that match the query.  *score* is between 0 and 1; 1.0 means that every word was found,
    in order.  If *match* is `gist`, *text* is a sentence that says the query in other words, and *score* the
    probability that it is right.  *url* plays the video from *start_ms*.  *articles* are the articles that embed the
    video.
    """

    video: Video
    start_ms: int
    end_ms: int
    text: str
    before: str
    after: str
    match: MatchKind
    score: float
    url: str
    label: str = ""
    kind: str = ""
    articles: tuple[Article, ...] = ()
    marks: tuple[tuple[int, int], ...] = ()
    language: str = ""
    origin: CaptionOrigin = "supplied"
    speaker: str = ""


_LIKELY = 0.5


def probability_word(probability: float) -> Literal["likely", "possible"]:
    """Return the word that people read for the score of a hit in other words."""
    return "likely" if probability >= _LIKELY else "possible"


@dataclass(frozen=True, slots=True)
class TrackContext:
    """The video of a track, the articles that embed the video, and the label that they give it."""

    video: Video
    track: Track
    articles: tuple[Article, ...] = ()
    label: str = ""


class TrackWords(NamedTuple):
    """The number of words of an indexed track, with the id, the channel and the date of its video."""

    track: int
    video: str
    channel: str
    date: str
    words: int


@dataclass(frozen=True, slots=True)
class EmbedRecord:
    """An embed as the store records it.

    *article* is the URL of its article, *video* the id of its video once it is resolved, *reason* why it failed.
    """

    embed: Embed
    article: str
    state: EmbedState
    reason: str = ""
    video: str = ""

    @property
    def is_replaced(self) -> bool:
        """Whether the embed has another video than its own: one attached by hand, or a copy from the web archive."""
        return self.state == "attached" or (self.state == "done" and self.reason.startswith(ARCHIVED_COPY_REASON))


@dataclass(frozen=True, slots=True)
class Review:
    """What people noted about a quotation of an article; vidindex itself never writes any.

    *article* is the URL of the article, *quote* the quotation as it is printed.  *done* is true once somebody ticked it
    off.  *changed* is the UTC time of the last change, as `YYYY-MM-DDTHH:MM:SSZ`.
    """

    article: str
    quote: str
    done: bool = False
    note: str = ""
    changed: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a tick nor a note, or not any more."""
        return not self.done and not self.note


MAX_NOTE_CHARS = 2_000
"""Maximum length of the note of a `Review`."""


ARCHIVED_COPY_REASON = "it is the copy of the web archive"
"""The *reason* of an embed whose video comes from the web archive."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A target, embed or track that could not be added; *verdict* is the class of the failure."""

    target: str
    reason: str
    verdict: FailureClass = "failed"


AddedChange = Literal["new", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class AddedVideo:
    """A video that a target led to.

    *target* is the target as the caller gave it, *video* the id of the video.  An *updated* video has new or changed
    captions or metadata.
    """

    target: str
    video: str
    change: AddedChange


@dataclass(frozen=True, slots=True)
class AddReport:
    """The result of `Index.add`.

    *results* tells which videos each target led to, in the order in which they were stored.  *articles* and *embeds*
    are counts, *dead* counts the embeds whose provider no longer exists.  *videos* are the ids of new and updated
    videos, *unchanged* and *without_captions* the ids of others.  *failures* lists everything that failed.
    *tracks_with_warnings* counts the new tracks in which something was repaired, guessed or left out: see `Track`.
    """

    articles: int = 0
    embeds: int = 0
    dead: int = 0
    videos: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    without_captions: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    results: tuple[AddedVideo, ...] = ()
    tracks_with_warnings: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of what an index holds; *pending* tracks are stored but not searchable yet.

    *vectors* are those for searches by meaning, made by the model *gist_model*; "" if the index has none.
    """

    articles: int
    embeds: int
    dead: int
    videos: int
    without_captions: int
    tracks: int
    words: int
    duration_ms: int
    pending: int
    engine: str
    bytes: int = 0
    vectors: int = 0
    gist_model: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that `Index.add` has just done or is about to do.

    *name* is what the step is about, such as the title of a video; *detail* is more about it, to be shown.  *verdict*
    is the class of a failure.  *done* of *total* parts of the whole are complete; *total* is 0 if it is not known, and
    it grows when a target turns out to have several parts.
    """

    stage: Literal[
        "read",
        "found",
        "resolve",
        "model",
        "sound",
        "hearing",
        "indexed",
        "unchanged",
        "mended",
        "skipped",
        "no captions",
        "dead",
        "failed",
        "engine",
        "copied",
        "compared",
    ]
    name: str
    detail: str = ""
    verdict: FailureClass | Literal[""] = ""
    done: int = 0
    total: int = 0


PASSAGE_STRIDE = 100
"""Number of tokens from the start of one passage to the start of the next."""

PASSAGE_OVERLAP = 25
"""Number of tokens that a passage shares with the next, so that a quote of up to this length fits into one passage."""


class PassageRange(NamedTuple):
    """The passages *first* to *last* of a track, both included."""

    track: int
    first: int
    last: int


def make_passage_id(track: int, number: int) -> int:
    """Return the id of the passage *number* of *track*."""
    return track << 20 | number


def split_passage_id(passage: int) -> tuple[int, int]:
    """Return the track of a passage and its number in the track: the inverse of `make_passage_id`."""
    return passage >> 20, passage & 0xFFFFF


TextKind = Literal["title", "chapter", "tag", "channel", "description", "article"]
"""The kinds of texts about videos that searches find, in the order in which they are shown."""

TEXT_KINDS: tuple[TextKind, ...] = get_args(TextKind)


# A query as a tree: `vidindex.search.query` builds it, each engine translates it.


@dataclass(frozen=True, slots=True)
class WordsQuery:
    """The words of a quote as tokens: passages are ranked by the words and adjacent pairs that they share.

    *variants* are further words, each of which counts by itself and with less weight.
    """

    tokens: tuple[str, ...]
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """Adjacent tokens, in order; at most `PASSAGE_OVERLAP` of them."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrefixQuery:
    """Any token that starts with *prefix*."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Proximity:
    """Tokens in any order, all within *distance* positions of each other."""

    tokens: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """Adjacent tokens in a field of `PassageFields`; if *is_prefix*, the last one is a prefix."""

    field_name: str
    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of the date of the video, both ISO dates included; "" means no bound."""

    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class And:
    """A passage that matches every one of *nodes*."""

    nodes: tuple[QueryNode, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """A passage that matches at least one of *nodes*."""

    nodes: tuple[QueryNode, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A passage that does not match *node*."""

    node: QueryNode


QueryNode = WordsQuery | PhraseQuery | PrefixQuery | Proximity | FieldTerm | DateRange | And | Or | Not


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query for texts about videos.

    *node* is the query; its `WordsQuery` requires all of the words.  If *videos* is not empty, only texts about those
    videos match.  Texts of the newest videos come first if *newest_first*, otherwise they are ordered by kind.
    """

    node: QueryNode
    kinds: tuple[TextKind, ...] = TEXT_KINDS
    videos: frozenset[str] = frozenset()
    newest_first: bool = False


class TextMatch(NamedTuple):
    """A text that matches: its kind, and the id of its video or the URL of its article."""

    kind: TextKind
    name: str
