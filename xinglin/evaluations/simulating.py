"""What if: a distribution beside the same fund with other percentages or another least score. Nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.evaluations.models import Distribution
from xinglin.evaluations.rules.funds import with_changes
from xinglin.evaluations.sharing import fund_of, work_out
from xinglin.platform.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Compared:
    """One unit: what it gets, and what it would get."""

    uuid: UUID
    name: str
    fen: int
    what_if_fen: int

    @property
    def difference(self) -> int:
        """How much more, in fen."""
        return self.what_if_fen - self.fen


def compared(
    found: Distribution, *, percents: Mapping[str, Fraction] | None = None, least: Fraction | None = None
) -> list[Compared]:
    """Each unit beside what it would get of the same pool, by name.

    :raises InvalidInput: percentages that do not add up to 100, or of parts there are not
    :raises Conflict: nobody could have a part
    """
    fund = fund_of(found)
    if unknown := set(percents or {}) - {each.code for each in fund.parts}:
        words = _("没有这一部分。")
        raise InvalidInput(words, fields={sorted(unknown)[0][:20]: words})
    try:
        changed = with_changes(fund, percents=percents, least=least)
    except ValueError as error:
        words = _("各部分的百分比合计应为100。")
        raise InvalidInput(words, fields={"percents": words}) from error
    # the pool is the same, whatever it came from
    given = {"amount": found.pool_fen}
    what_if = work_out(replace(changed, pool="amount"), found.round, given).by_unit
    rows: dict[int, Compared] = {}
    for line in found.lines.select_related("facility").order_by("id"):
        before = rows.get(line.facility_id)
        fen = line.fen + (before.fen if before else 0)
        rows[line.facility_id] = Compared(line.facility.uuid, line.name, fen, what_if.get(line.facility_id, 0))
    return list(rows.values())
