"""The plugins of yt-dlp: those that are installed in this environment load, and those in folders that the user names.

yt-dlp itself also loads plugins from its configuration folders and from every folder in `sys.path`, which may contain
the working directory.  A plugin is code, so whoever can write to one of these folders could run code here.

yt-dlp keeps its plugins per process.  A folder that one caller names therefore counts for all later callers.
"""

from __future__ import annotations

import os
import pkgutil
import site
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from ..config import are_ytdlp_plugins_disabled
from ..errors import OptionError

_NAMESPACE = "yt_dlp_plugins"
_KINDS = ("extractor", "postprocessor")
_PACKAGES = frozenset({_NAMESPACE, *(f"{_NAMESPACE}.{kind}" for kind in _KINDS)})
_ARCHIVE_SUFFIXES = (".zip", ".egg", ".whl")
_OWN_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class YtdlpPlugin:
    """A module with plugins: its name below `yt_dlp_plugins`, and the folder or archive that contains the namespace."""

    name: str
    root: Path


class _AllowedRootsFinder(MetaPathFinder):
    """Finds the namespace packages of plugins in *roots* only; stands before the finder of yt-dlp."""

    def __init__(self) -> None:
        self.roots: Sequence[Path] = ()

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname not in _PACKAGES:
            return None
        if not self.roots:
            # If None were returned, Python would search the whole of `sys.path`.
            raise ModuleNotFoundError(fullname, name=fullname)
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [str(root.joinpath(*fullname.split("."))) for root in self.roots]
        return spec


@dataclass(slots=True)
class _ProcessState:
    """The folders that were named, those of them that count as loaded (None before the first load), and their roots."""

    named_folders: list[Path] = field(default_factory=list)
    loaded_folders: list[Path] | None = None
    loaded_roots: list[Path] = field(default_factory=list)
    finder: _AllowedRootsFinder = field(default_factory=_AllowedRootsFinder)
    lock: threading.Lock = field(default_factory=threading.Lock)


_STATE = _ProcessState()


def allow_plugin_folders(folders: Iterable[str]) -> None:
    """Let `load_plugins` load the plugins in *folders*: `FOLDER/*/yt_dlp_plugins`, also in archives, as yt-dlp does.

    A folder that contains `yt_dlp_plugins` itself is one, too.

    Raises `OptionError` if a folder does not exist.
    """
    for folder in folders:
        path = Path(folder).expanduser().absolute()
        if not path.is_dir():
            raise OptionError(f"{folder!r} is not a folder: use --yt-dlp-plugins with a folder that contains plugins")
        with _STATE.lock:
            if path not in _STATE.named_folders:
                _STATE.named_folders.append(path)


def allowed_plugin_folders() -> tuple[str, ...]:
    """Return the folders that `allow_plugin_folders` allows."""
    return tuple(map(str, _STATE.named_folders))


def load_plugins() -> None:
    """Load the allowed plugins that are not loaded yet; call this before any use of yt-dlp, which would load others."""
    if _STATE.loaded_folders == _STATE.named_folders:
        return
    with _STATE.lock:
        _load_roots([root for root in _allowed_roots() if root not in _STATE.loaded_roots])
        _STATE.loaded_folders = list(_STATE.named_folders)


def list_plugins() -> list[YtdlpPlugin]:
    """Return the plugins that `load_plugins` loads, without loading them."""
    return [] if are_ytdlp_plugins_disabled() else list(_list_modules(_allowed_roots()))


def list_ignored_plugins() -> list[YtdlpPlugin]:
    """Return the plugins that yt-dlp itself would load from other places, without loading them."""
    try:
        from yt_dlp import plugins
    except ImportError:
        return []
    found_by_default: Any = getattr(plugins, "default_plugin_paths", None)
    if found_by_default is None:
        return []
    loaded = set(list_plugins())
    roots = dict.fromkeys(Path(root).absolute() for root in found_by_default())
    return [plugin for plugin in _list_modules(roots) if plugin not in loaded]


# Loading


def _load_roots(roots: Sequence[Path]) -> None:
    import yt_dlp.extractor
    import yt_dlp.postprocessor  # noqa: F401 - registers its plugins, as the other does
    from yt_dlp import globals as state
    from yt_dlp.plugins import load_all_plugins

    if _STATE.finder not in sys.meta_path:
        sys.meta_path.insert(0, _STATE.finder)
    earlier = {name: spec.plugin_destination.value for name, spec in state.plugin_specs.value.items()}
    _set_finder_roots(roots)
    # Without "default", yt-dlp searches none of its own places; an empty list disables plugins.
    state.plugin_dirs.value = [str(root) for root in roots]
    load_all_plugins()
    for name, spec in state.plugin_specs.value.items():
        spec.plugin_destination.value = {**earlier[name], **spec.plugin_destination.value}
    _STATE.loaded_roots.extend(roots)
    _set_finder_roots(_STATE.loaded_roots)


def _set_finder_roots(roots: Sequence[Path]) -> None:
    _STATE.finder.roots = roots
    for package in _PACKAGES:
        sys.modules.pop(package, None)


# Places


def _allowed_roots() -> list[Path]:
    roots = [*_installed_roots(), *(root for folder in _STATE.named_folders for root in _roots_in_folder(folder))]
    return list(dict.fromkeys(root for root in roots if _has_namespace(root)))


def _installed_roots() -> Iterator[Path]:
    """Yield the folders into which packages are installed, and those of packages that are installed as links to them.

    Folders that only an environment variable or the start of Python put on `sys.path` are not among them.
    """
    on_path = {_real_path(entry) for entry in sys.path if entry}
    for folder in _site_folders():
        for root in (folder, *_linked_folders(folder)):
            if _real_path(root) in on_path:
                yield root


def _site_folders() -> list[Path]:
    folders = [Path(folder) for folder in site.getsitepackages()]
    user_folder = Path(site.getusersitepackages())
    # The packages of the user belong to this environment only if this package is one of them.
    return [*folders, user_folder] if user_folder.resolve() == _OWN_ROOT else folders


def _linked_folders(site_folder: Path) -> Iterator[Path]:
    """Yield the folders that `.pth` files in *site_folder* add to `sys.path`, except that of this package itself."""
    for file in sorted(site_folder.glob("*.pth")):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in filter(None, map(str.strip, lines)):
            if not line.startswith(("#", "import ", "import\t")) and _real_path(site_folder / line) != str(_OWN_ROOT):
                yield site_folder / line


def _roots_in_folder(folder: Path) -> Iterator[Path]:
    yield folder
    try:
        yield from sorted(folder.iterdir())
    except OSError:
        return


def _has_namespace(root: Path) -> bool:
    is_archive = root.suffix in _ARCHIVE_SUFFIXES and root.is_file()
    return is_archive or (root / _NAMESPACE).is_dir()


def _real_path(path: str | Path) -> str:
    return os.path.realpath(path)


def _list_modules(roots: Iterable[Path]) -> Iterator[YtdlpPlugin]:
    for root in roots:
        for kind in _KINDS:
            for module in pkgutil.iter_modules([str(root / _NAMESPACE / kind)]):
                if not module.name.startswith("_"):
                    yield YtdlpPlugin(f"{kind}.{module.name}", root)
