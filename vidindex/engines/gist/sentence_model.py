"""Sentence models in ONNX format, from a folder: better than static vectors, and a thousand times slower."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...config import disable_telemetry
from ...errors import GistModelError, GistNotInstalledError
from ...transcripts.gist_windows import GistWindow, TranscriptWords, join_window
from .base import MAX_TEXT_CHARS, ReadText, count_letters, rate_tokens, replace_surrogates

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MODEL_FILES = (
    "model.onnx", "onnx/model.onnx", "model_int8.onnx", "model_quantized.onnx", "onnx/model_int8.onnx",
    "onnx/model_quantized.onnx", "onnx/model_qint8_avx512_vnni.onnx",
)  # fmt: skip
"""Where the model may be, the first that exists."""

_MAX_TOKENS = 256
_TEXTS_PER_BATCH = 8  # more take longer each, and more memory
_MAX_CONFIG_BYTES = 1_000_000
_MAX_MODEL_BYTES = 1 << 31
"""The size that ONNX files cannot exceed; nothing is read of a larger one."""
_UNKNOWN_TOKENS = frozenset(("[UNK]", "<unk>"))
_MIN_CHINESE_TOKENS = 3_000
"""A vocabulary with as many Chinese tokens has one for each letter, and knows what it means; one of English has 500."""

_CHINESE_LETTER = 2.0  # what one counts in such a vocabulary: a word
_QUERY_PROMPTS = ("query", "search_query")
_PASSAGE_PROMPTS = ("passage", "document", "search_document")


@dataclass(frozen=True, slots=True)
class _Conventions:
    """How a model wants its texts, and which of its outputs is the vector of a text."""

    pooling: str = "mean"
    max_tokens: int = _MAX_TOKENS
    lower_case: bool = False
    query_prefix: str = ""
    passage_prefix: str = ""


_FAMILIES = {
    frozenset(("e5",)): _Conventions(query_prefix="query: ", passage_prefix="passage: "),
    frozenset(("bge", "en")): _Conventions(
        pooling="cls", query_prefix="Represent this sentence for searching relevant passages: "
    ),
}
"""The conventions of families of models, whose files state them only in part, by the parts of a name."""


class _Batch(NamedTuple):
    """Texts that a model has read: their places among all texts, the encodings with their mask, and the outputs."""

    places: list[int]
    encodings: Sequence[Any]
    mask: NDArray[Any]
    outputs: Sequence[Any]


class SentenceModel:
    """A sentence model that runs in ONNX Runtime on the CPU."""

    def __init__(self, session: Any, tokenizer: Any, conventions: _Conventions, *, name: str, digest: str) -> None:
        self.id = name
        self.digest = digest
        self._session = session
        self._tokenizer = tokenizer
        self._conventions = conventions
        self._inputs = [each.name for each in session.get_inputs()]
        self.dim = int(self.embed(["a"]).shape[1])

    @classmethod
    def from_folder(cls, folder: Path, *, name: str) -> SentenceModel:
        """Return the model in *folder*: an ONNX file, `tokenizer.json`, and the files that state its conventions.

        Raises `GistModelError` if the folder has no such model.
        """
        if find_spec("onnxruntime") is None:
            raise GistNotInstalledError("onnxruntime", "gist-onnx")
        model, tokenizer = find_model_files(folder)
        if model.stat().st_size > _MAX_MODEL_BYTES:
            raise GistModelError(str(folder), f"{model.name} is larger than 2 GB; give the folder of a smaller model")
        try:
            conventions = _read_conventions(folder, name)
            digest = _hash_files(model, tokenizer)
            return cls(
                _open_session(model),
                _open_tokenizer(tokenizer, conventions),
                conventions,
                name=name,
                digest=digest,
            )
        except GistModelError:
            raise
        except Exception as exc:  # ONNX Runtime and tokenizers raise many kinds
            reason = " ".join(str(exc).split())[:200]
            raise GistModelError(str(folder), f"it cannot be loaded ({reason}); download the model again") from exc

    def embed(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of *texts* as rows of float32, of unit length."""
        return self._embed(texts, self._conventions.passage_prefix)

    def embed_windows(self, said: TranscriptWords, windows: Sequence[GistWindow]) -> NDArray[Any]:
        """Return the vectors of *windows* of what is *said*, without sounds."""
        words = said.without_sounds()
        return self.embed([join_window(words, window) for window in windows])

    def measure_known(self, text: str) -> float:
        """Return how well the model knows the language of *text*, from 0 to 1."""
        text = self._prepare(text)
        [encoding] = self._tokenizer.encode_batch([text], add_special_tokens=False)
        known, total = 0.0, 0.0
        for latin in (True, False):
            parts = [
                (token, self._count_letters(part))
                for token, part in zip(encoding.tokens, (text[slice(*each)] for each in encoding.offsets), strict=True)
                if count_letters(part) and not any(map(str.isdigit, part)) and _is_latin(part) is latin
            ]
            letters = sum(count for _, count in parts)
            spelled = sum(count for token, count in parts if token not in _UNKNOWN_TOKENS)
            known += letters * rate_tokens(spelled, len(parts), latin=latin)
            total += letters
        return known / total if total else 1.0

    def _count_letters(self, text: str) -> float:
        is_chinese = any(map(_is_chinese, text)) and self._knows_chinese
        return count_letters(text, _CHINESE_LETTER) if is_chinese else count_letters(text)

    @cached_property
    def _knows_chinese(self) -> bool:
        found = sum(any(map(_is_chinese, token)) for token in self._tokenizer.get_vocab())
        return found >= _MIN_CHINESE_TOKENS

    def read_query(self, text: str) -> ReadText:
        """Return what the model has read of a query, which some models want marked as one."""
        prefix = self._conventions.query_prefix
        batch = next(self._read([text], prefix))
        words = _word_vectors(batch)
        vector = self._vectors(batch)[0]
        return ReadText(vector, vector[None, :0] if words is None else words[0, _is_word(batch, prefix)[0]])

    def compare(self, query: ReadText, texts: Sequence[str]) -> NDArray[Any]:
        """Return of each of *texts* the cosine with *query*, and how similar to its words those of the text are."""
        import numpy as np

        prefix = self._conventions.passage_prefix
        found = np.zeros((len(texts), 2), np.float32)
        for batch in self._read(texts, prefix):
            found[batch.places] = (self._vectors(batch) @ query.vector)[:, None]
            words = _word_vectors(batch)
            if words is not None and query.words.size:
                cosines = np.where(_is_word(batch, prefix)[:, :, None], words @ query.words.T, -1.0)
                found[batch.places, 1] = cosines.max(axis=1).mean(axis=1)
        return found

    def _embed(self, texts: Sequence[str], prefix: str) -> NDArray[Any]:
        import numpy as np

        vectors: NDArray[Any] | None = None
        for batch in self._read(texts, prefix):
            rows = self._vectors(batch)
            if vectors is None:
                vectors = np.zeros((len(texts), rows.shape[1]), np.float32)
            vectors[batch.places] = rows
        return np.zeros((0, self.dim), np.float32) if vectors is None else vectors

    def _read(self, texts: Sequence[str], prefix: str) -> Iterator[_Batch]:
        """Yield *texts* as the model has read them, those of similar lengths together."""
        prepared = [prefix + self._prepare(text) for text in texts]
        order = sorted(range(len(prepared)), key=lambda at: len(prepared[at]))
        for start in range(0, len(order), _TEXTS_PER_BATCH):
            places = order[start : start + _TEXTS_PER_BATCH]
            yield self._read_batch(places, [prepared[at] for at in places])

    def _prepare(self, text: str) -> str:
        text = replace_surrogates(text[:MAX_TEXT_CHARS])
        return text.lower() if self._conventions.lower_case else text

    def _read_batch(self, places: list[int], texts: Sequence[str]) -> _Batch:
        import numpy as np

        encodings = self._tokenizer.encode_batch(texts)
        mask = np.array([each.attention_mask for each in encodings], np.int64)
        values = {
            "input_ids": np.array([each.ids for each in encodings], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([each.type_ids for each in encodings], np.int64),
        }
        outputs = self._session.run(None, {name: values[name] for name in self._inputs if name in values})
        return _Batch(places, encodings, mask, outputs)

    def _vectors(self, batch: _Batch) -> NDArray[Any]:
        return _unit(_pool(batch.outputs, batch.mask, self._conventions.pooling))


def find_model_files(folder: Path) -> tuple[Path, Path]:
    """Return the ONNX file and the tokenizer in *folder*.  Raises `GistModelError` if it has none."""
    model = next((folder / name for name in _MODEL_FILES if (folder / name).is_file()), None)
    missing = [] if model else ["model.onnx"]
    tokenizer = folder / "tokenizer.json"
    if not tokenizer.is_file():
        missing.append("tokenizer.json")
    if model is None or missing:
        raise GistModelError(
            str(folder), f"the folder has no {' and no '.join(missing)}; give the folder of an ONNX sentence model"
        )
    return model, tokenizer


def _hash_files(*paths: Path) -> str:
    digest = sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _read_conventions(folder: Path, name: str) -> _Conventions:
    family = _find_family(name)
    pooling = _read_config(folder / "1_Pooling" / "config.json")
    limits = _read_config(folder / "sentence_bert_config.json")
    prompts = _read_config(folder / "config_sentence_transformers.json").get("prompts") or {}
    size = limits.get("max_seq_length")
    return _Conventions(
        pooling=("cls" if pooling.get("pooling_mode_cls_token") else "mean") if pooling else family.pooling,
        max_tokens=min(size, _MAX_TOKENS) if isinstance(size, int) and size > 2 else _MAX_TOKENS,
        lower_case=limits.get("do_lower_case") is True,
        query_prefix=_find_prompt(prompts, _QUERY_PROMPTS) or family.query_prefix,
        passage_prefix=_find_prompt(prompts, _PASSAGE_PROMPTS) or family.passage_prefix,
    )


def _read_config(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    value = json.loads(path.read_bytes()[:_MAX_CONFIG_BYTES])
    return value if isinstance(value, dict) else {}


def _find_prompt(prompts: object, names: Sequence[str]) -> str:
    found = [prompts[name] for name in names if name in prompts] if isinstance(prompts, dict) else []
    return str(found[0]) if found else ""


def _find_family(name: str) -> _Conventions:
    parts = set(name.rpartition("/")[2].lower().replace("_", "-").split("-"))
    return next((conventions for marks, conventions in _FAMILIES.items() if marks <= parts), _Conventions())


def _open_session(model: Path) -> Any:
    disable_telemetry()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Threads that spin while they wait for each other take a third more processor time, from other work, too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _open_tokenizer(path: Path, conventions: _Conventions) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
    tokenizer.enable_truncation(conventions.max_tokens)
    return tokenizer


def _pool(outputs: Sequence[Any], mask: NDArray[Any], pooling: str) -> NDArray[Any]:
    """Return one vector a text: a model's own, or the first or the mean of those of its tokens."""
    import numpy as np

    own = next((each for each in outputs if each.ndim == 2), None)
    if own is not None:
        vectors: NDArray[Any] = own.astype(np.float32)
        return vectors
    tokens = outputs[0].astype(np.float32)
    if pooling == "cls":
        first: NDArray[Any] = tokens[:, 0]
        return first
    weights = mask[:, :, None].astype(np.float32)
    pooled: NDArray[Any] = (tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    return pooled


def _word_vectors(batch: _Batch) -> NDArray[Any] | None:
    """Return the vectors of the tokens of each text, of unit length; None if the model does not return them."""
    import numpy as np

    shape = batch.mask.shape
    tokens = next((each for each in batch.outputs if each.ndim == 3 and each.shape[:2] == shape), None)
    return None if tokens is None else _unit(tokens.astype(np.float32))


def _is_word(batch: _Batch, prefix: str) -> NDArray[Any]:
    """Return which tokens are of a text itself: neither of *prefix*, nor special, nor padding."""
    import numpy as np

    rows = [
        [
            end > len(prefix) and not special
            for (_, end), special in zip(each.offsets, each.special_tokens_mask, strict=True)
        ]
        for each in batch.encodings
    ]
    return np.array(rows, bool)


def _is_chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def _is_latin(text: str) -> bool:
    return all(each < "\u0250" or "\u1e00" <= each < "\u1f00" for each in text)


def _unit(vectors: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[Any] = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit
