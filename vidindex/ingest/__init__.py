"""Walk the line for one target: article, embeds, videos, captions, transcripts, each stored before the next."""

from .adder import FollowUp, TargetAdder, is_video_url
from .network import Network, fetch_options
from .options import AddOptions, ProgressCallback
from .progress import ProgressLog, ReportBuilder
from .transcriber import VideoTranscriber

__all__ = [
    "AddOptions",
    "FollowUp",
    "Network",
    "ProgressCallback",
    "ProgressLog",
    "ReportBuilder",
    "TargetAdder",
    "VideoTranscriber",
    "fetch_options",
    "is_video_url",
]
