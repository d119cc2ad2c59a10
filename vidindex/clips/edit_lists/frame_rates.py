"""Frame rates and SMPTE time code: times in milliseconds to frames, and frames to the numbers that editors show.

Time code counts frames; it is not a clock.  At 29.97 frames a second, non-drop time code is 3.6 seconds late after an
hour, because it counts 30 frames for each second that it shows.  Drop-frame time code leaves out two *numbers* (four at
59.94), never a frame, at the start of each minute except every tenth, and is right after an hour (SMPTE ST 12-1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from ...errors import OptionError

FrameRateName = Literal["23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94", "59.94df", "60"]
"""A frame rate as people name it; `df` stands for drop-frame time code."""

FRAME_RATE_NAMES: tuple[FrameRateName, ...] = get_args(FrameRateName)


@dataclass(frozen=True, slots=True)
class FrameRate:
    """A frame rate, and the way in which its time code counts.

    *base* is the number of frames that time code counts for each second.  The rate is *base* × 1000/1001 if *is_ntsc*.
    """

    name: FrameRateName
    base: int
    is_ntsc: bool
    is_drop: bool

    @property
    def numerator(self) -> int:
        """The frames in *denominator* seconds."""
        return self.base * 1000 if self.is_ntsc else self.base

    @property
    def denominator(self) -> int:
        """The number of seconds that have a whole number of frames."""
        return 1001 if self.is_ntsc else 1

    @property
    def frames_per_day(self) -> int:
        """The number of frames that time code can number before it starts again."""
        return 144 * self._frames_per_ten_minutes

    @property
    def _dropped(self) -> int:
        """The numbers that are left out in a minute."""
        return self.base // 15 if self.is_drop else 0

    @property
    def _frames_per_ten_minutes(self) -> int:
        return 600 * self.base - 9 * self._dropped

    def to_frame(self, time_ms: int) -> int:
        """Return the frame that is nearest to *time_ms*: never more than half a frame away."""
        scale = 1000 * self.denominator
        return (2 * time_ms * self.numerator + scale) // (2 * scale)

    def format_timecode(self, frame: int) -> str:
        """Return the time code of *frame*: `01:02:03:04`, drop-frame `01:02:03;04`.  It starts again after a day."""
        number = frame % self.frames_per_day
        if self.is_drop:
            number += self._count_dropped(number)
        seconds, frames = divmod(number, self.base)
        mark = ";" if self.is_drop else ":"
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{frames:02}"

    def _count_dropped(self, frame: int) -> int:
        """Return how many numbers are left out before *frame*."""
        tens, rest = divmod(frame, self._frames_per_ten_minutes)
        minutes = max(rest - self._dropped, 0) // (60 * self.base - self._dropped)
        return self._dropped * (9 * tens + minutes)

    def parse_timecode(self, text: str) -> int:
        """Return the frame that has the time code *text*.

        A `;` or `.` before the frames is read like `:`: the frame rate decides whether numbers are left out.  Raises
        `OptionError` if *text* is not a time code, or is one that this frame rate does not have.
        """
        match = _timecode_pattern().fullmatch(text.strip())
        if match is None:
            raise OptionError(f"time code {text!r} is not HH:MM:SS:FF")
        hours, minutes, seconds, frames = map(int, match.groups())
        total = hours * 60 + minutes
        is_left_out = bool(total % 10) and not seconds and frames < self._dropped
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= self.base or is_left_out:
            raise OptionError(f"time code {text} does not exist at {self.name} frames a second")
        return (total * 60 + seconds) * self.base + frames - self._dropped * (total - total // 10)


@cache
def _timecode_pattern() -> re.Pattern[str]:
    return re.compile(r"(\d\d):(\d\d):(\d\d)[:;.](\d\d)", re.ASCII)


def find_frame_rate(name: str) -> FrameRate:
    """Return the frame rate *name*, or raise `OptionError`."""
    if name not in FRAME_RATE_NAMES:
        raise OptionError(f"frame rate {name!r} is not known: choose one of {', '.join(FRAME_RATE_NAMES)}")
    number = name.removesuffix("df")
    base = round(float(number))
    return FrameRate(name, base, is_ntsc="." in number, is_drop=name.endswith("df"))


def choose_frame_rate(frames: int, seconds: int) -> FrameRateName | None:
    """Return the name of the rate of *frames* in *seconds*, as films state it; None if no edit list has such a rate.

    A rate that is written with decimals (2997/100) is the rate that it stands for.
    """
    if frames <= 0 or seconds <= 0:
        return None
    for name in FRAME_RATE_NAMES:
        rate = find_frame_rate(name)
        exact = rate.numerator * seconds
        if not rate.is_drop and abs(frames * rate.denominator - exact) * 5000 < exact:
            return name
    return None
