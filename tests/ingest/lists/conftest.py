"""A real HTTP server on loopback that serves lists."""

from tests.loopback import Site, site

__all__ = ["Site", "site"]
