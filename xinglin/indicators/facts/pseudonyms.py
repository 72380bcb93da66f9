"""Who somebody is leaves the database as a keyed pseudonym only: the same person has the same one in every table, and
without the county's key nobody can go back.
"""

import hashlib
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from xinglin.platform.crypto import provider

_CONTEXT = b"indicators.person"


@lru_cache(maxsize=1)
def _key() -> bytes:
    return provider().keyed_digest(b"facts", context=_CONTEXT)


def pseudonym(person: int) -> int:
    """The pseudonym of an internal key."""
    digest = hashlib.blake2b(str(person).encode(), key=_key(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def pseudonyms(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The same for a whole column, each person of it once."""
    coded = pc.dictionary_encode(column)
    chunks = coded.chunks if isinstance(coded, pa.ChunkedArray) else [coded]
    found = [
        pa.array([None if each is None else pseudonym(each) for each in chunk.dictionary.to_pylist()], pa.int64()).take(
            chunk.indices
        )
        for chunk in chunks
    ]
    return pa.chunked_array(found, pa.int64()) if isinstance(coded, pa.ChunkedArray) else found[0]
