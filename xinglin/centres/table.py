"""The roster as a table: what each row says, checked one by one before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.api import Holder
from xinglin.centres.actions import Duty
from xinglin.centres.catalogue import moments
from xinglin.centres.words import MODALITIES, REGIONS
from xinglin.platform.errors import InvalidInput
from xinglin.web.formats import listed_text
from xinglin.web.sheets import Line

#: Headings, always Chinese, so that a file reads back anywhere. What an export writes, an import takes.
HEADINGS = ("日期", "开始", "结束", "医生账号", "医生", "设备", "部位", "审核")
REQUIRED = ("日期", "开始", "结束", "医生账号")
YES, NO = "是", "否"


@dataclass(slots=True)
class Row:
    """One row as it would be written; `faults` by heading."""

    number: int
    texts: dict[str, str]
    duty: Duty | None = None
    faults: dict[str, object] = field(default_factory=dict)

    @property
    def told(self) -> list[tuple[str, str, object]]:
        """Each fault: its column, what stands there, and why it is wrong."""
        return [(name, self.texts.get(name, ""), reason) for name, reason in self.faults.items()]


def rows_of(shifts: Iterable[Any], usernames: Mapping[int, str]) -> list[list[str]]:
    """Shifts as rows of the table."""
    rows = []
    for each in shifts:
        start, end = timezone.localtime(each.starts_at), timezone.localtime(each.ends_at)
        rows.append(
            [
                f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}", usernames.get(each.reader_id, ""), each.reader_name,
                " ".join(each.modalities), " ".join(each.regions), YES if each.reviews else NO,
            ]
        )  # fmt: skip
    return rows


def plan(lines: Iterable[Line], readers: Mapping[int, Holder], standing: Sequence[Any]) -> list[Row]:
    """Check each row against the readers of the centre, what stands, and the rows before it.

    :raises InvalidInput: the heading does not fit, or there are no rows
    """
    every = iter(lines)
    heading = next(every, None)
    cells = [cell.rstrip("*") for cell in heading.cells] if heading else []
    if unknown := [cell for cell in cells if cell and cell not in HEADINGS]:
        raise _bad(_("“%(heading)s”不是值班表的列，请下载模板对照。") % {"heading": unknown[0][:30]})
    if missing := [name for name in REQUIRED if name not in cells]:
        raise _bad(_("缺少必需的列：%(columns)s。") % {"columns": listed_text(missing)})
    by_name = {each.username: each for each in readers.values()}
    taken = [(each.reader_id, each.starts_at, each.ends_at) for each in standing]
    rows = [_row(line, cells, by_name, taken) for line in every]
    if not rows:
        raise _bad(_("表头之下没有数据。"))
    return rows


def _bad(reason: object) -> InvalidInput:
    return InvalidInput(reason, fields={"file": reason}, code="bad-table")


def _row(
    line: Line, cells: Sequence[str], by_name: Mapping[str, Holder], taken: list[tuple[int, datetime, datetime]]
) -> Row:
    texts = {name: line.cells[index] if index < len(line.cells) else "" for index, name in enumerate(cells) if name}
    row = Row(line.number, texts)
    on, start, end = _day(row), _time(row, "开始"), _time(row, "结束")
    reader = by_name.get(texts["医生账号"])
    if reader is None:
        row.faults["医生账号"] = _("本中心没有这个账号的诊断医生。")
    modalities = _codes(row, "设备", MODALITIES)
    regions = _codes(row, "部位", REGIONS)
    reviews = texts.get("审核", "") or YES
    if reviews not in {YES, NO}:
        row.faults["审核"] = _("请填写是或否。")
    if row.faults or on is None or start is None or end is None or reader is None:
        return row
    starts_at, ends_at = moments(on, start, end)
    if any(who == reader.id and since < ends_at and until > starts_at for who, since, until in taken):
        row.faults["开始"] = _("这位医生在这段时间已有班次。")
        return row
    taken.append((reader.id, starts_at, ends_at))
    row.duty = Duty(reader.id, starts_at, ends_at, modalities, regions, reviews == YES)
    return row


def _day(row: Row) -> date | None:
    try:
        return date.fromisoformat(row.texts["日期"][:10].replace("/", "-").replace(".", "-"))
    except ValueError:
        row.faults["日期"] = _("日期写成2026-01-31。")
        return None


def _time(row: Row, name: str) -> time | None:
    said = row.texts[name].replace("：", ":")
    try:
        hours, minutes = said.split(":")[:2]
        return time(int(hours), int(minutes)) if said != "24:00" else time(0)
    except ValueError:
        row.faults[name] = _("时间写成08:00。")
        return None


def _codes(row: Row, name: str, known: Mapping[str, object]) -> tuple[str, ...]:
    """Codes or words, apart by blanks or commas."""
    words = {str(word): code for code, word in known.items()}
    found = []
    for said in row.texts.get(name, "").replace("，", " ").replace("、", " ").replace(",", " ").split():
        code = said.upper() if said.upper() in known else words.get(said, "")
        if not code:
            row.faults[name] = _("没有这一项：%(word)s。") % {"word": said[:20]}
        found.append(code)
    return tuple(dict.fromkeys(found))


def week_of(text: str, today: date) -> date:
    """The Monday an address names, or that of this week."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    return day - timedelta(days=day.weekday())
