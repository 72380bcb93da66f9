"""Shapes of the REST interface of the network, written by hand."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xinglin.network import patterns, queries
from xinglin.network.models import Consortium, Division, Facility, Membership
from xinglin.web.shapes import In, text


class SlotBody(In):
    """One slot of a timetable; `weekday` 1 is Monday."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    start: Annotated[str, StringConstraints(pattern=r"^\d{2}:[0-5]\d$")]
    until: Annotated[str, StringConstraints(pattern=r"^\d{2}:[0-5]\d$")]


class FactsIn(In):
    """Facts of a facility. Only those sent are changed by an edit. `division` is a code, `manager` and `host` uuids."""

    name: Annotated[str, text(80, least=1)] | None = None
    short_name: Annotated[str, text(40)] | None = None
    kind: Annotated[str, text(24)] | None = None
    tier: Annotated[str, text(10)] | None = None
    credit_code: Annotated[str, text(18)] | None = None
    division: Annotated[str, text(12)] | None = None
    manager: UUID | None = None
    host: UUID | None = None
    address: Annotated[str, text(120)] | None = None
    phone: Annotated[str, text(20)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    opened_on: date | None = None
    publicly_owned: bool | None = None
    publicly_owned_since: date | None = None
    integrated_since: date | None = None
    insured_since: date | None = None
    telemedicine_since: date | None = None
    timetable: Annotated[list[SlotBody], Field(max_length=21)] | None = None

    def facts(self) -> dict[str, Any]:
        """What was sent, timetable as it is kept; texts sent as null are emptied."""
        sent = self.model_dump(exclude_unset=True)
        for name in ("name", "short_name", "kind", "tier", "credit_code", "address", "phone"):
            if name in sent and sent[name] is None:
                sent[name] = ""
        if "timetable" in sent:
            sent["timetable"] = [
                {"weekday": each["weekday"], "from": each["start"], "until": each["until"]}
                for each in sent["timetable"] or []
            ]
        return sent


class OpenIn(FactsIn):
    """A new facility."""

    code: Annotated[str, text(22, least=1)]
    name: Annotated[str, text(80, least=1)]
    kind: Annotated[str, text(24, least=1)]
    division: Annotated[str, text(12, least=2)]
    planned: bool = False


class CloseIn(In):
    """The last day and why."""

    on: date
    reason: Annotated[str, text(500, least=1)]


class MergeIn(CloseIn):
    """The unit that takes over."""

    successor: UUID


class FacilityRef(BaseModel):
    """A facility by name."""

    uuid: UUID
    code: str
    name: str

    @classmethod
    def at(cls, facility: Facility | None) -> "FacilityRef | None":
        """A reference, or nothing."""
        return cls(uuid=facility.uuid, code=facility.code, name=facility.name) if facility else None


class FacilityOut(BaseModel):
    """A facility as a line."""

    uuid: UUID
    code: str
    name: str
    short_name: str
    kind: str
    tier: str
    status: str
    division: str
    manager: FacilityRef | None
    host: FacilityRef | None
    latitude: float | None
    longitude: float | None

    @staticmethod
    def line(facility: Facility) -> dict[str, Any]:
        """Values of a line."""
        names = ("uuid", "code", "name", "short_name", "kind", "tier", "status", "latitude", "longitude")
        return {
            **{name: getattr(facility, name) for name in names},
            "division": facility.division.code,
            "manager": FacilityRef.at(facility.manager),
            "host": FacilityRef.at(facility.host),
        }

    @classmethod
    def of(cls, facility: Facility) -> "FacilityOut":
        """A line."""
        return cls(**cls.line(facility))


class FacilityPageOut(BaseModel):
    """A page of facilities."""

    items: list[FacilityOut]
    next_cursor: str


class DepartmentOut(BaseModel):
    """A department that is open."""

    code: str
    name: str
    takes_back: bool


class StepOut(BaseModel):
    """A step in the life of a facility."""

    became: str
    changed_at: datetime
    reason: str


class FacilityDetailOut(FacilityOut):
    """A facility with its facts. `answers_now` follows mergers to their end; null where it was never merged."""

    credit_code: str
    address: str
    phone: str
    opened_on: date | None
    closed_on: date | None
    publicly_owned: bool | None
    publicly_owned_since: date | None
    integrated_since: date | None
    insured_since: date | None
    telemedicine_since: date | None
    timetable: list[SlotBody]
    successor: FacilityRef | None
    answers_now: FacilityRef | None
    predecessors: list[FacilityRef]
    departments: list[DepartmentOut]
    steps: list[StepOut]

    @classmethod
    def told(cls, facility: Facility) -> "FacilityDetailOut":
        """A facility in full."""
        names = (
            "credit_code", "address", "phone", "opened_on", "closed_on", "publicly_owned", "publicly_owned_since",
            "integrated_since", "insured_since", "telemedicine_since",
        )  # fmt: skip
        final = queries.final_successor(facility)
        return cls(
            **FacilityOut.line(facility),
            **{name: getattr(facility, name) for name in names},
            timetable=[SlotBody(weekday=s["weekday"], start=s["from"], until=s["until"]) for s in facility.timetable],
            successor=FacilityRef.at(facility.successor),
            answers_now=FacilityRef.at(final) if final.pk != facility.pk else None,
            predecessors=[ref for each in queries.predecessors(facility) if (ref := FacilityRef.at(each))],
            departments=[
                DepartmentOut(code=each.code, name=each.name, takes_back=each.takes_back)
                for each in facility.departments.filter(closed_on__isnull=True).order_by("code")[:300]
            ],
            steps=[
                StepOut(became=each.became, changed_at=each.changed_at, reason=each.reason)
                for each in facility.status_changes.all()
            ],
        )


class MemberOut(BaseModel):
    """A member of a consortium today."""

    facility: FacilityRef
    role: str
    since: date

    @classmethod
    def of(cls, membership: Membership) -> "MemberOut":
        """A member."""
        reference = FacilityRef.at(membership.facility)
        assert reference is not None
        return cls(facility=reference, role=membership.role, since=membership.valid_from)


class PartOut(BaseModel):
    """One part of the pattern beside what there is; `expected` null: any number from one on."""

    title: str
    roles: list[str]
    expected: int | None
    actual: int
    fits: bool


class ConsortiumOut(BaseModel):
    """A consortium with its members of today, village clinics only where they are members in their own right."""

    uuid: UUID
    code: str
    name: str
    division: str
    pattern: str
    valid_from: date
    parts: list[PartOut]
    members: list[MemberOut]

    @classmethod
    def of(cls, consortium: Consortium, members: list[Membership]) -> "ConsortiumOut":
        """A consortium."""
        counts = patterns.counted(members, 0)
        return cls(
            uuid=consortium.uuid, code=consortium.code, name=consortium.name, division=consortium.division.code,
            pattern=consortium.structure.get("pattern", ""), valid_from=consortium.valid_from,
            parts=[
                PartOut(
                    title=part.title, roles=list(part.roles), expected=part.expected, actual=part.actual, fits=part.fits
                )
                for part in patterns.compared(consortium.structure, counts)
            ],
            members=[MemberOut.of(each) for each in members],
        )  # fmt: skip


class DivisionOut(BaseModel):
    """A division."""

    code: str
    name: str
    level: str
    latitude: float | None
    longitude: float | None
    has_children: bool

    @classmethod
    def of(cls, division: Division) -> "DivisionOut":
        """A division."""
        names = ("code", "name", "level", "latitude", "longitude", "has_children")
        return cls(**{name: getattr(division, name) for name in names})


class RowErrorOut(BaseModel):
    """What is wrong with one cell; `row` as a spreadsheet counts it."""

    row: int
    column: str
    value: str
    reason: str


class ImportOut(BaseModel):
    """What a file did, or would do."""

    applied: bool
    n_rows: int
    n_new: int
    n_changed: int
    n_same: int
    n_errors: int
    errors: list[RowErrorOut]


TableName = Literal["divisions", "facilities", "departments", "services", "equipment", "memberships"]
FormatName = Literal["xlsx", "csv"]
