"""Walk the line for one target: article, embeds, videos, captions, transcripts, each stored before the next."""

from .adder import Adder, Follow, is_video
from .network import Asking, fetching_of
from .options import AddOptions, Notify
from .progress import Journal, Tally
from .transcriber import Transcriber

__all__ = [
    "AddOptions",
    "Adder",
    "Asking",
    "Follow",
    "Journal",
    "Notify",
    "Tally",
    "Transcriber",
    "fetching_of",
    "is_video",
]
