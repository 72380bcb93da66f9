"""On the pages of a visit: measure the pressure of the year, and make the visit into the programme's."""

from datetime import datetime
from typing import Any

from xinglin.accounts.data import Permission
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.programmes import finding, queries, titles
from xinglin.programmes.models import ProgrammeVisit
from xinglin.programmes.settings import rule
from xinglin.programmes.states import MANAGED, Status
from xinglin.visits import api as visits


def before(actor: Actor, resident: Any, _visit: Any, at: datetime) -> visits.Panel | None:
    """The reminder to take the first pressure of the year, and programmes a person should look at."""
    if Permission.PROGRAMME_DO not in actor.permissions:
        return None
    today = clock.today(at)
    is_of_age = visits.age_in_months(resident.born_on, today) // 12 >= rule("screening", "pressure_from_age")
    enrolments = queries.enrolments_known_to(actor, resident)
    facts = {
        "measure": is_of_age and not finding.pressure_asked_this_year(resident, on=today),
        "candidates": [titles.short(each.programme) for each in enrolments if each.status == Status.CANDIDATE],
        "resident": resident,
    }
    return visits.Panel("programmes/_before.html", facts) if facts["measure"] or facts["candidates"] else None


def after(actor: Actor, resident: Any, visit: Any, at: datetime) -> visits.Panel | None:
    """The button that makes this visit into the programme visit, values taken over."""
    if Permission.PROGRAMME_DO not in actor.permissions or visit.status == "VOIDED" or visit.systolic is None:
        return None
    if not actor.may(Permission.PROGRAMME_DO, at=visit.facility_id):
        return None
    made = ProgrammeVisit.objects.filter(visit=visit).values_list("uuid", flat=True).first()
    managed = [each for each in queries.enrolments_known_to(actor, resident) if each.status in MANAGED]
    if not managed and made is None:
        return None
    facts = {"visit": visit, "made": made, "programmes": [titles.short(each.programme) for each in managed]}
    return visits.Panel("programmes/_after.html", facts)
