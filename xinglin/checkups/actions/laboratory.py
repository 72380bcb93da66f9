"""The laboratory: a package's panels are asked for through it, and what it releases is taken into the check-up."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.actions.stations import after_station, finish_station, write_found
from xinglin.checkups.data import Found
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, StationVisit
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import api as laboratory
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents


@transaction.atomic
def ask_laboratory(*, visit: StationVisit, by: Actor, at: datetime) -> Any:
    """Ask the county's laboratory for the panels of the package; the containers get their labels there.

    :raises NotPermitted: the actor does not examine there, or may not ask a laboratory
    :raises Conflict: asked already, the package has no panels, or there is no laboratory
    """
    permissions.may_examine(by, visit).require()
    checkup = Checkup.objects.select_for_update(of=("self",)).select_related("resident").get(pk=visit.checkup_id)
    package, centre = rules.package(checkup.package), diagnostics.centres_for(checkup.facility_id, "LAB").first()
    if checkup.laboratory is not None:
        raise Conflict(_("已经送检。"), code="asked-already")
    if package is None or not package.panels or centre is None:
        raise Conflict(_("没有可送检的检验中心或项目，请在本机构检验后录入。"), code="no-laboratory")
    asked = diagnostics.Asked(
        centre=centre, items=package.panels, question=package.definition.title_zh, resident=checkup.resident,
        from_facility_id=checkup.facility_id,
    )  # fmt: skip
    request = laboratory.order_tests(asked=asked, by=by, at=at)
    if request is None:
        raise Conflict(_("近期结果都可互认，不用送检。"), code="recognised")
    Checkup.objects.filter(pk=checkup.pk).update(laboratory=request.uuid)
    announce(
        Event.LABORATORY_ASKED, obj=checkup, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        request=str(request.uuid),
    )  # fmt: skip
    return request


@transaction.atomic
def take_results(*, visit: StationVisit, by: Actor, at: datetime) -> int:
    """Take in what the laboratory has released since the resident came; a value typed here stands.

    :returns: how many values were new
    """
    checkup = (
        Checkup.objects.select_for_update(of=("self",)).select_related("resident", "session").get(pk=visit.checkup_id)
    )
    visit.checkup = checkup
    permissions.may_examine(by, visit).require()
    ids, standing = residents.ids_of_person(checkup.resident), queries.values_of(checkup)
    found: dict[str, Found] = {}
    for code in (each for each in visit.items if each not in standing and rules.analyte_of(each)):
        results = laboratory.results_of(ids, rules.analyte_of(code))
        fresh = [each for each in results if checkup.arrived_at and each.measured_at >= checkup.arrived_at]
        if fresh:
            try:
                found[code] = rules.from_laboratory(code, fresh[-1])
            except ValueError:
                continue  # words, another unit, or not possible for a person: a doctor looks at the laboratory's report
    if not found:
        return 0
    write_found(checkup, found, source="laboratory", by=by, at=at)
    finish_station(visit, by=by, at=at)
    announce(
        Event.RESULTS_TAKEN, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        n=len(found), checkup=str(checkup.uuid),
    )  # fmt: skip
    after_station(checkup, by=by, at=at)
    return len(found)
