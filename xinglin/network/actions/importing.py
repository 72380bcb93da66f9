"""Importing a table: checked first and shown, then applied as a whole, or its good rows only on demand."""

import io
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.network import permissions
from xinglin.network.events import Event
from xinglin.network.exchange import table_named
from xinglin.network.exchange.base import Context, Plan, plan
from xinglin.network.models import ImportBatch
from xinglin.platform import audit, clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.web.sheets.reading import MAX_BYTES, read_lines

MAX_NAME = 120
MOST_FIELDS = 200  # reasons told in one refusal
_LOCK = 0x6E6574  # one import at a time: rows are checked against what is there


def plan_import(*, table: str, content: bytes, by: Actor, at: datetime) -> Plan:
    """What a file would do; changes nothing.

    :raises NotPermitted: no right to import anywhere
    :raises InvalidInput: the file is no such table
    :raises TooLarge: see `xinglin.web.sheets.reading`
    """
    permissions.may_import(by).require()
    return plan(table_named(table), read_lines(content), Context(by, at, clock.today(at)))


@transaction.atomic
def check_import(*, table: str, content: bytes, file_name: str, by: Actor, at: datetime) -> tuple[ImportBatch, Plan]:
    """Check a file, keep it, and say what it would do; nothing of the network changes."""
    planned = plan_import(table=table, content=content, by=by, at=at)
    stored = files.store(io.BytesIO(content), at=at, max_bytes=MAX_BYTES)
    batch = ImportBatch.objects.create(
        table=table, file=stored, file_name=_shown_name(file_name), uploaded_at=at, uploaded_by=by.user_id,
        n_rows=len(planned.rows), n_errors=len(planned.errors), n_new=len(planned.new), n_changed=len(planned.changed),
    )  # fmt: skip
    audit.record(
        Event.IMPORT_CHECKED, by=by, at=at, kind="network.importbatch", key=str(batch.uuid),
        detail={"table": table, "n_rows": batch.n_rows, "n_errors": batch.n_errors},
    )  # fmt: skip
    return batch, planned


def _shown_name(text: str) -> str:
    """What a file was called: shown to people, never used as a path."""
    kept = "".join(each for each in text.replace("\\", "/").rsplit("/", 1)[-1] if each.isprintable())
    return kept[:MAX_NAME] or "table"


@transaction.atomic
def apply_import(*, batch: ImportBatch, only_good: bool = False, by: Actor, at: datetime) -> Plan:
    """Write a checked file. It is checked again: what was true at the preview may be so no more.

    `only_good`: leave out rows with errors; otherwise one error means nothing is written.

    :raises NotPermitted: no right to import, or the file was uploaded by somebody else
    :raises Conflict: it was applied already
    :raises InvalidInput: rows have errors; `fields` tells them by row and column
    """
    permissions.may_import(by).require()
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("file").get(pk=batch.pk)
    permissions.may_apply(by, batch).require()
    if batch.applied_at is not None:
        raise Conflict(_("这个文件已经导入过。"), code="already-applied")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    with files.open_file(batch.file) as file:
        content = file.read()
    planned = plan_import(table=batch.table, content=content, by=by, at=at)
    if planned.errors and not only_good:
        raise refusal(planned)
    good = planned.good
    if not good:
        raise refusal(planned)
    counts = (len(planned.new), len(planned.changed))
    try:
        with transaction.atomic():
            planned.table.write(good, Context(by, at, clock.today(at)))
    except IntegrityError as error:
        raise Conflict(_("导入期间数据有变动，什么都没有写入，请重新检查文件。"), code="changed-meanwhile") from error
    batch.applied_at, batch.applied_by = at, by.user_id
    batch.n_errors, (batch.n_new, batch.n_changed) = len(planned.errors), counts
    batch.save(update_fields=["applied_at", "applied_by", "n_errors", "n_new", "n_changed"])
    announce(
        Event.IMPORTED, obj=batch, by=by, at=at, table=batch.table, n_new=counts[0], n_changed=counts[1],
        n_left_out=len(planned.rows) - len(good),
    )  # fmt: skip
    return planned


def refusal(planned: Plan) -> InvalidInput:
    """The errors of a file as an answer."""
    reasons = {f"{each.row}.{each.column}": each.reason for each in planned.errors[:MOST_FIELDS]}
    message = _("有%(n)d处错误，什么都没有写入。") % {"n": len(planned.errors)}
    return InvalidInput(message, fields=reasons, code="rows-wrong")
