"""Where residents are treated, as a reader may see it: small illness in the township, serious illness in the county.

Origins are townships, areas or consortia; destinations are levels of care, or, opened, the facilities of one. Who may open the
visits of the people it is about sees every number; to others, and in whatever leaves the house, cells of a few people are left
out, so that nothing follows from other periods, levels or chapters either (`flow_guard`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.indicators import permissions
from xinglin.indicators.chapters import titles
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.places import Network
from xinglin.indicators.events import Event
from xinglin.indicators.flow_counts import (
    COUNTY,
    DESTINATIONS,
    ELSEWHERE,
    KINDS,
    NOWHERE,
    OUTSIDE,
    OWN_CLINIC,
    OWN_HOSPITAL,
    TABLES,
    Geography,
    kept_flow,
)
from xinglin.indicators.flow_guard import Guard
from xinglin.indicators.models import FactVersion
from xinglin.indicators.queries import latest_extraction, period_of
from xinglin.indicators.units import unit_names
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.errors import wrong

#: Where people live: by township, or by what townships belong to.
LEVELS = ("township", "area", "consortium")
#: Destinations that open to their facilities. Of treatment outside nobody tells the facility.
OPENED = (OWN_CLINIC, OWN_HOSPITAL, ELSEWHERE, COUNTY)
#: Facilities with a column of their own; the others together, and those nobody names.
NAMED, REST = 12, "+"
WORDS = {
    OWN_CLINIC: _("本乡镇村级机构"), OWN_HOSPITAL: _("本乡镇卫生院"), ELSEWHERE: _("其他乡镇"), COUNTY: _("县级机构"),
    OUTSIDE: _("县外"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: `level` of the origins, `chapter` of the diagnoses (empty: all), `to`: the destination that is opened.

    `leaves`: what is made of it leaves the house, whoever asks.
    """

    period: str
    kind: str = KINDS[0]
    level: str = LEVELS[0]
    chapter: str = ""
    to: str = ""
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """People of one origin: how many were treated where. None: too few to tell."""

    key: str
    name: str
    total: int | None
    cells: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Flows:
    """Who is treated where, as the reader may see it. `destinations`: key and name; `missing`: tables that hold nothing."""

    period: Period
    kind: str
    level: str
    chapter: str
    to: str
    levels: tuple[str, ...] = LEVELS[:1]
    is_whole_county: bool = True
    is_guarded: bool = False
    origins: list[Origin] = field(default_factory=list)
    destinations: list[tuple[str, str]] = field(default_factory=list)
    whole: Origin | None = None
    missing: list[str] = field(default_factory=list)
    extracted_at: datetime | None = None

    @property
    def n_left_out(self) -> int:
        """Cells that are not told."""
        return sum(n is None for origin in self.origins for n in origin.cells.values())


def flows_for(actor: Actor, asked: Asked, *, at: datetime) -> Flows:
    """Who is treated where. :raises NotPermitted: no right to the board. :raises InvalidInput: there is no such period, kind,
    level, chapter or destination
    """
    permissions.may_view_board(actor).require()
    wanted = checked(asked)
    said = {"period": wanted.text, "kind": asked.kind, "level": asked.level, "chapter": asked.chapter, "to": asked.to}
    audit.record(Event.FLOW_VIEWED, by=actor, at=at, detail={key: each for key, each in said.items() if each})
    places = permissions.board_places(actor)
    empty = Flows(wanted, asked.kind, asked.level, asked.chapter, asked.to, is_whole_county=places is None)
    extraction = latest_extraction()
    if extraction is None or extraction.version is None:
        return empty
    return _Reading(actor, extraction.version, wanted, asked, at=at).flows(extraction.finished_at)


def checked(asked: Asked) -> Period:
    """:raises InvalidInput: there is no such period, kind, level, chapter or destination"""
    wanted = period_of(asked.period)
    if asked.kind not in KINDS:
        raise wrong("kind", _("就诊类别是门诊或住院。"))
    if asked.level not in LEVELS:
        raise wrong("level", _("没有这个层级。"))
    if asked.chapter and asked.chapter not in titles():
        raise wrong("chapter", _("没有这一章诊断。"))
    if asked.to and asked.to not in OPENED:
        raise wrong("to", _("没有这个去向，或它不能展开。"))
    return wanted


def is_guarded(actor: Actor, asked: Asked) -> bool:
    """Whether small cells are left out: for who may not open the visits of everybody it tells of."""
    return asked.leaves or not permissions.opens_visits(actor)


class _Reading:
    """One flow of one version for one reader."""

    def __init__(self, actor: Actor, version: FactVersion, period: Period, asked: Asked, *, at: datetime) -> None:
        self._version, self._period, self._at = version, period, at
        self._where = Geography.of(version)
        places = permissions.board_places(actor)
        on = kept.reference(version)
        self._places = None if places is None else Network.of(version).with_merged(places, on=on)
        self._guarded = is_guarded(actor, asked)
        self._levels = _levels(version)
        self._level = asked.level if asked.level in self._levels else LEVELS[0]
        self._kind, self._chapter = asked.kind, asked.chapter
        # a chapter at a facility is told to nobody who may not open the visits
        self._to = "" if self._guarded and asked.chapter else asked.to
        self._guard = Guard(version, asked.kind, period, at=at) if self._guarded else None

    def flows(self, extracted_at: datetime | None) -> Flows:
        row = kept_flow(self._version, self._period, self._kind, chapter=self._chapter, at=self._at)
        counts = self._by_facility(row.cells) if self._to else {}
        facilities = self._named(counts) if self._to else []
        rest = [REST] if counts.keys() - set(facilities) else []
        levels = [each for each in DESTINATIONS if _is_known(each, self._kind, row.missing)]
        columns = [*facilities, *rest] if self._to else levels
        units = self._units(row.cells)
        names = unit_names(self._level, [each for each in units if each])
        origins = [
            self._origin(
                key, names.get(key, key) if key else str(_("居住地未定")), homes, row.cells, columns, facilities
            )
            for key, homes in units.items()
        ]
        origins = [each for each in origins if each.total != 0]
        origins.sort(key=lambda each: (not each.key, -(each.total or 0), each.name))
        whole = self._origin("", str(_("合计")), None, row.cells, columns, facilities) if origins else None
        return Flows(
            self._period, self._kind, self._level, self._chapter, self._to, self._levels, self._places is None,
            self._guarded, origins, self._titles(columns) if origins else [], whole, list(row.missing), extracted_at,
        )  # fmt: skip

    def _by_facility(self, cells: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
        """People by facility of the destination that is opened, of the reader's places, as far as they are told."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for home, places in cells.items():
            for place, n in places.items():
                level, facility = self._where.destination(home, place)
                if level == self._to and self._is_seen(home):
                    found[self._where.township(home), facility] += n
        sums: dict[str, int] = defaultdict(int)
        for (township, facility), n in found.items():
            is_told = self._guard is None or self._guard.tells_facilities({township}, self._to, {facility})
            sums[facility] += n if is_told else 0
        return dict(sums)

    def _is_seen(self, home: str) -> bool:
        return self._places is None or (bool(home) and int(home) in self._places)

    @staticmethod
    def _named(counts: Mapping[str, int]) -> list[str]:
        """Facilities with a column of their own: those that most people went to, as far as they are told."""
        told = [each for each in counts if each and counts[each]]
        return sorted(told, key=lambda each: (-counts[each], each))[:NAMED]

    def _units(self, cells: Mapping[str, object]) -> dict[str, set[str]]:
        """Unit → homes. To who is told guarded numbers, whole units only: a unit is seen by who sees all of it."""
        on = kept.reference(self._version)
        found: dict[str, set[str]] = defaultdict(set)
        partly: set[str] = set()
        placed: set[str] = set()
        for layer in Network.of(self._version).layers(self._level, on=on):
            for facility, unit in (layer.units or {}).items():
                placed.add(str(facility))
                if self._is_seen(str(facility)):
                    found[unit].add(str(facility))
                else:
                    partly.add(unit)
        if nowhere := {home for home in cells if home not in placed and self._is_seen(home)}:
            found[NOWHERE] = nowhere
        if self._guarded:
            if self._places is not None:
                partly.add(NOWHERE)
            found = defaultdict(set, {unit: homes for unit, homes in found.items() if unit not in partly})
        return dict(found)

    def _origin(
        self, key: str, name: str, homes: Collection[str] | None, cells: Mapping[str, Mapping[str, int]],
        columns: list[str], facilities: list[str],
    ) -> Origin:  # fmt: skip
        """`homes` None: everybody the reader sees."""
        chosen = (
            [home for home in cells if self._is_seen(home)]
            if homes is None
            else [each for each in homes if each in cells]
        )
        sums: dict[str, int] = defaultdict(int)
        for home in chosen:
            for place, n in cells[home].items():
                level, facility = self._where.destination(home, place)
                if not self._to:
                    sums[level] += n
                elif level == self._to:
                    sums[facility if facility in facilities else REST] += n
        found = {each: sums.get(each, 0) for each in columns}
        total = sum(found.values())
        if self._guard is None:
            return Origin(key, name, total, found)
        townships = self._townships(homes)
        told = {each: n if self._tells(townships, each) else None for each, n in found.items() if each != REST}
        if REST in found:  # the others follow from those that are told, or they are not told
            is_told = self._tells_total(townships, told) and all(each is not None for each in told.values())
            told[REST] = found[REST] if is_told else None
        return Origin(key, name, total if self._tells_total(townships, told) else None, told)

    def _townships(self, homes: Collection[str] | None) -> set[str] | None:
        """The townships a unit is made of; None for the county. What is made of parts of one is told as nothing is."""
        if homes is None and self._places is None:
            return None
        chosen = set(homes) if homes is not None else {str(each) for each in self._places or ()}
        townships = {self._where.township(each) for each in chosen}
        inside = {str(home) for home, township in self._where.townships.items() if township in townships}
        return townships if NOWHERE in townships or inside <= chosen else {_PART}

    def _tells(self, townships: Collection[str] | None, column: str) -> bool:
        guard = self._guard
        if guard is None:
            return True
        if townships is not None and _PART in townships:
            return False
        if self._to:
            return guard.tells_facilities(townships, self._to, {column})
        if self._chapter:
            return guard.tells_chapter(townships, {column}, self._chapter)
        return guard.tells(townships, {column})

    def _tells_total(self, townships: Collection[str] | None, told: Mapping[str, int | None]) -> bool:
        guard = self._guard
        if guard is None or (townships is not None and _PART in townships):
            return guard is None
        if self._chapter:
            return all(each is not None for each in told.values())
        return guard.tells(townships, {self._to} if self._to else None)

    def _titles(self, columns: Iterable[str]) -> list[tuple[str, str]]:
        names = unit_names("facility", [each for each in columns if each != REST]) if self._to else {}
        words = {REST: str(_("其余机构")), **{key: str(each) for key, each in WORDS.items()}, **names}
        return [(each, words.get(each, each)) for each in columns]


#: Stands for people of a part of a township, which the parting knows nothing of.
_PART = "?"


def _levels(version: FactVersion) -> tuple[str, ...]:
    """Levels that mean something in this county: it has areas, or more than one consortium."""
    network, on = Network.of(version), kept.reference(version)
    found = [LEVELS[0]]
    for level, least in ((LEVELS[1], 1), (LEVELS[2], 2)):
        units = {unit for layer in network.layers(level, on=on) for unit in (layer.units or {}).values()}
        if len(units) >= least:
            found.append(level)
    return tuple(found)


def _is_known(destination: str, kind: str, missing: Collection[str]) -> bool:
    """Whether a destination can be told of: what a table that holds nothing would tell is not known, which is not 0."""
    table = TABLES[kind][-1] if destination == OUTSIDE else TABLES[kind][0]
    return table not in missing
