"""Coverage as counted last night, by township: what the manager's overview shows. Missing is no data, never 0."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Q

from xinglin.accounts.data import Permission
from xinglin.contracts import permissions
from xinglin.contracts.data import Rate
from xinglin.contracts.models import Coverage, PopulationBase, Team
from xinglin.contracts.states import Status
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.small import hidden, is_small

#: Rates of people and of what is done for them: part and whole.
RATES: Mapping[str, tuple[str, str]] = {
    "registered": ("n_signed", "n_people"), "key": ("n_key_signed", "n_key"), "elderly": ("n_elderly_signed", "n_elderly"),
    "renewal": ("n_renewed", "n_ending"), "fulfilment": ("n_in_time", "n_due"), "satisfaction": ("n_content", "n_rated"),
}  # fmt: skip
_LEFT_OUT = Rate(0, 0, is_left_out=True)
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
    places: frozenset[int] = frozenset()
    left_out: frozenset[str] = frozenset()  # names of rates of too few people

    def _rate(self, name: str) -> Rate:
        return _LEFT_OUT if name in self.left_out else rate_of(self.counts, name)

    @property
    def registered(self) -> Rate:
        """P-01 of residents on record here."""
        return self._rate("registered")

    @property
    def of_living(self) -> Rate:
        """P-01 of who lives there, as a source says."""
        return _LEFT_OUT if "registered" in self.left_out else Rate(self.counts["n_signed"], self.living or 0)

    @property
    def key(self) -> Rate:
        """P-02, each person once."""
        return self._rate("key")

    @property
    def elderly(self) -> Rate:
        """P-03 of residents on record here."""
        return self._rate("elderly")

    @property
    def renewal(self) -> Rate:
        """P-04."""
        return self._rate("renewal")

    @property
    def fulfilment(self) -> Rate:
        """P-05."""
        return self._rate("fulfilment")

    @property
    def satisfaction(self) -> Rate:
        """P-07, of answers."""
        return self._rate("satisfaction")

    @property
    def members_per_team(self) -> float | None:
        """P-06."""
        return self.n_members / self.n_teams if self.n_teams else None

    @property
    def residents_per_team(self) -> float | None:
        """P-06."""
        known = self.n_teams and "registered" not in self.left_out
        return self.n_signed_with_teams / self.n_teams if known else None


def rate_of(counts: Mapping[str, int], name: str) -> Rate:
    """A rate from what was counted."""
    part, whole = RATES[name]
    return Rate(counts[part], counts[whole])


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a day; `on` is None before the first count."""

    on: date | None
    total: Line
    lines: tuple[Line, ...]

    @property
    def leaves_out(self) -> bool:
        """Whether anything is left out."""
        return any(each.left_out for each in (self.total, *self.lines))


def overview(actor: Actor) -> Overview:
    """The newest count, of the units the actor answers for; who may not open the agreements of a unit is not told of few people
    there. Seven queries.

    :raises NotPermitted: neither a manager nor a reader of the board
    """
    permissions.may_count(actor).require()
    on = Coverage.objects.order_by("-on").values_list("on", flat=True).first()
    rows = Coverage.objects.filter(on=on) if on else Coverage.objects.none()
    places = actor.places_where_any(Permission.CONTRACT_MANAGE, Permission.BOARD_VIEW)
    rows = rows if places is None else rows.filter(facility__in=places)
    unit_of = network.units_of(row.facility_id for row in rows)
    units: dict[int, list[Coverage]] = defaultdict(list)
    for row in rows:
        units[unit_of[row.facility_id]].append(row)
    names, teams, living = network.facility_names(units), _teams(on), _living()
    lines = [_line(pk, names[pk], found, teams, living) for pk, found in units.items()]
    lines.sort(key=lambda each: (each.name, each.facility_id or 0))
    total = _total(lines)
    (told,) = guarded([total], actor)
    return Overview(on, told, tuple(guarded(lines, actor)))


def guarded(lines: Sequence[Line], actor: Actor) -> list[Line]:
    """Lines of one table without rates of few people, where the actor may not open the agreements behind them: its part, what
    is not of the part, or its whole. Where one alone would be left out, the smallest other one goes with it.
    """
    own = actor.places_where(Permission.CONTRACT_VIEW)
    closed = [n for n, each in enumerate(lines) if own is not None and not each.places <= own]
    gone: dict[int, set[str]] = {n: set() for n in closed}
    for name in RATES:
        rates = {n: rate_of(lines[n].counts, name) for n in closed}
        few = {
            n: bool(each.of) and (is_small(each.n, each.of) or is_small(each.of - each.n)) for n, each in rates.items()
        }
        for n in hidden(few, {n: each.of for n, each in rates.items() if each.of}):
            gone[n].add(name)
    return [replace(each, left_out=frozenset(gone.get(n, ()))) for n, each in enumerate(lines)]


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
        f"{base.source} {base.as_of}" if base else "", *own, frozenset(row.facility_id for row in found),
    )  # fmt: skip


def _total(lines: list[Line]) -> Line:
    """All lines together. What people live there is known only when it is known of each."""
    counts = {count: sum(each.counts[count] for each in lines) for count in COUNTS}
    known = bool(lines) and all(each.living is not None for each in lines)
    living = sum(each.living or 0 for each in lines) if known else None
    return Line(
        None, "", counts, living, None, "", sum(each.n_teams for each in lines), sum(each.n_members for each in lines),
        sum(each.n_signed_with_teams for each in lines), frozenset[int]().union(*(each.places for each in lines)),
    )  # fmt: skip


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
        .values_list("facility_id", "n_members", "n_signed")
    )
    unit_of = network.units_of(home for home, _members, _signed in rows)
    found: dict[int, tuple[int, int, int]] = {}
    for home, members, signed in rows:
        unit = unit_of[home]
        teams, people, residents = found.get(unit, (0, 0, 0))
        found[unit] = (teams + 1, people + members, residents + signed)
    return found


def _living() -> dict[int, PopulationBase]:
    """The newest population of each unit."""
    return {each.facility_id: each for each in PopulationBase.objects.order_by("as_of", "id")}
