"""Coverage as counted last night, by township: what the manager's overview shows. Missing is no data, never 0."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from xinglin.accounts.data import Permission
from xinglin.contracts import permissions
from xinglin.contracts.data import Rate
from xinglin.contracts.models import Coverage, PopulationBase, Team
from xinglin.contracts.states import Status
from xinglin.platform.actors import Actor

COUNTS = tuple(each.name for each in Coverage._meta.fields if each.name.startswith("n_"))


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of one unit with the clinics it manages, or of all. `living` is None where nobody has entered it."""

    facility_id: int | None
    name: str
    counts: dict[str, int]
    living: int | None
    living_elderly: int | None
    living_source: str
    n_teams: int
    n_members: int
    n_signed_with_teams: int

    @property
    def registered(self) -> Rate:
        """P-01 of residents on record here."""
        return Rate(self.counts["n_signed"], self.counts["n_people"])

    @property
    def of_living(self) -> Rate:
        """P-01 of who lives there, as a source says."""
        return Rate(self.counts["n_signed"], self.living or 0)

    @property
    def key(self) -> Rate:
        """P-02, each person once."""
        return Rate(self.counts["n_key_signed"], self.counts["n_key"])

    @property
    def elderly(self) -> Rate:
        """P-03 of residents on record here."""
        return Rate(self.counts["n_elderly_signed"], self.counts["n_elderly"])

    @property
    def renewal(self) -> Rate:
        """P-04."""
        return Rate(self.counts["n_renewed"], self.counts["n_ending"])

    @property
    def fulfilment(self) -> Rate:
        """P-05."""
        return Rate(self.counts["n_in_time"], self.counts["n_due"])

    @property
    def satisfaction(self) -> Rate:
        """P-07, of answers."""
        return Rate(self.counts["n_content"], self.counts["n_rated"])

    @property
    def members_per_team(self) -> float | None:
        """P-06."""
        return self.n_members / self.n_teams if self.n_teams else None

    @property
    def residents_per_team(self) -> float | None:
        """P-06."""
        return self.n_signed_with_teams / self.n_teams if self.n_teams else None


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a day; `on` is None before the first count."""

    on: date | None
    total: Line
    lines: tuple[Line, ...]


def overview(actor: Actor) -> Overview:
    """The newest count, of the units the actor answers for. Five queries.

    :raises NotPermitted: neither a manager nor a reader of the board
    """
    permissions.may_count(actor).require()
    on = Coverage.objects.order_by("-on").values_list("on", flat=True).first()
    rows = Coverage.objects.select_related("facility__manager").filter(on=on) if on else Coverage.objects.none()
    places = actor.places_where_any(Permission.CONTRACT_MANAGE, Permission.BOARD_VIEW)
    rows = rows if places is None else rows.filter(facility__in=places)
    units: dict[int, list[Coverage]] = defaultdict(list)
    names: dict[int, str] = {}
    for row in rows:
        unit = row.facility.manager or row.facility
        units[unit.pk].append(row)
        names[unit.pk] = str(unit)
    teams, living = _teams(on), _living()
    lines = [_line(pk, names[pk], found, teams, living) for pk, found in units.items()]
    lines.sort(key=lambda each: (each.name, each.facility_id or 0))
    return Overview(on, _total(lines), tuple(lines))


def _line(
    pk: int,
    name: str,
    rows: Iterable[Coverage],
    teams: dict[int, tuple[int, int, int]],
    living: dict[int, PopulationBase],
) -> Line:
    found = list(rows)
    counts = {count: sum(getattr(row, count) for row in found) for count in COUNTS}
    own = teams.get(pk, (0, 0, 0))
    base = living.get(pk)
    return Line(
        pk, name, counts, base.n_people if base else None, base.n_elderly if base else None,
        f"{base.source} {base.as_of}" if base else "", *own,
    )  # fmt: skip


def _total(lines: list[Line]) -> Line:
    """All lines together. What people live there is known only when it is known of each."""
    counts = {count: sum(each.counts[count] for each in lines) for count in COUNTS}
    known = bool(lines) and all(each.living is not None for each in lines)
    living = sum(each.living or 0 for each in lines) if known else None
    sums = [sum(getattr(each, name) for each in lines) for name in ("n_teams", "n_members", "n_signed_with_teams")]
    return Line(None, "", counts, living, None, "", *sums)


def _teams(on: date | None) -> dict[int, tuple[int, int, int]]:
    """Family-doctor teams of each unit, with the clinics it manages: teams, members, residents signed."""
    if on is None:
        return {}
    member = Q(members__since__lte=on) & (Q(members__until__isnull=True) | Q(members__until__gte=on))
    rows = (
        Team.objects.filter(kind=Team.Kind.FAMILY, ended_on__isnull=True)
        .annotate(
            n_members=Count("members", filter=member, distinct=True),
            n_signed=Count("agreements", filter=Q(agreements__status=Status.ACTIVE), distinct=True),
        )
        .values_list("facility_id", "facility__manager_id", "facility__tier", "n_members", "n_signed")
    )
    found: dict[int, tuple[int, int, int]] = {}
    for home, manager, tier, members, signed in rows:
        unit = manager if tier == "VILLAGE" and manager else home
        teams, people, residents = found.get(unit, (0, 0, 0))
        found[unit] = (teams + 1, people + members, residents + signed)
    return found


def _living() -> dict[int, PopulationBase]:
    """The newest population of each unit."""
    return {each.facility_id: each for each in PopulationBase.objects.order_by("as_of", "id")}
