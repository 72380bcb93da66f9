"""What was done of what was promised: by proof of what the service records, or by hand with a proof; and the resident's word."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.contracts import permissions, policies, queries
from xinglin.contracts.actions.agreements import keep_scan
from xinglin.contracts.actions.texts import line
from xinglin.contracts.data import Evidence
from xinglin.contracts.events import Event
from xinglin.contracts.models import Agreement, Promise, Rating
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce

BY_HAND = "manual"


@transaction.atomic
def note_done(*, resident_ids: Iterable[int], evidence: Evidence, by: Actor, at: datetime) -> list[Promise]:
    """Let something that was done prove what it proves: of each item one, the one whose days contain it, else the
    oldest overdue. Safe to call again with the same evidence.

    Only what the team's own units did counts: its home, the places it serves, and where the resident is served. It counts
    for the agreement that bound on its day, though it is told after that has ended.
    """
    bound = Agreement.objects.select_related("resident", "team").filter(queries.bound_on(evidence.on))
    agreements = bound.filter(resident_id__in=list(resident_ids))
    done: list[Promise] = []
    for agreement in agreements:
        if evidence.facility_id is not None and not queries.is_place_of(agreement, evidence.facility_id):
            continue
        for promises in queries.open_by_item(agreement, evidence.proofs).values():
            chosen = _which(promises, evidence.on)
            if chosen is not None and _prove(chosen, evidence, by=by, at=at):
                done.append(chosen)
    return done


def _which(promises: list[Promise], on: date) -> Promise | None:
    opened = [each for each in promises if each.opens_on <= on]
    return next((each for each in opened if on <= each.due_on), opened[0] if opened else None)


def _prove(promise: Promise, evidence: Evidence, *, by: Actor, at: datetime) -> bool:
    fitting = sorted(queries.proofs_of(promise) & evidence.proofs)
    try:
        with transaction.atomic():
            written = Promise.objects.filter(pk=promise.pk, done_on__isnull=True, dropped_on__isnull=True).update(
                done_on=evidence.on, proof=fitting[0], proof_kind=evidence.kind, proof_uuid=evidence.uuid, noted_at=at,
                noted_by_name=by.name[:80],
            )  # fmt: skip
    except IntegrityError:
        return False  # this evidence proves another time of the item already
    if written:
        _announce(promise, evidence.on, by=by, at=at)
    return bool(written)


@transaction.atomic
def take_back_proof(*, proof_uuid: UUID | str, by: Actor, at: datetime) -> int:
    """What proved something was voided: it is owed again. Called by the system. :returns: how many items"""
    found = list(Promise.objects.select_related("agreement__resident").filter(proof_uuid=proof_uuid))
    for promise in found:
        _open_again(promise, "voided", by=by, at=at)
    return len(found)


@transaction.atomic
def deliver_by_hand(
    *, promise: Promise, done_on: date, text: str, proof: files.Content | None = None, by: Actor, at: datetime
) -> Promise:
    """Record that an item was done, with what proves it: what was done in words, and a picture or document if there is one.

    :raises Conflict: done already, not open yet, or the agreement has ended too long ago
    :raises InvalidInput: a day outside, or no words
    """
    permissions.may_deliver(by, promise, on=clock.today(at)).require()
    if not promise.opens_on <= done_on <= min(clock.today(at), policies.last_day(promise.agreement)):
        raise wrong("done_on", _("完成日期应在服务开始之后、协议期之内，不晚于今天。"))
    if BY_HAND not in queries.proofs_of(promise):
        raise wrong("text", _("这一项只能由业务记录证明。"))
    words = line("text", text, 500, required=True)
    kept = keep_scan(proof, at=at)
    written = Promise.objects.filter(pk=promise.pk, done_on__isnull=True, dropped_on__isnull=True).update(
        done_on=done_on, proof=BY_HAND, proof_text=words, proof_file=kept, noted_at=at, noted_by_name=by.name[:80]
    )
    if not written:
        raise Conflict(_("这一项已经完成。"), code="done")
    _announce(promise, done_on, by=by, at=at)
    promise.refresh_from_db()
    return promise


@transaction.atomic
def take_back_by_hand(*, promise: Promise, reason: str, by: Actor, at: datetime) -> Promise:
    """Withdraw a record by hand, with the reason. :raises Conflict: not done, or proved by a record of the service"""
    permissions.may_take_back(by, promise).require()
    _open_again(promise, line("reason", reason, 200, required=True), by=by, at=at)
    promise.refresh_from_db()
    return promise


@transaction.atomic
def book_item(*, promise: Promise, booked_on: date, by: Actor, at: datetime) -> Promise:
    """Book the day of an item, e.g. the yearly check-up. :raises InvalidInput: a day outside its days"""
    permissions.may_book(by, promise, on=clock.today(at)).require()
    if not max(clock.today(at), promise.opens_on) <= booked_on <= promise.agreement.ends_on:
        raise wrong("booked_on", _("预约日期应在今天之后、协议期之内。"))
    Promise.objects.filter(pk=promise.pk).update(booked_on=booked_on)
    promise.refresh_from_db()
    announce(
        Event.BOOKED, obj=promise, subject=promise.agreement.resident.uuid, by=by, at=at,
        place=promise.agreement.facility_id, item=promise.item, booked_on=booked_on.isoformat(),
        agreement=str(promise.agreement.uuid),
    )  # fmt: skip
    return promise


@transaction.atomic
def rate_agreement(
    *, agreement: Agreement, promise: Promise | None = None, score: int, words: str = "", by: Actor, at: datetime
) -> Rating:
    """The resident says how content he is, once with each item done for him and once with the whole.

    :raises NotPermitted: somebody else
    :raises Conflict: rated already, or the item is not done
    """
    permissions.may_rate(by, agreement).require()
    if score not in Rating.Score.values:
        raise wrong("score", _("请选择满意程度。"))
    if promise is not None and (promise.agreement_id != agreement.pk or promise.done_on is None):
        raise Conflict(_("这一项还没有完成，不能评价。"), code="not-done")
    try:
        with transaction.atomic():
            rating = Rating.objects.create(
                agreement=agreement, promise=promise, team=promise.team if promise else agreement.team, score=score,
                words=line("words", words, 500), rated_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("已经评价过。"), code="rated") from error
    announce(
        Event.RATED, obj=rating, subject=agreement.resident.uuid, by=by, at=at, place=agreement.facility_id, score=score,
        agreement=str(agreement.uuid),
    )  # fmt: skip
    return rating


def _open_again(promise: Promise, reason: str, *, by: Actor, at: datetime) -> None:
    """It is owed again, unless the agreement has ended before it was due."""
    ended_on = promise.agreement.ended_on
    Promise.objects.filter(pk=promise.pk).update(
        done_on=None, proof="", proof_kind="", proof_uuid=None, proof_text="", proof_file=None, noted_at=None,
        noted_by_name="", dropped_on=ended_on if ended_on is not None and promise.due_on > ended_on else None,
    )  # fmt: skip
    announce(
        Event.PROOF_TAKEN_BACK, obj=promise, subject=promise.agreement.resident.uuid, by=by, at=at,
        place=promise.agreement.facility_id, reason=reason, item=promise.item, agreement=str(promise.agreement.uuid),
    )  # fmt: skip


def _announce(promise: Promise, on: date, *, by: Actor, at: datetime) -> None:
    agreement = promise.agreement
    announce(
        Event.DELIVERED, obj=promise, subject=agreement.resident.uuid, by=by, at=at, place=agreement.facility_id,
        item=promise.item, n=promise.n, in_time=on <= promise.due_on, agreement=str(agreement.uuid),
    )  # fmt: skip
