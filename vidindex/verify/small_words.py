"""Changes of small words: who is meant, when it happens, and how clauses are joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .difference import Difference, is_small
from .quote_changes import FoundChange, find_phrases

_ALIKE_TENSES = ({"perfect", "past"}, {"perfect", "present"}, {"past perfect", "past"})
"""Tenses that may stand for each other: `it has been` and `it was`."""

_FORMS_OF_WILL = {"future", "conditional"}
_DUTIES = ("must", "should")
_DETERMINERS = frozenset(
    ("a", "the", "this", "that", "my", "your", "his", "her", "our", "their", "very", "poor", "its")
)
"""English words before `little` after which it is an adjective; in other tables, such words are quantifiers."""


def find_small_changes(diff: Difference) -> Iterator[FoundChange]:
    """Yield the changes of small words that stand for each other, or of an article before `few`."""
    if diff.isolated or all(each.same or is_small(each, diff.table) for each in diff.beside):
        yield from _find_group(diff, diff.table.persons)
    if diff.isolated and diff.clean:
        yield from _find_group(diff, diff.table.conjunctions)
        yield from _find_article(diff)
        yield from _find_little(diff)
        yield from _find_tense(diff)
        yield from _find_verb_form(diff)
        yield from _find_obligation(diff)


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
    one_sided = [{"future"}, {"conditional"}] if diff.is_written else [{"future"}]
    if left | right in one_sided and not (diff.printed and diff.said):
        yield diff.change("modality", printed, said, undecided=True)
    elif left and right and left.isdisjoint(right) and left | right not in (*_ALIKE_TENSES, _FORMS_OF_WILL):
        yield diff.change("other", printed, said, undecided=True, written=left | right == {"past", "future"})


def _find_verb_form(diff: Difference) -> Iterator[FoundChange]:
    """Yield a change between forms of one modal verb that say different things: can and could."""
    modals, forms = diff.table.modals, diff.table.forms
    for word in diff.printed:
        for other in diff.said:
            is_pair = modals.get(word) and modals.get(other) and forms.get(word, word) == forms.get(other)
            if is_pair and modals[word] != modals[other]:
                yield diff.change("modality", (word,), (other,), undecided=True)


def _find_obligation(diff: Difference) -> Iterator[FoundChange]:
    """Yield a change if only one side has `have to`, and the other one no word such as `must`."""
    phrases = list(map(" ".join, diff.table.obligations))
    printed, said = find_phrases(diff.all_printed, phrases), find_phrases(diff.all_said, phrases)
    others = diff.said if printed else diff.printed
    if bool(printed) != bool(said) and not any(diff.table.modals.get(word) in _DUTIES for word in others):
        yield diff.change("modality", printed, said, undecided=True)


def _in_groups(tokens: Sequence[str], groups: Mapping[str, str]) -> list[str]:
    return [token for token in tokens if token in groups]
