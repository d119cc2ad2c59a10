"""Decides which differences between a quote and what was said change its meaning, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from .claim_text import MASKED_PATTERN, ClaimText
from .comparison import WordBlock
from .difference import Difference, contains, is_form, read_difference
from .languages.word_table import WordTable
from .likeness import letter_likeness, likeness
from .number_changes import find_number_changes
from .omissions import find_omissions
from .questions import find_questions
from .quote_changes import (
    ANSWERS,
    FoundChange,
    drop_equal_bounds,
    drop_moved_numbers,
    drop_moved_words,
    find_phrases,
    find_quote_changes,
    join_number_runs,
)
from .small_words import find_small_changes
from .spoken import SpokenReader
from .unmatched import find_unmatched
from .verdicts import ChangeKind

_SURELY_ALIKE = 0.85
_HEARD_ALIKE = 0.7
"""Likeness from which one word may be the other one, misheard."""

_MAYBE_MISSPELLED = 0.7
"""Likeness, also of the letters, from which one word may be the other one, misspelled."""

# The likeness below which a word is another one, by how often both are used in the track.
_OFTEN, _OFTEN_SHORT, _SHORT_TEXT_TOKENS = 5, 2, 1500
_USED, _BOTH_USED, _SELDOM, _ONCE = 0.64, 0.4, 0.34, 0.3
_USED_NAME, _RARE_NAME, _NO_NAME = 0.62, 0.45, 0.22
_SHORT, _MIN_TELLING_CHARS = 0.3, 4

_REFUSALS = ("refuse", "fail")
_MAX_REPLACED_WORDS = 3
_MIN_STEM_CHARS = 3
_BADLY_HEARD = 0.45


def find_changes(
    quote: ClaimText, blocks: list[WordBlock], table: WordTable, spoken: SpokenReader, *, written: bool
) -> list[FoundChange]:
    """Return the changes of meaning in *blocks*, in order; the captions are *written* if people made them."""
    judged = blocks if table.function_words else join_number_runs(quote, blocks, table)
    found = [
        change
        for at, block in enumerate(judged)
        if not block.same and block.text is not None
        for change in _BlockJudge(read_difference(quote, judged, at, table, written=written), spoken).find()
    ]
    kept = drop_moved_numbers(drop_moved_words(found), quote, blocks, table)
    is_negation_known = any(change.kind == "negation" and not change.printed for change in kept)
    whole = [] if is_negation_known else [*find_omissions(quote, blocks, table, spoken)]
    whole += [*find_quote_changes(quote, blocks, table, spoken), *find_questions(quote, blocks, table, spoken)]
    found = [*whole, *(change for change in kept if not any(_explains(each, change) for each in whole))]
    found += find_unmatched(quote, blocks, table, found, written=written)
    return [change for change in drop_equal_bounds(found, quote, blocks, table) if not _is_masked(change, spoken)]


def _is_masked(change: FoundChange, spoken: SpokenReader) -> bool:
    """Return whether the captions mask the word that is printed: `f***ing`."""
    text, block = change.block.text, change.block
    if change.kind != "other" or text is None or not change.printed:
        return False
    said = spoken.read(text.track, block.first, block.stop).text(block.first, block.stop)
    masked = MASKED_PATTERN.search(said)
    return masked is not None and masked[0][:1].casefold() == change.printed[0][:1]


def _explains(whole: FoundChange, change: FoundChange) -> bool:
    """Return whether a decided change of more words is what an undecided one is about."""
    is_within = whole.block.start <= change.block.start < change.block.end <= whole.block.end
    return is_within and change.undecided and not whole.undecided


@dataclass(frozen=True, slots=True)
class _BlockJudge:
    """Finds the changes of one block."""

    diff: Difference
    spoken: SpokenReader

    def find(self) -> Iterator[FoundChange]:
        """Yield the changes, the most important kinds first; usually at most one."""
        found = [
            *self._find_negation(),
            *find_number_changes(self.diff, self._said_words()),
            *self._find_direction(),
            *self._find_group("quantifier"),
            *self._find_group("modality"),
        ]
        found = [change for change in found if change.printed or not self.diff.at_edge or self._is_in_place(change)]
        found = found or [*find_small_changes(self.diff)][:1]
        found = found or [*self._find_other()]
        if not found and not self.diff.table.function_words and not self._is_heard_alike():
            # Which words decide a meaning is not known in this language.
            found = [self.diff.change("other", self.diff.all_printed, self.diff.all_said, undecided=True)]
        yield from found

    def _said_words(self) -> list[str]:
        """Return the word of each token that was said."""
        block = self.diff.block
        if block.text is None:
            return []
        around = self.spoken.read(block.text.track, block.first, block.stop)
        return [around.transcript.words[around.word_of(at)] for at in range(block.first, block.stop)]

    def _is_heard_alike(self) -> bool:
        return likeness("".join(self.diff.all_printed), "".join(self.diff.all_said)) >= _SURELY_ALIKE

    def _is_in_place(self, change: FoundChange) -> bool:
        """Return whether words were said in place of an end of the quote, rather than before or after it."""
        size = self.diff.block.end - self.diff.block.start
        nearest = self.diff.block.said[-size:] if self.diff.block.start == 0 else self.diff.block.said[:size]
        return set(change.said) <= set(nearest)

    def _find_negation(self) -> Iterator[FoundChange]:
        table = self.diff.table
        printed = [token for token in self.diff.printed if token in table.negations]
        said = [token for token in self.diff.said if token in table.negations]
        if len(printed) != len(said) and not (self._is_answer(printed, said) or self._is_refusal(printed, said)):
            only, others = (printed, self.diff.said) if len(printed) > len(said) else (said, self.diff.printed)
            undecided = self._is_badly_heard_block() or any(
                likeness(word, other) >= (_SURELY_ALIKE if table.is_deciding(other) else _HEARD_ALIKE - 0.05)
                for word in only
                for other in others
            )
            yield self.diff.change("negation", printed, said, undecided=undecided)
        elif not printed:
            yield from self._find_negating_phrase() or self._find_negating_prefix()

    def _is_answer(self, printed: Sequence[str], said: Sequence[str]) -> bool:
        """Return whether only an answer was said more, as in "No, it is"."""
        block, text = self.diff.block, self.diff.block.text
        if printed or text is None or not ANSWERS.issuperset(said):
            return False
        spoken = self.spoken.read(text.track, block.first, block.stop)
        places = [at for at in range(block.first, block.stop) if text.tokens[at] in said]
        return all(spoken.ends_clause(spoken.word_of(at)) for at in places)

    def _is_refusal(self, printed: Sequence[str], said: Sequence[str]) -> bool:
        """Return whether `refused to` stands for `would not`, which changes how firm it is but not what it says."""
        others = self.diff.said if printed else self.diff.printed
        is_pair = len(printed) + len(said) == 1
        return is_pair and any(self.diff.table.modals.get(token) in _REFUSALS for token in others)

    def _find_negating_phrase(self) -> list[FoundChange]:
        """Return the change if only one side has a phrase such as `far from`, and the other one has no other words."""
        printed, said = (self._negating_phrases(tokens) for tokens in (self.diff.all_printed, self.diff.all_said))
        is_alone = self.diff.isolated and not (self.diff.printed and self.diff.said)
        return [self.diff.change("negation", printed, said)] if is_alone and len(printed) != len(said) else []

    def _negating_phrases(self, tokens: Sequence[str]) -> list[str]:
        return find_phrases(tokens, map(" ".join, self.diff.table.negating_phrases))

    def _find_negating_prefix(self) -> Iterator[FoundChange]:
        if len(self.diff.all_printed) != len(self.diff.all_said) or self._is_name() or not self.diff.isolated:
            return  # `an certain` is a misheard `uncertain`
        for left in self.diff.printed:
            for right in self.diff.said:
                longer, shorter = (left, right) if len(left) > len(right) else (right, left)
                prefix = longer[: len(longer) - len(shorter)]
                is_negated = len(shorter) > _MIN_STEM_CHARS and longer.endswith(shorter)
                is_negated = is_negated and prefix in self.diff.table.negating_prefixes
                if is_negated or self.diff.table.are_opposite_forms(left, right):
                    yield self.diff.change("negation", (left,), (right,))
                    return

    def _is_badly_heard_block(self) -> bool:
        """Return whether several words were heard as others that sound like them as a whole."""
        pure = [token for token in self.diff.all_printed if token not in self.diff.table.negations]
        return (
            len(pure) >= 2
            and bool(self.diff.all_said)
            and likeness("".join(self.diff.all_printed), "".join(self.diff.all_said)) >= _BADLY_HEARD
        )

    def _find_direction(self) -> Iterator[FoundChange]:
        for left in self.diff.printed:
            sides = dict(self.diff.table.directions(left))
            for right in self.diff.said:
                if any(sides.get(axis) == -side for axis, side in self.diff.table.directions(right)):
                    yield self.diff.change("direction", (left,), (right,))
                    return

    def _find_group(self, kind: Literal["quantifier", "modality"]) -> Iterator[FoundChange]:
        groups = self.diff.table.quantifiers if kind == "quantifier" else self.diff.table.modals
        left_tokens, right_tokens = self._without_forms(self.diff.printed, self.diff.said)
        printed = [token for token in left_tokens if token in groups]
        said = [token for token in right_tokens if token in groups]
        left, right = {groups[token] for token in printed}, {groups[token] for token in said}
        if left & right or not (left or right):
            return
        if left and right:
            if not self._are_filler_phrases():
                yield self.diff.change(kind, printed, said)
            return
        words, others = (printed, right_tokens) if printed else (said, left_tokens)
        strong = [word for word in words if groups[word] in self.diff.table.strong]
        # Beside other words that differ, a word more or less is more likely misheard.
        if (
            strong
            and self._is_between_forms()
            and not others
            and len(words) == len(self.diff.content(left_tokens or right_tokens, keep=words))
        ):
            yield self.diff.change(kind, printed, said)

    def _is_between_forms(self) -> bool:
        """Return whether the words on both sides are the same, or forms of each other."""
        return all(
            each.same or (len(each.said) == 1 == each.end - each.start and self._is_other_form(each))
            for each in self.diff.beside
        )

    def _is_other_form(self, block: WordBlock) -> bool:
        return is_form(self.diff.quote.tokens[block.start], block.said[0], self.diff.table)

    def _are_filler_phrases(self) -> bool:
        """Return whether one phrase without meaning was heard for another one, as "you know" for "I think"."""
        block, phrases = self.diff.block, self.diff.table.filler_phrases
        printed = self.diff.quote.tokens[max(0, block.start - 1) : block.end]
        said = block.text.tokens[max(0, block.first - 1) : block.stop] if block.text else ()
        return tuple(printed[-2:]) in phrases and tuple(said[-2:]) in phrases

    def _without_forms(self, printed: Sequence[str], said: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the words of both sides without pairs of irregular forms, such as `will` and `would`."""
        left, right, forms = list(printed), list(said), self.diff.table.forms
        for word in printed:
            match = next((other for other in right if word in forms and forms[word] == forms.get(other)), None)
            if match is not None:
                left.remove(word)
                right.remove(match)
        return left, right

    def _find_other(self) -> Iterator[FoundChange]:
        printed, said = self.diff.content(self.diff.printed), self.diff.content(self.diff.said)
        if not printed or not said or max(len(printed), len(said)) > _MAX_REPLACED_WORDS or not self.diff.clean:
            return
        left, right = self._without_alike(printed, said)
        if left and right:
            kind: ChangeKind = "name" if self._is_name() else "other"
            is_phrase = kind == "other" and max(len(left), len(right)) > 1
            is_vague = is_phrase or self._are_of_one_group(left, right)
            undecided = is_vague or self._may_be_misheard(left, right)
            is_written = not is_vague and not _may_be_misspelled("".join(left), "".join(right))
            yield self.diff.change(kind, printed, said, undecided=undecided, written=is_written)

    def _are_of_one_group(self, printed: Sequence[str], said: Sequence[str]) -> bool:
        """Return whether all words mean about the same: `almost` and `nearly`."""
        tokens = (*printed, *said)
        groups = (self.diff.table.quantifiers, self.diff.table.modals)
        return any(
            all(tokens[0] in words and words[tokens[0]] == words.get(each) for each in tokens) for words in groups
        )

    def _without_alike(self, printed: Sequence[str], said: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the words of both sides that have no form of their own, and none that sounds alike, on the other."""
        left, right = list(printed), list(said)
        for word in printed:
            for other in right:
                if self.diff.is_same_word(word, other):
                    left.remove(word)
                    right.remove(other)
                    break
        return left, right

    def _may_be_misheard(self, printed: Sequence[str], said: Sequence[str]) -> bool:
        """Return whether the words that were said may be the printed ones, misheard.

        A misheard word is mostly one that the speaker does not use otherwise, and it sounds like the right one.  So a
        word that is used more often, in place of one that never is, was said.
        """
        if all(
            token in self.diff.table.function_words or (len(token) <= 4 and self.diff.table.is_deciding(token))
            for token in said
        ):
            return True
        alike = max(
            likeness("".join(printed), "".join(said)),
            likeness("".join(self.diff.all_printed), "".join(self.diff.all_said))
            if len(self.diff.all_printed) <= 3
            else 0.0,
        )
        return alike >= self._max_likeness(printed, said)

    def _max_likeness(self, printed: Sequence[str], said: Sequence[str]) -> float:
        """Return the likeness below which the words are others, not misheard."""
        text = self.diff.block.text
        if text is None:
            return 0.0
        uses = min(len(text.positions.get(token, ())) for token in said)
        printed_uses = max(len(text.positions.get(token, ())) for token in printed)
        often = _OFTEN if len(text.tokens) >= _SHORT_TEXT_TOKENS else _OFTEN_SHORT
        short = min(len("".join(printed)), len("".join(said))) < _MIN_TELLING_CHARS
        if self._is_name() or self._may_be_name():
            # The names of most recognizers have capital letters; a misheard name has none.
            capital = self.spoken.read(text.track, self.diff.block.first, self.diff.block.stop).is_capitalized(
                self.diff.block.first, self.diff.block.stop
            )
            return (_USED_NAME if uses >= often and not printed_uses else _RARE_NAME) if capital else _NO_NAME
        if short:
            return _SHORT
        if uses >= often:
            return _USED if not printed_uses else _BOTH_USED
        if uses > 1:
            return _SELDOM if not printed_uses else _NO_NAME
        return _ONCE if not printed_uses else 0.0

    def _may_be_name(self) -> bool:
        """Return whether the first word of a sentence was printed, which has a capital letter in any case."""
        quote = self.diff.quote
        return any(
            quote.opens_sentence(at)
            for at in range(self.diff.block.start, self.diff.block.end)
            if quote.tokens[at] in self.diff.printed
        )

    def _is_name(self) -> bool:
        """Return whether the printed words have a capital letter that no sentence gives them."""
        quote = self.diff.quote
        return any(
            quote.words[quote.word_index[at]].strip("\"'“”‘’([")[:1].isupper() and not quote.opens_sentence(at)
            for at in range(self.diff.block.start, self.diff.block.end)
            if quote.tokens[at] in self.diff.printed
        )


def _may_be_misspelled(printed: str, said: str) -> bool:
    """Return whether a word that people wrote may be the printed one: it is alike, or a part such as `after(wards)`."""
    alike = max(likeness(printed, said), letter_likeness(printed, said))
    return alike >= _MAYBE_MISSPELLED or contains(printed, said)
