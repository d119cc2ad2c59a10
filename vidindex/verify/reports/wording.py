"""The words of a report, the same on a terminal, in Markdown and in HTML; texts from the web are not escaped here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...model import origin_label
from ...pages.providers import make_deep_link
from ...transcripts.timecode import format_clock
from ..verdicts import Change, Piece, Searched, Verdict, VerdictKind, WordChange

_END_WORDS = 8
"""Words to show of each end of a long text."""

VERDICT_ORDER: tuple[VerdictKind, ...] = ("altered", "spliced", "partial", "not_found", "faithful", "verbatim")
"""The verdicts in the order in which editors need them."""

_LABELS: dict[VerdictKind, str] = {
    "altered": "altered",
    "spliced": "spliced",
    "partial": "partial",
    "not_found": "not found",
    "faithful": "faithful",
    "verbatim": "verbatim",
}
_MEANINGS: dict[VerdictKind, str] = {
    "altered": "The printed words change the meaning.",
    "spliced": "Pieces were joined that were not said together.",
    "partial": "Only a part of the words was found.",
    "not_found": "The words were not found in the captions.",
    "faithful": "The words differ, but not the meaning.",
    "verbatim": "Every word was said, in order.",
}


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What a report is about: *title* and *url* of the article, *version* of vidindex and engine, and *date*."""

    title: str = ""
    url: str = ""
    version: str = ""
    date: str = ""


def verdict_label(verdict: VerdictKind) -> str:
    """Return the name of a verdict as people read it."""
    return _LABELS[verdict]


def verdict_meaning(verdict: VerdictKind) -> str:
    """Return a sentence about what a verdict means."""
    return _MEANINGS[verdict]


def group_verdicts(verdicts: Iterable[Verdict]) -> Iterator[tuple[VerdictKind, list[tuple[int, Verdict]]]]:
    """Yield the verdicts of each kind with their numbers, from 1, in the order of `VERDICT_ORDER`."""
    groups: dict[VerdictKind, list[tuple[int, Verdict]]] = {kind: [] for kind in VERDICT_ORDER}
    for number, verdict in enumerate(verdicts, 1):
        groups[verdict.verdict].append((number, verdict))
    return ((kind, group) for kind, group in groups.items() if group)


def count_verdicts(verdicts: Sequence[Verdict]) -> str:
    """Return the counts of the verdicts, such as `2 altered, 1 verbatim; 1 speaker contradicted`."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    text = ", ".join(f"{counts[kind]} {_LABELS[kind]}" for kind in VERDICT_ORDER if counts[kind]) or "no quotes"
    contradicted = sum(verdict.speaker_check == "contradicted" for verdict in verdicts)
    return f"{text}; {contradicted} speaker{'s' * (contradicted != 1)} contradicted" if contradicted else text


def describe_speaker(verdict: Verdict) -> str:
    """Return what the captions say about the speaker; nothing if the claim names nobody or nothing was found."""
    who = verdict.claim.who
    if not who or verdict.hit is None:
        return ""
    if verdict.speaker_check == "contradicted":
        return f"speaker contradicted: the captions name {verdict.speaker or 'somebody else'}, not {who}"
    if verdict.speaker_check == "confirmed":
        return f"speaker confirmed: the captions name {verdict.speaker or who}"
    return "speaker unknown: the captions do not tell who speaks"


def describe_place(verdict: Verdict) -> str:
    """Return the video and the time of the hit."""
    hit = verdict.hit
    if hit is None:
        return ""
    times = f"{format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}"
    return f"{hit.video.title or hit.video.id}, {times} ({origin_label(hit.origin)})"


def describe_confidence(verdict: Verdict) -> str:
    """Return how sure the verdict is."""
    return f"confidence {min(verdict.confidence, 0.99):.2f}" if verdict.hit else ""


def describe_change(change: Change) -> str:
    """Return a change of meaning as a sentence, with its kind, and the time to listen at if it is undecided."""
    time = f": listen at {format_clock(change.start_ms)}" if change.undecided else ""
    return f"{change.kind}: {describe_words(change)}{time}"


def describe_words(change: Change) -> str:
    """Return the words of a change of meaning as a sentence."""
    if change.printed and change.said:
        words = f"printed “{change.printed}”, said “{change.said}”"
    else:
        words = (
            f"“{change.printed}” was not said" if change.printed else f"“{change.said}” was said, but is not printed"
        )
    return f"{words}? The captions cannot decide" if change.undecided else words


def describe_piece(piece: Piece) -> str:
    """Return a piece of a quote, and what was left out after it."""
    text = f"“{piece.said or piece.printed}” at {format_clock(piece.start_ms)}"
    if not piece.gap_words:
        return text
    words = f"{piece.gap_words} word{'s' * (piece.gap_words != 1)} left out"
    return f"{text}, then {words}: “{_shorten(piece.gap)}”" if piece.gap else f"{text}, then {words}"


def _shorten(text: str) -> str:
    """Return the first and the last words of a long text."""
    words = text.split()
    if len(words) <= 2 * _END_WORDS:
        return text
    return f"{' '.join(words[:_END_WORDS])} … {' '.join(words[-_END_WORDS:]).removesuffix('…').rstrip()}"


def describe_context(verdict: Verdict) -> list[tuple[str, str]]:
    """Return what was said around the quote, each with its name."""
    context = verdict.context
    if context is None or verdict.hit is None:
        return []
    question = context.question if context.question != context.before else ""
    named = [("question", question), ("before", context.before), ("after", context.after)]
    is_noted = any(f"“{context.cut_before}”" in note for note in verdict.notes)
    cut = f"the speaker goes on with “{context.cut_before}”" if context.cut_before and not is_noted else ""
    return [(name, text) for name, text in (*named, ("cut off", cut)) if text]


def describe_notes(verdict: Verdict) -> list[str]:
    """Return what a reader must know before relying on the verdict, without what other lines of a report say."""
    notes = [note for note in verdict.notes if not _is_said_elsewhere(note, verdict)]
    if verdict.elsewhere and not any("a video that" in note for note in notes):
        named = "the article does not embed" if verdict.searched.scope == "article" else "the claim does not name"
        notes.insert(0, f"this is in a video that {named}")
    is_unsure = verdict.verdict == "not_found" and verdict.searched.cannot_tell
    if is_unsure and not any("cannot tell" in note for note in notes):
        notes.insert(0, "this does not mean that it was not said: not all videos have captions in the index")
    return notes


def _is_said_elsewhere(note: str, verdict: Verdict) -> bool:
    """Return whether the line of the speaker or of a change says the same as *note*."""
    if verdict.speaker_check == "contradicted" and note.startswith("the captions say that"):
        return True
    undecided = (change for change in verdict.changes if change.undecided)
    return any(note.startswith(f"listen at {format_clock(change.start_ms)}:") for change in undecided)


def describe_searched(searched: Searched) -> str:
    """Return how much was searched."""
    videos = f"{searched.videos:,} video{'s' * (searched.videos != 1)}"
    whose = {"video": "", "article": " of the article", "index": " of the index"}[searched.scope]
    languages = f" ({', '.join(searched.languages)})" if searched.languages else ""
    return f"searched {videos}{whose}, {searched.with_captions:,} with captions{languages}"


def describe_all_searched(verdicts: Iterable[Verdict]) -> list[str]:
    """Return each different extent of a search once."""
    return list(dict.fromkeys(describe_searched(verdict.searched) for verdict in verdicts))[:20]


def play_url(verdict: Verdict, start_ms: int) -> str:
    """Return the URL that plays the video of the hit from a time."""
    return make_deep_link(verdict.hit.video.url, start_ms) if verdict.hit and verdict.hit.video.url else ""


def change_kind(words: WordChange, changes: Iterable[Change]) -> str:
    """Return the kind of the change of meaning that is in *words*, "" if they differ otherwise."""
    for change in changes:
        is_printed = not change.printed or f" {change.printed} " in f" {words.printed} "
        is_said = not change.said or f" {change.said} " in f" {words.spoken} "
        if is_printed and is_said and (change.printed or change.said):
            return f"{change.kind}?" if change.undecided else change.kind
    return ""
