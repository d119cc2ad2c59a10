"""Locations, limits, and settings from the environment, which only this module reads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_INDEX_PATH = "index"
STORE_FILE = "store.sqlite3"
"""The file that makes a folder an index."""

LOCK_TIMEOUT_S = 60.0
"""How long a writer waits for another writer before it gives up."""

FLUSH_AFTER_WORDS = 1_000_000
"""Number of stored words after which they are made searchable: a commit of an engine is expensive."""

FLUSH_AFTER_S = 30.0
"""Seconds after which stored words are made searchable, so that the results of a long run can be searched."""


def resolve_index_path(given: str | os.PathLike[str] | None = None) -> Path | str:
    """Return the location of the index: *given*, else `VIDINDEX_INDEX`, else `./index`.

    A folder is a `Path`, the URL of a cluster a string.
    """
    from pathlib import Path  # takes 3 ms, which `--help` does not need

    location = os.fspath(given or os.environ.get("VIDINDEX_INDEX") or DEFAULT_INDEX_PATH)
    return location if "://" in location else Path(location)


def read_color_preference() -> bool | None:
    """Return whether the environment forbids (False) or forces (True) colors; None if it does neither."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return None


def is_dumb_terminal() -> bool:
    """Return whether the terminal cannot move its cursor."""
    return os.environ.get("TERM") in ("dumb", "unknown")


def disable_telemetry() -> None:
    """Disable the telemetry of speech recognition libraries, unless the user has set these variables.

    Call this before they are imported.  ONNX Runtime reports what it runs, Hugging Face Hub what requests a model.
    """
    for name in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")


def use_one_blas_thread() -> None:
    """Let numpy multiply small matrices in one thread, unless the user has set the variable.

    Call this before it is imported.  Its threads wait for each other in a loop, which takes longer than the work.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def make_environment(**changes: str) -> dict[str, str]:
    """Return the environment with *changes*, for a process that this one starts."""
    return {**os.environ, **changes}


def find_gist_model() -> str:
    """Return the folder or name of the model for searches by meaning; "" for the one that comes with the extra."""
    return os.environ.get("VIDINDEX_GIST_MODEL", "")


def find_hub_cache() -> Path:
    """Return the folder in which the tools of Hugging Face keep the models that they have downloaded."""
    from pathlib import Path

    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    return Path(home).expanduser() / "hub"


def are_ytdlp_plugins_disabled() -> bool:
    """Return whether the environment tells yt-dlp to load no plugins."""
    return bool(os.environ.get("YTDLP_NO_PLUGINS"))


def find_cluster_credentials(host: str, user: str = "") -> tuple[str, str] | None:
    """Return the user name and the password for the cluster at *host*, or None if there are none.

    The password is `VIDINDEX_OPENSEARCH_PASSWORD` if *user* is given, else the one in `$NETRC` or `~/.netrc`.
    Raises `IndexLocationError` if the netrc file cannot be read.
    """
    password = os.environ.get("VIDINDEX_OPENSEARCH_PASSWORD")
    if user and password:
        return user, password
    credentials = _read_netrc_credentials(host)
    return credentials if credentials and user in ("", credentials[0]) else None


def _read_netrc_credentials(host: str) -> tuple[str, str] | None:
    from netrc import NetrcParseError, netrc

    from .errors import IndexLocationError

    try:
        entry = netrc(os.environ.get("NETRC") or None).authenticators(host)
    except FileNotFoundError:
        return None
    except (NetrcParseError, OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "msg", None) or getattr(error, "strerror", None) or "it is not text"
        raise IndexLocationError(host, f"the netrc file cannot be read: {reason}") from None
    return (entry[0], entry[2] or "") if entry else None
