"""Wrap styled text at words, to the width of a terminal in columns."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import click

_MIN_WIDTH = 20

_NARROW_TEXT = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027]*")
"""Latin letters and punctuation, of which each character takes one column."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How text looks."""

    bold: bool = False
    dim: bool = False
    color: str | None = None

    def to_ansi(self, text: str) -> str:
        """Return *text* in this style; `click.echo` removes it if the output is not a terminal."""
        if self == PLAIN:
            return text  # without the sequence that ends a style
        return click.style(text, bold=self.bold or None, dim=self.dim or None, fg=self.color)


StyledText = tuple[str, TextStyle]
"""Text in one style."""

PLAIN = TextStyle()

_Word = list[StyledText]
"""The pieces of a word."""


def terminal_width() -> int:
    """Return the number of columns of the terminal, or 0 if the output is none: then lines stay whole."""
    return max(terminal_columns(), _MIN_WIDTH) if sys.stdout.isatty() else 0


def terminal_columns() -> int:
    """Return the number of columns that the terminal has, or that the environment states."""
    import shutil  # it imports all formats of archives, which takes longer than a search

    return shutil.get_terminal_size().columns


def wrap_text(parts: Iterable[StyledText], *, width: int, indent: str = "", first: str | None = None) -> list[str]:
    """Return lines of at most *width* columns (0: one line), each after *indent*, the first one after *first*."""
    indent_width = max(cell_width(indent), cell_width(first or ""))
    room = max(width - indent_width, _MIN_WIDTH - indent_width, 1) if width else 0
    lines = list(_fill_lines(_split_words(parts), room))
    return [f"{indent if number or first is None else first}{_join_words(line)}" for number, line in enumerate(lines)]


def cell_width(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    if text.isascii() or _NARROW_TEXT.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # takes a millisecond to import

    return cell_len(text)


def _split_words(parts: Iterable[StyledText]) -> Iterator[_Word]:
    """Yield the words of *parts*; a word may have several styles."""
    word: _Word = []
    for text, style in parts:
        for number, piece in enumerate(text.split(" ")):
            if number and word:
                yield word
                word = []
            if piece:
                word.append((piece, style))
    if word:
        yield word


def _fill_lines(words: Iterable[_Word], room: int) -> Iterator[list[_Word]]:
    """Yield as many words at a time as fit into *room* columns; break words that are longer, as Chinese text is."""
    line: list[_Word] = []
    used = 0
    for whole in words:
        word = whole
        if room and _word_width(word) > room:
            *full, word = _break_word(word, room, room - used - 1 if line else room)
            for chunk in full:
                yield [*line, chunk] if chunk else line
                line = []
            used = 0
        size = _word_width(word)
        if room and line and used + 1 + size > room:
            yield line
            line, used = [], 0
        used += size + (1 if line else 0)
        line = [*line, word]
    if line:
        yield line


def _break_word(word: _Word, room: int, first_room: int) -> list[_Word]:
    """Return *word* in pieces of at most *room* columns, the first one of at most *first_room*, maybe empty."""
    chunks: list[_Word] = [[]]
    left = first_room
    for text, style in word:
        for char in text:
            size = cell_width(char)
            if size > left:
                chunks.append([])
                left = room
            left -= size
            chunks[-1].append((char, style))
    return chunks


def _word_width(word: _Word) -> int:
    return sum(cell_width(piece) for piece, _ in word)


def _join_words(words: Sequence[_Word]) -> str:
    """Join *words* with spaces; neighbors in one style share its escape sequences."""
    pieces: _Word = []
    for word in words:
        if pieces:
            last, first = pieces[-1][1], word[0][1]
            pieces.append((" ", last if last == first else PLAIN))
        pieces += word
    runs = groupby(pieces, key=lambda piece: piece[1])
    return "".join(style.to_ansi("".join(text for text, _ in run)) for style, run in runs)
