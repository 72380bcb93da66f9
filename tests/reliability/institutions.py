"""Institutions of the matrix, and one well-formed call of each operation on them."""

import base64
from datetime import datetime, timedelta
from typing import Any

from tests.factories.county import County
from tests.factories.institutions import SHEET, a_care_agreement, a_home, a_stay, first_round
from tests.factories.residents import a_resident
from xinglin.platform import clock


class Institutions:
    """A home in Alma's village that her clinic keeps and serves, one near the end of its term, and one not signed."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        self.county, self.resident, self.today = county, resident, clock.today(at)
        begun, by = at - timedelta(days=340), county.alma
        self.home, self.free = a_home(county, by=by, at=at), a_home(county, name="未签养老院", by=by, at=at)
        self.agreement = a_care_agreement(county, self.home, by=by, at=at)
        self.stay = a_stay(county, self.home, resident=a_resident(county, name="吴入住", at=at), by=by, at=at)
        self.ending = a_care_agreement(county, a_home(county, name="将到期养老院", by=by, at=begun), by=by, at=begun)
        self.round = first_round(self.agreement)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body."""
        home, agreement, clinic = self.home.uuid, self.agreement.uuid, self.county.clinic.uuid
        signed = {"signer_name": "孙桂英", "scan": base64.b64encode(SHEET).decode(), "package": "elderly-home"}
        facts = {
            "kind": "SCHOOL", "address": "东沟村", "responsible": "周校长", "opened_on": "2001-09-01",
        }  # fmt: skip
        return {
            "list_institutions": (),
            "record_institution": (None, {"name": "东沟小学", "facility": clinic, **facts}),
            "get_institution": (home,),
            "edit_institution": (home, {"name": "夕阳红", **facts}),
            "close_institution": (home, {"reason": "停业"}),
            "list_stays": (home,),
            "begin_stay": (home, {"resident": self.resident.uuid, "since": self.today.isoformat()}),
            "end_stay": (self.stay.uuid, {"until": self.today.isoformat()}),
            "sign_institution": (self.free.uuid, {"facility": clinic, **signed}),
            "get_institution_agreement": (agreement,),
            "renew_institution_agreement": (self.ending.uuid, signed),
            "end_institution_agreement": (agreement, {"reason_code": "request"}),
            "list_institution_rounds": (),
            "get_institution_round": (self.round.uuid,),
            "record_institution_round": (
                self.round.uuid,
                {"came": ["阿尔玛"], "findings": "整洁", "signer_name": "孙桂英", "scan": signed["scan"],
                 "seen": [{"stay": self.stay.uuid}]},
            ),
        }  # fmt: skip
