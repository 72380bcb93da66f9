"""What is possible for a device or a reading as it is now."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.readings.models import Device, Reading
from xinglin.readings.states import DeviceStatus, ReadingStatus


def can_be_keyed(device: Device) -> Decision:
    """Whether it may be given a key: a lost one is found first."""
    if device.status == DeviceStatus.IN_USE:
        return ALLOWED
    return impossible("not-in-use", _("设备不在用：已挂失或已报废。"))


def can_be_lent(device: Device) -> Decision:
    """Whether it may be lent now."""
    if device.status != DeviceStatus.IN_USE:
        return impossible("not-in-use", _("设备不在用：已挂失或已报废。"))
    if device.place == Device.Place.CORNER:
        return impossible("corner-stays", _("自助检测区的设备不外借。"))
    if device.loans.filter(returned_at__isnull=True).exists():
        return impossible("lent-already", _("设备已借出，请先登记收回。"))
    return ALLOWED


def can_be_sorted(reading: Reading) -> Decision:
    """Whether it may still be given to somebody, or thrown away."""
    if reading.status == ReadingStatus.DISCARDED:
        return impossible("discarded", _("这次测量已弃用。"))
    return ALLOWED
