"""The values that cross from stage to stage: frozen, without behaviour beyond their own fields.

Times are integer milliseconds from the start of the video; dates are ISO `YYYY-MM-DD` strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

EmbedKind = Literal["embed", "link", "meta"]
CaptionOrigin = Literal["manual", "automatic", "asr", "supplied"]
MatchKind = Literal["exact", "near"]

FailureClass = Literal[
    "failed", "gone", "dead", "later", "live", "blocked", "robots", "needs-login", "geo", "drm", "unsupported",
    "broken-extractor", "stopped", "broken",
]  # fmt: skip
"""What a failure means for a later attempt: see `docs/resolving.md`."""

EmbedState = FailureClass | Literal["waiting", "done", "attached"]
"""What became of an embed: it waits, led to a video, was given one by hand, or failed."""

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


@dataclass(frozen=True, slots=True)
class Article:
    """A page that embeds videos.

    *url* is its canonical address where it states one, else where it was read; *source* is always the latter.
    """

    url: str
    fetched_from: str = ""
    title: str = ""
    author: str = ""
    site: str = ""
    date: str = ""
    language: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaptionLink:
    """A caption file that a page names beside its player (`<track>`)."""

    url: str
    language: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Embed:
    """One place in an article where a video plays.

    *url* is canonical and what yt-dlp is given; *id* is the provider's own id, case kept, or the URL where
    there is none.  A *dead* embed names a provider that plays nothing any more.  *written* is the address that the
    page states, where that is another than *url*: archives know it by that.
    """

    url: str
    provider: str
    id: str
    label: str = ""
    kind: EmbedKind = "embed"
    dead: bool = False
    captions: tuple[CaptionLink, ...] = ()
    original_url: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A titled part of a video."""

    start_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class Video:
    """What yt-dlp, or a file's own name, says of a video.

    *id* is `extractor:id` with the extractor in lower case; ids are case-sensitive.  *site* is the host that
    serves it.  *kind* is told by `vidindex.ingest.clip_kind`, `other` until then.  *gone* is the day since which its site
    is known to have it no more; what was said in it stays searchable.
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


@dataclass(frozen=True, slots=True)
class Track:
    """One caption track of a video, before its bytes are fetched.

    *format* is the file extension that the site states (`vtt`, `json3`, `ttml`…), empty where it states none.
    """

    language: str
    origin: CaptionOrigin
    format: str = ""
    url: str = ""
    name: str = ""


class TimedWord(NamedTuple):
    """A word of a cue whose start the track itself states."""

    start_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """One timed caption, as its track states it.

    *text* is plain: entities decoded, markup removed, lines kept apart by a newline.  *words* holds the words
    with inline times, in order, empty where the track has none.  Cues of an automatic track overlap and
    repeat; a `Transcript` does not.
    """

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of one track, once each, in order, each with its time.

    *words*, *starts_ms* and *ends_ms* run in parallel; words are as captioned (case and punctuation kept).
    *sounds* holds the positions of words that are not speech (`[applause]`, `♪`).  *speakers* are
    `(position, name)` pairs: from that word on, until the next pair, *name* speaks; an empty name ends it.
    *timed* is true where the track itself states word times, false where they are interpolated.
    """

    words: tuple[str, ...]
    starts_ms: tuple[int, ...]
    ends_ms: tuple[int, ...]
    sounds: frozenset[int] = frozenset()
    speakers: tuple[tuple[int, str], ...] = ()
    has_word_times: bool = False
    tokens: tuple[str, ...] = ()
    word_index: tuple[int, ...] = ()
    """Folded tokens, and for each the position of the word in which it starts (rising, see `vidindex.transcripts.normalize`)."""


@dataclass(frozen=True, slots=True)
class PassageFields:
    """What a passage can be filtered by, beside its words."""

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
    """The unit that an engine indexes: a run of tokens of one transcript, overlapping the next.

    *id* is `track << 20 | number`; see `passage_id`.
    """

    id: int
    track: int
    tokens: tuple[str, ...]
    fields: PassageFields


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a video that answers a query.

    *text* is what was said there as captioned, *before* and *after* the words around it; *marks* are the
    `(start, end)` character ranges of *text* that answer the query.  *score* runs from 0 to 1: 1.0 means that
    every word was found, in order.  *url* plays the video from *start_ms*.  *articles* embed the video.
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


@dataclass(frozen=True, slots=True)
class TrackContext:
    """What a track belongs to: its video, the articles that embed that, and the label they give it."""

    video: Video
    track: Track
    articles: tuple[Article, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class EmbedRecord:
    """An embed as the store knows it.

    *state* is `waiting`, `done`, `dead`, or the verdict of the last try; *video* its id once it is resolved.
    """

    embed: Embed
    article: str
    state: str
    reason: str = ""
    video: str = ""

    @property
    def is_replaced(self) -> bool:
        """Tell whether the embed has another video than its own: by hand, or from the web archive."""
        return self.state == "attached" or (self.state == "done" and self.reason.startswith(ARCHIVED_COPY_REASON))


ARCHIVED_COPY_REASON = "it is the copy of the web archive"
"""Why an embed is done whose own video is not there."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be added, and why."""

    target: str
    reason: str
    verdict: str = "failed"


@dataclass(frozen=True, slots=True)
class AddReport:
    """What `Index.add` did: counts, the ids of the videos it indexed, and what failed."""

    articles: int = 0
    embeds: int = 0
    dead: int = 0
    videos: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    without_captions: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds; *pending* tracks wait for the engine."""

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


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that `Index.add` has just done or is about to do."""

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
        "no captions",
        "dead",
        "failed",
        "engine",
        "copied",
        "compared",
    ]
    name: str
    detail: str = ""


PASSAGE_STRIDE = 100
"""Tokens from the start of one passage to the start of the next."""

PASSAGE_OVERLAP = 25
"""Tokens that a passage shares with the next, so that no quote up to that length falls between two."""


class PassageRange(NamedTuple):
    """The passages *first* to *last* (included) of a track."""

    track: int
    first: int
    last: int


def make_passage_id(track: int, number: int) -> int:
    """Name the passage *number* of *track* by one integer."""
    return track << 20 | number


def split_passage_id(passage: int) -> tuple[int, int]:
    """Undo `passage_id`: the track and the passage's number in it."""
    return passage >> 20, passage & 0xFFFFF


# What was asked, as a tree: made by `vidindex.search.query`, translated by each engine.


@dataclass(frozen=True, slots=True)
class WordsQuery:
    """Words of a quote, as folded tokens: ranks passages by the words and adjacent pairs they share.

    *others* are words that count too, each by itself and for somewhat less.
    """

    tokens: tuple[str, ...]
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """Tokens that stand side by side, in order.  Never longer than `PASSAGE_OVERLAP` tokens."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrefixQuery:
    """Any token that starts with *stem*."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Proximity:
    """Tokens that all stand, in any order, within *distance* positions of each other."""

    tokens: tuple[str, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """Tokens that stand side by side in the field *name* (of `Fields`); *prefix*: the last one is a stem."""

    field_name: str
    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class DateRange:
    """A video dated from *after* to *before*, both ISO dates, both included, either empty for no bound."""

    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class And:
    """Every one of *nodes* holds in one passage."""

    nodes: tuple[QueryNode, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of *nodes* holds."""

    nodes: tuple[QueryNode, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """*node* does not hold in the passage."""

    node: QueryNode


QueryNode = WordsQuery | PhraseQuery | PrefixQuery | Proximity | FieldTerm | DateRange | And | Or | Not
