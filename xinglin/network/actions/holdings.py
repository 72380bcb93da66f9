"""What a facility has: departments, services, equipment, beds, titles. Each set by its code, so that setting twice is
setting once.
"""

from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.network import checking, permissions, policies
from xinglin.network.events import Event
from xinglin.network.models import BedCount, Department, Equipment, Facility, Service, Title
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

RowT = TypeVar("RowT", Department, Service, Equipment)
MAX_COST_FEN = 100_000_000_00  # a hundred million yuan
MAX_BEDS = 5_000
MAX_NAMES = {Department: 40, Service: 60, Equipment: 60, Title: 80}
MAX_CODES = {Department: 20, Service: 30, Equipment: 40, Title: 40}


def faults_of_holding(model: type[models.Model], values: dict[str, Any], *, today: date) -> checking.Faults:
    """What is wrong with one department, service, piece of equipment or title, by field."""
    faults: checking.Faults = {}
    if not checking.is_code(values.get("code") or "", MAX_CODES[model]):
        faults["code"] = _("编码只能用字母、数字和 . _ -，最多%(n)d位。") % {"n": MAX_CODES[model]}
    name = values.get("name") or ""
    if not 0 < len(name) <= MAX_NAMES[model] or checking.CONTROL.search(name):
        faults["name"] = _("请填写名称，最多%(n)d字。") % {"n": MAX_NAMES[model]}
    for first, last in (("opened_on", "closed_on"), ("valid_from", "valid_until"), ("installed_on", "retired_on")):
        if values.get(first) and values.get(last) and values[last] < values[first]:
            faults[last] = _("结束日期早于开始日期。")
    for day_name in ("opened_on", "installed_on", "granted_on", "valid_from"):
        day = values.get(day_name)
        if day is not None and not checking.EARLIEST <= day <= today:
            faults[day_name] = _("日期须在1900年之后，且不晚于今天。")
    cost = values.get("cost_fen")
    if cost is not None and not 0 <= cost <= MAX_COST_FEN:
        faults["cost_fen"] = _("价格须在0到1亿元之间。")
    if model is Equipment:
        if values.get("state", Equipment.State.IN_USE) not in Equipment.State.values:
            faults["state"] = _("请选择设备状态。")
        if not checking.is_code(values.get("kind") or "", 20):
            faults["kind"] = _("设备类别只能用字母和数字，如 DR、CT、ECG。")
    return faults


def _open(facility: Facility, by: Actor) -> Facility:
    facility = Facility.objects.select_for_update().get(pk=facility.pk)
    permissions.may_edit(by, facility).require()
    return facility


def _said(facility: Facility, what: str, code: str, by: Actor, at: datetime, **more: Any) -> None:
    announce(Event.HOLDING_CHANGED, obj=facility, by=by, at=at, place=facility.pk, what=what, code=code, **more)


def _set(model: type[RowT], facility: Facility, values: dict[str, Any], by: Actor, at: datetime) -> RowT:
    values = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    checking.refuse(faults_of_holding(model, values, today=clock.today(at)))
    code = values.pop("code")
    row, is_new = model._base_manager.update_or_create(facility=facility, code=code, defaults=values)
    _said(facility, str(model._meta.model_name), code, by, at, new=is_new)
    return row


@transaction.atomic
def set_department(
    *, facility: Facility, code: str, name: str, takes_back: bool = False, opened_on: date | None = None,
    closed_on: date | None = None, by: Actor, at: datetime,
) -> Department:  # fmt: skip
    """Open a department or change it; `takes_back`: able to take patients back after a referral (WN-05)."""
    values = {"code": code, "name": name, "takes_back": takes_back, "opened_on": opened_on, "closed_on": closed_on}
    return _set(Department, _open(facility, by), values, by, at)


@transaction.atomic
def set_service(
    *, facility: Facility, code: str, name: str, is_tcm: bool = False, is_tibetan: bool = False,
    valid_from: date | None = None, valid_until: date | None = None, by: Actor, at: datetime,
) -> Service:  # fmt: skip
    """Offer a service or change it; TCM and Tibetan medicine are flagged so that their share can be counted (QH-11)."""
    values = {
        "code": code, "name": name, "is_tcm": is_tcm, "is_tibetan": is_tibetan, "valid_from": valid_from,
        "valid_until": valid_until,
    }  # fmt: skip
    return _set(Service, _open(facility, by), values, by, at)


@transaction.atomic
def set_equipment(
    *, facility: Facility, code: str, kind: str, name: str, state: str = Equipment.State.IN_USE,
    installed_on: date | None = None, retired_on: date | None = None, cost_fen: int | None = None,
    by: Actor, at: datetime,
) -> Equipment:  # fmt: skip
    """Enter a piece of equipment or change it. `cost_fen` in fen.

    :raises Conflict: it was retired
    """
    facility = _open(facility, by)
    had = Equipment.objects.select_for_update().filter(facility=facility, code=code.strip()).first()
    if had is not None and state in Equipment.State.values:
        policies.can_take_equipment_step(had, state).require()
    if state == Equipment.State.RETIRED and retired_on is None:
        retired_on = had.retired_on if had and had.retired_on else clock.today(at)
    values = {
        "code": code, "kind": kind, "name": name, "state": state, "installed_on": installed_on,
        "retired_on": retired_on, "cost_fen": cost_fen,
    }  # fmt: skip
    return _set(Equipment, facility, values, by, at)


@transaction.atomic
def set_beds(
    *,
    facility: Facility,
    kind: str,
    n_beds: int,
    on: date,
    department: Department | None = None,
    by: Actor,
    at: datetime,
) -> BedCount:
    """So many beds of a kind (MEDICAL, CARE) from a day on; the count before it ends that day.

    :raises Conflict: a later count is already there
    """
    facility = _open(facility, by)
    faults: checking.Faults = {}
    if kind not in {"MEDICAL", "CARE"}:
        faults["kind"] = _("请选择床位类别。")
    if not 0 <= n_beds <= MAX_BEDS:
        faults["n_beds"] = _("床位数须在0到5000之间。")
    if department is not None and department.facility_id != facility.pk:
        faults["department"] = _("科室不属于该机构。")
    if not checking.EARLIEST <= on <= clock.today(at):
        faults["on"] = _("日期须在1900年之后，且不晚于今天。")
    checking.refuse(faults)
    same = BedCount.objects.filter(facility=facility, kind=kind, department=department)
    if same.filter(valid_from__gt=on).exists():
        raise Conflict(_("该日期之后已有床位记录，请先核对。"), code="later-count")
    same.filter(valid_from=on).delete()
    same.filter(valid_until__isnull=True).update(valid_until=on)
    row = BedCount.objects.create(facility=facility, department=department, kind=kind, n_beds=n_beds, valid_from=on)
    _said(facility, "bedcount", kind, by, at, n_beds=n_beds)
    return row


@transaction.atomic
def grant_title(
    *, facility: Facility, code: str, name: str, granted_on: date, level: str = "", valid_until: date | None = None,
    evidence: str = "", by: Actor, at: datetime,
) -> Title:  # fmt: skip
    """Enter a title or standard a unit was granted (WH-09..12). The same code on another day is another title."""
    facility = _open(facility, by)
    values: dict[str, Any] = {"code": code.strip(), "name": name.strip(), "granted_on": granted_on}
    faults = faults_of_holding(Title, values, today=clock.today(at))
    if len(level) > 20 or len(evidence) > 120 or checking.CONTROL.search(level + evidence):
        faults["evidence"] = _("级别最多20字，依据最多120字。")
    if valid_until is not None and valid_until <= granted_on:
        faults["valid_until"] = _("有效期须晚于授予日期。")
    checking.refuse(faults)
    row, _is_new = Title.objects.update_or_create(
        facility=facility, code=values["code"], granted_on=granted_on,
        defaults={
            "name": values["name"], "level": level.strip(), "valid_until": valid_until, "evidence": evidence.strip(),
        },
    )  # fmt: skip
    _said(facility, "title", row.code, by, at)
    return row


@transaction.atomic
def withdraw_title(*, title: Title, on: date, reason: str, by: Actor, at: datetime) -> Title:
    """End a title before its time. :raises InvalidInput: no reason, or the day is not within its validity"""
    facility = _open(title.facility, by)
    title = Title.objects.select_for_update().get(pk=title.pk)
    faults: checking.Faults = {}
    if not reason.strip() or len(reason) > 500:
        faults["reason"] = _("请写明原因，最多500字。")
    if on < title.granted_on or on > clock.today(at):
        faults["on"] = _("日期须在授予之后，且不晚于今天。")
    checking.refuse(faults)
    if title.valid_until is not None and title.valid_until <= on:
        raise InvalidInput(_("该称号已经失效。"), fields={"on": _("该称号已经失效。")})
    title.valid_until = on
    title.save(update_fields=["valid_until"])
    announce(
        Event.HOLDING_CHANGED, obj=facility, by=by, at=at, place=facility.pk, reason=reason.strip(), what="title",
        code=title.code, withdrawn=True,
    )  # fmt: skip
    return title
