"""One step of a case: what every verb does the same way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.consultations import catalogue
from xinglin.consultations.events import Event
from xinglin.consultations.models import Booking, Case, Invitation
from xinglin.consultations.states import (
    FINAL,
    INVITATION_TRANSITIONS,
    TRANSITIONS,
    InvitationStatus,
    Status,
)
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.texts import clean
from xinglin.platform.transitions import move

I_ = InvitationStatus


def locked(case: Case) -> Case:
    """The case as it is now, held until the transaction ends: what two do at once comes one after the other."""
    rows = Case.objects.select_for_update(of=("self",))
    return rows.select_related("resident", "from_facility", "to_facility").get(pk=case.pk)


def go(
    case: Case,
    *,
    to: Status,
    event: Event,
    by: Actor,
    at: datetime,
    place: int | None,
    due_at: datetime | None = None,
    reason_code: str = "",
    reason: str = "",
    **changes: Any,
) -> Case:
    """Move the case and announce it. The clock of the former step stops; `due_at` starts the next."""
    if to in FINAL:
        changes.setdefault("closed_at", at)
        changes.setdefault("pack_until", at)
        _let_go(case, by=by, at=at)
    move(
        case, table=TRANSITIONS, to=to, by=by, at=at, place=place, reason_code=reason_code, reason=reason,
        due_at=due_at, reminded_at=None, n_escalations=0, **changes,
    )  # fmt: skip
    tell(event, case, by=by, at=at, place=place, reason=reason, code=reason_code)
    return case


def tell(event: Event, case: Case, *, by: Actor, at: datetime, place: int | None = None, **detail: Any) -> None:
    """Announce what happened to a case, as done with its resident."""
    announce(event, obj=case, subject=case.resident.uuid, by=by, at=at, place=place, **detail)


def _let_go(case: Case, *, by: Actor, at: datetime) -> None:
    """An ended case frees the slots it held, and asks nobody any more."""
    release(case, at=at)
    cancel_open(case, by=by, at=at)


def cancel_open(case: Case, *, by: Actor, at: datetime) -> None:
    """Take back the invitations nobody has answered."""
    for each in case.invitations.filter(status=I_.INVITED):
        move(each, table=INVITATION_TRANSITIONS, to=I_.CANCELLED, by=by, at=at)


def release(case: Case, *, at: datetime, invitation: Invitation | None = None) -> None:
    """Free the slots a case holds, or those of one of its experts."""
    held = Booking.objects.filter(case=case, released_at__isnull=True)
    if invitation is not None:
        held = held.filter(expert=invitation.expert_id)
    held.update(released_at=at)


@contextmanager
def refusing(constraint: str, message: object, code: str) -> Iterator[None]:
    """What is written here may break a unique constraint: then somebody else was first.

    :raises Conflict: it does
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise Conflict(message, code=code) from error


def coded(kind: str, code: str, text: str = "") -> dict[str, Any]:
    """A coded reason with its words, checked against the definition; ``other`` has to be written out.

    :raises InvalidInput: the code is not one of that kind, or the words are missing or too long
    """
    if code not in dict(catalogue.reasons(kind)):
        raise InvalidInput(_("请选择原因。"), fields={"reason_code": _("请从列表中选择。")})
    return {"reason_code": code, "reason": clean(text, "reason", most=200, least=1 if code == "other" else 0)}
