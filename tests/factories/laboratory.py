"""Laboratory orders walked to a state by the real actions: Alma orders and takes, Li receives and enters, Luo releases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.factories.county import NOW, START, County
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions as diagnostics
from xinglin.diagnostics.data import Answer, Asked
from xinglin.diagnostics.models import Centre
from xinglin.diagnostics.order_checks import AlreadyKnown
from xinglin.laboratory import actions
from xinglin.laboratory.data import Measured
from xinglin.laboratory.models import Specimen
from xinglin.platform.actors import Actor, system_actor

MINUTE = timedelta(minutes=1)
#: Electrolytes of an adult, all inside their ranges.
ELECTROLYTES = {"K": "4.20", "NA": "140.0", "CL": "103.0", "CA": "2.30"}
#: The same with a potassium that endangers life.
CRITICAL = {**ELECTROLYTES, "K": "6.80"}


def a_laboratory(county: County) -> Centre:
    """The laboratory centre, at the county hospital; the same one each time it is asked for."""
    found = Centre.objects.filter(code="LAB01").first()
    return found or diagnostics.open_centre(
        code="LAB01", name="县域医学检验中心", kind="LAB", facility_id=county.hospital.pk, by=system_actor("setup"),
        at=START,
    )  # fmt: skip


def li(county: County) -> Actor:
    """Laboratory technician at the county hospital."""
    return county.actor(county.user("li", "laboratory-technician", county.hospital, name="李"))


def luo(county: County) -> Actor:
    """Laboratory doctor at the county hospital."""
    return county.actor(county.user("luo", "laboratory-doctor", county.hospital, name="罗"))


def an_order(
    county: County,
    *,
    panels: Sequence[str] = ("electrolytes",),
    resident: Any = None,
    at: datetime = NOW,
    **fields: Any,
) -> Any:
    """Alma orders panels for a resident of hers."""
    by = fields.pop("by", county.alma)
    if "visit" not in fields:
        fields.setdefault("from_facility_id", county.clinic.pk)
        fields["resident"] = resident or a_resident(county)
    fields.setdefault("question", "乏力3天，查电解质")
    asked = Asked(**{"centre": a_laboratory(county), "items": panels, **fields})
    try:
        return actions.order_tests(asked=asked, by=by, at=at)
    except AlreadyKnown:  # it is wanted again, to watch its course
        again = replace(asked, answers=[Answer(item=each, reason="99") for each in panels])
        return actions.order_tests(asked=again, by=by, at=at)


def specimens_of(order: Any) -> list[Specimen]:
    """The containers of an order, in the order of draw."""
    return list(Specimen.objects.filter(request=order).order_by("pk"))


def collected(county: County, *, at: datetime = NOW, by: Actor | None = None, **fields: Any) -> Any:
    """An order whose containers are filled, five minutes later."""
    order = an_order(county, at=at, **fields)
    for each in specimens_of(order):
        actions.collect_specimen(specimen=each, by=by or county.alma, at=at + 5 * MINUTE)
    order.refresh_from_db()
    return order


def sent(county: County, *, at: datetime = NOW, celsius: str = "6.0", **fields: Any) -> Any:
    """And handed over in a box at ten minutes."""
    order = collected(county, at=at, **fields)
    actions.hand_over(
        specimens=specimens_of(order), courier_name="赵", celsius=Decimal(celsius), box="1号箱", by=county.alma,
        at=at + 10 * MINUTE,
    )  # fmt: skip
    return order


def received(county: County, *, at: datetime = NOW, **fields: Any) -> Any:
    """And received at one hour."""
    order = sent(county, at=at, **fields)
    for each in specimens_of(order):
        actions.receive_specimen(specimen=each, by=li(county), at=at + 60 * MINUTE)
    order.refresh_from_db()
    return order


def measured(values: dict[str, str], **fields: Any) -> list[Measured]:
    """Values as somebody gives them."""
    return [Measured(code, value, **fields) for code, value in values.items()]


def entered(county: County, values: dict[str, str] | None = None, *, at: datetime = NOW, **fields: Any) -> Any:
    """And entered by hand at two hours: it waits for review."""
    order = received(county, at=at, **fields)
    actions.enter_results(request=order, measured=measured(values or ELECTROLYTES), by=li(county), at=at + 120 * MINUTE)
    order.refresh_from_db()
    return order


def released(county: County, values: dict[str, str] | None = None, *, at: datetime = NOW, **fields: Any) -> Any:
    """And released at two and a half hours."""
    order = entered(county, values, at=at, **fields)
    criticals = [each.critical for each in order.results.all() if each.critical]
    actions.release_results(request=order, confirmed=criticals, by=luo(county), at=at + 150 * MINUTE)
    order.refresh_from_db()
    return order
