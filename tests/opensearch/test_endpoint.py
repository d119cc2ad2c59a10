"""Addresses of clusters, and who we are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidindex.config import find_cluster_credentials
from vidindex.errors import IndexLocationError
from vidindex.store.opensearch.endpoint import ClusterEndpoint, is_cluster_address, parse_endpoint


def test_an_address_names_user_hosts_and_index() -> None:
    found = parse_endpoint("opensearch+https://anna@one.example:9201,two.example/clips")
    assert found == ClusterEndpoint("clips", (("one.example", 9201), ("two.example", 9200)), user="anna")
    assert str(found) == "opensearch+https://anna@one.example:9201,two.example:9200/clips"


def test_options_say_whom_to_trust_and_how_the_index_is_cut() -> None:
    found = parse_endpoint("opensearch+https://host/clips?ca=/etc/our.pem&shards=6&replicas=2")
    assert (found.ca_file, found.shards, found.replicas) == ("/etc/our.pem", 6, 2)
    assert parse_endpoint("opensearch+http://host/clips").replicas is None


def test_hosts_may_be_numbers() -> None:
    found = parse_endpoint("opensearch+http://127.0.0.1:9200,[::1]:9201/clips")
    assert found.hosts == (("127.0.0.1", 9200), ("::1", 9201))
    assert parse_endpoint(str(found)) == found


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://host/clips", "starts with opensearch"),
        ("opensearch+https://host", "name of the index"),
        ("opensearch+https://host/Clips", "lower-case"),
        ("opensearch+https://host/_all", "name of the index"),
        ("opensearch+https://host/a,b", "name of the index"),
        ("opensearch+https:///clips", "no host"),
        ("opensearch+https://host:99999/clips", "no port"),
        ("opensearch+https://host/clips?shards=0", "number of shards"),
        ("opensearch+https://host/clips?replicas=x", "number of shards or replicas"),
        ("opensearch+https://host/clips?verify=no", "no option 'verify'"),
        ("opensearch+https://[::1/clips", "cannot use"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(address: str, reason: str) -> None:
    with pytest.raises(IndexLocationError, match=reason):
        parse_endpoint(address)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(IndexLocationError, match="VIDINDEX_OPENSEARCH_PASSWORD") as refused:
        parse_endpoint("opensearch+https://anna:s3cret@host/clips")
    assert "s3cret" not in repr(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_folder_is_no_address() -> None:
    assert is_cluster_address("opensearch+https://host/clips")
    assert not is_cluster_address("./index")
    assert not is_cluster_address("https://host/clips")


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDINDEX_OPENSEARCH_PASSWORD", "s3cret")
    assert find_cluster_credentials("host", "anna") == ("anna", "s3cret")
    assert find_cluster_credentials("host") is None


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A netrc file that is not in the home folder."""
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
