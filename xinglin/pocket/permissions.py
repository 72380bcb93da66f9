"""Who may do what with telephones and what they sent."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused
from xinglin.pocket import policies
from xinglin.pocket.models import Change, Device


def may_register(actor: Actor) -> Decision:
    """May the actor register a telephone? A signed-in person who sees residents where he works, never a program."""
    if actor.kind != "user":
        return refused("session-only", _("请本人登录后登记手机。"))
    if actor.place is None:
        return refused("no-facility", _("您的账号没有所在机构。"))
    return actor.may_begin(Permission.PROGRAMME_DO, at=actor.place)


def may_carry(actor: Actor, device: Device) -> Decision:
    """May this telephone of the actor be given its panel?"""
    return first_refusal(
        _own(actor, device), policies.can_carry(device), actor.may(Permission.PROGRAMME_DO, at=device.facility_id)
    )


def may_send(actor: Actor, device: Device) -> Decision:
    """May this telephone of the actor send what was written down? Also when it was laid down, on the computer, before it could."""
    return first_refusal(
        _own(actor, device), policies.can_send(device), actor.may(Permission.PROGRAMME_DO, at=device.facility_id)
    )


def may_wipe(actor: Actor, device: Device) -> Decision:
    """May the actor have a telephone erased? Its owner, and who manages devices."""
    return ALLOWED if _own(actor, device) else actor.may(Permission.DEVICE_MANAGE)


def may_review(actor: Actor, change: Change) -> Decision:
    """May the actor say what becomes of a change?"""
    return first_refusal(actor.may(Permission.PROGRAMME_DO, at=change.facility_id), policies.can_be_reviewed(change))


def _own(actor: Actor, device: Device) -> Decision:
    if actor.user_id is not None and device.user_id == actor.user_id:
        return ALLOWED
    return refused("not-own-device", _("这台手机登记在别人名下。"))
