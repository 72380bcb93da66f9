"""Shapes of the interface of readings."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.readings import rules
from xinglin.readings.actions.intake import MOST
from xinglin.readings.data import Answer, Given, GivenValue
from xinglin.readings.models import Device, Reading
from xinglin.web.shapes import In, text

Short = Annotated[str, text(60)]
Reason = Annotated[str, text(200)]


class DeviceWhoIn(In):
    """Whom the device measured: a health record ``number``, a ``card``, or the number of an identity ``document``."""

    kind: Annotated[str, text(20)]
    value: Annotated[str, text(60, least=1)]


class DeviceValueIn(In):
    """One value: `code` is ours (``systolic``), LOINC or MDC; `unit` UCUM. A figure may be written as text."""

    code: Annotated[str, text(40, least=1)]
    value: int | float | Annotated[str, text(30)]
    unit: Annotated[str, text(20)]


class DeviceReadingIn(In):
    """One measurement; without `who` it is the borrower's."""

    record_id: Annotated[str, text(80, least=1)]
    measured_at: Annotated[str, text(40)] = Field(description="With time zone: 2026-11-20T08:30:00+08:00")
    who: DeviceWhoIn | None = None
    values: list[DeviceValueIn] = Field(max_length=20)

    def given(self) -> Given:
        """As the action takes it."""
        return Given(
            record_id=self.record_id, measured_at=self.measured_at,
            values=tuple(GivenValue(each.code, each.value, each.unit) for each in self.values),
            who_kind=self.who.kind if self.who else "", who=self.who.value if self.who else "",
        )  # fmt: skip


class DeviceBatchIn(In):
    """What a device sends at once."""

    readings: list[DeviceReadingIn] = Field(min_length=1, max_length=MOST)


class DeviceAnswerOut(BaseModel):
    """What became of one measurement: kept, known, waiting or refused. `code` and `message` say why; `first` is how a
    known one was answered first; `is_late` marks one that came late.
    """

    record_id: str
    outcome: str
    code: str
    message: str
    reading: UUID | None
    first: str
    is_late: bool

    @classmethod
    def of(cls, answer: Answer) -> "DeviceAnswerOut":
        """From an answer of the action."""
        return cls(
            record_id=answer.record_id, outcome=answer.outcome, code=answer.code, message=str(answer.message),
            reading=answer.reading, first=answer.first, is_late=answer.is_late,
        )  # fmt: skip


class DeviceBatchOut(BaseModel):
    """One answer for each measurement, in the order they were sent; and the platform's clock."""

    server_time: datetime
    answers: list[DeviceAnswerOut]


class HealthDeviceIn(In):
    """A device to register. `facility` is the actor's own unit when absent."""

    facility: UUID | None = None
    kind: Short
    serial_number: Short
    place: Literal["CORNER", "LOAN", "BAG"]
    label: Short = ""


class HealthDeviceOut(BaseModel):
    """A device with its state; `key` stands only in the answer that gave it."""

    uuid: UUID
    kind: str
    serial_number: str
    place: str
    label: str
    facility: str
    status: str
    has_key: bool
    key: str = ""
    last_seen_at: datetime | None
    clock_skew_seconds: int | None
    fault_code: str

    @classmethod
    def of(cls, device: Device, key: str = "") -> "HealthDeviceOut":
        """From a row with its facility."""
        names = (
            "uuid",
            "kind",
            "serial_number",
            "place",
            "label",
            "status",
            "last_seen_at",
            "clock_skew_seconds",
            "fault_code",
        )
        return cls(
            **{name: getattr(device, name) for name in names}, facility=str(device.facility), key=key,
            has_key=device.signing_key is not None,
        )  # fmt: skip


class HealthDevicePageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[HealthDeviceOut]
    next_cursor: str


class LendDeviceIn(In):
    """To whom a device is lent."""

    resident: UUID
    for_household: bool = False
    due_back_on: date | None = None


class LostDeviceIn(In):
    """What is known of the loss, or why it ends."""

    reason: Reason = ""


class AssignReadingIn(In):
    """Whose a reading is, and how that is known."""

    resident: UUID
    reason: Reason


class SplitReadingIn(In):
    """Which values are another person's."""

    items: list[Short] = Field(max_length=20)
    reason: Reason


class DiscardReadingIn(In):
    """Why a reading is thrown away."""

    reason: Reason


class DeviceReadingOut(BaseModel):
    """A reading as who sorts readings sees it."""

    uuid: UUID
    device: UUID
    resident: UUID | None
    status: str
    wait_code: str
    measured_at: datetime
    received_at: datetime
    is_late: bool
    values: list[dict[str, Any]]

    @classmethod
    def of(cls, reading: Reading) -> "DeviceReadingOut":
        """From a row with its device, resident and values."""
        known = rules.quantities()
        return cls(
            uuid=reading.uuid, device=reading.device.uuid, status=reading.status, wait_code=reading.wait_code,
            resident=reading.resident.uuid if reading.resident else None, measured_at=reading.measured_at,
            received_at=reading.received_at, is_late=reading.is_late,
            values=[
                {"item": each.item, "loinc": each.loinc, "mdc": known[each.item].mdc, "value": str(each.value), "unit": each.unit}
                for each in reading.values.all()
            ],
        )  # fmt: skip


class DeviceReadingPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[DeviceReadingOut]
    next_cursor: str
