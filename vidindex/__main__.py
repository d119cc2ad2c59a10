"""Run `python -m vidindex`."""

from .cli import main

main()
