"""Learn how names are written from titles, articles and other captions, for captions that are all in capitals."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..model import Article, Video
from .languages import base_language
from .lazy_pattern import lazy_pattern

_MAX_TEXT_CHARS = 200_000
_TITLE_CASE_SHARE = 0.6
"""If more of the long words of a text start with a capital, capitals do not tell names from other words."""

_WORD = lazy_pattern(r"[^\W_](?:[^\W_]|['’.&-](?=[^\W_]))*")
_SENTENCE_END = lazy_pattern(r"[.!?:…][\"”’)\]]*\s|\n|^\W*$")
_POSSESSIVE = lazy_pattern(r"['’]s$", re.IGNORECASE)
_SMALL_WORDS = """
    a about after all an and are as at be but by can did do does for from had has have he her him his how i if in is
    it its just me my no not of on or our out over she so than that the their them they this to up us vs was we were
    what when where which who why will with you your
"""
_CONTRACTED = """
    I'm I've don't didn't doesn't isn't wasn't aren't weren't hasn't haven't hadn't couldn't wouldn't shouldn't that's
    what's there's he's she's they're you're we've you've they've
"""
_FUNCTION_WORDS = frozenset(_SMALL_WORDS.split())
_CONTRACTIONS = {word.replace("'", "").lower(): word for word in _CONTRACTED.split()}
"""English contractions whose letters without an apostrophe are no other word."""


def context_texts(video: Video, articles: Iterable[Article] = (), labels: Iterable[str] = ()) -> Iterator[str]:
    """Yield the texts about *video* that may write the names in its captions."""
    yield from (*labels, video.title, video.channel, video.description, *video.tags)
    yield from (chapter.title for chapter in video.chapters)
    for article in articles:
        yield from (article.title, article.author, article.text)


def learn_names(texts: Iterable[str], words: Sequence[str], *, language: str = "") -> dict[str, str]:
    """Return how the names in *words*, captions in capitals, are written in *texts*, by `name_key`.

    A word is a name if *texts* mostly write it with a capital within a sentence.  A title often writes every word with
    a capital: then two words are a name if *words* have them together in at least half of the cases.  Captions in the
    English *language* that have no contraction with an apostrophe get the apostrophes, too.
    """
    keys = [name_key(word) for word in words]
    wanted = set(keys)
    writing = _read_texts(tuple(text[:_MAX_TEXT_CHARS] for text in texts if text))
    names = _missing_contractions(words, language)
    titled = _find_title_names(writing.titled, keys)
    names |= {key: form for key, form in titled.items() if key not in writing.lower}
    return names | {key: writing.names[key] for key in wanted & writing.names.keys()}


class _Writing(NamedTuple):
    """How texts write words.

    *names* are words with a capital, *lower* those that are also written without one, by their keys.  *titled* are the
    adjacent words of titles in which every word may have a capital: the key and the form of both.
    """

    names: dict[str, str]
    lower: frozenset[str]
    titled: tuple[tuple[str, str, str, str], ...]


@lru_cache(maxsize=32)  # of the hits of a search, many are in one video
def _read_texts(texts: tuple[str, ...]) -> _Writing:
    capitalized: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lower: Counter[str] = Counter()
    titled: list[tuple[str, str, str, str]] = []
    for text in texts:
        if _is_title_case(text):
            titled += _pair_words(text)
            continue
        for key, form, is_first in _find_words(text):
            if form.islower():
                lower[key] += 1
            elif not is_first or _has_inner_capital(form):
                capitalized[key][form] += 1
    names = {key: forms.most_common(1)[0][0] for key, forms in capitalized.items() if forms.total() > 2 * lower[key]}
    return _Writing(names, frozenset(lower), tuple(titled))


def _pair_words(title: str) -> Iterator[tuple[str, str, str, str]]:
    if not title.isupper():
        for (key, form, _), (next_key, next_form, _) in pairwise([*_find_words(title), ("", "", False)]):
            yield key, form, next_key, next_form


def name_key(word: str) -> str:
    """Return the letters and digits of *word* in lower case, without a possessive ending, to look it up."""
    return "".join(filter(str.isalnum, _POSSESSIVE.sub("", word.strip("\"'“”‘’()[].,;:?!-…")))).lower()


def _missing_contractions(words: Sequence[str], language: str) -> dict[str, str]:
    if not (base_language(language) == "en" or (not language and _looks_english(words))):
        return {}
    return {} if any(map(_is_contraction, words)) else dict(_CONTRACTIONS)


def _looks_english(words: Sequence[str]) -> bool:
    return 5 * sum(word.lower() in _FUNCTION_WORDS for word in words) >= len(words)


def _is_contraction(word: str) -> bool:
    return ("'" in word or "’" in word) and "".join(filter(str.isalpha, word)).lower() in _CONTRACTIONS


def _find_words(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each word of *text*: its key, how it is written, and whether it starts a sentence."""
    end = 0
    for found in _WORD.finditer(text):
        is_first = not end or _SENTENCE_END.search(text, end, found.start() + 1) is not None
        end = found.end()
        form = _POSSESSIVE.sub("", found[0])
        key = name_key(form)
        if len(key) > 1 and not form.startswith(("I'", "I’")):
            yield key, form, is_first or text[found.start() - 1] in "\"“„«‘'("


def _is_title_case(text: str) -> bool:
    starts = [found[0][0] for found in _WORD.finditer(text) if len(found[0]) > 3]
    return sum(map(str.isupper, starts)) > _TITLE_CASE_SHARE * len(starts)


def _has_inner_capital(form: str) -> bool:
    return any(map(str.isupper, form[1:])) and not form.isupper()


def _find_title_names(titled: Iterable[tuple[str, str, str, str]], keys: Sequence[str]) -> dict[str, str]:
    """Return the names in titles in which every word may have a capital."""
    names: dict[str, str] = {}
    counts = Counter(keys)
    pairs = Counter(pairwise(keys))
    for key, form, next_key, next_form in titled:
        if _has_inner_capital(form) and key in counts:
            names[key] = form
        together = pairs[key, next_key]
        is_name = form[:1].isupper() and next_form[:1].isupper() and not {key, next_key} & _FUNCTION_WORDS
        if is_name and together and 2 * together >= counts[key]:
            names |= {key: form, next_key: next_form}
    return names
