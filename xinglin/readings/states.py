"""States of devices and of readings."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DeviceStatus(models.TextChoices):
    """A device speaks while it is in use."""

    IN_USE = "IN_USE", pgettext_lazy("device", "在用")
    LOST = "LOST", _("已挂失")
    RETIRED = "RETIRED", _("已报废")


class ReadingStatus(models.TextChoices):
    """A reading stands in somebody's record, waits for somebody to say whose it is, or was thrown away."""

    KEPT = "KEPT", _("已入档")
    WAITING = "WAITING", _("待核实")
    DISCARDED = "DISCARDED", _("已弃用")


DEVICE_TRANSITIONS: dict[DeviceStatus, frozenset[DeviceStatus]] = {
    DeviceStatus.IN_USE: frozenset({DeviceStatus.LOST, DeviceStatus.RETIRED}),
    DeviceStatus.LOST: frozenset({DeviceStatus.IN_USE, DeviceStatus.RETIRED}),
    DeviceStatus.RETIRED: frozenset(),
}
READING_TRANSITIONS: dict[ReadingStatus, frozenset[ReadingStatus]] = {
    ReadingStatus.WAITING: frozenset({ReadingStatus.KEPT, ReadingStatus.DISCARDED}),
    ReadingStatus.KEPT: frozenset({ReadingStatus.KEPT, ReadingStatus.DISCARDED}),
    ReadingStatus.DISCARDED: frozenset(),
}
#: Tone and icon of each state on a page.
DEVICE_LOOKS: dict[DeviceStatus, tuple[str, str]] = {
    DeviceStatus.IN_USE: ("ok", "check-circle"),
    DeviceStatus.LOST: ("critical", "alert-triangle"),
    DeviceStatus.RETIRED: ("neutral", "ban"),
}
READING_LOOKS: dict[ReadingStatus, tuple[str, str]] = {
    ReadingStatus.KEPT: ("ok", "check-circle"),
    ReadingStatus.WAITING: ("warning", "clock"),
    ReadingStatus.DISCARDED: ("neutral", "ban"),
}
