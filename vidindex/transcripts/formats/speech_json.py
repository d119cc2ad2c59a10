"""The JSON of speech recognizers (Whisper, WhisperX, whisper.cpp), of speech services and of transcript downloads.

Each nests its timed texts differently: they are found by the names of the fields, and their unit by the rate of speech.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from ...model import Cue
from ..limits import MAX_WORDS, check_count, collect_cues
from ..timecode import MAX_TIME_MS
from .cue_text import strip_lines
from .cut_words import join_cut_words
from .lenient_json import drain_list, iter_json_list, list_or_empty, load_small_json
from .parse_result import ParseWarnings
from .timed_items import JsonObject, Time, TimedItem, read_item, read_words
from .word_pieces import JoinedWord, WordPiece, group_words, join_pieces, make_word_cue

# The first of these that has timed texts counts: others may state the same speech again.
_CONTAINER_KEYS = (
    "segments", "transcription", "utterances", "sentences", "monologues", "recognizedPhrases", "phrases", "chunks",
    "paragraphs", "entries", "captions", "subtitles", "cues", "transcripts", "transcript", "Transcript", "body",
    "content", "channels", "alternatives", "results", "response", "result", "data", "output", "words", "word_segments",
)  # fmt: skip
_VISITED_KEYS = frozenset((*_CONTAINER_KEYS, "speaker_labels"))
_SERVICES = (
    ("monologues", "Rev"), ("jobName", "Amazon Transcribe"), ("channels", "Deepgram"), ("body", "Bilibili"),
    ("recognizedPhrases", "Azure Speech"), ("combinedPhrases", "Azure Speech"), ("audio_url", "AssemblyAI"),
    ("utterances", "AssemblyAI"), ("word_segments", "WhisperX"), ("transcription", "whisper.cpp"),
    ("segments", "Whisper"), ("chunks", "Whisper"),
)  # fmt: skip
_MAX_DEPTH = 24
_SAMPLE = 2000  # items by which the unit of the times is found
_MAX_SEGMENT_WORDS = 80  # a longer text is divided into cues
_CHAR_MS = 65  # about the rate of speech
_MAX_ESTIMATE_MS = 10_000
_MIN_SECONDS_RATE = 0.05  # letters in a unit of time: speech has about 15 in a second
_MIN_FRACTION_SECONDS_RATE = 0.01  # few state a fraction of a millisecond
_MIN_HUMAN_RATE, _MAX_HUMAN_RATE = 4, 40  # letters in a second
_MIN_CERTAIN_LEAVES = 5
_MIN_MS_RATE = 5e-5
_MIN_MS_TIME = 200  # a file whose times are less states seconds, even if they hardly have a letter each


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the timed texts of a JSON document.

    Raises `ValueError` if *text* is not JSON, or is that of a known service but without timed text.
    """
    value = load_small_json(text)
    reason = _describe(value)
    items = drain_list(_find_items(value, warnings)) if value is not None else _iter_large(text)
    del text, value  # free them early: each form of the largest file takes much memory
    cues = collect_cues(iter_item_cues(items, warnings))
    if not cues:
        raise ValueError(reason)
    return cues


def _describe(value: object) -> str:
    keys = set(value) if isinstance(value, dict) else set()
    if isinstance(value, dict) and isinstance(results := value.get("results"), dict):
        keys |= set(results)
    name = next((name for key, name in _SERVICES if key in keys), "")
    if {"version", "segments"} <= keys:
        name = "Podcasting 2.0"
    if not name:
        return "it is not in a supported format: its JSON has no text with times"
    return f"it looks like the JSON of {name}, but it has no readable cues"


def _iter_large(text: str) -> Iterator[TimedItem]:
    for element in iter_json_list(text, _CONTAINER_KEYS):
        if isinstance(element, dict) and (item := read_item(element)):
            yield item
        elif isinstance(element, dict):
            yield from _find_in_dict(element, "", 1)


def _find_items(value: object, warnings: ParseWarnings) -> list[TimedItem]:
    if isinstance(value, list) and len(value) > 1 and all(isinstance(part, list) for part in value):
        value = next((part for part in value if part), [])
        warnings["transcript after the first one dropped"] += 1
    items = _find(value, "", 0)
    if isinstance(value, dict) and (names := _read_names(value.get("speakers"))):
        items = [item._replace(speaker=names.get(item.speaker, item.speaker)) for item in items]
    return items


def _read_names(speakers: object) -> dict[str, str]:
    """Return the names in a list of speakers by their numbers, as `read_item` names them."""
    names: dict[str, str] = {}
    for speaker in list_or_empty(speakers):
        if isinstance(speaker, dict) and isinstance(name := speaker.get("name"), str) and name.strip():
            number = str(speaker.get("id", speaker.get("speaker", "")))[:100]
            names[f"Speaker {number}" if number.isdecimal() else number] = name
    return names


def _find(value: object, speaker: str, depth: int) -> list[TimedItem]:
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, dict):
        return _find_in_dict(value, speaker, depth)
    items: list[TimedItem] = []
    for element in list_or_empty(value):
        if isinstance(element, dict) and (item := read_item(element, speaker)):
            items.append(item)
        elif isinstance(element, (dict, list)):
            items += _find(element, speaker, depth + 1)
    return _drop_repetition(items)


def _drop_repetition(items: list[TimedItem]) -> list[TimedItem]:
    """Return only the last item if it repeats the words of the others, as Google states the speakers."""
    if len(items) > 1 and (last := items[-1]).words and any(word.speaker for word in last.words):
        others = [word.text for item in items[:-1] for word in item.words]
        if len(others) == len(last.words) and others == [word.text for word in last.words]:
            return [last]
    return items


def _find_in_dict(value: JsonObject, speaker: str, depth: int) -> list[TimedItem]:
    speaker = name if isinstance(name := value.get("speaker"), str) else speaker
    if rows := _read_columns(value):
        return [item for row in rows if (item := read_item(row, speaker))]
    for key in _CONTAINER_KEYS:
        part = value.get(key)
        if isinstance(part, (list, dict)) and part and (key != "words" or not _has_own_words(value)):
            best = part[:1] if key == "alternatives" and isinstance(part, list) else part
            if items := _find(best, speaker, depth + 1):
                return _complete(items, value, key)
    if item := read_item(value, speaker):
        return _complete([item], value, "")
    found = (_find(part, speaker, depth + 1) for key, part in value.items() if key not in _VISITED_KEYS)
    return max(found, key=_count_letters, default=[])


def _read_columns(value: JsonObject) -> list[JsonObject]:
    """Return the rows of a table whose columns are lists: Open edX states all starts, all ends and all texts."""
    columns = [value.get(key) for key in ("start", "end", "text")]
    if not all(isinstance(column, list) for column in columns):
        return []
    rows = zip(*map(list_or_empty, columns), strict=False)
    return [{"start": start, "end": end, "text": text or ""} for start, end, text in rows]


def _has_own_words(value: JsonObject) -> bool:
    """Check whether *value* is one text with its words, which then join to the words of the text."""
    return read_item(value) is not None


def _count_letters(items: Sequence[TimedItem]) -> int:
    return sum([len(item.text) + 5 * len(item.words) for item in items])


def _complete(items: list[TimedItem], value: JsonObject, key: str) -> list[TimedItem]:
    """Add what *value* states beside its items: the times of words, and who speaks."""
    if key in ("segments", "chunks") and not any(item.words for item in items):
        words = read_words(value.get("words")) or read_words(value.get("word_segments"))
        items = _attach_words(items, words) if words else items
    if speakers := _read_labels(value.get("speaker_labels")):
        items = [_label(item, speakers) for item in items]
    return items


def _attach_words(items: list[TimedItem], words: tuple[TimedItem, ...]) -> list[TimedItem]:
    """Give each item the words that start before the next item does."""
    attached: list[TimedItem] = []
    at = 0
    for index, item in enumerate(items):
        limit = items[index + 1].start if index + 1 < len(items) else None
        first = at
        while at < len(words) and (limit is None or (words[at].start or 0) < limit):
            at += 1
        attached.append(item._replace(words=words[first:at]))
    return attached


def _read_labels(labels: object) -> dict[Time, str]:
    """Return who speaks at which time: Amazon's and IBM's services state that apart from the words."""
    if isinstance(labels, dict):
        segments = [part for part in list_or_empty(labels.get("segments")) if isinstance(part, dict)]
        labels = [item for part in segments for item in [part, *list_or_empty(part.get("items"))]]
    speakers: dict[Time, str] = {}
    for label in list_or_empty(labels):
        if isinstance(label, dict) and (item := read_item({"text": "", **label})) and item.start is not None:
            speakers[item.start] = item.speaker
    return speakers


def _label(item: TimedItem, speakers: dict[Time, str]) -> TimedItem:
    words = tuple(
        word if word.speaker or word.start is None else word._replace(speaker=speakers.get(word.start, ""))
        for word in item.words
    )
    return item._replace(words=words)


def iter_item_cues(items: Iterator[TimedItem], warnings: ParseWarnings) -> Iterator[Cue]:
    """Yield the cues of *items*, whose times get the unit that fits the rate of speech."""
    sample = list(islice(items, _SAMPLE))
    scale, is_certain = _guess_scale(sample)
    if not is_certain:
        warnings["times without a unit taken as milliseconds" if scale == 1 else "times taken as 100 nanoseconds"] += 1
    timer = _ItemTimer(scale, warnings)
    everything = chain(sample, items)
    if _are_words(sample):
        words = [piece for item in everything if (piece := timer.make_piece(item))]
        return group_words(_count_words(join_pieces(words)))
    if not any(item.text[:1].isspace() for item in sample):
        return (cue for item in everything for cue in timer.make_cues(item))
    return join_cut_words([(item.text[:1].isspace(), cue) for item in everything for cue in timer.make_cues(item)])


def _count_words(words: Sequence[JoinedWord]) -> Sequence[JoinedWord]:
    check_count(len(words), MAX_WORDS, "words")
    return words


def _are_words(sample: Sequence[TimedItem]) -> bool:
    """Check whether the items are words, or pieces of words."""
    texts = [item.text.strip() for item in sample if item.text.strip()]
    if len(texts) < 4 or any(item.words for item in sample):
        return False
    return sum([" " not in text for text in texts]) >= 0.95 * len(texts) and sum(map(len, texts)) <= 8 * len(texts)


def _guess_scale(sample: Sequence[TimedItem]) -> tuple[float, bool]:
    """Return the milliseconds in a unit of those times that do not state theirs, and whether they are certain.

    They follow from the rate of speech: in whole milliseconds, it is that of people for several words in a row.
    """
    leaves = [leaf for item in sample for leaf in (item.words or (item,)) if isinstance(leaf.start or leaf.end, float)]
    times = [time for leaf in leaves for time in (leaf.start, leaf.end) if isinstance(time, float)]
    if not times or max(times) < _MIN_MS_TIME:
        return 1000, True
    letters = sum([len(leaf.text.strip()) for leaf in leaves])
    spans = [leaf.end - leaf.start for leaf in leaves if leaf.end is not None and leaf.start is not None]
    rate = letters / (sum([span for span in spans if span > 0]) or max(max(times) - min(times), 1))
    is_whole = all(time.is_integer() for time in times)
    if rate >= (_MIN_SECONDS_RATE if is_whole else _MIN_FRACTION_SECONDS_RATE):
        return 1000, True
    is_human = is_whole and len(leaves) >= _MIN_CERTAIN_LEAVES and _MIN_HUMAN_RATE <= 1000 * rate <= _MAX_HUMAN_RATE
    return (1, is_human) if rate >= _MIN_MS_RATE else (1e-4, False)


class _ItemTimer:
    """Converts items to cues whose times are in milliseconds."""

    def __init__(self, scale: float, warnings: ParseWarnings) -> None:
        self._scale = scale
        self._warnings = warnings
        self._last_ms = 0
        self._speaker = ""

    def make_cues(self, item: TimedItem) -> Iterable[Cue]:
        """Return the cues of a text."""
        text = strip_lines(item.text)
        words = self._make_words(item) if item.words else []
        start, end = self._to_ms(item.start), self._to_ms(item.end)
        if words:
            start = words[0].start_ms if start is None else start
            end = words[-1].end_ms if end is None else end
        elif start is None and end is not None and item.start is None:
            start = min(self._last_ms, end)
            self._warnings["segment without a start taken to start at the end of the one before"] += 1
        if start is None or start < 0 or not (text or words):
            self._warnings["segment without times or text dropped"] += 1
            return ()
        end = self._estimate_end(start, text) if end is None else max(start, end)
        self._last_ms = end
        if not words:
            return (Cue(start, end, text, item.speaker),)
        if len(words) > _MAX_SEGMENT_WORDS or any(word.speaker != words[0].speaker for word in words):
            return group_words(words)
        return (make_word_cue(words, start, end),)

    def _estimate_end(self, start_ms: int, text: str) -> int:
        """Estimate when a text without an end ends; the start of the next one limits that when words get times."""
        self._warnings["cue without an end time"] += 1
        return min(start_ms + min(len(text) * _CHAR_MS, _MAX_ESTIMATE_MS), MAX_TIME_MS)

    def _make_words(self, item: TimedItem) -> list[JoinedWord]:
        self._last_ms = at if (at := self._to_ms(item.start)) is not None else self._last_ms
        self._speaker = item.speaker
        pieces = [piece for word in item.words if (piece := self.make_piece(word, item.speaker))]
        return join_pieces(pieces, item.text)

    def make_piece(self, word: TimedItem, speaker: str = "") -> WordPiece | None:
        """Return a word with its times; one without a start begins with the word before it."""
        start, end = self._to_ms(word.start), self._to_ms(word.end)
        start = max(0, self._last_ms if start is None else start)
        end = start if end is None else max(start, end)
        if word.glue and word.start is None:
            end = start
        self._last_ms = start if word.end is None else end
        self._speaker = speaker or word.speaker or (self._speaker if word.glue or not word.text.strip() else "")
        return WordPiece(word.text, start, end, self._speaker, word.glue == "after") if word.text else None

    def _to_ms(self, time: Time | None) -> int | None:
        if time is None or isinstance(time, int):
            return time
        ms = time * self._scale
        return round(ms) if -MAX_TIME_MS <= ms <= MAX_TIME_MS else None
