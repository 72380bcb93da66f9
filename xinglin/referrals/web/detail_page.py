"""What the page of one referral shows: the same for both sides, with each side's buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.followups import api as followups
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.referrals import attached, catalogue, criteria, permissions, policies, queries
from xinglin.referrals.actions.steps import deadline
from xinglin.referrals.models import Referral, ReferralStatusChange
from xinglin.referrals.policies import Verb
from xinglin.referrals.slips import followup_words, unsigned_words
from xinglin.referrals.states import FINAL, LOOKS, Status
from xinglin.referrals.timeline import author_of, step_words
from xinglin.referrals.web.pages import local_input
from xinglin.referrals.web.steps import Step, status_view, steps_of
from xinglin.residents import api as residents
from xinglin.web.answers import fields_of, message_of
from xinglin.web.pills import Pill


@dataclass(frozen=True, slots=True)
class Button:
    """One verb. `how` is ``go`` (a page), ``post`` (one click) or ``dialog``; `opens` names the dialog."""

    verb: str
    label: str
    icon: str
    variant: str
    how: str
    url: str
    decision: Decision
    opens: str
    shown: bool = False  # the dialog is open, with what was tried


@dataclass(frozen=True, slots=True)
class Trail:
    """One line of the trail: who, when, where, why."""

    at: datetime
    label: str
    tone: str
    icon: str
    by: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One referral."""

    referral: Referral
    title: str
    person: residents.PersonBanner
    status: Pill
    channel: catalogue.Channel
    steps: list[Step]
    trail: list[Trail]
    facts: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    criteria: list[str]
    attachments: list[attached.Attached]
    chain: list[dict[str, Any]]
    followups: list[dict[str, Any]]
    buttons: list[Button]
    choices: dict[str, list[tuple[str, str]]]
    hold_until: str
    consent_line: str
    due_label: str
    warn: int
    error: str
    fields: Mapping[str, object]
    given: Mapping[str, Any]
    slip_url: str
    is_down: bool

    @property
    def admits_to(self) -> str:
        """The department to be admitted to: what was tried, or what the referral named."""
        named = self.referral.to_department
        return self.given.get("department", "") or (named.name if named is not None else "")

    @classmethod
    def build(
        cls, actor: Actor, referral: Referral, *, at: datetime, error: DomainError | None = None, tried: str = "",
        given: Mapping[str, Any] | None = None,
    ) -> "DetailPage":  # fmt: skip
        """The page of a visible referral, for an actor; with what went wrong, if something did."""
        changes = queries.changes_of(referral)
        channel = catalogue.channel(referral.channel)
        fields = fields_of(error)
        buttons = _buttons(actor, referral, shown=tried if fields else "")
        return cls(
            referral=referral, title=_title(referral), person=residents.person_of(referral.resident, actor),
            status=status_view(referral), channel=channel, steps=steps_of(referral, changes),
            trail=_trail(referral, changes), facts=_facts(referral), texts=_texts(referral),
            criteria=criteria.criterion_texts(referral.criteria), attachments=attached.attachments_of(actor, referral),
            chain=_chain(actor, referral), followups=_followups(actor, referral), buttons=buttons,
            choices=_choices(referral, {button.verb for button in buttons if button.decision}),
            hold_until=local_input(deadline(referral, "hold", since=at)), consent_line=_consent_line(referral),
            due_label=_due_label(referral), warn=3 if channel.is_emergency else 120,
            error=message_of(error), fields=fields, given=given or {},
            slip_url=reverse("referrals:slip_pdf", args=[referral.uuid]),
            is_down=referral.direction == Referral.Direction.DOWN,
        )  # fmt: skip


def _title(referral: Referral) -> str:
    return _("%(direction)s：%(from)s → %(to)s") % {
        "direction": referral.get_direction_display(), "from": referral.from_facility, "to": referral.to_facility,
    }  # fmt: skip


#: label, icon, variant, how it is done
_LOOK: dict[Verb, tuple[Any, str, str, str]] = {
    Verb.ACCEPT: (gettext_lazy("接收并留床"), "check", "primary", "dialog"),
    Verb.RECEIVE_BACK: (gettext_lazy("接回患者"), "house-medical", "primary", "post"),
    Verb.ARRIVE: (gettext_lazy("患者已到院"), "hospital", "primary", "post"),
    Verb.ADMIT: (gettext_lazy("收治"), "bed", "primary", "dialog"),
    Verb.DISCHARGE: (gettext_lazy("登记出院"), "sign-out", "primary", "dialog"),
    Verb.RETURN: (gettext_lazy("开具下转单"), "arrow-down", "primary", "go"),
    Verb.SUBMIT: (gettext_lazy("补充并提交"), "send", "primary", "go"),
    Verb.SIGN: (gettext_lazy("补签知情同意"), "signature", "", "go"),
    Verb.SEND_BACK: (gettext_lazy("退回补充"), "edit", "", "dialog"),
    Verb.REDIRECT: (gettext_lazy("改派"), "transfer", "", "dialog"),
    Verb.NO_SHOW: (gettext_lazy("未到院"), "user", "", "dialog"),
    Verb.CLOSE: (gettext_lazy("结案"), "check-circle", "", "dialog"),
    Verb.DECLINE: (gettext_lazy("拒绝"), "x-circle", "danger", "dialog"),
    Verb.WITHDRAW: (gettext_lazy("撤回"), "ban", "danger", "dialog"),
}
_GOES = {Verb.RETURN: "referrals:return", Verb.SUBMIT: "referrals:complete", Verb.SIGN: "referrals:sign"}


def _buttons(actor: Actor, referral: Referral, *, shown: str) -> list[Button]:
    """Verbs the state allows: live for who may, greyed with the reason for who works at that unit without the right."""
    found = []
    for verb, (label, icon, variant, how) in _LOOK.items():
        if not policies.can(verb, referral):
            continue
        decision = permissions.may(verb, actor, referral)
        if not decision and not _works_there(actor, verb, referral):
            continue
        url = (
            reverse(_GOES[verb], args=[referral.uuid])
            if how == "go"
            else reverse("referrals:act", args=[referral.uuid, verb])
        )
        found.append(Button(verb, str(label), icon, variant, how, url, decision, f"do-{verb}", shown == verb))
    return found


def _works_there(actor: Actor, verb: Verb, referral: Referral) -> bool:
    side = permissions.needs(verb, referral.direction)[1]
    units = {
        "sender": {referral.from_facility_id}, "receiver": {referral.to_facility_id},
        "either": {referral.from_facility_id, referral.to_facility_id}, "clock": set(),
    }[side]  # fmt: skip
    return actor.place in units


def _trail(referral: Referral, changes: list[ReferralStatusChange]) -> list[Trail]:
    names = {referral.from_facility_id: str(referral.from_facility), referral.to_facility_id: str(referral.to_facility)}
    unknown = {change.place for change in changes if change.place not in names}
    names |= network.facility_names(unknown) if unknown - {None} else {}
    lines = []
    for change in changes:
        if change.became == Status.DRAFT and referral.sent_at == change.changed_at:
            continue  # written and sent in one go
        tone, icon = LOOKS[Status(change.became)]
        code = catalogue.any_reason_text(change.reason_code) if change.reason_code else ""
        lines.append(
            Trail(
                at=change.changed_at,
                label=step_words(referral, change),
                tone=tone,
                icon=icon,
                by=author_of(change),
                place=names.get(change.place or 0, ""),
                reason="：".join(part for part in (code, change.reason) if part),
            )
        )
    return lines[::-1]


def _facts(referral: Referral) -> list[tuple[str, str]]:
    kind = "down" if referral.direction == Referral.Direction.DOWN else "up"
    department = str(referral.to_department) if referral.to_department else ""
    reason = catalogue.reason_text(kind, referral.reason_code)
    return [
        (
            _("诊断") if kind == "down" else _("初步印象"),
            " ".join(part for part in (referral.impression, referral.impression_code) if part),
        ),
        (_("原因"), f"{reason}：{referral.reason}" if referral.reason else reason),
        (_("转入科室"), department),
        (_("转诊医生"), referral.sent_by_name),
        (_("联系电话"), referral.from_facility.phone),
        (
            _("床位/号源"),
            " ".join(part for part in (str(referral.get_hold_kind_display()), referral.hold_text) if part),
        ),
        (_("收治科室"), referral.admitted_to),
        (_("出院诊断"), referral.discharge_diagnosis),
        (_("随访安排"), followup_words(referral.followup_days)),
    ]


def _texts(referral: Referral) -> list[tuple[str, str]]:
    rows = [
        (_("下一步治疗与康复计划"), referral.plan),
        (_("主要检查结果"), referral.results),
        (_("病情摘要"), referral.summary),
        (_("既往史"), referral.past_history),
        (_("治疗与用药"), referral.treatment),
    ]
    return [row for row in rows if row[1]]


def _chain(actor: Actor, referral: Referral) -> list[dict[str, Any]]:
    """The episode: this referral with what it came from and what followed. Links only where the actor may go."""
    rows = [each for each in queries.chain_of(referral) if each.sent_at or each.from_facility_id == actor.place]
    if len(rows) < 2:
        return []
    open_to = set(
        queries.referrals_visible_to(actor).filter(pk__in=[each.pk for each in rows]).values_list("pk", flat=True)
    )
    return [
        {
            "title": _title(each),
            "number": each.number,
            "status": status_view(each),
            "here": each.pk == referral.pk,
            "url": reverse("referrals:detail", args=[each.uuid])
            if each.pk in open_to and each.pk != referral.pk
            else "",
        }
        for each in rows
    ]


def _followups(actor: Actor, referral: Referral) -> list[dict[str, Any]]:
    tasks = followups.tasks_of_origin(referral.uuid)
    if not tasks:
        return []
    open_to = set(
        followups.followups_visible_to(actor).filter(pk__in=[task.pk for task in tasks]).values_list("pk", flat=True)
    )
    return [
        {
            "title": f"{task.get_kind_display()} · {task.facility}",
            "status": task.get_status_display(),
            "due_on": task.due_on,
            "done_at": task.done_at,
            "by": task.done_by_name,
            "url": reverse("followups:detail", args=[task.uuid]) if task.pk in open_to else "",
        }
        for task in tasks
    ]


def _choices(referral: Referral, verbs: set[str]) -> dict[str, list[tuple[str, str]]]:
    kinds = (
        (Verb.DECLINE, "decline"),
        (Verb.SEND_BACK, "send-back"),
        (Verb.REDIRECT, "redirect"),
        (Verb.WITHDRAW, "withdraw"),
        (Verb.NO_SHOW, "no-show"),
        (Verb.CLOSE, "close"),
    )
    found = {
        verb.replace("-", "_"): catalogue.reasons(kind, status=referral.status) for verb, kind in kinds if verb in verbs
    }
    found["hold_kind"] = [(value, str(label)) for value, label in Referral.Hold.choices]
    if Verb.REDIRECT in verbs:
        able = network.receiving_facilities(from_facility_id=referral.from_facility_id, direction=referral.direction)
        found["targets"] = network.choices(each for each in able if each.id != referral.to_facility_id)
    if Verb.ADMIT in verbs:
        found["departments"] = [(each.name, each.name) for each in network.departments_of(referral.to_facility_id)]
    return found


def _consent_line(referral: Referral) -> str:
    consent = referral.consent
    if consent is not None:
        answer = _("同意") if consent.agreed else _("不同意")
        line = _("知情同意：%(name)s（%(relation)s）%(answer)s") % {
            "name": consent.signer_name, "relation": consent.signer_relation, "answer": answer,
        }  # fmt: skip
        return _("，").join(part for part in (line, unsigned_words(consent)) if part)
    if referral.consent_waived:
        return _("先救治，后补签：%(ground)s") % {"ground": referral.consent_waived}
    return ""


def _due_label(referral: Referral) -> str:
    status = Status(referral.status)
    if status in FINAL or referral.due_at is None:
        return ""
    if status == Status.SUBMITTED and referral.direction == Referral.Direction.DOWN:
        return _("接回时限")
    words = {
        Status.SUBMITTED: _("答复时限"),
        Status.SENT_BACK: _("补充时限"),
        Status.ACCEPTED: _("号源保留，") if referral.hold_kind == Referral.Hold.SLOT else _("床位保留，"),
        Status.ARRIVED: _("收治时限"),
        Status.DISCHARGED: _("下转单时限"),
    }
    return words.get(status, "")
