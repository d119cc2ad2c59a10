"""The words of a claim as they are compared: normalized, with the places where the article left words out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..transcripts.normalize import normalize_words
from .claims import Claim
from .languages.word_table import WordTable

MAX_CLAIM_TOKENS = 600
"""Tokens of a quote that are compared; the rest is ignored."""

_MAX_CLAIM_CHARS = 20_000
_ELLIPSIS_PATTERN = re.compile(r"(?:…|\.\.\.|\. \. \.)+")
_INSERTION_PATTERN = re.compile(r"\[[^\[\]]{0,200}\]")
MASKED_PATTERN = re.compile(
    r"(?<![\w*-])(?:[^\W\d_]{1,3}(?:\*{2,}[^\W\d_]*|\*[^\W\d_]+)|\*{3,}[^\W\d_]+"
    r"|[fF][-–—]{1,3}(?:u?c?k?(?:ing|ed|ers?)|u?c?k)|[sS]h?[-–—]{1,3}i?t(?:ty)?)(?![\w*-])"
)
"""A swear word that is printed with some of its letters: `f***ing`, `sh*t`."""

_NEGATION_PATTERN = re.compile(
    r"\b(?:not|never|\w+n['’]t|cannot|nicht|nie|kein\w*|nunca|jam[aá]is|pas|non|não|niet|nooit|geen)\b", re.IGNORECASE
)
_MAX_NEGATING_WORDS = 3
_FILLER_WEIGHT, _FUNCTION_WEIGHT, _CONTENT_WEIGHT = 0.2, 0.5, 1.0
_SHORT_WORD_CHARS = 3  # of a language without a table, whose short words are taken for function words


@dataclass(frozen=True, slots=True)
class ClaimText:
    """The *tokens* of a quote; *word_index* tells from which of *words*, as printed, each of them comes.

    *breaks* are the tokens before which the article marks that words are left out or replaced.  A quote that *is_cut*
    has more than `MAX_CLAIM_TOKENS` words, which are left out.  *who* is said to have said it.
    """

    words: tuple[str, ...]
    tokens: tuple[str, ...]
    word_index: tuple[int, ...]
    breaks: frozenset[int]
    is_cut: bool = False
    who: str = ""

    def printed(self, start: int, end: int) -> str:
        """Return the words of the tokens from *start* to *end* (exclusive) as printed."""
        if start >= end:
            return ""
        last = self.word_index[end] if end < len(self.tokens) else len(self.words)
        return " ".join(self.words[self.word_index[start] : max(last, self.word_index[start] + 1)])

    def opens_sentence(self, token: int) -> bool:
        """Return whether the word of a token is the first of a sentence, so that its capital letter says nothing."""
        word = self.word_index[token]
        return word == 0 or self.words[word - 1].rstrip("\"'”’)")[-1:] in (".", "!", "?", "…", ":")


def read_claim(claim: Claim) -> ClaimText:
    """Split the quote of *claim* at ellipses, brackets and masked words, and normalize its words."""
    plain = _INSERTION_PATTERN.sub(_replace_insertion, claim.quote[:_MAX_CLAIM_CHARS])
    plain = MASKED_PATTERN.sub(" … ", plain)
    words: list[str] = []
    tokens: list[str] = []
    word_index: list[int] = []
    breaks: set[int] = set()
    for part in _ELLIPSIS_PATTERN.split(plain):
        part_words = part.split()
        part_tokens, origins = normalize_words(part_words)
        if tokens and part_tokens:
            breaks.add(len(tokens))
        word_index += [len(words) + origin for origin in origins]
        words += part_words
        tokens += part_tokens
    size = min(len(tokens), MAX_CLAIM_TOKENS)
    kept = words if size == len(tokens) else words[: word_index[size]]
    is_cut = size < len(tokens) or len(claim.quote) > _MAX_CLAIM_CHARS
    inner_breaks = frozenset(at for at in breaks if at < size)
    return ClaimText(tuple(kept), tuple(tokens[:size]), tuple(word_index[:size]), inner_breaks, is_cut, claim.who)


def _replace_insertion(match: re.Match[str]) -> str:
    """Return an ellipsis in place of an editor's words in brackets.

    Letters inside a word are kept, and so are a few words with a negation: it has to be one that was said.
    """
    before = match.string[match.start() - 1 : match.start()] if match.start() else ""
    after = match.string[match.end() : match.end() + 1]
    words = match[0][1:-1]
    is_negation = len(words.split()) <= _MAX_NEGATING_WORDS and _NEGATION_PATTERN.search(words)
    return words if before.isalnum() or after.isalnum() or is_negation else " … "


def weigh_words(tokens: tuple[str, ...], table: WordTable) -> list[float]:
    """Return how much each token says: words with content most, fillers least."""
    return [_weigh_word(token, table) for token in tokens]


def _weigh_word(token: str, table: WordTable) -> float:
    if token in table.negations or any(map(str.isdigit, token)):
        return _CONTENT_WEIGHT
    if token in table.function_words or (not table.function_words and len(token) <= _SHORT_WORD_CHARS):
        return _FUNCTION_WEIGHT
    return _FILLER_WEIGHT if token in table.fillers else _CONTENT_WEIGHT
