"""Cluster addresses and credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidindex.config import find_cluster_credentials
from vidindex.errors import IndexLocationError
from vidindex.store.location import parse_location
from vidindex.store.opensearch.endpoint import ClusterEndpoint, parse_endpoint


def test_an_address_names_user_hosts_and_index() -> None:
    endpoint = parse_endpoint("opensearch+https://anna@one.example:9201,two.example/clips")
    assert endpoint == ClusterEndpoint("clips", (("one.example", 9201), ("two.example", 9200)), user="anna")
    assert str(endpoint) == "opensearch+https://anna@one.example:9201,two.example:9200/clips"


def test_options_set_the_ca_file_and_the_shards() -> None:
    endpoint = parse_endpoint("opensearch+https://host/clips?ca=/etc/our.pem&shards=6&replicas=2")
    assert (endpoint.ca_file, endpoint.shards, endpoint.replicas) == ("/etc/our.pem", 6, 2)
    assert parse_endpoint("opensearch+http://host/clips").replicas is None


def test_hosts_may_be_ip_addresses() -> None:
    endpoint = parse_endpoint("opensearch+http://127.0.0.1:9200,[::1]:9201/clips")
    assert endpoint.hosts == (("127.0.0.1", 9200), ("::1", 9201))
    assert parse_endpoint(str(endpoint)) == endpoint


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://host/clips", "starts with opensearch"),
        ("opensearch+https://host", "name of the index"),
        ("opensearch+https://host/Clips", "lower-case"),
        ("opensearch+https://host/_all", "name of the index"),
        ("opensearch+https://host/a,b", "name of the index"),
        ("opensearch+https:///clips", "not a valid host"),
        ("opensearch+https://host:99999/clips", "not a valid host and port"),
        ("opensearch+https://host/clips?shards=0", "number of shards"),
        ("opensearch+https://host/clips?replicas=x", "number of shards or replicas"),
        ("opensearch+https://host/clips?verify=no", "unknown option 'verify'"),
        ("opensearch+https://[::1/clips", "cannot use"),
    ],
)
def test_an_invalid_address_is_an_error_with_the_reason(address: str, reason: str) -> None:
    with pytest.raises(IndexLocationError, match=reason):
        parse_endpoint(address)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(IndexLocationError, match="VIDINDEX_OPENSEARCH_PASSWORD") as refused:
        parse_endpoint("opensearch+https://anna:s3cret@host/clips")
    assert "s3cret" not in repr(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_location_without_a_scheme_is_a_folder() -> None:
    assert isinstance(parse_location("opensearch+https://host/clips"), ClusterEndpoint)
    assert parse_location("./index") == Path("index")
    with pytest.raises(IndexLocationError, match="starts with opensearch"):
        parse_location("https://host/clips")


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", "s3cret")
    assert find_cluster_credentials("host", "anna") == ("anna", "s3cret")
    assert find_cluster_credentials("host") is None


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A netrc file outside the home folder."""
    monkeypatch.delenv("VIDINDEX_OPENSEARCH_PASSWORD", raising=False)
    path = tmp_path / "logins"
    path.write_text("machine host login anna password s3cret\n")
    monkeypatch.setenv("NETRC", str(path))
    return path


def test_the_password_comes_from_a_netrc_file(netrc: Path) -> None:
    assert netrc.exists()
    assert find_cluster_credentials("host") == ("anna", "s3cret")
    assert find_cluster_credentials("host", "anna") == ("anna", "s3cret")
    assert find_cluster_credentials("host", "ben") is None
    assert find_cluster_credentials("elsewhere") is None


def test_a_broken_netrc_file_is_an_error_without_its_content(netrc: Path) -> None:
    netrc.write_text("machine host login anna secret s3cret\n")
    with pytest.raises(IndexLocationError, match="netrc") as refused:
        find_cluster_credentials("host")
    assert "s3cret" not in str(refused.value)


def test_without_a_netrc_file_there_is_no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_cluster_credentials("host", "anna") is None
