"""The models that turn texts into vectors."""

from __future__ import annotations

import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.engines.gist.onnx_models import write_model
from vidindex import Cue, GistModelError, GistNotInstalledError, make_transcript
from vidindex.engines.gist import model as model_module
from vidindex.engines.gist import word_vectors
from vidindex.engines.gist.model import find_model_folder, load_gist_model
from vidindex.engines.gist.static_table import StaticTable
from vidindex.transcripts.gist_windows import TranscriptWords, join_window, split_gist_windows

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")
np = pytest.importorskip("numpy")


def _refuse(*_: object) -> None:
    raise AssertionError("a connection was opened")


def test_the_default_model_is_in_the_wheel_and_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    model = load_gist_model()
    assert (model.id, model.dim, len(model.digest)) == ("wordllama-256", 256, 64)
    vectors = model.embed(["Sales increased.", "revenue went up", "My dog likes long walks.", "", "?!"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1).round(3).tolist() == [1, 1, 1, 0, 0]
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_case_and_punctuation_do_not_change_a_vector() -> None:
    one, other = load_gist_model().embed(["We sold “the House”.", "we sold the house"])
    assert one @ other > 0.999


def test_a_window_has_the_vector_of_its_text_without_sounds() -> None:
    transcript = make_transcript([Cue(0, 9_000, f"[applause] We sold “the House” {'and more ' * 20}")] * 3)
    said = TranscriptWords.from_transcript(transcript)
    windows = split_gist_windows(said)
    texts = [join_window(said.without_sounds(), window) for window in windows]
    assert said.sounds
    assert len(windows) > 1
    model = load_gist_model()
    assert model.embed_windows(said, windows).tolist() == model.embed(texts).tolist()


def test_words_have_the_same_tokens_together_as_alone() -> None:
    table = StaticTable.from_wheel()
    usual = ["tariffs", "über", "1,000", "日本", "\U0001f600", "x" * 50, "a\u0301b"] * 40
    for odd in ("", "<s>", "a<s>b", "\u2581", "a\u2581b", "two words", "\udcff"):
        words = [*usual, odd, *usual]
        assert table.tokenize(words) == [ids for word in words for ids in table.tokenize([word])]


@pytest.mark.parametrize("damaged", ["l2_supercat_256.safetensors", "l2_supercat_tokenizer_config.json"])
def test_a_damaged_file_of_the_default_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: str
) -> None:
    spec = find_spec("wordllama")
    assert spec is not None
    assert spec.submodule_search_locations
    installed, copy = Path(spec.submodule_search_locations[0]), tmp_path / "wordllama"
    for name in ("weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json"):
        (copy / name).parent.mkdir(parents=True)
        (copy / name).symlink_to(installed / name)
    (copy / "__init__.py").touch()
    (found,) = copy.rglob(damaged)
    found.unlink()
    found.write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "wordllama")
    with pytest.raises(GistModelError, match="install wordllama"):
        StaticTable.from_wheel()


@pytest.mark.parametrize("kind", ["static", "sentence"])
def test_text_that_is_no_unicode_has_a_vector(tmp_path: Path, kind: str) -> None:
    """Arguments of a command that are no UTF-8 become lone surrogates."""
    if kind == "sentence":
        pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    model = load_gist_model("" if kind == "static" else str(write_model(tmp_path / "tiny", WORDS)))
    assert model.embed(["tariffs \udcff wages"]).any()


def test_more_words_than_the_cache_holds_have_the_same_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_vectors, "_MAX_CACHED_WORDS", 200)
    model = load_gist_model()
    texts = [" ".join(f"x{number}y" for number in range(at, at + 50)) for at in range(0, 2_000, 50)]
    vectors = model.embed(texts)
    assert np.allclose(vectors[3], model.embed([texts[3]])[0], atol=1e-5)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GistModelError, match=r"no model\.onnx and no tokenizer\.json"):
        load_gist_model(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/such/folder", "no such folder"),
        ("./folder", "no such folder"),
        ("all-MiniLM-L6-v2", "`hf download sentence-transformers/all-MiniLM-L6-v2 --include"),
        ("intfloat/e5-small-v2", "`hf download intfloat/e5-small-v2 --include"),
        ("a name; with spaces", "give a folder, or a name"),
    ],
)
def test_an_unknown_model_is_refused_and_never_downloaded(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    with pytest.raises(GistModelError, match=message):
        load_gist_model(name)


WORDS = ["tariffs levies", "wages pay"]


def _write_to_hub_cache(cache: Path, name: str, *, revision: str = "0" * 39 + "1") -> Path:
    folder = cache / f"models--{name.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(revision)
    return write_model(folder / "snapshots" / revision, WORDS)


def test_a_sentence_model_from_a_folder_compares_meanings(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    model = load_gist_model(str(write_model(tmp_path / "tiny", WORDS)))
    assert (model.id, model.dim, len(model.digest)) == ("tiny", 2, 64)
    vectors = model.embed(["Tariffs!", "levies", "pay", "unknown", ""])
    assert (vectors @ vectors[0]).tolist() == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("owner/tiny", "owner/tiny"),
        ("tiny", "sentence-transformers/tiny"),
        ("sentence-transformers/tiny", "sentence-transformers/tiny"),
    ],
)
def test_a_name_finds_a_model_in_the_cache_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stored: str
) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    folder = _write_to_hub_cache(tmp_path / ".cache" / "huggingface" / "hub", stored)
    assert find_model_folder(name) == folder
    assert load_gist_model(name).id == name


@pytest.mark.parametrize(
    ("variable", "cache"), [("HF_HUB_CACHE", "x"), ("HF_HOME", "x/hub"), ("XDG_CACHE_HOME", "x/huggingface/hub")]
)
def test_the_variables_of_the_hub_say_where_its_cache_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, cache: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "x"))
    folder = _write_to_hub_cache(tmp_path / cache, "owner/tiny")
    assert find_model_folder("owner/tiny") == folder


def test_a_revision_that_leads_out_of_the_cache_is_not_followed(tmp_path: Path) -> None:
    cache = tmp_path / ".cache" / "huggingface" / "hub"
    _write_to_hub_cache(cache, "owner/tiny", revision="../../../../other")
    with pytest.raises(GistModelError, match="not on this machine"):
        find_model_folder("owner/tiny")


def test_a_name_finds_a_model_in_a_python_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_model(tmp_path / "site" / "my_tiny_model", WORDS)
    (folder / "__init__.py").write_text("raise AssertionError('the package was imported')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert find_model_folder("my-tiny-model") == folder


def test_a_broken_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(GistModelError, match="cannot be loaded"):
        load_gist_model(str(tmp_path))


def test_a_model_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    (tmp_path / "tokenizer.json").write_text("{}")
    with (tmp_path / "model.onnx").open("wb") as file:
        file.truncate(5 << 30)  # it takes no room
    with pytest.raises(GistModelError, match="larger than 2 GB"):
        load_gist_model(str(tmp_path))


def test_a_folder_without_a_tokenizer_is_not_taken_for_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.onnx").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GistModelError, match=r"has no tokenizer\.json"):
        load_gist_model("tiny")


@pytest.mark.parametrize("name", ["__main__", "sys", "-"])
def test_a_name_of_no_package_with_a_model_is_refused(name: str) -> None:
    with pytest.raises(GistModelError, match="not on this machine"):
        find_model_folder(name)


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "find_spec", lambda name: None if name == "wordllama" else object())
    with pytest.raises(GistNotInstalledError, match=r"pip install 'vidindex\[gist\]'"):
        load_gist_model()


def test_the_default_model_knows_english_well_and_words_that_it_reads_letter_by_letter_not_at_all() -> None:
    model = load_gist_model()
    english = ["what's surfing like in hawaii?", "EBITDA of 12.5 % at GE", "2020", ""]
    unknown = ["αγόρασε ένα ποδήλατο", "اشترى دراجة جديدة", "पहाड़ों पर बर्फ गिरी", "산에 눈이 내렸다", "自転車を買った"]
    assert [model.measure_known(text) for text in english] == [1.0] * len(english)
    assert [model.measure_known(text) for text in unknown] == [0.0] * len(unknown)
    assert 0 < model.measure_known("команда проиграла финал в последнюю минуту") < 0.9
    assert model.measure_known("die Schauspielerin fährt Fahrrad") > 0.8


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="the extra `gist-onnx` is not installed")
def test_a_sentence_model_does_not_know_what_its_tokenizer_has_no_words_for(tmp_path: Path) -> None:
    model: Any = load_gist_model(str(write_model(tmp_path / "tiny", ("sales wages", "d o g"))))
    assert [model.measure_known(text) for text in ("sales wages", "d o g", "собака", "12", "")] == [1, 0, 0, 1, 1]
    assert 0 < model.measure_known("sales собака") < 1


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="the extra `gist-onnx` is not installed")
@pytest.mark.parametrize(("letters", "known"), [(3_500, True), (500, False)])
def test_a_model_of_chinese_knows_it_letter_by_letter(tmp_path: Path, letters: int, *, known: bool) -> None:
    vocabulary = " ".join(map(chr, range(0x4E00, 0x4E00 + letters)))
    model: Any = load_gist_model(str(write_model(tmp_path / "tiny", (vocabulary,))))
    assert (model.measure_known("一 丁 七 万 丈") == 1) is known


_MEANINGS = ("query", "passage", "represent", "sales")


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="the extra `gist-onnx` is not installed")
@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("all-minilm-l6-v2", ["sales"], ["sales", "passage"]),
        ("multilingual_e5_small", ["query", "sales"], ["passage", "sales"]),
        ("bge-small-en-v1.5", ["represent"], ["sales"]),  # its first token is the vector
        ("bge-small-zh", ["sales"], ["sales", "passage"]),
    ],
)
def test_families_of_models_whose_files_do_not_state_what_they_need(
    tmp_path: Path, name: str, query: list[str], passage: list[str]
) -> None:
    model: Any = load_gist_model(str(write_model(tmp_path / name, _MEANINGS)))
    assert _find_meanings(model.read_query("sales").vector) == set(query)
    assert _find_meanings(model.embed(["sales passage"])[0]) == set(passage)


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="the extra `gist-onnx` is not installed")
def test_the_files_of_a_model_prevail_over_its_family(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "bge-small-en", _MEANINGS)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {"query": "passage "}}')
    model: Any = load_gist_model(str(folder))
    assert _find_meanings(model.read_query("sales").vector) == {"passage", "sales"}


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="the extra `gist-onnx` is not installed")
@pytest.mark.parametrize("name", ["tiny", "multilingual-e5-small"])
@pytest.mark.parametrize("returns_words", [True, False])
def test_each_word_of_a_query_is_compared_with_all_words_of_a_text(
    tmp_path: Path, name: str, returns_words: bool
) -> None:
    folder = write_model(tmp_path / name, ("query", "passage", "sales", "wages"), returns_words=returns_words)
    model: Any = load_gist_model(str(folder))
    texts = ["wages", "wages sales sales sales unknown", ""]
    found = model.compare(model.read_query("sales wages"), texts)
    assert found[:, 0] == pytest.approx(model.embed(texts) @ model.read_query("sales wages").vector, abs=1e-6)
    if returns_words:  # the words that the family wants before a text are not compared
        assert found[:2, 1].tolist() == [0.5, 1.0]
        assert found[2, 1] <= 0
    else:
        assert found[:, 1].tolist() == found[:, 0].tolist()


def _find_meanings(vector: Any) -> set[str]:
    return {_MEANINGS[at] for at in np.flatnonzero(vector > 0.1)}
