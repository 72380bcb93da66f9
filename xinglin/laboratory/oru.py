"""Results of a LIS (ORU^R01): whose order, which item, in which unit. What is not certain waits for a person, with the
field that is wrong.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.exchange.api import Fault, Incoming, Message, Outcome, Segment, moment_in, on, person_in, same
from xinglin.laboratory import actions, catalogue, queries
from xinglin.laboratory.data import Measured, Source
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Specimen
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.residents import api as residents

TYPE = "ORU^R01"
#: OBX-11: final, corrected; and what is not there yet. Anything else a person looks at.
FINAL, CORRECTED = frozenset({"F", "U"}), frozenset({"C"})
NOT_YET = frozenset({"I", "O", "P", "R", "S", "N"})
#: HL7 table 0357.
REQUIRED, NOT_IN_TABLE, UNKNOWN_KEY = 101, 103, 204
_PLACES = {"unit-unknown": "OBX-6", "value": "OBX-5", "implausible": "OBX-5", "reason-wanted": "OBX-11"}


@dataclass
class Group:
    """One order of a message: its OBR, its observations, and every number that may name the order or a specimen."""

    keys: list[tuple[str, str]] = field(default_factory=list)  # place, number
    observations: list[Segment] = field(default_factory=list)


def register_handler() -> None:
    """Called while applications load."""
    on(TYPE, apply_results)


def apply_results(incoming: Incoming, by: Actor, at: datetime) -> Outcome:
    """Take the results of every order of a message. The same message twice leaves the same results.

    :raises Fault: no such order, another person, an item, unit or value that is not ours
    """
    groups = [each for each in groups_of(incoming.message) if each.observations]
    if not groups:
        raise Fault("no-observations", _("消息没有 OBX 段。"), "OBX", hl7_code=REQUIRED)
    resident, n_taken = None, 0
    for group in groups:
        request = _request_of(group, incoming, by)
        _require_same_person(incoming, request.resident)
        n_taken += _take(group, request, incoming, by=by, at=at)
        resident = request.resident
        audit.look(
            Event.RESULTS_MATCHED,
            by=by,
            at=at,
            subject=resident.uuid,
            kind="diagnostics.request",
            key=str(request.uuid),
        )
    if not n_taken:
        return Outcome(resident, ignored=_("消息中没有最终结果，等待后续消息。"))
    return Outcome(resident)


def groups_of(message: Message) -> list[Group]:
    """The orders of a message in their order; an ORC before its OBR belongs to it."""
    groups: list[Group] = []
    waiting: list[tuple[str, str]] = []
    for segment in message.segments():
        if segment.name == "ORC":
            waiting = _keys(segment, (2, 3))
        elif segment.name == "OBR":
            groups.append(Group(keys=_keys(segment, (2, 3)) + waiting))
            waiting = []
        elif segment.name == "OBX" and groups:
            groups[-1].observations.append(segment)
        elif segment.name in {"SPM", "SAC"} and groups:
            groups[-1].keys += _keys(segment, (2, 3))
            if segment.name == "SPM":
                groups[-1].keys += [("SPM-2.2", segment.value(2, 2))] if segment.value(2, 2) else []
    return groups


def _keys(segment: Segment, numbers: tuple[int, ...]) -> list[tuple[str, str]]:
    return [(f"{segment.name}-{number}", found) for number in numbers if (found := segment.value(number))]


def _request_of(group: Group, incoming: Incoming, by: Actor) -> Any:
    """The order of this system's own laboratory. :raises Fault: none of the numbers names one"""
    numbers = {number.strip().upper()[:24]: place for place, number in group.keys}
    facility_id = incoming.connection.facility_id
    found = Specimen.objects.select_related("request__centre", "request__resident").filter(
        barcode__in=numbers, centre__facility=facility_id
    )
    requests = {each.request_id: each.request for each in found}
    for number in numbers:
        request = diagnostics.request_by_number(by, number)
        if request is not None and request.kind == catalogue.KIND and request.centre.facility_id == facility_id:
            requests[request.pk] = request
    if not requests:
        place = next(iter(numbers.values()), "OBR-2")
        raise Fault("unknown-order", _("没有这个申请号或条码的检验申请。"), place, hl7_code=UNKNOWN_KEY)
    if len(requests) > 1:
        raise Fault("two-orders", _("申请号和条码属于不同的申请，请人工核对。"), "OBR-3", hl7_code=UNKNOWN_KEY)
    return next(iter(requests.values()))


def _require_same_person(incoming: Incoming, resident: Any) -> None:
    """The message must name the person of the order; what it says beside the name must not speak against him."""
    connection, person = incoming.connection, person_in(incoming.message, incoming.connection)
    if not person.values.get("name"):
        raise Fault("no-name", _("消息没有姓名。"), connection.place("name"), hl7_code=REQUIRED)
    for fact in ("name", "born_on", "sex"):
        said = person.values.get(fact)
        ours = getattr(resident, fact)
        if said is None or (fact == "sex" and said in {"0", "9"}):
            continue
        if not same(ours, residents.normalise_name(said) if fact == "name" else said):
            raise Fault(
                f"{fact}-differs", _("与申请中的居民不一致，结果没有采用，请人工核对。"), connection.place(fact),
                hl7_code=UNKNOWN_KEY,
            )  # fmt: skip
    if person.id_number and resident.id_number and person.id_number.upper() != resident.id_number.upper():
        raise Fault(
            "document-differs", _("与申请中的居民不一致，结果没有采用，请人工核对。"), connection.place("document"),
            hl7_code=UNKNOWN_KEY,
        )  # fmt: skip


def _take(group: Group, request: Any, incoming: Incoming, *, by: Actor, at: datetime) -> int:
    """How many observations of a group were final. Corrections are taken after the rest, with their reason."""
    final: list[Measured] = []
    corrected: list[Measured] = []
    wanted = {code for each in request.specimens.all() for code in queries.analytes_of(each)}
    for each in group.observations:
        state = each.value(11)
        if state in NOT_YET:
            continue
        if state not in FINAL | CORRECTED:
            told = _("结果状态不能自动处理，请人工核对：%(state)s")
            raise Fault("state", told, "OBX-11", hl7_code=NOT_IN_TABLE, values={"state": state[:2]})
        (corrected if state in CORRECTED else final).append(_measured(each, wanted, incoming, at))
    number = incoming.message.value("MSH-10")
    for rows, reason in ((final, ""), (corrected, f"LIS更正（{incoming.connection.slug} {number}）"[:200])):
        if rows:
            try:
                actions.take_results(
                    request=request, measured=rows, source=Source.ORU,
                    source_key=f"{incoming.connection.slug} {number}", reason=reason, by=by, at=at,
                )  # fmt: skip
            except Conflict as error:
                raise Fault(error.code, error.message, "OBR-3", hl7_code=UNKNOWN_KEY) from error
            except InvalidInput as error:
                raise Fault(error.code, error.message, _PLACES.get(error.code, "OBX-3")) from error
    return len(final) + len(corrected)


def _measured(segment: Segment, wanted: set[str], incoming: Incoming, at: datetime) -> Measured:
    """An observation in our words. :raises Fault: an item this connection has no word for, or a time that is none"""
    connection = incoming.connection
    unit = segment.value(6)
    moment = segment.value(14)
    measured_at = moment_in(moment, "OBX-14") if moment else at
    return Measured(
        analyte=_analyte(segment, wanted, incoming), value=_value(segment, incoming),
        unit=connection.translate("lab_units", unit) or unit, instrument=segment.value(18),
        measured_at=min(measured_at, at),
    )  # fmt: skip


def _analyte(segment: Segment, wanted: set[str], incoming: Incoming) -> str:
    for number in (1, 4):
        code, system = segment.value(3, number), segment.value(3, number + 2)
        if not code:
            continue
        own = incoming.connection.translate("lab_items", code)
        if own is not None:
            return own
        if system in {"LN", "LOINC", ""}:
            found = [each.code for each in catalogue.by_loinc(code)]
            if len(found) > 1:
                found = [each for each in found if each in wanted] or found
            if len(found) == 1:
                return found[0]
    told = _("检验项目“%(code)s”不是已知的 LOINC 编码，也不在本连接的对照表（lab_items）中。")
    raise Fault("unknown-item", told, "OBX-3", hl7_code=UNKNOWN_KEY, values={"code": segment.value(3)[:20]})


def _value(segment: Segment, incoming: Incoming) -> str:
    """The value as text: of a structured number its comparator and figure, of a coded one our word for the code."""
    kind, first, second = segment.value(2), segment.value(5), segment.value(5, 2)
    if kind == "SN":
        return f"{first}{second}"
    translated = incoming.connection.translate("lab_values", first)
    if translated is not None:
        return translated
    return second if kind in {"CE", "CWE"} and second else first
