"""Where sets are sent, and what came of each attempt."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move
from xinglin.submissions import permissions
from xinglin.submissions.data import Answer, Outcome
from xinglin.submissions.delivering import server_of
from xinglin.submissions.events import Event
from xinglin.submissions.models import Delivery, Destination, Submission
from xinglin.submissions.states import TRANSITIONS, Status

#: Minutes until the next try when nobody answered, by number of tries; the last one goes on.
BACK_OFF = (5, 30, 120, 720)
TAKEN = {Outcome.ACCEPTED, Outcome.KNOWN}


@transaction.atomic
def set_destination(
    *,
    code: str,
    title: str,
    address: str,
    username: str,
    secret: str | None,
    is_on: bool = True,
    by: Actor,
    at: datetime,
) -> Destination:
    """Say where sets are sent. `secret` None keeps the one that is known; it is never shown again.

    :raises NotPermitted: no right to set up connections. :raises InvalidInput: no usable address
    """
    permissions.may_set_destinations(by).require()
    slug = clean(code, "code", most=40, least=1)
    if not slug.replace("-", "").isalnum() or not slug.isascii():
        raise InvalidInput(_("编码只用字母、数字和短横线。"), fields={"code": slug})
    name = clean(username, "username", most=80)
    server_of(address, name, secret or "")
    given = {
        "title": clean(title, "title", most=80, least=1), "address": clean(address, "address", most=300, least=1),
        "username": name, "is_on": is_on, "set_at": at, "set_by": by.user_id, "set_by_name": by.name,
    }  # fmt: skip
    if secret is not None:
        given["secret"] = clean(secret, "secret", most=200)
    destination, _is_new = Destination.objects.update_or_create(code=slug, defaults=given)
    announce(Event.DESTINATION_SET, obj=destination, by=by, at=at, code=slug, is_on=is_on)
    return destination


@transaction.atomic
def record_delivery(
    *, submission: Submission, destination: Destination, sha256: str, answer: Answer, by: Actor, at: datetime
) -> Delivery:
    """Keep what came of one attempt. Accepted: it has left, and the import summary is its receipt. Values refused: it has
    left and was turned back. Nobody there: it waits, and is tried again.

    :raises NotPermitted: no right. :raises Conflict: it is not confirmed, or the same set was accepted meanwhile
    """
    permissions.may_send(by, submission).require()
    try:
        with transaction.atomic():
            delivery = Delivery.objects.create(
                submission=submission, destination=destination, sha256=sha256, outcome=answer.outcome.value,
                http_status=answer.http_status, counts=dict(answer.counts), words=answer.words[:400], tried_at=at,
                conflicts=[
                    {"row": each.row, "object": each.name, "words": each.words, "code": each.code}
                    for each in answer.conflicts
                ],
                tried_by_name=by.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("同一份数据已被接收，不再重复登记。"), code="known") from error
    if answer.outcome in TAKEN or answer.outcome == Outcome.CONFLICTS:
        _left(submission, delivery, by=by, at=at)
    else:
        wait = BACK_OFF[min(submission.deliveries.count(), len(BACK_OFF)) - 1]
        Submission.objects.filter(pk=submission.pk).update(next_try_at=at + timedelta(minutes=wait))
    event = Event.DELIVERED if answer.outcome in TAKEN else Event.NOT_DELIVERED
    announce(
        event, obj=submission, by=by, at=at, destination=destination.code, outcome=answer.outcome.value,
        form=submission.form, period=submission.period, n_conflicts=len(answer.conflicts), counts=dict(answer.counts),
    )  # fmt: skip
    return delivery


def _left(submission: Submission, delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """It is there: what was answered is its receipt."""
    outcome = Outcome(delivery.outcome)
    counted = ", ".join(f"{name} {n}" for name, n in delivery.counts.items())
    receipt = " · ".join(each for each in (delivery.destination.code, outcome.name, counted, delivery.words) if each)
    title = delivery.destination.title
    move(submission, table=TRANSITIONS, to=Status.SENT, by=by, at=at, sent_at=at, sent_words=title, next_try_at=None)
    to = Status.RECEIVED if outcome in TAKEN else Status.REFUSED
    move(submission, table=TRANSITIONS, to=to, by=by, at=at, answered_at=at, receipt=receipt[:400])
