"""The tables of divisions, departments, services, equipment and memberships."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from xinglin.network import checking, policies
from xinglin.network.actions.holdings import faults_of_holding
from xinglin.network.exchange import cells
from xinglin.network.exchange.base import Context, Planned, Table, note_changes
from xinglin.network.exchange.cells import Column
from xinglin.network.exchange.facility_table import _CODE, _DATE, _NUMBER, _TEXT, _choice
from xinglin.network.models import Consortium, Department, Division, Equipment, Facility, Membership, Service
from xinglin.network.states import FINAL

LEVEL_BY_DIGITS = {2: "PROVINCE", 4: "CITY", 6: "COUNTY", 9: "TOWNSHIP", 12: "VILLAGE"}
PARENT_DIGITS = {4: 2, 6: 4, 9: 6, 12: 9}
_FACILITY = Column("facility", _("机构编码"), *_CODE, required=True, sample="370403101H01")
_SURE = (cells.read_sure_flag, cells.write_flag)


class DivisionTable(Table):
    """Divisions, known by their code; the parent follows from the code."""

    key = "divisions"
    title = _("行政区划")
    identity: ClassVar = ("code",)
    columns: ClassVar = (
        Column("code", _("区划代码"), *_CODE, required=True, sample="370403101201"),
        Column("name", _("区划名称"), *_TEXT, required=True, sample="东沟村"),
        Column("level", _("级别"), *_choice(Division.Level.choices), sample="村（居）"),
        Column("parent", _("上级代码"), *_CODE, sample="370403101"),
        Column("latitude", _("纬度"), *_NUMBER, sample="34.8012"),
        Column("longitude", _("经度"), *_NUMBER, sample="117.2634"),
    )

    def check(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`."""
        codes = {row.values["code"] for row in rows if row.values.get("code")}
        known = {
            each.code: each
            for each in Division.objects.filter(
                code__in=codes | {code[:n] for code in codes for n in PARENT_DIGITS.values()}
            )
        }
        in_file = {row.values["code"]: row for row in rows if row.values.get("code")}
        for row in sorted(rows, key=lambda each: len(each.values.get("code") or "")):
            self._check_row(row, known, in_file, context)

    def _check_row(
        self, row: Planned, known: Mapping[str, Division], in_file: Mapping[str, Planned], context: Context
    ) -> None:
        code = row.values.get("code") or ""
        row.existing = known.get(code)
        if not (code.isascii() and code.isdecimal()) or len(code) not in LEVEL_BY_DIGITS:
            row.wrong("code", _("代码须为2、4、6、9或12位数字，末尾的0不写。"))
            return
        if not row.values.get("level"):
            row.values["level"] = LEVEL_BY_DIGITS[len(code)]
        elif row.values["level"] != LEVEL_BY_DIGITS[len(code)]:
            row.wrong("level", _("级别与代码位数不符。"))
        if len(row.values.get("name") or "") > 60:
            row.wrong("name", _("最多 %(n)d 个字。") % {"n": 60})
        expected = code[: PARENT_DIGITS.get(len(code), 0)]
        if row.values.get("parent") and row.values["parent"] != expected:
            row.wrong("parent", _("上级代码应为%(code)s。") % {"code": expected or _("空")})
        elif expected and expected not in known and (expected not in in_file or in_file[expected].errors):
            row.wrong("parent", _("没有上级区划%(code)s，或该行有错误。") % {"code": expected})
        row.values["parent"] = expected
        latitude, longitude = (self._coordinate(row, name) for name in ("latitude", "longitude"))
        for name, reason in checking.coordinate_faults(latitude, longitude).items():
            row.wrong(name, reason)
        decision = context.holds_over(code)
        if not decision:
            row.wrong("code", decision.reason)
        if row.existing is not None:
            note_changes(row, ("name", "latitude", "longitude"), vars(row.existing))

    @staticmethod
    def _coordinate(row: Planned, name: str) -> float | None:
        return row.values.get(name, getattr(row.existing, name, None))

    def write(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`. One level after the other."""
        ids = dict(Division.objects.values_list("code", "pk"))
        for digits in LEVEL_BY_DIGITS:
            made = [
                Division(
                    code=row.values["code"], name=row.values["name"], level=row.values["level"],
                    parent_id=ids.get(row.values["parent"]), latitude=row.values.get("latitude"),
                    longitude=row.values.get("longitude"),
                )
                for row in rows
                if row.is_new and len(row.values["code"]) == digits
            ]  # fmt: skip
            Division.objects.bulk_create(made, batch_size=1000)
            ids.update({each.code: each.pk for each in made})
        _write_changed(Division, rows)

    def stored(self) -> Iterator[Mapping[str, Any]]:
        """See `Table`."""
        for each in Division.objects.select_related("parent").order_by("code").iterator(chunk_size=2000):
            yield {**vars(each), "parent": each.parent.code if each.parent else ""}


def _write_changed(model: Any, rows: Sequence[Planned]) -> None:
    changed = [row for row in rows if not row.is_new and row.changed]
    for row in changed:
        for name in row.changed:
            setattr(row.existing, name, row.values[name])
    if changed:
        names = sorted({name for row in changed for name in row.changed})
        model.objects.bulk_update([row.existing for row in changed], names, batch_size=500)


class HoldingTable(Table):
    """Something a facility has, known by the facility and its own code."""

    identity: ClassVar = ("facility", "code")
    model: ClassVar[Any]
    attributes: ClassVar[dict[str, str]] = {}  # column → attribute, where they differ

    def check(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`."""
        had = {(each.facility.code, each.code): each for each in self.model.objects.select_related("facility")}
        for row in rows:
            facility = _facility_of(row, context)
            row.existing = had.get(self.identity_of(row)) if facility else None
            current = self._named(row.existing) if row.existing else {}
            values = {**current, **row.values}
            found = faults_of_holding(self.model, self._attributes(values), today=context.today)
            back = {attribute: column for column, attribute in self.attributes.items()}
            for name, reason in found.items():
                row.wrong(back.get(name, name), reason)
            if row.existing is not None:
                if self.model is Equipment and row.values.get("state") in Equipment.State.values:
                    step = policies.can_take_equipment_step(row.existing, row.values["state"])
                    if not step:
                        row.wrong("state", step.reason)
                note_changes(row, [each.key for each in self.columns if each.key not in self.identity], current)

    def _named(self, stored: Any) -> dict[str, Any]:
        return {column.key: getattr(stored, self.attributes.get(column.key, column.key)) for column in self.columns}

    def _attributes(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.attributes.get(name, name): value for name, value in values.items() if name != "facility"}

    def write(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`."""
        made = [
            self.model(facility=context.facilities[row.values["facility"]], **self._attributes(row.values))
            for row in rows
            if row.is_new
        ]
        self.model.objects.bulk_create(made, batch_size=1000)
        for row in rows:
            row.values = {"facility": row.values["facility"], **self._attributes(row.values)}
            row.changed = tuple(self.attributes.get(name, name) for name in row.changed)
        _write_changed(self.model, rows)

    def stored(self) -> Iterator[Mapping[str, Any]]:
        """See `Table`."""
        rows = self.model.objects.select_related("facility").order_by("facility__code", "code")
        for each in rows.iterator(chunk_size=2000):
            yield {**self._named(each), "facility": each.facility.code}


def _facility_of(row: Planned, context: Context) -> Facility | None:
    facility = context.facilities.get(row.values.get("facility") or "")
    if facility is None:
        row.wrong("facility", _("没有这家机构，请先导入机构。"))
    elif facility.status in FINAL:
        row.wrong("facility", _("机构已合并或关闭。"))
    elif not context.holds(facility):
        row.wrong("facility", _("不在您的管理范围内。"))
    else:
        return facility
    return None


class DepartmentTable(HoldingTable):
    """Departments."""

    key = "departments"
    title = _("科室")
    model = Department
    columns: ClassVar = (
        _FACILITY,
        Column("code", _("科室编码"), *_CODE, required=True, sample="KANGFU"),
        Column("name", _("科室名称"), *_TEXT, required=True, sample="康复科"),
        Column("takes_back", _("可接下转"), *_SURE, sample="是"),
        Column("opened_on", _("开设日期"), *_DATE, sample="2020-01-01"),
        Column("closed_on", _("关闭日期"), *_DATE),
    )


class ServiceTable(HoldingTable):
    """Services."""

    key = "services"
    title = _("服务项目")
    model = Service
    columns: ClassVar = (
        _FACILITY,
        Column("code", _("项目编码"), *_CODE, required=True, sample="ACUPUNCTURE"),
        Column("name", _("项目名称"), *_TEXT, required=True, sample="针刺"),
        Column("is_tcm", _("中医"), *_SURE, sample="是"),
        Column("is_tibetan", _("藏医"), *_SURE, sample="否"),
        Column("valid_from", _("开展日期"), *_DATE, sample="2020-01-01"),
        Column("valid_until", _("停止日期"), *_DATE),
    )


class EquipmentTable(HoldingTable):
    """Equipment. The price is in yuan in the file and in fen in the database."""

    key = "equipment"
    title = _("设备")
    model = Equipment
    attributes: ClassVar = {"cost": "cost_fen"}
    columns: ClassVar = (
        _FACILITY,
        Column("code", _("设备编码"), *_CODE, required=True, sample="T01-DR1"),
        Column("kind", _("设备类别"), *_CODE, required=True, sample="DR"),
        Column("name", _("设备名称"), *_TEXT, required=True, sample="数字化X线机"),
        Column("state", _("设备状态"), *_choice(Equipment.State.choices, Equipment.State.IN_USE), sample="在用"),
        Column("installed_on", _("安装日期"), *_DATE, sample="2023-05-15"),
        Column("retired_on", _("报废日期"), *_DATE),
        Column("cost", _("价格（元）"), cells.read_fen, cells.write_fen, sample="520000.00"),
    )


class MembershipTable(Table):
    """Memberships of consortia, known by consortium, facility and first day."""

    key = "memberships"
    title = _("医共体成员")
    identity: ClassVar = ("consortium", "facility", "valid_from")
    columns: ClassVar = (
        Column("consortium", _("医共体编码"), *_CODE, required=True, sample="C01"),
        _FACILITY,
        Column("role", _("角色"), *_choice(Membership.Role.choices), required=True, sample="基层成员单位"),
        Column("valid_from", _("加入日期"), *_DATE, required=True, sample="2024-01-01"),
        Column("valid_until", _("退出日期"), *_DATE),
    )

    def check(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`."""
        consortia = {each.code: each for each in Consortium.objects.select_related("division")}
        stored = {self._key(each): each for each in Membership.objects.select_related("consortium", "facility")}
        out_of_reach = self._out_of_reach(consortia, context)
        for row in rows:
            self._check_row(row, consortia, stored, context)
            if row.values.get("consortium") in out_of_reach:
                row.wrong("consortium", _("不在您的管理范围内。"))
        self._refuse_overlaps(rows, stored)

    @staticmethod
    def _out_of_reach(consortia: Mapping[str, Consortium], context: Context) -> set[str]:
        """Consortia whose lead the importer has no right at: whom he binds to them is not his to say."""
        if context.places is None:
            return set()
        leads = dict(
            Membership.objects.filter(role=Membership.Role.LEAD, valid_until__isnull=True).values_list(
                "consortium_id", "facility_id"
            )
        )
        return {
            code
            for code, each in consortia.items()
            if (
                leads[each.pk] not in context.places if each.pk in leads else not context.holds_over(each.division.code)
            )
        }

    @staticmethod
    def _key(each: Membership) -> tuple[Any, ...]:
        return (each.consortium.code, each.facility.code, each.valid_from)

    def _check_row(
        self, row: Planned, consortia: Mapping[str, Consortium], stored: Mapping[Any, Membership], context: Context
    ) -> None:
        row.existing = stored.get(self.identity_of(row))
        consortium = consortia.get(row.values.get("consortium") or "")
        facility = context.facilities.get(row.values.get("facility") or "")
        start, end = row.values.get("valid_from"), row.values.get("valid_until")
        if consortium is None:
            row.wrong("consortium", _("没有这个医共体。"))
        elif start and start < consortium.valid_from:
            row.wrong("valid_from", _("加入日期早于医共体成立日期。"))
        if facility is None:
            row.wrong("facility", _("没有这家机构，请先导入机构。"))
        elif not context.holds(facility):
            row.wrong("facility", _("不在您的管理范围内。"))
        elif facility.status in FINAL and end is None and row.existing is None:
            row.wrong("facility", _("机构已合并或关闭。"))
        for name in ("valid_from", "valid_until"):
            if row.values.get(name) and row.values[name] > context.today:
                row.wrong(name, _("日期须在1900年之后，且不晚于今天。"))
        if start and end and end < start:
            row.wrong("valid_until", _("结束日期早于开始日期。"))
        if row.existing is not None:
            note_changes(row, ("role", "valid_until"), vars(row.existing))

    def _refuse_overlaps(self, rows: Sequence[Planned], stored: Mapping[tuple[Any, ...], Membership]) -> None:
        """Periods as they would be afterwards: one lead at a time, and no unit twice at a time."""
        replaced = {self.identity_of(row) for row in rows if not row.errors}
        after: list[tuple[str, str, str, Any, Any, Planned | None]] = [
            (key[0], key[1], each.role, each.valid_from, each.valid_until, None)
            for key, each in stored.items()
            if key not in replaced
        ]
        for row in rows:
            if row.errors:
                continue
            v = row.values
            until = v["valid_until"] if "valid_until" in v else getattr(row.existing, "valid_until", None)
            after.append((v["consortium"], v["facility"], v["role"], v["valid_from"], until, row))
        groups: dict[tuple[str, str], list[Any]] = {}
        for each in after:
            groups.setdefault((each[0], f"unit {each[1]}"), []).append(each)
            if each[2] == Membership.Role.LEAD:
                groups.setdefault((each[0], "lead"), []).append(each)
        for (_consortium, what), periods in groups.items():
            periods.sort(key=lambda each: each[3])
            for first, second in zip(periods, periods[1:], strict=False):
                if first[4] is None or first[4] > second[3]:
                    blamed = second[5] or first[5]
                    if blamed is not None and what == "lead":
                        blamed.wrong("role", _("医共体同一时间只能有一家牵头医院。"))
                    elif blamed is not None:
                        blamed.wrong("valid_from", _("该机构在这段时间已是成员。"))

    def write(self, rows: Sequence[Planned], context: Context) -> None:
        """See `Table`."""
        consortia = {each.code: each for each in Consortium.objects.all()}
        _write_changed(Membership, rows)
        made = [
            Membership(
                consortium=consortia[row.values["consortium"]], facility=context.facilities[row.values["facility"]],
                role=row.values["role"], valid_from=row.values["valid_from"], valid_until=row.values.get("valid_until"),
            )
            for row in rows
            if row.is_new
        ]  # fmt: skip
        Membership.objects.bulk_create(made, batch_size=1000)

    def stored(self) -> Iterator[Mapping[str, Any]]:
        """See `Table`."""
        rows = Membership.objects.select_related("consortium", "facility")
        for each in rows.order_by("consortium__code", "facility__code", "valid_from").iterator(chunk_size=2000):
            yield {**vars(each), "consortium": each.consortium.code, "facility": each.facility.code}
