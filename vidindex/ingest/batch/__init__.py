"""Process the work queue with several threads."""

from .options import BatchEvent, BatchOptions, BatchReport
from .runner import BatchRunner
from .scope import TaskScope
from .tasks import make_link_task

__all__ = ["BatchEvent", "BatchOptions", "BatchReport", "BatchRunner", "TaskScope", "make_link_task"]
