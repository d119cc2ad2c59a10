"""The vectors of the tokens of WordLlama, read from its wheel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import file_digest, sha256
from importlib.util import find_spec
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import GistModelError, GistNotInstalledError
from .base import DEFAULT_MODEL, replace_surrogates

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WEIGHTS = Path("weights", "l2_supercat_256.safetensors")
_TOKENIZER = Path("tokenizers", "l2_supercat_tokenizer_config.json")
_MAX_HEADER_BYTES = 100_000
_WORD_START = "\u2581"
"""With this, the tokenizer replaces the space before each word."""

_SPECIAL_START = "<"
"""The tokenizer takes `<s>` for a token of its own, also within a word."""

_WORDS_PER_CALL = 200
_RUNS_PER_BLOCK = 1_024  # their sums fit into the cache of a processor core


class StaticTable:
    """The 256-dimensional vectors of 32,000 tokens, and what divides a text into tokens.

    The library itself is not imported: it would look for its tokenizer in the network, and configure logging.
    """

    def __init__(self, table: NDArray[Any], tokenizer: Any, *, digest: str) -> None:
        self.digest = digest
        self.dim = int(table.shape[1])
        self._table = table
        self._tokenizer = tokenizer

    @classmethod
    def from_wheel(cls) -> StaticTable:
        """Return the vectors in the installed wheel.  Raises `GistModelError` if a file is missing."""
        from tokenizers import Tokenizer

        spec = find_spec("wordllama")
        if spec is None or not spec.submodule_search_locations:
            raise GistNotInstalledError("wordllama")
        folder = Path(next(iter(spec.submodule_search_locations)))
        try:
            tokenizer_json = (folder / _TOKENIZER).read_bytes()
            table, weights_digest = _read_table(folder / _WEIGHTS)
            tokenizer = Tokenizer.from_str(tokenizer_json.decode("utf-8"))
        except Exception as exc:  # a tokenizer that cannot be parsed raises no other kind
            raise GistModelError(
                DEFAULT_MODEL, f"its files in {folder} cannot be read ({exc}); install wordllama 0.4 again"
            ) from exc
        digest = sha256(weights_digest + sha256(tokenizer_json).digest()).hexdigest()
        return cls(table, tokenizer, digest=digest)

    def tokenize(self, words: Sequence[str]) -> list[list[int]]:
        """Return the ids of the tokens of each of *words*."""
        parts = (words[start : start + _WORDS_PER_CALL] for start in range(0, len(words), _WORDS_PER_CALL))
        return [ids for part in parts for ids in self._tokenize_part(part)]

    def _tokenize_part(self, words: Sequence[str]) -> list[list[int]]:
        text = " ".join(words)
        if not all(words) or text.count(" ") >= len(words) or _WORD_START in text or _SPECIAL_START in text:
            return [self._encode(word) for word in words]
        # No token has parts of two words, and to tokenize each word alone takes three times as long.
        ids = self._encode(text)
        first_ids = {each for each in set(ids) if self._tokenizer.id_to_token(each).startswith(_WORD_START)}
        starts = [at for at, each in enumerate(ids) if each in first_ids]
        return [ids[start:end] for start, end in pairwise((*starts, len(ids)))]

    def _encode(self, text: str) -> list[int]:
        # As a batch of one, which is not divided among threads, and without the positions of tokens.
        [encoded] = self._tokenizer.encode_batch_fast([replace_surrogates(text)], add_special_tokens=False)
        ids: list[int] = encoded.ids
        return ids

    def sum_tokens(self, tokens: Sequence[Sequence[int]]) -> NDArray[Any]:
        """Return the sum of the vectors of the tokens of each text, as rows of float32."""
        import numpy as np

        sums = np.zeros((len(tokens), self.dim), np.float32)
        filled = [at for at, ids in enumerate(tokens) if ids]
        places = np.fromiter(chain.from_iterable(tokens), np.intp)
        sums[filled] = sum_rows(self._table, places, [len(tokens[at]) for at in filled])
        return sums


def sum_rows(rows: NDArray[Any], places: NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> NDArray[Any]:
    """Return the sums of runs of the *rows* at *places*, as float32; the runs have *lengths*, none of which is 0."""
    import numpy as np

    return _reduce_runs(np.add, rows, places, np.asarray(lengths, np.intp))


def find_greatest(rows: NDArray[Any], places: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
    """Return the greatest numbers of each column in runs of the *rows* at *places*, like `sum_rows`."""
    import numpy as np

    return _reduce_runs(np.maximum, rows, places, lengths)


def _reduce_runs(operation: Any, rows: NDArray[Any], places: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    starts = np.cumsum(lengths) - lengths
    longest_first = np.argsort(-lengths, kind="stable")
    reduced = np.empty((len(lengths), rows.shape[1]), np.float32)
    for start in range(0, len(lengths), _RUNS_PER_BLOCK):
        block = longest_first[start : start + _RUNS_PER_BLOCK]
        firsts = starts[block]
        result = rows.take(places[firsts], axis=0).astype(np.float32, copy=False)
        # One row of each run at a time: `reduceat` takes four times as long for runs of a few rows.
        longer = len(block) - np.cumsum(np.bincount(lengths[block]))
        for at, count in enumerate(longer[1:-1].tolist(), 1):
            operation(result[:count], rows.take(places[firsts[:count] + at], axis=0), out=result[:count])
        reduced[block] = result
    return reduced


def _read_table(path: Path) -> tuple[NDArray[Any], bytes]:
    """Return the matrix in a safetensors file, mapped into memory, and the SHA-256 of the file."""
    import numpy as np

    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > _MAX_HEADER_BYTES:
            raise ValueError("not a safetensors file")
        header = json.loads(file.read(size))["embedding.weight"]
        file.seek(0)
        digest = file_digest(file, "sha256").digest()
    if header["dtype"] != "F16":
        raise ValueError(f"weights of type {header['dtype']}")
    offset = 8 + size + int(header["data_offsets"][0])
    return np.memmap(path, np.float16, "r", offset, tuple(header["shape"])), digest
