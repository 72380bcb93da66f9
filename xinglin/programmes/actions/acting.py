"""What stands is answered by hand: somebody acted otherwise than by a referral sent from here."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.programmes import permissions
from xinglin.programmes.actions import settling
from xinglin.programmes.actions.alerting import close_alert
from xinglin.programmes.actions.texts import code, required
from xinglin.programmes.data import ACTED, AlertAnswer
from xinglin.programmes.models import Alert


@transaction.atomic
def answer_alert(*, alert: Alert, answer: str, note: str, by: Actor, at: datetime) -> Alert:
    """Somebody has acted on what stands, otherwise than by a referral sent here: says what was done.

    :raises NotPermitted: the actor does not manage there
    :raises Conflict: it has its answer
    :raises InvalidInput: no such answer, or no words
    """
    permissions.may_answer(by, alert).require()
    chosen, words = code("answer", answer, AlertAnswer), required("note", note, 500)
    if chosen not in ACTED:
        raise InvalidInput(_("现在转诊的，请直接开转诊单。"), fields={"answer": _("请从列表中选择。")})
    if not close_alert(alert=alert, answer=chosen, note=words, by=by, at=at):
        raise Conflict(_("这条提醒已有结果。"), code="already-answered")
    settling.follow_answers(resident=alert.enrolment.resident)
    alert.refresh_from_db()
    return alert
