"""One difference between a quote and what was said: the words of a block, and how well those beside it agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .claim_text import ClaimText
from .comparison import WordBlock
from .languages.word_table import WordTable
from .likeness import letter_likeness, likeness, sound_key
from .numbers import is_number
from .quote_changes import FoundChange
from .verdicts import ChangeKind

_ALIKE = 0.68
"""Likeness from which words with content stand for each other."""

_SPELLED_ALIKE = 0.7
"""Share of equal letters from which a word that people wrote may be the printed one, spelled otherwise."""

_ALIKE_BESIDE = 0.58
_MIN_SAME_WORDS, _MAX_EDGE_WORDS = 2, 2
_MIN_STEM_CHARS = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A block that differs.

    *printed* and *said* are its tokens without those that both sides have, *all_printed* and *all_said* with them, all
    without phrases that only fill a pause.  *beside* are the blocks before and after it.  It *is_written* if people
    made the captions, which are never badly heard.  It is *clean* if the words on both sides agree, so that it is no
    badly heard passage, and *isolated* if those right beside it are the same.
    """

    quote: ClaimText
    block: WordBlock
    table: WordTable
    beside: tuple[WordBlock, ...]
    is_written: bool
    clean: bool
    isolated: bool
    at_edge: bool
    all_printed: tuple[str, ...]
    all_said: tuple[str, ...]
    printed: tuple[str, ...]
    said: tuple[str, ...]

    def change(
        self,
        kind: ChangeKind,
        printed: Sequence[str],
        said: Sequence[str],
        *,
        undecided: bool = False,
        written: bool = False,
    ) -> FoundChange:
        block = self._with_unit() if kind == "number" else self.block
        return FoundChange(kind, block, tuple(printed), tuple(said), undecided, written)

    def _with_unit(self) -> WordBlock:
        """Return the block with the unit after it, which shows a reader the whole number: `$2 million`."""
        block, text = self.block, self.block.text
        unit = self.quote.tokens[block.end : block.end + 1]
        is_unit = text is not None and unit and unit == tuple(text.tokens[block.stop : block.stop + 1])
        return (
            replace(block, end=block.end + 1, stop=block.stop + 1) if is_unit and unit[0] in self.table.units else block
        )

    def content(self, tokens: Sequence[str], keep: Sequence[str] = ()) -> list[str]:
        """Return the words among *tokens* that name something, and those of *keep*."""
        table = self.table
        return [
            token
            for token in tokens
            if token in keep
            or (
                token not in table.function_words
                and token not in table.fillers
                and not is_number(token, table)
                and len(token) > 1
            )
        ]

    def is_same_word(self, printed: str, said: str) -> bool:
        """Return whether two words are forms of one, sound alike, or are the same unit or an abbreviation."""
        units = self.table.units
        return (
            is_form(printed, said, self.table)
            or self.is_alike(printed, said)
            or (not self.is_written and contains(printed, said))
            or (printed in units and units[printed] == units.get(said))
            or (said.startswith(printed) and self._is_abbreviated(printed))
        )

    def is_alike(self, printed: str, said: str) -> bool:
        """Return whether words sound alike; if people wrote them, only a spelling such as `gray` for `grey` does."""
        if self.is_written:
            return sound_key(printed) == sound_key(said) and letter_likeness(printed, said) >= _SPELLED_ALIKE
        return likeness(printed, said) >= _ALIKE

    def _is_abbreviated(self, token: str) -> bool:
        quote = self.quote
        return any(
            quote.tokens[at] == token and quote.words[quote.word_index[at]].rstrip(",;:").endswith(".")
            for at in range(self.block.start, self.block.end)
        )

    def has_number_beside(self) -> bool:
        """Return whether the words beside it differ in a number."""
        return any(
            is_number(token, self.table)
            for each in self.beside
            if not each.same
            for token in (*self.quote.tokens[each.start : each.end], *each.said)
        )


def read_difference(
    quote: ClaimText, blocks: Sequence[WordBlock], at: int, table: WordTable, *, written: bool
) -> Difference:
    """Return the difference of the block *at*; the captions are *written* if people made them."""
    block = blocks[at]
    beside = (*blocks[max(0, at - 1) : at], *blocks[at + 1 : at + 2])
    printed = _without_phrases(quote.tokens[block.start : block.end], table)
    said = _without_phrases(block.said, table)
    common = Counter(printed) & Counter(said)
    return Difference(
        quote,
        block,
        table,
        beside,
        written,
        clean=_is_clean(quote, blocks, at, table, written=written),
        isolated=written or all(each.same for each in beside),
        at_edge=at in (0, len(blocks) - 1) and block.end > block.start,
        all_printed=tuple(printed),
        all_said=tuple(said),
        printed=tuple(_subtract(printed, common)),
        said=tuple(_subtract(said, common)),
    )


def _is_clean(quote: ClaimText, blocks: Sequence[WordBlock], at: int, table: WordTable, *, written: bool) -> bool:
    """Return whether the words on both sides of a block agree, so that it is no badly heard passage."""
    block = blocks[at]
    if (at == 0 or at == len(blocks) - 1) and block.end - block.start > _MAX_EDGE_WORDS:
        return False
    return written or (_agreeing(quote, reversed(blocks[:at]), table) and _agreeing(quote, blocks[at + 1 :], table))


def _agreeing(quote: ClaimText, side: Iterable[WordBlock], table: WordTable) -> bool:
    """Return whether the first words of a side are the same, or alike."""
    same = 0
    for block in side:
        if block.same:
            same += block.end - block.start
        elif not (_is_alike(quote, block) or (same and is_small(block, table))):
            return same >= _MIN_SAME_WORDS
        if same >= _MIN_SAME_WORDS:
            return True
    return True


def is_small(block: WordBlock, table: WordTable) -> bool:
    """Return whether only small words were left out in a block, as people do who clean a quote."""
    small = table.function_words | table.fillers
    return block.start == block.end and bool(block.said) and small.issuperset(block.said)


def _is_alike(quote: ClaimText, block: WordBlock) -> bool:
    printed = quote.tokens[block.start : block.end]
    return len(printed) == len(block.said) == 1 and likeness(printed[0], block.said[0]) >= _ALIKE_BESIDE


def _without_phrases(tokens: Sequence[str], table: WordTable) -> list[str]:
    """Return *tokens* without phrases that only fill a pause, such as "you know"."""
    kept: list[str] = []
    for token in tokens:
        if kept and (kept[-1], token) in table.filler_phrases:
            kept.pop()
        else:
            kept.append(token)
    return kept


def _subtract(tokens: Sequence[str], common: Counter[str]) -> list[str]:
    left = common.copy()
    kept = []
    for token in tokens:
        if left[token] > 0:
            left[token] -= 1
        else:
            kept.append(token)
    return kept


def contains(left: str, right: str) -> bool:
    """Return whether one word begins or ends with the other one, as when a part of it is not heard."""
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return len(shorter) > _MIN_STEM_CHARS and (longer.startswith(shorter) or longer.endswith(shorter))


def is_form(left: str, right: str, table: WordTable) -> bool:
    """Return whether two words are forms of one: they differ in their endings, or irregularly."""
    if table.forms.get(left, left) == table.forms.get(right, right):
        return True
    shared = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        shared += 1
    return (
        shared >= _MIN_STEM_CHARS
        and shared >= max(len(left), len(right)) - 4
        and shared >= min(len(left), len(right)) - 2
    )
