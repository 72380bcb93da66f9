"""Referrals as told on a resident's timeline: the main steps, with who, where and why."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.referrals import catalogue, queries
from xinglin.referrals.models import Referral, ReferralStatusChange
from xinglin.referrals.states import LOOKS, Status
from xinglin.residents.data import TimelineEntry


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Main steps of all referrals of a person. One query."""
    places = actor.places_where(Permission.REFERRAL_VIEW)
    changes = queries.steps_of_person(resident_ids, before=before, limit=limit)
    return [_entry(change, places) for change in changes]


def _entry(change: ReferralStatusChange, places: frozenset[int] | None) -> TimelineEntry:
    referral = change.subject
    tone, icon = LOOKS[Status(change.became)]
    return TimelineEntry(
        at=change.changed_at,
        kind="referral",
        icon=icon,
        title=_("%(direction)s%(status)s：%(from)s → %(to)s")
        % {
            "direction": referral.get_direction_display(), "status": step_words(referral, change),
            "from": referral.from_facility, "to": referral.to_facility,
        },
        detail=_detail(referral, change),
        url=reverse("referrals:detail", args=[referral.uuid]) if queries.opens_for(referral, places) else "",
        facility_name=_place(change),
        by_name=author_of(change),
        tone=tone,
    )  # fmt: skip


def step_words(referral: Referral, change: ReferralStatusChange) -> str:
    """A step in a word."""
    if change.became == Status.SUBMITTED:
        return _("补充后再提交") if change.was == Status.SENT_BACK else _("提交")
    return str(Status(change.became).label)


def author_of(change: ReferralStatusChange) -> str:
    """Who did it; what nobody did is said to be the system's, with its part that did it."""
    if change.changed_by is None and change.changed_by_name:
        return _("系统（%(name)s）") % {"name": change.changed_by_name}
    return change.changed_by_name


def _place(change: ReferralStatusChange) -> str:
    referral = change.subject
    names = {referral.from_facility_id: str(referral.from_facility), referral.to_facility_id: str(referral.to_facility)}
    return names.get(change.place or 0, "")


def _detail(referral: Referral, change: ReferralStatusChange) -> str:
    facts = {
        Status.SUBMITTED: (catalogue.channel_title(referral.channel), referral.impression),
        Status.ACCEPTED: (referral.get_hold_kind_display(), referral.hold_text),
        Status.IN_CARE: (referral.admitted_to,),
        Status.DISCHARGED: (referral.discharge_diagnosis,),
    }.get(Status(change.became), ())
    reason = catalogue.any_reason_text(change.reason_code) if change.reason_code else ""
    return " · ".join(str(part) for part in (*facts, reason, change.reason) if part)
