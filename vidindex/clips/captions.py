"""The captions of a moment: as a file whose times start at zero, and as text in the pictures."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace

from ..model import Transcript
from ..transcripts.export import ScreenCaption, split_captions

_BOX_WIDTH, _BOX_HEIGHT = 1280, 720
"""The size for which the styles below are made; libass scales them to that of the pictures."""

_HEADER = f"""[Script Info]
ScriptType: v4.00+
PlayResX: {_BOX_WIDTH}
PlayResY: {_BOX_HEIGHT}
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: caption,sans-serif,44,&H00FFFFFF,&H00000000,&H80000000,0,1,3,0,2,60,60,40,1
Style: card,sans-serif,56,&H00FFFFFF,&H00000000,&H00000000,1,1,0,0,5,100,100,40,1

[Events]
Format: Layer, Start, End, Style, Text
"""


def cut_transcript(transcript: Transcript, start_ms: int, end_ms: int) -> Transcript:
    """Return the words of *transcript* that are heard between two times, with times from zero.

    A word that is cut keeps the part inside.
    """
    first = bisect_right(transcript.starts_ms, start_ms)
    while first and transcript.ends_ms[first - 1] > start_ms:
        first -= 1
    last = max(bisect_left(transcript.starts_ms, end_ms), first)
    length = end_ms - start_ms
    turns = [(max(at - first, 0), name) for at, name in transcript.speakers if at < last]
    return replace(
        transcript,
        words=transcript.words[first:last],
        starts_ms=tuple(max(at - start_ms, 0) for at in transcript.starts_ms[first:last]),
        ends_ms=tuple(min(max(at - start_ms, 1), length) for at in transcript.ends_ms[first:last]),
        sounds=frozenset(at - first for at in transcript.sounds if first <= at < last),
        speakers=tuple(dict(turns).items()),
        tokens=(),
        word_index=(),
        warnings=(),
    )


def make_ass(transcript: Transcript, *, shift_ms: int = 0) -> str:
    """Return the captions of *transcript* as a file that ffmpeg draws, each *shift_ms* later."""
    return _HEADER + "".join(_caption_line(caption, shift_ms) for caption in split_captions(transcript))


def make_card(lines: Iterable[str], duration_ms: int) -> str:
    """Return a title card as a file that ffmpeg draws."""
    text = r"\N".join(filter(None, map(escape_ass, lines)))
    return f"{_HEADER}Dialogue: 0,{_format_time(0)},{_format_time(duration_ms)},card,{text}\n"


def escape_ass(text: str) -> str:
    """Return *text* in one line, in which nothing is a command of ASS.

    A backslash is followed by a character without width, so that it stands for itself; `\\{` is a brace.
    """
    return " ".join(text.split()).replace("\\", "\\\u2060").replace("{", r"\{")


def _caption_line(caption: ScreenCaption, shift_ms: int) -> str:
    start, end = _format_time(caption.start_ms + shift_ms), _format_time(caption.end_ms + shift_ms)
    speaker = f"{caption.speaker}: " if caption.is_new_speaker and caption.speaker else ""
    return f"Dialogue: 0,{start},{end},caption,{escape_ass(speaker + caption.text)}\n"


def _format_time(time_ms: int) -> str:
    seconds, ms = divmod(time_ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms // 10:02}"
