"""States of a specimen (标本) and of a shipment (转运箱)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpecimenStatus(models.TextChoices):
    """One container from its label to its disposal."""

    LABELLED = "LABELLED", _("待采集")
    COLLECTED = "COLLECTED", _("已采集")
    HANDED_OVER = "HANDED_OVER", _("运送中")
    RECEIVED = "RECEIVED", _("已核收")
    REFUSED = "REFUSED", _("已拒收")
    STORED = "STORED", _("留样中")
    DISPOSED = "DISPOSED", _("已处置")


SPECIMEN_TRANSITIONS: dict[SpecimenStatus, frozenset[SpecimenStatus]] = {
    SpecimenStatus.LABELLED: frozenset({SpecimenStatus.COLLECTED}),
    # Who brings it himself hands it to the centre without a box.
    SpecimenStatus.COLLECTED: frozenset({SpecimenStatus.HANDED_OVER, SpecimenStatus.RECEIVED, SpecimenStatus.REFUSED}),
    SpecimenStatus.HANDED_OVER: frozenset({SpecimenStatus.RECEIVED, SpecimenStatus.REFUSED}),
    SpecimenStatus.RECEIVED: frozenset({SpecimenStatus.STORED}),
    SpecimenStatus.REFUSED: frozenset({SpecimenStatus.DISPOSED}),
    SpecimenStatus.STORED: frozenset({SpecimenStatus.DISPOSED}),
    SpecimenStatus.DISPOSED: frozenset(),
}


class ShipmentStatus(models.TextChoices):
    """A box on its way."""

    ON_THE_WAY = "ON_THE_WAY", _("在途")
    ARRIVED = "ARRIVED", _("已到达")


SHIPMENT_TRANSITIONS: dict[ShipmentStatus, frozenset[ShipmentStatus]] = {
    ShipmentStatus.ON_THE_WAY: frozenset({ShipmentStatus.ARRIVED}),
    ShipmentStatus.ARRIVED: frozenset(),
}
