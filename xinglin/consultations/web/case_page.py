"""The page of one case: the pack left, what is said right, each side with what it may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.consultations import catalogue, directory, packs, permissions, policies, queries, slots, video
from xinglin.consultations.documents import decides
from xinglin.consultations.models import Case, Expert, Invitation, Opinion, Rating
from xinglin.consultations.policies import Verb
from xinglin.consultations.states import InvitationStatus, Status
from xinglin.consultations.web.pages import who
from xinglin.consultations.web.steps import (
    due_words,
    invitation_pill,
    kind_pill,
    local_input,
    status_pill,
    steps_of,
)
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, impossible
from xinglin.platform.errors import DomainError
from xinglin.residents import api as residents
from xinglin.web.pills import Pill

SCORES = ("5", "4", "3", "2", "1")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the pack in the list."""

    uuid: str
    title: str
    icon: str
    url: str  # empty when it cannot be opened
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One expert and what he answered."""

    name: str
    title: str
    unit: str
    url: str
    status: Pill
    due_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    """One version of an opinion."""

    opinion: Opinion
    signatures: list[dict[str, Any]]
    stands: bool
    sign_url: str
    amend_id: str
    amend_url: str

    @property
    def amend_form(self) -> str:
        """How the form of its amendment is called when it comes back."""
        return f"amend-{self.opinion.uuid}"


@dataclass(frozen=True)
class CasePage:
    """All that the page of a case reads."""

    case: Case
    person: residents.PersonBanner | None
    who: str
    status: Pill
    kind: Pill
    due_label: str
    steps: list[dict[str, Any]]
    facts: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    parts: list[Part]
    pack_note: str
    pack_closed: bool
    asked: list[Asked]
    may: dict[str, Decision]
    sides: frozenset[str]
    own: Invitation | None
    messages: list[dict[str, Any]]
    reads_talk: bool
    opinions: list[OpinionView]
    is_joint_possible: bool
    ratings: list[Rating]
    to_rate: list[tuple[str, str]]
    rate_side: str
    video_url: str
    video_kind: str
    experts: list[tuple[str, str]]
    slots: list[tuple[str, str]]
    wanted: str
    reasons: dict[str, list[tuple[str, str]]]
    scores: list[tuple[str, str]]
    trail: list[dict[str, Any]]
    decides: str
    pdf_url: str
    offers: list[tuple[str, str]]
    given: Mapping[str, Any]
    form: str
    error: DomainError | None

    @property
    def fields(self) -> Mapping[str, object]:
        """Reasons by field of the form that was refused."""
        return getattr(self.error, "fields", {})

    @property
    def message(self) -> str:
        """What was refused, in a sentence."""
        return str(self.error.message) if self.error else ""

    @property
    def act(self) -> dict[str, str]:
        """Addresses of the verbs."""
        return {verb.replace("-", "_"): _act(self.case, verb) for verb in VERBS}

    @property
    def reason_dialogs(self) -> list[tuple[str, str, str, list[tuple[str, str]], bool]]:
        """Dialogs that ask for a coded reason: id, title, address, reasons, whether it is offered."""
        rows = (
            ("decline", _("不能参加"), "decline", "accept"), ("step-down", _("退出会诊"), "decline", "step_down"),
            ("decline-case", _("不受理"), "decline", "decline"), ("withdraw", _("撤回申请"), "withdraw", "withdraw"),
        )  # fmt: skip
        return [
            (verb, title, _act(self.case, verb), self.reasons[kind], bool(self.may[key]))
            for verb, title, kind, key in rows
        ]

    @property
    def opens_in_tab(self) -> bool:
        """Whether there is a meeting to go to now."""
        return bool(self.video_url) and bool(self.sides & {"inviter", "expert"}) and self.case.status in _MEETING


VERBS = (
    "accept", "decline", "step-down", "decline-case", "invite", "schedule", "video", "begin", "message", "opinion", "rate",
    "close", "withdraw", "pack", "file",
)  # fmt: skip
_MEETING = {Status.ACCEPTED, Status.SCHEDULED, Status.IN_SESSION}


def _act(case: Case, verb: str) -> str:
    return reverse("consultations:act", args=[case.uuid, verb])


def build(
    actor: Actor, case: Case, *, at: datetime, offers: list[tuple[str, str]] | None = None, form: str = "",
    given: Mapping[str, Any] | None = None, error: DomainError | None = None,
) -> CasePage:  # fmt: skip
    """Build the page of a visible case; `form`, `given`, `error` bring back what was typed and why it was refused."""
    sides = frozenset(each for each in ("inviter", "desk", "expert") if permissions.is_on_side(actor, case, each))
    own = queries.own_invitation(actor, case)
    reads = bool(permissions.may_read_pack(actor, case, at=at))
    reads_opinions = bool(sides & {"inviter", "expert"})
    may = _decisions(actor, case, own)
    reads_talk = queries.may_read_talk(actor, case, at=at)
    opinions = queries.opinions_of(case)
    invitations = list(case.invitations.select_related("expert__user", "expert__managed_by").order_by("id"))
    return CasePage(
        case=case, person=packs.banner_of(actor, case) if reads_opinions else None, who=who(case, named=False),
        status=status_pill(case), kind=kind_pill(case), due_label=due_words(case), steps=steps_of(case),
        facts=_facts(case), texts=[(_("会诊理由"), case.reason), (_("会诊目的"), case.aim), (_("病情摘要"), case.summary)],
        parts=_parts(case, reads=reads), pack_note=_pack_note(case, reads=reads, own=own, sides=sides),
        pack_closed=not policies.pack_is_open(case, at), asked=[_asked(each) for each in invitations], may=may, sides=sides,
        own=own, messages=_messages(actor, case) if reads_talk else [], reads_talk=reads_talk,
        opinions=[_opinion(actor, case, each, opinions) for each in opinions] if reads_opinions else [],
        is_joint_possible=sum(each.status == InvitationStatus.ACCEPTED for each in invitations) > 1,
        ratings=list(case.ratings.select_related("expert__user").order_by("id")) if reads_opinions else [],
        **_rating(actor, case, invitations, sides),
        video_url=video.address_of(case, name=actor.name, at=at) if reads_opinions else case.video_url,
        video_kind=video.provider(), experts=_experts(actor, case, invitations) if may["invite"] else [],
        slots=_slots(invitations, own, at=at) if may["accept"] or may["schedule"] else [], wanted=local_input(case.wanted_at),
        reasons={kind: catalogue.reasons(kind) for kind in ("decline", "withdraw")}, scores=_scores(), trail=_trail(case),
        decides=decides(), pdf_url=_pdf(case, opinions) if reads_opinions else "", offers=offers or [], given=given or {},
        form=form, error=error,
    )  # fmt: skip


def _decisions(actor: Actor, case: Case, own: Invitation | None) -> dict[str, Decision]:
    found = {verb.value.replace("-", "_"): permissions.may(verb, actor, case) for verb in Verb}
    nobody = permissions.may(Verb.OPINE, actor, case)
    found["accept"] = permissions.may_answer(actor, own) if own else nobody
    found["step_down"] = permissions.may_step_down(actor, own) if own else nobody
    if own is not None and Opinion.objects.filter(case=case, signatures__expert=own.expert_id).exists():
        found["opine"] = impossible("has-opinion", _("您已有一份待签署或已签署的意见。"))
    return found


def _facts(case: Case) -> list[tuple[str, str]]:
    return [
        (_("邀请单位"), f"{case.from_facility} {case.requested_by_name}"),
        (_("会诊中心"), str(case.to_facility)),
        (_("会诊专业"), catalogue.specialty_title(case.specialty)),
        (_("希望的专家"), str(Expert.Title(case.title_wanted).label) if case.title_wanted else _("不限职称")),
        (_("希望时间"), _moment(case.wanted_at)),
        (_("约定时间"), _moment(case.scheduled_at)),
    ]


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def _parts(case: Case, *, reads: bool) -> list[Part]:
    rows = case.items.filter(removed_at__isnull=True).order_by("id")
    return [
        Part(
            str(each.uuid), packs.title_of(each), packs.ICONS[packs.K(each.kind)],
            reverse("consultations:item", args=[case.uuid, each.uuid]) if reads else "", each.added_at,
        )
        for each in rows
    ]  # fmt: skip


def _pack_note(case: Case, *, reads: bool, own: Invitation | None, sides: frozenset[str]) -> str:
    if reads and case.pack_until:
        return _("资料可查阅到 %(until)s，到期自动关闭；每次打开都会记录，居民本人看得到。") % {
            "until": _moment(case.pack_until)
        }
    if reads:
        return _("仅限本次会诊查阅；每次打开都会记录，居民本人看得到。")
    if own is not None and own.status == InvitationStatus.INVITED:
        return _("接受邀请后可以查阅。")
    if "desk" in sides and not sides & {"inviter", "expert"}:
        return _("会诊中心不查阅病历资料。")
    return _("会诊资料的查阅期已过，资料已关闭。")


def _asked(invitation: Invitation) -> Asked:
    expert = invitation.expert
    words = (catalogue.reason_text(invitation.reason_code) if invitation.reason_code else "", invitation.reason)
    return Asked(
        str(expert), str(expert.get_title_display()), expert.unit, reverse("consultations:expert_detail", args=[expert.uuid]),
        invitation_pill(invitation), invitation.due_at if invitation.status == InvitationStatus.INVITED else None,
        " ".join(part for part in words if part),
    )  # fmt: skip


def _messages(actor: Actor, case: Case) -> list[dict[str, Any]]:
    rows = list(case.messages.select_related("file").order_by("-id")[:200])
    return [
        {
            "author": each.author_name, "side": _("邀请方") if each.is_inviter else _("专家"), "text": each.text,
            "at": each.sent_at, "own": each.author_id == actor.user_id, "file_name": each.file_name,
            "file_url": reverse("consultations:message_file", args=[case.uuid, each.uuid]) if each.file else "",
            "is_picture": bool(each.file and each.file.media_type.startswith("image/")),
        }
        for each in reversed(rows)
    ]  # fmt: skip


def _opinion(actor: Actor, case: Case, opinion: Opinion, all_of_case: list[Opinion]) -> OpinionView:
    replaced = next((each for each in all_of_case if each.replaces_id == opinion.pk), None)
    stands = opinion.completed_at is not None and (replaced is None or replaced.completed_at is None)
    signers = list(opinion.signatures.all())
    own = any(each.expert.user_id == actor.user_id for each in signers)
    amends = stands and replaced is None and own and bool(permissions.may(Verb.AMEND, actor, case))
    signs = opinion.completed_at is None and any(
        each.expert.user_id == actor.user_id and each.signed_at is None for each in signers
    )
    return OpinionView(
        opinion=opinion, stands=stands, sign_url=f"{_act(case, 'sign')}?opinion={opinion.uuid}" if signs else "",
        signatures=[
            {"name": each.name, "title": str(Expert.Title(each.title).label), "unit": each.unit, "at": each.signed_at}
            for each in signers
        ],
        amend_id=f"amend-{opinion.version}" if amends else "", amend_url=f"{_act(case, 'amend')}?opinion={opinion.uuid}",
    )  # fmt: skip


def _rating(actor: Actor, case: Case, invitations: list[Invitation], sides: frozenset[str]) -> dict[str, Any]:
    """Whom the actor has still to rate, and from which side."""
    if case.status not in {Status.OPINION_GIVEN, Status.CLOSED}:
        return {"to_rate": [], "rate_side": ""}
    side = Rating.Side.EXPERT if "expert" in sides else Rating.Side.INVITER if "inviter" in sides else ""
    rated = set(case.ratings.filter(side=side).values_list("expert_id", flat=True)) if side else set()
    accepted = [each.expert for each in invitations if each.status == InvitationStatus.ACCEPTED]
    if side == Rating.Side.EXPERT:
        accepted = [each for each in accepted if each.user_id == actor.user_id]
    waiting = [(str(each.uuid), str(each)) for each in accepted if each.pk not in rated] if side else []
    return {"to_rate": waiting, "rate_side": str(side)}


def _experts(actor: Actor, case: Case, invitations: list[Invitation]) -> list[tuple[str, str]]:
    asked = {each.expert_id for each in invitations if each.status in queries.ANSWERABLE}
    rows = directory.choices_for(actor, managed_by=case.to_facility_id, specialty=case.specialty)
    return [(str(each.uuid), expert_words(each)) for each in rows if each.pk not in asked]


def expert_words(expert: Expert) -> str:
    """An expert in one line of a choice."""
    parts = (str(expert), str(expert.get_title_display()), catalogue.specialty_title(expert.specialty), expert.unit)
    return " · ".join(part for part in parts if part)


def _slots(invitations: list[Invitation], own: Invitation | None, *, at: datetime) -> list[tuple[str, str]]:
    """Free slots of who is to meet: the expert himself, or the first who accepted."""
    accepted = [each for each in invitations if each.status == InvitationStatus.ACCEPTED]
    chosen = own or (accepted[0] if accepted else None)
    if chosen is None:
        return []
    found = [each for each in slots.slots_of(chosen.expert, at=at) if each.is_free]
    return [(local_input(each.starts_at), f"{timezone.localtime(each.starts_at):%m-%d %H:%M}") for each in found[:12]]


def _scores() -> list[tuple[str, str]]:
    words = (_("5 很好"), _("4 好"), _("3 一般"), _("2 较差"), _("1 差"))
    return list(zip(SCORES, words, strict=True))


def _trail(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "label": str(Status(each.became).label), "at": each.changed_at, "by": each.changed_by_name,
            "reason": " ".join(
                part for part in (catalogue.reason_text(each.reason_code) if each.reason_code else "", each.reason) if part
            ),
        }
        for each in case.status_changes.order_by("-changed_at", "-id")
    ]  # fmt: skip


def _pdf(case: Case, opinions: list[Opinion]) -> str:
    return reverse("consultations:opinion_pdf", args=[case.uuid]) if any(each.completed_at for each in opinions) else ""
