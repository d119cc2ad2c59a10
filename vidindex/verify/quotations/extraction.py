"""Find the quotations printed in an article, and who is said to have said them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from .attribution import find_signature, find_speaker_after, find_speaker_before, read_name_line
from .attribution_cjk import find_wide_speaker, is_wide
from .dialogue import (
    SpokenText,
    find_transcript_names,
    is_dialogue,
    is_question_label,
    read_dialogue,
    split_interruptions,
    split_transcript_line,
)
from .marks import MarkedText, find_marked
from .names import Speaker
from .paragraphs import ArticleParagraph, split_paragraphs
from .pronouns import PronounReader
from .speech_filter import is_speech

_DASH_END = (",", "—", "–", "-")
_BLOCK_SIGNATURE = re.compile(r"\s[—–-]{1,2}\s?(?=[^\W\d_a-zß-ÿ])")
_SENTENCE_END = re.compile(r"(?<![\s.][A-Z])(?<!\b[DMS]r)(?<!\bM[rs]s)(?<!\bMs)[.!?。！？]['’”\"»)]?(?:\s|$)")
_REFERENCE = re.compile(r"^\^ |\bRetrieved (?:on )?(?:\d|[A-Z][a-z]+ \d)|\bArchived from the original|\bdoi:|\bISBN\b")
_LETTERS = re.compile(r"[\W_]+")
_MAX_BEFORE_CHARS = 320  # characters before a quotation that may attribute it
_MAX_BEHIND_CHARS = 260
_MAX_BETWEEN_CHARS = 120  # maximum characters of an attribution that interrupts a quotation
_SAME_SPEAKER_CHARS = 170  # maximum characters between two quotations of one speaker
_MAX_ARTICLE_CHARS = 1_000_000
_MAX_QUOTATIONS = 500
_MAX_PIECES = 6_000  # marked texts whose surroundings are read
_MAX_QUOTATION_CHARS = 10_000
_MAX_PARAGRAPHS = 20_000
_MAX_CAPTION_WORDS = 40
_MIN_QUOTED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that an article prints as said: *parts* are the pieces of *text* that its own words interrupt.

    *attribution* is who is said to have said it, as printed; empty if the article names nobody, or not clearly.
    """

    text: str
    attribution: str = ""
    parts: tuple[str, ...] = ()


def find_quotations(source: bytes | str | os.PathLike[str], *, url: str | None = None) -> list[Quotation]:
    """Return the quotations printed in the article of a page, in order.

    *source* and *url* are those of `vidindex.read_article`: HTML as bytes or text, or the path of a saved page.  Of an
    archive, the quotations of all pages are returned.
    Raises `TargetError` if the file cannot be read.
    """
    from ...pages.article import read_articles

    return [found for article in read_articles(source, url=url) for found in extract_quotations(article.text)]


def extract_quotations(article: str) -> list[Quotation]:
    """Find the quotations in *article*: the text of an `Article`, plain text with a line for each paragraph, or HTML.

    Headings, programs, names of works and single words between quotation marks are left out.
    """
    reader = _ArticleReader(list(islice(split_paragraphs(article[:_MAX_ARTICLE_CHARS]), _MAX_PARAGRAPHS)))
    reader.read()
    return _merge_repeated(reader.found)[:_MAX_QUOTATIONS]


def _merge_repeated(found: list[_Found]) -> list[Quotation]:
    """Return each quotation once: a pull quote repeats the words of the article."""
    merged: dict[str, Quotation] = {}
    for each in found:
        parts = tuple(part.strip()[:_MAX_QUOTATION_CHARS] for part in each.parts)
        text = " … ".join(parts)[:_MAX_QUOTATION_CHARS]
        key = _LETTERS.sub("", text).lower()
        known = merged.get(key)
        if known is None:
            merged[key] = Quotation(text, each.speaker, parts)
        elif not known.attribution:
            merged[key] = replace(known, attribution=each.speaker)
    return list(merged.values())


@dataclass(slots=True)
class _Found:
    """A quotation so far: *open_mark* is the mark of one that may go on in the next paragraph."""

    parts: list[str]
    speaker: str
    open_mark: str = ""


@dataclass(slots=True)
class _ArticleReader:
    """Reads the paragraphs of one article in order."""

    paragraphs: list[ArticleParagraph]
    found: list[_Found] = field(default_factory=list)
    _pronouns: PronounReader = field(default_factory=PronounReader)
    _names: frozenset[str] = frozenset()
    _gap: int = 0
    _piece_count: int = 0

    def read(self) -> None:
        """Find the quotations of all paragraphs."""
        lines = [line for each in self.paragraphs if each.kind in ("text", "quote") for line in each.lines]
        self._names = find_transcript_names(lines)
        for at, paragraph in enumerate(self.paragraphs):
            self._pronouns.start_paragraph()
            if paragraph.kind == "text":
                self._read_text(at, paragraph.text)
            elif paragraph.kind == "quote":
                self._read_block_quote(at, paragraph)
            if len(self.found) >= _MAX_QUOTATIONS:
                break

    def _read_text(self, at: int, text: str) -> None:
        if text.startswith("»") and self.found and self.found[-1].open_mark == "«":
            text = f"«{text[1:]}"  # Spanish repeats the closing mark
        if _REFERENCE.search(text):
            return
        pieces = find_marked(text) if self._piece_count < _MAX_PIECES else []
        self._piece_count += len(pieces)
        if self._read_transcript_line(text, pieces) or self._read_dialogue(at, text):
            return
        if not pieces and self._sign_last(text):
            return
        pieces = self._continue_last(text, pieces)
        self._read_pieces(text, pieces, self._introduced_speaker(at) if pieces and pieces[0].start == 0 else "")
        self._pronouns.end_paragraph(text, pieces)

    def _read_transcript_line(self, text: str, pieces: list[MarkedText]) -> bool:
        line = split_transcript_line(text) if self._names else None
        if line is None or line[0] not in self._names or _is_mostly_quoted(text):
            return False
        speaker = "" if is_question_label(line[0]) else line[0]
        self.found.append(_Found([line[1]], speaker))
        self._pronouns.note_speaker(speaker)
        return True

    def _read_dialogue(self, at: int, text: str) -> bool:
        spoken = read_dialogue(text)
        if spoken is None or not is_dialogue(spoken, self._dialogue_beside(at)):
            return False
        self._add(list(spoken.parts), self._resolve(spoken.speaker, ""))
        return True

    def _dialogue_beside(self, at: int) -> SpokenText | None:
        for other in (at - 1, at + 1):
            if 0 <= other < len(self.paragraphs) and self.paragraphs[other].kind == "text":
                spoken = read_dialogue(self.paragraphs[other].text)
                if spoken is not None:
                    return spoken
        return None

    def _sign_last(self, text: str) -> bool:
        """Give the last quotation the name that signs it in a paragraph of its own."""
        signed = find_signature(text) if len(text) < _MAX_BEHIND_CHARS and self.found and not self._gap else None
        if signed is None:
            return False
        if not self.found[-1].speaker:
            self.found[-1].speaker = signed.name
        return True

    def _continue_last(self, text: str, pieces: list[MarkedText]) -> list[MarkedText]:
        """Add the first of *pieces* to a quotation that the paragraph before left open, and return the others."""
        last = self.found[-1] if self.found and self.found[-1].open_mark else None
        if last is None:
            return pieces
        if not pieces or pieces[0].start > 0 or pieces[0].mark != last.open_mark:
            if self._gap or pieces or len(text.split()) > _MAX_CAPTION_WORDS:
                last.open_mark = ""
            self._gap += 1
            return pieces
        first = pieces[0]
        behind = _behind(text, first, pieces[1] if len(pieces) > 1 else None)
        speaker = find_speaker_after(behind, ended=_ends_sentence(first.text))
        if speaker and speaker.name and last.speaker and speaker.kind == "name" and speaker.name != last.speaker:
            last.open_mark = ""
            return pieces
        if len(last.parts[-1]) < _MAX_QUOTATION_CHARS:
            last.parts[-1] = f"{last.parts[-1]} {first.text}"
        last.open_mark = first.mark if not first.closed and first.end >= len(text) else ""
        if speaker and not last.speaker:
            last.speaker = self._resolve(speaker, "")
        return pieces[1:]

    def _read_pieces(self, text: str, pieces: Sequence[MarkedText], introduced: str) -> None:
        """Add the quotations of a paragraph; one that an attribution interrupts counts once.

        The paragraph before says that *introduced* speaks, if it is not empty.
        """
        previous, until = introduced, 0
        if self.found and pieces and pieces[0].start and text[:1] in '“"':
            previous = self.found[-1].speaker
        at = 0
        while at < len(pieces):
            end = at + 1
            while end < len(pieces) and _is_continuation(text, pieces[end - 1], pieces[end]):
                end += 1
            group = pieces[at:end]
            following = pieces[end] if end < len(pieces) else None
            before = text[max(until, group[0].start - _MAX_BEFORE_CHARS) : group[0].start]
            if not self._is_same_speaker(text, until, group[0].start):
                previous = ""
            speaker = self._read_group(text, group, following, before, previous)
            if speaker is not None:
                previous, until = speaker, group[-1].end
            at = end

    @staticmethod
    def _is_same_speaker(text: str, until: int, start: int) -> bool:
        if start - until > _SAME_SPEAKER_CHARS:
            return False
        between = text[until:start].strip()
        ends = len(_SENTENCE_END.findall(between))
        return len(between) < 2 or (ends == 1 and between[-1] in ".!?。")

    def _read_group(
        self, text: str, group: Sequence[MarkedText], following: MarkedText | None, before: str, previous: str
    ) -> str | None:
        """Add one quotation, and return its speaker; None if the marks enclose no speech."""
        parts = [piece.text for piece in group]
        behind = _behind(text, group[-1], following)
        speaker = _find_speaker(text, group, following, before)
        last = group[-1]
        if not last.closed or last.mark == "«":
            spoken = split_interruptions(last.text, verb_first=last.closed)
            if spoken.speaker and speaker is None:
                return self._add(
                    [*parts[:-1], *(spoken.parts if last.closed else spoken.parts[:1])],
                    self._resolve(spoken.speaker, before),
                )
        open_mark = last.mark if not last.closed and last.end >= len(text) else ""
        if not last.closed and not open_mark:
            return None
        beside = before.rstrip().endswith((",", ":", "：")) or find_speaker_after(behind) is not None or len(group) > 1
        if not is_speech(parts, last.mark, before, behind, is_attributed=speaker is not None, is_beside=beside):
            return None
        name = previous if speaker is None else self._resolve(speaker, before)
        return self._add(parts, name, open_mark)

    def _add(self, parts: list[str], speaker: str, open_mark: str = "") -> str:
        self.found.append(_Found(parts, speaker, open_mark))
        self._gap = 0
        self._pronouns.note_speaker(speaker)
        return speaker

    def _resolve(self, speaker: Speaker | None, before: str) -> str:
        if speaker is None:
            return ""
        return self._pronouns.resolve(speaker.name, before) if speaker.kind == "pronoun" else speaker.name

    def _read_block_quote(self, at: int, paragraph: ArticleParagraph) -> None:
        if any(line in self._names for line in map(_transcript_name, paragraph.lines)):
            for line in paragraph.lines:
                self._read_text(at, line)
            return
        lines, name = _split_block_signature(paragraph.lines)
        text = " ".join(lines)
        if _is_mostly_quoted(text) and len(find_marked(text)) > 0:
            before = len(self.found)
            self._read_text(at, text)
            for each in self.found[before:]:
                each.speaker = each.speaker or name
        elif sum(word[:1].islower() for word in text.split()) > 1 or is_wide(text):
            self._add([text], name or self._introduced_speaker(at))

    def _introduced_speaker(self, at: int) -> str:
        """Return who the paragraph before says speaks in the one at *at*: `Lena Fox wrote:`."""
        before = self.paragraphs[at - 1] if at else None
        if before is None or before.kind != "text" or not before.text.endswith((":", "：", ",")):
            return ""
        return self._resolve(find_speaker_before(before.text[-_MAX_BEFORE_CHARS:]), before.text)


def _transcript_name(line: str) -> str:
    split = split_transcript_line(line)
    return split[0] if split else ""


def _split_block_signature(lines: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the lines of a block quote without its source, and the name in that."""
    last = lines[-1]
    if len(lines) > 1 and len(last) < _MAX_BEHIND_CHARS:
        signed = find_signature(last)
        name = signed.name if signed else "" if last.endswith((".", "!", "?")) else read_name_line(last)
        if name:
            return lines[:-1], name
    for match in list(_BLOCK_SIGNATURE.finditer(last, max(0, len(last) - _MAX_BEHIND_CHARS)))[-3:]:
        signed = find_signature(last[match.start() :].strip())
        if signed:
            return (*lines[:-1], last[: match.start()]), signed.name
    return lines, ""


def _is_mostly_quoted(text: str) -> bool:
    return sum(len(piece.text) for piece in find_marked(text)) > _MIN_QUOTED_SHARE * len(text)


def _behind(text: str, piece: MarkedText, following: MarkedText | None) -> str:
    end = min(piece.end + _MAX_BEHIND_CHARS, following.start if following else len(text))
    return text[piece.end : end]


def _ends_sentence(text: str) -> bool:
    return text.rstrip().endswith((".", "。"))


def _find_speaker(text: str, group: Sequence[MarkedText], following: MarkedText | None, before: str) -> Speaker | None:
    """Return who the words around a quotation say spoke, or None if they do not say it."""
    behind = _behind(text, group[-1], following)
    if is_wide(group[0].text):
        return find_wide_speaker(before, behind)
    introduced = before.rstrip().endswith((":", "："))
    first = find_speaker_before(before) if introduced else None
    if first is not None:
        return first
    for index, piece in enumerate(group):
        after = group[index + 1] if index + 1 < len(group) else following
        is_ended = _ends_sentence(piece.text)
        if found := find_speaker_after(_behind(text, piece, after), ended=is_ended):
            return found
    if found := find_speaker_before(before) if not introduced else None:
        return found
    return find_signature(behind.strip()) if following is None and len(behind) < _MAX_BEHIND_CHARS else None


def _is_continuation(text: str, before: MarkedText, piece: MarkedText) -> bool:
    """Return whether two marked texts are one quotation, as in `“Obviously,” he said, “I deal with hurt”`."""
    between = text[before.end : piece.start]
    if len(between) > _MAX_BETWEEN_CHARS or not between.rstrip().endswith(_DASH_END):
        return False
    ends_open = before.text.rstrip().endswith((",", "—", "–", "-", "…", "?", "!", ";")) or between.lstrip()[:1] in (
        ",",
        "–",
        "—",
    )
    return before.closed and ends_open and find_speaker_after(between, ended=False) is not None
