"""What the engine lacks of what a store on a cluster holds, while any number of machines give it to the engine.

Each video's document says of each track what the engine knows of it, and who gives it now (the *holder*, until a time).
To hold is a write that asks that nobody changed the document since: of several machines one gets it, and says from
time to time, while passages are read, that it is still at it.  What changes meanwhile is marked as lacking again.
Afterwards the marks are settled: a track is `given` only if it was held all along; if somebody else held it meanwhile,
or the engine was made anew, it is given again, for of two writers of the engine nobody knows whose passages were seen
last.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ...errors import IndexBusyError
from ...model import Passage, passage_id
from ..sqlite.reader import batches
from .bulk import Write
from .client import Json
from .documents import Found
from .endpoint import Endpoint
from .indices import lost
from .reader import IN_ORDER, ClusterReader
from .records import Kept, VideoRecord, read_article, read_video, video_document
from .task_documents import name_of
from .track_ids import Numbers

HOLD_S = 300.0
"""How long tracks are left to whoever holds them and says nothing: its machine died."""

_RENEWALS = 5
"""How often in that time it says that it lives."""

_MAKER_S = 900.0
"""How long a machine that makes the engine anew may be silent; it says every minute that it is at it."""

_BEAT_S = 60.0
_SOME = 1000


class Feeding(ClusterReader):
    """A store on a cluster whose tracks are given to an engine."""

    def __init__(self, endpoint: Endpoint, *, create: bool = True) -> None:
        super().__init__(endpoint, create=create)
        self._guard = threading.Lock()
        self._held: dict[int, tuple[str, int]] = {}
        """Who holds a track, in which turn of the engine."""
        self._maker = ""
        self._beaten = 0.0
        self._numbers = Numbers(self._all.meta)

    def close(self) -> None:
        """Let go of connections."""
        self._numbers.close()
        super().close()

    # What is lacking

    def has_pending(self) -> bool:
        """Tell whether the engine lacks anything, or should forget something."""
        self._tell_what_was_left()
        self._all.videos.refresh()
        waiting = {"term": {"pending": True}}
        return bool(self._all.videos.first(waiting, sort=IN_ORDER, limit=1, only=[]) or self._all.settings()["astray"])

    def pending(self, *, tracks: int, words: int) -> tuple[list[int], list[int]]:
        """Give some tracks that the engine may not hold as they are now, and what it should forget.

        At most *tracks* of them, and no more once they have *words* words together; none that another machine is just
        giving to it, and none at all while one makes it anew.
        """
        settings = self._all.settings()
        if settings["maker"] and settings["maker_until"] > time.time():
            return [], []
        self._all.videos.refresh()
        free = {"range": {"until": {"lt": time.time()}}}
        query = {"bool": {"filter": [{"term": {"pending": True}}, free]}}
        found = self._all.videos.first(query, sort=IN_ORDER, limit=tracks)
        records = [read_video(each.source) for each in found]
        sized = [(kept.number, kept.words) for record in records for kept in record.waiting][:tracks]
        dropped = [number for record in records for number, _ in record.dropped]
        self._bury(each for each, record in zip(found, records, strict=True) if record.removed and not record.dropped)
        return next(batches(sized, words), []), [*dropped, *settings["astray"]]

    def hold(self, tracks: Sequence[int]) -> list[int]:
        """Note that the engine is about to be given *tracks*: what changes of them from now on is given again.

        Gives those that nobody else gives it at this moment.
        """
        self._beat()
        token, turn = self._maker or uuid.uuid4().hex, self._all.settings()["turn"]
        self._all.videos.refresh()
        wanted, held, now = set(tracks), [], time.time()
        writes: dict[str, Write] = {}
        for each in self._found("numbers", tracks):
            record = read_video(each.source)
            if record.until < now or self._maker:
                mine = _held(record, wanted, token, now + HOLD_S)
                writes[each.id] = Write(each.id, video_document(mine), seen=each.seen)
                held += [kept.number for kept in record.tracks if kept.number in wanted]
        taken = set(self._all.videos.bulk(writes.values()))
        # One whose answer was lost was sent again, and conflicts with itself.
        taken -= {id_ for id_, now_ in self._all.videos.several(taken).items() if now_["holder"] == token}
        lost = {n for name in taken for n in writes[name].source["numbers"]}  # type: ignore[index] # none deletes
        if self._maker:
            for name in taken:
                self._all.videos.change(name, _on_video(lambda record: _held(record, wanted, token, now + HOLD_S)))
            return list(tracks)
        held = [number for number in held if number not in lost]
        with self._guard:
            self._held |= dict.fromkeys(held, (token, turn))
        return held

    def passages(self, tracks: Iterable[int]) -> Iterator[Passage]:
        """Cut the transcripts of *tracks* into overlapping passages, and keep what is held of them meanwhile."""
        tracks = list(tracks)
        renewed = time.monotonic()
        for passage in super().passages(tracks):
            if time.monotonic() - renewed > HOLD_S / _RENEWALS:
                self._keep(tracks)
                renewed = time.monotonic()
            yield passage

    def _keep(self, tracks: Sequence[int]) -> None:
        """Hold *tracks* for another while; what another machine took is its own."""
        self._beat()
        with self._guard:
            mine = {self._held[number][0] for number in tracks if number in self._held}
        if not mine:  # the engine is made anew: nobody else may feed one
            return
        self._all.videos.refresh()
        until = time.time() + HOLD_S
        found = [each for each in self._found("numbers", tracks) if each.source["holder"] in mine]
        self._settle_marks(found, lambda record: replace(record, until=until) if record.holder in mine else record)

    def mark_indexed(self, tracks: Sequence[int], dropped: Sequence[int]) -> None:
        """Record that the engine holds *tracks*, as they were when they were held, and has forgotten *dropped*."""
        with self._guard:
            held = {number: self._held.pop(number, ("", -1)) for number in tracks}
        turn = self._all.settings()["turn"]
        mine = {token for token, then in held.values() if then == turn}
        gone, given = set(dropped), set(tracks)
        self._all.videos.refresh()
        meant = [*tracks, *dropped]
        found = {each.id: each for field in ("numbers", "dropped_numbers") for each in self._found(field, meant)}
        records = [read_video(each.source) for each in found.values()]
        self._erase([pair for record in records for pair in record.dropped if pair[0] in gone])
        self._settle_marks(found.values(), lambda record: _given(record, given, mine, gone))
        there = {kept.number for record in records for kept in record.tracks}
        there |= {number for record in records for number, _ in record.dropped}
        self._go_astray(given - there, gone)

    def _settle_marks(self, found: Iterable[Found], edit: Callable[[VideoRecord], VideoRecord]) -> None:
        writes = (Write(each.id, video_document(edit(read_video(each.source))), seen=each.seen) for each in found)
        for name in self._all.videos.bulk(writes):
            self._all.videos.change(name, _on_video(edit))

    def _go_astray(self, tracks: set[int], forgotten: set[int]) -> None:
        """Note that the engine was given *tracks* that went meanwhile, and has *forgotten* some such."""

        def edit(settings: Json) -> Json:
            astray = sorted((set(settings["astray"]) - forgotten) | tracks)
            return {"astray": astray} if astray != settings["astray"] else {}

        if tracks or set(self._all.settings()["astray"]) & forgotten:
            self._all.set(edit)

    def _erase(self, dropped: Sequence[tuple[int, int]]) -> None:
        """Delete what is kept of tracks that the engine has forgotten."""
        self._all.blocks.bulk(
            Write(str(passage_id(number, at)), action="delete") for number, count in dropped for at in range(count)
        )
        self._all.captions.bulk(Write(str(number), action="delete") for number, _ in dropped)

    def _bury(self, removed: Iterator[Found]) -> None:
        """Delete videos that were removed and of which nothing is left anywhere."""
        for each in removed:
            self._unlink(each.source["name"])
            self._all.videos.delete(each.id, seen=each.seen)

    def _unlink(self, name: str) -> None:
        raise NotImplementedError

    # Telling videos

    def _touch(self, name: str) -> None:
        """Have a video indexed again: what it can be filtered by has changed."""
        self._all.videos.change(name_of(name), _on_video(lambda record: record.marked("lacking")))

    def _tell(self, article: str) -> None:
        """Tell the videos of an article that it has changed."""
        found = self._all.articles.get(name_of(article))
        told = tuple(found.source["tell"]) if found else ()
        for name in told:
            self._touch(name)
        if found and found.source["removed"]:
            self._all.articles.delete(found.id, seen=found.seen)
        elif told:
            self._all.articles.change(name_of(article), lambda source: _told(source, told))

    def _tell_what_was_left(self) -> None:
        """Do what machines that died have left undone."""
        self._all.articles.refresh()
        query = {"bool": {"should": [{"term": {"untold": True}}, {"term": {"removed": True}}]}}
        for each in self._all.articles.first(query, sort=IN_ORDER, limit=_SOME):
            self._tell(read_article(each.source).article.url)
        for run in self._numbers.left():
            self._sweep(run)

    def _sweep(self, numbers: range) -> None:
        """Delete what was written with *numbers* by a machine that died before a video named it."""
        self._all.videos.refresh()
        fields = ("numbers", "dropped_numbers")
        named = {n for field in fields for each in self._found(field, numbers) for n in each.source[field]}
        unnamed = (str(number) for number in numbers if number not in named)
        left = self._all.captions.several(unnamed, only=["blocks"])
        self._erase([(int(number), source["blocks"]) for number, source in left.items()])
        self._numbers.forget({numbers.start})

    # Engines

    def found_engine(self, name: str, folder: str) -> None:
        """Record the engine of a new index, unless another process was first."""
        self._all.set(lambda settings: {} if settings["engine"] else {"engine": name, "engine_folder": folder})

    @contextmanager
    def remaking(self) -> Iterator[None]:
        """Have nobody else feed an engine meanwhile, on whatever machine.  Raises `IndexBusyError`."""
        token = uuid.uuid4().hex

        def begin(settings: Json) -> Json:
            if settings["maker"] not in ("", token) and settings["maker_until"] > time.time():
                raise IndexBusyError(str(self.endpoint), 0.0)
            return {"maker": token, "maker_until": time.time() + _MAKER_S, "turn": settings["turn"] + 1}

        self._all.set(begin)
        self._maker, self._beaten = token, time.monotonic()
        try:
            yield
        finally:
            self._maker = ""
            self._all.set(lambda settings: {"maker": ""} if settings["maker"] == token else {})

    def _beat(self) -> None:
        """Say from time to time that the engine is still made anew here."""
        if self._maker and time.monotonic() - self._beaten > _BEAT_S:
            self._all.set(self._still({"maker_until": time.time() + _MAKER_S}))
            self._beaten = time.monotonic()

    def _still(self, change: Json) -> Callable[[Json], Json]:
        """Make *change* of the settings while it is we who make the engine anew."""

        def edit(settings: Json) -> Json:
            if settings["maker"] != self._maker:
                raise lost(self.endpoint)
            return change

        return edit

    def adopt_engine(self, name: str, folder: str) -> None:
        """Record that the engine *name* in *folder* holds every track that was held for it."""
        settings = self._all.settings()
        left = [*settings["left"], [settings["engine_folder"], time.time()]] if settings["engine_folder"] else []
        self._all.set(self._still({"engine": name, "engine_folder": folder, "left": left}))
        query = {"bool": {"filter": [{"term": {"holder": self._maker}}]}}
        self._all.videos.refresh()
        maker = {self._maker}
        some: list[Found] = []
        for each in self._all.videos.search(query, sort=IN_ORDER):
            some.append(each)
            if len(some) == _SOME:
                self._settle_marks(some, lambda record: _given(record, None, maker, set()))
                some = []
        self._settle_marks(some, lambda record: _given(record, None, maker, set()))

    def left_engines(self, *, after_s: float = 0.0) -> list[str]:
        """Name the folders of engines that are not in use since more than *after_s*."""
        return [folder for folder, since in self._all.settings()["left"] if time.time() - since > after_s]

    def forget_engine(self, folder: str) -> None:
        """Record that the engine in *folder* is deleted."""
        self._all.set(lambda settings: {"left": [pair for pair in settings["left"] if pair[0] != folder]})


def _on_video(edit: Callable[[VideoRecord], VideoRecord]) -> Callable[[Json | None], Json | None]:
    """Make of *edit* one of a document; it is left as it is where that changes nothing."""

    def edited(source: Json | None) -> Json | None:
        if source is None:
            return None
        before = read_video(source)
        after = edit(before)
        return video_document(after) if after != before else None

    return edited


def _held(record: VideoRecord, tracks: set[int], token: str, until: float) -> VideoRecord:
    return replace(record.marked("held", only=lambda kept: kept.number in tracks), holder=token, until=until)


def _given(record: VideoRecord, tracks: set[int] | None, mine: set[str], dropped: set[int]) -> VideoRecord:
    """Settle the marks of *tracks*, all where it is None, that one of *mine* held, and of *dropped* ones."""

    def is_meant(kept: Kept) -> bool:
        return tracks is None or kept.number in tracks

    if record.holder in mine:
        record = record.marked("given", only=lambda kept: is_meant(kept) and kept.state == "held")
        record = replace(record, holder="", until=0.0)
    else:
        record = record.marked("lacking", only=is_meant)
    return replace(record, dropped=tuple(pair for pair in record.dropped if pair[0] not in dropped))


def _told(source: Json | None, told: Sequence[str]) -> Json | None:
    if source is None:
        return None
    tell = [name for name in source["tell"] if name not in told]
    return source | {"tell": tell, "untold": bool(tell)}
