"""Run `python -m vidindex`."""

from .cli import run

run()
