"""Three levels and the chief physician's team: who must do what, how a disease goes over the townships."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, QuerySet, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.programmes import guarding, population, secrecy
from xinglin.programmes.data import CheckResult
from xinglin.programmes.models import Enrolment, ProgrammeVisit, QualityCheck
from xinglin.programmes.population import Counts
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.settings import rule
from xinglin.programmes.states import MANAGED


@dataclass(frozen=True, slots=True)
class Level:
    """One of the three levels: its name, what it does, and the lists it works through."""

    title: Promise
    duties: Promise
    lists: tuple[tuple[str, Promise], ...]


LEVELS = {
    "VILLAGE": Level(
        _("三高之家"),
        _("发现、测量、首诊、随访、提醒"),
        (
            ("overdue", _("逾期要随访")), ("candidates", _("待核实，请协助确诊")), ("difficult", _("需转诊或已转诊，要追踪")),
            ("lost", _("失访，要找人")),
        ),
    ),
    "TOWNSHIP": Level(
        _("三高基地"),
        _("诊断、定方案、并发症筛查、上转、接回"),
        (
            ("candidates", _("待确诊")), ("confirmed", _("待定方案建档")), ("yearly", _("并发症筛查、年度评估到期")),
            ("uncontrolled", _("未控制，要调整")), ("difficult", _("要上转或已接回")),
        ),
    ),
    "COUNTY": Level(
        _("三高中心"),
        _("疑难病例、并发症、定方案、下转、培训、质控"),
        (("difficult", _("疑难病例")), ("uncontrolled", _("未控制")), ("yearly", _("年度评估到期"))),
    ),
}  # fmt: skip


def by_township(actor: Actor, programme: Programme, *, on: date) -> list[tuple[Counts, frozenset[str]]]:
    """The figures of a programme for the whole county, by township unit, each with the names of the cells that are left out because they
    tell of a few people whom the actor may not see. Groups too small to compare come last.
    """
    rows = population.counts(None, programme, on=on)
    own = actor.places_where(Permission.PROGRAMME_VIEW)
    closed = set() if own is None else {each.place for each in rows} - own
    unit_of = network.units_of({each.place for each in rows})
    found = by_unit(rows, unit_of)
    found.sort(
        key=lambda each: (not each.is_comparable, -(each.control_rate or 0) if each.is_comparable else 0, each.name)
    )
    with_strangers = {unit_of[place] for place in closed}
    hidden = guarding.hidden_cells(found, lambda each: each.place not in with_strangers)
    return [(each, hidden[each.place]) for each in found]


def by_unit(rows: Sequence[Counts], unit_of: Mapping[int, int]) -> list[Counts]:
    """Figures of facilities summed by the unit each is told under. One query."""
    sums: dict[int, Counts] = {}
    for each in rows:
        place = unit_of[each.place]
        sums[place] = _added(sums[place], each) if place in sums else replace(each, place=place)
    names = network.facility_names(sums)
    return [replace(each, name=names.get(each.place, "")) for each in sums.values()]


def _added(one: Counts, other: Counts) -> Counts:
    summed = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("diagnosed", "candidates", "confirmed", "managed", "on_time", "measured", "controlled", "lost")
    }
    known = [each.expected for each in (one, other) if each.expected is not None]
    return replace(one, expected=sum(known) if known else None, **summed)


def grades(actor: Actor, programme: Programme) -> list[tuple[str, int | None, str | None]]:
    """How many managed residents of the county stand at each grade, with its slug; those never graded last ("", or None where grades of
    older versions are among them). A number of None: left out, for who may not see the people.
    """
    rows = Enrolment.objects.filter(programme=programme.slug, status__in=MANAGED).order_by()
    counted = dict(rows.values_list("grade").annotate(n=Count("id")))
    known = {str(each.title): counted.pop(each.slug, 0) for each in programme.grades}
    known[str(_("未分级"))] = sum(counted.values())
    shown = known if sees_all(actor, programme.slug, permission=Permission.PROGRAMME_VIEW) else guarding.guarded(known)
    slugs: dict[str, str | None] = {str(each.title): each.slug for each in programme.grades}
    slugs[str(_("未分级"))] = None if counted.keys() - {""} else ""
    return [(title, n, slugs[title]) for title, n in shown.items()]


def _checks_seen(actor: Actor, programme: str) -> QuerySet[QualityCheck]:
    places = actor.places_where(Permission.PROGRAMME_LEAD)
    if programme in secrecy.secrets():
        places = _both(places, actor.places_where(Permission.PROGRAMME_CONFIDENTIAL))
    rows = QualityCheck.objects.filter(programme=programme)
    return rows if places is None else rows.filter(visit__facility_id__in=places)


def checks_of(actor: Actor, programme: str, *, limit: int = 50) -> list[QualityCheck]:
    """Visits drawn for call-back where the actor leads, the open ones first."""
    rows = _checks_seen(actor, programme).select_related("visit__resident", "visit__facility")
    is_done = Case(When(result__in=["", CheckResult.UNREACHED], then=0), default=1)
    return list(rows.order_by(is_done, "result", "-drawn_at", "-id")[:limit])


def told_checks(actor: Actor, visit: ProgrammeVisit) -> list[QualityCheck]:
    """What call-backs found about a visit the actor has seen; of secret programmes for who may know of them."""
    rows = visit.checks.exclude(result__in=["", CheckResult.UNREACHED]).order_by("-checked_at", "-id")
    return [each for each in rows if secrecy.may_know(actor, each.programme, visit.facility_id)]


def _both(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    return other if one is None else one if other is None else one & other


def visible_check(actor: Actor, uuid: UUID) -> QualityCheck:
    """One drawn visit. :raises NotVisible: it does not exist, or the actor does not lead there"""
    places = actor.places_where(Permission.PROGRAMME_LEAD)
    rows = QualityCheck.objects.select_related("visit__resident__managed_by", "visit__facility").filter(uuid=uuid)
    found = (rows if places is None else rows.filter(visit__facility_id__in=places)).first()
    if found is None or not secrecy.may_know(actor, found.programme, found.visit.facility_id):
        raise NotVisible("programmes.qualitycheck", uuid)
    return found


def sees_all(actor: Actor, programme: str = "", *, permission: str = Permission.PROGRAMME_LEAD) -> bool:
    """Whether the actor's post reaches everybody who is in a programme, in any when none is named."""
    places = actor.places_where(permission)
    rows = Enrolment.objects.filter(programme=programme) if programme else Enrolment.objects.all()
    return places is None or not rows.exclude(facility_id__in=places).exists()


def truth(actor: Actor, programme: str) -> dict[str, int]:
    """Of all visits drawn where the actor leads: how many were asked about, and how many of those were true. One query."""
    rows = _checks_seen(actor, programme).order_by().values_list("result").annotate(n=Count("id"))
    counts = dict(rows)
    asked = sum(n for result, n in counts.items() if result not in {"", CheckResult.UNREACHED})
    return {"asked": asked, "true": counts.get(CheckResult.TRUE, 0), "drawn": sum(counts.values())}


def smallest_group() -> int:
    """Below so many residents nothing is compared."""
    return rule("quality", "smallest_group")
