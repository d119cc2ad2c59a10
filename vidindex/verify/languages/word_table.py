"""The words of one language that decide a meaning, as normalized tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_NAMES_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_MIN_STEM_CHARS = 3
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def word_set(words: str) -> frozenset[str]:
    """Return *words*, separated by spaces, as a set."""
    return frozenset(words.split())


def _groups_by_word(groups: Mapping[str, str]) -> dict[str, str]:
    """Return the group of each word; *groups* are words by the name of their group."""
    return {word: name for name, words in groups.items() for word in words.split()}


NUMBER_TOKENS = {name: value for value, name in enumerate(_NAMES_BELOW_TWENTY.split())} | {
    name: 10 * ten for ten, name in enumerate(_TENS.split(), 2)
}
"""The values of the tokens that small numbers are normalized to, in any language: 7 becomes `seven`."""


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of a language that decide a meaning.

    *negating_phrases* negate without a negation: `far from`. Words of one group mean about the same, so that one
    may stand for another. A *strong* group changes the meaning when it is added or left out, any other one only
    when it replaces another group of its table. *units* are groups of units and currencies. *up* and *down* are
    opposites, and so are the two sides of each pair of *opposites*, and words that differ only in a pair of
    *opposite_beginnings* or *opposite_endings*. *persons*, *conjunctions* and *tenses* are groups of small words, and
    *hedges* are phrases of doubt. *frames* are the ends of phrases before a clause which a negation turns around,
    such as `think that` in `I do not think that`, and *doubts* are those which do so themselves. *assertions* are
    phrases whose negation turns nothing around: `I can not believe that`. *bounds* are phrases before numbers, each
    with its group, and *number_bounds* words that mean the same only there. *obligations* are phrases such as `have
    to`. *articled* are pairs of an article and a word that means another amount without it: `a few`. *numbers* are the
    values of number words, which *scales* multiply. If *is_answer_apart*, the word for `no` does not negate the verb
    after it. *forms* gives the base form of irregular words. *questions* are words with which questions begin, and
    *auxiliaries* those among them that stand elsewhere in a statement: `Is it safe?`
    """

    negations: frozenset[str] = frozenset()
    negating_prefixes: tuple[str, ...] = ()
    negating_phrases: frozenset[tuple[str, ...]] = frozenset()
    opposite_beginnings: tuple[tuple[str, str], ...] = ()
    opposite_endings: tuple[tuple[str, str], ...] = ()
    quantifiers: Mapping[str, str] = field(default_factory=dict)
    modals: Mapping[str, str] = field(default_factory=dict)
    strong: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)
    up: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    opposites: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()
    numbers: Mapping[str, int] = field(default_factory=lambda: NUMBER_TOKENS)
    scales: Mapping[str, int] = field(default_factory=dict)
    persons: Mapping[str, str] = field(default_factory=dict)
    conjunctions: Mapping[str, str] = field(default_factory=dict)
    tenses: Mapping[str, str] = field(default_factory=dict)
    hedges: frozenset[tuple[str, ...]] = frozenset()
    frames: frozenset[tuple[str, ...]] = frozenset()
    doubts: frozenset[tuple[str, ...]] = frozenset()
    assertions: frozenset[tuple[str, ...]] = frozenset()
    bounds: Mapping[str, str] = field(default_factory=dict)
    number_bounds: Mapping[str, str] = field(default_factory=dict)
    obligations: frozenset[tuple[str, ...]] = frozenset()
    articled: frozenset[tuple[str, str]] = frozenset()
    limiters: frozenset[str] = frozenset()
    function_words: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    forms: Mapping[str, str] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    questions: frozenset[str] = frozenset()
    auxiliaries: frozenset[str] = frozenset()
    filler_phrases: frozenset[tuple[str, ...]] = frozenset()
    is_answer_apart: bool = True

    def is_deciding(self, token: str) -> bool:
        """Return whether *token* is a negation, a quantifier, a modal or a direction."""
        return (
            token in self.negations
            or token in self.quantifiers
            or token in self.modals
            or token in self.up
            or token in self.down
            or any(token in left or token in right for left, right in self.opposites)
        )

    def are_opposite_forms(self, left: str, right: str) -> bool:
        """Return whether two words differ only in a pair of opposite beginnings or endings: careful and careless."""
        return any(
            _replaced(word, old, new, at_start=at_start) == other
            for at_start, pairs in ((True, self.opposite_beginnings), (False, self.opposite_endings))
            for old, new in pairs
            for word, other in ((left, right), (right, left))
        )

    def directions(self, token: str) -> Iterator[tuple[int, int]]:
        """Yield the axes of *token*, each with the side, 1 or -1, that it is on."""
        if token in self.up:
            yield 0, 1
        if token in self.down:
            yield 0, -1
        for axis, (left, right) in enumerate(self.opposites, 1):
            if token in left:
                yield axis, 1
            if token in right:
                yield axis, -1


def _replaced(word: str, old: str, new: str, *, at_start: bool) -> str:
    """Return *word* with another beginning or ending; empty if it has not *old*, or little besides."""
    if len(word) - len(old) < _MIN_STEM_CHARS:
        return ""
    if at_start:
        return new + word[len(old) :] if word.startswith(old) else ""
    return word[: -len(old)] + new if word.endswith(old) else ""


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase in text.split(",") if phrase)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.split() for pair in text.split(",") if pair)
    return tuple((left, right) for left, right in pairs)


def make_table(
    *,
    negations: str,
    negating_prefixes: str = "",
    negating_phrases: str = "",
    opposite_beginnings: str = "",
    opposite_endings: str = "",
    quantifiers: Mapping[str, str],
    modals: Mapping[str, str],
    strong: str,
    up: str,
    down: str,
    opposites: Mapping[str, str],
    units: Mapping[str, str] | None = None,
    numbers: Mapping[str, int],
    scales: Mapping[str, int],
    persons: Sequence[str] = (),
    conjunctions: Sequence[str] = (),
    tenses: Mapping[str, str] | None = None,
    hedges: str = "",
    frames: str = "",
    doubts: str = "",
    assertions: str = "",
    bounds: Mapping[str, str] | None = None,
    number_bounds: Mapping[str, str] | None = None,
    obligations: str = "",
    articled: str = "",
    limiters: str,
    function_words: str,
    fillers: str,
    forms: Mapping[str, str] | None = None,
    ordinals: Mapping[str, int] | None = None,
    questions: str = "",
    auxiliaries: str = "",
    filler_phrases: str = "",
    is_answer_apart: bool = True,
) -> WordTable:
    """Return a table of words that are separated by spaces."""
    return WordTable(
        negations=frozenset(negations.split()),
        negating_prefixes=tuple(negating_prefixes.split()),
        negating_phrases=_phrases(negating_phrases),
        opposite_beginnings=_pairs(opposite_beginnings),
        opposite_endings=_pairs(opposite_endings),
        quantifiers=_groups_by_word(quantifiers),
        modals=_groups_by_word(modals),
        strong=frozenset(strong.split()),
        units=_groups_by_word(units or {}),
        up=frozenset(up.split()),
        down=frozenset(down.split()),
        opposites=tuple((frozenset(left.split()), frozenset(right.split())) for left, right in opposites.items()),
        numbers=NUMBER_TOKENS | dict(numbers),
        scales=scales,
        persons=_groups_by_word({group: group for group in persons}),
        conjunctions=_groups_by_word({group: group for group in conjunctions}),
        tenses=_groups_by_word(tenses or {}),
        hedges=_phrases(hedges),
        frames=_phrases(frames),
        doubts=_phrases(doubts),
        assertions=_phrases(assertions),
        bounds={phrase: group for group, phrases in (bounds or {}).items() for phrase in phrases.split(",")},
        number_bounds=_groups_by_word(number_bounds or {}),
        obligations=_phrases(obligations),
        articled=frozenset(_pairs(articled)),
        limiters=frozenset(limiters.split()),
        function_words=frozenset(function_words.split()),
        fillers=frozenset(fillers.split()),
        forms=_groups_by_word(forms or {}),
        ordinals=ordinals or {},
        questions=frozenset((questions + " " + auxiliaries).split()),
        auxiliaries=frozenset(auxiliaries.split()),
        filler_phrases=_phrases(filler_phrases),
        is_answer_apart=is_answer_apart,
    )
