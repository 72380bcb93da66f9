"""Lines that were told before: the same number counts once, a correction takes the place of what it corrects, and what it
corrected counts again when its return is replaced by one without it.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinglin.indicators.facts.layouts import Entry, Fault, Layout, Reading
from xinglin.indicators.models import ReturnBatch, ReturnRow
from xinglin.platform.errors import InvalidInput, wrong

_PIECE = 2_000
_BESIDE = {"facility", "identity"}  # kept in columns of their own


def told_before(
    layout: Layout, read: Reading, former: ReturnBatch | None
) -> tuple[list[int], dict[str, Mapping[str, Any]]]:
    """The lines of other returns that these correct, locked, and what they said by number. A number that stands in another return and is no
    correction is a fault that says where it stands; so is a correction of nothing. `former` is replaced as a whole.
    """
    found: dict[str, ReturnRow] = {}
    said: dict[str, Mapping[str, Any]] = {}
    keys = [each.key for each in read.entries]
    for begin in range(0, len(keys), _PIECE):
        rows = ReturnRow.objects.select_for_update(of=("self",)).select_related("batch", "facility")
        for row in rows.filter(kind=layout.kind, key__in=keys[begin : begin + _PIECE]):
            if former is None or row.batch_id != former.pk:
                found[row.key], said[row.key] = row, former_of(row)
            elif row.former is not None:
                said[row.key] = row.former  # sent again with its whole return
    for each in read.entries:
        stands = found.get(each.key)
        if stands is not None and not each.corrects:
            read.faults.append(Fault(each.row, layout.key_column, _said(layout, each, stands)))
        elif stands is None and each.corrects and each.key not in said:
            words = _("没有可更正的记录：编号“%(key)s”从未上报。") % {"key": each.key[:40]}
            read.faults.append(Fault(each.row, layout.key_column, words))
    return [each.pk for each in found.values()], said


def _said(layout: Layout, entry: Entry, row: ReturnRow) -> str:
    is_same = row.happened_on == entry.on and row.content == content_of(layout, entry)
    what = _("内容相同，请删去此行") if is_same else _("内容不同，如为更正，请在“更正”列填“是”")
    words = _("编号“%(key)s”已在 %(month)s 的上报中（第%(line)d行），不能重复计算：%(what)s。")
    return words % {"key": row.key[:40], "month": row.batch.month, "line": row.line, "what": what}


def check_replaced(former: ReturnBatch | None, keys: set[str], *, said: str) -> None:
    """Whoever replaces a return has said which one, so that nothing goes unseen.

    :raises InvalidInput: he has not (`would-replace`, and what would go), or said one that does not stand
    """
    if said == (str(former.uuid) if former else ""):
        return
    if former is None:
        raise wrong("replaces", _("要替换的上报已经不在了，请刷新后重试。"), code="nothing-to-replace")
    stood = set(former.rows.values_list("key", flat=True))
    back = len(withdrawn(former, keys))
    words = _(
        "%(month)s已有上报：“%(file)s”，%(before)d行，由%(who)s上报。新文件%(after)d行，其中%(same)d行编号与原来相同；"
        "原来的另外%(gone)d行将不再计入，其中%(back)d行是更正，恢复为更正前的内容。还没有写入任何内容。"
    ) % {
        "month": former.month, "file": former.file_name, "who": former.taken_by_name, "before": len(stood), "after": len(keys),
        "same": len(stood & keys), "gone": len(stood - keys), "back": back,
    }  # fmt: skip
    raise InvalidInput(
        words, fields={"replaces": _("填写要替换的上报：%(uuid)s") % {"uuid": former.uuid}}, code="would-replace"
    )


def content_of(layout: Layout, entry: Entry) -> dict[str, Any]:
    """What is kept of a line, beside who and where."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in entry.values.items()
        if name not in _BESIDE | {layout.key_column}
    }


def former_of(row: ReturnRow) -> Mapping[str, Any]:
    """What a line said before it was corrected, and where: it stays beside what it says now."""
    return {
        "batch": str(row.batch.uuid), "month": row.batch.month, "line": row.line, "on": row.happened_on.isoformat(),
        "facility": row.facility_id, "resident": row.resident_id, "person": row.person, "content": row.content,
        "former": row.former,
    }  # fmt: skip


def withdrawn(former: ReturnBatch, keys: Collection[str]) -> list[ReturnRow]:
    """What the corrections of a return said before, where the return that takes its place has them no more: as rows of the
    returns that stand now in the places of those that told it. What former returns of the same month told is gone with them.
    """
    own = {
        str(each)
        for each in ReturnBatch.objects.filter(
            kind=former.kind, month=former.month, facility=former.facility_id
        ).values_list("uuid", flat=True)
    }
    found = []
    for row in former.rows.filter(former__isnull=False):
        said = None if row.key in keys else _told_elsewhere(row.former, own)
        if said is not None:
            found.append(_row_of(row, said))
    return found


def _told_elsewhere(said: Mapping[str, Any] | None, own: Collection[str]) -> dict[str, Any] | None:
    """What other returns said of a line, the latest first."""
    if said is None:
        return None
    before = _told_elsewhere(said["former"], own)
    return before if said["batch"] in own else {**said, "former": before}


def _row_of(row: ReturnRow, said: Mapping[str, Any]) -> ReturnRow:
    # lines corrected before this was kept do not say whose they were: they are of whom the correction says
    return ReturnRow(
        batch=_standing(said["batch"]), kind=row.kind, key=row.key, line=said["line"], facility_id=said["facility"],
        resident_id=said.get("resident", row.resident_id), person=said.get("person", row.person),
        happened_on=date.fromisoformat(said["on"]), content=said["content"], former=said["former"],
    )  # fmt: skip


def _standing(uuid: str) -> ReturnBatch:
    """The return that stands in the place of one, held."""
    held = ReturnBatch.objects.select_for_update()
    found = held.get(uuid=uuid)
    while found.replaced_by_id is not None:
        found = held.get(pk=found.replaced_by_id)
    return found
