"""The receiving desk's verbs: accept and hold, decline, send back, redirect, arrived, nobody came."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import note_status
from xinglin.referrals import permissions
from xinglin.referrals.actions import checking
from xinglin.referrals.actions.sending import give_back_origin
from xinglin.referrals.actions.steps import advance, bounded, coded, deadline, one_open_way
from xinglin.referrals.data import Hold
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import Status
from xinglin.residents import api as residents

MAX_HOLD = timedelta(days=60)
#: What a redirected referral takes along.
_CARRIED = (
    "resident",
    "visit",
    "direction",
    "channel",
    "urgency",
    "from_facility",
    "reason_code",
    "reason",
    "criteria",
    "impression",
    "impression_code",
    "summary",
    "past_history",
    "treatment",
    "plan",
    "results",
    "followup_days",
    "contact_phone_given",
    "attachments",
    "consent",
    "consent_waived",
    "drafted_at",
    "sent_at",
    "sent_by",
    "sent_by_name",
)


@transaction.atomic
def accept_referral(*, referral: Referral, hold: Hold, by: Actor, at: datetime) -> Referral:
    """Accept on behalf of the receiving unit and hold a bed or a slot, named so that it can be found; two at once: one accepts, the other learns it.

    :raises NotPermitted: the actor does not answer for the receiving unit
    :raises Conflict: it was answered before
    :raises InvalidInput: the hold cannot be
    """
    permissions.may(Verb.ACCEPT, by, referral).require()
    if hold.kind not in Referral.Hold.values:
        raise InvalidInput(_("请选择留床或留号。"), fields={"hold_kind": _("请从列表中选择。")})
    until = hold.until or deadline(referral, "hold", since=at)
    if not at < until <= at + MAX_HOLD:
        raise InvalidInput(_("保留时间应在现在之后、60天之内。"), fields={"hold_until": _("时间不对。")})
    return advance(
        referral, Verb.ACCEPT, to=Status.ACCEPTED, event=Event.ACCEPTED, by=by, at=at, place=referral.to_facility_id,
        due_at=until, answered_at=at, answered_by=by.user_id, answered_by_name=by.name[:40], hold_kind=hold.kind,
        hold_text=_held(hold), hold_until=until,
    )  # fmt: skip


def _held(hold: Hold) -> str:
    text = bounded("hold_text", hold.text, 80)
    if not text:
        words = _("请写明病区和床号。") if hold.kind == Referral.Hold.BED else _("请写明门诊和时间。")
        raise InvalidInput(words, fields={"hold_text": words})
    return text


@transaction.atomic
def decline_referral(*, referral: Referral, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Referral:
    """Refuse, with a coded reason; possible only before accepting.

    :raises NotPermitted: the actor does not answer for the receiving unit
    :raises Conflict: it was answered before
    """
    words = coded("decline", reason_code, reason)
    advance(
        referral, Verb.DECLINE, to=Status.REJECTED, event=Event.DECLINED, by=by, at=at, place=referral.to_facility_id,
        answered_at=at, answered_by=by.user_id, answered_by_name=by.name[:40], **words,
    )  # fmt: skip
    give_back_origin(referral, by=by, at=at)
    return referral


@transaction.atomic
def send_back(*, referral: Referral, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Referral:
    """Return it to the sender for completion; it is then the sender's turn.

    :raises NotPermitted: the actor does not answer for the receiving unit
    :raises Conflict: it was answered before
    """
    words = coded("send-back", reason_code, reason)
    return advance(
        referral,
        Verb.SEND_BACK,
        to=Status.SENT_BACK,
        event=Event.SENT_BACK,
        by=by,
        at=at,
        place=referral.to_facility_id,
        due_at=deadline(referral, "complete", since=at),
        **words,
    )


@transaction.atomic
def redirect_referral(
    *, referral: Referral, to_facility_id: int, to_department_id: int | None = None, reason_code: str, reason: str = "",
    by: Actor, at: datetime,
) -> Referral:  # fmt: skip
    """Pass it to another unit: this one ends as redirected, a new one (returned) names it as its origin.

    :raises NotPermitted: the actor does not answer for the receiving unit
    :raises Conflict: it was answered before
    :raises InvalidInput: the other unit cannot receive it
    """
    permissions.may(Verb.REDIRECT, by, referral).require()
    words = coded("redirect", reason_code, reason)
    if to_facility_id == referral.to_facility_id:
        raise InvalidInput(_("请选择另一家机构。"), fields={"to_facility": _("请选择另一家机构。")})
    checking.require_department(to_department_id, facility_id=to_facility_id)
    checking.require_target(to_facility_id, from_facility_id=referral.from_facility_id, direction=referral.direction)
    passed_on = _passed_on(referral, to_facility_id, to_department_id, by=by, at=at, words=words)
    advance(
        referral,
        Verb.REDIRECT,
        to=Status.REDIRECTED,
        event=Event.REDIRECTED,
        by=by,
        at=at,
        place=referral.to_facility_id,
        answered_at=at,
        answered_by=by.user_id,
        answered_by_name=by.name[:40],
        detail={"to": str(passed_on.uuid)},
        **words,
    )
    announce(
        Event.SENT, obj=passed_on, subject=referral.resident.uuid, by=by, at=at, place=referral.to_facility_id,
        channel=referral.channel, redirected=True,
    )  # fmt: skip
    return passed_on


def _passed_on(
    referral: Referral,
    to_facility_id: int,
    to_department_id: int | None,
    *,
    by: Actor,
    at: datetime,
    words: dict[str, Any],
) -> Referral:
    """The referral that goes on to another unit, under the same sender and with the same slip."""
    row = Referral(
        number=next_number("R", at), origin=referral, to_facility_id=to_facility_id, to_department_id=to_department_id,
        status=Status.SUBMITTED, status_changed_at=at, **{name: getattr(referral, name) for name in _CARRIED},
    )  # fmt: skip
    step = "receive-back" if referral.direction == Referral.Direction.DOWN else "answer"
    row.due_at = deadline(row, step, since=at)
    with one_open_way():
        row.save(force_insert=True)
    note_status(row, by=by, at=at, place=referral.to_facility_id, **words)
    residents.note_on_roster(resident=referral.resident, facility_id=to_facility_id, basis="REFERRAL", at=at)
    return row


@transaction.atomic
def mark_arrived(*, referral: Referral, by: Actor, at: datetime) -> Referral:
    """The patient is here.

    :raises NotPermitted: the actor does not answer for the receiving unit
    :raises Conflict: it is not accepted, or the hold has ended
    """
    return advance(
        referral, Verb.ARRIVE, to=Status.ARRIVED, event=Event.ARRIVED, by=by, at=at, place=referral.to_facility_id,
        due_at=deadline(referral, "admit", since=at), arrived_at=at,
    )  # fmt: skip


@transaction.atomic
def mark_no_show(*, referral: Referral, reason_code: str, reason: str = "", by: Actor, at: datetime) -> Referral:
    """Nobody came: the hold is given up with a coded reason.

    :raises NotPermitted: the actor does not answer for the receiving unit
    :raises Conflict: it is not accepted, or somebody has arrived
    """
    words = coded("no-show", reason_code, reason)
    return advance(
        referral,
        Verb.NO_SHOW,
        to=Status.NO_SHOW,
        event=Event.NO_SHOW,
        by=by,
        at=at,
        place=referral.to_facility_id,
        **words,
    )
