"""The population of a programme: who should be in, who is, how they do. Counts over rates, unknown is no data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.finding import known_box
from xinglin.platform.paging import Page, page_of
from xinglin.programmes import counting, secrecy
from xinglin.programmes.data import AlertLevel
from xinglin.programmes.judging import one_year_before
from xinglin.programmes.models import Enrolment
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.settings import rule
from xinglin.programmes.states import ACTIVE, MANAGED, Status
from xinglin.visits import api as visits

#: What a list may hold: each figure of the page leads to one.
LISTS: Mapping[str, object] = {
    "candidates": _("待核实"), "confirmed": _("已核实待建档"), "managed": _("在管"), "on-time": _("按时"), "overdue": _("逾期"),
    "controlled": _("控制"), "uncontrolled": _("未控制"), "unmeasured": _("未评估"), "difficult": _("疑难"), "yearly": _("年度评估到期"), "lost": _("失访"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """One programme at one place. `expected` is an estimate by prevalence, `diagnosed` a count of records."""

    place: int
    name: str
    expected: int | None
    diagnosed: int
    candidates: int
    confirmed: int
    managed: int
    on_time: int
    measured: int
    controlled: int
    lost: int

    @property
    def control_rate(self) -> float | None:
        """Controlled of all managed: who was not measured counts as not controlled (the reporting definition)."""
        return self.controlled / self.managed if self.managed else None

    @property
    def on_time_rate(self) -> float | None:
        """Of the managed those whose next day has not passed."""
        return self.on_time / self.managed if self.managed else None

    @property
    def is_comparable(self) -> bool:
        """Whether there are enough for a comparison."""
        return self.managed >= rule("quality", "smallest_group")


def places_counted(actor: Actor) -> frozenset[int] | None:
    """Facilities whose figures the actor may see; None means all. Figures name nobody."""
    if Permission.BOARD_VIEW in actor.permissions and actor.places_where(Permission.BOARD_VIEW) is None:
        return None
    found: set[int] = set()
    for permission in (Permission.PROGRAMME_VIEW, Permission.BOARD_VIEW):
        places = actor.places_where(permission)
        if places is None:
            return None
        found |= places
    return frozenset(found)


def counts(places: frozenset[int] | None, programme: Programme, *, on: date) -> list[Counts]:
    """The figures of a programme by managing facility. Four queries, whatever the number of facilities."""
    rows = Enrolment.objects.filter(programme=programme.slug)
    if places is not None:
        rows = rows.filter(facility_id__in=places)
    enrolled = Q(status=Status.ENROLLED)
    figures = rows.order_by().values("facility_id").annotate(
        candidates=Count("id", filter=Q(status=Status.CANDIDATE)),
        confirmed=Count("id", filter=Q(status=Status.CONFIRMED)),
        managed=Count("id", filter=Q(status__in=MANAGED)),
        on_time=Count("id", filter=enrolled & Q(next_due_on__gte=on)),
        measured=Count("id", filter=enrolled & Q(is_controlled__isnull=False)),
        controlled=Count("id", filter=enrolled & Q(is_controlled=True)),
        lost=Count("id", filter=Q(status=Status.LOST)),
    )  # fmt: skip
    by_place = {each["facility_id"]: {name: n for name, n in each.items() if name != "facility_id"} for each in figures}
    expected, diagnosed = _expected(places, programme, on=on), diagnosed_at(places, programme)[0]
    known = set(by_place) | set(expected) | set(diagnosed)
    names = network.facility_names(known)
    nothing = dict.fromkeys(("candidates", "confirmed", "managed", "on_time", "measured", "controlled", "lost"), 0)
    return sorted(
        (
            Counts(
                place=place, name=names.get(place, ""), expected=expected.get(place),
                diagnosed=diagnosed.get(place, 0), **(by_place.get(place) or nothing),
            )
            for place in known
        ),
        key=lambda each: (-each.managed, each.name),
    )  # fmt: skip


def _expected(places: frozenset[int] | None, programme: Programme, *, on: date) -> dict[int, int]:
    prevalence = programme.prevalence
    if prevalence is None:
        return {}
    counted = counting.living([prevalence.from_age], places, on=on).by[str(prevalence.from_age)]
    return {place: round(n * prevalence.share) for place, n in counted.items()}


def diagnosed_at(places: frozenset[int] | None, programme: Programme) -> tuple[dict[int, int], datetime | None]:
    """How many residents have the diagnosis, by facility, and when they were counted: None means just now. One query when kept."""
    if not programme.diseases:
        return {}, None
    found = counting.diagnosed({programme.slug: programme.diseases}, places)
    return dict(found.by[programme.slug]), found.at


def undiscovered(places: frozenset[int] | None, programme: Programme, *, limit: int) -> list[int]:
    """Ids of residents with the diagnosis whom nobody has looked at for the programme; of who left it, since then."""
    enrolments = Enrolment.objects.filter(programme=programme.slug)
    looked = enrolments.filter(status__in=[*ACTIVE, Status.DISMISSED]).values("resident_id")
    left = enrolments.filter(
        status__in=[Status.ENDED, Status.GRADUATED], resident_id=OuterRef("visit__resident_id"),
        ended_on__gte=OuterRef("day"),
    )  # fmt: skip
    rows = visits.diagnosed(programme.diseases, facility_ids=places).exclude(visit__resident_id__in=looked)
    rows = rows.annotate(day=TruncDate("visit__started_at")).filter(~Exists(left))
    return list(rows.order_by("visit__resident_id").values_list("visit__resident_id", flat=True).distinct()[:limit])


@dataclass(frozen=True, slots=True)
class Behind:
    """Which list stands behind a figure: of one programme, of one facility, of a township unit with the clinics below it (`unit`), at one
    grade ("": not graded); all where it is not said.
    """

    of: str
    programme: str = ""
    facility: int | None = None
    unit: int | None = None
    grade: str | None = None


def people(actor: Actor, behind: Behind, *, on: date, cursor: str = "") -> Page[Enrolment]:
    """One page of the list behind a figure, at the facilities where the actor looks at programmes. One query, three for a unit.

    :raises InvalidInput: there is no such list
    """
    known_box(LISTS, behind.of, field="of")
    rows = at_places(actor).filter(_in_list(behind.of, on)).select_related("resident", "facility")
    if behind.programme:
        rows = rows.filter(programme=behind.programme)
    if behind.facility is not None:
        rows = rows.filter(facility_id=behind.facility)
    if behind.unit is not None:
        rows = rows.filter(facility_id__in=network.unit_facilities(behind.unit))
    if behind.grade is not None:
        rows = rows.filter(grade=behind.grade)
    return page_of(rows, by=("-severity", "created_at", "id"), cursor=cursor)


def first_shown(actor: Actor, slugs: Sequence[str]) -> str:
    """Of programmes the first in which somebody is managed at the places whose figures the actor may see; else the first
    of which there is an estimate.
    """
    places = places_counted(actor)
    rows = Enrolment.objects.filter(status__in=MANAGED)
    if places is not None:
        rows = rows.filter(facility_id__in=places)
    managed = set(rows.order_by().values_list("programme", flat=True).distinct())
    estimated = (each for each in slugs if catalogue.programme(each).prevalence is not None)
    return next((each for each in slugs if each in managed), next(estimated, slugs[0]))


def list_counts(actor: Actor, *, programme: str = "", on: date) -> dict[str, int]:
    """How many each list holds. One query."""
    rows = at_places(actor)
    if programme:
        rows = rows.filter(programme=programme)
    return rows.aggregate(**{name: Count("id", filter=_in_list(name, on)) for name in LISTS})


def at_places(actor: Actor) -> QuerySet[Enrolment]:
    """Enrolments of the facilities where the actor looks at programmes."""
    places = actor.places_where(Permission.PROGRAMME_VIEW)
    rows = secrecy.known_to(actor, Enrolment.objects.filter(status__in=ACTIVE))
    return rows if places is None else rows.filter(facility_id__in=places)


def _in_list(of: str, on: date) -> Q:
    enrolled = Q(status=Status.ENROLLED)
    a_year_ago = one_year_before(on)
    return {
        "candidates": Q(status=Status.CANDIDATE),
        "confirmed": Q(status=Status.CONFIRMED),
        "managed": Q(status__in=MANAGED),
        "on-time": enrolled & Q(next_due_on__gte=on),
        "overdue": enrolled & Q(next_due_on__lt=on),
        "controlled": enrolled & Q(is_controlled=True),
        "uncontrolled": enrolled & Q(is_controlled=False),
        "unmeasured": enrolled & Q(is_controlled__isnull=True),
        "difficult": enrolled & (Q(severity__gte=AlertLevel.REFER) | Q(n_uncontrolled__gte=2)),
        "yearly": enrolled & (Q(yearly_on__lt=a_year_ago) | Q(yearly_on__isnull=True, enrolled_on__lt=a_year_ago)),
        "lost": Q(status=Status.LOST),
    }[of]
