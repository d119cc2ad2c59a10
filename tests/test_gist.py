"""Searches by meaning on an index: what is found, what never is, and what happens to the vectors."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest

import vidindex
from tests.conftest import Write
from tests.engines.gist.onnx_models import write_model
from tests.processes import HANG_S, start_process

pytest.importorskip("wordllama", reason="the extra `gist` is not installed")

HIRING = "We cannot afford to hire more people this year."
TARIFFS = "Sales to China were hurt by the new tariffs."
GUITAR = "He plays the guitar every single night."
QUESTION = "trade restrictions reduced our revenue in Asia"


@pytest.fixture(name="talks")
def _talks(index: vidindex.Index, write: Write) -> vidindex.Index:
    """Return an index with vectors of two talks."""
    hiring = write("hiring.en.vtt", HIRING, "The weather in Paris was lovely, they said.")
    index.add(hiring, write("tariffs.en.vtt", TARIFFS, "My dog likes long walks on the beach."), jobs=1)
    index.rebuild(gist=True, jobs=1)
    return index


def skip_cluster(index: vidindex.Index) -> None:
    """Skip what concerns the files of a folder; `tests/opensearch` has tests of what a cluster does instead."""
    if not isinstance(index.path, Path):
        pytest.skip("a cluster keeps its own files")


def found(index: vidindex.Index, words: str, **options: object) -> list[tuple[str, str]]:
    hits = index.search(words, options=vidindex.SearchOptions(gist=True, **options))  # type: ignore[arg-type]
    return [(hit.match, hit.text) for hit in hits]


def test_a_sentence_is_found_by_other_words(talks: vidindex.Index) -> None:
    hit = talks.search(QUESTION, gist=True)[0]
    assert (hit.match, hit.video.id, hit.text, hit.start_ms) == ("gist", "file:tariffs", TARIFFS, 0)
    assert 0 < hit.score < 1
    assert talks.search(QUESTION) == []


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            ["Ο σκύλος μου αγαπά τους μεγάλους περιπάτους.", "Ο καιρός ήταν πολύ ωραίος."],
            "αγόρασε ένα καινούργιο ποδήλατο",
        ),
        (["كلبي يحب المشي الطويل على الشاطئ.", "كان الطقس جميلا جدا في باريس."], "اشترى دراجة جديدة"),
        (["私の犬は海辺を長く歩くのが好きです。", "パリの天気はとても良かった。"], "彼は新しい自転車を買った"),
    ],
)
def test_sentences_of_a_script_that_the_model_does_not_know_are_not_taken_for_each_other(
    index: vidindex.Index, write: Write, said: list[str], asked: str
) -> None:
    index.add(write("talk.vtt", *said), jobs=1)
    index.rebuild(gist=True, jobs=1)
    assert index.search_gist(asked) == []


@pytest.mark.parametrize("words", ["why is it", "what", "of and to in"])
def test_function_words_alone_are_about_nothing(talks: vidindex.Index, words: str) -> None:
    assert talks.search_gist(words) == []
    assert talks.search_gist(f"{words} restrictions on trade")


def test_what_is_added_later_is_found_and_what_is_removed_is_not(talks: vidindex.Index, write: Write) -> None:
    talks.add(write("music.en.vtt", GUITAR))
    assert found(talks, "he makes music each evening")[0] == ("gist", GUITAR)
    talks.remove("file:music")
    assert GUITAR not in dict(map(reversed, found(talks, "he makes music each evening")))  # type: ignore[arg-type]
    assert talks.find_damage() == []


def test_a_changed_transcript_replaces_its_vectors(talks: vidindex.Index, write: Write) -> None:
    talks.add(write("tariffs.en.vtt", GUITAR))
    assert found(talks, "he makes music each evening")[0] == ("gist", GUITAR)
    assert not any(text == TARIFFS for _, text in found(talks, QUESTION))
    assert talks.find_damage() == []


def test_a_reader_between_the_commits_of_the_words_and_of_the_vectors_finds_what_both_have(
    talks: vidindex.Index, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are committed first: a reader may have them without the vectors, and must not fail, nor keep that."""
    skip_cluster(talks)
    engine = talks._engine_handle.current()
    assert engine is not None
    replace_words = type(engine).replace_tracks
    seen: list[tuple[set[str], list[str], tuple[int, ...] | None]] = []

    def look() -> tuple[set[str], list[str], tuple[int, ...] | None]:
        others = {text for words in (QUESTION, "he makes music each evening") for _, text in found(reader, words)}
        return others, [hit.text for hit in reader.search("every single night")], reader.change_stamp()

    def replace_tracks(self: object, *args: object) -> None:
        seen.append(look())
        replace_words(self, *args)  # type: ignore[arg-type]
        seen.append(look())

    with vidindex.open(talks.path, create=False) as reader:
        before = look()
        monkeypatch.setattr(type(engine), "replace_tracks", replace_tracks)
        talks.add(write("music.en.vtt", GUITAR))
        after = look()
        assert [(GUITAR in others, words) for others, words, _ in (before, *seen, after)] == [
            (False, []), (False, []), (True, ["every single night."]), (True, ["every single night."])
        ]  # fmt: skip
        assert len({stamp for *_, stamp in (seen[0], seen[1], after)}) == 3  # nothing that was seen is kept
        del seen[:]
        talks.remove("file:tariffs")
        assert [TARIFFS in others for others, *_ in (*seen, look())] == [False, False, False]


@pytest.mark.parametrize("words", ["cannot afford to hire more people", "my dog like longer walks on beaches", "Paris"])
def test_hits_of_the_words_come_first_and_none_is_displaced(talks: vidindex.Index, words: str) -> None:
    said, both = talks.search(words), talks.search(words, gist=True)
    assert said
    assert both[: len(said)] == said
    assert {hit.match for hit in both[len(said) :]} <= {"gist"}
    moments = [(hit.video.id, hit.start_ms // 4000) for hit in both]
    assert len(moments) == len(set(moments))  # a moment is one hit


@pytest.mark.parametrize("method", ["search", "search_page", "search_videos"])
def test_the_words_are_searched_only_once_for_both_kinds_of_hits(
    talks: vidindex.Index, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = talks._engine_handle.current()
    assert engine is not None
    find_candidates = type(engine).find_candidates
    asked: list[tuple[object, int]] = []

    def record(self: object, query: object, *, limit: int, min_share: float = 0.0) -> object:
        asked.append((query, limit))
        return find_candidates(self, query, limit=limit, min_share=min_share)  # type: ignore[arg-type]

    monkeypatch.setattr(type(engine), "find_candidates", record)
    assert getattr(talks, method)("hire more people", options=vidindex.SearchOptions(gist=True))
    assert asked
    assert len(asked) == len(set(asked))


def test_only_hits_in_other_words_are_returned_if_they_are_asked_for(talks: vidindex.Index) -> None:
    assert {match for match, _ in found(talks, "hire more people", match="gist")} <= {"gist"}
    page = talks.search_page(QUESTION, options=vidindex.SearchOptions(match="gist"))
    assert (page.hits, page.total, page.gist[0].text) == ((), 0, TARIFFS)
    assert ("match", (("gist", len(page.gist)),)) in [(facet.name, facet.values) for facet in page.facets]


def test_hits_in_other_words_are_grouped_by_video(talks: vidindex.Index) -> None:
    page = talks.search_videos(QUESTION, gist=True)
    assert (page.total_videos, page.total) == (0, 0)
    assert page.gist[0].video.id == "file:tariffs"
    assert page.gist[0].hits[0].text == TARIFFS
    assert len({video.video.id for video in page.gist}) == len(page.gist)


FILTERS: list[tuple[dict[str, object], bool]] = [
    ({"lang": "en"}, True),
    ({"lang": "de"}, False),
    ({"videos": frozenset({"file:tariffs"})}, True),
    ({"videos": frozenset({"file:hiring"})}, False),
    ({"origin": "supplied"}, True),
    ({"origin": "manual"}, False),
    ({"site": "example.org"}, False),
    ({"speaker": "nobody"}, False),
    ({"after": "2001"}, False),
]


def test_filters_apply(talks: vidindex.Index) -> None:
    for filters, is_found in FILTERS:
        assert any(text == TARIFFS for _, text in found(talks, QUESTION, **filters)) == is_found, filters


def test_filters_in_the_query_apply_and_other_operators_find_nothing(talks: vidindex.Index) -> None:
    assert ("gist", TARIFFS) in found(talks, f"{QUESTION} lang:en")
    assert found(talks, f"{QUESTION} lang:de") == []
    assert found(talks, '"trade restrictions" AND revenue') == []
    assert found(talks, "lang:de") == []


def test_limit_and_offset_apply(talks: vidindex.Index) -> None:
    everything = found(talks, "what about the beach", limit=30)
    assert len(everything) > 1
    assert found(talks, "what about the beach", limit=1) == everything[:1]
    assert found(talks, "what about the beach", limit=1, offset=1) == everything[1:2]


def test_only_probable_hits_are_shown_to_who_did_not_ask_for_them(talks: vidindex.Index) -> None:
    query = "new import tariffs cost us revenue in China"
    assert [hit.score >= 0.3 for hit in talks.search_gist(query)][:2] == [True, False]
    assert [hit.text for hit in talks.suggest_gist(query)] == [TARIFFS]
    assert talks.search_gist("the price of oil went up")
    assert talks.suggest_gist("the price of oil went up") == []


def test_an_index_without_vectors_says_how_to_add_them(index: vidindex.Index, write: Write) -> None:
    index.add(write("tariffs.en.vtt", TARIFFS))
    assert index.gist_model == ""
    with pytest.raises(vidindex.NoVectorsError, match="vidindex rebuild --gist"):
        index.search_gist(QUESTION)
    assert index.suggest_gist(QUESTION) == []


def test_the_vectors_of_an_index_can_be_removed(talks: vidindex.Index, tmp_path: Path) -> None:
    assert (talks.stats().gist_model, talks.stats().vectors) == ("wordllama-256", 2)
    talks.rebuild(gist=False)
    assert (talks.stats().gist_model, talks.stats().vectors) == ("", 0)
    assert not list(tmp_path.rglob("gist-*"))
    assert talks.suggest_gist(QUESTION) == []


def test_a_rebuild_keeps_the_vectors(talks: vidindex.Index, tmp_path: Path) -> None:
    before = found(talks, QUESTION)
    talks.rebuild()
    assert found(talks, QUESTION) == before
    assert talks.find_damage() == []


def test_a_copy_has_the_vectors_and_is_complete_after_an_interruption(talks: vidindex.Index, tmp_path: Path) -> None:
    def interrupt(step: vidindex.Progress) -> None:
        if step.stage == "copied":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vidindex.migrate(talks.path, tmp_path / "copy", notify=interrupt)
    assert vidindex.migrate(talks.path, tmp_path / "copy").verified
    with vidindex.open(tmp_path / "copy") as copy:
        assert found(copy, QUESTION) == found(talks, QUESTION)
        assert copy.find_damage() == []


def test_a_restored_backup_has_the_vectors_unless_they_are_not_wanted(talks: vidindex.Index, tmp_path: Path) -> None:
    skip_cluster(talks)
    vidindex.backup(talks.path, tmp_path / "backup")
    vidindex.restore(tmp_path / "backup", tmp_path / "copy")
    vidindex.restore(tmp_path / "backup", tmp_path / "plain", gist=False)
    with vidindex.open(tmp_path / "copy") as copy, vidindex.open(tmp_path / "plain") as plain:
        assert found(copy, QUESTION) == found(talks, QUESTION)
        assert (copy.find_damage(), plain.find_damage(), plain.gist_model) == ([], [], "")


def test_vectors_of_another_model_are_refused(
    talks: vidindex.Index, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidindex.engines.gist import setting

    recorded = setting.parse_gist_setting(talks._store.get_setting("gist"))
    assert recorded is not None
    talks._store.register_gist(setting.GistSetting(recorded.folder, recorded.model, "0" * 64, recorded.dim).dump())
    with pytest.raises(vidindex.GistModelError, match="vidindex rebuild --gist"):
        talks.search_gist(QUESTION)
    with pytest.raises(vidindex.GistModelError, match="vidindex rebuild --gist"):
        talks.add(write("music.en.vtt", GUITAR))
    with pytest.raises(vidindex.GistModelError, match="vidindex rebuild --gist"):
        talks.rebuild()
    assert talks.suggest_gist(QUESTION) == []
    assert talks.search("hire more people")  # the words are found as before
    talks.rebuild(gist=True)
    assert ("gist", GUITAR) in found(talks, "he makes music each evening")


def test_a_model_from_a_folder_must_be_named_again_by_who_searches(talks: vidindex.Index) -> None:
    from vidindex.engines.gist.setting import GistSetting

    talks._store.register_gist(GistSetting("gist-1", "minilm", "0" * 64, 384).dump())
    with pytest.raises(vidindex.GistModelError, match="VIDINDEX_GIST_MODEL"):
        talks.search_gist(QUESTION)


@pytest.fixture(name="tiny")
def _tiny(tmp_path: Path) -> Path:
    """Return the folder of a sentence model that knows what bow-wows are."""
    pytest.importorskip("onnxruntime", reason="the extra `gist-onnx` is not installed")
    return write_model(tmp_path / "tiny", ["dog bowwow", "walks ambles", "sales tariffs", "weather lovely paris"])


def test_the_vectors_of_another_model_find_what_it_knows(talks: vidindex.Index, tiny: Path, write: Write) -> None:
    talks.add(write("music.en.vtt", *[f"{GUITAR} We talked about item {number}." for number in range(40)]))
    talks.rebuild(gist=str(tiny))
    assert (talks.stats().gist_model, talks.find_damage()) == ("tiny", [])
    assert found(talks, "bowwow ambles")[0] == ("gist", "My dog likes long walks on the beach.")
    talks.add(write("rain.en.vtt", "Nothing but rain in Paris all week."))
    assert ("gist", "Nothing but rain in Paris all week.") in found(talks, "lovely weather")


def test_another_process_finds_the_model_by_the_variable_or_by_its_name(
    talks: vidindex.Index, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidindex.engines.gist import setting

    def found_by_another_process() -> bool:
        monkeypatch.setattr(setting, "_CHOSEN", {})
        setting.load_cached_model.cache_clear()
        with vidindex.open(talks.path) as index, suppress(vidindex.GistModelError):
            return bool(index.search_gist("my bowwow likes ambles"))
        return False

    talks.rebuild(gist=str(tiny))
    monkeypatch.chdir(tmp_path)  # an index never names a folder, and here is one of this name
    assert not found_by_another_process()
    monkeypatch.setenv("VIDINDEX_GIST_MODEL", str(tiny))
    assert found_by_another_process()
    monkeypatch.delenv("VIDINDEX_GIST_MODEL")
    monkeypatch.syspath_prepend(str(tmp_path))  # where the folder is a package
    assert found_by_another_process()


def test_a_setting_that_names_another_folder_is_refused(talks: vidindex.Index) -> None:
    from vidindex.engines.gist.setting import GistSetting

    for folder in ("../gist-1", "tantivy-1", "", "gist-1/..", "/etc"):
        talks._store.register_gist(GistSetting(folder, "wordllama-256", "0" * 64, 256).dump())
        with pytest.raises(vidindex.EngineError, match="as its folder"):
            talks.search_gist(QUESTION)
        assert any("as its folder" in line for line in talks.find_damage())


def test_damaged_and_missing_vectors_are_found_and_rebuilt(talks: vidindex.Index, tmp_path: Path) -> None:
    skip_cluster(talks)
    (rows,) = tmp_path.rglob("rows-*.i8")
    rows.write_bytes(rows.read_bytes()[:-1])
    assert any("files of the vectors are damaged" in line for line in talks.find_damage())
    assert talks.rebuild() == []
    assert talks.find_damage() == []


def test_tracks_without_vectors_are_found(talks: vidindex.Index, write: Write) -> None:
    setting = talks._store.get_setting("gist")
    talks._store.register_gist("")  # as a version that knows no vectors
    talks.add(write("music.en.vtt", GUITAR))
    talks._store.register_gist(setting)
    assert talks.find_damage() == ["1 tracks have no vectors: run `vidindex rebuild`"]


def test_a_search_by_words_does_not_import_numpy(talks: vidindex.Index) -> None:
    code = (
        "import sys, vidindex\n"
        f"with vidindex.open({str(talks.path)!r}) as index:\n"
        "    assert index.search('hire more people')\n"
        "    assert not {'numpy', 'tokenizers', 'wordllama'} & sys.modules.keys()\n"
    )
    process = start_process([sys.executable, "-c", code])
    assert (process.communicate(timeout=HANG_S)[1], process.returncode) == ("", 0)


@pytest.mark.parametrize("claim", [{}, {"video": "file:music"}], ids=["index", "video"])
def test_a_quote_that_is_not_found_gets_a_hint_but_no_other_verdict(
    talks: vidindex.Index, write: Write, claim: dict[str, str]
) -> None:
    talks.add(write("music.en.vtt", GUITAR))
    (with_hint,) = talks.verify([{"quote": "he makes guitar music each evening", **claim}])
    assert (with_hint.verdict, with_hint.hit, with_hint.score) == ("not_found", None, 0.0)
    assert any(note.startswith("Something like it may have been said at 0:00") for note in with_hint.notes)
    (said,) = talks.verify([{"quote": "He plays the guitar every single night", **claim}])
    assert said.verdict == "verbatim"
    assert not any("Something like it" in note for note in said.notes)


def test_no_hint_names_a_video_outside_the_claim(talks: vidindex.Index, write: Write) -> None:
    talks.add(write("music.en.vtt", GUITAR))
    (verdict,) = talks.verify([{"quote": "he makes guitar music each evening", "video": "file:hiring"}])
    assert not any("music" in note for note in verdict.notes)
