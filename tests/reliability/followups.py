"""A resident to contact, a call that is held and one that has ended, a plan at discharge; one call of each operation."""

from datetime import datetime, timedelta
from typing import Any

from tests.factories.county import County
from tests.factories.followups import a_discharge, a_followup
from tests.factories.residents import a_resident
from xinglin.followups import actions
from xinglin.followups.data import CallEnd
from xinglin.platform import clock

WELL = {"recovery": "better", "medicines": "none"}


class FollowUps:
    """What Alma's clinic is to contact residents about."""

    def __init__(self, county: County, *, at: datetime) -> None:
        self.county, self.at = county, at
        self.waiting = a_followup(county, resident=a_resident(county, name="吴等", at=at), at=at)
        self.held = self._call("郑通", at=at)
        self.ended = self._call("冯完", at=at)
        actions.end_call(call=self.ended, end=CallEnd("ANSWERED", WELL), by=county.alma, at=at)
        self.second = a_followup(county, resident=self.ended.resident, kind="AFTER_DISCHARGE", at=at)
        self.plan = a_discharge(county, resident=a_resident(county, name="陈出", at=at), at=at)

    def _call(self, name: str, *, at: datetime) -> Any:
        task = a_followup(self.county, resident=a_resident(self.county, name=name, at=at), at=at)
        return actions.open_call(resident=task.resident, facility_id=task.facility_id, by=self.county.alma, at=at)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body, its query."""
        whom, today = self.waiting.resident.uuid, clock.today(self.at)
        leaving = {
            "resident": whom, "facility": self.county.clinic.uuid, "discharge": "ORDERED", "diagnosis_code": "J18.9",
            "diagnosis_name": "肺炎", "discharged_on": today + timedelta(days=1),
        }  # fmt: skip
        return {
            "list_followup_desk": (),
            "open_followup_call": (None, {"resident": whom}),
            "get_followup_call": (self.ended.uuid,),
            "end_followup_call": (self.held.uuid, {"dialled": "ANSWERED", "answers": WELL}),
            "release_followup_call": (self.held.uuid,),
            "list_followup_contacts": (whom,),
            "note_contact_wish": (None, {"resident": whom, "channel": "MESSAGE", "is_agreed": True}),
            "plan_discharge": (None, leaving),
            "get_discharge_plan": (self.plan.uuid,),
            "cancel_discharge_plan": (self.plan.uuid, {"reason": "再次入院"}),
            "list_followup_scripts": (),
            "get_followup_figures": (),
            "cover_followup": (self.second.uuid, {"call": self.ended.uuid}),
            "put_off_followup": (self.second.uuid,),
        }
