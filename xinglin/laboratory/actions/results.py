"""Results come in, by hand or in a message; each is judged as of the day it was taken and kept in a version of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.laboratory import catalogue, judging, permissions, queries, values
from xinglin.laboratory.actions.releasing import release_by_rules
from xinglin.laboratory.actions.rows import locked_request, require_seen, trimmed
from xinglin.laboratory.catalogue import Analyte
from xinglin.laboratory.data import Measured, Source
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Result, Specimen
from xinglin.laboratory.states import AT_THE_CENTRE, SpecimenStatus
from xinglin.laboratory.values import Value
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents

BEFORE_RELEASE = "发布前更正"


@transaction.atomic
def enter_results(
    *, request: Any, measured: Sequence[Measured], reason: str = "", seen: str = "", by: Actor, at: datetime
) -> list[Result]:
    """Enter results by hand. A value that stands already is left; another one is a correction. `seen`: the token of the
    results that were shown (`queries.seen_token`).

    :raises NotPermitted: the actor does not work at the centre
    :raises Conflict: no specimen is received, the request has ended, or results changed since (``results-changed``)
    :raises InvalidInput: nothing to enter, an item that was not ordered, a value or unit that is none, or the correction
        of a released result without a reason (code ``reason-wanted``). All of it is told, and nothing is kept.
    """
    request = locked_request(request.pk)
    permissions.may_enter(by, request).require()
    require_seen(request, seen)
    return _take(request, measured, source=Source.HAND, source_key="", reason=reason, by=by, at=at)


@transaction.atomic
def take_results(
    *,
    request: Any,
    measured: Sequence[Measured],
    source: str,
    source_key: str,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> list[Result]:
    """Take results from a system or an instrument. `source_key` names the message. Taken twice, they are there once.

    :raises NotPermitted: the actor does not work at the centre
    :raises Conflict: no specimen is received, or the request has ended
    :raises InvalidInput: as in `enter_results`
    """
    request = locked_request(request.pk)
    permissions.may_enter(by, request).require()
    return _take(request, measured, source=source, source_key=source_key[:60], reason=reason, by=by, at=at)


def _take(
    request: Any, measured: Sequence[Measured], *, source: str, source_key: str, reason: str, by: Actor, at: datetime
) -> list[Result]:
    reason = trimmed(reason, "reason", most=200)
    if not measured:
        raise InvalidInput(_("没有填写任何结果。"), fields={"results": _("没有填写任何结果。")})
    places, read = _places(request), _read_all(request, measured)
    standing = {each.analyte: each for each in queries.newest_results(request)}
    released = queries.released_ids(request)
    found = []
    for each, analyte, value in read:
        former = standing.get(analyte.code)
        if former is not None and former.text == value.text:
            continue
        why = "" if former is None else reason or ("" if former.pk in released else BEFORE_RELEASE)
        if former is not None and not why:
            told = _("%(item)s已经发布，更正须写明原因。") % {"item": analyte.title}
            raise InvalidInput(told, fields={"reason": told}, code="reason-wanted")
        found.append(_row(request, places[analyte.code], each, analyte, value, former=former, at=at))
        row = found[-1]
        row.source, row.source_key, row.reason = source, source_key, why
        row.entered_by, row.entered_by_name = by.user_id, by.name[:80]
        row.save()
    if found:
        announce(
            Event.RESULTS_ENTERED, obj=request, subject=request.resident.uuid, by=by, at=at,
            place=request.centre.facility_id, n=len(found), source=str(source),
            corrections=sum(each.version > 1 for each in found),
        )  # fmt: skip
        release_by_rules(request, by=by, at=at)
    return found


def _places(request: Any) -> dict[str, Specimen]:
    """In which received specimen each item is measured."""
    found: dict[str, Specimen] = {}
    for specimen in request.specimens.select_related("shipment").order_by("pk"):
        if specimen.status in AT_THE_CENTRE:
            for code in queries.analytes_of(specimen):
                found.setdefault(code, specimen)
    return found


def _read_all(request: Any, measured: Sequence[Measured]) -> list[tuple[Measured, Analyte, Value]]:
    """Every value in our words. :raises InvalidInput: everything that is wrong, by item"""
    known, places = catalogue.analytes(), _places(request)
    read, wrong, code = [], {}, ""
    for each in measured:
        try:
            if each.analyte not in known or each.analyte not in places:
                raise _not_asked(request, each.analyte)
            analyte = known[each.analyte]
            read.append((each, analyte, values.read(analyte, each.value, each.unit)))
        except InvalidInput as error:
            wrong[each.analyte] = error.message
            code = code or error.code
    if wrong:
        first = next(iter(wrong.values()))
        raise InvalidInput(first, fields=wrong, code=code)
    if len({each.analyte for each, _analyte, _value in read}) < len(read):
        told = _("同一项目出现了两次。")
        raise InvalidInput(told, fields={"results": told}, code="twice")
    return read


def _not_asked(request: Any, code: str) -> InvalidInput:
    title = catalogue.analyte(code).title[:40]
    for specimen in request.specimens.all():
        if code in queries.analytes_of(specimen):
            told = (
                _("%(item)s的标本已被拒收。")
                if specimen.status == SpecimenStatus.REFUSED
                else _("%(item)s的标本还没有核收。")
            ) % {"item": title}
            return InvalidInput(told, fields={code[:20]: told}, code="no-specimen")
    told = _("申请中没有这个项目：%(item)s。") % {"item": title}
    return InvalidInput(told, fields={code[:20]: told}, code="not-ordered")


def _row(
    request: Any, specimen: Specimen, given: Measured, analyte: Analyte, value: Value, *, former: Result | None,
    at: datetime,
) -> Result:  # fmt: skip
    resident, taken = request.resident, specimen.collected_at or at
    judged = judging.judge(analyte, value, sex=resident.sex, born_on=resident.born_on, on=clock.today(taken))
    row = Result(
        request=request, specimen=specimen, resident=resident, analyte=analyte.code,
        version=former.version + 1 if former else 1, text=value.text, number=value.number, comparator=value.comparator,
        unit=analyte.shown, flag=judged.flag, range_known=judged.is_known, low=judged.low, high=judged.high,
        critical=judged.critical, definition=analyte.version, instrument=given.instrument[:40],
        measured_at=given.measured_at or at, entered_at=at,
    )  # fmt: skip
    if value.number is not None:
        ids = residents.ids_of_person(resident)
        last = queries.last_released(ids, analyte.code, before=row.measured_at, without=request.pk)
        if last is not None and last.number is not None:
            delta = judging.delta_of(analyte, value.number, last.number, apart=row.measured_at - last.measured_at)
            row.previous, row.change, row.change_percent = last, delta.change, delta.percent
            row.delta_failed = delta.failed
    return row
