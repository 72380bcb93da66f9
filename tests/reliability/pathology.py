"""A pathology case for each operation, all of Alma's clinic, at the centre of the county hospital."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.factories.county import County
from tests.factories.pathology import PHOTOGRAPH, REPORT, a_case, a_part, a_pathology_centre, pan, ren
from tests.factories.residents import a_resident
from xinglin.pathology import actions
from xinglin.pathology.data import BlockIn
from xinglin.pathology.models import PathologyCase

Arguments = tuple[Any, ...]
_BLOCK = {"blocks": [{"part": "A"}]}
_TEXTS = {"gross": REPORT.gross, "microscopic": REPORT.microscopic, "diagnosis": REPORT.diagnosis}


class PathologyObjects:
    """Cases in every state an operation starts from."""

    def __init__(self, county: County, at: datetime) -> None:
        self.county, self.at = county, at
        self.centre = a_pathology_centre(county)
        pan(county), ren(county)  # the accounts are there before any role is tried
        self.of = {
            status: self._case(status) for status in ("SUBMITTED", "HELD", "RECEIVED", "GROSSED", "SLIDED", "REPORTED")
        }
        self.mine = self._case("SLIDED")
        actions.claim_case(case=self.mine, by=county.bo, at=at + timedelta(minutes=9))
        self.frozen = self._case("RECEIVED", item="frozen-section")
        self.told = self._case("REPORTED", item="frozen-section", told=True)
        self.opinion = actions.ask_opinion(
            case=self.of["SLIDED"], question="请会诊", hospital="省立医院", by=county.bo, at=at + timedelta(minutes=9)
        )
        self.cut = self._case("GROSSED")
        # Only who made a block takes it back: the account by which the role is tried.
        cutter = county.actor(county.user("pathology-technician-own", "pathology-technician", county.hospital))
        actions.add_blocks(case=self.cut, blocks=[BlockIn("A")], by=cutter, at=at + timedelta(minutes=6))
        self.lent = self._case("REPORTED")
        self.loan = actions.lend(
            case=self.lent, by=pan(county), at=at, **self._loan([f"{self.lent.number}-A1-1"], as_text=False)
        )

    def _case(self, status: str, *, told: bool = False, **fields: Any) -> PathologyCase:
        county = self.county
        own = {"resident": a_resident(county, at=self.at), "from_facility_id": county.clinic.pk, "by": county.alma}
        if not told:
            return a_case(county, status=status, at=self.at, **own, **fields)
        case = a_case(county, status="SLIDED", at=self.at, **own, **fields)
        said = {"answer": "乳头状癌", "told_to": "林", "read_back": "乳头状癌"}
        actions.tell_frozen(frozen=case.frozen, **said, by=county.bo, at=self.at + timedelta(minutes=9))
        actions.claim_case(case=case, by=county.bo, at=self.at + timedelta(minutes=10))
        actions.sign_final(case=case, texts=replace(REPORT), by=county.bo, at=self.at + timedelta(minutes=11))
        return case

    def _loan(self, slides: list[str], *, as_text: bool = True) -> dict[str, Any]:
        due_on = (self.at + timedelta(days=20)).date()
        return {
            "slides": slides, "borrower": "王某之女", "borrower_phone": "13800000000", "purpose": "会诊",
            "due_on": due_on.isoformat() if as_text else due_on,
        }  # fmt: skip

    def calls(self, resident: UUID) -> dict[str, Arguments]:
        """Arguments of a call of each operation that succeeds for whoever may make it."""
        of, county = {status: case.uuid for status, case in self.of.items()}, self.county
        numbers = {status: case.number for status, case in self.of.items()}
        part = {"site": "胃窦", "kind": a_part().kind}
        return {
            "submitCase": (
                None,
                {"resident": resident, "facility": county.clinic.uuid, "centre": self.centre.uuid, "item": "biopsy",
                 "parts": [part], "question": "胃痛"},
            ),
            "listCases": (None, None, "?show=sent"),
            "getCase": (of["REPORTED"],),
            "receiveCase": (of["SUBMITTED"], {}),
            "holdCase": (of["SUBMITTED"], {"question": "瓶签与申请单不符"}),
            "refuseCase": (of["SUBMITTED"], {"reason": "NO_FIXATIVE"}),
            "answerHold": (of["HELD"], {"answer": "应为胃窦"}),
            "withdrawCase": (of["SUBMITTED"], {}),
            "grossCase": (of["RECEIVED"], {"gross": "灰白组织2块", **_BLOCK}),
            "addBlocks": (of["GROSSED"], _BLOCK),
            "embedBlocks": (of["GROSSED"], {"codes": [f"{numbers['GROSSED']}-A1"]}),
            "withdrawBlock": (self.cut.uuid, {"block": f"{self.cut.number}-A2", "reason": "误录入"}),
            "makeSlides": (of["GROSSED"], {"codes": [f"{numbers['GROSSED']}-A1-1"]}),
            "orderSlides": (of["SLIDED"], {"block": f"{numbers['SLIDED']}-A1", "way": "DEEPER"}),
            "gradeSlide": (of["SLIDED"], {"slide": f"{numbers['SLIDED']}-A1-1", "grade": "A"}),
            "addPicture": (of["SLIDED"], None, "", {"file": ("p.jpg", PHOTOGRAPH.read_bytes()), "view": "MICRO"}),
            "claimCase": (of["SLIDED"],),
            "releaseCase": (self.mine.uuid, {}),
            "signPreliminaryPathology": (self.mine.uuid, _TEXTS),
            "signFinalPathology": (self.mine.uuid, _TEXTS),
            "amendPathology": (of["REPORTED"], {**_TEXTS, "reason": "复阅"}),
            "supplementPathology": (of["REPORTED"], {"special": "吉姆萨阴性", "diagnosis": "同前"}),
            "getPathologyPdf": (of["REPORTED"],),
            "tellFrozen": (self.frozen.uuid, {"answer": "良性结节", "told_to": "林", "read_back": "良性结节"}),
            "compareFrozen": (self.told.uuid, {"agreement": "AGREES"}),
            "askOpinion": (of["SLIDED"], {"question": "请会诊", "hospital": "省立医院"}),
            "giveOpinion": (self.opinion.uuid, {"answer": "同意", "agreement": "AGREES", "signed_by": "王教授"}),
            "lendPieces": (of["REPORTED"], self._loan([f"{numbers['REPORTED']}-A1-1"])),
            "listLoans": (),
            "returnLoan": (self.loan.uuid, {}),
        }  # fmt: skip
