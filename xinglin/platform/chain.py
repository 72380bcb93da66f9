"""The seal chain over the audit trail: seal, verify, anchor.

Records are written without touching the chain, so that writers never wait for each other. A sealer takes what is
settled, in order of id, and closes it with a seal: 16 bytes of SHA-256 for each record (its leaf), and over the former
seal's digest, the bounds and the leaves one digest, signed with a key outside the database.

*Settled* means: no transaction that may still add an id below the bound is running. A record's id is drawn only after
its transaction has taken its own id (``platform_audit_next_id``), so once every transaction older than the moment the
bound was read has ended, the ids up to the bound are final.

The head of the chain is written every hour to ``ANCHORS_DIR``, best on another machine: it gives away a cut tail or an
old backup put back, which the chain alone cannot show.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from xinglin.platform.alone import alone
from xinglin.platform.crypto import provider
from xinglin.platform.models import AuditSeal

ALGORITHM = "sha256/1"
LEAF_BYTES = 16
MAX_RECORDS = 5_000
RECORDS_PER_READ = 40_000
GENESIS = hashlib.sha256(b"xinglin audit chain").digest()
#: A verification sees one moment of the database.
READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOCK = "audit.seal"  # one sealer at a time

#: The canonical form of a record: PostgreSQL's COPY text of these columns, in UTC.
_COLUMNS = (
    "id, extract(epoch FROM at)::numeric(20,6), event, outcome, actor_kind, actor_id, actor_name, place, subject_uuid, "
    "object_kind, object_key, reason, emergency, detail, address, request_id"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verification found. `broken_at` is the id of the first record or seal that does not fit; None if whole."""

    n_records: int
    n_seals: int
    n_open: int
    broken_at: int | None = None
    reason: str = ""
    seconds: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.reason


def seal(*, at: datetime, wait_seconds: float = 2.0) -> int:
    """Seal all settled records; returns how many. Does nothing while another sealer is at work."""
    with alone(_LOCK) as is_mine:
        if not is_mine:
            return 0
        bound = _settled_bound(wait_seconds)
        n_sealed = 0
        while bound is not None and (n_new := _seal_next(bound, at)):
            n_sealed += n_new
        return n_sealed


#: Transactions of this database that began before the horizon and still run. A transaction's lock on its own id is taken
#: before it can draw a record's id and given back after it is visible, so that none is missed. (The snapshot's own xmin
#: would also wait for other databases of the server.)
_STILL_RUNNING = """
SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
  AND a.datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.pid <> pg_backend_pid()
  AND ((%s - l.transactionid::text::bigint) %% 4294967296 + 4294967296) %% 4294967296 BETWEEN 1 AND 2147483648
"""


def _settled_bound(wait_seconds: float) -> int | None:
    """The highest id below which nothing can appear any more, or None while an old transaction keeps running."""
    deadline = time.monotonic() + wait_seconds
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT last_value, pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM platform_audit_seq"
        )
        last_id, horizon = cursor.fetchone()
        while True:
            cursor.execute(_STILL_RUNNING, [horizon % 4294967296])
            if not cursor.fetchone()[0]:
                return int(last_id)
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)


@transaction.atomic
def _seal_next(bound: int, at: datetime) -> int:
    head = AuditSeal.objects.order_by("-id").only("id", "last_id", "digest").first()
    after = head.last_id if head else 0
    lines = list(_lines(after, bound, limit=MAX_RECORDS))
    if not lines:
        return 0
    leaves = b"".join(_leaf(line) for _, line in lines)
    first_id, last_id = lines[0][0], lines[-1][0]
    previous = bytes(head.digest) if head else GENESIS
    number = head.id + 1 if head else 1
    n_records = len(lines)
    digest = _digest(previous, number, first_id, last_id, n_records, leaves)
    AuditSeal.objects.create(
        id=number, first_id=first_id, last_id=last_id, n_records=n_records, algorithm=ALGORITHM, leaves=leaves,
        previous=previous, digest=digest, signature=provider().sign(digest), sealed_at=at,
    )  # fmt: skip
    return n_records


def verify(*, anchors: Path | None = None) -> Finding:
    """Walk the whole chain and every record under it. Changes nothing.

    Finds a changed, deleted, inserted or reordered record and names it, a changed, missing or foreign seal, and, by
    the anchors, a cut tail or an old state put back.
    """
    started = time.perf_counter()
    walk = _Walk()
    with transaction.atomic():
        if READ_ONLY:
            with connection.cursor() as cursor:
                cursor.execute(READ_ONLY)
        for seals in _runs_of_seals():
            walk.check(seals)
            if walk.reason:
                break
        else:
            n_open = sum(1 for _ in _lines(walk.after, None))
            walk.reason = _check_anchors(anchors or settings.ANCHORS_DIR, walk.digests)
            return Finding(walk.n_records, walk.n_seals, n_open, None, walk.reason, time.perf_counter() - started)
    return Finding(walk.n_records, walk.n_seals, 0, walk.broken_at, walk.reason, time.perf_counter() - started)


def _runs_of_seals() -> Iterator[list[AuditSeal]]:
    """Seals in order, in runs that cover no more than some ten thousand records."""
    run: list[AuditSeal] = []
    after = 0
    while batch := list(AuditSeal.objects.filter(id__gt=after).order_by("id")[:100]):
        for each in batch:
            run.append(each)
            if sum(seal.n_records for seal in run) >= RECORDS_PER_READ:
                yield run
                run = []
        after = batch[-1].id
    if run:
        yield run


class _Walk:
    """Where a verification is: what it has seen, and what it found."""

    def __init__(self) -> None:
        self.n_records = self.n_seals = self.after = 0
        self.previous = GENESIS
        self.digests: dict[int, str] = {}
        self.reason = ""
        self.broken_at: int | None = None

    def check(self, seals: list[AuditSeal]) -> None:
        """Check a run of seals and the records under them; stops at the first fault."""
        lines = list(_lines(self.after, seals[-1].last_id))
        position = 0
        for each in seals:
            self.reason, self.broken_at = _check_seal(each, self.previous, self.n_seals + 1, self.after)
            if self.reason:
                return
            position, self.reason, self.broken_at = _check_records(each, lines, position)
            if self.reason:
                return
            self.n_records += each.n_records
            self.n_seals += 1
            self.previous, self.after = bytes(each.digest), each.last_id
            self.digests[each.id] = self.previous.hex()


def _check_seal(each: AuditSeal, previous: bytes, number: int, after: int) -> tuple[str, int | None]:
    if each.id != number:
        return f"seal {number} is missing", after + 1
    if bytes(each.previous) != previous:
        return f"seal {number} does not follow seal {number - 1}", each.first_id
    leaves = bytes(each.leaves)
    digest = _digest(previous, each.id, each.first_id, each.last_id, each.n_records, leaves)
    if digest != bytes(each.digest) or len(leaves) != each.n_records * LEAF_BYTES:
        return f"seal {number} was changed", each.first_id
    if not provider().verify(digest, bytes(each.signature)):
        return f"seal {number} is not signed by this deployment's key", each.first_id
    return "", None


def _check_records(each: AuditSeal, lines: list[tuple[int, bytes]], position: int) -> tuple[int, str, int | None]:
    """Compare the records under one seal, which begin at `position`, with its leaves, one by one."""
    leaves = bytes(each.leaves)
    for start in range(0, len(leaves), LEAF_BYTES):
        if position >= len(lines) or lines[position][0] > each.last_id:
            return position, "a record is missing: the seal covers more than there is", each.last_id
        record_id, line = lines[position]
        if _leaf(line) != leaves[start : start + LEAF_BYTES]:
            return position, "a record was changed, inserted, or its predecessor deleted", record_id
        position += 1
    if position < len(lines) and lines[position][0] <= each.last_id:
        return position, "a record was inserted under a seal", lines[position][0]
    return position, "", None


def anchor(*, at: datetime, folder: Path | None = None) -> Path | None:
    """Write the head of the chain to the anchor folder; returns the file, or None when nothing is sealed yet."""
    head = AuditSeal.objects.order_by("-id").first()
    if head is None:
        return None
    folder = folder or settings.ANCHORS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%dT%H%M%SZ}-{head.pk}.json"
    content = {"seal": head.pk, "last_id": head.last_id, "digest": bytes(head.digest).hex(), "at": at.isoformat()}
    content["signature"] = provider().sign(json.dumps(content, sort_keys=True).encode()).hex()
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(content))
    draft.replace(path)
    return path


def _check_anchors(folder: Path, digests: dict[int, str]) -> str:
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        content = json.loads(path.read_text())
        signature = bytes.fromhex(content.pop("signature", ""))
        if not provider().verify(json.dumps(content, sort_keys=True).encode(), signature):
            return f"anchor {path.name} was changed"
        if content["seal"] not in digests:
            return f"the tail is cut: anchor {path.name} knows seal {content['seal']}, the database ends before it"
        if digests[content["seal"]] != content["digest"]:
            return f"the chain was rewritten: seal {content['seal']} is not the one of anchor {path.name}"
    return ""


def _lines(after: int, until: int | None, limit: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Records in order of id as (id, canonical bytes), streamed."""
    query = f"SELECT {_COLUMNS} FROM platform_auditrecord WHERE id > {int(after)}"  # noqa: S608 - integers and a constant
    if until is not None:
        query += f" AND id <= {int(until)}"
    query += " ORDER BY id"
    if limit is not None:
        query += f" LIMIT {int(limit)}"
    connection.ensure_connection()
    rest = b""
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        for block in copy:
            rest += bytes(block)
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield int(line[: line.index(b"\t")]), line


def _leaf(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()[:LEAF_BYTES]


def _digest(previous: bytes, number: int, first_id: int, last_id: int, n_records: int, leaves: bytes) -> bytes:
    head = f"{ALGORITHM}|{number}|{first_id}|{last_id}|{n_records}|".encode()
    return hashlib.sha256(previous + head + leaves).digest()
