"""A real HTTP server on loopback."""

from tests.loopback import site

__all__ = ["site"]
