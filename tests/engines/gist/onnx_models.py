"""Small sentence models in ONNX format that really run: the vector of a text is the mean of those of its words."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

_FLOAT, _INT64 = 1, 7


def write_model(folder: Path, groups: Sequence[str], *, returns_words: bool = True) -> Path:
    """Write a model to *folder* for which the words of each of *groups* mean the same, and other words nothing.

    It returns the vectors of words or, without them, that of the whole text.
    """
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    meanings = {word: at for at, group in enumerate(groups, 1) for word in group.split()}
    vocabulary = {"[PAD]": 0, "[UNK]": 1, **{word: at for at, word in enumerate(meanings, 2)}}
    axes = range(1, len(groups) + 1)
    rows = [[float(at == of) for at in axes] for of in (0, 0, *meanings.values())]
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(_gather_model(rows, returns_words=returns_words))
    return folder


def _gather_model(rows: Sequence[Sequence[float]], *, returns_words: bool) -> bytes:
    """Return a graph that replaces each of `input_ids` with its row: `ModelProto` of onnx.proto, in its wire format."""
    name = "last_hidden_state" if returns_words else "sentence_embedding"
    nodes = _message(1, _text(1, "table") + _text(1, "input_ids") + _text(2, "last_hidden_state") + _text(4, "Gather"))
    if not returns_words:
        axes = _message(5, _text(1, "axes") + _number(8, 1) + _number(20, 7))
        keep = _message(5, _text(1, "keepdims") + _number(3, 0) + _number(20, 2))
        mean = _text(1, "last_hidden_state") + _text(2, name) + _text(4, "ReduceMean") + axes + keep
        nodes += _message(1, mean)
    values = struct.pack(f"<{len(rows) * len(rows[0])}f", *(value for row in rows for value in row))
    shape = _number(1, len(rows)) + _number(1, len(rows[0]))
    table = _message(5, shape + _number(2, _FLOAT) + _text(8, "table") + _message(9, values))
    inputs = (_value(11, name, _INT64, ("texts", "tokens")) for name in ("input_ids", "attention_mask"))
    output = _value(12, name, _FLOAT, ("texts", *(("tokens",) if returns_words else ()), len(rows[0])))
    graph = nodes + _text(2, "mean of words") + table + b"".join(inputs) + output
    return _number(1, 8) + _message(7, graph) + _message(8, _number(2, 13))


def _value(field: int, name: str, kind: int, shape: Iterable[str | int]) -> bytes:
    dims = b"".join(_message(1, _number(1, dim) if isinstance(dim, int) else _text(2, dim)) for dim in shape)
    return _message(field, _text(1, name) + _message(2, _message(1, _number(1, kind) + _message(2, dims))))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
