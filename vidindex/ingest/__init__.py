"""Add a target to the store: article, embeds, videos, captions and transcripts, each stored before the next."""

from .adder import FollowUp, TargetAdder
from .network import Network, fetch_options
from .options import AddCallbacks, AddOptions, ProgressCallback
from .progress import ProgressLog, ReportBuilder
from .transcriber import VideoTranscriber

__all__ = [
    "AddCallbacks",
    "AddOptions",
    "FollowUp",
    "Network",
    "ProgressCallback",
    "ProgressLog",
    "ReportBuilder",
    "TargetAdder",
    "VideoTranscriber",
    "fetch_options",
]
