"""Worker processes do what takes processor time, so that all cores work, and have the limits of a sandbox."""

from .pool import Job, JobPool, count_usable_cores, run_ahead

__all__ = ["Job", "JobPool", "count_usable_cores", "run_ahead"]
