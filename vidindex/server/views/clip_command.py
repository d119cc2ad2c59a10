"""The command that cuts a clip on the machine of a visitor."""

from __future__ import annotations

import re
import shlex

from ...transcripts.timecode import format_timestamp
from .clip import Clip
from .urls import safe_web_url

_ID = re.compile(r"[A-Za-z0-9][^\x00-\x1f\x7f-\x9f]*")


def format_command(clip: Clip, *, has_film: bool) -> str:
    """Return the command for a shell that cuts *clip*: out of the film on this machine, or one on a site.

    It is empty if there is neither.  Nothing in it can be taken for an option or another command: the id, or the
    address of a web page, is quoted.
    """
    video = clip.video.id if has_film and _ID.fullmatch(clip.video.id) else safe_web_url(clip.video.url)
    if not video:
        return ""
    times = f"--from {format_timestamp(clip.start_ms)} --to {format_timestamp(clip.end_ms)}"
    return f"vidindex clip {shlex.quote(video)} {times} -o clips"
