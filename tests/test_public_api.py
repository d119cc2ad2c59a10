"""The names that others call by, pinned."""

from __future__ import annotations

import inspect
import subprocess
import sys
from dataclasses import fields

import pytest

import vidindex


def test_the_public_names_are_these() -> None:
    assert set(vidindex.__all__) == {
        "AsrError", "AsrModelError", "AsrNotInstalledError", "AsrOptions",
        "AddOptions", "ListError", "ListEntry", "read_list", "BatchOptions", "BatchReport",
        "LinkReport", "Outcome", "StateCount", "QueueStatus", "BatchEvent", "Task",
        "Article", "CaptionError", "CaptionLink", "Chapter", "CheckedQuote", "Cue", "DiscoveryError", "Embed",
        "EmbedRecord", "EngineError", "EngineNotInstalledError", "Failure", "FetchError", "Hit", "Index",
        "IndexBusyError", "IndexLocationError", "IndexUnusableError", "IndexVersionError", "NotIndexedError",
        "Progress", "QuerySyntaxError", "AddReport", "ResolveError", "ResolveOptions", "Stats", "TargetError", "TimedWord",
        "Track", "Transcript", "VidindexError", "Video", "find_embeds", "make_transcript", "migrate", "open",
        "read_captions", "CopiedTable", "Migration",
    }  # fmt: skip
    assert all(hasattr(vidindex, name) for name in vidindex.__all__)


def test_open_takes_a_path_an_engine_and_whether_to_create() -> None:
    parameters = inspect.signature(vidindex.open).parameters
    assert list(parameters) == ["path", "engine", "create"]
    assert parameters["engine"].default == "auto"
    assert parameters["create"].default is True


def test_an_index_offers_these_calls() -> None:
    offered = {name for name in vars(vidindex.Index) if not name.startswith("_")}
    assert offered >= {
        "add", "search", "quotes", "suggest", "transcript", "video", "videos", "article", "articles", "embeds",
        "tracks", "transcribe", "attach", "remove", "rebuild", "stats", "find_damage", "flush", "close",
        "batch", "refresh", "status", "tasks", "report",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (
            vidindex.Hit,
            {
                "video",
                "start_ms",
                "end_ms",
                "text",
                "before",
                "after",
                "match",
                "score",
                "url",
                "articles",
                "label",
                "kind",
            },
        ),
        (vidindex.Embed, {"url", "provider", "id", "label", "kind"}),
        (vidindex.Transcript, {"tokens", "words", "starts_ms", "ends_ms", "speakers"}),
        (vidindex.Video, {"id", "url", "title", "channel", "site", "date", "kind"}),
    ],
)
def test_the_values_have_these_fields(value: type, names: set[str]) -> None:
    assert {field.name for field in fields(value)} >= names


def test_every_error_is_a_vidindex_error() -> None:
    errors = [getattr(vidindex, name) for name in vidindex.__all__ if name.endswith("Error")]
    assert len(errors) > 10
    assert all(issubclass(error, vidindex.VidindexError) for error in errors)


def loaded_by(code: str) -> set[str]:
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(said.stdout.split())


HEAVY = {
    "yt_dlp",
    "whoosh",
    "tantivy",
    "opensearchpy",
    "lxml",
    "webvtt",
    "rich",
    "trafilatura",
    "charset_normalizer",
    "pysubs2",
    "faster_whisper",
    "av",
}


def test_importing_vidindex_imports_nothing_heavy() -> None:
    assert not loaded_by("import vidindex") & (HEAVY | {"click", "rapidfuzz"})


def test_help_imports_no_stage_at_all() -> None:
    code = "from vidindex.cli import vidindex\nvidindex(['--help'], standalone_mode=False)"
    assert not loaded_by(code) & (HEAVY | {"sqlite3", "rapidfuzz"})
