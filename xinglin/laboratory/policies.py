"""Whether a step is possible now, by the object's state alone."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory.models import Shipment, Specimen
from xinglin.laboratory.states import (
    NOT_COLLECTED,
    SHIPMENT_TRANSITIONS,
    SPECIMEN_TRANSITIONS,
    ShipmentStatus,
    SpecimenStatus,
)
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.transitions import can_move

Status = diagnostics.RequestStatus
#: A request in these takes no further part in anything.
ENDED = frozenset({Status.CANCELLED, Status.REJECTED})
#: Received, not all reported yet.
IN_WORK = frozenset({Status.PERFORMED, Status.CLAIMED, Status.PRELIMINARY})
REPORTED = frozenset({Status.FINAL, Status.AMENDED})


def is_laboratory(request: Any) -> Decision:
    """Whether a request is one of the laboratory's."""
    if request.kind != "LAB":
        return impossible("not-laboratory", _("这不是检验申请。"))
    return ALLOWED


def _open(request: Any) -> Decision:
    if request.status in ENDED:
        return impossible("request-ended", _("申请已撤销或已被拒收，不能继续。"))
    return ALLOWED


def can_be_collected(specimen: Specimen) -> Decision:
    """Whether it waits to be taken."""
    ended = _open(specimen.request)
    if not ended:
        return ended
    if specimen.status != SpecimenStatus.LABELLED:
        return impossible("already-collected", _("这支标本已经采集。"))
    return can_move(specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.COLLECTED)


def can_be_uncollected(specimen: Specimen) -> Decision:
    """Whether its collection can be taken back: while it lies where it was taken."""
    ended = _open(specimen.request)
    if not ended:
        return ended
    if specimen.status != SpecimenStatus.COLLECTED:
        return impossible("not-collected-now", _("只有已采集、还没有送出的标本可以撤销采集。"))
    return can_move(specimen, table=SPECIMEN_TRANSITIONS, to=SpecimenStatus.LABELLED)


def can_be_handed_over(specimen: Specimen) -> Decision:
    """Whether it lies ready for a box."""
    ended = _open(specimen.request)
    if not ended:
        return ended
    if specimen.status == SpecimenStatus.LABELLED:
        return impossible("not-collected", _("标本 %(barcode)s 还没有确认采集。") % {"barcode": specimen.barcode})
    if specimen.status != SpecimenStatus.COLLECTED:
        return impossible("already-handed-over", _("标本 %(barcode)s 已经送出。") % {"barcode": specimen.barcode})
    return ALLOWED


def can_be_received(specimen: Specimen) -> Decision:
    """Whether it may be received or refused: once, after it was collected."""
    ended = _open(specimen.request)
    if not ended:
        return ended
    if specimen.status == SpecimenStatus.LABELLED:
        return impossible("not-collected", _("标本 %(barcode)s 还没有确认采集。") % {"barcode": specimen.barcode})
    if specimen.status not in {SpecimenStatus.COLLECTED, SpecimenStatus.HANDED_OVER}:
        return impossible("already-received", _("标本 %(barcode)s 已经核收或拒收。") % {"barcode": specimen.barcode})
    return ALLOWED


def can_be_stored(specimen: Specimen) -> Decision:
    """Whether it can be put away."""
    if specimen.status != SpecimenStatus.RECEIVED:
        return impossible("not-received", _("只有已核收的标本可以留样。"))
    return ALLOWED


def can_be_disposed(specimen: Specimen, on: Any) -> Decision:
    """Whether its time is over: what is kept may not go before its day."""
    if specimen.status not in {SpecimenStatus.STORED, SpecimenStatus.REFUSED}:
        return impossible("not-stored", _("只有留样中或已拒收的标本可以处置。"))
    if specimen.refusal == NOT_COLLECTED:
        return impossible("never-collected", _("这支标本没有采集，不需要处置。"))
    if specimen.keep_until is not None and on < specimen.keep_until:
        return impossible(
            "kept-longer", _("须保存到%(day)s，不能提前处置。") % {"day": f"{specimen.keep_until:%Y-%m-%d}"}
        )
    return ALLOWED


def can_arrive(shipment: Shipment) -> Decision:
    """Whether a box is still on its way."""
    if shipment.status != ShipmentStatus.ON_THE_WAY:
        return impossible("already-arrived", _("这个转运箱已经到达。"))
    return can_move(shipment, table=SHIPMENT_TRANSITIONS, to=ShipmentStatus.ARRIVED)


def can_take_results(request: Any) -> Decision:
    """Whether results may come: from the first specimen received; after the report they are corrections."""
    wrong = is_laboratory(request)
    if not wrong:
        return wrong
    if request.status in IN_WORK or request.status in REPORTED:
        return ALLOWED
    if request.status in ENDED:
        return _open(request)
    return impossible("not-received", _("标本还没有核收，不能登记结果。"))


def can_be_released(request: Any) -> Decision:
    """Whether results may be let out."""
    wrong = is_laboratory(request)
    if not wrong:
        return wrong
    if request.status in IN_WORK or request.status in REPORTED:
        return ALLOWED
    return impossible("nothing-to-release", _("还没有可以发布的结果。"))
