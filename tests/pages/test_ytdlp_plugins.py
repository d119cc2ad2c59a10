"""Which plugins of yt-dlp run: real plugin files, in processes of their own, each of which leaves a mark."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import vidindex
from vidindex.errors import OptionError
from vidindex.pages.ytdlp_plugins import allow_plugin_folders

ROOT = Path(vidindex.__file__).parents[1]
SITE_PACKAGES = Path(site.getsitepackages()[0])

PLUGIN = """
with open({mark!r}, "a") as file:
    file.write("{name}\\n")

from yt_dlp.extractor.common import InfoExtractor

class {name}IE(InfoExtractor):
    _VALID_URL = r"https?://{name}\\.example/watch/(?P<id>[0-9]+)"

    def _real_extract(self, url):
        return {{"id": self._match_id(url), "title": "The {name}", "url": "https://media.example/1.mp4"}}
"""

USES = {
    "extractor lookup": "from vidindex.resolve.extractors import has_extractor; has_extractor('https://a.example/1')",
    "resolver": """
from vidindex.resolve import VideoResolver
try:
    VideoResolver().resolve("https://kettle.invalid/1")
except Exception:
    pass
""",
    "embeds in this process": """
from vidindex.pages.embeds import find_embeds
find_embeds(b"<iframe src='https://kettle.example/watch/1'></iframe>", "https://news.example/")
""",
    "embeds in the worker process": """
from vidindex.pages.embeds import discover_page
discover_page(b"<iframe src='https://kettle.example/watch/1'></iframe>", url="https://news.example/")
""",
    "options": """
from vidindex.resolve import ResolveOptions
from vidindex.resolve.options import build_ydl_params
build_ydl_params(ResolveOptions(extra=("age-limit=12",)), None)
""",
    "health check": "from vidindex.cli.doctor import run_checks; run_checks('no-such-index')",
}

FIND = """
from vidindex.pages.embeds import discover_page
from vidindex.pages.ytdlp_plugins import allow_plugin_folders
from vidindex.resolve.extractors import has_extractor
allow_plugin_folders({folders!r})
page = b"<iframe src='https://kettle.example/watch/1'></iframe>"
found = discover_page(page, url="https://news.example/").embeds
print(has_extractor("https://kettle.example/watch/1"), [embed.provider for embed in found])
"""


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that plugins write to."""
    return tmp_path / "mark"


def put_plugin(root: Path, mark: Path, name: str = "kettle") -> Path:
    """Write a plugin below *root*, which is a folder for packages, and return *root*."""
    folder = root / "yt_dlp_plugins" / "extractor"
    folder.mkdir(parents=True)
    (folder / f"{name}.py").write_text(PLUGIN.format(mark=str(mark), name=name))
    return root


def run(code: str, tmp_path: Path, *, python: str | Path = sys.executable, **environment: str) -> str:
    """Run *code* as a program in the folder `here`, whose modules it can import, and return its output."""
    (tmp_path / "here").mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XDG", "YTDLP"))}
    ran = subprocess.run(
        [python, "-c", code],
        cwd=tmp_path / "here",
        env={**kept, "HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_no_plugin_runs_from_a_folder_that_was_not_named(use: str, tmp_path: Path, mark: Path) -> None:
    home, config, on_path = tmp_path / "home", tmp_path / "config", tmp_path / "modules"
    roots = {
        "home": home / ".yt-dlp" / "plugins" / "one",
        "config": config / "yt-dlp" / "plugins" / "two",
        "shared": config / "yt-dlp-plugins" / "three",
        "working": tmp_path / "here",
        "modules": on_path,
    }
    for name, root in roots.items():
        put_plugin(root, mark, name)
    archive = tmp_path / "plugins.zip"
    put_plugin(tmp_path / "packed", mark, "packed")
    with zipfile.ZipFile(archive, "w") as file:
        file.write(tmp_path / "packed/yt_dlp_plugins/extractor/packed.py", "yt_dlp_plugins/extractor/packed.py")

    path = os.pathsep.join(map(str, (ROOT, on_path, archive)))
    run(use, tmp_path, XDG_CONFIG_HOME=str(config), PYTHONPATH=path)

    assert not mark.exists(), mark.read_text()


@pytest.mark.parametrize("depth", ["", "package"])
def test_plugins_in_a_named_folder_run_in_both_processes(depth: str, tmp_path: Path, mark: Path) -> None:
    folder = tmp_path / "plugins"
    put_plugin(folder / depth, mark)

    assert run(FIND.format(folders=[str(folder)]), tmp_path) == "True ['kettle']"
    assert mark.read_text().splitlines() == ["kettle"] * 2
    assert run(FIND.format(folders=[]), tmp_path) == "False ['kettle.example']"


def test_plugins_in_an_archive_of_a_named_folder_run(tmp_path: Path, mark: Path) -> None:
    put_plugin(tmp_path / "packed", mark)
    (tmp_path / "plugins").mkdir()
    with zipfile.ZipFile(tmp_path / "plugins" / "kettle.zip", "w") as file:
        file.write(tmp_path / "packed/yt_dlp_plugins/extractor/kettle.py", "yt_dlp_plugins/extractor/kettle.py")

    assert run(FIND.format(folders=[str(tmp_path / "plugins")]), tmp_path) == "True ['kettle']"


def test_a_folder_that_is_named_later_is_loaded_too_and_the_first_only_once(tmp_path: Path, mark: Path) -> None:
    first, second = put_plugin(tmp_path / "a", mark), put_plugin(tmp_path / "b", mark, "urn")
    code = """
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.resolve.extractors import has_extractor
urls = ("https://kettle.example/watch/1", "https://urn.example/watch/1")
for folders in ((), {first!r}, {second!r}, {first!r}):
    VideoResolver(ResolveOptions(plugin_folders=folders))
    print(*(has_extractor(url) for url in urls))
"""
    printed = run(code.format(first=(str(first),), second=(str(second),)), tmp_path)
    assert printed.splitlines() == ["False False", "True False", "True True", "True True"]
    assert mark.read_text().split() == ["kettle", "urn"]


def test_a_plugin_imports_only_modules_beside_the_plugins_that_load(tmp_path: Path, mark: Path) -> None:
    put_plugin(tmp_path / "here", mark, "stranger")
    folder = put_plugin(tmp_path / "named", mark)
    code = FIND.format(folders=[str(folder)]) + (
        "import importlib.util; print(importlib.util.find_spec('yt_dlp_plugins.extractor.stranger'))"
    )
    assert run(code, tmp_path).splitlines()[-1] == "None"


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is not a folder: use --yt-dlp-plugins"):
        allow_plugin_folders([str(tmp_path / "none")])


@pytest.fixture
def environment(tmp_path: Path) -> tuple[Path, Path]:
    """A virtual environment that contains vidindex and yt-dlp: its Python, and its folder of packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True, timeout=120)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (packages / "base.pth").write_text(f"{SITE_PACKAGES}\n")
    return tmp_path / "venv" / "bin" / "python", packages


def test_an_installed_plugin_runs(environment: tuple[Path, Path], tmp_path: Path, mark: Path) -> None:
    python, packages = environment
    put_plugin(packages, mark)

    assert run(FIND.format(folders=[]), tmp_path, python=python) == "True ['kettle']"
    assert mark.read_text().splitlines() == ["kettle"] * 2
    mark.unlink()
    assert run(FIND.format(folders=[]), tmp_path, python=python, YTDLP_NO_PLUGINS="1") == "False ['kettle.example']"
    assert not mark.exists()


def test_a_plugin_that_is_installed_as_a_link_runs(environment: tuple[Path, Path], tmp_path: Path, mark: Path) -> None:
    python, packages = environment
    put_plugin(tmp_path / "source", mark)
    (packages / "kettle.pth").write_text(f"# editable\nimport sys\n{tmp_path / 'source'}\n")

    assert run(FIND.format(folders=[]), tmp_path, python=python) == "True ['kettle']"


def test_the_health_check_lists_plugins_without_running_them(
    environment: tuple[Path, Path], tmp_path: Path, mark: Path
) -> None:
    python, packages = environment
    put_plugin(packages, mark)
    stranger = put_plugin(tmp_path / "home" / ".config" / "yt-dlp" / "plugins" / "one", mark, "stranger")
    code = """
from vidindex.cli.doctor import run_checks
for finding in run_checks("no-such-index"):
    if finding.name in ("plugins", "ignored"):
        print(finding.name, finding.state, finding.message)
"""
    loaded, ignored = run(code, tmp_path, python=python).splitlines()

    assert loaded == f"plugins ok extractor.kettle ({packages}), for yt-dlp"
    assert ignored.startswith(f"ignored note plugins that are not loaded: extractor.stranger ({stranger}); ")
    assert not mark.exists()
