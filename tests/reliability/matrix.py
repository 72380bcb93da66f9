"""The world in which every operation is asked by everybody (S1, S2, S13), and one well-formed call of each operation."""

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import Client

from tests.factories.accounts import MAKER, a_grant, a_token, a_user, an_emergency
from tests.factories.centres import a_shift
from tests.factories.consultations import ASKED, SAID, a_case, an_expert, desk_of, outside_expert
from tests.factories.county import County, a_facility
from tests.factories.diagnostics import INFARCTION, NORMAL, a_critical, a_request, an_ecg_centre, an_ecg_file
from tests.factories.evaluations import PDF
from tests.factories.exchange import a_failed_message
from tests.factories.figures import PatientClient
from tests.factories.followups import a_followup
from tests.factories.imaging import an_imaging_centre
from tests.factories.labcontrol import a_loss, a_run, an_assay, an_instrument, at_z
from tests.factories.recognition import a_decision, a_mark
from tests.factories.referrals import a_down_referral, a_referral
from tests.factories.residents import a_resident, an_id_number
from tests.factories.visits import a_visit
from tests.reliability.checkups import Checkups
from tests.reliability.contracts import ContractObjects
from tests.reliability.evaluations import Evaluations
from tests.reliability.followups import FollowUps
from tests.reliability.institutions import Institutions
from tests.reliability.laboratory import Laboratory
from tests.reliability.pathology import PathologyObjects
from tests.reliability.pocket import Pocket
from tests.reliability.points import Points
from tests.reliability.programmes import Programmes
from tests.reliability.readings import Readings
from tests.reliability.submissions import Submissions
from xinglin.accounts.models import ApiToken, Grant, User
from xinglin.accounts.roles import ROLES
from xinglin.consultations import actions as consultations
from xinglin.consultations.models import Case
from xinglin.diagnostics.models import Request
from xinglin.indicators.models import Subscription
from xinglin.labcontrol.states import Status as LossStatus
from xinglin.notifications.api import tell
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.project.api import api
from xinglin.referrals.states import Status
from xinglin.residents.actions import merge_residents

#: Whether all ask (`make test-slow`), or a few of each kind (`make test`).
WHOLE = bool(os.environ.get("XINGLIN_WHOLE_MATRIX"))
#: Where an account with the role works: its own place, that of a sibling, and another township's.
SCOPES = ("own", "sibling", "other")
#: Roles that are granted for the whole county; for them the three places are the same.
EVERYWHERE = (
    "consortium-manager", "bureau-officer", "system-administrator", "security-administrator", "audit-administrator",
)  # fmt: skip
CAST = {
    "village-doctor": "alma",
    "township-doctor": "tang",
    "reading-doctor": "bo",
    "referral-desk": "du",
    "specialist": "sun",
    "laboratory-technician": "lin",
    "laboratory-doctor": "he",
    "consultation-desk": "dai",
    "consulting-expert": "outside",
}
#: Accounts that the factory of consultations made with its cases.
MADE_BY_FACTORIES = ("consultation-desk", "consulting-expert")
BOUNDARY = "a-boundary-of-a-test"


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Operation id → method, path template, description; as the OpenAPI file says."""
    found = {}
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, described in methods.items():
            found[described["operationId"]] = (method.upper(), path, described)
    return found


@dataclass(frozen=True)
class Call:
    """One well-formed call: what stands for the path's parameter, what comes after ``?``, and the body."""

    uuid: Any = None
    body: Any = None
    query: str = ""
    form: dict[str, Any] | None = None  # fields of a multipart body; a file is (name, content)
    path: dict[str, Any] = field(default_factory=dict)  # further parameters of the path


@dataclass(frozen=True)
class Answer:
    """What came back, and the audit records it left."""

    status: int
    content: bytes
    audited: tuple[tuple[str, str, str], ...]  # event, outcome, object key
    request_ids: frozenset[Any]


@dataclass
class World:
    """A county with an object for each operation, all of Alma's clinic and the hospital it sends to."""

    county: County = field(default_factory=County)

    def __post_init__(self) -> None:
        county, self.now = self.county, clock.now()
        at = self.at = self.now - timedelta(hours=1)
        an_ecg_centre(county)
        self.imaging_centre = an_imaging_centre(county)
        self.pathology = PathologyObjects(county, at)
        self.resident = a_resident(county, name="王小麦", at=at, phone="13700001234")
        self.twin = a_resident(county, name="王小买", at=at)
        self.kept, self.merged = (a_resident(county, name=name, at=at) for name in ("赵一", "赵壹"))
        self.merge = merge_residents(kept=self.kept, merged=self.merged, reason="同一人重复建档", by=county.tang, at=at)
        self.stranger = a_resident(
            county, name="外乡人", at=at, by=county.cai, managed_by_id=county.other_clinic.pk,
            division_code=county.other_village_division.code,
        )  # fmt: skip
        self.visit = a_visit(resident=self.resident, by=county.alma, at=at)
        self.open_visit = a_visit(resident=self.resident, by=county.alma, at=at, status="OPEN")
        self.ecg = {
            status: a_request(county, status=status, resident=self.resident, at=at)
            for status in ("REQUESTED", "CLAIMED", "FINAL")
        }
        self.old_claim = a_request(county, status="CLAIMED", resident=self.resident, at=self.now - timedelta(days=2))
        Request.objects.filter(pk=self.old_claim.pk).update(
            claimed_by=county.user("bo2", "reading-doctor", county.hospital).pk
        )
        self.spare = a_facility(
            "V09", "北沟村卫生室", "VILLAGE_CLINIC", "VILLAGE", county.village_division, county.township
        )
        self.critical = {
            status: a_critical(county, status=status, resident=self.resident, at=at)
            for status in ("NOTIFIED", "CONFIRMED", "HANDLED")
        }
        self.referral = {
            status: a_referral(
                county, status=status, resident=self.resident if status == Status.SUBMITTED else None, at=at
            )
            for status in (
                Status.DRAFT,
                Status.SUBMITTED,
                Status.ACCEPTED,
                Status.ARRIVED,
                Status.IN_CARE,
                Status.DISCHARGED,
            )
        }
        self.down = a_down_referral(county, at=at)
        self.laboratory = Laboratory(county, self.resident, at=self.now)
        self.consultation = self._cases()
        self.decision = a_decision(
            county, resident=self.resident, item="us-thyroid", by=county.alma, from_facility_id=county.clinic.pk, at=at
        )
        self.mark = a_mark(county)
        self.task = a_followup(county, resident=self.resident, at=at)
        self.followups = FollowUps(county, at=self.now)
        self.programmes = Programmes(county, self.resident, at=at)
        self.contracts = ContractObjects(county, self.resident, self.twin, at=at)
        self.institutions = Institutions(county, self.resident, at=at)
        self.readings = Readings(county, self.resident, at=at)
        self.checkups = Checkups(county, self.resident, at=at)
        self.points = Points(county, self.resident, at=at)
        self.pocket = Pocket(county, self.resident, at=at)
        self.submissions = Submissions(county, at=self.now)
        self.evaluations = Evaluations(county, at=at)
        self.zhou = a_user(at=at)
        self.zhou_grant = a_grant(self.zhou, facility_id=county.clinic.pk, at=at)
        self.zhou_token = a_token(self.zhou, "resident:view", at=at).token
        self.newcomer = a_user("qian", name="钱", at=at)
        self.emergency = an_emergency(county.alma, self.stranger.uuid, at=at)
        tell(
            event_uuid=uuid4(),
            kind="referral.accepted",
            urgency=0,
            at=at,
            facility_id=county.clinic.pk,
            permission="referral:send",
        )
        self.message = Message.objects.latest("id")
        self.failed_message = a_failed_message(at=at)
        self.shift = a_shift(county, at=self.now + timedelta(days=9))
        self.losses = {
            step: a_loss(
                county, status=step, assay=an_assay(county, instrument=an_instrument(county, name=f"仪器{step}")), at=at
            )
            for step in (LossStatus.OPEN, LossStatus.CAUSED, LossStatus.RETESTED)
        }
        self.control = an_assay(county, analyte="na", instrument=an_instrument(county, name="仪器"))
        self.control_run = a_run(county, self.control, at=at)
        self.users = {(role, scope): self._user(role, scope) for role in ROLES for scope in SCOPES}
        self.report = Subscription.objects.create(
            user=self.users["bureau-officer", "own"], slugs=["grassroots-share"], level="facility", language="zh-hans", day=5,
            started_at=at,
        )  # fmt: skip
        self.secrets = {key: self._secret(user, key[0]) for key, user in self.users.items()}
        self.expired = {role: self._dead(role, expires_at=at, created_at=at - timedelta(days=1)) for role in ROLES}
        self.revoked = {role: self._dead(role, revoked_at=at, revoked_by=1) for role in ROLES}

    def _user(self, role: str, scope: str) -> User:
        county = self.county
        if role in EVERYWHERE:
            return county.user(f"{role}-any", role, county.hospital, everywhere=True)
        if scope == "own" and role in CAST:
            if role not in MADE_BY_FACTORIES:
                getattr(county, CAST[role])
            return county.users[CAST[role]]
        high = role in {
            "reading-doctor", "referral-desk", "specialist", "laboratory-technician", "laboratory-doctor",
            "pathology-technician", *MADE_BY_FACTORIES,
        }  # fmt: skip
        middle = role in {"township-doctor", "public-health-worker", "pharmacist", "doctor-assistant"}
        place = {
            "own": county.hospital if high else county.township if middle else county.clinic,
            "sibling": county.tcm if high else county.sibling,
            "other": county.other_township if high or middle else county.other_clinic,
        }[scope]
        user = county.user(f"{role}-{scope}", role, place, subordinates=middle and scope != "sibling")
        if role == "resident":
            person = {"own": self.resident, "sibling": self.twin, "other": self.stranger}[scope]
            User.objects.filter(pk=user.pk).update(resident_uuid=person.uuid)
        return user

    def _secret(self, user: User, role: str) -> str:
        if ApiToken.objects.filter(user=user, label="matrix").exists():  # one account in all three places
            return self.secrets_by_user[user.pk]
        secret = a_token(user, *ROLES[role].permissions, at=self.at, label="matrix").secret
        self.secrets_by_user[user.pk] = secret
        return secret

    @cached_property
    def secrets_by_user(self) -> dict[int, str]:
        """Secrets made so far."""
        return {}

    def _dead(self, role: str, **changes: Any) -> str:
        made = a_token(self.users[role, "own"], *ROLES[role].permissions, at=self.at, label=f"dead-{uuid4()}")
        ApiToken.objects.filter(pk=made.token.pk).update(**changes)
        return made.secret

    def send(self, operation: str, secret: str = "", call: Call | None = None) -> Answer:
        """Make one call and read its audit records, then undo everything it did."""
        method, path, _ = operations_cached()[operation]
        call = call or self.calls[operation]
        for name, value in call.path.items():
            path = path.replace(f"{{{name}}}", str(value))
        for name in ("uuid", "barcode", "slug", "identifier"):
            path = path.replace(f"{{{name}}}", str(call.uuid))
        address = path + call.query
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        kind, data = "application/json", json.dumps(call.body, default=str).encode() if call.body is not None else b""
        if call.form is not None:
            kind, data = f"multipart/form-data; boundary={BOUNDARY}", _multipart(call.form)
        before = AuditRecord.objects.order_by("-id").values_list("id", flat=True).first() or 0
        with undone():
            client = PatientClient(headers=headers, raise_request_exception=False)
            answer = client.generic(method, address, data, content_type=kind)
            trail = AuditRecord.objects.filter(id__gt=before).order_by("id")
            rows = list(trail.values_list("event", "outcome", "object_key", "request_id"))
            if client.n_looks > 1:  # what was told to ask again left records of its own
                rows = [row for row in rows if row[3] == rows[-1][3]]
            content = b"".join(answer) if answer.streaming else answer.content
            return Answer(
                answer.status_code, content, tuple(row[:3] for row in rows), frozenset(row[3] for row in rows)
            )

    @cached_property
    def calls(self) -> dict[str, Call]:
        """A call of each operation that succeeds for whoever may make it."""
        return {
            **self._people(),
            **self._administration(),
            **self._diagnostics(),
            **self._centres(),
            **self._pathology(),
            **self._referrals(),
            **self._consultations(),
            **self._rest(),
            **self._network(),
            **self._exchange(),
            **{name: Call(*said) for name, said in self.laboratory.calls().items()},
            **{name: Call(*said) for name, said in self.followups.calls().items()},
            **{name: Call(*said) for name, said in self.programmes.calls().items()},
            **{name: Call(*said) for name, said in self.readings.calls().items()},
            **{name: Call(*said) for name, said in self.pocket.calls().items()},
            **{name: Call(*said) for name, said in self.points.calls().items()},
            **{name: Call(*said) for name, said in self.submissions.calls().items()},
            "read_fhir_measure": Call("m07-grassroots-visits"),
            "search_fhir_measure_reports": Call(query="?measure=m07-grassroots-visits&period=2026-10"),
            **{name: Call(*said) for name, said in self.checkups.calls().items()},
            **{name: Call(*said) for name, said in self.evaluations.calls().items()},
            "add_evaluation_evidence": Call(self.evaluations.proved(), form={"file": ("proof.pdf", PDF + b"another")}),
            **self._control(),
            **{name: Call(*said) for name, said in self.contracts.calls().items()},
            **{name: Call(*said) for name, said in self.institutions.calls().items()},
        }

    def _people(self) -> dict[str, Call]:
        person, county = self.resident.uuid, self.county
        known = Call(body={"name": self.resident.name, "id_number": self.resident.id_number})
        return {
            "searchResidents": Call(query="?q=王小麦"),
            "registerResident": Call(
                body={"name": "孙新", "sex": "1", "born_on": "1970-02-03", "id_number": an_id_number(self._born(), "1", sequence=99),
                      "managed_by": county.clinic.uuid, "division_code": county.village_division.code}
            ),
            "getResident": Call(person),
            "noteArrival": known,
            "editResident": Call(person, {"address": "东沟村 8 号"}),
            "mergeResidents": Call(person, {"merged": self.twin.uuid, "reason": "同一人重复建档"}),
            "undoMerge": Call(self.merge.uuid, {"reason": "核对后不是同一人"}),
            "recordConsent": Call(person, {"kind": "contact-by-phone", "agreed": True, "signer_name": "王小麦"}),
            "getTimeline": Call(person),
            "getLookups": Call(person),
            "getOwnRecord": Call(),
            "getOwnLookups": Call(),
            "recordVisit": Call(body=self._visit_body(resident=person, facility=county.clinic.uuid)),
            "listVisits": Call(),
            "viewVisit": Call(self.visit.uuid),
            "signVisit": Call(self.open_visit.uuid),
            "voidVisit": Call(self.visit.uuid, {"reason": "录错人"}),
            "correctVisit": Call(self.visit.uuid, self._visit_body(reason="补充诊断")),
            "printVisit": Call(self.visit.uuid),
            "searchDiagnosisTerms": Call(query="?q=gxy"),
        }  # fmt: skip

    @staticmethod
    def _born() -> Any:
        from datetime import date

        return date(1970, 2, 3)

    @staticmethod
    def _visit_body(**more: Any) -> dict[str, Any]:
        return {
            "systolic": 150,
            "diastolic": 92,
            "complaint": "头晕3天",
            "diagnoses": [{"code": "I10.x00"}],
            "sign": True,
            **more,
        }

    def _administration(self) -> dict[str, Call]:
        until = self.now + timedelta(days=5)
        return {
            "who_am_i": Call(),
            "list_users": Call(),
            "create_user": Call(body={"username": "wu", "name": "吴"}),
            "grant_role": Call(
                body={"user": self.newcomer.uuid, "role": "village-doctor", "facility": self.county.clinic.uuid}
            ),
            "revoke_grant": Call(Grant.objects.get(pk=self.zhou_grant.pk).uuid),
            "list_tokens": Call(),
            "create_token": Call(
                body={"user": self.zhou.uuid, "label": "检验", "scopes": ["visit:view"], "expires_at": until}
            ),
            "revoke_token": Call(self.zhou_token.uuid),
            "open_emergency": Call(body={"subject": self.stranger.uuid, "reason": "昏迷送来，需立即了解既往用药"}),
            "review_emergency": Call(self.emergency.uuid, {"verdict": "JUSTIFIED"}),
            "read_audit": Call(),
        }

    def _diagnostics(self) -> dict[str, Call]:
        ecg, critical = self.ecg, self.critical
        claimed = ecg["CLAIMED"].uuid
        return {
            "listEcgCentres": Call(),
            "uploadEcgFile": Call(form={"file": ("ecg.dcm", an_ecg_file().read())}),
            "placeEcgRequest": Call(
                form={"resident": self.resident.uuid, "question": "胸闷", "identity_confirmed": "true",
                      "facility": self.county.clinic.uuid, "recordings": ("ecg.dcm", an_ecg_file().read())}
            ),
            "placeImagingRequest": Call(
                body={"resident": self.resident.uuid, "question": "头痛", "items": ["ct-head"],
                      "facility": self.county.clinic.uuid, "centre": self.imaging_centre.uuid}
            ),
            "listEcgRequests": Call(query="?show=sent"),
            "getEcgRequest": Call(ecg["FINAL"].uuid),
            "claimEcgRequest": Call(ecg["REQUESTED"].uuid),
            "releaseEcgRequest": Call(claimed, {"reason": "会诊"}),
            "takeOverEcgRequest": Call(self.old_claim.uuid),
            "cancelEcgRequest": Call(ecg["REQUESTED"].uuid, {"reason": "已转诊"}),
            "rejectEcgRequest": Call(claimed, {"reason": "LEAD_OFF", "remark": "V2脱落"}),
            "writePreliminaryReport": Call(claimed, NORMAL),
            "writeFinalReport": Call(claimed, NORMAL),
            "amendReport": Call(ecg["FINAL"].uuid, {**INFARCTION, "reason": "复核更正"}),
            "getTrace": Call(ecg["FINAL"].uuid),
            "getReportPdf": Call(ecg["FINAL"].uuid),
            "listCriticalValues": Call(),
            "getCriticalValue": Call(critical["NOTIFIED"].uuid),
            "acknowledgeCriticalValue": Call(critical["NOTIFIED"].uuid, {"read_back": "急性下壁心梗，立即转诊"}),
            "handleCriticalValue": Call(critical["CONFIRMED"].uuid, {"handling": "已转县医院胸痛中心"}),
            "closeCriticalValue": Call(critical["HANDLED"].uuid, {"reason": "已处理"}),
        }  # fmt: skip

    def _centres(self) -> dict[str, Call]:
        centre, begins = an_ecg_centre(self.county).uuid, self.now + timedelta(days=3)
        return {
            "listDutyCentres": Call(),
            "listShifts": Call(centre),
            "enterShift": Call(
                centre, {"reader": "bo", "starts_at": begins, "ends_at": begins + timedelta(hours=8), "modalities": []}
            ),
            "withdrawShift": Call(self.shift.uuid),
            "getCentreFigures": Call(centre, query="?days=7"),
        }

    def _pathology(self) -> dict[str, Call]:
        return {name: Call(*call) for name, call in self.pathology.calls(self.resident.uuid).items()}

    def _control(self) -> dict[str, Call]:
        of, hospital = {step: each.uuid for step, each in self.losses.items()}, self.county.hospital.uuid
        values = [
            {"analyte": v.analyte, "level": v.level, "value": str(v.value)} for v in at_z(self.control, {"1": 0.2})
        ]
        return {
            "recordControlRun": Call(
                body={"instrument": self.control.instrument.uuid, "run_at": self.now.isoformat(), "values": values}
            ),
            "getControlRun": Call(self.control_run.uuid),
            "readControlBoard": Call(),
            "readReleaseState": Call(query=f"?facility={hospital}&analyte=k"),
            "readEqaState": Call(query=f"?facility={hospital}&analyte=k"),
            "listLosses": Call(),
            "getLoss": Call(of[LossStatus.OPEN]),
            "noteLossCause": Call(of[LossStatus.OPEN], {"code": "REAGENT", "text": "试剂失效"}),
            "noteLossAction": Call(
                of[LossStatus.CAUSED], {"code": "NEW_REAGENT", "text": "换试剂", "patients": "复查3份"}
            ),
            "closeLoss": Call(of[LossStatus.RETESTED], {"review": "同意"}),
            "sendBackLoss": Call(of[LossStatus.RETESTED], {"reason": "未追查患者结果"}),
        }

    def _referrals(self) -> dict[str, Call]:
        of, county = {status: each.uuid for status, each in self.referral.items()}, self.county
        slip = {"reason_code": "bp-very-high", "criteria": ["bp-high-chest"], "impression": "高血压3级 很高危", "summary": "胸闷1天",
                "past_history": "高血压10年", "treatment": "硝苯地平", "consent_agreed": True, "consent_signer": "王小麦",
                "consent_explained": "已说明", "consent_on_paper": True, "acknowledged_open": True}  # fmt: skip
        return {
            "send_referral": Call(
                body={**slip, "resident": self.resident.uuid, "visit": self.visit.uuid, "from_facility": county.clinic.uuid,
                      "to_facility": county.tcm.uuid, "channel": "ordinary",
                      "attachments": [{"kind": "visit", "uuid": self.visit.uuid}]}
            ),
            "list_referrals": Call(query="?box=sent"),
            "get_referral": Call(of[Status.SUBMITTED]),
            "get_referral_slip": Call(of[Status.SUBMITTED]),
            "submit_referral": Call(of[Status.DRAFT], slip),
            "withdraw_referral": Call(of[Status.SUBMITTED], {"reason_code": "improved"}),
            "accept_referral": Call(of[Status.SUBMITTED], {"hold_kind": "BED", "hold_text": "12床"}),
            "decline_referral": Call(of[Status.SUBMITTED], {"reason_code": "no-bed"}),
            "send_back_referral": Call(of[Status.SUBMITTED], {"reason_code": "summary-missing"}),
            "redirect_referral": Call(of[Status.SUBMITTED], {"reason_code": "better-suited", "to_facility": county.tcm.uuid}),
            "mark_arrived": Call(of[Status.ACCEPTED]),
            "mark_no_show": Call(of[Status.ACCEPTED], {"reason_code": "unreachable"}),
            "admit_referral": Call(of[Status.ARRIVED], {"department": "心血管内科", "bed": "12床"}),
            "discharge_referral": Call(of[Status.IN_CARE], {"diagnosis": "高血压3级", "results": "平稳"}),
            "return_referral": Call(
                of[Status.DISCHARGED],
                {"to_facility": county.township.uuid, "to_department": "REHA", "reason_code": "rehabilitation",
                 "impression": "高血压3级", "plan": "规律服药", "followup_days": 14},
            ),
            "receive_back": Call(self.down.uuid, {"note": "已到康复科"}),
            "close_referral": Call(of[Status.ARRIVED], {"reason_code": "outpatient-done"}),
            "count_referrals": Call(query="?since=2026-01-01&until=2030-01-01"),
        }  # fmt: skip

    def _cases(self) -> dict[str, Case]:
        """Cases in which Wu is asked and Alma asks; he has said yes to all but one, and the last waits for his signature."""
        county, at = self.county, self.at
        sun, wu = an_expert(county), an_expert(county, outside_expert(county), outside_hospital="省立医院")
        desk_of(county)
        cases = {
            each: a_case(county, resident=self.resident, experts=[wu], at=at) for each in ("asked", "accepted", "given")
        } | {"joint": a_case(county, resident=self.resident, experts=[wu, sun], pack=(), at=at)}
        by = outside_expert(county)
        for each in ("accepted", "given", "joint"):
            consultations.accept_invitation(invitation=cases[each].invitations.get(expert=wu), by=by, at=at)
        consultations.accept_invitation(invitation=cases["joint"].invitations.get(expert=sun), by=county.sun, at=at)
        consultations.write_opinion(case=cases["given"], said=SAID, by=by, at=at)
        consultations.write_opinion(case=cases["joint"], said=SAID, is_joint=True, by=county.sun, at=at)
        return cases

    def _consultations(self) -> dict[str, Call]:
        of, county = {name: each.uuid for name, each in self.consultation.items()}, self.county
        expert = an_expert(county, outside_expert(county))
        other = an_expert(county)
        fee = self.consultation["given"].fees.get().uuid
        reason = {"reason_code": "busy"}
        said = dataclasses.asdict(SAID)
        return {
            "listConsultationExperts": Call(),
            "listExpertSlots": Call(expert.uuid),
            "requestConsultation": Call(
                body={"resident": self.resident.uuid, "visit": self.visit.uuid, "from_facility": county.clinic.uuid,
                      "to_facility": county.hospital.uuid, "kind": "IMMEDIATE", "reason": ASKED.reason, "aim": ASKED.aim,
                      "summary": ASKED.summary, "specialty": "cardiology", "experts": [expert.uuid],
                      "pack": [{"kind": "VISIT", "uuid": self.visit.uuid}], "consent_agreed": True,
                      "consent_signer": "王小麦", "consent_on_paper": True}
            ),
            "listConsultations": Call(query="?side=sent"),
            "getConsultation": Call(of["accepted"]),
            "openConsultationItem": Call(
                of["accepted"], path={"item": self.consultation["accepted"].items.get(kind="VISIT").uuid}
            ),
            "getConsultationOpinion": Call(of["given"]),
            "inviteExpert": Call(of["accepted"], {"expert": other.uuid}),
            "acceptConsultation": Call(of["asked"], {}),
            "declineConsultation": Call(of["asked"], reason),
            "refuseConsultation": Call(of["asked"], reason),
            "scheduleConsultation": Call(of["accepted"], {"starts_at": self.now + timedelta(days=1)}),
            "beginConsultation": Call(of["accepted"]),
            "sendConsultationMessage": Call(of["accepted"], {"text": "请补充肌钙蛋白"}),
            "writeOpinion": Call(of["accepted"], said),
            "signOpinion": Call(self.consultation["joint"].opinions.get().uuid),
            "amendOpinion": Call(self.consultation["given"].opinions.get().uuid, {**said, "reason": "补充结果"}),
            "rateConsultation": Call(of["given"], {"expert": expert.uuid, "side": "INVITER", "score": 5}),
            "closeConsultation": Call(of["given"], {"outcome": "按意见用药"}),
            "withdrawConsultation": Call(of["asked"], {"reason_code": "improved"}),
            "listConsultationFees": Call(),
            "settleFee": Call(fee, {"reference": "SJ-1"}),
            "waiveFee": Call(fee, {"reason": "低保患者"}),
            "countConsultations": Call(),
        }  # fmt: skip

    def _network(self) -> dict[str, Call]:
        county, today = self.county, clock.today()
        exported = Client(headers={"Authorization": f"Bearer {self.secrets['bureau-officer', 'own']}"})
        table = exported.get("/api/v1/facilities/export?table=divisions&format=csv").content
        return {
            "listFacilities": Call(),
            "exportFacilities": Call(query="?table=divisions&format=csv"),
            "viewFacility": Call(county.clinic.uuid),
            "openFacility": Call(
                body={"code": "V77", "name": "上沟村卫生室", "kind": "VILLAGE_CLINIC", "tier": "VILLAGE",
                      "division": county.village_division.code, "manager": county.township.uuid}
            ),
            "editFacility": Call(county.clinic.uuid, {"phone": "0632-4400000"}),
            "closeFacility": Call(self.spare.uuid, {"on": today, "reason": "撤并"}),
            "mergeFacility": Call(self.spare.uuid, {"on": today, "reason": "撤并", "successor": county.sibling.uuid}),
            "listConsortia": Call(),
            "listDivisions": Call(),
            "importFacilities": Call(form={"table": "divisions", "file": ("divisions.csv", table)}),
        }  # fmt: skip

    def _exchange(self) -> dict[str, Call]:
        failed = self.failed_message.uuid
        return {
            "listHl7Connections": Call(),
            "listHl7Messages": Call(query="?status=FAILED"),
            "getHl7Message": Call(failed),
            "replayHl7Message": Call(failed),
            "discardHl7Message": Call(failed, {"reason": "TEST"}),
            "listHl7Outbound": Call(),
        }

    def _rest(self) -> dict[str, Call]:
        task, today = self.task.uuid, clock.today()
        return {
            "list_recognition_items": Call(),
            "find_recognisable_results": Call(
                body={
                    "resident": self.resident.uuid,
                    "facility": self.county.clinic.uuid,
                    "kind": "IMAGING",
                    "items": ["us-thyroid"],
                }
            ),
            "list_recognition_decisions": Call(),
            "get_recognition_decision": Call(self.decision.uuid),
            "read_recognition_report": Call(),
            "list_recognition_marks": Call(),
            "grant_recognition_mark": Call(
                body={
                    "facility": self.county.hospital.uuid,
                    "kind": "IMAGING",
                    "level": "COUNTY",
                    "valid_from": "2026-01-01",
                    "valid_until": "2027-01-01",
                    "evidence": "证书",
                }
            ),
            "end_recognition_mark": Call(self.mark.uuid, body={"reason": "质评不合格"}),
            "my_recognised_results": Call(),
            "list_followups": Call(),
            "plan_followup": Call(
                body={
                    "resident": self.resident.uuid,
                    "facility": self.county.clinic.uuid,
                    "due_on": today,
                    "plan": "测血压",
                    "risk": 1,
                }
            ),
            "get_followup": Call(task),
            "complete_followup": Call(
                task, {"channel": "PHONE", "systolic": 132, "diastolic": 82, "adherence": "REGULAR"}
            ),
            "note_unreached": Call(task, {"why": "NO_ANSWER", "try_again_on": today + timedelta(days=1)}),
            "cancel_followup": Call(task, {"reason": "已迁出"}),
            "list_messages": Call(),
            "read_message": Call(self.message.uuid),
            **{each: Call() for each in ("read_board", "read_patient_flow", "list_monthly_reports")},
            "subscribe_to_report": Call(body={"slugs": ["grassroots-share"], "level": "facility", "day": 5}),
            "send_return": Call(
                form={
                    "kind": "deaths",
                    "month": "2026-10",
                    "file": ("r.csv", "编号,死亡日期,年龄,根本死因,四类慢病\n".encode()),
                }
            ),
            # each sees his own only
            **{each: Call(self.report.uuid, body={}) for each in ("end_report_subscription", "ask_for_report")},
            **{each: Call("grassroots-share") for each in ("read_figure", "read_figure_units", "read_figure_records")},
        }


_OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {}


def operations_cached() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """`operations`, asked once."""
    if not _OPERATIONS:
        _OPERATIONS.update(operations())
    return _OPERATIONS


@contextmanager
def undone() -> Iterator[None]:
    """Undo what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _multipart(fields: dict[str, Any]) -> bytes:
    parts = []
    for name, value in fields.items():
        file_name, content = value if isinstance(value, tuple) else ("", str(value).encode())
        attached = f'; filename="{file_name}"' if file_name else ""
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{attached}\r\n\r\n'.encode()
            + content
            + b"\r\n"
        )
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@contextmanager
def a_world(make: Callable[[], Any] = World) -> Iterator[Any]:
    """A world inside one transaction that is rolled back in the end."""
    with undone():
        yield make()


__all__ = ["MAKER", "SCOPES", "Answer", "Call", "World", "a_world", "operations", "undone"]
