"""What is possible for a telephone or a change now, whoever asks."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.pocket.models import Change, Device
from xinglin.pocket.settings import rule
from xinglin.pocket.states import ChangeStatus, Status


def can_register_another(n_devices: int) -> Decision:
    """Whether an account with so many telephones may have one more."""
    most = rule("devices", "most")
    if n_devices < most:
        return ALLOWED
    return impossible("too-many-devices", _("每个账号最多登记%(most)d台手机，请先停用一台。") % {"most": most})


def can_carry(device: Device) -> Decision:
    """Whether the telephone may be given anything."""
    if device.status == Status.ACTIVE:
        return ALLOWED
    if device.status == Status.ENDED:
        return impossible("device-ended", _("这台手机已停用，请重新登记。"))
    return impossible("device-wiped", _("这台手机已被要求清除资料。"))


def can_send(device: Device) -> Decision:
    """Whether anything is taken from the telephone: who lays it down elsewhere does not know what it has not sent."""
    return ALLOWED if device.status == Status.ENDED else can_carry(device)


def can_be_reviewed(change: Change) -> Decision:
    """Whether somebody still has to look at it."""
    if change.status == ChangeStatus.REVIEW:
        return ALLOWED
    return impossible("already-reviewed", _("这条记录已有人核对过。"))
