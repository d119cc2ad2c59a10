"""Find other forms of a word: speech that contains `scheduled` may be misheard, or remembered, as `schedule`.

English forms of the words of a quote are made by suffixes.  Those of other languages, and of short queries, are looked
up among the indexed words: words with the same Snowball stem, such as `Häuser` and `Haus`.  Letters that some keyboards
lack are also written as two: `München` and `Muenchen`, `Ångström` and `Aangstroem`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress
from weakref import WeakKeyDictionary

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..model import And, FieldTerm, Or, QueryNode

_INFLECTABLE_CHARS = range(4, 31)  # length of a word that has other forms
_MIN_STEM_CHARS = 3
_SUFFIX_REPLACEMENTS = (
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("es", ""),
    ("ed", ""),
    ("s", ""),
    ("d", ""),
)
_LETTER_PAIRS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("dj", "d"))
"""How letters that accents were removed from are written without accents."""

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""The Snowball algorithm of each language."""

_SCRIPTS = {
    "ar": "ARABIC", "el": "GREEK", "fa": "ARABIC", "hi": "DEVANAGARI", "hy": "ARMENIAN", "ne": "DEVANAGARI",
    "ru": "CYRILLIC", "ta": "TAMIL", "yi": "HEBREW",
}  # fmt: skip
"""The script of languages that are not written in Latin letters."""

_WRITTEN_ENDINGS = {
    "pl": {"ow": "\u00f3w"},
    "ru": {"\u044b\u0438": "\u044b\u0439", "\u043e\u0438": "\u043e\u0439", "\u0435\u0438": "\u0435\u0439"},
}
"""Endings that normalization takes a mark from, and as the stemmers expect them."""

_PREFIXED_ARTICLES = {"ar": "\u0627\u0644"}

_MIN_LOOKED_UP_CHARS = 2  # of a stem
_MAX_WORDS_BESIDE = 30  # indexed words with the same first letters, the most frequent ones
_MAX_STEMMED_WORDS = 240  # in one search: a word takes some 30 microseconds
_MAX_FORMS = 4  # of one word in one language
_MAX_ENGLISH_TOKENS = 3  # the forms of longer quotes in English are made by suffixes only, which is faster

_SIBILANT_ENDINGS = ("s", "x", "z", "ch", "sh")
_ADDED_SUFFIXES = ("", "s", "ed", "ing")


def inflect_tokens(tokens: Iterable[str]) -> tuple[str, ...]:
    """Return words that differ from one of *tokens* only by their suffix, without *tokens* themselves.

    Many of them are not real words.
    """
    originals = dict.fromkeys(tokens)
    inflectable = (token for token in originals if len(token) in _INFLECTABLE_CHARS and token.isalpha())
    forms = dict.fromkeys(form for token in inflectable for form in _inflect_word(token))
    return tuple(form for form in forms if form not in originals)


def find_forms(engine: PassageIndex, tokens: Iterable[str], languages: Sequence[str]) -> dict[str, str]:
    """Return the indexed words that have the stem of one of *tokens* in one of *languages*, each with that token."""
    originals = dict.fromkeys(tokens)
    wanted = [token for token in originals if len(token) in _INFLECTABLE_CHARS and token[0].isalpha()]
    languages = [each for each in languages if each != "en" or len(originals) <= _MAX_ENGLISH_TOKENS]
    forms: dict[str, str] = {}
    remaining = _MAX_STEMMED_WORDS
    for token in sorted(wanted, key=len, reverse=True):
        for language in languages:
            if remaining <= 0 or not _is_written_in(token, language):
                continue
            check_cpu_time()
            beside = _find_words_beside(engine, token, language)
            remaining -= len(beside)
            stem = _stem_word(token, language)
            found = [word for word in beside if word not in originals and _stem_word(word, language) == stem]
            forms |= {word: token for word in found[:_MAX_FORMS] if word not in forms}
    return forms


def _find_words_beside(engine: PassageIndex, token: str, language: str) -> list[str]:
    """Return indexed words that may have the stem of *token*: they start like it, or like the stem."""
    stem = _stem_word(token, language)
    size = min(len(stem), len(token))
    if size < _MIN_LOOKED_UP_CHARS:
        return []
    shared = next((at for at in range(size) if token[at] != stem[at]), size)
    if shared < min(size, _MIN_STEM_CHARS):  # the stem has no article, or other letters
        starts = [(start, max(_MIN_STEM_CHARS, size - 1)) for start in (token, stem)]
    else:
        starts = [(token, max(min(size, _MIN_STEM_CHARS), shared - 1))]
    if article := _PREFIXED_ARTICLES.get(language):
        starts.append((article + stem, len(article) + max(_MIN_STEM_CHARS, len(stem) - 1)))
    found = (engine.find_tokens_beside(start, prefix_chars=chars, limit=_MAX_WORDS_BESIDE) for start, chars in starts)
    return list(dict.fromkeys(word for words in found for word in words))


@lru_cache(maxsize=50_000)
def _stem_word(word: str, language: str) -> str:
    """Return the stem of *word*; a stemmer has state, so that threads share none."""
    import snowballstemmer

    if _STEMMERS[language] not in snowballstemmer.algorithms():  # an older PyStemmer, which it prefers
        return word
    word = word[:-2] + _WRITTEN_ENDINGS.get(language, {}).get(word[-2:], word[-2:])
    return str(snowballstemmer.stemmer(_STEMMERS[language]).stemWord(word))


def _is_written_in(token: str, language: str) -> bool:
    return unicodedata.name(token[0], "").startswith(_SCRIPTS.get(language, "LATIN"))


_known_languages: WeakKeyDictionary[PassageIndex, tuple[int, tuple[str, ...]]] = WeakKeyDictionary()
"""The number of passages of an index and the languages that it had then."""


def find_languages(engine: PassageIndex, node: QueryNode) -> tuple[str, ...]:
    """Return the languages with a stemmer that the tracks which *node* selects may be in."""
    fields = (each for each in _conjuncts(node) if isinstance(each, FieldTerm))
    wanted = next((each.tokens[:1] for each in fields if each.field_name == "lang"), ())
    if wanted:
        return wanted if wanted[0] in _STEMMERS else ()
    engine = engine.whole
    count = engine.count_passages()
    if _known_languages.get(engine, (-1, ()))[0] != count:
        _known_languages[engine] = count, tuple(_indexed_languages(engine))
    return _known_languages[engine][1]


def _conjuncts(node: QueryNode) -> Sequence[QueryNode]:
    return node.nodes if isinstance(node, And) else (node,)


def _indexed_languages(engine: PassageIndex) -> Iterator[str]:
    """Yield the languages with a stemmer that any passage is in."""
    terms = [FieldTerm("lang", (language,)) for language in _STEMMERS]
    if engine.find_matched([Or(tuple(terms))])[0]:
        yield from compress(_STEMMERS, engine.find_matched(terms))


def _respell_word(word: str) -> Iterator[str]:
    """Yield *word* with the letter pairs as letters, and with a letter as a pair: all of them, and each by itself."""
    letters = pairs = word
    for pair, letter in _LETTER_PAIRS:
        letters = letters.replace(pair, letter)
        if pair in word:
            yield word.replace(pair, letter)
            continue
        pairs = pairs.replace(letter, pair) if pair[1:] == "e" else pairs
        yield from (word[:at] + pair + word[at + 1 :] for at, char in enumerate(word) if char == letter)
    yield from (letters, pairs)


def _inflect_word(word: str) -> Iterator[str]:
    if word.isascii():
        yield from _respell_word(word)
    stems = [
        word.removesuffix(suffix) + replacement for suffix, replacement in _SUFFIX_REPLACEMENTS if word.endswith(suffix)
    ]
    for base in (word, *stems):
        if len(base) < _MIN_STEM_CHARS:
            continue
        yield from (base + suffix for suffix in _ADDED_SUFFIXES)
        if base.endswith("e"):
            yield from (f"{base}d", f"{base[:-1]}ing")
        if base.endswith(_SIBILANT_ENDINGS):
            yield f"{base}es"
        if base.endswith("y"):
            yield from (f"{base[:-1]}ies", f"{base[:-1]}ied")
