"""Words that a track states in pieces: the space before a piece tells where a word begins."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from ...model import Cue, TimedWord

_MAX_CUE_WORDS = 24
_MAX_CUE_GAP_MS = 1500
_MIN_SPACE_SHARE = 0.2  # of the pieces, where pieces have spaces: words of some languages have four pieces
_MAX_PUNCTUATION = 20  # before a word
_SENTENCE_END = re.compile(r"[.?!…。？！]['\"”’»)]*$")
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


class WordPiece(NamedTuple):
    """A word or a part of it, with the spaces around it; a *mark* is punctuation and begins no word."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str = ""
    is_mark: bool = False


@dataclass(slots=True)
class JoinedWord:
    """A word that consists of one or more pieces."""

    start_ms: int
    end_ms: int
    speaker: str
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole word."""
        return "".join(self.parts)


def join_pieces(pieces: Sequence[WordPiece], text: str = "") -> list[JoinedWord]:
    """Join *pieces* to words: as *text* states them if it has the same words, otherwise by the spaces in the pieces."""
    words = align_pieces(pieces, text) if text else None
    return words if words is not None else _join_by_spaces(pieces)


def has_piece_spaces(texts: Sequence[str]) -> bool:
    """Check whether the spaces around *texts* tell where words begin."""
    spaced = sum([before[-1:].isspace() or after[:1].isspace() for before, after in pairwise(texts)])
    return spaced > 0 and spaced >= _MIN_SPACE_SHARE * (len(texts) - 1)


def _join_by_spaces(pieces: Sequence[WordPiece]) -> list[JoinedWord]:
    words: list[JoinedWord] = []
    spaces_count = has_piece_spaces([piece.text for piece in pieces if not piece.is_mark or piece.text.isspace()])
    if any(piece.is_mark and piece.text[-1:].isspace() for piece in pieces):
        spaces_count = True  # the marks include the spaces between words
    begins = True
    for piece in pieces:
        parts = piece.text.split()
        if not parts:
            begins = begins or piece.text != ""
            continue
        begins = begins or piece.text[0].isspace() or not (spaces_count or piece.is_mark) or _begins_spaceless(parts[0])
        if words and (piece.is_mark or not begins) and not (spaces_count and begins):
            words[-1].parts.append(parts.pop(0))
            words[-1].end_ms = max(words[-1].end_ms, piece.end_ms)
        words += [JoinedWord(piece.start_ms, piece.end_ms, piece.speaker, [part]) for part in parts]
        begins = piece.text[-1].isspace()
    return words


def _begins_spaceless(text: str) -> bool:
    """Check whether *text* starts with a letter of a script without spaces: such pieces keep their own times."""
    return _SPACELESS.match(text) is not None and not unicodedata.category(text[0]).startswith("M")


def align_pieces(pieces: Sequence[WordPiece], text: str) -> list[JoinedWord] | None:
    """Join *pieces* to the words of *text*; return None if they are not the same letters."""
    aligner = PieceAligner(text.split())
    for piece in pieces:
        for part in piece.text.split():
            if not aligner.take(piece, part):
                return None
    return aligner.words if aligner.finish() else None


@dataclass(slots=True)
class PieceAligner:
    """Walks along the words of a text while it takes the pieces of these words."""

    tokens: list[str]
    words: list[JoinedWord] = field(default_factory=list)
    index: int = 0
    offset: int = 0

    def take(self, piece: WordPiece, part: str) -> bool:
        """Take the next *part* of a piece; return False if the text goes on differently."""
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            skipped, found = self._find(token, part)
            if found:
                self._add(piece, token[self.offset : skipped + len(part)])
                return True
            if skipped < len(token):
                break
            self._skip_rest(token, piece)
        return not any(map(str.isalnum, part))  # the text may have other punctuation

    def _find(self, token: str, part: str) -> tuple[int, bool]:
        """Skip punctuation up to *part*; return where that ended, and whether *part* stands there."""
        for start in range(self.offset, min(len(token), self.offset + _MAX_PUNCTUATION)):
            if token.startswith(part, start) or token[start : start + len(part)].casefold() == part.casefold():
                return start, True
            if token[start].isalnum():
                return start, False
        return min(len(token), self.offset + _MAX_PUNCTUATION), False

    def _add(self, piece: WordPiece, text: str) -> None:
        if self.offset == 0 or not self.words or _begins_spaceless(text):
            self.words.append(JoinedWord(piece.start_ms, piece.end_ms, piece.speaker))
        word = self.words[-1]
        word.parts.append(text)
        word.end_ms = max(word.end_ms, piece.end_ms)
        self.offset += len(text)
        if self.offset >= len(self.tokens[self.index]):
            self.index, self.offset = self.index + 1, 0

    def _skip_rest(self, token: str, piece: WordPiece | None = None) -> None:
        """Add the rest of *token*, which is punctuation, before *piece*."""
        if self.offset == 0 and (self.words or piece):
            at = self.words[-1].end_ms if self.words else piece.start_ms if piece else 0
            self.words.append(JoinedWord(at, at, piece.speaker if piece else self.words[-1].speaker))
        if self.words:
            self.words[-1].parts.append(token[self.offset :])
        self.index, self.offset = self.index + 1, 0

    def finish(self) -> bool:
        """Add the punctuation after the last piece; return False if the text has further words."""
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            if any(map(str.isalnum, token[self.offset :])):
                return False
            self._skip_rest(token)
        return True


def group_words(words: Iterable[JoinedWord]) -> Iterator[Cue]:
    """Yield cues of *words*, each about a sentence of one speaker."""
    group: list[JoinedWord] = []
    for word in words:
        if group and _is_apart(group, word):
            yield make_word_cue(group)
            group = []
        group.append(word)
    if group:
        yield make_word_cue(group)


def _is_apart(group: Sequence[JoinedWord], word: JoinedWord) -> bool:
    last = group[-1]
    return (
        last.speaker != word.speaker
        or word.start_ms > last.end_ms + _MAX_CUE_GAP_MS
        or len(group) >= _MAX_CUE_WORDS
        or (len(group) > 2 and _SENTENCE_END.search(last.parts[-1]) is not None)
    )


def make_word_cue(words: Sequence[JoinedWord], start_ms: int | None = None, end_ms: int | None = None) -> Cue:
    """Return a cue of *words*, which must not be empty; its times are theirs unless stated."""
    start = words[0].start_ms if start_ms is None else start_ms
    end = max(start, words[-1].end_ms if end_ms is None else end_ms)
    timed: list[TimedWord] = []
    at = start
    for word in words:
        at = min(max(at, word.start_ms), max(at, end))
        timed.append(TimedWord(at, word.text))
    return Cue(start, end, " ".join([word.text for word in timed]), words[0].speaker, tuple(timed))
