"""From cells to the file that leaves: a sheet in the return's layout, a data-value set of DHIS2, a Bundle of FHIR."""

from collections.abc import Iterable, Sequence

from xinglin.indicators.api import Period
from xinglin.submissions.formats import dhis2, fhir, sheets
from xinglin.submissions.formats.made import Made
from xinglin.submissions.forms import Form
from xinglin.submissions.models import Cell

__all__ = ["Made", "render"]


def render(
    form: Form, period: Period, cells: Sequence[Cell], *, number: str, told: Iterable[Sequence[Cell]] = ()
) -> Made:
    """The file of a form: the same cells give the same bytes. `number` names the submission; `told`: cells of earlier turns
    that the receiver may still hold.
    """
    if form.format == "dhis2-json":
        return dhis2.as_json(form, period, cells, told)
    if form.format == "dhis2-csv":
        return dhis2.as_csv(form, period, cells, told)
    if form.format == "fhir":
        return fhir.bundle_of(form, period, cells, number=number)
    return sheets.as_csv(form, period, cells) if form.format == "csv" else sheets.as_workbook(form, period, cells)
