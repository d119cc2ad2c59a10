"""Changes of small words: who is meant, when it happens, how clauses are joined, and words that were left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .difference import Difference, is_form
from .likeness import likeness
from .numbers import is_number
from .quote_changes import SIGNS, FoundChange

_HEARD_ALIKE = 0.5
"""Likeness from which a small word may be another one, misheard."""

_REPEATED_WORDS = 4
"""Words before and after a place in which speakers repeat what they began to say."""

_MAX_REPLACED_WORDS = 2
_ALIKE_TENSES = ({"perfect", "past"}, {"perfect", "present"}, {"past perfect", "past"})
"""Tenses that may stand for each other: `it has been` and `it was`."""

_DETERMINERS = frozenset(
    ("a", "the", "this", "that", "my", "your", "his", "her", "our", "their", "very", "poor", "its")
)
"""English words before `little` after which it is an adjective; in other tables, such words are quantifiers."""


def find_small_changes(diff: Difference) -> Iterator[FoundChange]:
    """Yield the changes of small words that stand for each other, or of an article before `few`."""
    if diff.isolated:
        yield from _find_group(diff, diff.table.persons)
    if diff.isolated and diff.clean:
        yield from _find_group(diff, diff.table.conjunctions)
        yield from _find_article(diff)
        yield from _find_little(diff)
        yield from _find_tense(diff)
        yield from _find_verb_form(diff)


def find_left_out(diff: Difference) -> Iterator[FoundChange]:
    """Yield words with a meaning of their own that were said and are not printed, or have a small word in their place.

    Speakers correct themselves, and articles leave that out, so these are for people to judge.
    """
    words = (*diff.all_printed, *diff.all_said)
    if not (diff.isolated and diff.clean) or any(is_number(word, diff.table) or word in SIGNS for word in words):
        return
    hedge = next((phrase for phrase in diff.table.hedges if tuple(diff.block.said) == phrase), None)
    if hedge and diff.block.start == diff.block.end:
        yield diff.change("modality", (), hedge, undecided=True)
        return
    printed, said = _telling(diff, diff.printed), _telling(diff, diff.said)
    if said and not diff.printed:
        said = [token for token in said if not _is_repeated(diff, token)]
        if said:
            yield diff.change("other", (), said, undecided=True)
    elif bool(printed) != bool(said) and _is_replaced(diff):
        yield diff.change("other", diff.printed, diff.said, undecided=True)


def _is_replaced(diff: Difference) -> bool:
    """Return whether a few words are printed in place of others that do not sound like them."""
    sizes = len(diff.printed), len(diff.said)
    is_alike = likeness("".join(diff.printed), "".join(diff.said)) >= _HEARD_ALIKE
    return min(sizes) > 0 and max(sizes) <= _MAX_REPLACED_WORDS and not is_alike


def _telling(diff: Difference, tokens: Sequence[str]) -> list[str]:
    """Return the words that say something by themselves."""
    table = diff.table
    judged = [token for token in tokens if token in table.quantifiers or token in table.modals]
    return diff.content(tokens, keep=[token for token in judged if token not in table.function_words])


def _is_repeated(diff: Difference, token: str) -> bool:
    """Return whether a word is said again nearby, in the same or another form, as when speakers start anew."""
    quote, block = diff.quote, diff.block
    near = quote.tokens[max(0, block.start - _REPEATED_WORDS) : block.end + _REPEATED_WORDS]
    return any(token == other or is_form(token, other, diff.table) for other in near)


def _find_article(diff: Difference) -> Iterator[FoundChange]:
    following = diff.quote.tokens[diff.block.end : diff.block.end + 1]
    pair = tuple(diff.block.said) + tuple(diff.quote.tokens[diff.block.start : diff.block.end]) + following
    if len(pair) == 2 and pair in diff.table.articled:
        with_article, without = pair, pair[1:]
        sides = (without, with_article) if diff.said else (with_article, without)
        yield diff.change("quantifier", *sides, undecided=True, written=True)


def _find_little(diff: Difference) -> Iterator[FoundChange]:
    """Yield a change if `little`, which is nearly a negation without an article, is only on one side."""
    only = (diff.printed, diff.said)
    words = {word for _, word in diff.table.articled} - set(diff.table.quantifiers)
    before = diff.quote.tokens[diff.block.start - 1 : diff.block.start] if diff.block.start else ()
    is_alone = sorted(map(len, only)) == [0, 1] and not words.isdisjoint((*diff.printed, *diff.said))
    if is_alone and _DETERMINERS.isdisjoint(before):
        yield diff.change("quantifier", diff.printed, diff.said, undecided=False)


def _find_group(diff: Difference, groups: Mapping[str, str]) -> Iterator[FoundChange]:
    """Yield a change if words of one group are printed in place of words of another one."""
    printed, said = _in_groups(diff.printed, groups), _in_groups(diff.said, groups)
    if printed and said and {groups[word] for word in printed}.isdisjoint(groups[word] for word in said):
        yield diff.change("other", printed, said, undecided=True, written=True)


def _find_tense(diff: Difference) -> Iterator[FoundChange]:
    """Yield a change of tense, which is often harmless between present and past."""
    tenses = diff.table.tenses
    printed, said = _in_groups(diff.printed, tenses), _in_groups(diff.said, tenses)
    left, right = {tenses[word] for word in printed}, {tenses[word] for word in said}
    if left | right == {"future"} and not (diff.printed and diff.said):
        yield diff.change("modality", printed, said, undecided=True)
    elif left and right and left.isdisjoint(right) and left | right not in _ALIKE_TENSES:
        yield diff.change("other", printed, said, undecided=True, written=left | right == {"past", "future"})


def _find_verb_form(diff: Difference) -> Iterator[FoundChange]:
    """Yield a change between forms of one modal verb that say different things: can and could."""
    modals, forms = diff.table.modals, diff.table.forms
    for word in diff.printed:
        for other in diff.said:
            is_pair = modals.get(word) and modals.get(other) and forms.get(word, word) == forms.get(other)
            if is_pair and modals[word] != modals[other]:
                yield diff.change("modality", (word,), (other,), undecided=True)


def _in_groups(tokens: Sequence[str], groups: Mapping[str, str]) -> list[str]:
    return [token for token in tokens if token in groups]
