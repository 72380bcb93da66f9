"""Teams, agreements and pay of the matrix, and one well-formed call of each operation on them."""

import base64
from datetime import datetime, timedelta
from typing import Any

from tests.factories.contracts import SHEET, a_team, an_agreement
from tests.factories.county import County
from tests.factories.residents import a_resident
from xinglin.contracts import actions
from xinglin.contracts.assigning import code_of
from xinglin.platform import clock
from xinglin.web.sheets import Sheet, workbook


class ContractObjects:
    """A team at the township hospital that serves Alma's clinic, an agreement in force, one near its end, a pool shared."""

    def __init__(self, county: County, resident: Any, unsigned: Any, *, at: datetime) -> None:
        self.county, self.unsigned, self.today = county, unsigned, clock.today(at)
        begun = at - timedelta(days=350)
        self.begun = clock.today(begun)
        self.team = a_team(county, at=begun)
        self.other = a_team(county, "沙沟二队", places=(county.clinic,), at=begun)
        self.ending = an_agreement(county, resident=a_resident(county, name="周到期", at=begun), at=begun)
        for kept in self.ending.promises.filter(item__in=("record-update", "health-advice"), n=1):
            actions.deliver_by_hand(promise=kept, done_on=self.begun, text="核对", by=county.alma, at=begun)
            self.later_on = kept.due_on  # of the advice, half a year on: a period that nobody was paid for
        free = a_resident(county, name="吴自由", at=at)
        taken = a_resident(county, name="郑有队", at=at)
        self.free, self.given = free, actions.assign_resident(team=self.team, resident=taken, by=county.tang, at=at)
        self.agreement = an_agreement(county, resident=resident, at=at)
        self.promise = self.agreement.promises.get(item="record-update")
        self.run = actions.freeze_pay(
            facility_id=county.township.pk, since=self.begun, until=self.begun + timedelta(days=40), pool_fen=1000,
            by=county.tang, at=at,
        )  # fmt: skip

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands for the path's parameter, and the body."""
        county, agreement, today = self.county, self.agreement.uuid, self.today.isoformat()
        signed = {"signer_name": "王小麦", "on_paper": True, "scan": base64.b64encode(SHEET).decode()}
        since, until = (self.later_on - timedelta(days=30)).isoformat(), self.later_on.isoformat()
        return {
            "listContractTeams": (),
            "formContractTeam": (None, {"name": "三队", "facility": county.township.uuid}),
            "getContractTeam": (self.team.uuid,),
            "addTeamMember": (self.team.uuid, {"profession": "pharmacist", "name": "药师小方"}),
            "addTeamPlace": (self.team.uuid, {"facility": county.sibling.uuid}),
            "listServicePackages": (),
            "listAgreements": (),
            "signAgreement": (
                None,
                {"resident": self.unsigned.uuid, "team": self.team.uuid, "packages": ["basic"],
                 "facility": county.clinic.uuid, **signed},
            ),
            "getAgreement": (agreement,),
            "getAgreementPdf": (agreement,),
            "renewAgreement": (self.ending.uuid, {"packages": ["basic"], **signed}),
            "changeAgreementTeam": (agreement, {"team": self.other.uuid, "reason": "居民要求"}),
            "endAgreement": (agreement, {"reason_code": "request"}),
            "deliverPromise": (self.promise.uuid, {"done_on": today, "text": "核对档案"}),
            "rateAgreement": (agreement, {"score": 5}),
            "listOwnAgreements": (),
            "enterKeyGroup": (
                None, {"resident": self.unsigned.uuid, "group": "disabled", "since": today, "evidence": "残疾证 3704"},
            ),
            "listUnassigned": (),
            "getUnassignedTable": (),
            "putUnassignedTable": (None, {"content": base64.b64encode(self._table()).decode()}),
            "distributeResidents": (None, {"facility": county.township.uuid}),
            "listTeamResidents": (self.team.uuid,),
            "giveResidents": (self.team.uuid, {"residents": [self.free.uuid]}),
            "getAssignment": (self.given.uuid,),
            "releaseResident": (self.given.uuid, {"reason": "长期在外"}),
            "handOverResident": (self.given.uuid, {"team": self.other.uuid, "reason": "居民要求"}),
            "getContractCoverage": (),
            "freezeContractPay": (
                None,
                {"facility": county.township.uuid, "since": since, "until": until, "pool_fen": 99},
            ),
            "getContractPay": (self.run.uuid,),
        }  # fmt: skip

    def _table(self) -> bytes:
        """One row that names a team."""
        row = (self.free.number, self.free.name, code_of(self.team))
        return workbook([Sheet("表", ("档案号", "姓名", "团队编号"), [row])])
