"""Words that whisper.cpp cuts at the end of a cue: the space at the start of a cue tells whether a word begins there.

The parsers of text formats strip that space, so it is marked before they run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ...model import Cue
from ..plain_cues import text_column
from .parse_result import ParseWarnings
from .word_pieces import WordPiece, group_words, has_piece_spaces, join_pieces

_MARK = "\ue000"  # a character for private use
_SPACED_CUE = re.compile(r"(-->[^\n]*\n) (?=[^\s])")
_MIN_MARKED_SHARE = 0.2  # of cues that start with a space, in a file in which that may mean something
_MAX_GAP_MS = 60
_MIN_SPACED_SHARE = 0.7  # of cues of several words, of which most start with a word
_MIN_SPACED_SHARE_IF_CUT = 0.5  # if a cue certainly starts inside a word
_MAX_KNOWN_SHARE = 0.3  # of the cues without a space, if they go on with a word: its rest is seldom a word, too


def mark_spaced_cues(text: str) -> str:
    """Mark the cues of SubRip or WebVTT that start with a space, if they tell where words begin."""
    spaced = text.count("\n ")
    if not spaced or _MARK in text:
        return text
    least = _MIN_MARKED_SHARE * text.count("-->")
    if spaced < least:
        return text
    marked, count = _SPACED_CUE.subn(rf"\1{_MARK}", text)
    return marked if count >= least else text


def join_marked_cues(cues: Sequence[Cue], warnings: ParseWarnings) -> Sequence[Cue]:
    """Join the words of *cues* that `mark_spaced_cues` has marked, if any."""
    begins = [text[:1] == _MARK for text in text_column(cues)]
    if not any(begins):
        return cues
    plain = [_unmark(cue) for cue in cues]
    if any(cue.words for cue in plain) or any(cue.speaker for cue in plain):
        return plain
    if _are_pieces(plain):
        texts = [" " * begun + cue.text for begun, cue in zip(begins, plain, strict=True)]
        pieces = [WordPiece(text, cue.start_ms, cue.end_ms) for text, cue in zip(texts, plain, strict=True) if cue.text]
        return list(group_words(join_pieces(pieces))) if has_piece_spaces(texts) else plain
    joined = list(join_cut_words([*zip(begins, plain, strict=True)]))
    if cut := _count_words(plain) - _count_words(joined):
        warnings["word that the end of a cue cut joined"] += cut
    return joined


def _count_words(cues: Iterable[Cue]) -> int:
    return sum([len(cue.text.split()) for cue in cues])


def _unmark(cue: Cue) -> Cue:
    if _MARK not in cue.text:
        return cue
    return Cue(cue.start_ms, cue.end_ms, cue.text.replace(_MARK, ""), cue.speaker, cue.words)


def _are_pieces(cues: Sequence[Cue]) -> bool:
    """Check for cues of one word or a piece of a word each."""
    texts = [cue.text for cue in cues if cue.text]
    single = sum([len(text.split(maxsplit=1)) == 1 for text in texts])
    return single >= 0.9 * len(texts) and sum(map(len, texts)) <= 10 * len(texts)


def join_cut_words(cues: Sequence[tuple[bool, Cue]]) -> Iterator[Cue]:
    """Yield cues, each with the end of its last word from the next cue; they come with whether a word begins there."""
    if not _tells_words(cues):
        yield from [cue for _, cue in cues]
        return
    known = _find_whole_words(cues)
    heads = [cue.text.split(maxsplit=1)[0] for begins, cue in cues if not begins and cue.text[:1].islower()]
    joins_letters = sum([head in known for head in heads]) <= _MAX_KNOWN_SHARE * len(heads)
    before: Cue | None = None
    for begins, cue in cues:
        if (
            before is not None
            and not begins
            and _is_cut(before, cue)
            and (not cue.text[0].isalpha() or (joins_letters and cue.text.split(maxsplit=1)[0] not in known))
        ):
            head, *rest = cue.text.split(maxsplit=1)
            joined = Cue(before.start_ms, before.end_ms, before.text + head, before.speaker)
            if rest:
                yield joined
            before = Cue(cue.start_ms, cue.end_ms, rest[0], cue.speaker) if rest else joined
            continue
        if before is not None:
            yield before
        before = cue
    if before is not None:
        yield before


def _find_whole_words(cues: Iterable[tuple[bool, Cue]]) -> set[str]:
    """Return the words that are certainly whole: those inside cues, and those after the space at the start of one."""
    known: set[str] = set()
    for begins, cue in cues:
        words = cue.text.split()
        known.update(words[0 if begins else 1 : -1])
    return known


def _tells_words(cues: Sequence[tuple[bool, Cue]]) -> bool:
    """Check whether the space at the start of cues tells where words begin."""
    spaced = sum([begins for begins, _ in cues])
    if spaced < _MIN_SPACED_SHARE_IF_CUT * len(cues) or spaced == len(cues):
        return False
    if spaced >= _MIN_SPACED_SHARE * len(cues):
        return True
    return any(
        not begins and not cue.text[:1].isalpha() and _is_cut(before, cue)
        for (_, before), (begins, cue) in pairwise(cues)
    )


def _is_cut(before: Cue, cue: Cue) -> bool:
    """Check whether *cue* may continue the last word of the cue before it."""
    if before.words or cue.words or before.speaker != cue.speaker or not before.text[-1:].isalnum() or not cue.text:
        return False
    if abs(cue.start_ms - before.end_ms) > _MAX_GAP_MS:
        return False
    first = cue.text[0]
    return first in ",.'’-%:;!?" or (first.isdigit() and before.text[-1].isdigit()) or first.islower()
