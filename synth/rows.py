"""Columns of values turned into text for PostgreSQL's COPY, and identifiers drawn from a stream."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from synth.tables import Array
from xinglin.platform.ids import ALPHABET

NULL = "\\N"
#: Residents read the clock of one zone; PostgreSQL turns it into UTC.
ZONE = "+08"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_DIGITS = np.frombuffer(ALPHABET.encode(), dtype="S1")
_EPOCH_SHIFT = 8 * 3600 * 1000  # local milliseconds → UTC milliseconds


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one table: column names, and one list of COPY texts for each column."""

    table: str
    columns: tuple[str, ...]
    values: tuple[Sequence[str], ...]

    @property
    def n_rows(self) -> int:
        """How many rows it holds."""
        return len(self.values[0]) if self.values else 0

    def text(self) -> bytes:
        """The rows as COPY text."""
        if not self.n_rows:
            return b""
        return ("\n".join(map("\t".join, zip(*self.values, strict=True))) + "\n").encode()

    def digest(self) -> str:
        """For comparing two runs."""
        return hashlib.sha256(self.text()).hexdigest()


def block(table: str, columns: Mapping[str, Sequence[str]]) -> Block:
    """Make a block; the columns must have one length."""
    return Block(table, tuple(columns), tuple(columns.values()))


def rng_for(seed: int, stream: str, index: int = 0) -> np.random.Generator:
    """The random stream of one thing: the same for the same seed, whatever else is generated, and in any order."""
    salt = int.from_bytes(hashlib.sha256(stream.encode()).digest()[:6], "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, salt, index))))


def text(value: object) -> str:
    """One value, escaped; None is NULL."""
    return NULL if value is None else str(value).translate(_ESCAPES)


def plain(value: object) -> str:
    """One value of any kind: booleans as PostgreSQL writes them, dicts and lists as JSON."""
    kind = type(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is dict or kind is list:
        return text(json.dumps(value, ensure_ascii=False))
    return text(value)


def texts(values: Iterable[object]) -> list[str]:
    """`text` for each value."""
    return [NULL if v is None else v.translate(_ESCAPES) if isinstance(v, str) else str(v) for v in values]


def same(value: object, n: int) -> list[str]:
    """A column with one value."""
    return [text(value)] * n


def numbers(values: Array, missing: Array | None = None) -> list[str]:
    """Whole numbers; NULL where `missing`."""
    column = values.astype(np.int64).astype("U").tolist()
    return column if missing is None else _blank(column, missing)


def tenths(values: Array, missing: Array | None = None) -> list[str]:
    """Numbers given in tenths, written with one decimal place; NULL where `missing`."""
    column = [f"{v // 10}.{v % 10}" for v in values.astype(np.int64).tolist()]
    return column if missing is None else _blank(column, missing)


def flags(values: Array) -> list[str]:
    """Booleans."""
    return cast(list[str], np.where(values, "t", "f").tolist())


def days(ordinals: Array, missing: Array | None = None) -> list[str]:
    """Calendar days from days since 1970-01-01."""
    column = np.datetime_as_string(ordinals.astype("datetime64[D]")).tolist()
    return column if missing is None else _blank(column, missing)


def moments(local_seconds: Array, missing: Array | None = None) -> list[str]:
    """Moments from local seconds since 1970-01-01 00:00 in the county."""
    column = [t + ZONE for t in np.datetime_as_string(local_seconds.astype("datetime64[s]")).tolist()]
    return column if missing is None else _blank(column, missing)


def bytea(values: Iterable[bytes | None]) -> list[str]:
    """Bytes in PostgreSQL's hex form."""
    return [NULL if v is None else "\\\\x" + v.hex() for v in values]


def pick(names: Sequence[str], indexes: Array) -> list[str]:
    """The names at `indexes`, escaped."""
    escaped = texts(names)
    return [escaped[i] for i in indexes.tolist()]


def uuids(local_seconds: Array, rng: np.random.Generator) -> list[str]:
    """Identifiers of version 7: the moment, then 74 random bits of the stream."""
    n = len(local_seconds)
    milliseconds = (local_seconds.astype(np.int64) * 1000 - _EPOCH_SHIFT).astype(np.uint64)
    parts = np.empty((n, 2), dtype=">u8")
    draws = rng.integers(0, 2**63, size=(n, 2), dtype=np.uint64)
    parts[:, 0] = (milliseconds << np.uint64(16)) | np.uint64(0x7000) | (draws[:, 0] & np.uint64(0x0FFF))
    parts[:, 1] = np.uint64(0x8000000000000000) | (draws[:, 1] & np.uint64(0x3FFFFFFFFFFFFFFF))
    digits = parts.tobytes().hex()
    return [digits[i : i + 32] for i in range(0, 32 * n, 32)]


def people_numbers(prefix: str, local_seconds: Array, values: Array) -> list[str]:
    """`xinglin.platform.ids.format_number` for whole columns."""
    width = 5
    top = int(values.max()) if len(values) else 0
    while top >= 32**width:
        width += 1
    rest = values.astype(np.int64)
    digits = np.empty((len(values), width + 1), dtype=np.int64)
    for position in range(width - 1, -1, -1):
        rest, digits[:, position] = np.divmod(rest, 32)
    weights = np.arange(width + 1, 1, -1)
    digits[:, width] = (digits[:, :width] * weights).sum(axis=1) % 32
    written = np.ascontiguousarray(_DIGITS[digits]).view(f"S{width + 1}").ravel().astype("U").tolist()
    if width > 5:  # shorter numbers have no leading zeros beyond the fifth digit
        written = [w[min(len(w) - 6, len(w) - len(w.lstrip("0"))) :] for w in written]
    day = np.datetime_as_string(local_seconds.astype("datetime64[s]"), unit="D").tolist()
    return [f"{prefix}{d[2:4]}{d[5:7]}{d[8:]}-{w}" for d, w in zip(day, written, strict=True)]


def _blank(column: list[str], missing: Array) -> list[str]:
    for i in np.flatnonzero(missing).tolist():
        column[i] = NULL
    return column
