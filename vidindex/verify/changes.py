"""Decides which differences between a quote and what was said change its meaning, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Literal

from .claim_text import ClaimText
from .comparison import WordBlock
from .languages.word_table import WordTable
from .likeness import likeness
from .number_phrases import is_same_decade, letters_as_scales, merge_phrases
from .numbers import (
    NumberWords,
    homophones_as_numbers,
    is_number,
    is_number_part,
    read_numbers,
    same_numbers,
    sound_alike,
    sounds_like_number,
)
from .quote_changes import ANSWERS, FoundChange, drop_moved_numbers, drop_moved_words, find_quote_changes
from .spoken import SpokenReader
from .verdicts import ChangeKind

_SURELY_ALIKE = 0.85
_HEARD_ALIKE = 0.7
"""Likeness from which one word may be the other one, misheard."""

_ALIKE = 0.68
"""Likeness from which words of content stand for each other."""

# The likeness below which a word is another one, by how often both are used in the track.
_OFTEN, _OFTEN_SHORT, _SHORT_TEXT_TOKENS = 5, 2, 1500
_USED, _BOTH_USED, _SELDOM, _ONCE = 0.64, 0.4, 0.34, 0.3
_USED_NAME, _RARE_NAME, _NO_NAME = 0.62, 0.45, 0.22
_SHORT, _MIN_TELLING_CHARS = 0.3, 4

_MAX_REPLACED_WORDS = 3
_MIN_SAME_WORDS, _MAX_EDGE_WORDS = 2, 2
_MIN_STEM_CHARS = 3
_DECIMAL_POINTS = frozenset(("point", "komma", "coma", "virgule", "punto"))
_BADLY_HEARD = 0.45
_MAX_NUMBER_PARTS = 4


def find_changes(
    quote: ClaimText, blocks: list[WordBlock], table: WordTable, spoken: SpokenReader
) -> list[FoundChange]:
    """Return the changes of meaning in *blocks*, in order."""
    found = [
        change
        for at, block in enumerate(blocks)
        if not block.same and block.text is not None
        for change in _BlockJudge(quote, blocks, at, table, spoken).find()
    ]
    kept = drop_moved_numbers(drop_moved_words(found), quote, blocks, table)
    return [*find_quote_changes(quote, blocks, table, spoken), *kept]


def _is_clean(quote: ClaimText, blocks: Sequence[WordBlock], at: int) -> bool:
    """Return whether the words on both sides of a block agree, so that it is no badly heard passage."""
    block = blocks[at]
    if (at == 0 or at == len(blocks) - 1) and block.end - block.start > _MAX_EDGE_WORDS:
        return False
    return _agreeing(quote, reversed(blocks[:at])) and _agreeing(quote, blocks[at + 1 :])


def _agreeing(quote: ClaimText, side: Iterable[WordBlock]) -> bool:
    """Return whether the first words of a side are the same, or alike."""
    same = 0
    for block in side:
        if block.same:
            same += block.end - block.start
        elif not _is_alike(quote, block):
            return same >= _MIN_SAME_WORDS
        if same >= _MIN_SAME_WORDS:
            return True
    return True


def _is_alike(quote: ClaimText, block: WordBlock) -> bool:
    printed = quote.tokens[block.start : block.end]
    return len(printed) == len(block.said) == 1 and likeness(printed[0], block.said[0]) >= _ALIKE - 0.1


class _BlockJudge:
    """Finds the changes of one block."""

    def __init__(
        self, quote: ClaimText, blocks: list[WordBlock], at: int, table: WordTable, spoken: SpokenReader
    ) -> None:
        self.quote, self.block, self.table, self.spoken = quote, blocks[at], table, spoken
        block = blocks[at]
        self.clean = _is_clean(quote, blocks, at)
        self.beside = beside = blocks[max(0, at - 1) : at] + blocks[at + 1 : at + 2]
        self.isolated = all(each.same for each in beside)
        self.at_edge = at in (0, len(blocks) - 1) and block.end > block.start
        self.numbers_beside = any(
            is_number(token, table)
            for each in beside
            if not each.same
            for token in (*quote.tokens[each.start : each.end], *each.said)
        )
        printed = _without_phrases(quote.tokens[block.start : block.end], table)
        said = _without_phrases(block.said, table)
        common = Counter(printed) & Counter(said)
        self.printed = _subtract(printed, common)
        self.said = _subtract(said, common)
        self.all_printed, self.all_said = printed, said

    def find(self) -> Iterator[FoundChange]:
        """Yield the changes, the most important kinds first; usually at most one."""
        found = [
            *self._find_negation(),
            *self._find_number(),
            *self._find_unit(),
            *self._find_direction(),
            *self._find_group("quantifier"),
            *self._find_group("modality"),
        ]
        found = [change for change in found if change.printed or not self.at_edge or self._is_in_place(change)]
        if not found:
            found = [*self._find_other()]
        if not found and not self.table.function_words and not self._is_heard_alike():
            # Which words decide a meaning is not known in this language.
            found = [self._change("other", self.all_printed, self.all_said, undecided=True)]
        yield from found

    def _is_heard_alike(self) -> bool:
        return likeness("".join(self.all_printed), "".join(self.all_said)) >= _SURELY_ALIKE

    def _is_in_place(self, change: FoundChange) -> bool:
        """Return whether words were said in place of an end of the quote, rather than before or after it."""
        size = self.block.end - self.block.start
        nearest = self.block.said[-size:] if self.block.start == 0 else self.block.said[:size]
        return set(change.said) <= set(nearest)

    def _change(
        self, kind: ChangeKind, printed: Sequence[str], said: Sequence[str], *, undecided: bool = False
    ) -> FoundChange:
        block = self._with_unit() if kind == "number" else self.block
        return FoundChange(kind, block, tuple(printed), tuple(said), undecided)

    def _with_unit(self) -> WordBlock:
        """Return the block with the unit after it, which shows a reader the whole number: `$2 million`."""
        block, text = self.block, self.block.text
        unit = self.quote.tokens[block.end : block.end + 1]
        is_unit = text is not None and unit and unit == tuple(text.tokens[block.stop : block.stop + 1])
        return (
            replace(block, end=block.end + 1, stop=block.stop + 1) if is_unit and unit[0] in self.table.units else block
        )

    def _find_negation(self) -> Iterator[FoundChange]:
        table = self.table
        printed = [token for token in self.printed if token in table.negations]
        said = [token for token in self.said if token in table.negations]
        if len(printed) != len(said) and not self._is_answer(printed, said):
            only, others = (printed, self.said) if len(printed) > len(said) else (said, self.printed)
            undecided = self._is_badly_heard_block() or any(
                likeness(word, other) >= (_SURELY_ALIKE if table.is_deciding(other) else _HEARD_ALIKE - 0.05)
                for word in only
                for other in others
            )
            yield self._change("negation", printed, said, undecided=undecided)
        elif not printed:
            yield from self._find_negating_phrase() or self._find_negating_prefix()

    def _is_answer(self, printed: Sequence[str], said: Sequence[str]) -> bool:
        """Return whether only an answer was said more, as in "No, it is"."""
        block, text = self.block, self.block.text
        if printed or text is None or not ANSWERS.issuperset(said):
            return False
        spoken = self.spoken.read(text.track, block.first, block.stop)
        places = [at for at in range(block.first, block.stop) if text.tokens[at] in said]
        return all(spoken.ends_clause(spoken.word_of(at)) for at in places)

    def _find_negating_phrase(self) -> list[FoundChange]:
        """Return the change if only one side has a phrase such as `far from`, and the other one has no other words."""
        printed, said = (self._negating_phrases(tokens) for tokens in (self.all_printed, self.all_said))
        is_alone = self.isolated and not (self.printed and self.said)
        return [self._change("negation", printed, said)] if is_alone and len(printed) != len(said) else []

    def _negating_phrases(self, tokens: Sequence[str]) -> list[str]:
        text = f" {' '.join(tokens)} "
        return [phrase for words in self.table.negating_phrases if f" {(phrase := ' '.join(words))} " in text]

    def _find_negating_prefix(self) -> Iterator[FoundChange]:
        if len(self.all_printed) != len(self.all_said) or self._is_name() or not self.isolated:
            return  # `an certain` is a misheard `uncertain`
        for left in self.printed:
            for right in self.said:
                longer, shorter = (left, right) if len(left) > len(right) else (right, left)
                prefix = longer[: len(longer) - len(shorter)]
                is_negated = len(shorter) > _MIN_STEM_CHARS and longer.endswith(shorter)
                is_negated = is_negated and prefix in self.table.negating_prefixes
                if is_negated or self.table.are_opposite_forms(left, right):
                    yield self._change("negation", (left,), (right,))
                    return

    def _find_number(self) -> Iterator[FoundChange]:
        table = self.table
        printed, said = read_numbers(self.printed, table), read_numbers(self.said, table)
        if not printed.words and not said.words:
            return
        if printed.words and said.words:
            if not any(
                same_numbers(read_numbers(left, table), read_numbers(right, table))
                for left, right in self._number_readings()
            ) and not (self._is_decade() and is_same_decade(printed.values, said.values)):
                undecided = sound_alike(printed, said) or self._is_number_badly_heard(printed, said)
                yield self._change("number", printed.words, said.words, undecided=undecided)
            return
        if printed.is_ambiguous or said.is_ambiguous:
            return
        others = self.said if printed.words else self.printed
        yield self._change("number", printed.words, said.words, undecided=bool(others) or not self.isolated)

    def _number_readings(self) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """Yield the printed and the said tokens in each way in which they may be numbers."""
        printed, said = self.all_printed, self.all_said
        yield self.printed, self.said
        yield printed, said
        yield homophones_as_numbers(printed), homophones_as_numbers(said)
        yield letters_as_scales(printed), letters_as_scales(said)
        yield printed, [*self._number_parts_before(), *said]

    def _is_decade(self) -> bool:
        """Return whether a number of the block is a decade in figures: an `s` follows it, or is a part of the block."""
        return "s" in (*self.all_printed, *self.all_said, *self.quote.tokens[self.block.end : self.block.end + 1])

    def _number_parts_before(self) -> list[str]:
        """Return the parts of a number that were said right before the quote: `half a` of `half a million`."""
        block = self.block
        if block.start or block.text is None:
            return []
        before = block.text.tokens[max(0, block.first - _MAX_NUMBER_PARTS) : block.first]
        return list(takewhile(lambda token: is_number_part(token, self.table), reversed(before)))[::-1]

    def _is_number_badly_heard(self, printed: NumberWords, said: NumberWords) -> bool:
        """Return whether a number was heard as several ones, or with a part of it beside it."""
        if len(printed.values) != len(said.values) or self.numbers_beside:
            return True
        heard = [token for token in merge_phrases(self.all_said, self.table) if token not in self.all_printed]
        if len(self._content(self.said)) > 1 or any(map(sounds_like_number, heard)):
            return True
        block, text = self.block, self.block.text
        if text is None:
            return True
        beside = (
            text.tokens[block.first - 1 : block.first] if block.first else (),
            text.tokens[block.stop : block.stop + 1],
        )
        printed_beside = self.quote.tokens[max(0, block.start - 1) : block.end + 1]
        return any(
            (token in _DECIMAL_POINTS or is_number(token, self.table) or sounds_like_number(token))
            and token not in printed_beside
            for tokens in beside
            for token in tokens
        ) or self._continues_homophone(said)

    def _continues_homophone(self, said: NumberWords) -> bool:
        """Return whether `for fifty` was heard as 450."""
        start = max(0, self.block.start - 1)
        joined = read_numbers(homophones_as_numbers(self.quote.tokens[start : self.block.end]), self.table)
        return start < self.block.start and same_numbers(joined, said)

    def _is_badly_heard_block(self) -> bool:
        """Return whether several words were heard as others that sound like them as a whole."""
        pure = [token for token in self.all_printed if token not in self.table.negations]
        return (
            len(pure) >= 2
            and bool(self.all_said)
            and likeness("".join(self.all_printed), "".join(self.all_said)) >= _BADLY_HEARD
        )

    def _find_direction(self) -> Iterator[FoundChange]:
        for left in self.printed:
            sides = dict(self.table.directions(left))
            for right in self.said:
                if any(sides.get(axis) == -side for axis, side in self.table.directions(right)):
                    yield self._change("direction", (left,), (right,))
                    return

    def _find_unit(self) -> Iterator[FoundChange]:
        units, printed, said = self.table.units, self._content(self.printed), self._content(self.said)
        is_pair = self.isolated and len(printed) == len(said) == 1 and printed[0] in units and said[0] in units
        if is_pair and units[printed[0]] != units[said[0]]:
            yield self._change("number", printed, said)

    def _find_group(self, kind: Literal["quantifier", "modality"]) -> Iterator[FoundChange]:
        groups = self.table.quantifiers if kind == "quantifier" else self.table.modals
        left_tokens, right_tokens = self._without_forms(self.printed, self.said)
        printed = [token for token in left_tokens if token in groups]
        said = [token for token in right_tokens if token in groups]
        left, right = {groups[token] for token in printed}, {groups[token] for token in said}
        if left & right or not (left or right):
            return
        if left and right:
            if not self._are_filler_phrases():
                yield self._change(kind, printed, said)
            return
        words, others = (printed, right_tokens) if printed else (said, left_tokens)
        strong = [word for word in words if groups[word] in self.table.strong]
        # Beside other words that differ, a word more or less is more likely misheard.
        if (
            strong
            and self._is_between_forms()
            and not others
            and len(words) == len(self._content(left_tokens or right_tokens, keep=words))
        ):
            yield self._change(kind, printed, said)

    def _is_between_forms(self) -> bool:
        """Return whether the words on both sides are the same, or forms of each other."""
        return all(
            each.same or (len(each.said) == 1 == each.end - each.start and self._is_other_form(each))
            for each in self.beside
        )

    def _is_other_form(self, block: WordBlock) -> bool:
        return _is_form(self.quote.tokens[block.start], block.said[0], self.table)

    def _are_filler_phrases(self) -> bool:
        """Return whether one phrase without meaning was heard for another one, as "you know" for "I think"."""
        block, phrases = self.block, self.table.filler_phrases
        printed = self.quote.tokens[max(0, block.start - 1) : block.end]
        said = block.text.tokens[max(0, block.first - 1) : block.stop] if block.text else ()
        return tuple(printed[-2:]) in phrases and tuple(said[-2:]) in phrases

    def _without_forms(self, printed: Sequence[str], said: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the words of both sides without pairs of irregular forms, such as `will` and `would`."""
        left, right, forms = list(printed), list(said), self.table.forms
        for word in printed:
            match = next((other for other in right if word in forms and forms[word] == forms.get(other)), None)
            if match is not None:
                left.remove(word)
                right.remove(match)
        return left, right

    def _find_other(self) -> Iterator[FoundChange]:
        printed, said = self._content(self.printed), self._content(self.said)
        if not printed or not said or max(len(printed), len(said)) > _MAX_REPLACED_WORDS or not self.clean:
            return
        left, right = self._without_alike(printed, said)
        if left and right:
            kind: ChangeKind = "name" if self._is_name() else "other"
            is_phrase = kind == "other" and max(len(left), len(right)) > 1
            yield self._change(kind, printed, said, undecided=is_phrase or self._may_be_misheard(left, right))

    def _without_alike(self, printed: Sequence[str], said: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the words of both sides that have no form of their own, and none that sounds alike, on the other."""
        left, right = list(printed), list(said)
        for word in printed:
            for other in right:
                if self._is_same_word(word, other):
                    left.remove(word)
                    right.remove(other)
                    break
        return left, right

    def _is_same_word(self, printed: str, said: str) -> bool:
        """Return whether two words are forms of one, sound alike, or are the same unit or an abbreviation."""
        units = self.table.units
        return (
            _is_form(printed, said, self.table)
            or likeness(printed, said) >= _ALIKE
            or _contains(printed, said)
            or (printed in units and units[printed] == units.get(said))
            or (said.startswith(printed) and self._is_abbreviated(printed))
        )

    def _is_abbreviated(self, token: str) -> bool:
        quote = self.quote
        return any(
            quote.tokens[at] == token and quote.words[quote.word_index[at]].rstrip(",;:").endswith(".")
            for at in range(self.block.start, self.block.end)
        )

    def _may_be_misheard(self, printed: Sequence[str], said: Sequence[str]) -> bool:
        """Return whether the words that were said may be the printed ones, misheard.

        A misheard word is mostly one that the speaker does not use otherwise, and it sounds like the right one.  So a
        word that is used more often, in place of one that never is, was said.
        """
        if all(
            token in self.table.function_words or (len(token) <= 4 and self.table.is_deciding(token)) for token in said
        ):
            return True
        alike = max(
            likeness("".join(printed), "".join(said)),
            likeness("".join(self.all_printed), "".join(self.all_said)) if len(self.all_printed) <= 3 else 0.0,
        )
        return alike >= self._max_likeness(printed, said)

    def _max_likeness(self, printed: Sequence[str], said: Sequence[str]) -> float:
        """Return the likeness below which the words are others, not misheard."""
        text = self.block.text
        if text is None:
            return 0.0
        uses = min(len(text.positions.get(token, ())) for token in said)
        printed_uses = max(len(text.positions.get(token, ())) for token in printed)
        often = _OFTEN if len(text.tokens) >= _SHORT_TEXT_TOKENS else _OFTEN_SHORT
        short = min(len("".join(printed)), len("".join(said))) < _MIN_TELLING_CHARS
        if self._is_name() or self._may_be_name():
            # The names of most recognizers have capital letters; a misheard name has none.
            capital = self.spoken.read(text.track, self.block.first, self.block.stop).is_capitalized(
                self.block.first, self.block.stop
            )
            return (_USED_NAME if uses >= often and not printed_uses else _RARE_NAME) if capital else _NO_NAME
        if short:
            return _SHORT
        if uses >= often:
            return _USED if not printed_uses else _BOTH_USED
        if uses > 1:
            return _SELDOM if not printed_uses else _NO_NAME
        return _ONCE if not printed_uses else 0.0

    def _content(self, tokens: Sequence[str], keep: Sequence[str] = ()) -> list[str]:
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

    def _may_be_name(self) -> bool:
        """Return whether the first word of a sentence was printed, which has a capital letter in any case."""
        quote = self.quote
        return any(
            quote.opens_sentence(at)
            for at in range(self.block.start, self.block.end)
            if quote.tokens[at] in self.printed
        )

    def _is_name(self) -> bool:
        """Return whether the printed words have a capital letter that no sentence gives them."""
        quote = self.quote
        return any(
            quote.words[quote.word_index[at]].strip("\"'“”‘’([")[:1].isupper() and not quote.opens_sentence(at)
            for at in range(self.block.start, self.block.end)
            if quote.tokens[at] in self.printed
        )


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


def _contains(left: str, right: str) -> bool:
    """Return whether one word begins or ends with the other one, as when a part of it is not heard."""
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return len(shorter) > _MIN_STEM_CHARS and (longer.startswith(shorter) or longer.endswith(shorter))


def _is_form(left: str, right: str, table: WordTable) -> bool:
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
