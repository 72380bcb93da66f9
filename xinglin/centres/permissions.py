"""Whether an actor may do it, at the facility of the centre."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.centres import policies
from xinglin.centres.models import Roster, SecondReading, Shift, TeachingCase
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused


def may_edit_roster(actor: Actor, centre: Any) -> Decision:
    """Who keeps the roster of the centre."""
    return actor.may(Permission.ROSTER_EDIT, at=centre.facility_id)


def may_withdraw_shift(actor: Actor, shift: Shift) -> Decision:
    """The same, while it stands."""
    return first_refusal(may_edit_roster(actor, shift.centre), policies.can_be_withdrawn(shift))


def may_copy_week(actor: Actor, centre: Any) -> Decision:
    """Who keeps the roster; by itself only where its head asked for it."""
    if actor.kind == "system":
        return _asked(centre, "goes_on")
    return may_edit_roster(actor, centre)


def may_draw(actor: Actor, centre: Any) -> Decision:
    """The head of the centre; by itself only where he asked for it."""
    if actor.kind == "system":
        return _asked(centre, "draws_seconds")
    return may_manage(actor, centre)


def _asked(centre: Any, wish: str) -> Decision:
    if Roster.objects.filter(centre=centre, **{wish: True}).exists():
        return ALLOWED
    return refused("not-asked", _("中心负责人没有开启这一项。"))


def may_manage(actor: Actor, centre: Any) -> Decision:
    """The head of the centre."""
    return actor.may(Permission.CENTRE_MANAGE, at=centre.facility_id)


def may_assign(actor: Actor) -> Decision:
    """Only the system assigns."""
    return ALLOWED if actor.kind == "system" else refused("no-permission", _("诊断任务由系统按值班表自动分配。"))


def may_read_second(actor: Actor, reading: SecondReading) -> Decision:
    """Only the reader to whom it was given, while he reads at the centre."""
    if reading.reader_id != actor.user_id:
        return refused("not-yours", _("这份复阅分配给了另一位医师。"))
    return actor.may(Permission.REPORT_WRITE, at=reading.request.centre.facility_id)


def may_make_case(actor: Actor, request: Any) -> Decision:
    """Who reads at the centre makes teaching cases of what it has reported."""
    return first_refusal(
        actor.may(Permission.REPORT_WRITE, at=request.centre.facility_id), policies.can_be_taught(request)
    )


def may_withdraw_case(actor: Actor, case: TeachingCase) -> Decision:
    """Who made it, or the head of the centre."""
    if case.made_by is not None and case.made_by == actor.user_id:
        return policies.can_case_be_withdrawn(case)
    return first_refusal(actor.may(Permission.CENTRE_MANAGE, at=case.facility_id), policies.can_case_be_withdrawn(case))
