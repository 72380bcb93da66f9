"""Consortia: formed, joined and left on a day, with one lead at a time."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.network import checking, patterns, permissions, policies
from xinglin.network.events import Event
from xinglin.network.models import Consortium, Division, Facility, Membership
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

MAX_NAME, MAX_CODE = 80, 20


@transaction.atomic
def form_consortium(
    *,
    code: str,
    name: str,
    division: Division,
    lead: Facility,
    on: date,
    structure: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> Consortium:
    """Form a consortium with its lead. Several may share one county.

    :raises NotPermitted: no right at the lead
    :raises InvalidInput: code, name or structure are wrong
    :raises Conflict: the code is taken
    """
    by.may(permissions.P.NETWORK_EDIT, at=lead.pk).require()
    code, name = code.strip(), name.strip()
    faults: dict[str, object] = {}
    if not checking.is_code(code, MAX_CODE):
        faults["code"] = _("编码只能用字母、数字和 . _ -，最多20位。")
    if not 0 < len(name) <= MAX_NAME or checking.CONTROL.search(name):
        faults["name"] = _("请填写名称，最多80字。")
    if not checking.EARLIEST <= on <= clock.today(at):
        faults["on"] = _("日期须在1900年之后，且不晚于今天。")
    checking.refuse(faults)
    structure = patterns.checked(structure)
    try:
        with transaction.atomic():
            consortium = Consortium.objects.create(
                code=code, name=name, division=division, structure=structure, valid_from=on
            )
    except IntegrityError as error:
        raise Conflict(_("编码“%(code)s”已有医共体使用。") % {"code": code}, code="code-taken") from error
    announce(Event.CONSORTIUM_FORMED, obj=consortium, by=by, at=at, place=lead.pk, code=code)
    _bind(consortium, lead, Membership.Role.LEAD, on, by=by, at=at)
    return consortium


@transaction.atomic
def join_consortium(
    *, consortium: Consortium, facility: Facility, role: str, on: date, by: Actor, at: datetime
) -> Membership:
    """Let a unit join in a role from a day on.

    :raises Conflict: it is a member already, there is a lead already, or the unit has ended
    """
    permissions.may_bind(by, consortium, facility).require()
    return _bind(consortium, facility, role, on, by=by, at=at)


def _bind(consortium: Consortium, facility: Facility, role: str, on: date, *, by: Actor, at: datetime) -> Membership:
    policies.can_change(facility).require()
    if role not in Membership.Role.values:
        reason: object = _("请选择成员角色。")
        raise InvalidInput(reason, fields={"role": reason})
    if on < consortium.valid_from or on > clock.today(at):
        reason = _("加入日期须在医共体成立之后，且不晚于今天。")
        raise InvalidInput(reason, fields={"on": reason})
    try:
        with transaction.atomic():
            membership = Membership.objects.create(consortium=consortium, facility=facility, role=role, valid_from=on)
    except IntegrityError as error:
        raise _overlap(error) from error
    announce(
        Event.CONSORTIUM_JOINED, obj=consortium, by=by, at=at, place=facility.pk, facility=str(facility.uuid),
        role=role, on=on.isoformat(),
    )  # fmt: skip
    return membership


def _overlap(error: IntegrityError) -> Conflict:
    """Which promise of the database was about to break."""
    if "lead" in str(error):
        return Conflict(_("医共体同一时间只能有一家牵头医院。"), code="second-lead")
    return Conflict(_("该机构在这段时间已是成员。"), code="already-member")


@transaction.atomic
def leave_consortium(*, membership: Membership, on: date, by: Actor, at: datetime) -> Membership:
    """End a membership; `on` is the first day it no longer holds.

    :raises Conflict: it has ended already
    :raises InvalidInput: the day lies before it began
    """
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("consortium", "facility")
        .get(pk=membership.pk)
    )
    permissions.may_bind(by, membership.consortium, membership.facility).require()
    if membership.valid_until is not None:
        raise Conflict(_("该成员关系已经结束。"), code="already-left")
    if on < membership.valid_from or on > clock.today(at):
        reason = _("退出日期须在加入日期之后，且不晚于今天。")
        raise InvalidInput(reason, fields={"on": reason})
    membership.valid_until = on
    membership.save(update_fields=["valid_until"])
    announce(
        Event.CONSORTIUM_LEFT, obj=membership.consortium, by=by, at=at, place=membership.facility_id,
        facility=str(membership.facility.uuid), role=membership.role, on=on.isoformat(),
    )  # fmt: skip
    return membership


@transaction.atomic
def set_structure(*, consortium: Consortium, structure: Mapping[str, Any], by: Actor, at: datetime) -> Consortium:
    """Publish another pattern for a consortium."""
    consortium = Consortium.objects.select_for_update(of=("self",)).select_related("division").get(pk=consortium.pk)
    permissions.may_edit_consortium(by, consortium).require()
    consortium.structure = patterns.checked(structure)
    consortium.save(update_fields=["structure"])
    announce(Event.CONSORTIUM_RESTRUCTURED, obj=consortium, by=by, at=at, pattern=consortium.structure["pattern"])
    return consortium
