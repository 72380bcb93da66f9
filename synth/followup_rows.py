"""Rows of follow-up tasks: planned ones of people with long-term conditions, and those after a referral."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from synth.care import Task
from synth.context import STATUS_COLUMNS, Change, Context, local, one_of, status_rows
from synth.network_rows import table
from synth.rows import Block
from synth.staff import Member

COLUMNS = (
    "id uuid resident_id facility_id kind origin_kind origin_uuid due_on plan risk status status_changed_at created_at "
    "done_at done_by done_by_name outcome note visit_id"
)
PLAN = "慢性病随访：测血压、血糖，问症状和服药。"
PLAN_AFTER_REFERRAL = "下转后2周内面访：测血压，问症状和服药。"


class FollowUpRows:
    """The tasks of one catchment. `down_uuids` names the referral back that a task after a referral arose from."""

    def __init__(self, context: Context, down_uuids: dict[int, str]) -> None:
        self.context, self._down_uuids = context, down_uuids

    def blocks(self) -> Iterator[Block]:
        """Tasks and their trails of states."""
        tasks = [t for t in self.context.care.tasks if not t.referral or t.visit in self._down_uuids]
        keys = self.context.uuids("task-uuids", [t.created_at for t in tasks])
        yield table("followups_followuptask", COLUMNS, [self._row(t, k) for t, k in zip(tasks, keys, strict=True)])
        changes = [row for t in tasks for row in status_rows(self._id(t), self._changes(t))]
        yield table("followups_followupstatuschange", STATUS_COLUMNS, changes)

    def _id(self, task: Task) -> int:
        return self.context.visit_id(task.visit) * 2 - (0 if task.referral else 1)

    def _doctor(self, task: Task) -> Member:
        return one_of(self.context.staff.treating[self.context.catchment.clinic.id], task.person)

    def _row(self, t: Task, key: str) -> tuple[Any, ...]:
        context, doctor = self.context, self._doctor(t)
        origin = self._down_uuids[t.visit] if t.referral else context.keys.uuids[t.visit]
        done = (local(t.done_at), doctor.id, doctor.name) if t.done_at else (None, None, "")
        return (
            self._id(t), key, context.catchment.first + 1 + t.person, context.catchment.clinic.id,
            "AFTER_REFERRAL" if t.referral else "PLANNED", "referral" if t.referral else "visit", origin,
            np.datetime64(t.due_day, "D"), PLAN_AFTER_REFERRAL if t.referral else PLAN, 2 if t.referral else 1,
            "DONE" if t.done_at else "PLANNED", local(t.done_at or t.created_at), local(t.created_at), *done,
            self._outcome(t), "病情稳定。" if t.done_at else "", None,
        )  # fmt: skip

    def _outcome(self, t: Task) -> dict[str, Any]:
        """What was found, in the form of `xinglin.followups`."""
        if not t.done_at:
            return {}
        pressure = self.context.pressure(t.visit)
        return {
            "channel": ("CLINIC", "HOME", "PHONE")[t.person % 3], "systolic": pressure and pressure[0],
            "diastolic": pressure and pressure[1], "pulse": None, "glucose": None, "symptoms": [],
            "adherence": "REGULAR" if t.person % 7 else "SOMETIMES", "advice": "继续规律服药，定期复查。",
        }  # fmt: skip

    def _changes(self, t: Task) -> list[Change]:
        place, doctor = self.context.catchment.clinic.id, self._doctor(t)
        planned = Change("PLANNED", t.created_at, None, "合成数据", place)
        return [planned, Change("DONE", t.done_at, doctor.id, doctor.name, place)] if t.done_at else [planned]
