"""One door to the cluster: who we are, how long we wait, and what its errors mean."""

from __future__ import annotations

import json
import logging
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    ConflictError,
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    RequestError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as NoConnectionError

from ...config import find_cluster_credentials
from ...errors import EngineError, IndexLocationError
from .endpoint import ClusterEndpoint

CLUSTER_TIMEOUT_S = 60
"""How long one request may take."""

MAX_RETRY_S = 60.0
"""How long the same request is tried again while nodes are away or say that they have too much to do."""

MAX_FIRST_RETRY_S = 5.0
"""How long that is tried which is asked first: nobody may be there at all."""

BUSY_STATUSES = (429, 502, 503, 504)
"""What a cluster answers that will be able to do it later."""

_BLOCK_EXCEPTION = "cluster_block_exception"
_SURROGATES = re.compile(r"[\ud800-\udfff]")

JsonObject = dict[str, Any]

T = TypeVar("T")

logging.getLogger("opensearch").addHandler(logging.NullHandler())  # each retry is a warning with a traceback


def create_client(endpoint: ClusterEndpoint) -> OpenSearch:
    """Make a client of all hosts of *endpoint*; nothing is asked yet.

    Raises `IndexLocationError` where the file of authorities cannot be read.
    """
    login = find_cluster_credentials(endpoint.hosts[0][0], endpoint.user)
    options: dict[str, Any] = {"http_auth": login} if login else {}
    if endpoint.tls:
        options |= {"use_ssl": True, "ssl_context": _load_ssl_context(endpoint)}
    return OpenSearch(
        hosts=[{"host": host, "port": port} for host, port in endpoint.hosts],
        timeout=CLUSTER_TIMEOUT_S,
        max_retries=max(3, len(endpoint.hosts)),
        retry_on_timeout=True,
        **options,
    )


def _load_ssl_context(endpoint: ClusterEndpoint) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=endpoint.ca_file or None)
    except OSError as error:
        reason = f"the file of authorities {Path(endpoint.ca_file)} cannot be read: {error.strerror or error}"
        raise IndexLocationError(str(endpoint), reason) from error


def to_json(value: JsonObject) -> str:
    """Write *value* as JSON that UTF-8 can hold."""
    return replace_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def replace_surrogates(text: str) -> str:
    """Put a mark for half characters, which captions and file names may have."""
    return _SURROGATES.sub("\ufffd", text)


def create_index(client: OpenSearch, index: str, body: JsonObject) -> None:
    """Make *index*, unless it is there: another machine may have been faster."""
    try:
        with_retries(lambda: client.indices.create(index=index, body=body))
    except RequestError as error:
        if error.error != "resource_already_exists_exception":
            raise


def replica_settings(endpoint: ClusterEndpoint) -> JsonObject:
    """Say how often each shard is kept."""
    if endpoint.replicas is None:
        return {"auto_expand_replicas": "0-1"}
    return {"number_of_replicas": endpoint.replicas}


def with_retries(ask: Callable[[], T], *, seconds: float = MAX_RETRY_S, away_s: float = MAX_RETRY_S) -> T:
    """Give what *ask* gives, tried again with growing pauses for *seconds* while the cluster is busy, *away_s* away."""
    began, pause = time.monotonic(), 0.1
    while True:
        try:
            return ask()
        except TransportError as error:
            patience_s = away_s if isinstance(error, NoConnectionError) else seconds
            if not is_transient(error) or time.monotonic() + pause > began + patience_s:
                raise
        time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # so that many machines do not come back at once
        pause = min(2 * pause, 5.0)


def is_transient(error: TransportError) -> bool:
    """Tell whether the same request may be answered later."""
    if isinstance(error, NoConnectionError):
        return not isinstance(error, SSLError)
    return error.status_code in BUSY_STATUSES and not is_read_only(error.status_code, error.error)


def is_read_only(status: object, kind: str) -> bool:
    """Tell whether an index is blocked, with the status of being busy where that is for a full disk.

    A cluster without a leader is blocked too, but only until it has another: then it says 503.
    """
    return kind == _BLOCK_EXCEPTION and status != 503


@contextmanager
def translate_errors(endpoint: ClusterEndpoint, *, hint: str = "") -> Iterator[None]:
    """Turn what the client raises into `EngineError` that says what to do: *hint*, where nothing better is known."""
    try:
        yield
    except OpenSearchException as error:
        reason, better = _explain_error(error, endpoint)
        raise EngineError("opensearch", f"{endpoint}: {reason}", hint=better or hint) from error


def _explain_error(error: OpenSearchException, endpoint: ClusterEndpoint) -> tuple[str, str]:
    """Say what is wrong, and what to do about it."""
    match error:
        case AuthenticationException():
            reason = f"it knows no user {endpoint.user!r} with this password" if endpoint.user else "it wants a user"
            return reason, (
                "write user@host in the address and keep the password in VIDINDEX_OPENSEARCH_PASSWORD or ~/.netrc"
            )
        case SSLError():
            return f"its certificate is not trusted ({_find_root_cause(error)})", "name its authority with ?ca=FILE"
        case ConnectionTimeout():
            return f"it did not answer within {CLUSTER_TIMEOUT_S} s", "look at the load of its nodes and run it again"
        case NoConnectionError():
            return f"it cannot be reached ({_find_root_cause(error)})", "check host, port and whether it wants https"
        case NotFoundError():
            return "the index is gone", ""
        case ConflictError():
            return "others changed the same thing again and again", "run it again"
        case TransportError() if is_read_only(error.status_code, error.error):
            return explain_read_only()
        case TransportError() if error.status_code == 403:
            return (
                f"user {endpoint.user!r} may not do this ({error.error})",
                "give it the rights that docs/scale.md lists",
            )
        case TransportError() if error.status_code in BUSY_STATUSES:
            return (
                f"it has more to do than it can ({error.error})",
                "run it again later, or with fewer machines at once",
            )
        case _:
            return _explain_message(str(error))


def _explain_message(message: str) -> tuple[str, str]:
    """Say what is wrong where the cluster says it itself."""
    if "maximum shards open" not in message:
        return message, ""
    return "it has as many shards as it may", "delete indices that nobody needs, or raise cluster.max_shards_per_node"


def explain_read_only() -> tuple[str, str]:
    """Say what is wrong, and what to do, where nothing may be written."""
    return (
        "the index is read-only: a disk is nearly full, or somebody blocked it",
        "free space on its nodes or take index.blocks.* away, and run it again; nothing is lost",
    )


def _find_root_cause(error: TransportError) -> str:
    """Find the plainest words for why there was no connection."""
    cause: BaseException | None = error.info if isinstance(error.info, BaseException) else error
    while cause is not None and not isinstance(cause, OSError):
        reason = getattr(cause, "reason", None)
        cause = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return (cause.strerror or str(cause)) if isinstance(cause, OSError) else str(error.error)
