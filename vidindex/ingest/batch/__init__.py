"""Work through the queue with several threads, left alone for a night and right in the morning."""

from .options import BatchOptions, BatchReport, Step
from .runner import Runner
from .tasks import link_task

__all__ = ["BatchOptions", "BatchReport", "Runner", "Step", "link_task"]
