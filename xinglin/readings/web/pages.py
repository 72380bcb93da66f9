"""What the pages of readings show. Templates only print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.platform.paging import Page
from xinglin.readings import permissions, queries, rules, timeline
from xinglin.readings.data import REFUSALS, WAITS
from xinglin.readings.models import Device, Loan, Reading
from xinglin.readings.states import DEVICE_LOOKS, READING_LOOKS, DeviceStatus, ReadingStatus
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.formats import parted_text
from xinglin.web.pills import Pill

SILENT = timedelta(days=14)
SKEW_SECONDS = 60
MOST = 200
#: Lines of one chart.
CHARTS = (
    ("systolic", "diastolic"),
    ("glucose_fasting", "glucose_after_meal", "glucose_random"),
    ("weight",),
    ("spo2",),
)


def device_pill(device: Device) -> Pill:
    """The pill of a device."""
    tone, icon = DEVICE_LOOKS[DeviceStatus(device.status)]
    return Pill(str(device.get_status_display()), tone, icon)


def faults_of(device: Device, *, at: datetime) -> list[str]:
    """What is wrong with a device in use, in words."""
    if device.status != DeviceStatus.IN_USE:
        return []
    found = []
    if device.signing_key is None:
        found.append(_("没有密钥，不能上传"))
    if device.last_seen_at is None:
        found.append(_("还没有上传过"))
    elif device.last_seen_at < at - SILENT:
        found.append(_("超过14天没有上传"))
    if device.clock_skew_seconds is not None and abs(device.clock_skew_seconds) > SKEW_SECONDS:
        found.append(_("时钟相差 %(n)d 秒") % {"n": device.clock_skew_seconds})
    if device.fault_code:
        reason = REFUSALS[device.fault_code]
        words = str(reason) % {"what": _("某项测量")} if "%(what)s" in str(reason) else str(reason)
        found.append(_("最近一次上传有被拒收的：%(why)s") % {"why": words})
    return found


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device in the list."""

    url: str
    title: str
    meta: str
    faults: str
    status: Pill


@dataclass(frozen=True, slots=True)
class DevicesPage:
    """The devices, and the form of a new one."""

    rows: list[DeviceRow]
    paging: Page[Any]
    kinds: list[tuple[str, str]]
    places: list[tuple[str, str]]
    facilities: list[tuple[str, str]]
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, *, cursor: str, at: datetime, error: DomainError | None, given: Mapping[str, Any]
    ) -> "DevicesPage":
        """A page, for an actor."""
        paging = queries.list_of_devices(actor, cursor=cursor)
        return cls(
            rows=[_device_row(each, at=at) for each in paging.rows], paging=paging,
            kinds=[(slug, each.title) for slug, each in rules.kinds().items()],
            places=[(value, str(label)) for value, label in Device.Place.choices],
            facilities=network.choices_of(actor, Permission.METER_MANAGE), values=given,
            error=message_of(error), fields=fields_of(error),
        )  # fmt: skip


def _device_row(device: Any, *, at: datetime) -> DeviceRow:
    loan = device.open_loans[0] if device.open_loans else None
    seen = (
        _("最近上传 %(at)s") % {"at": f"{timezone.localtime(device.last_seen_at):%m-%d %H:%M}"}
        if device.last_seen_at
        else ""
    )
    parts = [
        device.facility, device.get_place_display(), _("借给 %(name)s") % {"name": loan.resident.name} if loan else "",
        seen, _("待核实 %(n)d") % {"n": device.n_waiting} if device.n_waiting else "",
    ]  # fmt: skip
    return DeviceRow(
        url=reverse("readings:device", args=[device.uuid]), title=title_of(device),
        meta=" · ".join(str(each) for each in parts if each), faults=parted_text(faults_of(device, at=at)),
        status=device_pill(device),
    )  # fmt: skip


def title_of(device: Device) -> str:
    """What it is and which."""
    return " ".join(part for part in (rules.kinds()[device.kind].title, device.serial_number, device.label) if part)


@dataclass(frozen=True, slots=True)
class DevicePage:
    """One device; `key` only where it was just given."""

    device: Device
    title: str
    status: Pill
    faults: list[str]
    loan: Loan | None
    loans: list[Loan]
    key: str
    may_key: Decision
    may_lend: Decision
    may_manage: bool
    is_in_use: bool
    is_lost: bool
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, device: Device, *, at: datetime, key: str = "", error: DomainError | None = None
    ) -> "DevicePage":
        """The page of a visible device, for an actor."""
        loans = list(device.loans.select_related("resident").order_by("-lent_at")[:20])
        return cls(
            device=device, title=title_of(device), status=device_pill(device), faults=faults_of(device, at=at),
            loan=next((each for each in loans if each.returned_at is None), None), loans=loans, key=key,
            may_key=permissions.may_key(actor, device), may_lend=permissions.may_lend(actor, device),
            may_manage=bool(permissions.may_manage(actor, device)), is_in_use=device.status == DeviceStatus.IN_USE,
            is_lost=device.status == DeviceStatus.LOST, error=message_of(error),
            fields=fields_of(error),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Readings that wait."""

    rows: list[dict[str, Any]]
    paging: Page[Any]

    @classmethod
    def build(cls, actor: Actor, *, cursor: str) -> "QueuePage":
        """A page, for an actor."""
        paging = queries.waiting_list(actor, cursor=cursor)
        rows = [
            {
                "url": reverse("readings:reading", args=[each.uuid]), "title": timeline.words_of(each),
                "meta": f"{timeline.source_of(each)} · {each.device.facility} · {WAITS[each.wait_code]}",
                "at": each.measured_at, "dangers": [rule.title for rule in queries.dangers_of(each)],
            }
            for each in paging.rows
        ]  # fmt: skip
        return cls(rows, paging)


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """One reading: what was measured, why it waits, whose it was said to be, its trail."""

    reading: Reading
    words: str
    source: str
    status: Pill
    why: str
    said: str
    person: residents.PersonBanner | None
    items: list[tuple[str, str]]
    trail: list[Any]
    may: Decision
    is_waiting: bool
    values: Mapping[str, Any]
    error: str
    fields: Mapping[str, object]

    @classmethod
    def build(
        cls, actor: Actor, reading: Reading, *, error: DomainError | None, given: Mapping[str, Any]
    ) -> "ReadingPage":
        """The page of a visible reading, for an actor. Who it is, is shown to who sees that person."""
        tone, icon = READING_LOOKS[ReadingStatus(reading.status)]
        known = rules.quantities()
        seen = residents.residents_visible_to(actor).filter(pk=reading.resident_id or 0).first()
        return cls(
            reading=reading, words=timeline.words_of(reading), source=timeline.source_of(reading),
            status=Pill(str(reading.get_status_display()), tone, icon),
            why=str(WAITS.get(reading.wait_code, "")) if reading.status == ReadingStatus.WAITING else "",
            said=_covered(reading.said_who or ""), person=residents.person_of(seen, actor) if seen else None,
            items=[(each.item, known[each.item].label) for each in reading.values.all()],
            trail=list(reading.status_changes.all()), may=permissions.may_sort(actor, reading),
            is_waiting=reading.status == ReadingStatus.WAITING, values=given,
            error=message_of(error), fields=fields_of(error),
        )  # fmt: skip


def _covered(said: str) -> str:
    """Enough of what a device said to compare with a card at hand."""
    return said if said.startswith("P") else f"{said[:3]}…{said[-3:]}" if len(said) > 8 else said


@dataclass(frozen=True, slots=True)
class PersonPage:
    """What devices measured of one person: charts, and each reading with its source."""

    person: residents.PersonBanner
    is_own: bool
    back: str
    meaning: list[rules.Rule]
    charts: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    @classmethod
    def build(cls, actor: Actor, resident: Any, *, at: datetime, is_own: bool = False) -> "PersonPage":
        """The page of somebody the actor sees."""
        rows = queries.kept_of(residents.ids_of_person(resident)).filter(measured_at__gte=at - timedelta(days=366))
        found = list(rows.order_by("-measured_at", "-id")[:MOST])
        sortable = actor.places_where(Permission.READING_SORT)
        return cls(
            person=residents.person_of(resident, actor), is_own=is_own,
            back=reverse("residents:own") if is_own else reverse("residents:detail", args=[resident.uuid]),
            meaning=_meaning(found, at=at) if is_own else [],
            charts=[chart for items in CHARTS if (chart := _chart(items, found))],
            rows=[_reading_row(each, sortable, is_own=is_own) for each in found],
        )  # fmt: skip


def _meaning(found: list[Reading], *, at: datetime) -> list[rules.Rule]:
    """What the newest reading of the last days means to the person himself."""
    if not found or found[0].measured_at < at - timedelta(days=rules.limit("to_days")):
        return []
    return rules.raised(*queries.past_of(found[0]))


def _reading_row(reading: Reading, sortable: frozenset[int] | None, *, is_own: bool) -> dict[str, Any]:
    opens = not is_own and (sortable is None or reading.device.facility_id in sortable)
    marks = [_("补传") if reading.is_late else "", _("异常") if reading.concern_id else ""]
    return {
        "title": timeline.words_of(reading), "at": reading.measured_at,
        "url": reverse("readings:reading", args=[reading.uuid]) if opens else "",
        "meta": " · ".join(str(each) for each in (timeline.source_of(reading), reading.device.facility, *marks) if each),
        "tone": "warning" if reading.concern_id else "",
    }  # fmt: skip


def _chart(items: Sequence[str], found: list[Reading]) -> dict[str, Any] | None:
    lines = []
    for item in items:
        quantity = rules.quantities()[item]
        data = [
            [timezone.localtime(each.measured_at).isoformat(), float(value.value)]
            for each in reversed(found) for value in each.values.all() if value.item == item
        ]  # fmt: skip
        if len(data) > 1:
            name = f"{quantity.label} {quantity.shown_unit}"
            lines.append({"name": name, "type": "line", "showSymbol": True, "data": data})
    if not lines:
        return None
    option = {
        "xAxis": {"type": "time"}, "yAxis": {"type": "value", "scale": True}, "series": lines,
        "legend": {"show": len(lines) > 1}, "tooltip": {"trigger": "axis"},
    }  # fmt: skip
    title = _("血压") if items[0] == "systolic" else lines[0]["name"]
    return {"id": f"readings-{items[0]}", "title": title, "option": option}
