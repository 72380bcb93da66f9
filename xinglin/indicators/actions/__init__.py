"""The only writers of returns and published figures."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from xinglin.indicators import permissions
from xinglin.indicators.actions.corrections import check_replaced, content_of, told_before, withdrawn
from xinglin.indicators.definitions.reading import LEVELS, indicators, said
from xinglin.indicators.engine import board
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.values import as_cell
from xinglin.indicators.events import Event
from xinglin.indicators.facts.extraction import latest_version
from xinglin.indicators.facts.layouts import Fault, Layout, Reading, layouts, read_return
from xinglin.indicators.models import ReturnBatch, ReturnRow, Snapshot, SnapshotFigure
from xinglin.network.api import facility_by_code
from xinglin.platform import files
from xinglin.platform.actors import Actor
from xinglin.platform.crypto import blind_index
from xinglin.platform.errors import Conflict, InvalidInput, NotVisible, wrong
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.residents.api import ids_by_identity
from xinglin.web.sheets.reading import MAX_BYTES, read_lines

MOST_FAULTS = 200  # told in one answer
_PIECE = 2_000


@transaction.atomic
def take_return(
    *, kind: str, month: str, content: bytes, file_name: str, facility_id: int | None = None, replaces: str = "", by: Actor,
    at: datetime,
) -> ReturnBatch:  # fmt: skip
    """Take a return whole. One of the same kind, month and facility takes the place of the former one, which `replaces` names:
    without it nothing is written, and the refusal says how many lines would go. What its corrections corrected counts again
    where it does not have them any more.

    :raises NotPermitted: no right to send returns. :raises NotVisible: no such kind of return
    :raises InvalidInput: faults, told by row and column, or it would replace another than the one named; nothing is taken
    :raises Conflict: somebody reports the same lines at this moment
    """
    permissions.may_keep_figures(by).require()
    layout = next((each for each in layouts() if each.kind == kind), None)
    if layout is None:
        raise NotVisible("indicators.return", kind)
    month = _month(month)
    read = read_return(layout, read_lines(content), month=month)
    former = (
        ReturnBatch.objects.select_for_update()
        .filter(kind=kind, month=month, facility=facility_id, replaced_by__isnull=True)
        .first()
    )
    corrected, said_before = told_before(layout, read, former)
    rows = _rows(layout, read, said_before)
    if read.faults:
        raise refusal(read)
    check_replaced(former, {each.key for each in read.entries}, said=replaces)
    stored = files.store(io.BytesIO(content), at=at, max_bytes=MAX_BYTES)
    batch = ReturnBatch(
        kind=kind, layout=layout.definition.version, month=month, facility_id=facility_id, file=stored,
        file_name=clean(file_name, "file", most=120) or kind, n_rows=len(rows), taken_at=at, taken_by=by.user_id,
        taken_by_name=by.name,
    )  # fmt: skip
    _write(batch, rows, former, corrected)
    announce(Event.RETURN_TAKEN, obj=batch, by=by, at=at, kind=kind, month=month, n_rows=len(rows))
    return batch


def _month(text: str) -> str:
    try:
        period = parse(text)
    except ValueError:
        period = None
    if period is None or period.first_month != text:
        raise wrong("month", _("统计月份应写作 2026-11。"))
    return text


def _rows(layout: Layout, read: Reading, said_before: Mapping[str, Mapping[str, Any]]) -> list[ReturnRow]:
    """Rows to write; facilities and people are looked up, and what is not found is a fault."""
    codes: dict[str, int | None] = {}
    numbers = ids_by_identity({str(each.values["identity"]) for each in read.entries if "identity" in each.values})
    rows = []
    for each in read.entries:
        code, number = str(each.values.get("facility", "")), str(each.values.get("identity", ""))
        if code and code not in codes:
            codes[code] = _facility(code)
        if code and codes[code] is None:
            words = _("没有编码为“%(code)s”的机构。") % {"code": code[:20]}
            read.faults.append(Fault(each.row, "facility", str(words)))
            continue
        resident = numbers.get(number)
        rows.append(
            ReturnRow(
                kind=layout.kind, key=each.key, line=each.row, facility_id=codes.get(code), resident_id=resident,
                person=_outsider(number) if number and resident is None else None, happened_on=each.on,
                content=content_of(layout, each), former=said_before.get(each.key),
            )
        )  # fmt: skip
    return rows


def _facility(code: str) -> int | None:
    try:
        return facility_by_code(code).id
    except NotVisible:
        return None


def _outsider(number: str) -> int:
    """A key of somebody who is not on record: below zero, so that it is nobody's id."""
    return -1 - (int.from_bytes(blind_index("indicators.outsider", number)[:7], "big"))


def _write(batch: ReturnBatch, rows: list[ReturnRow], former: ReturnBatch | None, corrected: list[int]) -> None:
    ReturnRow.objects.filter(pk__in=corrected).delete()
    if former is not None:
        again = withdrawn(former, {each.key for each in rows})
        former.rows.all().delete()
        ReturnRow.objects.bulk_create(again, batch_size=_PIECE)
        former.replaced_by = former  # makes room for the new one, which does not exist yet
        former.save(update_fields=["replaced_by"])
    try:
        with transaction.atomic():
            batch.save()
            for begin in range(0, len(rows), _PIECE):
                piece = rows[begin : begin + _PIECE]
                for row in piece:
                    row.batch = batch
                ReturnRow.objects.bulk_create(piece)
    except IntegrityError as error:
        raise Conflict(_("同时有人上报了同一份数据，请重试。"), code="already-reported") from error
    if former is not None:
        former.replaced_by = batch
        former.save(update_fields=["replaced_by"])


def refusal(read: Reading) -> InvalidInput:
    """Faults of a file as an answer; columns are called as the file calls them."""
    found = read.faults
    reasons = {f"{each.row}.{read.headings[each.column]}": each.reason for each in found[:MOST_FAULTS]}
    words = ngettext("上报表有%(n)d处错误，什么都没有写入。", "上报表有%(n)d处错误，什么都没有写入。", len(found))
    return InvalidInput(words % {"n": len(found)}, fields=reasons, code="rows-wrong")


@transaction.atomic
def publish_figures(*, title: str, period: str, by: Actor, at: datetime, title_en: str = "") -> Snapshot:
    """Freeze every figure of a period at every level: with the facts' version and what the definitions said.

    :param title_en: its title in English, where the system named it
    :raises NotPermitted: no right to publish. :raises Conflict: nothing was extracted yet, or the title is taken
    """
    permissions.may_keep_figures(by).require()
    title = clean(title, "title", most=80, least=1)
    try:
        wanted = parse(period)
    except ValueError as error:
        raise wrong("period", _("统计期写法不对。")) from error
    version = latest_version()
    if version is None:
        raise Conflict(_("还没有抽取统计数据。"), code="no-facts")
    chosen = indicators()
    if Snapshot.objects.filter(title=title, period=wanted.text).exists():
        raise Conflict(_("这一期已有同名的发布。"), code="title-taken")
    snapshot = Snapshot.objects.create(
        title=title, title_en=title_en, period=wanted.text, version=version, frozen_at=at, frozen_by=by.user_id,
        frozen_by_name=by.name, definitions={each.slug: said(each.definition) for each in chosen},
    )  # fmt: skip
    spots = [board.Spot(level) for level in LEVELS]
    board.keep(version, wanted, spots=spots, wanted=chosen, at=at)  # all levels in one pass
    for level in LEVELS:
        found = board.figures(version, wanted, level=level, wanted=chosen, at=at)
        SnapshotFigure.objects.bulk_create(
            SnapshotFigure(
                snapshot=snapshot, slug=slug, level=level, cells={unit: as_cell(value) for unit, value in units.items()}
            )
            for slug, units in found.items()
        )
    announce(Event.PUBLISHED, obj=snapshot, by=by, at=at, title=title, period=wanted.text)
    return snapshot
