"""A write sent twice is done once: the answer to a key is kept in the transaction, or the statement, of the write."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from xinglin.platform import hot, together
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, DomainError, wrong
from xinglin.platform.instances import new
from xinglin.platform.models import IdempotencyKey

MAX_KEY_LENGTH = 80
_CLAIM = """
INSERT INTO platform_idempotencykey (actor_id, key, fingerprint) VALUES (%(actor)s, %(key)s, %(fingerprint)s)
ON CONFLICT (actor_id, key) DO NOTHING RETURNING id
"""
_KEEP = """
UPDATE platform_idempotencykey SET status = %(status)s, answer = %(answer)s::jsonb WHERE actor_id = %(actor)s AND key = %(key)s
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered, as JSON; `replayed` tells a repetition from the first time."""

    status: int
    body: bytes
    replayed: bool = False


def once(
    *, key: str, by: Actor, content: bytes, write: Callable[[], tuple[int, bytes]], only_inserts: bool = False
) -> Answer:
    """Run `write` (returning status and a body of JSON) unless `key` was used; then give the first answer again.

    The key belongs to the actor and to `content`: the same key with another content is refused. `only_inserts`:
    the action behind `write` inserts rows and reads none of them, so that all of it, the key and its answer
    included, is one statement (see `together.gathered`).

    :raises InvalidInput: the key is too long, or was used for something else
    :raises Conflict: the first try is still running
    """
    if len(key) > MAX_KEY_LENGTH:
        raise wrong("Idempotency-Key", _("Idempotency-Key 过长（最多 80 个字符）。"))
    fingerprint = hashlib.sha256(content).digest()
    n_records = by.trace.n_records
    answer = None
    try:
        answer = _at_once(key, by, fingerprint, write) if only_inserts else _in_order(key, by, fingerprint, write)
    finally:
        if answer is None or answer.replayed:
            by.trace.n_records = n_records  # what was counted was not written: the request leaves a record of its own
    return answer


def _in_order(key: str, by: Actor, fingerprint: bytes, write: Callable[[], tuple[int, bytes]]) -> Answer:
    """The key is claimed, the write done, and its answer kept, in one transaction."""
    if not key:
        with transaction.atomic():
            return Answer(*write())
    values = {"actor": by.user_id or 0, "key": key, "fingerprint": fingerprint}
    with transaction.atomic():
        # A concurrent first try holds this row's lock: we wait here and then see its answer.
        if not hot.rows(_CLAIM, values):
            return _repeated(IdempotencyKey.objects.get(actor_id=by.user_id or 0, key=key), fingerprint)
        status, body = write()
        hot.rows(_KEEP, {**values, "status": status, "answer": body.decode()})
    return Answer(status, body)


def _at_once(key: str, by: Actor, fingerprint: bytes, write: Callable[[], tuple[int, bytes]]) -> Answer:
    """A key that was used shows as a broken unique index, or in that the action is refused the second time."""
    try:
        with together.gathered() as before_all:
            status, body = write()
            if key:
                kept = Jsonb(body, dumps=bytes)
                row = new(
                    IdempotencyKey,
                    actor_id=by.user_id or 0,
                    key=key,
                    fingerprint=fingerprint,
                    status=status,
                    answer=kept,
                )
                before_all(row)
    except (IntegrityError, DomainError):
        used = IdempotencyKey.objects.filter(actor_id=by.user_id or 0, key=key).first() if key else None
        if used is None:
            raise
        return _repeated(used, fingerprint)
    return Answer(status, body)


def _repeated(row: IdempotencyKey, fingerprint: bytes) -> Answer:
    if bytes(row.fingerprint) != fingerprint:
        raise wrong("Idempotency-Key", _("这个 Idempotency-Key 已用于另一份内容。"), code="key-reused")
    if row.status is None:
        raise Conflict(_("同一请求仍在处理中。"), code="in-progress")
    return Answer(row.status, orjson.dumps(row.answer), replayed=True)
