"""Run the scripts of a page in Chromium, and return the page that they make: the extra `render`."""

from __future__ import annotations

from .renderer import RenderLimits, render_page

__all__ = ["RenderLimits", "render_page"]
