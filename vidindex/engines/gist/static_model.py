"""Static word vectors: the vector of a text is the mean of those of its tokens, which takes microseconds."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import GistModelError, GistNotInstalledError
from .base import DEFAULT_MODEL, MAX_TEXT_CHARS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WEIGHTS = Path("weights", "l2_supercat_256.safetensors")
_TOKENIZER = Path("tokenizers", "l2_supercat_tokenizer_config.json")
_MAX_HEADER_BYTES = 100_000
_TEXTS_PER_BATCH = 2_000
_MAX_CACHED_WORDS = 200_000

_log = logging.getLogger(__name__)


class StaticModel:
    """The 256-dimensional vectors of WordLlama, read from its wheel.

    The library itself is not imported: it would look for its tokenizer in the network, and configure logging.
    """

    def __init__(self, table: NDArray[Any], tokenizer: Any, *, name: str, digest: str) -> None:
        self.id = name
        self.digest = digest
        self.dim = int(table.shape[1])
        self._table = table
        self._tokenizer = tokenizer

    @classmethod
    def from_wheel(cls) -> StaticModel:
        """Return the model in the installed wheel.  Raises `GistModelError` if a file is missing."""
        from tokenizers import Tokenizer

        spec = find_spec("wordllama")
        if spec is None or not spec.submodule_search_locations:
            raise GistNotInstalledError("wordllama")
        folder = Path(next(iter(spec.submodule_search_locations)))
        try:
            tokenizer_json = (folder / _TOKENIZER).read_bytes()
            table, weights_digest = _read_table(folder / _WEIGHTS)
            tokenizer = Tokenizer.from_str(tokenizer_json.decode("utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise GistModelError(
                DEFAULT_MODEL, f"its files in {folder} cannot be read ({exc}); install wordllama 0.4 again"
            ) from exc
        digest = sha256(weights_digest + sha256(tokenizer_json).digest()).hexdigest()
        return cls(table, tokenizer, name=DEFAULT_MODEL, digest=digest)

    def embed(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of *texts* as rows of float32, of unit length; a text without words has a zero vector."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _TEXTS_PER_BATCH):
            batch = texts[start : start + _TEXTS_PER_BATCH]
            self._embed_batch(batch, vectors[start : start + len(batch)])
        return vectors

    def _embed_batch(self, texts: Iterable[str], out: NDArray[Any]) -> None:
        import numpy as np

        shortened = [text[:MAX_TEXT_CHARS] for text in texts]
        for at, encoding in enumerate(self._tokenizer.encode_batch_fast(shortened, add_special_tokens=False)):
            if encoding.ids:
                out[at] = self._table[encoding.ids].astype(np.float32).mean(axis=0)
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, norms, out=out, where=norms > 0)


def _read_table(path: Path) -> tuple[NDArray[Any], bytes]:
    """Return the matrix in a safetensors file, mapped into memory, and the SHA-256 of the file."""
    import numpy as np

    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > _MAX_HEADER_BYTES:
            raise ValueError("not a safetensors file")
        header = json.loads(file.read(size))["embedding.weight"]
        file.seek(0)
        digest = sha256(file.read()).digest()
    if header["dtype"] != "F16":
        raise ValueError(f"weights of type {header['dtype']}")
    offset = 8 + size + int(header["data_offsets"][0])
    return np.memmap(path, np.float16, "r", offset, tuple(header["shape"])), digest
