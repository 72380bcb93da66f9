"""What a telephone sends: each change taken once, in its own transaction, by the rules of docs/explanation/offline.md."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotVisible
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.pocket import permissions
from xinglin.pocket.actions.applying import apply
from xinglin.pocket.data import ChangeIn, Envelope, Kind, Verdict, Why, in_both
from xinglin.pocket.events import Event
from xinglin.pocket.models import Change, Device
from xinglin.pocket.queries import was_carried
from xinglin.pocket.settings import rule
from xinglin.pocket.states import CHANGE_TRANSITIONS, ChangeStatus
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents

SECOND = timedelta(seconds=1)
#: So far the clocks may drift apart between noting and sending; more, and the telephone's was changed in between.
JUMP = timedelta(minutes=10)


def receive_change(
    *, device: Device, given: ChangeIn, envelope: Envelope, by: Actor, at: datetime
) -> tuple[Change, bool]:
    """Take one change: what became of it, and whether it had been taken before.

    Of a telephone that was laid down what it had not sent is still taken.

    :raises NotPermitted: not the actor's telephone, or he sees no residents there any more
    :raises Conflict: the telephone is to be erased, or the id was used for something else
    """
    permissions.may_send(by, device).require()
    known = _known(given, device)
    if known is not None:
        return known, True
    try:
        return _receive(device, given, envelope, by=by, at=at), False
    except IntegrityError:
        known = _known(given, device)  # the same upload twice at one moment: the other was first
        if known is None:
            raise
        return known, True


def _known(given: ChangeIn, device: Device) -> Change | None:
    found = Change.objects.select_related("device").filter(client_id=given.client_id).first()
    if found is not None and (
        bytes(found.fingerprint) != _fingerprint(given) or found.device.user_id != device.user_id
    ):
        raise Conflict(_("这个编号已用于另一条记录。"), code="client-id-used")
    return found


def _fingerprint(given: ChangeIn) -> bytes:
    return hashlib.sha256(json.dumps(given.written, sort_keys=True, default=str).encode()).digest()


@transaction.atomic
def _receive(device: Device, given: ChangeIn, envelope: Envelope, *, by: Actor, at: datetime) -> Change:
    resident = _resident(device, given)
    change = Change.objects.create(
        client_id=given.client_id, fingerprint=_fingerprint(given), device=device, sender_name=by.name[:40],
        resident=resident, facility_id=resident.managed_by_id if resident else device.facility_id, kind=given.kind,
        content=json.dumps(dict(given.content), ensure_ascii=False, default=str), noted_at=given.happened_at,
        happened_at=_put_right(given, envelope, at), received_at=at, skew_seconds=envelope.skew_seconds,
        noted_skew_seconds=given.noted_skew, base_revision=given.base_revision, status_changed_at=at,
    )  # fmt: skip
    note_status(change, by=by, at=at, place=device.facility_id)
    why = _why_of_clock(change, is_doubtful=given.is_doubtful, at=at)
    verdict = _verdict(change, resident, given.content, why, by=by, at=at)
    chinese, english = verdict.words
    move(
        change, table=CHANGE_TRANSITIONS, to=verdict.status, by=by, at=at, place=device.facility_id,
        reason_code=verdict.code, code=verdict.code, message=chinese[:500], message_en=english[:500],
        told=[dict(each) for each in verdict.told],
        object_uuid=verdict.object_uuid, revision=change.revision,
    )  # fmt: skip
    announce(
        Event.RECEIVED, obj=change, subject=resident.uuid if resident else None, by=by, at=at, place=device.facility_id,
        kind=change.kind, outcome=change.status, code=change.code, skew=change.skew_seconds,
    )  # fmt: skip
    return change


def _resident(device: Device, given: ChangeIn) -> Any:
    """Whom it is about, of a merged registration the one kept; None for somebody this facility was never given."""
    try:
        found = residents.registration(given.resident)
    except NotVisible:
        return None
    return found if was_carried(device.facility_id, residents.ids_of_person(found)) else None


def _put_right(given: ChangeIn, envelope: Envelope, at: datetime) -> datetime:
    """When it happened by the server's clock. The skew is whole seconds: what was sent in the second it was noted is not of the future."""
    moment = given.happened_at + timedelta(seconds=envelope.skew_seconds)
    return min(moment, at) if moment - at < SECOND else moment


def _why_of_clock(change: Change, *, is_doubtful: bool, at: datetime) -> Why | None:
    """Why the moment cannot be trusted: the clock is too wrong, was changed between noting and sending, or says what cannot be."""
    before = change.noted_skew_seconds
    if abs(change.skew_seconds) > rule("clock", "most_seconds"):
        return Why.CLOCK
    if is_doubtful or (before is not None and abs(before - change.skew_seconds) > JUMP.total_seconds()):
        return Why.JUMPED
    if change.happened_at > at:
        return Why.FUTURE
    is_old = clock.today(change.happened_at) < programmes.offline.first_day_taken(clock.today(at))
    return Why.TOO_OLD if is_old and change.kind == Kind.VISIT else None


def _verdict(change: Change, resident: Any, content: Any, why: Why | None, *, by: Actor, at: datetime) -> Verdict:
    if resident is None:
        return Verdict(ChangeStatus.REFUSED, "not-found", in_both(_("这台手机没有下载过该居民的资料。")))
    return Verdict(ChangeStatus.REVIEW, why) if why else apply(change, resident, content, by=by, at=at)
