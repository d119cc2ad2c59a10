"""The moments that are cut out: from hits, from times, or from the JSON Lines of `search --json`."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from ..errors import ListError, NotIndexedError, OptionError
from ..model import Article, CaptionOrigin, EmbedRecord, Hit, MatchKind, Track, Transcript, Video
from ..pages.providers import make_deep_link
from ..transcripts.timecode import MAX_TIME_MS, format_clock
from .films import find_media_file
from .sentences import expand_to_sentences

MAX_MOMENT_MS = 30 * 60_000
"""Maximum length of a moment."""

MAX_MOMENTS = 10_000
"""Maximum number of moments that are cut at once."""

_MAX_LINE_CHARS = 1_000_000
_MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class ClipMoment:
    """A moment that is cut out of a film: *video* from *start_ms* to *end_ms*, with padding if there is any.

    *text* is what was said, *speaker* who said it, if the captions tell.  *score* is that of the hit, or 0.  *url*
    plays the moment on the page of the video.  *article* embeds the video.  *language* is that of the captions.
    *media* is the film if it is on this machine.
    """

    video: Video
    start_ms: int
    end_ms: int
    text: str = ""
    speaker: str = ""
    score: float = 0.0
    url: str = ""
    article: Article | None = None
    language: str = ""
    media: Path | None = None

    @property
    def duration_ms(self) -> int:
        """The length of the moment."""
        return self.end_ms - self.start_ms


class MomentSource(Protocol):
    """What is read of an index to find moments; `Index` has it."""

    def video(self, name: str) -> Video: ...

    def article(self, url: str) -> Article: ...

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]: ...

    def tracks(self, video: str) -> list[Track]: ...

    def transcript(self, video: str, *, language: str = "", restore_case: bool = False) -> Transcript: ...


class NoIndexSource:
    """What is read of an index if there is none."""

    def video(self, name: str) -> Video:
        """Raise `NotIndexedError`."""
        raise NotIndexedError(name)

    def article(self, url: str) -> Article:
        """Raise `NotIndexedError`."""
        raise NotIndexedError(url, "article")

    def embeds(self, *, article: str = "", video: str = "", state: str = "", url: str = "") -> list[EmbedRecord]:
        """Return nothing."""
        return []

    def tracks(self, video: str) -> list[Track]:
        """Raise `NotIndexedError`."""
        raise NotIndexedError(video)

    def transcript(self, video: str, *, language: str = "", restore_case: bool = False) -> Transcript:
        """Raise `NotIndexedError`."""
        raise NotIndexedError(video)


class MomentMaker:
    """Makes the moments of hits; what several moments of one video need is read once.

    *pad_ms* is added before and after each moment.  *sentences*: each moment begins and ends with a whole sentence.
    *joined*: hits whose moments overlap have one moment, in the place of the first of them, so that nothing is played
    twice.
    """

    def __init__(self, source: MomentSource, *, pad_ms: int = 0, sentences: bool = False, joined: bool = False) -> None:
        if pad_ms < 0:
            raise OptionError("the padding must not be negative")
        self._source = source
        self._pad_ms = pad_ms
        self._sentences = sentences
        self._joined = joined
        self._media: dict[str, Path | None] = {}
        self._transcripts: dict[tuple[str, str], Transcript | None] = {}

    def make_moments(self, hits: Iterable[Hit | ClipMoment]) -> list[ClipMoment]:
        """Return the moments of *hits*, in their order; a `ClipMoment` stays as it is, and so do its times.

        Raises `OptionError` if one is longer than half an hour, or there are more than 10,000.
        """
        moments: list[ClipMoment] = []
        of_hits: list[int] = []
        for hit in hits:
            if isinstance(hit, Hit):
                of_hits.append(len(moments))
            moments.append(hit if isinstance(hit, ClipMoment) else self._make_moment(hit))
            if len(moments) > MAX_MOMENTS:
                raise OptionError(f"more than {MAX_MOMENTS:,} moments: cut fewer at once")
        return _join_overlapping(moments, of_hits) if self._joined else moments

    def make_range(self, video: Video, start_ms: int, end_ms: int, *, language: str = "") -> ClipMoment:
        """Return the moment of *video* between two times.  Raises `OptionError` if the second is not the later one."""
        if end_ms <= start_ms:
            raise OptionError(f"the moment ends at {format_clock(end_ms)}, but starts at {format_clock(start_ms)}")
        transcript = self._read_transcript(video.id, language)
        text = _words_between(transcript, start_ms, end_ms) if transcript else ""
        speaker = _speaker_at(transcript, start_ms) if transcript else ""
        hit = Hit(video, start_ms, end_ms, text, "", "", "exact", 0.0, "", language=language, speaker=speaker)
        return self._make_moment(hit)

    def _make_moment(self, hit: Hit) -> ClipMoment:
        video = hit.video
        start_ms, end_ms, text = self._widen(hit)
        if end_ms - start_ms > MAX_MOMENT_MS:
            minutes = MAX_MOMENT_MS // 60_000
            raise OptionError(
                f"the moment at {format_clock(start_ms)} is longer than {minutes} minutes: cut it in parts"
            )
        return ClipMoment(
            video=video,
            start_ms=start_ms,
            end_ms=end_ms,
            text=text[:_MAX_TEXT_CHARS],
            speaker=hit.speaker,
            score=hit.score,
            url=hit.url or make_deep_link(video.url, start_ms),
            article=hit.articles[0] if hit.articles else None,
            language=hit.language,
            media=self._find_media(video),
        )

    def _widen(self, hit: Hit) -> tuple[int, int, str]:
        """Return the times of *hit* with whole sentences and padding, within the film, and what is said there.

        What is said in the padding is not part of it.
        """
        start_ms, end_ms, text = max(hit.start_ms, 0), max(hit.end_ms, hit.start_ms + 1), hit.text
        if self._sentences and (transcript := self._read_transcript(hit.video.id, hit.language)):
            start_ms, end_ms = expand_to_sentences(transcript, start_ms, end_ms)
            text = _words_between(transcript, start_ms, end_ms) or text
        start_ms, end_ms = max(start_ms - self._pad_ms, 0), end_ms + self._pad_ms
        duration_ms = hit.video.duration_ms
        return start_ms, min(end_ms, duration_ms) if start_ms < duration_ms else end_ms, text

    def _find_media(self, video: Video) -> Path | None:
        if video.id not in self._media:
            try:
                self._media[video.id] = find_media_file(self._source, video)
            except NotIndexedError:
                self._media[video.id] = None
        return self._media[video.id]

    def _read_transcript(self, video: str, language: str) -> Transcript | None:
        if (video, language) not in self._transcripts:
            self._transcripts.clear()  # a long list has the moments of a video together, or few videos
            self._transcripts[video, language] = read_transcript(self._source, video, language)
        return self._transcripts[video, language]


def read_transcript(source: MomentSource, video: str, language: str) -> Transcript | None:
    """Return the transcript of *video* in *language*, or the best one, or None if it has none."""
    for wanted in dict.fromkeys((language, "")):
        try:
            return source.transcript(video, language=wanted, restore_case=True)
        except NotIndexedError:
            continue
    return None


def drop_repeated(moments: Iterable[ClipMoment]) -> list[ClipMoment]:
    """Return *moments* without those of the same words as one before them, such as the sentence of two hits."""
    first: dict[tuple[str, str, int, int], ClipMoment] = {}
    for moment in moments:
        first.setdefault((*_captions_of(moment), moment.start_ms, moment.end_ms), moment)
    return list(first.values())


def order_moments(moments: Sequence[ClipMoment], order: str) -> list[ClipMoment]:
    """Return *moments* in the order `given`, by `time` (date and place in the film), or by `score`, best first."""
    if order == "score":
        return sorted(moments, key=lambda moment: -moment.score)
    if order == "time":
        return sorted(moments, key=lambda moment: (moment.video.date or "9", moment.video.id, moment.start_ms))
    return list(moments)


def read_hits(lines: Iterable[str], source: MomentSource) -> Iterator[Hit]:
    """Yield the hits of the JSON *lines* that `search --json` prints, by moment or by video.

    The metadata of a video are those of the index; of a video that is not indexed, the lines state them.
    Raises `ListError`.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line) if len(line) <= _MAX_LINE_CHARS else None
        except (ValueError, RecursionError) as exc:
            raise ListError(
                f"line {number}", "it is not JSON: pipe `vidindex search --json` into this command"
            ) from exc
        if not isinstance(fields, dict):
            raise ListError(f"line {number}", "it is not a hit: pipe `vidindex search --json` into this command")
        inner = fields.get("hits")
        for each in inner if isinstance(inner, list) else [fields]:
            yield _parse_hit(each, number, source)


def _parse_hit(fields: Any, number: int, source: MomentSource) -> Hit:
    if not isinstance(fields, dict) or not isinstance(fields.get("video_id"), str):
        raise ListError(f"line {number}", "it names no video: pipe `vidindex search --json` into this command")
    times = [fields.get(name) for name in ("start_ms", "end_ms")]
    start_ms, end_ms = (each if isinstance(each, int) and 0 <= each <= MAX_TIME_MS else -1 for each in times)
    if not 0 <= start_ms < end_ms:
        raise ListError(f"line {number}", "it has no start_ms and end_ms: pipe `vidindex search --json` into it")
    score = fields.get("score")
    match: MatchKind = "exact" if fields.get("match") == "exact" else "near"
    origin: CaptionOrigin = "supplied"
    return Hit(
        video=_find_video(fields, number, source),
        start_ms=start_ms,
        end_ms=end_ms,
        text=_text(fields, "text"),
        before=_text(fields, "before"),
        after=_text(fields, "after"),
        match=match,
        score=float(score) if isinstance(score, int | float) and 0 <= score <= 1 else 0.0,
        url=url if (url := _text(fields, "url")).startswith(("http://", "https://")) else "",
        language=_text(fields, "language"),
        origin=origin,
        speaker=_text(fields, "speaker"),
        articles=tuple(_parse_articles(fields.get("articles"))),
    )


def _find_video(fields: Mapping[str, Any], number: int, source: MomentSource) -> Video:
    name = _text(fields, "video_id")
    try:
        video = source.video(name)
        if video.id == name:  # and not another one whose id starts so
            return video
    except NotIndexedError:
        pass
    url = _text(fields, "video_url")
    if not url.startswith(("http://", "https://")):
        raise ListError(f"line {number}", f"the video {name[:200]} is not in this index: see `vidindex list videos`")
    title, channel, site, date = (_text(fields, each) for each in ("title", "channel", "site", "date"))
    return Video(name, url, title=title, channel=channel, site=site, date=date)


def _parse_articles(value: object) -> Iterator[Article]:
    for each in value[:1] if isinstance(value, list) else ():
        if isinstance(each, dict) and _text(each, "url"):
            yield Article(_text(each, "url"), title=_text(each, "title"))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value[:_MAX_TEXT_CHARS] if isinstance(value, str) else ""


def _join_overlapping(moments: Sequence[ClipMoment], candidates: Sequence[int]) -> list[ClipMoment]:
    """Return *moments* with those of *candidates* that overlap joined, unless they would become too long."""
    kept: dict[int, ClipMoment] = dict(enumerate(moments))
    last = -1
    for at in sorted(candidates, key=lambda at: (*_captions_of(moments[at]), moments[at].start_ms)):
        before = kept.get(last)
        if before is not None and _overlap(before, moments[at]):
            del kept[last], kept[at]
            last = min(last, at)
            kept[last] = _join(before, moments[at])
        else:
            last = at
    return [kept[at] for at in sorted(kept)]


def _captions_of(moment: ClipMoment) -> tuple[str, str]:
    return moment.video.id, moment.language


def _overlap(first: ClipMoment, second: ClipMoment) -> bool:
    """Return whether *second*, which starts later, starts within *first*, and both together are not too long."""
    together_ms = max(first.end_ms, second.end_ms) - first.start_ms
    is_within = _captions_of(first) == _captions_of(second) and second.start_ms < first.end_ms
    return is_within and together_ms <= MAX_MOMENT_MS


def _join(first: ClipMoment, second: ClipMoment) -> ClipMoment:
    text = first.text if second.text in first.text else f"{first.text} … {second.text}"[:_MAX_TEXT_CHARS]
    end_ms, score = max(first.end_ms, second.end_ms), max(first.score, second.score)
    return replace(first, end_ms=end_ms, text=text, score=score)


def _words_between(transcript: Transcript, start_ms: int, end_ms: int) -> str:
    first, last = (bisect_left(transcript.starts_ms, at) for at in (start_ms, end_ms))
    return " ".join(transcript.words[first:last])


def _speaker_at(transcript: Transcript, start_ms: int) -> str:
    first = bisect_left(transcript.starts_ms, start_ms)
    return next((name for at, name in reversed(transcript.speakers) if at <= first), "")
