"""Content codings of a real server: each is decoded within the byte limit, or refused by name."""

from __future__ import annotations

import gzip
import itertools
import zlib
from dataclasses import replace
from email.message import Message
from typing import Any

import pytest

from tests.loopback import Answer
from tests.net.test_fetch import HTML, LIMITED, refused
from tests.processes import HANG_S
from vidindex.errors import ContentCodingError
from vidindex.net.content_coding import accepts_only_supported, decode_blocks, parse_content_codings
from vidindex.net.fetch import fetch_page

RAW_DEFLATE = zlib.compress(HTML)[2:-4]
ZEROS = bytes(50_000_000)


def headers_of(*values: str) -> Message:
    headers = Message()
    for value in values:
        headers["Content-Encoding"] = value
    return headers


def decode(body: bytes, *codings: str, block: int = 1000) -> bytes:
    position = itertools.count(0, block)

    def read_block(size: int) -> bytes:
        at = next(position)
        return body[at : at + block]

    read = decode_blocks(read_block, codings, lambda count: None)
    return b"".join(iter(lambda: read(1000), b""))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, identity", gzip.compress(HTML)),
        ("gzip, gzip", gzip.compress(gzip.compress(HTML))),
        ("deflate, gzip", gzip.compress(RAW_DEFLATE)),
        (" GZIP ,\tIdentity,", gzip.compress(HTML)),
        ("X-GZip", gzip.compress(HTML)),
        (", ,", HTML),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_spelling_of_a_supported_coding_is_decoded(site: Any, coding: str, body: bytes) -> None:
    assert fetch_page(site.put("/p", body, Content_Encoding=coding)).content == HTML


def test_two_header_lines_are_two_codings(site: Any) -> None:
    body = gzip.compress(gzip.compress(HTML))
    site.pages["/p"] = Answer(body, headers={"Content-Encoding": "gzip", "content-encoding": "gzip"})
    assert fetch_page(site.url("/p")).content == HTML


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "foo", "gzip, foo", "gzip, gzip, gzip", "gzip;q=1"])
def test_another_coding_is_refused_by_name(site: Any, coding: str) -> None:
    name = coding if coding.count("gzip") > 1 else coding.removeprefix("gzip, ")
    message = f"the server used the content coding '{name}', which vidindex does not support"
    assert message in str(refused(site.put("/p", gzip.compress(HTML), Content_Encoding=coding)))


def test_a_long_or_strange_name_of_a_coding_is_shortened_and_quoted() -> None:
    with pytest.raises(ContentCodingError) as caught:
        parse_content_codings(headers_of("\x1b[31m" + "x" * 10_000))
    assert caught.value.coding == "content coding " + repr("\x1b[31m" + "x" * 35)


def test_the_status_of_an_error_page_is_reported_whatever_its_coding(site: Any) -> None:
    site.pages["/p"] = Answer(b"nonsense", 404, {"Content-Encoding": "br"})
    assert refused(site.url("/p")).status == 404


def test_a_redirect_is_followed_whatever_the_coding_of_its_body(site: Any) -> None:
    site.put("/end", HTML)
    site.pages["/p"] = Answer(gzip.compress(ZEROS), 302, {"Content-Encoding": "br", "Location": "/end"})
    assert fetch_page(site.url("/p"), options=LIMITED).content == HTML


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_an_empty_body_has_no_coding(site: Any, coding: str) -> None:
    assert fetch_page(site.put("/p", b"", Content_Encoding=coding)).content == b""


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(ZEROS)),
        ("gzip, identity", gzip.compress(ZEROS)),
        ("gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
        ("deflate, gzip", gzip.compress(zlib.compress(ZEROS))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_layer_of_a_decompression_bomb_counts(site: Any, coding: str, body: bytes) -> None:
    assert "larger than" in str(refused(site.put("/p", body, Content_Encoding=coding)))


def test_data_between_two_layers_count(site: Any) -> None:
    empty_blocks = b"\0\0\0\xff\xff" * 1_000_000
    body = gzip.compress(empty_blocks + RAW_DEFLATE)
    assert "larger than" in str(refused(site.put("/p", body, Content_Encoding="deflate, gzip")))


def test_a_gzip_file_of_several_members_is_read_whole(site: Any) -> None:
    body = b"".join(gzip.compress(HTML[at : at + 7]) for at in range(0, len(HTML), 7))
    assert fetch_page(site.put("/p", body, Content_Encoding="gzip")).content == HTML


@pytest.mark.parametrize("junk", [b"\0" * 512, b"junk", b"\x1f"])
def test_data_after_the_end_are_ignored(site: Any, junk: bytes) -> None:
    assert fetch_page(site.put("/p", gzip.compress(HTML) + junk, Content_Encoding="gzip")).content == HTML
    assert fetch_page(site.put("/p", zlib.compress(HTML) + junk, Content_Encoding="deflate")).content == HTML


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_truncated_data_are_an_error(site: Any, coding: str) -> None:
    body = gzip.compress(HTML * 100) if coding == "gzip" else zlib.compress(HTML * 100)
    error = refused(site.put("/p", body[:-10], Content_Encoding=coding))
    assert "closed before the response was complete" in str(error)


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", gzip.compress(HTML)), ("deflate", zlib.compress(HTML)), ("deflate", RAW_DEFLATE)],
    ids=["gzip", "zlib", "deflate"],
)
def test_data_may_arrive_byte_by_byte(coding: str, body: bytes) -> None:
    assert decode(body, coding, block=1) == HTML


def test_many_members_without_content_are_refused() -> None:
    with pytest.raises(OSError, match="too many members"):
        decode(gzip.compress(b"") * 20_000, "gzip", block=1 << 16)


def test_an_unknown_transfer_coding_is_refused(site: Any) -> None:
    site.pages["/p"] = Answer(HTML, headers={"Transfer-Encoding": "gzip, chunked", "Content-Type": "text/html"})
    assert "the server used the transfer coding 'gzip, chunked'" in str(refused(site.url("/p")))


def test_a_body_longer_than_stated_ends_as_stated(site: Any) -> None:
    assert fetch_page(site.put("/p", HTML + b"x" * 1000, Content_Length=str(len(HTML)))).content == HTML


def test_only_supported_codings_may_be_requested() -> None:
    assert all(map(accepts_only_supported, ("gzip, deflate", "Identity", "gzip")))
    assert not any(map(accepts_only_supported, ("gzip, br", "*", "", "zstd", "gzip;q=0.5, br")))


def test_a_slow_server_of_compressed_data_is_abandoned(site: Any) -> None:
    site.pages["/p"] = Answer(
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html"},
        steps=(gzip.compress(HTML)[:10],),
        pause_s=2 * HANG_S,
    )
    assert "timed out" in str(refused(site.url("/p"), replace(LIMITED, total_s=0.5)))
