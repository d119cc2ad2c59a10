"""The models that turn texts into vectors."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from vidindex import GistModelError, GistNotInstalledError
from vidindex.engines.gist import model as model_module
from vidindex.engines.gist import word_vectors
from vidindex.engines.gist.model import load_gist_model

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")
np = pytest.importorskip("numpy")


def test_the_default_model_is_in_the_wheel_and_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    model = load_gist_model()
    assert (model.id, model.dim, len(model.digest)) == ("wordllama-256", 256, 64)
    vectors = model.embed(["Sales increased.", "revenue went up", "My dog likes long walks.", "", "?!"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1).round(3).tolist() == [1, 1, 1, 0, 0]
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_case_and_punctuation_do_not_change_a_vector() -> None:
    one, other = load_gist_model().embed(["We sold “the House”.", "we sold the house"])
    assert one @ other > 0.999


def test_more_words_than_the_cache_holds_have_the_same_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_vectors, "_MAX_CACHED_WORDS", 200)
    model = load_gist_model()
    texts = [" ".join(f"x{number}y" for number in range(at, at + 50)) for at in range(0, 2_000, 50)]
    vectors = model.embed(texts)
    assert np.allclose(vectors[3], model.embed([texts[3]])[0], atol=1e-5)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GistModelError, match=r"no model\.onnx and no tokenizer\.json"):
        load_gist_model(str(tmp_path))


@pytest.mark.parametrize("name", ["no/such/folder", "all-MiniLM-L6-v2"])
def test_an_unknown_model_is_refused_and_never_downloaded(name: str) -> None:
    with pytest.raises(GistModelError, match=r"model\.onnx"):
        load_gist_model(name)


def test_a_broken_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(GistModelError, match="cannot be loaded"):
        load_gist_model(str(tmp_path))


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "find_spec", lambda name: None if name == "wordllama" else object())
    with pytest.raises(GistNotInstalledError, match=r"pip install 'vidindex\[gist\]'"):
        load_gist_model()
