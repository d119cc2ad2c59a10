"""Connect to the cluster: credentials, time limits, retries, and the translation of its errors."""

from __future__ import annotations

import gzip
import json
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from opensearchpy import JSONSerializer, OpenSearch, Transport, Urllib3HttpConnection
from opensearchpy.exceptions import (
    AuthenticationException,
    ConflictError,
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    RequestError,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as NoConnectionError

from ...config import find_cluster_credentials
from ...errors import EngineError, IndexLocationError
from ...net.bounded_json import load_bounded_json
from ...net.retry import call_with_retries, growing_pauses_s
from .endpoint import ClusterEndpoint
from .stored_source import READ_ERRORS, describe_read_error

CLUSTER_TIMEOUT_S = 60
"""Time limit of one request."""

MAX_RETRY_S = 60.0
"""How long a request is retried while nodes are unreachable or overloaded."""

MAX_FIRST_RETRY_S = 5.0
"""How long the first request is retried: there may be no cluster at this address."""

BUSY_STATUSES = (429, 502, 503, 504)
"""Status codes of a temporary overload."""

MAX_RESPONSE_BYTES = 64_000_000
"""Longer responses are refused: a caption file, the largest value, takes 22 MB at most."""

_MAX_ERROR_BYTES = 1_000_000
_READ_BYTES = 1 << 16
_GZIP_LEVEL = 1
"""The default of the client, 9, takes five times as long, and its result is a sixth smaller."""

_BLOCK_EXCEPTION = "cluster_block_exception"
_NO_INDEX = "index_not_found_exception"
_MAX_REASON_CHARS = 300
_NO_TLS = "WRONG_VERSION_NUMBER"
_NO_CLUSTER = "it does not answer like an OpenSearch cluster"
_CHECK_ADDRESS = "check host and port: another server may be there, or a proxy that changes responses"
_UNKNOWN_REQUEST = re.compile(r"no handler found for|Incorrect HTTP method for")
_LOST_NODE = re.compile(r"node_(?:disconnected|not_connected)_exception")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

JsonObject = dict[str, Any]

T = TypeVar("T")

logging.getLogger("opensearch").addHandler(logging.NullHandler())  # it logs each retry as a warning with a traceback


def create_client(endpoint: ClusterEndpoint) -> OpenSearch:
    """Create a client of all hosts of *endpoint*, without sending a request.

    Raises `IndexLocationError` if the CA file cannot be read.
    """
    login = find_cluster_credentials(endpoint.hosts[0][0], endpoint.user)
    options: dict[str, Any] = {"http_auth": login} if login else {}
    if endpoint.tls:
        options |= {"use_ssl": True, "ssl_context": _load_ssl_context(endpoint)}
    return OpenSearch(
        hosts=[{"host": host, "port": port} for host, port in endpoint.hosts],
        timeout=CLUSTER_TIMEOUT_S,
        http_compress=True,
        connection_class=_CompressingConnection,
        transport_class=_ObjectTransport,
        serializer=_BoundedSerializer(),
        max_retries=max(3, len(endpoint.hosts)),
        retry_on_timeout=True,
        **options,
    )


class _ObjectTransport(Transport):
    """A transport that accepts only JSON objects as responses, as a cluster sends them; other servers send anything."""

    def perform_request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        try:
            answer = super().perform_request(method, url, *args, **options)
        except SerializationError as error:
            raise SerializationError(f"the response to {method} {url} is not valid ({error.args[0]})") from error
        except (AttributeError, RecursionError) as error:  # an error that is not an object, or nested too deeply
            raise SerializationError(f"the error in the response to {method} {url} is not an object") from error
        except NoConnectionError as error:
            if isinstance(error.info, ValueError):  # it is too long, or not in UTF-8
                raise SerializationError(f"the response to {method} {url} is not valid ({error.info})") from error
            raise
        if method != "HEAD" and not isinstance(answer, dict):
            raise SerializationError(f"the response to {method} {url} is not an object")
        return answer


class _BoundedSerializer(JSONSerializer):
    """Parses responses in bounded memory."""

    def loads(self, s: str) -> Any:
        try:
            return load_bounded_json(s)
        except ValueError as error:
            raise SerializationError(str(error)) from error


class _CompressingConnection(Urllib3HttpConnection):
    """A connection that compresses bodies to a third or less, at the level that costs least, and bounds responses."""

    def _gzip_compress(self, body: bytes) -> bytes:
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)

    def _create_urllib3_pool(self) -> None:
        super()._create_urllib3_pool()
        self.pool: Any = _BoundedPool(self.pool)


class _BoundedPool:
    """The connections of *pool*; a response that is longer than `MAX_RESPONSE_BYTES` raises `ValueError`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.close = pool.close

    def urlopen(self, *args: Any, **options: Any) -> _BoundedResponse:
        with self._pool.urlopen(*args, preload_content=False, **options) as response:
            limit = MAX_RESPONSE_BYTES if response.status < 300 else _MAX_ERROR_BYTES
            return _BoundedResponse(response.status, response.headers, _read_bounded(response, limit))


class _BoundedResponse(NamedTuple):
    """A response, whose bytes are *data*."""

    status: int
    headers: Any
    data: bytes


def _read_bounded(response: Any, limit: int) -> bytes:
    """Return the content of *response*.  Raises `ValueError` if it has more than *limit* bytes."""
    parts, size = [], 0
    for part in response.stream(_READ_BYTES, decode_content=True):  # the default leaves long ones compressed
        parts.append(part)
        size += len(part)
        if size > limit:
            response.close()
            raise ValueError(f"it is longer than {limit:,} bytes")
    return b"".join(parts)


def _load_ssl_context(endpoint: ClusterEndpoint) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=endpoint.ca_file or None)
    except OSError as error:
        reason = f"cannot read the CA file {Path(endpoint.ca_file)}: {error.strerror or error}"
        raise IndexLocationError(str(endpoint), reason) from error


def to_json(value: JsonObject) -> str:
    """Return *value* as JSON that can be encoded as UTF-8."""
    return replace_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which captions and file names may contain."""
    return _SURROGATES.sub("\ufffd", text)


def create_index(client: OpenSearch, index: str, body: JsonObject) -> None:
    """Create *index*, unless it exists, also if another machine creates it at the same time.

    Raises `EngineError` if it exists with other fields, and the errors of the client.
    """
    try:
        with_retries(lambda: client.indices.create(index=index, body=body)["acknowledged"])
    except RequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
        if not _has_fields(client, index, body["mappings"]["properties"]):
            reason = f"the index {index} exists, with other fields: another program made it"
            raise EngineError("opensearch", reason, hint="use another name, or delete that index") from error


def _has_fields(client: OpenSearch, index: str, fields: JsonObject) -> bool:
    (found,) = with_retries(
        lambda: [each["mappings"].get("properties", {}) for each in client.indices.get(index=index).values()]
    )
    return all(found.get(name, {}).get("type") == field.get("type") for name, field in fields.items())


def replica_settings(endpoint: ClusterEndpoint) -> JsonObject:
    """Return the index settings for the number of replicas."""
    if endpoint.replicas is None:
        return {"auto_expand_replicas": "0-1"}
    return {"number_of_replicas": endpoint.replicas}


def with_retries(ask: Callable[[], T], *, seconds: float = MAX_RETRY_S, away_s: float = MAX_RETRY_S) -> T:
    """Call *ask*, retrying with backoff: up to *seconds* while overloaded, *away_s* while unreachable.

    *ask* also reads what is needed of the response: one without it, which is not that of a cluster, is an error of the
    client.
    """
    began = time.monotonic()

    def ask_and_read() -> T:
        try:
            return ask()
        except READ_ERRORS as error:
            raise SerializationError(f"a response is not as expected, {describe_read_error(error)}") from error

    def should_retry(error: Exception, pause_s: float) -> bool:
        limit_s = away_s if isinstance(error, NoConnectionError) else seconds
        is_temporary = isinstance(error, TransportError) and is_transient(error)
        return is_temporary and time.monotonic() + pause_s <= began + limit_s

    # Jitter, so that many machines do not come back at once.
    return call_with_retries(
        ask_and_read, pauses_s=growing_pauses_s(0.1, max_s=5.0, jitter=0.5), should_retry=should_retry
    )


def check_count(items: list[JsonObject], count: int) -> list[JsonObject]:
    """Return the *items* of a response.  Raises `ValueError` unless there are *count* of them."""
    if len(items) != count:
        raise ValueError(f"there are {len(items)} items, and not {count}")
    return items


def check_items(items: list[JsonObject], count: int) -> list[JsonObject]:
    """Return the *items* of a response, of which there must be *count*.

    Raises the error of one, which the client does only for a whole response, and `ValueError`.
    """
    for item in check_count(items, count):
        if error := item.get("error"):
            kind = error["type"]
            raise NotFoundError(404, kind, error) if kind == _NO_INDEX else TransportError(503, kind, error)
    return items


def is_transient(error: TransportError) -> bool:
    """Return whether the same request may succeed later."""
    if isinstance(error, NoConnectionError):
        return not isinstance(error, SSLError)
    if _has_lost_node(error):
        return True
    return error.status_code in BUSY_STATUSES and not is_read_only(error.status_code, error.error)


def _has_lost_node(error: TransportError) -> bool:
    """Check whether a node left the cluster while it worked on the request; the others have copies of its shards."""
    return error.status_code == 500 and bool(_LOST_NODE.search(f"{error.error} {error.info}"))


def is_read_only(status: object, kind: str) -> bool:
    """Return whether the error means that an index is read-only.

    The status is 429 if a disk is full.  A cluster without a leader reports the same kind with status 503; that block
    ends with the election of a new leader.
    """
    return kind == _BLOCK_EXCEPTION and status != 503


@contextmanager
def translate_errors(endpoint: ClusterEndpoint, *, hint: str = "") -> Iterator[None]:
    """Raise the errors of the client as `EngineError`, with *hint* if the error itself suggests no next step."""
    try:
        yield
    except OpenSearchException as error:
        reason, next_step = _explain_error(error, endpoint)
        raise EngineError("opensearch", f"{endpoint}: {reason}", hint=next_step or hint) from error


def _explain_error(error: OpenSearchException, endpoint: ClusterEndpoint) -> tuple[str, str]:
    """Return the reason and the next step."""
    match error:
        case AuthenticationException():
            reason = f"user {endpoint.user!r} or the password is wrong" if endpoint.user else "a user is required"
            return reason, (
                "write user@host in the address, and store the password in VIDINDEX_OPENSEARCH_PASSWORD or ~/.netrc"
            )
        case NoConnectionError():
            return _explain_connection_error(error)
        case SerializationError():
            return f"{_NO_CLUSTER}: {str(error.args[0])[:_MAX_REASON_CHARS]}", _CHECK_ADDRESS
        case NotFoundError() if error.error == _NO_INDEX or not error.error:
            return "the index does not exist", ""
        case ConflictError():
            return "other machines kept changing the same document", "run it again"
        case TransportError() if is_read_only(error.status_code, error.error):
            return explain_read_only()
        case TransportError() if error.status_code == 403:
            return (
                f"user {endpoint.user!r} does not have permission ({error.error})",
                "grant the permissions listed in docs/scale.md",
            )
        case TransportError() if error.status_code in BUSY_STATUSES:
            return f"it is overloaded ({error.error})", "run it again later, or on fewer machines at once"
        case _:
            return _explain_other_error(error)


def _explain_connection_error(error: NoConnectionError) -> tuple[str, str]:
    cause = _find_root_cause(error)
    match error:
        case SSLError() if _NO_TLS in cause:
            return "it does not speak TLS", "write opensearch+http:// in the address, or the port that requires https"
        case SSLError():
            return f"its certificate is not trusted ({cause})", "name its CA file with ?ca=FILE"
        case ConnectionTimeout():
            return f"no response within {CLUSTER_TIMEOUT_S} s", "check the load of the nodes and run it again"
        case _:
            return f"cannot connect ({cause})", "check host, port and whether it requires https"


def _explain_other_error(error: OpenSearchException) -> tuple[str, str]:
    """Return the reason and the next step for a rare error, which may be that of another server."""
    match error:
        case TransportError() if error.status_code == 413:
            return "it refuses large requests", "let it, and any proxy before it, accept requests of 5 MB"
        case TransportError() if not (isinstance(error.info, dict) and error.info.get("error")):
            return f"{_NO_CLUSTER if error.error else 'it failed'} (status {error.status_code})", _CHECK_ADDRESS
        case RequestError() if error.error == "invalid_index_name_exception":
            return f"its indices cannot have these names ({error})", "use another name"
        case TransportError() if _UNKNOWN_REQUEST.search(str(error.error)):
            return f"it does not know a request ({error.error})", "use OpenSearch 2.4 or newer"
        case _ if "maximum shards open" in str(error):
            return "it has reached its limit of shards", "delete unused indices, or raise cluster.max_shards_per_node"
        case _:
            return str(error), ""


def explain_read_only() -> tuple[str, str]:
    """Return the reason and the next step if an index is read-only."""
    return (
        "the index is read-only: a disk is nearly full, or writes were blocked by an administrator",
        "free space on its nodes or remove the index.blocks.* settings, and run it again; nothing is lost",
    )


def _find_root_cause(error: TransportError) -> str:
    """Return the shortest description of why there is no connection."""
    cause: BaseException | None = error.info if isinstance(error.info, BaseException) else error
    while cause is not None and not isinstance(cause, OSError):
        reason = getattr(cause, "reason", None)
        cause = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return (cause.strerror or str(cause)) if isinstance(cause, OSError) else str(error.error)
