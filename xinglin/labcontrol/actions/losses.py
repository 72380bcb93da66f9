"""A loss of control: opened by a run, explained, acted upon, ended by a run, reviewed by somebody else."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol import catalogue, permissions
from xinglin.labcontrol.actions.texts import clean, wrong
from xinglin.labcontrol.data import Verdict
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import ControlResult, OutOfControl
from xinglin.labcontrol.states import BLOCKING, TRANSITIONS, Status
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status

MOST_TEXT = 1000


def follow(result: ControlResult, *, levels: Collection[str], by: Actor, at: datetime) -> None:
    """What a verdict leads to. Called by `record_run`, inside its transaction. `levels`: those that were judged."""
    if result.verdict == Verdict.TRIAL:
        return
    loss = OutOfControl.objects.select_for_update().filter(assay=result.assay, status__in=BLOCKING).first()
    if loss is None:
        if result.verdict == Verdict.OUT:
            _open(result, by=by, at=at)
        return
    ControlResult.objects.filter(pk=result.pk).update(loss=loss)
    place = result.assay.instrument.facility_id
    if loss.status != Status.ACTED or loss.acted_at is None or result.run_at <= loss.acted_at:
        return
    if result.verdict == Verdict.OUT:
        move(loss, table=TRANSITIONS, to=Status.OPEN, by=by, at=at, place=place, reason_code="failed-again")
        announce(Event.FAILED_AGAIN, obj=loss, by=by, at=at, place=place, rules=_codes(result))
    elif lost_levels(loss) <= set(levels):
        move(loss, table=TRANSITIONS, to=Status.RETESTED, by=by, at=at, place=place, retested_at=result.run_at)
        announce(Event.REGAINED, obj=loss, by=by, at=at, place=place)


def lost_levels(loss: OutOfControl) -> set[str]:
    """The levels that took part in losing control: a repeat must measure each of them."""
    rows = ControlResult.objects.filter(loss=loss, verdict=Verdict.OUT).values_list("broken", flat=True)
    return {level for broken in rows for each in broken if each["rejects"] for level in each["levels"]}


def _open(result: ControlResult, *, by: Actor, at: datetime) -> OutOfControl:
    assay = result.assay
    good = (
        ControlResult.objects.filter(assay=assay, run_at__lt=result.run_at, verdict__in=(Verdict.IN, Verdict.WARNING))
        .order_by("-run_at")
        .values_list("run_at", flat=True)
        .first()
    )
    loss = OutOfControl.objects.create(
        assay=assay, rules_broken=_codes(result), status_changed_at=at, opened_at=result.run_at, suspect_from=good
    )
    ControlResult.objects.filter(pk=result.pk).update(loss=loss)
    place = assay.instrument.facility_id
    note_status(loss, by=by, at=at, place=place)
    announce(
        Event.LOST, obj=loss, by=by, at=at, place=place, analyte=assay.analyte, instrument=str(assay.instrument.uuid),
        rules=loss.rules_broken, suspect_from=good.isoformat() if good else None,
        suspect_until=result.run_at.isoformat(),
    )  # fmt: skip
    return loss


def _codes(result: ControlResult) -> list[str]:
    return [each["code"] for each in result.broken if each["rejects"]]


@transaction.atomic
def note_cause(*, loss: OutOfControl, code: str, text: str, by: Actor, at: datetime) -> OutOfControl:
    """Say why control was lost: coded, and in words.

    :raises NotPermitted: the actor does not enter control there
    :raises Conflict: a cause stands already
    :raises InvalidInput: no such code, or no words
    """
    permissions.may_explain(by, loss).require()
    code = _one_of("causes", code)
    text = clean(text, "text", most=MOST_TEXT, least=1)
    move(
        loss, table=TRANSITIONS, to=Status.CAUSED, by=by, at=at, place=_place(loss), reason_code=code, cause_code=code,
        cause=text, caused_at=at, caused_by=by.user_id, caused_by_name=by.name[:40],
    )  # fmt: skip
    announce(Event.CAUSE_FOUND, obj=loss, by=by, at=at, place=_place(loss), cause=code)
    return loss


@transaction.atomic
def note_action(*, loss: OutOfControl, code: str, text: str, patients: str, by: Actor, at: datetime) -> OutOfControl:
    """Say what was done, and what became of the results of patients since the last run in control. Control is run next.

    :raises NotPermitted: the actor does not enter control there
    :raises Conflict: the cause is not known yet, or an action stands already
    :raises InvalidInput: no such code, or something is not said
    """
    permissions.may_act(by, loss).require()
    code = _one_of("actions", code)
    text = clean(text, "text", most=MOST_TEXT, least=1)
    patients = clean(patients, "patients", most=MOST_TEXT, least=1)
    move(
        loss, table=TRANSITIONS, to=Status.ACTED, by=by, at=at, place=_place(loss), reason_code=code, action_code=code,
        action=text, patients=patients, acted_at=at, acted_by=by.user_id, acted_by_name=by.name[:40],
    )  # fmt: skip
    announce(Event.ACTED, obj=loss, by=by, at=at, place=_place(loss), action=code)
    return loss


@transaction.atomic
def close_loss(*, loss: OutOfControl, review: str = "", by: Actor, at: datetime) -> OutOfControl:
    """Agree with what was found and done.

    :raises NotPermitted: the actor does not review there, or handled it himself
    :raises Conflict: no run in control followed the action yet, or it is closed
    """
    permissions.may_review(by, loss).require()
    move(
        loss, table=TRANSITIONS, to=Status.CLOSED, by=by, at=at, place=_place(loss), reviewed_at=at,
        reviewed_by=by.user_id, reviewed_by_name=by.name[:40], review=clean(review, "review", most=MOST_TEXT),
    )  # fmt: skip
    announce(Event.CLOSED, obj=loss, by=by, at=at, place=_place(loss))
    return loss


@transaction.atomic
def send_back(*, loss: OutOfControl, reason: str, by: Actor, at: datetime) -> OutOfControl:
    """Do not agree: cause and action are sought anew, and results are held until then.

    :raises NotPermitted: the actor does not review there, or handled it himself
    :raises Conflict: it is not up for review, or the assay has lost control again meanwhile
    :raises InvalidInput: no reason
    """
    permissions.may_review(by, loss).require()
    reason = clean(reason, "reason", most=MOST_TEXT, least=1)
    if OutOfControl.objects.filter(assay=loss.assay, status__in=BLOCKING).exists():
        raise wrong("reason", _("该项目又有新的失控，请先处理新的失控。"))
    move(loss, table=TRANSITIONS, to=Status.OPEN, by=by, at=at, place=_place(loss), reason=reason)
    announce(Event.SENT_BACK, obj=loss, by=by, at=at, place=_place(loss))
    return loss


def _place(loss: OutOfControl) -> int:
    return loss.assay.instrument.facility_id


def _one_of(kind: str, code: str) -> str:
    if code not in catalogue.reasons(kind):
        raise wrong("code", _("请从列表中选择。"))
    return code
