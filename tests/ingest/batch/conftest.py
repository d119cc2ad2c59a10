"""Articles with one clip each on a loopback server, and runs over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from tests.processes import HANG_S
from tests.resolve.conftest import Answer, Site, site  # noqa: F401 - a fixture
from vidindex import AddOptions, BatchOptions, Index, ResolveOptions

PutArticle = Callable[..., str]


@pytest.fixture
def put_article(site: Site) -> PutArticle:  # noqa: F811 - the fixture
    """Serve an article with a clip, in which *said* is said; give its address."""

    def put(name: str, said: str = "", *, clip: str = "", captions: bool = True) -> str:
        clip = clip or name
        track = f'<track src="/{clip}.vtt" srclang="en" kind="captions">' if captions else ""
        site.put(f"/{clip}.mp4", bytes(100), "video/mp4")
        site.put(f"/{clip}.vtt", webvtt([said or f"these are the words of {clip}"]), "text/vtt")
        return site.put(
            f"/{name}", f"<title>{name}</title><h2>Clip of {name}</h2><video src='/{clip}.mp4'>{track}</video>"
        )

    return put


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Index]:
    """An empty index."""
    with vidindex.open(tmp_path / "index") as index:
        yield index


def options(*, adding: AddOptions | None = None, **more: object) -> BatchOptions:
    """Make options that wait for nothing, unless *more* says so."""
    quick = AddOptions(resolve=ResolveOptions(retries=0, timeout_s=HANG_S))
    return BatchOptions(**{"jobs": 4, "delay_s": 0.0, "wait_s": 0.0, "adding": adding or quick} | more)  # type: ignore[arg-type] # as named


__all__ = ["Answer", "PutArticle", "Site", "options"]
