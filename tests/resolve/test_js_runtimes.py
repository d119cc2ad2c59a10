"""The JavaScript run times that vidindex finds as yt-dlp does, and what `doctor` says about them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import HANG_S
from vidindex.cli.doctor import check_js_runtimes, check_solver, run_checks
from vidindex.resolve import ResolveOptions, VideoResolver, js_runtimes
from vidindex.resolve.js_runtimes import find_js_runtimes, is_solver_accepted, required_solver_version
from vidindex.resolve.options import build_ydl_params

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """A function that installs a program that prints *output*; no other programs are on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("sysconfig.get_path", lambda name, *_: str(tmp_path / "scripts"))
    js_runtimes._find_js_runtimes.cache_clear()

    def install_program(name: str, output: str) -> Path:
        program = folder / name
        (tmp_path / f"{name}.txt").write_text(output)
        log = tmp_path / "runs.txt"
        lines = f"#!/bin/sh\necho {name} >> {log}\n"
        program.write_text(lines + f'while read -r line; do echo "$line"; done < {tmp_path / name}.txt\n')
        program.chmod(0o755)
        return log

    yield install_program
    js_runtimes._find_js_runtimes.cache_clear()


DENO, OLD_DENO = "deno 2.5.1 (stable)\nv8 14\n", "deno 2.2.9 (stable)\n"
NODE, OLD_NODE = "v22.11.0\n", "v20.20.2\n"


def given_to_yt_dlp(*extra: str) -> list[str]:
    return sorted(build_ydl_params(ResolveOptions(extra=extra), None)["js_runtimes"])


@pytest.mark.parametrize(
    ("programs", "names"),
    [
        ({}, []),
        ({"deno": DENO}, ["deno"]),
        ({"deno": OLD_DENO}, []),
        ({"node": NODE}, ["node"]),
        ({"node": OLD_NODE}, []),
        ({"node": "not a version\n"}, []),
        ({"deno": DENO, "node": NODE}, ["deno", "node"]),
        ({"deno": OLD_DENO, "node": NODE}, ["node"]),
        ({"bun": "1.3.0\n", "qjs": "QuickJS version 2025-09-13\n"}, []),
    ],
)
def test_yt_dlp_gets_the_run_times_that_are_found_and_new_enough(
    install: Install, programs: dict[str, str], names: list[str]
) -> None:
    for name, output in programs.items():
        install(name, output)
    assert given_to_yt_dlp() == names


def test_the_option_of_the_user_decides(install: Install) -> None:
    install("node", NODE)
    assert given_to_yt_dlp("js-runtimes=deno") == ["deno"]
    assert given_to_yt_dlp("js-runtimes=node") == ["deno", "node"]
    assert given_to_yt_dlp("no-js-runtimes") == []
    assert given_to_yt_dlp("retries=1") == ["node"]


def test_a_program_runs_once_per_process_and_only_when_a_video_is_resolved(install: Install) -> None:
    log = install("node", NODE)
    resolvers = [VideoResolver(ResolveOptions()) for _ in range(2)]
    assert not log.exists()
    for resolver in resolvers:
        assert resolver._thread_client()._js_runtimes["node"].info.version == "22.11.0"
        resolver.close()
    assert log.read_text() == "node\n"


def test_nothing_is_run_by_an_import() -> None:
    code = "import sys, vidindex.cli.main, vidindex.resolve.js_runtimes; sys.exit('yt_dlp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=HANG_S, check=False).returncode == 0


def says(programs: dict[str, str], install: Install) -> tuple[str, str]:
    for name, output in programs.items():
        install(name, output)
    finding = check_js_runtimes(find_js_runtimes())
    return finding.state, finding.message


@pytest.mark.parametrize(
    ("programs", "state", "parts"),
    [
        ({}, "note", ["no run time", "`pip install deno`"]),
        ({"deno": DENO}, "ok", ["deno 2.5.1, which yt-dlp uses"]),
        ({"node": NODE}, "ok", ["node 22.11.0, which yt-dlp uses"]),
        ({"deno": DENO, "node": NODE}, "ok", ["deno 2.5.1, which yt-dlp uses"]),
        ({"node": OLD_NODE}, "note", ["node 20.20.2 is too old (yt-dlp needs 22 or newer)", "`pip install deno`"]),
        ({"deno": OLD_DENO}, "note", ["deno 2.2.9 is too old (yt-dlp needs 2.3 or newer)", "`pip install deno`"]),
        ({"deno": DENO, "node": OLD_NODE}, "ok", ["deno 2.5.1, which yt-dlp uses", "node 20.20.2 is too old"]),
        ({"bun": "1.3.0\n"}, "note", ["bun 1.3.0 is not used", "`pip install deno`"]),
        ({"bun": "1.2.0\n"}, "note", ["bun 1.2.0 is too old (yt-dlp needs 1.2.11 or newer)"]),
        ({"qjs": "QuickJS version 2021-03-27\n"}, "note", ["quickjs 2021-03-27 is too old (yt-dlp needs 2023.12.9"]),
        ({"node": "nothing\n"}, "note", ["node does not state its version", "`pip install deno`"]),
    ],
)
def test_doctor_says_what_yt_dlp_would_use_and_what_is_missing(
    install: Install, programs: dict[str, str], state: str, parts: list[str]
) -> None:
    stated, message = says(programs, install)
    assert stated == state
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("installed", "required", "state", "part"),
    [
        ("0.8.0", "0.8.0", "ok", "0.8.0"),
        ("0.8.3", "0.8.0", "ok", "0.8.3"),
        ("0.7.0", "0.8.0", "note", "`pip install -U 'yt-dlp[default]'`"),
        ("0.10.0", "0.1.0", "note", "0.10.0, but yt-dlp needs 0.1.0"),
        ("", "0.8.0", "note", "`pip install 'vidindex[youtube]'`"),
        ("0.8.0", "", "ok", "0.8.0"),
    ],
)
def test_doctor_checks_the_version_of_the_solver(installed: str, required: str, state: str, part: str) -> None:
    finding = check_solver(installed, required)
    assert (finding.name, finding.state) == ("yt-dlp-ejs", state)
    assert part in finding.message


def test_the_required_version_is_that_of_the_installed_yt_dlp() -> None:
    from yt_dlp.extractor.youtube.jsc._builtin.ejs import EJSBaseJCP

    assert is_solver_accepted(required_solver_version(), EJSBaseJCP._SCRIPT_VERSION)


def test_doctor_has_both_findings(install: Install, tmp_path: Path) -> None:
    install("node", OLD_NODE)
    findings = {finding.name: finding for finding in run_checks(tmp_path / "none")}
    assert "node 20.20.2 is too old" in findings["JavaScript"].message
    assert "yt-dlp-ejs" in findings
