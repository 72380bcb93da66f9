"""The order: panels become one request and as few containers as they need."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue
from xinglin.laboratory.events import Event
from xinglin.laboratory.models import Specimen
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import note_status


@transaction.atomic
def order_tests(*, asked: diagnostics.Asked, by: Actor, at: datetime) -> Any:
    """Ask a laboratory for panels, the `items` of what is asked. Returns the request; its containers have their barcodes.
    None when `answers` took over earlier results for every panel: then nothing is taken.

    :raises NotPermitted: the actor may not ask for that facility
    :raises NotVisible: the resident is not on a roster of the actor's
    :raises InvalidInput: no panel, one that is not defined, an empty question, or no laboratory
    :raises AlreadyKnown: an earlier result may stand for a panel, and no answer says what is to become of it
    :raises Conflict: the centre is closed, or `repeats` was not refused
    """
    if asked.centre.kind != catalogue.KIND:
        raise InvalidInput(_("请选择检验中心。"), fields={"centre": _("请选择检验中心。")})
    request = diagnostics.order_examination(asked=asked, by=by, at=at)
    if request is None:
        return None
    for tube, codes in tubes_for([each["code"] for each in request.items], on=clock.today(at)):
        _label(request, tube, codes, by=by, at=at)
    return request


def tubes_for(panels: Sequence[str], *, on: Any) -> list[tuple[str, list[str]]]:
    """The containers that panels need, in the order of draw, each with the panels measured in it."""
    known = catalogue.panels(on=on)
    needed: dict[str, list[str]] = {}
    for code in panels:
        needed.setdefault(known[code].tube, []).append(code)
    order = {code: each.order for code, each in catalogue.tubes().items()}
    return sorted(needed.items(), key=lambda pair: (order.get(pair[0], 99), pair[0]))


def _label(request: Any, tube: str, panels: list[str], *, by: Actor, at: datetime) -> None:
    specimen = Specimen.objects.create(
        barcode=next_number("S", at), request=request, resident=request.resident,
        from_facility_id=request.from_facility_id, centre=request.centre, tube=tube, panels=panels,
        status_changed_at=at, labelled_at=at,
    )  # fmt: skip
    note_status(specimen, by=by, at=at, place=request.from_facility_id)
    announce(
        Event.SPECIMEN_LABELLED, obj=specimen, subject=request.resident.uuid, by=by, at=at,
        place=request.from_facility_id, tube=tube,
    )  # fmt: skip
