"""The public names and signatures are pinned."""

from __future__ import annotations

import ast
import inspect
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import vidindex
from vidindex import errors

ROOT = Path(vidindex.__file__).parent
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}
ERRORS = sorted(
    (value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)),
    key=lambda kind: kind.__name__,
)


def test_the_public_names_are_these() -> None:
    assert set(vidindex.__all__) == {
        *(kind.__name__ for kind in ERRORS),
        "AddOptions", "AddReport", "AddedChange", "AddedVideo", "Article", "AsrDevice", "AsrOptions", "BatchEvent",
        "BatchOptions", "BatchReport", "CaptionLink", "CaptionOrigin", "Change", "ChangeKind", "Chapter",
        "CaptionFile", "CheckedQuote", "Claim", "ClipMoment", "ClipOptions", "ClipResult", "ClipState", "MediaFormat",
        "MomentOrder", "SupercutOptions", "SupercutResult", "Context", "CopiedTable", "Cue",
        "EditListFormat", "Embed", "EmbedKind", "EmbedRecord", "EmbedState",
        "Facet", "FacetName", "FacetedHits", "Failure", "FailureClass", "FetchOptions", "Hit", "HostThrottle", "Index",
        "LinkReport", "ListEntry", "MatchKind", "Medium", "Migration", "Outcome", "OutcomeState", "PageFinding",
        "Piece", "Progress", "QueueStatus", "Quotation", "QuoteVerdict", "ResolveOptions", "RetryGroup",
        "SearchOptions", "SearchScope", "Searched", "SitePause", "SortOrder", "SpeakerCheck",
        "SpeakerWords", "StateCount", "Stats",
        "StatusWord", "Task", "TaskKind", "TaskState", "TaskVerdict", "TextHit", "TextHits", "TextKind", "TimedWord",
        "Track", "Transcript", "Trend", "TrendGroup", "TrendRow", "UnknownValue", "Verdict", "VerdictKind", "Video",
        "Review", "VideoChange", "VideoHits", "VideoHitsPage", "WaybackUrls", "WordChange",
        "find_embeds", "find_quotations", "make_transcript", "migrate", "open",
        "backup", "read_article", "read_captions", "read_list", "restore", "status_word", "transcript",
        "write_edit_list",
    }  # fmt: skip
    assert all(hasattr(vidindex, name) for name in vidindex.__all__)


def test_type_checkers_and_the_documentation_see_every_public_name() -> None:
    imports = (node for node in ast.walk(MODULES[ROOT / "__init__.py"]) if isinstance(node, ast.ImportFrom))

    assert {alias.name for node in imports if node.level for alias in node.names} == set(vidindex.__all__)


def test_names_of_earlier_versions_are_still_public() -> None:
    assert set(vidindex.__all__) >= {
        "AsrError", "AsrModelError", "AsrNotInstalledError", "AsrOptions",
        "AddOptions", "ListError", "ListEntry", "read_list", "BatchOptions", "BatchReport",
        "LinkReport", "Outcome", "StateCount", "QueueStatus", "BatchEvent", "Task",
        "Article", "CaptionError", "CaptionLink", "Chapter", "CheckedQuote", "Cue", "DiscoveryError", "Embed",
        "EmbedRecord", "EngineError", "EngineNotInstalledError", "Failure", "FetchError", "Hit", "Index",
        "IndexBusyError", "IndexLocationError", "IndexUnusableError", "IndexVersionError", "NotIndexedError",
        "Progress", "QuerySyntaxError", "AddReport", "ResolveError", "ResolveOptions", "Stats", "TargetError",
        "TimedWord", "Track", "Transcript", "VidindexError", "Video", "find_embeds", "make_transcript", "migrate",
        "open", "read_captions", "CopiedTable", "Migration",
    }  # fmt: skip


def test_open_takes_a_path_an_engine_and_whether_to_create() -> None:
    parameters = inspect.signature(vidindex.open).parameters
    assert list(parameters) == ["path", "engine", "create"]
    assert parameters["engine"].default == "auto"
    assert parameters["create"].default is True


def test_an_index_offers_these_calls() -> None:
    offered = {name for name in vars(vidindex.Index) if not name.startswith("_")}
    assert offered >= {
        "add", "search", "quotes", "verify", "suggest", "transcript", "video", "videos", "article", "articles",
        "embeds", "tracks", "transcribe", "attach", "remove", "rebuild", "stats", "find_damage", "flush", "close",
        "batch", "refresh", "status", "tasks", "report", "search_page", "search_videos",
        "find_unknown_values",
    }  # fmt: skip


def test_every_field_of_the_search_options_about_moments_has_a_shortcut() -> None:
    parameters = inspect.signature(vidindex.Index.search).parameters
    shortcuts = {name for name, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}
    assert shortcuts - {"options"} == {field.name for field in fields(vidindex.SearchOptions)} - {"videos", "texts"}
    assert all(parameters[name].default is None for name in shortcuts)


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
        (vidindex.Quotation, {"text", "attribution", "parts"}),
        (vidindex.AddedVideo, {"target", "video", "change"}),
    ],
)
def test_the_values_have_these_fields(value: type, names: set[str]) -> None:
    assert {field.name for field in fields(value)} >= names


# Every type that a public signature mentions is public.


def defined_names() -> set[str]:
    """Return the names of all classes and type aliases that the package defines."""
    names = set()
    for module in MODULES.values():
        for node in module.body:
            if isinstance(node, ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names.add(node.targets[0].id)
    return {name for name in names if name[0].isupper() and not name.isupper()}


def public_annotations(value: object) -> Iterator[str]:
    """Yield the annotations of a function, or of the fields, properties and public methods of a class, as text."""
    if isinstance(value, property):
        yield from public_annotations(value.fget)
    elif isinstance(value, classmethod | staticmethod):
        yield from public_annotations(value.__func__)
    elif isinstance(value, type):
        if not issubclass(value, Exception):
            yield from map(str, vars(value).get("__annotations__", {}).values())
        for name, member in vars(value).items():
            if not name.startswith("_") or name == "__init__":
                yield from public_annotations(member)
    elif inspect.isfunction(value):
        yield from map(str, value.__annotations__.values())


@pytest.mark.parametrize("name", vidindex.__all__)
def test_every_type_in_a_public_signature_is_public(name: str) -> None:
    mentioned = {
        word
        for annotation in public_annotations(getattr(vidindex, name))
        for word in re.findall(r"[A-Za-z_]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", annotation))
    }
    assert mentioned & defined_names() <= set(vidindex.__all__)


@pytest.mark.parametrize("name", vidindex.__all__)
def test_every_public_function_and_class_has_a_docstring(name: str) -> None:
    value = getattr(vidindex, name)
    if inspect.isfunction(value) or inspect.isclass(value):
        assert value.__doc__
        assert not value.__doc__.startswith(f"{name}(")  # the default of a dataclass


# Errors


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_a_vidindex_error_and_public(kind: type[Exception]) -> None:
    assert issubclass(kind, vidindex.VidindexError)
    assert getattr(vidindex, kind.__name__) is kind


def test_every_error_class_of_the_package_is_in_the_module_of_errors() -> None:
    known = {kind.__name__ for kind in ERRORS}
    bases = known | {"Exception", "BaseException", "OSError", "ValueError", "RuntimeError", "LookupError"}
    elsewhere = {
        f"{path.relative_to(ROOT)}: {node.name}"
        for path, module in MODULES.items()
        for node in ast.walk(module)
        if path.name != "errors.py"
        and isinstance(node, ast.ClassDef)
        and (node.name.endswith(("Error", "Exception")) or any(ast.unparse(base) in bases for base in node.bases))
    }
    assert elsewhere == set()


def make_error(kind: type[Exception]) -> Exception:
    """Make an error with a plausible value for each parameter of its constructor."""
    if kind.__init__ is Exception.__init__:
        return kind("text")
    values = {"int": 7, "float": 1.5, "str": "text", "OSError": OSError(111, "Connection refused")}
    parameters = list(inspect.signature(kind).parameters.values())
    required = [each for each in parameters if each.default is each.empty and each.kind is not each.VAR_POSITIONAL]
    args = [values[each.annotation] for each in required if each.kind is not each.KEYWORD_ONLY]
    keywords = {each.name: values[each.annotation] for each in required if each.kind is each.KEYWORD_ONLY}
    return kind(*args, **keywords)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling_with_type_message_and_attributes(kind: type[Exception]) -> None:
    error = make_error(kind)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (str(copy), copy.args) == (str(error), error.args)
    assert vars(copy) == vars(error)
    assert (copy.reason, copy.verdict) == (error.reason, error.verdict)  # type: ignore[attr-defined]


def test_the_root_error_is_never_raised_itself() -> None:
    raised = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, module in MODULES.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and re.match(r"(?:errors\.)?VidindexError\b", ast.unparse(node.exc))
    ]
    assert raised == []


# Imports


def modules_loaded_by(code: str) -> set[str]:
    # Without the measurement of coverage in the process, which imports modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return set(result.stdout.split())


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
    assert not modules_loaded_by("import vidindex") & (HEAVY | {"click", "rapidfuzz"})


def test_help_imports_no_stage_at_all() -> None:
    code = "from vidindex.cli.main import vidindex\nvidindex(['--help'], standalone_mode=False)"
    assert not modules_loaded_by(code) & (HEAVY | {"sqlite3", "rapidfuzz"})


def test_a_worker_that_reads_captions_imports_nothing_of_the_network() -> None:
    code = "import vidindex.transcripts.workers.child, vidindex.store.prepared_track, vidindex.engines.track_passages"
    assert not modules_loaded_by(code) & (HEAVY | {"ssl", "http.client", "vidindex.net.fetch"})
