"""Orders of another system (ORM^O01, OML^O21): whom, which items, of which centre. What is not certain waits for a person.

A connection says in its table ``orders`` which of our items their codes mean (``LAB/cbc``, ``IMAGING/ct-head``). An order is
known by the sender's own number: sent again it changes nothing, and a cancellation finds it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.centres import actions
from xinglin.centres.models import OutsideOrder
from xinglin.diagnostics import api as diagnostics
from xinglin.exchange.api import Fault, Incoming, Outcome, Segment, known_person, on
from xinglin.laboratory import api as laboratory
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict

TYPES = ("ORM^O01", "OML^O21")
NEW, CANCEL = "NW", "CA"
#: OBR-5 or TQ1-9: stat, as soon as possible. Anything else is routine.
PRIORITIES = {"S": "EMERGENCY", "A": "URGENT"}
#: HL7 table 0357.
REQUIRED, NOT_IN_TABLE, UNKNOWN_KEY, DUPLICATE_KEY = 101, 103, 204, 205
_LONGEST_NUMBER = 60


@dataclass
class Group:
    """One order of a message: what is to be done, its number there, its items, and what the doctor wrote."""

    control: str
    number: str
    codes: list[str] = field(default_factory=list)
    question: str = ""
    priority: str = ""
    doctor: str = ""
    notes: list[str] = field(default_factory=list)


def register_handlers() -> None:
    """Called while applications load."""
    for each in TYPES:
        on(each, apply_orders)


def apply_orders(incoming: Incoming, by: Actor, at: datetime) -> Outcome:
    """Place, or cancel, every order of a message.

    :raises Fault: nobody we know, an item that is not ours, no centre for it, a number used for something else
    :raises AlreadyKnown: an earlier result may stand for an item: a person decides
    """
    groups = groups_of(incoming)
    if not groups:
        raise Fault("no-order", _("消息没有 ORC 和 OBR 段。"), "ORC", hl7_code=REQUIRED)
    resident = known_person(incoming)
    done = [_apply(each, resident, incoming, by=by, at=at) for each in groups]
    if not any(done):
        return Outcome(resident, ignored=_("这些医嘱此前已经收到，没有变化。"))
    return Outcome(resident)


def groups_of(incoming: Incoming) -> list[Group]:
    """The orders of a message. Segments with one group number (ORC-4) are one order, however many items it has."""
    groups: dict[str, Group] = {}
    current: Group | None = None
    reason = incoming.message.value("DG1-3.2") or incoming.message.value("DG1-4")
    for segment in incoming.message.segments():
        if segment.name == "ORC":
            number = (segment.value(4) or segment.value(2))[:_LONGEST_NUMBER]
            current = groups.setdefault(number, Group(segment.value(1) or NEW, number))
            current.doctor = current.doctor or _doctor(segment, 12)
        elif segment.name == "OBR" and current is not None:
            _read_item(segment, current, reason)
        elif segment.name == "TQ1" and current is not None:
            current.priority = current.priority or segment.value(9)
        elif segment.name == "NTE" and current is not None and segment.value(3):
            current.notes.append(segment.value(3))
    return list(groups.values())


def _read_item(segment: Segment, group: Group, reason: str) -> None:
    if not group.number:
        group.number = segment.value(2)[:_LONGEST_NUMBER]
    group.codes.append(segment.value(4))
    group.question = group.question or segment.value(13) or segment.value(31, 2) or reason
    group.priority = group.priority or segment.value(5)
    group.doctor = group.doctor or _doctor(segment, 16)


def _doctor(segment: Segment, number: int) -> str:
    return (segment.value(number, 2) + segment.value(number, 3)) or segment.value(number)


def _apply(group: Group, resident: Any, incoming: Incoming, *, by: Actor, at: datetime) -> bool:
    """Whether something changed."""
    if not group.number:
        raise Fault("no-order-number", _("医嘱没有申请号。"), "ORC-2", hl7_code=REQUIRED)
    known = (
        OutsideOrder.objects.select_for_update(of=("self",))
        .select_related("request__centre", "request__resident")
        .filter(connection=incoming.connection.slug, number=group.number)
        .first()
    )
    if known is not None and known.request.resident_id != resident.pk:
        raise Fault("another-person", _("这个申请号属于另一位居民，请人工核对。"), "ORC-2", hl7_code=DUPLICATE_KEY)
    if group.control == CANCEL:
        return _cancel(known, by=by, at=at)
    if group.control != NEW:
        raise Fault("order-control", _("只接受新开（NW）和撤销（CA）的医嘱。"), "ORC-1", hl7_code=NOT_IN_TABLE)
    kind, items = _items(group, incoming)
    if known is not None:
        if known.items != items:
            raise Fault(
                "order-changed", _("这个申请号此前的项目不同。请撤销后重新开立。"), "OBR-4", hl7_code=DUPLICATE_KEY
            )
        return False
    _place(group, kind, items, resident, incoming, by=by, at=at)
    return True


def _items(group: Group, incoming: Incoming) -> tuple[str, list[str]]:
    """Of which kind of centre, and which of its items. :raises Fault: a code is not in the table, or of several kinds"""
    found = [incoming.connection.translate("orders", code) or "" for code in group.codes]
    for code, ours in zip(group.codes, found, strict=True):
        if "/" not in ours:
            raise Fault(
                "item-unknown", _("项目代码 %(code)s 不在本连接的对照表中。"), "OBR-4", hl7_code=NOT_IN_TABLE,
                values={"code": code[:40]},
            )  # fmt: skip
    kinds = {each.partition("/")[0] for each in found}
    if len(kinds) != 1:
        raise Fault("two-kinds", _("一个申请号只能是同一类检查，请分开。"), "OBR-4", hl7_code=NOT_IN_TABLE)
    return kinds.pop(), list(dict.fromkeys(each.partition("/")[2] for each in found))


def _place(
    group: Group, kind: str, items: list[str], resident: Any, incoming: Incoming, *, by: Actor, at: datetime
) -> None:
    facility_id = incoming.connection.facility_id
    centres = list(diagnostics.centres_for(facility_id, kind)[:2])
    if len(centres) != 1:
        raise Fault("no-centre", _("没有、或不止一个可接收这类申请的中心。"), "OBR-4", hl7_code=UNKNOWN_KEY)
    if not group.question:
        raise Fault("no-question", _("医嘱没有临床诊断或检查目的。"), "OBR-13", hl7_code=REQUIRED)
    written = [f"{_('开单医生')}：{group.doctor}"] if group.doctor else []
    asked = diagnostics.Asked(
        centre=centres[0], items=items, question=group.question[:500], clinical="；".join([*written, *group.notes])[:500],
        resident=resident, from_facility_id=facility_id, priority=PRIORITIES.get(group.priority.upper(), "ROUTINE"),
    )  # fmt: skip
    place = laboratory.order_tests if kind == "LAB" else diagnostics.order_examination
    request = place(asked=asked, by=by, at=at)
    assert request is not None, "no answer takes over an item of an order from outside"
    actions.note_outside_order(
        connection=incoming.connection.slug, number=group.number, items=items, request=request, by=by, at=at
    )


def _cancel(known: OutsideOrder | None, *, by: Actor, at: datetime) -> bool:
    if known is None:
        raise Fault("unknown-order", _("没有收到过这个申请号的医嘱。"), "ORC-2", hl7_code=UNKNOWN_KEY)
    if known.request.status == diagnostics.RequestStatus.CANCELLED:
        return False
    try:
        diagnostics.cancel_request(request=known.request, reason=str(_("开单系统撤销")), by=by, at=at)
    except Conflict as error:
        raise Fault(error.code, error.message, "ORC-1", hl7_code=UNKNOWN_KEY) from error
    return True
