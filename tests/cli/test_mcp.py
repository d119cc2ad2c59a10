"""`vidindex mcp` without the extra, without an index, and with a wrong address."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from vidindex.cli.main import vidindex as command_line
from vidindex.errors import ListenError, McpNotInstalledError, NoIndexError, ServerNotInstalledError, VidindexError


def fail(*words: str | Path) -> BaseException | None:
    result = CliRunner().invoke(command_line, list(map(str, words)), standalone_mode=False)
    assert result.stdout == "", "standard output belongs to the protocol"
    return result.exception


@pytest.mark.parametrize(
    ("package", "error", "extra"),
    [("mcp", McpNotInstalledError, "vidindex[mcp]"), ("starlette", ServerNotInstalledError, "vidindex[web]")],
    ids=["mcp", "web"],
)
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, package: str, error: type[VidindexError], extra: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package or name.startswith("vidindex.mcp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    failure = fail("mcp")
    assert isinstance(failure, error)
    assert extra in str(failure)


def test_an_index_must_exist(tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    assert isinstance(fail("--index", tmp_path / "none", "mcp"), NoIndexError)


def test_an_address_that_does_not_exist_is_an_error(sample_index: Path) -> None:
    pytest.importorskip("mcp")
    words = ["--index", sample_index, "mcp", "--http", "--host", "host.invalid", "--port", "0"]
    result = CliRunner().invoke(command_line, list(map(str, words)), standalone_mode=False)
    assert isinstance(result.exception, ListenError)
    assert "everyone who can reach host.invalid" in result.stderr
