"""What the REST operations of referrals take and give. Written by hand: a table may change, an API may not."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.referrals import catalogue, permissions
from xinglin.referrals.data import Attachment, ConsentGiven, Count, Slip
from xinglin.referrals.models import Referral, ReferralStatusChange
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import TURN, Status
from xinglin.residents import api as residents
from xinglin.web.shapes import In, text

Line = Annotated[str, text(200)]
Code = Annotated[str, text(40)]
Text = Annotated[str, text(4000)]


class AttachmentIn(In):
    """Something of the record: a visit or a diagnostic request."""

    kind: Literal["visit", "request"]
    uuid: UUID


class SlipIn(In):
    """What the slip says; codes are slugs of the definitions."""

    reason_code: Code
    reason: Annotated[str, text(500)] = ""
    criteria: list[Annotated[str, text(60)]] = Field(default=[], max_length=30)
    impression: Line
    impression_code: Annotated[str, text(20)] = ""
    summary: Text = ""
    past_history: Text = ""
    treatment: Text = ""
    plan: Text = ""
    results: Text = ""
    followup_days: int | None = Field(default=None, ge=0, le=365)
    contact_phone_given: bool = False
    attachments: list[AttachmentIn] = Field(default=[], max_length=20)

    def slip(self) -> Slip:
        """As the actions take it."""
        return Slip(
            reason_code=self.reason_code, impression=self.impression, reason=self.reason, criteria=tuple(self.criteria),
            impression_code=self.impression_code, summary=self.summary, past_history=self.past_history,
            treatment=self.treatment, plan=self.plan, results=self.results, followup_days=self.followup_days,
            contact_phone_given=self.contact_phone_given,
            attachments=tuple(Attachment(each.kind, each.uuid) for each in self.attachments),
        )  # fmt: skip


class SignedIn(SlipIn):
    """A slip with the resident's answer, or the ground why it comes later (emergency channel only)."""

    consent_agreed: bool | None = None
    consent_signer: Annotated[str, text(60)] = ""
    consent_relation: Annotated[str, text(20)] = "本人"
    consent_signature: str = Field(
        default="", max_length=300_000, description="PNG, base64, with or without data: prefix"
    )
    consent_on_paper: bool = Field(default=False, description="A sheet was signed instead; its original is kept")
    consent_explained: Text = ""
    consent_waived: Line = ""
    acknowledged_open: bool = Field(
        default=False, description="Send although another referral of the same visit goes on (409 `referral-open`)"
    )

    def consent(self) -> ConsentGiven | None:
        """As the actions take it; None when nobody has answered."""
        if self.consent_agreed is None:
            return None
        return ConsentGiven(
            agreed=self.consent_agreed, signer_name=self.consent_signer, signer_relation=self.consent_relation,
            signature_png=residents.png_of(self.consent_signature, field="consent_signature"), explained=self.consent_explained, on_paper=self.consent_on_paper,
        )  # fmt: skip


class SubmitIn(SignedIn):
    """A slip to send (again); a department named replaces the former."""

    to_department: Code = ""


class ReferralIn(SignedIn):
    """A referral to send, flat. `from_facility` is the actor's own unit when absent."""

    resident: UUID
    visit: UUID | None = None
    from_facility: UUID | None = None
    to_facility: UUID
    to_department: Code = ""
    channel: Code


class AcceptIn(In):
    """What the desk holds, named (ward and bed, or clinic and time), until when (absent: as the deadline rule says)."""

    hold_kind: Literal["BED", "SLOT"] = "BED"
    hold_text: Annotated[str, text(80)] = ""
    hold_until: datetime | None = None


class ReasonIn(In):
    """A coded reason; ``other`` has to be written out."""

    reason_code: Code
    reason: Annotated[str, text(500)] = ""


class RedirectIn(ReasonIn):
    """To which unit instead."""

    to_facility: UUID
    to_department: Code = ""


class AdmitIn(In):
    """Where the patient lies."""

    department: Annotated[str, text(50)]
    bed: Annotated[str, text(20)] = ""


class DischargeIn(In):
    """What came out of it."""

    diagnosis: Line
    results: Text = ""


class ReturnIn(SlipIn):
    """The way back: which unit, with what plan."""

    to_facility: UUID
    to_department: Code = ""


class ReceiveBackIn(In):
    """The lower unit has the patient."""

    note: Annotated[str, text(500)] = ""


class UnitOut(BaseModel):
    """A facility."""

    uuid: UUID
    name: str


class ReferralOut(BaseModel):
    """A referral as a list shows it."""

    uuid: UUID
    number: str
    resident: UUID
    resident_name: str
    direction: str
    channel: str
    emergency: bool
    status: str
    status_label: str
    turn: str
    from_facility: UnitOut
    to_facility: UnitOut
    department: str
    impression: str
    reason_code: str
    due_at: datetime | None
    status_changed_at: datetime
    sent_at: datetime | None
    hold: str
    hold_until: datetime | None
    arrived_at: datetime | None
    admitted_at: datetime | None
    discharged_at: datetime | None
    closed_at: datetime | None
    origin: UUID | None

    @classmethod
    def of(cls, referral: Referral) -> "ReferralOut":
        """From a row with its facilities, resident, department and origin."""
        return cls(**_common(referral))


def _common(referral: Referral) -> dict[str, Any]:
    status = Status(referral.status)
    return {
        "uuid": referral.uuid,
        "number": referral.number,
        "resident": referral.resident.uuid,
        "resident_name": referral.resident.name,
        "direction": referral.direction,
        "channel": referral.channel,
        "emergency": catalogue.channel(referral.channel).is_emergency,
        "status": status,
        "status_label": str(status.label),
        "turn": TURN[status],
        "from_facility": _unit(referral.from_facility),
        "to_facility": _unit(referral.to_facility),
        "department": referral.to_department.name if referral.to_department else "",
        "impression": referral.impression,
        "reason_code": referral.reason_code,
        "due_at": referral.due_at,
        "status_changed_at": referral.status_changed_at,
        "sent_at": referral.sent_at,
        "hold": referral.hold_text,
        "hold_until": referral.hold_until,
        "arrived_at": referral.arrived_at,
        "admitted_at": referral.admitted_at,
        "discharged_at": referral.discharged_at,
        "closed_at": referral.closed_at,
        "origin": referral.origin.uuid if referral.origin else None,
    }


def _unit(facility: Any) -> UnitOut:
    return UnitOut(uuid=facility.uuid, name=str(facility))


class ChangeOut(BaseModel):
    """One step: who, when, why."""

    was: str
    became: str
    at: datetime
    by: str
    reason_code: str
    reason: str

    @classmethod
    def of(cls, change: ReferralStatusChange) -> "ChangeOut":
        """From a row."""
        return cls(
            was=change.was, became=change.became, at=change.changed_at, by=change.changed_by_name,
            reason_code=change.reason_code, reason=change.reason,
        )  # fmt: skip


class ReferralDetailOut(ReferralOut):
    """A referral with its slip, its steps, and what the asking actor may do with it now."""

    criteria: list[str]
    reason: str
    impression_code: str
    summary: str
    past_history: str
    treatment: str
    plan: str
    results: str
    discharge_diagnosis: str
    admitted_to: str
    followup_days: int | None
    attachments: list[dict[str, str]]
    consent_signed: bool
    consent_waived: str
    steps: list[ChangeOut]
    may: dict[str, bool]
    chain: list[ReferralOut]

    @classmethod
    def told(
        cls, referral: Referral, *, actor: Any, changes: list[ReferralStatusChange], chain: list[Referral]
    ) -> "ReferralDetailOut":
        """The whole story, for an actor."""
        plain = (
            "reason",
            "impression_code",
            "summary",
            "past_history",
            "treatment",
            "plan",
            "results",
            "discharge_diagnosis",
            "admitted_to",
            "followup_days",
            "criteria",
            "attachments",
            "consent_waived",
        )
        return cls(
            **_common(referral), **{name: getattr(referral, name) for name in plain},
            consent_signed=referral.consent_id is not None, steps=[ChangeOut.of(change) for change in changes],
            may={verb: bool(permissions.may(verb, actor, referral)) for verb in Verb if verb != Verb.EXPIRE},
            chain=[ReferralOut.of(each) for each in chain if each.pk != referral.pk],
        )  # fmt: skip


class ReferralPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[ReferralOut]
    next_cursor: str


class CountOut(BaseModel):
    """One line of the statistics."""

    direction: str
    channel: str
    from_facility: str
    to_facility: str
    n_sent: int
    n_accepted: int
    n_arrived: int
    n_received_back: int
    n_ended_without_arrival: int

    @classmethod
    def of(cls, count: Count, names: dict[int, str]) -> "CountOut":
        """From a count and the names of the facilities."""
        figures = {
            name: getattr(count, name)
            for name in ("n_sent", "n_accepted", "n_arrived", "n_received_back", "n_ended_without_arrival")
        }
        return cls(
            direction=count.direction, channel=count.channel, from_facility=names.get(count.from_facility_id, ""),
            to_facility=names.get(count.to_facility_id, ""), **figures,
        )  # fmt: skip


class CountPeriodOut(BaseModel):
    """Statistics over days ``[since, until)``."""

    since: date
    until: date
    rows: list[CountOut]
