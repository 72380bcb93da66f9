"""Marks of recognition: granted, withdrawn, brought in as a table. Their lapse by the day needs no act."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.recognition import catalogue, permissions, tables
from xinglin.recognition.data import Level
from xinglin.recognition.events import Event
from xinglin.recognition.models import Mark

MOST_YEARS = 5
MOST_TOLD = 200


@transaction.atomic
def grant_mark(
    *,
    facility_id: int,
    kind: str,
    item: str = "",
    level: str,
    valid_from: date,
    valid_until: date,
    evidence: str,
    by: Actor,
    at: datetime,
) -> Mark:
    """Write down that a unit's results carry a mark, for one item or (`item` empty) all of a kind; until a day, not on it.

    :raises NotPermitted: the actor manages no marks there
    :raises InvalidInput: no such item or level, a period that is none or longer than five years, no evidence
    :raises Conflict: the unit has this mark from this day already
    """
    permissions.may_manage(by, facility_id).require()
    wrong = faults(kind, item, level, valid_from, valid_until, evidence, on=clock.today(at))
    if wrong:
        raise InvalidInput(_("互认标识填写有误。"), fields=wrong)
    try:
        with transaction.atomic():
            mark = Mark.objects.create(
                facility_id=facility_id, kind=kind, item=item, level=level, valid_from=valid_from,
                valid_until=valid_until, evidence=evidence.strip(), granted_at=at, granted_by=by.user_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("该单位从这一天起已有同样的互认标识。"), code="mark-exists") from error
    announce(
        Event.MARK_GRANTED, obj=mark, by=by, at=at, place=facility_id, item=item or kind, level=level,
        until=valid_until.isoformat(),
    )  # fmt: skip
    return mark


def faults(
    kind: str, item: str, level: str, valid_from: date, valid_until: date, evidence: str, *, on: date
) -> dict[str, object]:
    """What is wrong with a mark, by field; empty when nothing is."""
    wrong: dict[str, object] = {}
    listed = {each.code for each in catalogue.items(on=on, kind=kind)} if kind else set()
    if not listed:
        wrong["kind"] = _("请选择检查或检验。")
    elif item and item not in listed:
        wrong["item"] = _("互认目录里没有这个项目。")
    if level not in Level.values:
        wrong["level"] = _("请选择互认级别。")
    if valid_until <= valid_from:
        wrong["valid_until"] = _("截止日期应晚于起始日期。")
    elif (valid_until - valid_from).days > MOST_YEARS * 366:
        wrong["valid_until"] = _("有效期最长%(years)d年。") % {"years": MOST_YEARS}
    text = evidence.strip()
    if not text or len(text) > 120 or "\x00" in text:
        wrong["evidence"] = _("请写明依据（如室间质评证书号），最多120个字。")
    return wrong


@transaction.atomic
def end_mark(*, mark: Mark, reason: str, by: Actor, at: datetime) -> Mark:
    """Withdraw a mark at once, with the reason written out. What was recognised under it stands.

    :raises NotPermitted: the actor manages no marks there
    :raises Conflict: it has ended
    :raises InvalidInput: no reason
    """
    mark = Mark.objects.select_for_update(of=("self",)).get(pk=mark.pk)
    permissions.may_end(by, mark).require()
    reason = reason.strip()
    if not reason or len(reason) > 200 or "\x00" in reason:
        raise InvalidInput(_("请写明停用原因。"), fields={"reason": _("必填，最多%(most)d个字。") % {"most": 200}})
    Mark.objects.filter(pk=mark.pk).update(ended_at=at, ended_by=by.user_id or 0, end_reason=reason)
    mark.refresh_from_db()
    announce(Event.MARK_ENDED, obj=mark, by=by, at=at, place=mark.facility_id, reason=reason, item=mark.item)
    return mark


@transaction.atomic
def import_marks(*, content: bytes, by: Actor, at: datetime) -> int:
    """Bring in a table of marks (.xlsx or CSV); returns how many are new. All or nothing; what is there already stays.

    :raises NotPermitted: the actor manages no marks
    :raises InvalidInput: the file is no such table, or rows are wrong; `fields` tells them by row and column
    :raises TooLarge: too many bytes or rows
    """
    permissions.may_manage(by).require()
    rows, wrong = tables.read(content, by=by, on=clock.today(at))
    for row in rows:
        found = faults(row.kind, row.item, row.level, row.valid_from, row.valid_until, row.evidence, on=clock.today(at))
        wrong += [(row.number, tables.label(name), reason) for name, reason in found.items()]
    if wrong:
        told = {str(_("第%(row)d行 %(column)s") % {"row": n, "column": c}): why for n, c, why in sorted(wrong, key=str)}
        raise InvalidInput(
            _("表格有%(n)d处错误，什么都没有写入。") % {"n": len(wrong)},
            fields=dict(list(told.items())[:MOST_TOLD]), code="rows-wrong",
        )  # fmt: skip
    n_before = Mark.objects.count()
    Mark.objects.bulk_create(
        [
            Mark(
                facility_id=row.facility_id, kind=row.kind, item=row.item, level=row.level, valid_from=row.valid_from,
                valid_until=row.valid_until, evidence=row.evidence.strip(), granted_at=at, granted_by=by.user_id,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    n_new = Mark.objects.count() - n_before
    audit.record(Event.MARKS_IMPORTED, by=by, at=at, detail={"rows": len(rows), "new": n_new})
    return n_new
