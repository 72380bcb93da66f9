"""What is possible for a movement or an exchange as it is now."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.points.models import Exchange, Movement
from xinglin.points.states import Status


def can_be_taken_back(movement: Movement) -> Decision:
    """Whether it was earned and still counts."""
    if movement.kind != Movement.Kind.EARNED:
        return impossible("not-earned", _("只能收回获得的积分。"))
    if Movement.objects.filter(undoes=movement).exists():
        return impossible("taken-back", _("这笔积分已经收回。"))
    return ALLOWED


def can_be_finished(exchange: Exchange) -> Decision:
    """Whether the goods still wait to be fetched."""
    if exchange.status == Status.RESERVED:
        return ALLOWED
    return impossible("finished", _("这次兑换已结束：%(status)s。") % {"status": Status(exchange.status).label})
