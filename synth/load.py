"""Loading the synthetic county: streams in, PostgreSQL's COPY out.

A small county is loaded in one transaction. A large one is loaded by two processes without secondary indexes, which are
built afterwards; what has to be rebuilt is written into the database first (table ``synth_rebuild``), so that a load
that was killed is cleared away by the next one.
"""

import multiprocessing
import os
import pickle
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from django.apps import apps
from django.db.models import NOT_PROVIDED, Field
from psycopg import sql

from synth.catchments import catchment_blocks, resident_at
from synth.contract_rows import team_blocks
from synth.county import Plan
from synth.ecg_rows import centre_block
from synth.indexes import SESSION_NAME, Rebuild
from synth.network_rows import account_blocks, network_blocks
from synth.progress import Progress
from synth.rows import Block, block, plain
from synth.sealing import DeploymentSealer, spell
from synth.staff import Staff, draw_staff

#: Tables of one row or many for each resident, in the order their references ask for.
BULK = (
    "residents_household", "residents_resident", "residents_contact", "residents_rosterentry", "visits_visit",
    "visits_diagnosis", "visits_prescription", "residents_consent", "contracts_agreement",
    "contracts_agreementstatuschange", "contracts_promise", "referrals_referral",
    "referrals_referralstatuschange", "diagnostics_request", "diagnostics_report", "diagnostics_requeststatuschange",
    "diagnostics_criticalvalue",
    "diagnostics_criticalvaluestatuschange", "followups_followuptask", "followups_followupstatuschange",
    "programmes_enrolment", "programmes_enrolmentstatuschange", "programmes_managedresident", "programmes_programmevisit",
    "programmes_visitresult", "programmes_alert",
)  # fmt: skip
#: Tables that must be empty before a load.
MUST_BE_EMPTY = ("residents_resident", "network_facility", "network_division", "visits_visit")
#: From this size on two processes load, and secondary indexes are built at the end.
LARGE = 50_000
RESIDENTS_PER_BATCH = 4_000
N_PROCESSES = 2


class NotEmpty(Exception):
    """The database already holds a county, or one is being loaded."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load brought in."""

    rows: dict[str, int]
    seconds: float
    phases: dict[str, float]

    @property
    def n_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def connect(url: str, tenant: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A session of the owner or superuser, bound to the county."""
    options = f"-c xinglin.tenant={tenant} -c timezone=UTC -c client_min_messages=warning"
    return psycopg.connect(url, options=options, application_name=SESSION_NAME)


def load(plan: Plan, *, url: str, tenant: str, progress: Progress) -> Loaded:
    """Load a county into a database that is set up and empty.

    :raises NotEmpty: it already holds facilities, residents or visits
    """
    with connect(url, tenant) as connection:
        if not connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [SESSION_NAME]).fetchone()[0]:  # type: ignore[index]
            raise NotEmpty("another load is running in this database")
        Rebuild.clear_interrupted(connection, progress)
        _refuse_if_full(connection)
        (row,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM accounts_user").fetchall()
        first_user = cast(int, row[0])
        staff = draw_staff(plan, first_user)
        large = plan.n_residents >= LARGE
        rows: Counter[str] = Counter()
        rebuild = Rebuild.begin(connection, BULK, first_user=first_user) if large else None
        try:
            progress.begin("network and accounts", 1)
            for each in _small_blocks(plan, staff):
                rows[each.table] += copy_in(connection, each)
            progress.add(1, sum(rows.values()))
            progress.end()
            if rebuild:
                connection.commit()
                rows += _load_in_processes(plan, staff, url, tenant, progress)
            else:
                rows += _load_here(connection, plan, staff, progress)
            _set_sequences(connection, list(rows), plan)
            connection.commit()
            if rebuild:
                rebuild.finish(url, progress)
        except BaseException:
            connection.rollback()
            Rebuild.clear_interrupted(connection, progress)
            raise
    _vacuum(url, tenant, list(rows), progress)
    return Loaded(dict(rows), progress.finish(), dict(progress.phases))


def _refuse_if_full(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    for name in MUST_BE_EMPTY:
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone():
            raise NotEmpty(
                f"the database already holds a county ({name} has rows); "
                "a synthetic county is loaded into an empty database only"
            )


def _small_blocks(plan: Plan, staff: Staff) -> Iterator[Block]:
    yield from network_blocks(plan, lambda name: spell(name)[1])
    yield from account_blocks(plan, staff, lambda index: resident_at(plan, index))
    yield centre_block(plan)
    yield from team_blocks(plan, staff)


def _load_here(
    connection: "psycopg.Connection[tuple[object, ...]]", plan: Plan, staff: Staff, progress: Progress
) -> Counter[str]:
    sealer = DeploymentSealer()
    rows: Counter[str] = Counter()
    progress.begin("residents and visits", plan.n_residents)
    for batch in batches(plan):
        loaded = _load_batch(connection, plan, batch, staff, sealer)
        rows += loaded
        progress.add(sum(plan.catchments[i].n_residents for i in batch), sum(loaded.values()))
    progress.end()
    return rows


def batches(plan: Plan) -> list[list[int]]:
    """Catchments in groups of about `RESIDENTS_PER_BATCH` residents: what is in memory at one time."""
    groups: list[list[int]] = [[]]
    size = 0
    for catchment in plan.catchments:
        if size >= RESIDENTS_PER_BATCH:
            groups.append([])
            size = 0
        groups[-1].append(catchment.index)
        size += catchment.n_residents
    return groups


def _load_batch(
    connection: "psycopg.Connection[tuple[object, ...]]",
    plan: Plan,
    batch: Iterable[int],
    staff: Staff,
    sealer: DeploymentSealer,
) -> Counter[str]:
    """Generate some catchments and copy them in, one COPY for each table."""
    parts: dict[str, list[Block]] = {name: [] for name in BULK}
    for index in batch:
        for each in catchment_blocks(plan, plan.catchments[index], staff, sealer):
            parts[each.table].append(each)
    return Counter({name: copy_in(connection, *blocks) for name, blocks in parts.items() if blocks})


def copy_in(connection: "psycopg.Connection[tuple[object, ...]]", *blocks: Block) -> int:
    """Copy blocks of one table in; columns the generator does not know get their model's default."""
    rows = sum(each.n_rows for each in blocks)
    if not rows:
        return 0
    blocks = tuple(_complete(each) for each in blocks)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(blocks[0].table), sql.SQL(", ").join(map(sql.Identifier, blocks[0].columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for each in blocks:
            copy.write(each.text())
    return rows


_UNFILLED: "dict[str, list[Field[Any, Any]]]" = {}


def _complete(each: Block) -> Block:
    """Add columns the model has gained and the generator does not fill: they hold the model's default."""
    if each.table not in _UNFILLED:
        models = [m for m in apps.get_models(include_auto_created=True) if m._meta.db_table == each.table]
        fields = [f for m in models for f in m._meta.concrete_fields if f.column not in each.columns]
        _UNFILLED[each.table] = [f for f in fields if not f.null and not f.primary_key and f.db_default is NOT_PROVIDED]
    missing = _UNFILLED[each.table]
    if not missing:
        return each
    columns: dict[str, Sequence[str]] = dict(zip(each.columns, each.values, strict=True))
    for field in missing:
        one = [plain(field.get_default())]
        alone = [plain(field.get_default()) for _ in range(each.n_rows)] if field.unique else one * each.n_rows
        columns[str(field.column)] = alone
    return block(each.table, columns)


# Two processes -------------------------------------------------------------------------------------------------------
class _Worker:
    """What a loading process keeps between batches."""

    plan: Plan
    staff: Staff
    sealer: DeploymentSealer
    connection: "psycopg.Connection[tuple[object, ...]]"


def _start_worker(packed: bytes, url: str, tenant: str) -> None:
    _Worker.plan, _Worker.staff = pickle.loads(packed)  # noqa: S301 - from our own parent process
    _Worker.sealer = DeploymentSealer()
    _Worker.connection = connect(url, tenant)
    # Nothing is acknowledged before the last transaction of the load, which is written through.
    _Worker.connection.execute("SET synchronous_commit = off")
    _Worker.connection.commit()


def _work(batch: list[int]) -> tuple[list[int], Counter[str]]:
    rows = _load_batch(_Worker.connection, _Worker.plan, batch, _Worker.staff, _Worker.sealer)
    _Worker.connection.commit()
    return batch, rows


def _load_in_processes(plan: Plan, staff: Staff, url: str, tenant: str, progress: Progress) -> Counter[str]:
    rows: Counter[str] = Counter()
    packed = pickle.dumps((plan, staff))
    progress.begin("residents and visits", plan.n_residents)
    with ProcessPoolExecutor(
        min(N_PROCESSES, os.cpu_count() or 1), multiprocessing.get_context("spawn"), _boot, (packed, url, tenant)
    ) as pool:
        futures = [pool.submit(_work, batch) for batch in batches(plan)]
        try:
            for future in as_completed(futures):
                batch, loaded = future.result()
                rows += loaded
                progress.add(sum(plan.catchments[i].n_residents for i in batch), sum(loaded.values()))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    progress.end()
    return rows


def _boot(packed: bytes, url: str, tenant: str) -> None:
    """A new process knows nothing: settings first, then the rest."""
    import django

    django.setup()
    from xinglin.programmes.rules import catalogue

    catalogue.keep_in(lambda _fresh: ())  # a county that is being made has no definitions of its own yet
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    _start_worker(packed, url, tenant)


def _leave_with(parent: int) -> None:
    """End this process when its parent is gone: nobody would take its rows."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


# Afterwards ----------------------------------------------------------------------------------------------------------
def _set_sequences(connection: "psycopg.Connection[tuple[object, ...]]", tables: list[str], plan: Plan) -> None:
    """Let running numbers go on after what was loaded."""
    for name in tables:
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 1)) FROM {}").format(
                sql.Literal(name), sql.Identifier(name)
            )
        )
    last = 2 * plan.n_residents + 2 * plan.n_visits + 2
    connection.execute(
        "SELECT setval('platform_number_seq', greatest(%s, (SELECT last_value FROM platform_number_seq)))", [last]
    )


def _vacuum(url: str, tenant: str, tables: list[str], progress: Progress) -> None:
    """Statistics for the planner, and the visibility map for index-only scans."""
    progress.begin("vacuum and statistics", len(tables))
    with connect(url, tenant) as connection:
        connection.autocommit = True
        for name in tables:
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(name)))
            progress.add(1)
    progress.end()
