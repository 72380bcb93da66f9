"""Rows of the ECG centre: requests, reports, critical values, with their trails of states."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from synth.care import DAY, HOUR, MINUTE, Reading
from synth.context import STATUS_COLUMNS, Change, Context, local, one_of, status_rows
from synth.county import Plan
from synth.network_rows import table
from synth.people import EPOCH
from synth.rows import Block, rng_for, uuids
from synth.staff import Member
from synth.tables import table as data_table

#: The list of critical values in force (slug and day, as `xinglin.platform.definitions` writes a version).
CRITICAL_LIST = "ecg-critical-values@2026-01-01"
REQUEST_COLUMNS = (
    "id uuid number kind resident_id visit_id from_facility_id centre_id priority priority_rank question clinical "
    "status status_changed_at requested_at requested_by requested_by_name due_at claimed_at claimed_by claimed_by_name "
    "reported_at repeats_id"
)
REPORT_COLUMNS = (
    "id uuid request_id version stage findings conclusion codes is_abnormal amend_reason author_id author_name "
    "signed_at"
)
CRITICAL_COLUMNS = (
    "id uuid request_id report_id code text list_version status status_changed_at notified_at notified_by "
    "notified_by_name due_at escalation confirmed_at confirmed_by confirmed_by_name read_back handled_at handled_by "
    "handling"
)
CENTRE_COLUMNS = (
    "id uuid code name kind facility_id serves_everyone minutes_routine minutes_urgent minutes_critical minutes_claim "
    "is_active"
)


def centre_block(plan: Plan) -> Block:
    """The ECG centre that reads for the county."""
    unit = next(u for u in plan.units if u.code.endswith("-ECG"))
    began = np.array([(plan.until.toordinal() - EPOCH - 900) * DAY + 8 * HOUR])
    (key,) = uuids(began, rng_for(plan.seed, "centre"))
    row = (1, key, "ECG", unit.name, "ECG", unit.id, True, 30, 10, 10, 30, True)
    return table("diagnostics_centre", CENTRE_COLUMNS, [row])


class EcgRows:
    """The ECG requests of one catchment. A request has the id of the visit it came from."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._readings = context.care.readings
        self._asked = [int(context.visits.at[r.visit]) + 8 * MINUTE for r in self._readings]
        self._ids = [context.visit_id(r.visit) for r in self._readings]

    def blocks(self) -> Iterator[Block]:
        """Requests, reports, critical values."""
        keys = self.context.uuids("request-uuids", self._asked)
        reports = self.context.uuids("report-uuids", self._asked)
        numbers = self.context.numbers("E", self._asked, self._ids)
        each = list(zip(self._readings, self._ids, self._asked, strict=True))
        yield table(
            "diagnostics_request", REQUEST_COLUMNS,
            [self._request(*e, key, number) for e, key, number in zip(each, keys, numbers, strict=True)],
        )  # fmt: skip
        yield table(
            "diagnostics_report", REPORT_COLUMNS,
            [self._report(r, i, k) for (r, i, _), k in zip(each, reports, strict=True)],
        )  # fmt: skip
        changes = [row for r, i, at in each for row in status_rows(i, self._changes(r, at))]
        yield table("diagnostics_requeststatuschange", STATUS_COLUMNS, changes)
        yield from self._criticals([(r, i) for r, i, _ in each if _conclusion(r).get("critical")])

    def _reader(self, reading: Reading) -> Member:
        return one_of(self.context.staff.by_role["reading-doctor"], reading.reader)

    def _request(self, r: Reading, key: int, at: int, uuid: str, number: str) -> tuple[Any, ...]:
        context, reader = self.context, self._reader(r)
        return (
            key, uuid, number, "ECG", context.resident_id(r.visit), key, context.facility_id(r.visit), 1,
            "URGENT" if r.urgent else "ROUTINE", 1 if r.urgent else 2, "请阅图并出具心电图诊断。",
            self._clinical(r.visit), "FINAL", local(r.reported_at), local(at), *context.clinician(r.visit),
            local(at + (10 if r.urgent else 30) * MINUTE), local(r.claimed_at), reader.id, reader.name,
            local(r.reported_at), None,
        )  # fmt: skip

    def _report(self, r: Reading, key: int, uuid: str) -> tuple[Any, ...]:
        found, reader = _conclusion(r), self._reader(r)
        coded = [{"code": found["code"], "title": found["title"]}]
        return (
            key, uuid, key, 1, "FINAL", f"心率{r.rate}次/分。", found["text"], coded, r.conclusion > 0, "", reader.id,
            reader.name, local(r.reported_at),
        )  # fmt: skip

    def _changes(self, r: Reading, at: int) -> list[Change]:
        reader, centre = self._reader(r), self.context.around.ecg_centre.id
        return [
            Change("REQUESTED", at, *self.context.clinician(r.visit), self.context.facility_id(r.visit)),
            Change("CLAIMED", r.claimed_at, reader.id, reader.name, centre),
            Change("FINAL", r.reported_at, reader.id, reader.name, centre),
        ]

    def _clinical(self, visit: int) -> str:
        pressure = self.context.pressure(visit)
        return self.context.complaint(visit) + (f"，血压{pressure[0]}/{pressure[1]}mmHg" if pressure else "")

    def _criticals(self, readings: list[tuple[Reading, int]]) -> Iterator[Block]:
        """Confirmed within minutes, handled, closed."""
        keys = self.context.uuids("critical-uuids", [r.reported_at for r, _ in readings])
        rows: list[tuple[Any, ...]] = []
        changes: list[tuple[Any, ...]] = []
        for (r, key), uuid in zip(readings, keys, strict=True):
            found, reader, doctor = _conclusion(r), self._reader(r), self.context.clinician(r.visit)
            told, confirmed = r.reported_at, r.reported_at + 60 + r.reader % 420
            handled, closed = told + 15 * MINUTE, told + 75 * MINUTE
            rows.append((
                key, uuid, key, key, found["critical"], found["critical_text"], CRITICAL_LIST, "CLOSED", local(closed),
                local(told), reader.id, reader.name, local(told + 10 * MINUTE), 0, local(confirmed), *doctor,
                found["text"], local(handled), doctor[0], "已卧床、吸氧，联系上级医院急诊转诊。",
            ))  # fmt: skip
            place, centre = self.context.facility_id(r.visit), self.context.around.ecg_centre.id
            trail = [
                Change("NOTIFIED", told, reader.id, reader.name, centre),
                Change("CONFIRMED", confirmed, *doctor, place),
                Change("HANDLED", handled, *doctor, place),
                Change("CLOSED", closed, reader.id, reader.name, centre),
            ]
            changes += status_rows(key, trail)
        yield table("diagnostics_criticalvalue", CRITICAL_COLUMNS, rows)
        yield table("diagnostics_criticalvaluestatuschange", STATUS_COLUMNS, changes)


def _conclusion(reading: Reading) -> dict[str, Any]:
    found: dict[str, Any] = data_table("ecg")["conclusions"][reading.conclusion]
    return found
