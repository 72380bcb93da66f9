"""Released results as measurements of a resident, by LOINC code, for those who look over all sources."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.laboratory import catalogue, queries
from xinglin.residents.api import Measurement


def provide(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[Measurement]:
    """The released results that stand, with a figure and no ``<`` or ``>``, newest first. One query."""
    wanted = {each.code: each for each in catalogue.analytes().values() if each.loinc in codes}
    if not wanted:
        return []
    rows = queries.released_figures(resident_ids, list(wanted), since=since)[:limit]
    return [
        Measurement(
            code=wanted[row.analyte].loinc, value=row.number, unit=wanted[row.analyte].unit, at=row.measured_at,
            source=_("检验 %(name)s") % {"name": wanted[row.analyte].title},
            url=reverse("laboratory:order", args=[row.request.uuid]), resident_id=row.request.resident_id,
        )
        for row in rows
        if row.number is not None
    ]  # fmt: skip
