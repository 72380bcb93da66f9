"""Who takes part in a fund, and what each would get: from a closed round and its frozen figures. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.evaluations.models import Distribution, DistributionLine, Round
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
from xinglin.evaluations.states import FundStatus
from xinglin.indicators import api as indicators
from xinglin.network import api as network
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
    """Units of the fund's kinds with their scores and frozen figures, by name. A unit without a sheet has the score of the
    unit that manages it.
    """
    kinds = frozenset().union(*(each.kinds for each in fund.parts))
    units = [each for each in network.open_facilities() if each.kind in kinds]
    full = as_kept(of_round.plan).full
    sheets = {each.facility_id: each for each in of_round.sheets.all() if each.points is not None}
    managers = network.managers_of([each.id for each in units])
    on = clock.today(of_round.opened_at)
    standings = network.standings_of([each.id for each in units], on=on)
    cells = indicators.cells_of(of_round.snapshot_id, fund.figures)
    placed = [Unit(each.id, each.name, each.kind, township_of(standings[each.id].division_code)) for each in units]
    served = Served(of_round.snapshot_id, fund, placed, on=on)
    found = []
    for each in placed:
        sheet = sheets.get(each.id) or sheets.get(managers.get(each.id) or 0)
        score = Fraction(sheet.points or 0, full) if sheet is not None else None
        of = sheet.name if sheet is not None and sheet.facility_id != each.id else ""
        keys = _keys(each.id, standings[each.id])
        found.append(Taker(each.id, each.name, each.kind, score, of, _figures(fund, each, keys, cells, served)))
    return found


def _keys(facility_id: int, standing: Any) -> dict[str, str]:
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
    """All, for who works on funds; published ones a unit has a part in, for who answers for the unit."""
    found = Distribution.objects.select_related("round")
    if any(actor.may(each) for each in HELD):
        return found
    if actor.place is None or not actor.may(Permission.EVALUATION_ANSWER, at=actor.place):
        return found.none()
    own = DistributionLine.objects.filter(facility=actor.place).values("distribution")
    return found.filter(status__in=TOLD, pk__in=own)


def visible_distribution(actor: Actor, uuid: UUID) -> Distribution:
    """One distribution. :raises NotVisible: out of scope or absent"""
    return the_one(distributions_visible_to(actor), uuid=uuid)


def distributions_page(actor: Actor, *, cursor: str = "") -> Page[Distribution]:
    """Distributions, the latest first."""
    return page_of(distributions_visible_to(actor), by=("-made_at", "-id"), cursor=cursor)


def lines_visible_to(actor: Actor, found: Distribution) -> list[DistributionLine]:
    """Every line for who works on funds; a unit's own for the unit."""
    lines = found.lines.order_by("id")
    if not any(actor.may(each) for each in HELD):
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
    names = dict.fromkeys(each.name for each in lines)
    whys = {(each.name, str(one.get("why", ""))) for each in lines for one in each.factors}
    return Gaps(
        len(names),
        [each for each in names if (each, "no-score") in whys],
        [each for each in names if (each, "no-data") in whys],
    )


def to_approve(actor: Actor, *, limit: int = 20) -> list[Distribution]:
    """Distributions that wait for the actor's approval: worked out by somebody else."""
    if not actor.may(Permission.FUND_APPROVE):
        return []
    found = Distribution.objects.filter(status=FundStatus.SUBMITTED).exclude(made_by=actor.user_id or 0)
    return list(found.select_related("round").order_by("status_changed_at", "id")[:limit])


def closed_rounds() -> list[Round]:
    """Rounds a fund may be shared by, the latest first."""
    return list(Round.objects.filter(status="CLOSED").order_by("-opened_at", "-id")[:40])
