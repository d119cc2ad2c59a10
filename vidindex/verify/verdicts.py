"""The values of a verdict: what was said in place of a quote, where, by whom, and how much was searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..model import Hit
from .claims import Claim

VerdictKind = Literal["verbatim", "faithful", "altered", "spliced", "partial", "not_found"]
SpeakerCheck = Literal["confirmed", "contradicted", "unknown"]
ChangeKind = Literal["negation", "number", "name", "quantifier", "modality", "direction", "other"]
SearchScope = Literal["video", "article", "index"]


@dataclass(frozen=True, slots=True)
class WordChange:
    """Words as *printed* and as *spoken*, one of them empty for added words; *same* if they agree."""

    printed: str
    spoken: str
    same: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A difference that changes the meaning: *printed* in place of *said*, one of them empty for added words.

    *start_ms* is where to listen.  An *undecided* change is one that the captions cannot decide, because they hear the
    word differently or badly: it does not make a quote altered.
    """

    kind: ChangeKind
    printed: str
    said: str
    start_ms: int
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the quote that was said in one place: the words as *printed* and as *said*.

    Pieces are in the order of the quote.  *order* is the position of the piece in the order of the video, from 0.
    *gap* are the words between this piece and the next one of the quote, shortened if they are many, and *gap_words*
    how many they are; 0 if the next piece was said before this one or in another video.
    """

    printed: str
    said: str
    start_ms: int
    end_ms: int
    order: int = 0
    gap: str = ""
    gap_words: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """What was said around the quote: the sentence *before* and the one *after*.

    *question* is the question that was answered, as far as the captions show one.  *cut_before* is the word with which
    the speaker went on, such as `but`, `except`, `if` or `unless`, if the quote stops right before it.
    """

    before: str = ""
    after: str = ""
    question: str = ""
    cut_before: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was searched for a claim.

    *scope* is what the claim names: a video, the videos of an article, or the whole index.  Of its *videos*,
    *with_captions* have captions, in *languages*, and *without_captions* have none or are not in the index.
    *complete* is true if all of them have captions.
    """

    scope: SearchScope
    videos: int = 0
    with_captions: int = 0
    without_captions: int = 0
    languages: tuple[str, ...] = ()
    complete: bool = False

    @property
    def cannot_tell(self) -> bool:
        """Whether a quote that was not found may still be in a video that was not searched."""
        return not self.complete


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for a *claim*.

    *score* is how much of the quote was found, from 0 to 1.  *confidence* is how likely the verdict is right; it falls
    with badly recognized captions, short quotes and common phrases.  *hit* is the place, None if the quote was not
    found; *elsewhere* tells that it is not in a video of the claim.  *speaker* is who speaks there, as the captions
    state it.  *changes* are the differences that change the meaning, *diff* is the whole comparison, word by word.
    *pieces* are the places of a spliced or partial quote, or of one with an ellipsis.  *notes* are sentences for
    people.
    """

    claim: Claim
    verdict: VerdictKind
    speaker_check: SpeakerCheck = "unknown"
    score: float = 0.0
    confidence: float = 0.0
    hit: Hit | None = None
    speaker: str = ""
    changes: tuple[Change, ...] = ()
    diff: tuple[WordChange, ...] = ()
    pieces: tuple[Piece, ...] = ()
    context: Context | None = None
    searched: Searched = Searched("index")
    elsewhere: bool = False
    notes: tuple[str, ...] = ()
