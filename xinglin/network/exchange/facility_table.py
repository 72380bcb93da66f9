"""The table of facilities."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from xinglin.network import checking
from xinglin.network.exchange import cells
from xinglin.network.exchange.base import Context, Planned, Table, note_changes
from xinglin.network.exchange.cells import Column
from xinglin.network.models import Division, Facility, FacilityStatusChange
from xinglin.network.names import initials_of
from xinglin.network.states import FINAL, Status
from xinglin.network.timetables import plain

_TEXT = (cells.read_text, cells.write_text)
_CODE = (cells.read_code, cells.write_text)
_DATE = (cells.read_date, cells.write_date)
_FLAG = (cells.read_flag, cells.write_flag)
_NUMBER = (cells.read_number, lambda value: value)
DEEPEST = 12


def _choice(choices: Any, empty: str = "") -> tuple[Any, Any]:
    return cells.chooser(choices, empty=empty), cells.write_choice(choices)


class FacilityTable(Table):
    """Facilities, known by their code. Status is set for new ones only: a step of life is an act of its own."""

    key = "facilities"
    title = _("机构")
    identity: ClassVar = ("code",)
    columns: ClassVar = (
        Column("code", _("机构编码"), *_CODE, required=True, sample="370403101V01"),
        Column("name", _("机构名称"), *_TEXT, required=True, sample="沙沟镇东沟村卫生室"),
        Column("short_name", _("简称"), *_TEXT, sample="东沟村卫生室"),
        Column("kind", _("机构类型"), *_choice(Facility.Kind.choices), required=True, sample="村卫生室"),
        Column("tier", _("层级"), *_choice(Facility.Tier.choices), sample="村级"),
        Column("status", _("状态"), *_choice(Status.choices, Status.OPEN), sample="运行"),
        Column("division", _("区划代码"), *_CODE, required=True, sample="370403101201"),
        Column("manager", _("管理机构编码"), *_CODE, sample="370403101H01"),
        Column("host", _("所属卫生室编码"), *_CODE),
        Column("successor", _("承接机构编码"), *_CODE),
        Column("credit_code", _("统一社会信用代码"), *_CODE),
        Column("address", _("地址"), *_TEXT, sample="沙沟镇东沟村"),
        Column("phone", _("电话"), *_TEXT, sample="0632-5550000"),
        Column("latitude", _("纬度"), *_NUMBER, sample="34.8012"),
        Column("longitude", _("经度"), *_NUMBER, sample="117.2634"),
        Column("opened_on", _("开业日期"), *_DATE, sample="2012-01-01"),
        Column("closed_on", _("关闭日期"), *_DATE),
        Column("publicly_owned", _("产权公有"), *_FLAG, sample="是"),
        Column("publicly_owned_since", _("产权公有日期"), *_DATE),
        Column("integrated_since", _("一体化管理日期"), *_DATE),
        Column("insured_since", _("医保联网日期"), *_DATE),
        Column("telemedicine_since", _("远程医疗接入日期"), *_DATE),
        Column("timetable", _("服务时间"), cells.read_timetable, lambda value: plain(value or [])),
    )
    REFERENCES = ("manager", "host", "successor")
    #: Columns a row of an existing facility may change.
    CHANGING = checking.EDITABLE

    def check(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`."""
        in_file = {row.values["code"]: row for row in rows if "code" in row.values}
        codes = {row.values["division"] for row in rows if row.values.get("division")}
        divisions = {each.code: each for each in Division.objects.filter(code__in=codes)}
        for row in rows:
            row.existing = context.facilities.get(row.values.get("code", ""))
            self._resolve(row, in_file, divisions, context)
            self._check_facts(row, context)
            self._check_place(row, in_file, context)
        self._refuse_circles(rows, in_file, context)
        _spread(rows, in_file, self.REFERENCES)
        for row in rows:
            if row.existing is not None:
                note_changes(row, self.CHANGING, self._current(row.existing))

    @staticmethod
    def _current(facility: Facility) -> dict[str, Any]:
        current = {name: getattr(facility, name) for name in checking.EDITABLE}
        for name in FacilityTable.REFERENCES:
            above = getattr(facility, name)
            current[name] = above.code if above else ""
        return current

    def _resolve(
        self, row: Planned, in_file: Mapping[str, Planned], divisions: Mapping[str, Division], context: Context
    ) -> None:
        if code := row.values.get("division"):
            division = divisions.get(code)
            if division is None:
                row.wrong("division", _("没有这个区划代码，请先导入区划。"))
            row.values["division"] = division
        for name in self.REFERENCES:
            code = row.values.get(name)
            if code and code not in context.facilities and code not in in_file:
                row.wrong(name, _("没有这家机构，文件里也没有。"))
            elif code and code == row.values.get("code"):
                row.wrong(name, _("不能是机构自己。"))
        if row.values.get("tier") == "" or "tier" not in row.values:
            row.values["tier"] = checking.TIER_OF.get(row.values.get("kind", ""), "")
            if row.existing is not None and not row.values["tier"]:
                row.values["tier"] = row.existing.tier

    def _check_facts(self, row: Planned, context: Context) -> None:
        values = {name: row.values.get(name) for name in (*checking.EDITABLE, "code", "status", "closed_on")}
        if row.existing is not None:
            current = {
                **self._current(row.existing),
                "closed_on": row.existing.closed_on,
                "status": row.existing.status,
            }
            values = {name: row.values.get(name, current.get(name)) for name in values}
        for name, reason in checking.faults_of(values, today=context.today).items():
            if name not in row.errors and not (name == "name" and "name" not in row.texts):
                row.wrong(name, reason)
        if row.values.get("code") and not checking.is_code(row.values["code"], checking.LENGTHS["code"]):
            row.wrong("code", _("编码只能用字母、数字和 . _ -，最多22位。"))
        self._check_status(row)

    def _check_status(self, row: Planned) -> None:
        status, successor = row.values.get("status", Status.OPEN), row.values.get("successor")
        if row.existing is not None:
            if "status" in row.texts and row.texts["status"] and status != row.existing.status:
                row.wrong("status", _("已有机构的状态不能用导入改变，请在机构页面办理。"))
            if successor and successor != (row.existing.successor.code if row.existing.successor else ""):
                row.wrong("successor", _("已有机构的合并不能用导入改变，请在机构页面办理。"))
            return
        if (status == Status.MERGED) != bool(successor):
            row.wrong("successor", _("“已合并”的机构须填承接机构，其他状态不填。"))
        if status in FINAL and row.values.get("closed_on") is None:
            row.wrong("closed_on", _("已合并或已关闭的机构须填关闭日期。"))
        if status not in FINAL and row.values.get("closed_on") is not None:
            row.wrong("closed_on", _("未合并、未关闭的机构不填关闭日期。"))

    def _check_place(self, row: Planned, in_file: Mapping[str, Planned], context: Context) -> None:
        if context.places is None:
            return
        outside = _("不在您的管理范围内。")
        if row.existing is not None and not context.holds(row.existing):
            row.wrong("code", outside)
        for name in ("manager", "host"):
            above = context.facilities.get(row.values.get(name) or "")
            if above is not None and not context.holds(above):
                row.wrong(name, outside)
        division = row.values.get("division")
        if row.existing is None and division and not row.values.get("manager") and not row.values.get("host"):
            decision = context.holds_over(division.code)
            if not decision:
                row.wrong("manager", decision.reason)

    def _refuse_circles(self, rows: Sequence[Planned], in_file: Mapping[str, Planned], context: Context) -> None:
        def above(code: str, name: str) -> str:
            row = in_file.get(code)
            if row is not None and name in row.values:
                return str(row.values[name] or "")
            facility = context.facilities.get(code)
            unit = getattr(facility, name) if facility else None
            return unit.code if unit else ""

        for row in rows:
            for name in self.REFERENCES:
                code, steps = row.values.get(name) or "", 0
                while code and steps < DEEPEST and code != row.values.get("code"):
                    code, steps = above(code, name), steps + 1
                if code and (code == row.values.get("code") or steps == DEEPEST):
                    row.wrong(name, _("隶属或合并关系成了一个圈。"))

    def write(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`. New units are written in waves, those referred to before those that refer to them."""
        by_code = dict(context.facilities)
        waiting = [row for row in rows if row.is_new]
        while waiting:
            ready = [
                row
                for row in waiting
                if all((row.values.get(name) or "") in {"", *by_code} for name in self.REFERENCES)
            ]
            made = [self._made(row, by_code, context) for row in ready]
            Facility.objects.bulk_create(made, batch_size=500)
            by_code.update({each.code: each for each in made})
            FacilityStatusChange.objects.bulk_create(
                [
                    FacilityStatusChange(
                        subject=each, became=each.status, changed_at=context.at, changed_by=context.actor.user_id,
                        changed_by_name=context.actor.name, place=each.pk, reason_code="import",
                    )
                    for each in made
                ],
                batch_size=1000,
            )  # fmt: skip
            waiting = [row for row in waiting if row.values["code"] not in by_code]
        changed = [self._changed(row, by_code) for row in rows if not row.is_new and row.changed]
        if changed:
            fields = sorted({name for row in rows for name in row.changed} | {"pinyin_initials"})
            Facility.objects.bulk_update(changed, fields, batch_size=200)

    def _made(self, row: Planned, by_code: Mapping[str, Facility], context: Context) -> Facility:
        values = {name: value for name, value in row.values.items() if name not in self.REFERENCES}
        for name in self.REFERENCES:
            values[name] = by_code.get(row.values.get(name) or "")
        facility = Facility(**{"status": Status.OPEN, **values}, status_changed_at=context.at)
        facility.pinyin_initials = initials_of(facility.short_name or facility.name)
        return facility

    def _changed(self, row: Planned, by_code: Mapping[str, Facility]) -> Facility:
        facility: Facility = row.existing
        for name in row.changed:
            value = row.values[name]
            setattr(facility, name, by_code.get(value or "") if name in self.REFERENCES else value)
        facility.pinyin_initials = initials_of(facility.short_name or facility.name)
        return facility

    def stored(self) -> Iterator[Mapping[str, Any]]:
        """See `Table`."""
        rows = Facility.objects.select_related("division", "manager", "host", "successor").order_by(
            "division__code", "code"
        )
        for each in rows.iterator(chunk_size=2000):
            values = {column.key: getattr(each, column.key) for column in self.columns}
            for name in ("division", *self.REFERENCES):
                values[name] = values[name].code if values[name] else ""
            yield values


def _spread(rows: Sequence[Planned], in_file: Mapping[str, Planned], names: Sequence[str]) -> None:
    """A row that refers to a new row with errors cannot be written either; nor one that refers to that one."""
    bad = {row.values.get("code") for row in rows if row.errors}
    while bad:
        before = len(bad)
        for row in rows:
            for name in names:
                target = in_file.get(row.values.get(name) or "")
                if not row.errors and target is not None and target.is_new and target.values.get("code") in bad:
                    row.wrong(name, _("所指机构在第%(row)d行，该行有错误。") % {"row": target.number})
                    bad.add(row.values.get("code"))
        if len(bad) == before:
            return
