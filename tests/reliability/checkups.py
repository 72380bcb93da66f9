"""Check-ups of the matrix in each state, and one well-formed call of each operation on them."""

from datetime import datetime, timedelta
from typing import Any

from tests.factories.checkups import OLD, VALUES, a_checkup, a_session
from tests.factories.county import County
from tests.factories.residents import a_resident
from xinglin.checkups import actions
from xinglin.checkups.states import Status
from xinglin.platform import clock


class Checkups:
    """Check-ups of residents of Alma's at the township hospital above her, in the states the operations need."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        at = max(at, clock.start_of(clock.today()))  # a session is of one day, and the calls are made today
        self.county = county
        self.session = a_session(county, at=at)
        self.free = a_resident(county, name="周待约", born_on=OLD, at=at)
        self.booked, self.arrived, self.examined, self.reported = (
            a_checkup(county, status=status, session=self.session, at=at)
            for status in (Status.BOOKED, Status.ARRIVED, Status.EXAMINED, Status.REPORTED)
        )
        before = at - timedelta(days=1)
        self.left = a_checkup(county, status=Status.ARRIVED, at=before)
        vitals = self.left.stations.get(station="vitals")
        actions.save_station(
            visit=vitals, values={code: VALUES[code] for code in vitals.items}, by=county.tang, at=before
        )
        visits = {each.station: each for each in self.arrived.stations.all()}
        self.vitals, self.ecg, self.left_out = visits["vitals"], visits["ecg"], visits["ultrasound"]
        actions.leave_out(visit=self.left_out, why="ate", by=county.tang, at=at)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body, its query."""
        reason, day = {"reason": "外出打工"}, (clock.today() + timedelta(days=7)).isoformat()
        values = {code: VALUES[code] for code in self.vitals.items}
        new = {"held_on": day, "half": "AM", "capacity": 20, "facility": self.county.township.uuid}
        return {
            "list_checkup_packages": (),
            "list_checkup_sessions": (),
            "open_checkup_session": (None, new),
            "list_checkups": (),
            "book_checkup": (
                None, {"resident": self.free.uuid, "session": self.session.uuid, "package": "elderly"},
            ),
            "list_own_checkups": (),
            "get_checkup_day": (),
            "list_checkup_queue": (None, None, "?station=ecg"),
            "send_checkup_rows": (
                None, {"rows": [{"number": self.arrived.number, "item": "ecg_result", "value": "normal"}]},
            ),
            "get_checkup": (self.reported.uuid,),
            "arrive_checkup": (self.booked.uuid, {}),
            "resume_checkup": (self.left.uuid, {}),
            "close_checkup": (self.left.uuid, {"why": "absent"}),
            "cancel_checkup": (self.booked.uuid, reason),
            "miss_checkup": (self.booked.uuid, {}),
            "save_checkup_station": (self.vitals.uuid, {"values": values}),
            "skip_checkup_station": (self.ecg.uuid, {}),
            "leave_out_checkup_station": (self.ecg.uuid, {"why": "refused"}),
            "queue_checkup_station_again": (self.left_out.uuid, {}),
            "sign_checkup_report": (self.examined.uuid, {"conclusion": "总体良好"}),
            "withdraw_checkup_report": (self.reported.uuid, reason),
            "get_checkup_report": (self.reported.uuid,),
            "get_checkup_report_pdf": (self.reported.uuid,),
        }  # fmt: skip
