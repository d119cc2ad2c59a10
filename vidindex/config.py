"""Where things live and how large they may be; the environment is read here and nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_INDEX_PATH = "index"
STORE_FILE = "store.sqlite3"
"""In a folder, what makes it an index."""

LOCK_TIMEOUT_S = 60.0
"""How long a writer waits for another one before it gives up."""

FLUSH_AFTER_WORDS = 1_000_000
"""Words that may wait in the store before the engine takes them: one engine commit costs as much as many words."""

FLUSH_AFTER_S = 30.0
"""Seconds that words may wait in the store before the engine takes them, so that a long run is searchable."""


def resolve_index_path(given: str | os.PathLike[str] | None = None) -> Path | str:
    """Tell where the index is: *given*, else `VIDINDEX_INDEX`, else `./index`.

    It is a folder, or the address of a cluster, which is text.
    """
    from pathlib import Path  # costs 3 ms that `--help` need not pay

    place = os.fspath(given or os.environ.get("VIDINDEX_INDEX") or DEFAULT_INDEX_PATH)
    return place if "://" in place else Path(place)


def read_color_preference() -> bool | None:
    """Tell whether the environment forbids (False) or forces (True) colours; None where it says nothing."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return None


def disable_telemetry() -> None:
    """Keep libraries of speech recognition from reporting on their use to their makers, unless the user let them.

    They look at this when they are imported: ONNX Runtime sends what it runs, Hugging Face what asks for a model.
    """
    for name in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")


def find_cluster_credentials(host: str, user: str = "") -> tuple[str, str] | None:
    """Tell who to be on the cluster at *host*, and the password; None where nothing says so.

    It is `VIDINDEX_OPENSEARCH_PASSWORD` for *user*, else what `$NETRC` or `~/.netrc` holds for *host*.
    """
    password = os.environ.get("VIDINDEX_OPENSEARCH_PASSWORD")
    if user and password:
        return user, password
    found = _read_netrc_credentials(host)
    return found if found and user in ("", found[0]) else None


def _read_netrc_credentials(host: str) -> tuple[str, str] | None:
    from netrc import NetrcParseError, netrc

    from .errors import IndexLocationError

    try:
        found = netrc(os.environ.get("NETRC") or None).authenticators(host)
    except FileNotFoundError:
        return None
    except (NetrcParseError, OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "msg", None) or getattr(error, "strerror", None) or "it is no text"
        raise IndexLocationError(host, f"the netrc file cannot be read: {reason}") from None
    return (found[0], found[2] or "") if found else None
