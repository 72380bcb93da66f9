"""Who takes part in a fund, and what each would get: from a closed round and its frozen figures. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.evaluations import queries
from xinglin.evaluations.models import Distribution, DistributionLine, Round, Sheet
from xinglin.evaluations.rules.funds import (
    Fund,
    Line,
    NoFigure,
    NoWeight,
    Overrun,
    Taker,
    check,
    funds,
    pool_of,
    share,
)
from xinglin.evaluations.rules.plans import as_kept
from xinglin.evaluations.serving import Served, SharedFigure, Unit, township_of
from xinglin.evaluations.states import FundStatus, RoundStatus
from xinglin.indicators import api as indicators
from xinglin.network import api as network
from xinglin.network.data import Standing
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of
from xinglin.web.formats import listed_text

TOLD = (FundStatus.PUBLISHED, FundStatus.REPLACED)
HELD = (Permission.FUND_MANAGE, Permission.FUND_APPROVE)


def fund_in_force(slug: str) -> Fund:
    """A fund by its name. :raises NotVisible: there is none"""
    found = next((each for each in funds() if each.slug == slug), None)
    if found is None:
        raise NotVisible("evaluations.fund", slug)
    return found


def fund_of(found: Distribution) -> Fund:
    """The fund as it read when the distribution was worked out."""
    return check(found.fund, is_kept=True)


def takers_of(fund: Fund, of_round: Round) -> list[Taker]:
    """Units of the fund's kinds that the round is about, with their scores and frozen figures, by name. A unit without a sheet
    has the score of the unit that manages it.
    """
    kinds = frozenset().union(*(each.kinds for each in fund.parts))
    units = [each for each in network.open_facilities() if each.kind in kinds]
    full = as_kept(of_round.plan).full
    sheets = {each.facility_id: each for each in of_round.sheets.all()}
    managers = network.managers_of([each.id for each in units])
    on = clock.today(of_round.opened_at)
    standings = network.standings_of({*sheets, *(each.id for each in units)}, on=on)
    cells = indicators.cells_of(of_round.snapshot_id, fund.figures)
    placed = [Unit(each.id, each.name, each.kind, township_of(standings[each.id].division_code)) for each in units]
    # whoever else stands in a township has his part of its figure, whether he takes part or not
    served = Served(of_round.snapshot_id, fund, placed, on=on)
    found = []
    for each in _concerned(placed, of_round, sheets, managers, standings):
        sheet = sheets.get(each.id) or sheets.get(managers.get(each.id) or 0)
        score = Fraction(sheet.points, full) if sheet is not None and sheet.points is not None else None
        of = sheet.name if sheet is not None and sheet.facility_id != each.id else ""
        keys = _keys(each.id, standings[each.id])
        found.append(Taker(each.id, each.name, each.kind, score, of, _figures(fund, each, keys, cells, served)))
    return found


def _concerned(
    units: Iterable[Unit], of_round: Round, sheets: Mapping[int, Sheet], managers: Mapping[int, int | None],
    standings: Mapping[int, Standing],
) -> list[Unit]:  # fmt: skip
    """Units with a sheet in the round, those that took one over, and those that one of these manages; of kinds the plan does not
    judge, those of the consortia of the round. A unit that could have been judged and was not, and what it manages, is none.
    """
    merged = network.mergers_of(sheets)
    judged = {*sheets, *(network.successor_of(each) for each in merged)}
    consortia = frozenset().union(*(_consortia(standings[each]) for each in sheets))
    managing = {each for each in managers.values() if each}
    kinds = {pk: each.kind for pk, each in network.facilities_by_id(managing).items()}
    could_be = as_kept(of_round.plan).kinds

    def is_concerned(unit: Unit) -> bool:
        manager = managers.get(unit.id) or 0
        if judged & {unit.id, manager}:
            return True
        return not could_be & {unit.kind, kinds.get(manager, "")} and bool(consortia & _consortia(standings[unit.id]))

    return [each for each in units if is_concerned(each)]


def _consortia(standing: Standing) -> frozenset[int]:
    """The consortia a unit belongs to; those that belong to none are together."""
    return standing.consortia or frozenset({0})


def _keys(facility_id: int, standing: Standing) -> dict[str, str]:
    return {
        "facility": str(facility_id), "county": "all",
        "consortium": str(min(standing.consortia)) if standing.consortia else "",
    }  # fmt: skip


def _figures(
    fund: Fund, unit: Unit, keys: Mapping[str, str], cells: Mapping[tuple[str, str], Mapping[str, Any]], served: Served
) -> dict[tuple[str, str, str], float | None]:
    found: dict[tuple[str, str, str], float | None] = {}
    for each in (factor for part in fund.parts if unit.kind in part.kinds for factor in part.factors):
        if each.level == "township":
            found[each.indicator, each.level, each.part] = served.figure(each, unit)
        elif each.indicator:
            cell = cells.get((each.indicator, each.level), {}).get(keys[each.level])
            # a part of a figure that is not known is not known either, whatever was counted of it
            found[each.indicator, each.level, each.part] = None if cell is None else getattr(cell, each.part)
    return found


@dataclass(frozen=True, slots=True)
class Worked:
    """A fund worked out: what is shared, and every line."""

    fund: Fund
    pool_fen: int
    lines: list[Line]

    @property
    def by_unit(self) -> dict[int, int]:
        """Amounts in fen by unit."""
        found: dict[int, int] = {}
        for each in self.lines:
            found[each.taker.key] = found.get(each.taker.key, 0) + each.fen
        return found


def work_out(fund: Fund, of_round: Round, given: Mapping[str, int]) -> Worked:
    """Share a fund. :raises Conflict: an overrun, a part nobody can have, a figure the fund does not do without, or one that
    several units stand for and that cannot be parted
    """
    try:
        pool = pool_of(fund, given)
        if pool <= 0:
            raise Overrun
        return Worked(fund, pool, share(fund, pool, takers_of(fund, of_round)))
    except Overrun as error:
        words = _("没有结余可分配。超支不自动扣减任何单位，如何处理由人决定。")
        raise Conflict(words, code="overrun") from error
    except NoWeight as error:
        words = _("“%(part)s”没有单位可以参加分配。") % {"part": fund.part(str(error.args[0])).title}
        raise Conflict(words, code="no-weight") from error
    except SharedFigure as error:
        names, slug = error.args
        known = indicators.known_indicators().get(slug)
        words = _("%(units)s在同一乡镇，“%(figure)s”分不到各单位，不能分配。") % {
            "units": listed_text(names),
            "figure": known.title if known else slug,
        }
        raise Conflict(words, code="shared-figure") from error
    except NoFigure as error:
        name, slug = error.args
        known = indicators.known_indicators().get(slug)
        words = _("%(unit)s的“%(figure)s”没有数据，不能分配。") % {
            "unit": name,
            "figure": known.title if known else slug,
        }
        raise Conflict(words, code="no-figure") from error


# What was worked out ---------------------------------------------------------------------------------------------------
def distributions_visible_to(actor: Actor) -> QuerySet[Distribution]:
    """For who works on funds, those that concern his units only; published ones a unit has a part in, for who answers for it."""
    seen = _in_reach(actor, *HELD)
    if actor.place is not None and actor.may(Permission.EVALUATION_ANSWER, at=actor.place):
        own = DistributionLine.objects.filter(facility=actor.place).values("distribution")
        seen |= Q(status__in=TOLD, pk__in=own)
    return Distribution.objects.filter(seen).select_related("round", "replaces")


def _in_reach(actor: Actor, *held: Permission) -> Q:
    """Distributions with no unit, in their round or among their lines, where the actor does not hold one of the permissions."""
    seen = Q(pk__isnull=True)
    for each in held:
        places = actor.places_where(each)
        if places is None:
            return Q(pk__isnull=False)
        if places:
            lines = DistributionLine.objects.filter(distribution=OuterRef("pk")).exclude(facility__in=places)
            seen |= ~Exists(_beyond(places, OuterRef("round"))) & ~Exists(lines)
    return seen


def _beyond(places: frozenset[int], of_round: OuterRef) -> QuerySet[Sheet]:
    return Sheet.objects.filter(round=of_round).exclude(facility__in=places)


def visible_distribution(actor: Actor, uuid: UUID) -> Distribution:
    """One distribution. :raises NotVisible: out of scope or absent"""
    return the_one(distributions_visible_to(actor), uuid=uuid)


def distributions_page(actor: Actor, *, cursor: str = "") -> Page[Distribution]:
    """Distributions, the latest first."""
    return page_of(distributions_visible_to(actor), by=("-made_at", "-id"), cursor=cursor)


def lines_visible_to(actor: Actor, found: Distribution) -> list[DistributionLine]:
    """Every line for who works on funds at all of its units; a unit's own for the unit."""
    lines = found.lines.select_related("facility").order_by("id")
    if not Distribution.objects.filter(_in_reach(actor, *HELD), pk=found.pk).exists():
        lines = lines.filter(facility=actor.place)
    return list(lines)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Units that get less because nothing is known of them, not because they did badly: of `n` units those without a score, and
    those without a figure.
    """

    n: int
    unscored: list[str]
    unknown: list[str]

    def __bool__(self) -> bool:
        return bool(self.unscored or self.unknown)


def gaps_of(lines: list[DistributionLine]) -> Gaps:
    """What whoever approves a distribution should know of its lines."""
    names = {each.facility_id: each.name for each in lines}
    whys = {(each.facility_id, str(one.get("why", ""))) for each in lines for one in each.factors}
    return Gaps(
        len(names),
        [name for unit, name in names.items() if (unit, "no-score") in whys],
        [name for unit, name in names.items() if (unit, "no-data") in whys],
    )


def to_approve(actor: Actor, *, limit: int = 20) -> list[Distribution]:
    """Distributions that wait for the actor's approval: of his units, worked out by somebody else."""
    if not actor.may(Permission.FUND_APPROVE):
        return []
    waiting = Distribution.objects.filter(_in_reach(actor, Permission.FUND_APPROVE), status=FundStatus.SUBMITTED)
    found = waiting.exclude(made_by=actor.user_id or 0)
    return list(found.select_related("round").order_by("status_changed_at", "id")[:limit])


def closed_rounds(actor: Actor) -> list[Round]:
    """Rounds the actor may share a fund by, the latest first."""
    found = queries.rounds_visible_to(actor).filter(status=RoundStatus.CLOSED)
    places = actor.places_where(Permission.FUND_MANAGE)
    if places is not None:
        found = found.filter(~Exists(_beyond(places, OuterRef("pk"))))
    return list(found.order_by("-opened_at", "-id")[:40])
