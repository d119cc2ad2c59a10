"""Finds the quotations printed in an article, with their attributions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

_QUOTE_MARK_PAIRS = (("“", "”“"), ("„", "“”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"), ("‹", "›"))
_CLOSING_MARKS = dict(_QUOTE_MARK_PAIRS)
_OPENING_MARK_PATTERN = re.compile('[“„«»「『‹‘"]')
_HTML_PATTERN = re.compile(r"<(?:p|div|html|body|blockquote|article|br|!doctype)\b", re.IGNORECASE)
_BLOCK_TAGS = ("p", "li", "blockquote", "dd", "td", "h2", "h3", "h4", "figcaption")
_SPEECH_VERBS = (
    "said|says|say|explained|explains"
    "|told|tells|added|adds|asked|asks|continued|continues|replied|recalled|recalls|admitted|admits"
    "|insisted|joked|confessed|began|argued|claimed|concluded|declared|announced|stated|states|responded|revealed|remarked|observed"
    "|warned|noted|notes|wrote|writes|answered|shouted|whispered|quipped"
    "|offered|mused|reflected|went on|acknowledged|apologized"
    "|exclaimed|muttered|yelled|promised|suggested|thinks|thought|believes|according to"
    "|sagte|sagt|erklärte|meinte|so|betonte|fragte|antwortete|dit|a dit|a déclaré"
    "|explique|a expliqué|dijo|afirmó|explicó|disse|ha detto"
)
_NAME_PATTERN = (
    r"(?:(?:[Tt]he|[Dd]er|[Dd]ie|[Ll]e|[Ll]a|[Ee]l) )?(?:(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Prof)\. )?"
    r"[^\W\d_a-zà-ÿ][\w.'’-]{0,30}(?: (?:(?:de|van|von|der|al|bin|la) )?[^\W\d_a-zà-ÿ][\w.'’-]{0,30}){0,4}"
)
_PRONOUN_PATTERN = r"[Hh]e|[Ss]he|[Tt]hey|I|[Ww]e|[Ee]r|[Ss]ie|[Ii]l|[Ee]lle|[ÉéEe]l|[Ee]lla"
_SPEAKER_PATTERN = rf"(?P<who>{_NAME_PATTERN}|(?:{_PRONOUN_PATTERN})\b)"
_ADVERB_PATTERN = r"(?:(?:has|had|later|then|also|once|\w{2,20}ly) ){0,2}"
_ATTRIBUTION_AFTER_PATTERNS = (
    re.compile(
        rf"^[\s,–—-]{{0,4}}(?P<who>{_PRONOUN_PATTERN}|{_NAME_PATTERN}),? {_ADVERB_PATTERN}(?:{_SPEECH_VERBS})\b"
    ),
    re.compile(rf"^[\s,–—-]{{0,4}}{_ADVERB_PATTERN}(?:{_SPEECH_VERBS}) {_SPEAKER_PATTERN}"),
)
_ATTRIBUTION_BEFORE_PATTERNS = (
    re.compile(rf"(?<!\w){_SPEAKER_PATTERN},? {_ADVERB_PATTERN}(?:{_SPEECH_VERBS})(?: [^.!?“”\"]{{0,60}})?[,:]?\s*$"),
    re.compile(rf"\b(?:{_SPEECH_VERBS}) {_SPEAKER_PATTERN}[,:]\s*$"),
    re.compile(rf"(?:^|[.!?]\s)\s*(?:—\s*)?{_SPEAKER_PATTERN}:\s*$"),
)
_SIGNATURE_PATTERN = re.compile(rf"\s*[—–-]{{1,2}}\s*(?P<who>{_NAME_PATTERN})[.,]?\s*$")
_SPEECH_END_PATTERN = re.compile(r"[.,!?…。，！？]$|[.,!?]['’]$")
_TITLE_WORD_PATTERN = re.compile(r"^(?:[^\W\d_a-zà-ÿ]|\d|of$|the$|and$|a$|in$|on$|to$|for$|&$)")
_MAX_ATTRIBUTION_CHARS = 160  # characters around a quotation that may attribute it
_SAME_SPEAKER_CHARS = 60  # maximum characters between two quotations of one speaker
_MAX_ARTICLE_CHARS = 1_000_000
_MAX_QUOTATIONS = 500
_MAX_QUOTATION_CHARS = 10_000
_MAX_PARAGRAPHS = 20_000
_MAX_BLOCK_DEPTH = 8  # of blocks in blocks: each reads the text of those inside


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that an article prints as said: *parts* are the pieces of *text* that its own words interrupt.

    *attribution* is who is said to have said it, as printed; empty where nobody is named beside it.
    """

    text: str
    attribution: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _QuotedPart:
    text: str
    start: int
    end: int
    open_ended: bool = False


def find_quotations(source: bytes | str | os.PathLike[str], *, url: str | None = None) -> list[Quotation]:
    """Return the quotations printed in the article of a page, in order.

    *source* and *url* are those of `vidindex.read_article`: HTML as bytes or text, or the path of a saved page.
    Raises `TargetError` if the file cannot be read.
    """
    from ..pages.article import read_article

    return extract_quotations(read_article(source, url=url).text)


def extract_quotations(article: str) -> list[Quotation]:
    """Find the quotations in *article*: plain text with a line for each paragraph, or HTML.

    Names of songs and shows, and single words between quotation marks, are left out.
    """
    found: list[Quotation] = []
    for paragraph, is_quote in islice(_split_paragraphs(article[:_MAX_ARTICLE_CHARS]), _MAX_PARAGRAPHS):
        pieces = _find_quoted_parts(paragraph)
        if is_quote and not pieces:
            found += _read_block_quote(paragraph)
        elif found and pieces and pieces[0].start == 0 and _is_open_ended(found[-1]):
            found[-1] = _continue_quotation(found[-1], pieces[0])
            found += _group_quotations(paragraph, pieces[1:])
        else:
            found += _group_quotations(paragraph, pieces)
        if len(found) >= _MAX_QUOTATIONS:
            break
    whole = (replace(each, text=each.text.strip(), parts=tuple(map(str.strip, each.parts))) for each in found)
    return list(dict.fromkeys(whole))[:_MAX_QUOTATIONS]


def _split_paragraphs(article: str) -> Iterator[tuple[str, bool]]:
    """Yield each paragraph, and whether it is a block quote."""
    if _HTML_PATTERN.search(article[:20_000]):
        yield from _html_paragraphs(article)
        return
    for line in article.splitlines():
        text = " ".join(line.split())
        if text:
            yield text.removeprefix("> "), text.startswith("> ")


def _html_paragraphs(html: str) -> Iterator[tuple[str, bool]]:
    from ..pages.markup import element_text, parse_html

    root = parse_html(html)
    if root is None:
        return
    for mark in root.iter("q"):
        mark.text = f"“{mark.text or ''}"
        mark.tail = f"”{mark.tail or ''}"
    for block in root.iter(*_BLOCK_TAGS):
        depth = sum(1 for _ in islice(block.iterancestors(*_BLOCK_TAGS), _MAX_BLOCK_DEPTH))
        if depth < _MAX_BLOCK_DEPTH and next(block.iterchildren(*_BLOCK_TAGS), None) is None:
            quoted = block.tag == "blockquote" or next(block.iterancestors("blockquote"), None) is not None
            text = element_text(block, limit=_MAX_QUOTATION_CHARS)
            if text:
                yield text, quoted


def _read_block_quote(paragraph: str) -> list[Quotation]:
    signed = _SIGNATURE_PATTERN.search(paragraph[-_MAX_ATTRIBUTION_CHARS:])
    text = paragraph[: len(paragraph) - len(signed[0])] if signed else paragraph
    return [Quotation(text, signed["who"] if signed else "", (text,))] if len(text.split()) > 2 else []


def _is_open_ended(quotation: Quotation) -> bool:
    """Return whether *quotation* may continue in the next paragraph."""
    return quotation.text.endswith("\n") and len(quotation.text) < _MAX_QUOTATION_CHARS


def _continue_quotation(quotation: Quotation, piece: _QuotedPart) -> Quotation:
    """Continue a quotation into the next paragraph."""
    text = f"{quotation.text.rstrip()} {piece.text}" + ("\n" if piece.open_ended else "")
    return replace(quotation, text=text, parts=(*quotation.parts[:-1], f"{quotation.parts[-1]} {piece.text}"))


def _find_quoted_parts(paragraph: str) -> list[_QuotedPart]:
    """Yield the text between quotation marks; of nested pairs, the outermost."""
    pieces: list[_QuotedPart] = []
    unclosed: set[str] = set()  # marks without a closing mark from here on
    at = 0
    while (match := _OPENING_MARK_PATTERN.search(paragraph, at)) and len(pieces) < _MAX_QUOTATIONS:
        start = match.start()
        end = (
            _find_closing_mark(paragraph, start)
            if match[0] not in unclosed and _is_opening_mark(paragraph, start)
            else -1
        )
        if end < 0:
            if _is_opening_mark(paragraph, start):
                unclosed.add(match[0])
            at = start + 1
            continue
        open_ended = end == len(paragraph)
        pieces.append(_QuotedPart(paragraph[start + 1 : end], start, min(end + 1, len(paragraph)), open_ended))
        at = end + 1
    return pieces


def _is_opening_mark(paragraph: str, start: int) -> bool:
    """Return whether a mark opens a quotation, rather than closes one or stands for inches."""
    mark = paragraph[start]
    before, after = paragraph[start - 1 : start], paragraph[start + 1 : start + 2]
    if mark in "「『":
        return True
    return bool(after.strip() or mark in "«‹") and not before.isalnum()


def _find_closing_mark(paragraph: str, start: int) -> int:
    """Return the position of the closing mark; the end if the quotation continues in the next paragraph; -1 if none."""
    mark = paragraph[start]
    if mark == '"':
        return _find_closing_straight(paragraph, start)
    if mark == "‘":
        return _find_closing_single(paragraph, start)
    closers = _CLOSING_MARKS[mark]
    ends = [at for closer in closers if (at := paragraph.find(closer, start + 1)) >= 0]
    return min(ends) if ends else len(paragraph) if mark == "“" else -1


def _find_closing_straight(paragraph: str, start: int) -> int:
    at = paragraph.find('"', start + 1)
    while at >= 0 and paragraph[at - 1].isspace():
        at = paragraph.find('"', at + 1)
    return at


def _find_closing_single(paragraph: str, start: int) -> int:
    at = paragraph.find("’", start + 1)
    while at >= 0 and paragraph[at + 1 : at + 2].isalnum():
        at = paragraph.find("’", at + 1)
    return at


def _group_quotations(paragraph: str, pieces: Sequence[_QuotedPart]) -> Iterator[Quotation]:
    """Yield the quotations of a paragraph; one that is interrupted by an attribution counts once."""
    group: list[_QuotedPart] = []
    who = ""
    for piece in pieces:
        if group and not _is_continuation(paragraph, group[-1], piece):
            who = _find_attribution(paragraph, group, who)
            yield from _build_quotation(group, who)
            who = who if len(paragraph[group[-1].end : piece.start]) < _SAME_SPEAKER_CHARS else ""
            group = []
        group.append(piece)
    if group:
        yield from _build_quotation(group, _find_attribution(paragraph, group, who))


def _is_continuation(paragraph: str, before: _QuotedPart, piece: _QuotedPart) -> bool:
    """Return whether two quoted parts are one quotation, as in `“Obviously,” he said, “I deal with hurt”`."""
    between = paragraph[before.end : piece.start]
    return (
        len(between) < 80
        and between.rstrip().endswith((",", "—", "–"))
        and before.text.rstrip().endswith((",", "—", "–", "-", "…", "?", "!"))
        and any(pattern.match(between) for pattern in _ATTRIBUTION_AFTER_PATTERNS)
    )


def _build_quotation(group: Sequence[_QuotedPart], attribution: str) -> Iterator[Quotation]:
    parts = tuple(piece.text[:_MAX_QUOTATION_CHARS].strip() for piece in group)
    if not _is_speech(parts, attributed=bool(attribution)):
        return
    text = " … ".join(parts)[:_MAX_QUOTATION_CHARS] + ("\n" if group[-1].open_ended else "")
    yield Quotation(text, attribution, parts)


def _is_speech(parts: Sequence[str], *, attributed: bool) -> bool:
    words = " ".join(parts).split()
    if sum(len(part) for part in parts) > 5 and not any(
        char.isascii() for part in parts for char in part if char.isalnum()
    ):
        return True
    if len(words) < 7 and all(_TITLE_WORD_PATTERN.match(word) for word in words) and len(words) != 1:
        return False
    ends = bool(_SPEECH_END_PATTERN.search(parts[-1].strip()))
    return len(words) > 3 or (len(words) > 1 and (ends or attributed)) or (ends and attributed)


def _find_attribution(paragraph: str, group: Sequence[_QuotedPart], previous_speaker: str) -> str:
    """Return the speaker that the surrounding words name, else *who* spoke before."""
    for piece in group:
        behind = paragraph[piece.end : piece.end + _MAX_ATTRIBUTION_CHARS]
        for pattern in _ATTRIBUTION_AFTER_PATTERNS:
            if match := pattern.match(behind):
                return match["who"].rstrip(".,")
    first = group[0]
    before = re.split(r"[”\"»“]", paragraph[max(0, first.start - _MAX_ATTRIBUTION_CHARS) : first.start])[-1]
    for pattern in _ATTRIBUTION_BEFORE_PATTERNS:
        if matches := list(pattern.finditer(before)):
            return matches[-1]["who"].rstrip(".,")
    return previous_speaker
