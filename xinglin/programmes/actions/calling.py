"""A programme visit by telephone is a call like any other: nobody is called twice in one week without a reason."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.followups import api as followups
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.programmes.actions.texts import text
from xinglin.programmes.data import CALLS, LEVELS, AlertLevel, VisitIn
from xinglin.programmes.models import ProgrammeVisit
from xinglin.residents import api as residents

CALLED = "called-this-week"


def require_reason(
    resident: Any, content: VisitIn, outcomes: Iterable[Any], *, replaces: ProgrammeVisit | None, by: Actor, at: datetime
) -> str:  # fmt: skip
    """Why the resident was called although somebody had spoken to him in the week before `at`; empty when none is needed.

    The call has happened, so it is not refused: it is asked for. What is dangerous, by its origin or by what was found,
    needs no reason; nor does what the same person notes on the same day. Who amends a visit keeps its reason.

    :raises InvalidInput: none is given; code ``called-this-week``
    """
    reason = text("call_reason", content.call_reason, 500)
    if content.channel not in CALLS:
        return ""
    if replaces is not None:
        return reason or replaces.call_reason
    ids = residents.ids_of_person(resident)
    followups.take_turns(ids)
    week = followups.quiet_week(by, ids, at=at)
    if week is None or week.exemption or week.is_same_talk(by, at=at) or _is_dangerous(outcomes):
        return ""
    if not reason:
        raise InvalidInput(
            _("%(week)s。电话已经打了的，请写明再次联系的原因。") % {"week": week.words}, code=CALLED,
            fields={"call_reason": _("请写明本周再次电话的原因。")},
        )  # fmt: skip
    return reason


def _is_dangerous(outcomes: Iterable[Any]) -> bool:
    return any(LEVELS[each.level] >= AlertLevel.EMERGENCY for outcome in outcomes for each in outcome.alerts)
