"""Shapes of the REST interface of consultations."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from pydantic import BaseModel, Field

from xinglin.consultations import packs, permissions, queries
from xinglin.consultations.data import Asked, Chosen, Said
from xinglin.consultations.models import Case, Expert, Fee, Opinion
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents
from xinglin.web.shapes import In, text

Line = Annotated[str, text(200)]
Text = Annotated[str, text(8000)]
Code = Annotated[str, text(40)]
Note = Annotated[str, text(4000)]
Short = Annotated[str, text(120)]
Words = Annotated[str, text(2000, least=1)]


class ChosenIn(In):
    """A part of the pack: a visit, a request, a study by its uuid; the record; or a note with its text."""

    kind: Literal["VISIT", "REQUEST", "STUDY", "RECORD", "NOTE"]
    uuid: UUID | None = None
    title: Short = ""
    text: Note = ""


class ConsultationIn(In):
    """An invitation: reason, aim, time, summary, wanted title; the resident's consent; what may be read."""

    resident: UUID
    visit: UUID | None = None
    from_facility: UUID | None = Field(default=None, description="the actor's own unit when absent")
    to_facility: UUID
    kind: Literal["IMMEDIATE", "BOOKED"]
    reason: Line
    aim: Annotated[str, text(500)]
    summary: Text
    specialty: Code
    title_wanted: Literal["", "CHIEF", "ASSOCIATE_CHIEF", "ATTENDING"] = ""
    wanted_at: datetime | None = None
    experts: list[UUID] = Field(default=[], max_length=10)
    pack: list[ChosenIn] = Field(default=[], max_length=40)
    consent_agreed: bool = False
    consent_signer: Annotated[str, text(60)] = ""
    consent_relation: Annotated[str, text(20)] = "本人"
    consent_signature: str | None = Field(default=None, max_length=300_000, description="PNG as base64")
    consent_on_paper: bool = False
    consent_explained: Annotated[str, text(2000)] = ""

    def asked(self) -> Asked:
        """What the invitation states."""
        return Asked(self.kind, self.reason, self.aim, self.summary, self.specialty, self.title_wanted, self.wanted_at)

    def chosen(self) -> list[Chosen]:
        """The pack."""
        return [Chosen(each.kind, each.uuid, each.title, each.text) for each in self.pack]

    def consent(self) -> residents.ConsentGiven:
        """The resident's answer. :raises InvalidInput: the signature is no picture"""
        return residents.ConsentGiven(
            agreed=self.consent_agreed, signer_name=self.consent_signer, signer_relation=self.consent_relation or "本人",
            signature_png=residents.png_of(self.consent_signature or "", field="consent_signature"),
            explained=self.consent_explained, on_paper=self.consent_on_paper,
        )  # fmt: skip


class InviteIn(In):
    """Whom to ask."""

    expert: UUID


class ConsultationAcceptIn(In):
    """When, if not at the time wanted."""

    starts_at: datetime | None = None


class ScheduleIn(In):
    """When they meet, and the link of the meeting."""

    starts_at: datetime
    video_url: Annotated[str, text(300)] = ""


class ConsultationReasonIn(In):
    """A coded reason."""

    reason_code: Code
    reason: Line = ""


class MessageIn(In):
    """What is said."""

    text: Words


class ConsultationOpinionIn(In):
    """An opinion; `is_joint` collects the signatures of all experts."""

    findings: Text
    diagnosis: Annotated[str, text(4000)]
    advice: Text
    is_joint: bool = False

    def said(self) -> Said:
        """Its parts."""
        return Said(self.findings, self.diagnosis, self.advice)


class AmendmentIn(In):
    """A corrected opinion and why."""

    findings: Text
    diagnosis: Annotated[str, text(4000)]
    advice: Text
    reason: Line

    def said(self) -> Said:
        """Its parts."""
        return Said(self.findings, self.diagnosis, self.advice)


class RatingIn(In):
    """A judgement, 1 to 5, from one's own side."""

    expert: UUID
    side: Literal["INVITER", "EXPERT"]
    score: int = Field(ge=1, le=5)
    remark: Annotated[str, text(300)] = ""


class ConclusionIn(In):
    """What the inviting unit decided."""

    outcome: Annotated[str, text(500)]
    end_reading: bool = False


class SettlementIn(In):
    """The number of the receipt or settlement."""

    reference: Annotated[str, text(60)]


class WaiverIn(In):
    """Why the fee is waived."""

    reason: Line


class SlotOut(BaseModel):
    """A time at which an expert can be booked."""

    starts_at: datetime
    ends_at: datetime
    is_free: bool


class ExpertOut(BaseModel):
    """An entry of the directory."""

    uuid: UUID
    name: str
    title: str
    specialty: str
    unit: str
    field: str
    is_outside: bool

    @classmethod
    def of(cls, expert: Expert) -> "ExpertOut":
        """From a row with its account and unit."""
        return cls(
            uuid=expert.uuid, name=str(expert), title=expert.title, specialty=expert.specialty, unit=expert.unit,
            field=expert.field, is_outside=bool(expert.outside_hospital),
        )  # fmt: skip


class ExpertPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[ExpertOut]
    next_cursor: str


class InvitationOut(BaseModel):
    """One expert and what he answered."""

    expert: UUID
    name: str
    status: str
    reason_code: str
    reason: str


class PackItemOut(BaseModel):
    """A part of the pack, to be opened by its uuid."""

    uuid: UUID
    kind: str
    title: str
    object: UUID | None


class SignatureOut(BaseModel):
    """One signature; empty while it is awaited."""

    name: str
    title: str
    unit: str
    signed_at: datetime | None


class OpinionOut(BaseModel):
    """One version of an opinion."""

    uuid: UUID
    version: int
    is_joint: bool
    findings: str
    diagnosis: str
    advice: str
    amend_reason: str
    completed_at: datetime | None
    signatures: list[SignatureOut]

    @classmethod
    def of(cls, opinion: Opinion) -> "OpinionOut":
        """From a row."""
        signed = [
            SignatureOut(name=each.name, title=each.title, unit=each.unit, signed_at=each.signed_at)
            for each in opinion.signatures.order_by("id")
        ]
        return cls(
            uuid=opinion.uuid, version=opinion.version, is_joint=opinion.is_joint, findings=opinion.findings,
            diagnosis=opinion.diagnosis, advice=opinion.advice, amend_reason=opinion.amend_reason,
            completed_at=opinion.completed_at, signatures=signed,
        )  # fmt: skip


class FeeOut(BaseModel):
    """The fee of one expert's opinion in fen, and its three shares."""

    uuid: UUID
    case: UUID
    number: str
    expert: str
    status: str
    amount_fen: int
    inviting_fen: int
    expert_fen: int
    platform_fen: int
    reference: str

    @classmethod
    def of(cls, fee: Fee) -> "FeeOut":
        """From a row."""
        names = ("uuid", "status", "amount_fen", "inviting_fen", "expert_fen", "platform_fen", "reference")
        return cls(
            case=fee.case.uuid, number=fee.case.number, expert=str(fee.expert), **{n: getattr(fee, n) for n in names}
        )


class FeePageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[FeeOut]
    next_cursor: str


class ConsultationOut(BaseModel):
    """A case. Whom it is about, and the opinions, are empty for who may not read them (the desk, who has not answered)."""

    uuid: UUID
    number: str
    resident: UUID | None
    resident_name: str
    from_facility: str
    to_facility: str
    kind: str
    status: str
    reason: str
    aim: str
    summary: str
    specialty: str
    title_wanted: str
    wanted_at: datetime | None
    due_at: datetime | None
    scheduled_at: datetime | None
    opinion_at: datetime | None
    pack_until: datetime | None
    outcome: str
    invitations: list[InvitationOut]
    pack: list[PackItemOut]
    opinions: list[OpinionOut]

    @classmethod
    def of(cls, case: Case, actor: Actor, *, at: datetime) -> "ConsultationOut":
        """From a row, as the actor may see it."""
        knows = queries.knows_resident(actor, case)
        reads = permissions.may_read_pack(actor, case, at=at)
        invited = case.invitations.select_related("expert__user").order_by("id")
        names = (
            "uuid", "number", "kind", "status", "reason", "aim", "summary", "specialty", "title_wanted", "wanted_at",
            "due_at", "scheduled_at", "opinion_at", "pack_until", "outcome",
        )  # fmt: skip
        return cls(
            resident=case.resident.uuid if knows else None, resident_name=case.resident.name if knows else "",
            from_facility=str(case.from_facility), to_facility=str(case.to_facility),
            invitations=[
                InvitationOut(
                    expert=each.expert.uuid, name=str(each.expert), status=each.status, reason_code=each.reason_code,
                    reason=each.reason,
                )
                for each in invited
            ],
            pack=[
                PackItemOut(uuid=each.uuid, kind=each.kind, title=packs.title_of(each), object=each.object_uuid)
                for each in case.items.filter(removed_at__isnull=True).order_by("id")
            ] if reads else [],
            opinions=[OpinionOut.of(each) for each in queries.opinions_of(case)] if knows else [],
            **{name: getattr(case, name) for name in names},
        )  # fmt: skip


class ConsultationLineOut(BaseModel):
    """A case in a list, without whom it is about."""

    uuid: UUID
    number: str
    kind: str
    status: str
    specialty: str
    aim: str
    from_facility: str
    to_facility: str
    due_at: datetime | None
    requested_at: datetime

    @classmethod
    def of(cls, case: Case) -> "ConsultationLineOut":
        """From a row."""
        names = ("uuid", "number", "kind", "status", "specialty", "aim", "due_at", "requested_at")
        return cls(
            from_facility=str(case.from_facility), to_facility=str(case.to_facility),
            **{name: getattr(case, name) for name in names},
        )  # fmt: skip


class ConsultationPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[ConsultationLineOut]
    next_cursor: str


class OpenedOut(BaseModel):
    """One part of the pack, opened: its text, the newest report, the trace, the studies."""

    title: str
    text: str
    findings: str
    conclusion: str
    criticals: list[str]
    trace_url: str
    studies: list[str]

    @classmethod
    def of(cls, opened: packs.Opened) -> "OpenedOut":
        """From what the page shows."""
        newest = opened.reports[0] if opened.reports else None
        lines = [f"{timezone.localtime(each.at):%Y-%m-%d %H:%M} {each.title} {each.detail}" for each in opened.entries]
        return cls(
            title=opened.title, text="\n".join([opened.text, *lines]).strip(), findings=newest.findings if newest else "",
            conclusion=newest.conclusion if newest else "", criticals=list(opened.criticals), trace_url=opened.trace_url,
            studies=[each.study_uid for each in opened.studies],
        )  # fmt: skip
