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


#: Of `definitions/reject-reasons`: it was never filled. The end of a label nobody could use.
NOT_COLLECTED = "NOT_COLLECTED"
#: In these a specimen is at the centre, or was.
AT_THE_CENTRE = frozenset({SpecimenStatus.RECEIVED, SpecimenStatus.STORED, SpecimenStatus.DISPOSED})

SPECIMEN_TRANSITIONS: dict[SpecimenStatus, frozenset[SpecimenStatus]] = {
    # Refused before it was filled: it could not be collected.
    SpecimenStatus.LABELLED: frozenset({SpecimenStatus.COLLECTED, SpecimenStatus.REFUSED}),
    # Who brings it himself hands it to the centre without a box. A wrong scan is taken back.
    SpecimenStatus.COLLECTED: frozenset(
        {SpecimenStatus.LABELLED, SpecimenStatus.HANDED_OVER, SpecimenStatus.RECEIVED, SpecimenStatus.REFUSED}
    ),
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
