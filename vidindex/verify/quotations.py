"""The quotations printed in an article, each with who is said to have said it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_PAIRS = (("“", "”“"), ("„", "“”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"), ("‹", "›"))
_CLOSERS = dict(_PAIRS)
_ANY = re.compile('[“„«»「『‹‘"]')
_PAGE = re.compile(r"<(?:p|div|html|body|blockquote|article|br|!doctype)\b", re.IGNORECASE)
_BLOCKS = ("p", "li", "blockquote", "dd", "td", "h2", "h3", "h4", "figcaption")
_VERBS = (
    "said|says|say|explained|explains"
    "|told|tells|added|adds|asked|asks|continued|continues|replied|recalled|recalls|admitted|admits"
    "|insisted|joked|confessed|began|argued|claimed|concluded|declared|announced|stated|states|responded|revealed|remarked|observed"
    "|warned|noted|notes|wrote|writes|answered|shouted|whispered|quipped"
    "|offered|mused|reflected|went on|acknowledged|apologized"
    "|exclaimed|muttered|yelled|promised|suggested|thinks|thought|believes|according to"
    "|sagte|sagt|erklärte|meinte|so|betonte|fragte|antwortete|dit|a dit|a déclaré"
    "|explique|a expliqué|dijo|afirmó|explicó|disse|ha detto"
)
_NAME = (
    r"(?:(?:[Tt]he|[Dd]er|[Dd]ie|[Ll]e|[Ll]a|[Ee]l) )?(?:(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Prof)\. )?"
    r"[^\W\d_a-zà-ÿ][\w.'’-]{0,30}(?: (?:(?:de|van|von|der|al|bin|la) )?[^\W\d_a-zà-ÿ][\w.'’-]{0,30}){0,4}"
)
_PRONOUN = r"[Hh]e|[Ss]he|[Tt]hey|I|[Ww]e|[Ee]r|[Ss]ie|[Ii]l|[Ee]lle|[ÉéEe]l|[Ee]lla"
_WHO = rf"(?P<who>{_NAME}|(?:{_PRONOUN})\b)"
_ADVERB = r"(?:(?:has|had|later|then|also|once|\w{2,20}ly) ){0,2}"
_AFTER = (
    re.compile(rf"^[\s,–—-]{{0,4}}(?P<who>{_PRONOUN}|{_NAME}),? {_ADVERB}(?:{_VERBS})\b"),
    re.compile(rf"^[\s,–—-]{{0,4}}{_ADVERB}(?:{_VERBS}) {_WHO}"),
)
_BEFORE = (
    re.compile(rf"(?<!\w){_WHO},? {_ADVERB}(?:{_VERBS})(?: [^.!?“”\"]{{0,60}})?[,:]?\s*$"),
    re.compile(rf"\b(?:{_VERBS}) {_WHO}[,:]\s*$"),
    re.compile(rf"(?:^|[.!?]\s)\s*(?:—\s*)?{_WHO}:\s*$"),
)
_SIGNED = re.compile(rf"\s*[—–-]{{1,2}}\s*(?P<who>{_NAME})[.,]?\s*$")
_SPEECH_END = re.compile(r"[.,!?…。，！？]$|[.,!?]['’]$")
_TITLE_WORD = re.compile(r"^(?:[^\W\d_a-zà-ÿ]|\d|of$|the$|and$|a$|in$|on$|to$|for$|&$)")
_WINDOW = 160  # characters around a quotation in which it is attributed
_NEAR = 60  # characters between two quotations of one speaker
_MOST_TEXT = 1_000_000
_MOST = 500
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that an article prints as said: *parts* are the pieces of *text* that its own words interrupt.

    *attribution* is who is said to have said it, as printed; empty where nobody is named beside it.
    """

    text: str
    attribution: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int
    open_ended: bool = False


def quotations(article: str) -> list[Quotation]:
    """Find the quotations in *article*: plain text with a line for each paragraph, or HTML.

    Names of songs and shows, and single words between quotation marks, are left out.
    """
    found: list[Quotation] = []
    for paragraph, is_quote in _paragraphs(article[:_MOST_TEXT]):
        pieces = _pieces(paragraph)
        if is_quote and not pieces:
            found += _block(paragraph)
        elif found and pieces and pieces[0].start == 0 and found[-1].text.endswith("\n"):
            found[-1] = _joined(found[-1], pieces[0])
            found += _spoken(paragraph, pieces[1:])
        else:
            found += _spoken(paragraph, pieces)
        if len(found) >= _MOST:
            break
    whole = (replace(each, text=each.text.strip(), parts=tuple(map(str.strip, each.parts))) for each in found)
    return list(dict.fromkeys(whole))[:_MOST]


def _paragraphs(article: str) -> Iterator[tuple[str, bool]]:
    """Give each paragraph, and whether it is a block quote."""
    if _PAGE.search(article[:20_000]):
        yield from _of_page(article)
        return
    for line in article.splitlines():
        text = " ".join(line.split())
        if text:
            yield text.removeprefix("> "), text.startswith("> ")


def _of_page(html: str) -> Iterator[tuple[str, bool]]:
    from ..pages.markup import parse, text_of

    root = parse(html)
    if root is None:
        return
    for mark in root.iter("q"):
        mark.text = f"“{mark.text or ''}"
        mark.tail = f"”{mark.tail or ''}"
    for block in root.iter(*_BLOCKS):
        if next(block.iterchildren(*_BLOCKS), None) is None:
            quoted = block.tag == "blockquote" or next(block.iterancestors("blockquote"), None) is not None
            text = text_of(block, limit=_LONGEST)
            if text:
                yield text, quoted


def _block(paragraph: str) -> list[Quotation]:
    signed = _SIGNED.search(paragraph[-_WINDOW:])
    text = paragraph[: len(paragraph) - len(signed[0])] if signed else paragraph
    return [Quotation(text, signed["who"] if signed else "", (text,))] if len(text.split()) > 2 else []


def _joined(quotation: Quotation, piece: _Piece) -> Quotation:
    """Continue a quotation into the next paragraph."""
    text = f"{quotation.text.rstrip()} {piece.text}" + ("\n" if piece.open_ended else "")
    return replace(quotation, text=text, parts=(*quotation.parts[:-1], f"{quotation.parts[-1]} {piece.text}"))


def _pieces(paragraph: str) -> list[_Piece]:
    """Find what stands between quotation marks; the outermost pair counts."""
    pieces: list[_Piece] = []
    unclosed: set[str] = set()  # marks that nothing closes from here on
    at = 0
    while (match := _ANY.search(paragraph, at)) and len(pieces) < _MOST:
        start = match.start()
        end = _closing(paragraph, start) if match[0] not in unclosed and _opens(paragraph, start) else -1
        if end < 0:
            if _opens(paragraph, start):
                unclosed.add(match[0])
            at = start + 1
            continue
        open_ended = end == len(paragraph)
        pieces.append(_Piece(paragraph[start + 1 : end], start, min(end + 1, len(paragraph)), open_ended))
        at = end + 1
    return pieces


def _opens(paragraph: str, start: int) -> bool:
    """Tell a mark before words from one behind them, and from inches."""
    mark = paragraph[start]
    before, after = paragraph[start - 1 : start], paragraph[start + 1 : start + 2]
    if mark in "「『":
        return True
    return bool(after.strip() or mark in "«‹") and not before.isalnum()


def _closing(paragraph: str, start: int) -> int:
    """Find the mark that closes the one at *start*: the end where it runs on in the next paragraph; -1 for none."""
    mark = paragraph[start]
    if mark == '"':
        return _closing_straight(paragraph, start)
    if mark == "‘":
        return _closing_single(paragraph, start)
    closers = _CLOSERS[mark]
    ends = [at for closer in closers if (at := paragraph.find(closer, start + 1)) >= 0]
    return min(ends) if ends else len(paragraph) if mark == "“" else -1


def _closing_straight(paragraph: str, start: int) -> int:
    at = paragraph.find('"', start + 1)
    while at >= 0 and paragraph[at - 1].isspace():
        at = paragraph.find('"', at + 1)
    return at


def _closing_single(paragraph: str, start: int) -> int:
    at = paragraph.find("’", start + 1)
    while at >= 0 and paragraph[at + 1 : at + 2].isalnum():
        at = paragraph.find("’", at + 1)
    return at


def _spoken(paragraph: str, pieces: Sequence[_Piece]) -> Iterator[Quotation]:
    """Give the quotations of a paragraph, those that the article's words interrupt as one."""
    group: list[_Piece] = []
    who = ""
    for piece in pieces:
        if group and not _continues(paragraph, group[-1], piece):
            who = _attribution(paragraph, group, who)
            yield from _quotation(group, who)
            who = who if len(paragraph[group[-1].end : piece.start]) < _NEAR else ""
            group = []
        group.append(piece)
    if group:
        yield from _quotation(group, _attribution(paragraph, group, who))


def _continues(paragraph: str, before: _Piece, piece: _Piece) -> bool:
    """Tell `“Obviously,” he said, “I deal with hurt”` from two quotations."""
    between = paragraph[before.end : piece.start]
    return (
        len(between) < 80
        and between.rstrip().endswith((",", "—", "–"))
        and before.text.rstrip().endswith((",", "—", "–", "-", "…", "?", "!"))
        and any(pattern.match(between) for pattern in _AFTER)
    )


def _quotation(group: Sequence[_Piece], attribution: str) -> Iterator[Quotation]:
    parts = tuple(piece.text.strip() for piece in group)
    if not _is_speech(parts, attributed=bool(attribution)):
        return
    text = " … ".join(parts) + ("\n" if group[-1].open_ended else "")
    yield Quotation(text[:_LONGEST], attribution, parts)


def _is_speech(parts: Sequence[str], *, attributed: bool) -> bool:
    words = " ".join(parts).split()
    if sum(len(part) for part in parts) > 5 and not any(
        char.isascii() for part in parts for char in part if char.isalnum()
    ):
        return True
    if len(words) < 7 and all(_TITLE_WORD.match(word) for word in words) and len(words) != 1:
        return False
    ends = bool(_SPEECH_END.search(parts[-1].strip()))
    return len(words) > 3 or (len(words) > 1 and (ends or attributed)) or (ends and attributed)


def _attribution(paragraph: str, group: Sequence[_Piece], who: str) -> str:
    """Read who speaks from the words around; else it is *who* spoke just before."""
    for piece in group:
        behind = paragraph[piece.end : piece.end + _WINDOW]
        for pattern in _AFTER:
            if match := pattern.match(behind):
                return match["who"].rstrip(".,")
    first = group[0]
    before = re.split(r"[”\"»“]", paragraph[max(0, first.start - _WINDOW) : first.start])[-1]
    for pattern in _BEFORE:
        if matches := list(pattern.finditer(before)):
            return matches[-1]["who"].rstrip(".,")
    return who
