"""S12: whatever is done to the sealed audit trail behind its back, the verifier finds it and names the record."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests.factories.county import NOW, later
from xinglin.platform import audit, chain
from xinglin.platform.actors import system_actor
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import AuditRecord, AuditSeal

BY = system_actor("test")


def write_records(n_records: int) -> None:
    """`n_records` records and their seals, a few records to a seal."""
    with transaction.atomic():
        for number in range(n_records):
            # Each record is unlike any other, or a swap of two would be no mutation.
            audit.record("test.done", by=BY, at=NOW, kind="test", key=str(new_uuid()), detail={"n": number})


def as_superuser(*statements: str) -> None:
    """Run statements as one who can switch every guard of the database off."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT; SET ROLE xinglin_app")


@pytest.fixture
def sealed(transactional_db: None) -> None:
    for _round in range(3):
        write_records(20)
        assert chain.seal(at=NOW) == 20


def test_an_untouched_chain_is_whole(sealed: None) -> None:
    finding = chain.verify()

    assert finding.is_whole
    assert (finding.n_records, finding.n_seals, finding.n_open) == (60, 3, 0)


def test_records_not_sealed_yet_are_counted_apart(sealed: None) -> None:
    write_records(5)

    assert chain.verify().n_open == 5


def test_the_application_cannot_change_or_delete_a_record(sealed: None) -> None:
    for statement in (
        "UPDATE platform_auditrecord SET event = 'x'",
        "DELETE FROM platform_auditrecord",
        "TRUNCATE platform_auditrecord",
    ):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_owner_cannot_change_a_record_either(sealed: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            cursor.execute("UPDATE platform_auditrecord SET event = 'x'")
        cursor.execute("SET ROLE xinglin_app")


def test_a_changed_record_is_named(sealed: None) -> None:
    target = AuditRecord.objects.order_by("id")[30].pk
    as_superuser(f"UPDATE platform_auditrecord SET actor_name = 'nobody' WHERE id = {target}")

    finding = chain.verify()

    assert finding.broken_at == target


def test_a_cut_tail_is_found_by_the_anchor(sealed: None) -> None:
    chain.anchor(at=NOW)
    last = AuditSeal.objects.order_by("-id").first()
    assert last is not None
    as_superuser(
        f"DELETE FROM platform_auditrecord WHERE id >= {last.first_id}",
        f"DELETE FROM platform_auditseal WHERE id = {last.pk}",
    )

    assert "tail is cut" in chain.verify().reason


def test_an_old_backup_put_back_and_continued_is_found_by_the_anchor(sealed: None) -> None:
    chain.anchor(at=NOW)
    last = AuditSeal.objects.order_by("-id").first()
    assert last is not None
    as_superuser(
        f"DELETE FROM platform_auditrecord WHERE id >= {last.first_id}",
        f"DELETE FROM platform_auditseal WHERE id = {last.pk}",
    )
    write_records(20)
    chain.seal(at=later(5))

    assert "rewritten" in chain.verify().reason


def test_a_changed_anchor_is_found(sealed: None) -> None:
    path = chain.anchor(at=NOW)
    assert path is not None
    path.write_text(path.read_text().replace('"seal": 3', '"seal": 2'))

    assert "was changed" in chain.verify().reason


def test_records_of_a_transaction_still_running_are_not_sealed(transactional_db: None) -> None:
    """An id drawn before the bound but committed after it must not fall through."""
    import psycopg

    parameters = connection.get_connection_params()
    slow = psycopg.connect(**{key: parameters[key] for key in ("dbname", "user", "host")})
    slow.execute(
        "INSERT INTO platform_auditrecord (at, event, outcome, actor_kind, actor_name, object_kind, object_key, reason, emergency, detail, address) "
        "VALUES (now(), 'slow', 'ok', 'system', '', '', '', '', false, '{}', '')"
    )
    write_records(3)

    assert chain.seal(at=NOW, wait_seconds=0.1) == 0
    slow.commit()
    slow.close()
    assert chain.seal(at=NOW) == 4
    assert chain.verify().is_whole


MUTATIONS: dict[str, Callable[[random.Random, list[int]], list[str]]] = {
    "change": lambda dice, ids: [
        "UPDATE platform_auditrecord SET "
        f"{dice.choice(['event', 'actor_name', 'object_key', 'reason', 'address'])} = 'x{dice.random()}' "
        f"WHERE id = {dice.choice(ids)}"
    ],
    "change time": lambda dice, ids: [
        f"UPDATE platform_auditrecord SET at = at + interval '1 microsecond' WHERE id = {dice.choice(ids)}"
    ],
    "change detail": lambda dice, ids: [
        f"UPDATE platform_auditrecord SET detail = '{{\"n\": -1}}' WHERE id = {dice.choice(ids)}"
    ],
    "delete": lambda dice, ids: [f"DELETE FROM platform_auditrecord WHERE id = {dice.choice(ids)}"],
    "swap": lambda dice, ids: (
        lambda a, b: [
            f"UPDATE platform_auditrecord SET id = -1 WHERE id = {a}",
            f"UPDATE platform_auditrecord SET id = {a} WHERE id = {b}",
            f"UPDATE platform_auditrecord SET id = {b} WHERE id = -1",
        ]
    )(*dice.sample(ids, 2)),
    "insert": lambda dice, ids: (
        lambda at: [
            f"DELETE FROM platform_auditrecord WHERE id = {at}",
            "INSERT INTO platform_auditrecord (id, at, event, outcome, actor_kind, actor_name, object_kind, object_key, reason, "
            "emergency, detail, address) "
            f"VALUES ({at}, now(), 'forged', 'ok', 'user', 'x', '', '', '', false, '{{}}', '')",
        ]
    )(dice.choice(ids)),
    "cut leaves": lambda dice, ids: [
        "UPDATE platform_auditseal SET leaves = substring(leaves from 17), n_records = n_records - 1 WHERE id = 2"
    ],
    "delete seal": lambda dice, ids: [f"DELETE FROM platform_auditseal WHERE id = {dice.choice([1, 2])}"],
    "forge digest": lambda dice, ids: [
        f"UPDATE platform_auditseal SET digest = sha256('{dice.random()}') WHERE id = {dice.choice([1, 2, 3])}"
    ],
}


def run_mutations(n_mutations: int, seed: int) -> tuple[int, dict[str, int]]:
    """Apply random mutations one at a time, each rolled back; returns how many were found, and how often each kind ran."""
    dice = random.Random(seed)
    ids = list(AuditRecord.objects.order_by("id").values_list("id", flat=True))
    n_found, tried = 0, dict.fromkeys(MUTATIONS, 0)
    for number in range(n_mutations):
        kind = list(MUTATIONS)[number % len(MUTATIONS)]
        tried[kind] += 1
        connection.set_autocommit(False)
        try:
            statements = MUTATIONS[kind](dice, ids)
            as_superuser(*statements)
            is_found = not _verify_inside()
            n_found += is_found
            if not is_found:
                print("missed:", kind, statements)
        finally:
            connection.rollback()
            connection.set_autocommit(True)
    return n_found, tried


def _verify_inside() -> bool:
    """Verify within the open transaction (the mutation is never committed)."""
    from unittest import mock

    with mock.patch.object(chain.transaction, "atomic", _no_transaction), mock.patch.object(chain, "READ_ONLY", ""):
        return chain.verify().is_whole


class _no_transaction:  # noqa: N801 - stands in for a context manager function
    def __enter__(self) -> None: ...

    def __exit__(self, *args: Any) -> None: ...


def test_s12_ninety_random_mutations_are_all_found(sealed: None) -> None:
    n_found, tried = run_mutations(90, seed=1)

    assert n_found == 90
    assert all(tried.values())


@pytest.mark.slow
def test_s12_a_thousand_random_mutations_are_all_found(sealed: None) -> None:
    n_found, tried = run_mutations(1_000, seed=2)

    print(f"S12: {n_found} of 1000 mutations found; {tried}")
    assert n_found == 1_000
