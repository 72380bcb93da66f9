"""What is possible for a facility now, whoever asks."""

from django.utils.translation import gettext_lazy as _

from xinglin.network.models import Equipment, Facility, Membership
from xinglin.network.states import FINAL, TRANSITIONS, Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible

#: Steps of a piece of equipment: what is retired stays retired.
EQUIPMENT_STEPS: dict[str, frozenset[str]] = {
    Equipment.State.IN_USE: frozenset({Equipment.State.REPAIR, Equipment.State.RETIRED}),
    Equipment.State.REPAIR: frozenset({Equipment.State.IN_USE, Equipment.State.RETIRED}),
    Equipment.State.RETIRED: frozenset(),
}


def can_move(facility: Facility, to: Status) -> Decision:
    """Whether the table of states has this step."""
    if to in TRANSITIONS[Status(facility.status)]:
        return ALLOWED
    return impossible(
        "transition-not-allowed",
        _("机构当前状态为“%(status)s”，不能这样办理。") % {"status": facility.get_status_display()},
    )


def can_change(facility: Facility) -> Decision:
    """Whether its facts may still change: what was merged or closed is history."""
    if facility.status in FINAL:
        return impossible("facility-ended", _("机构已合并或关闭，资料只供查阅。"))
    return ALLOWED


def can_end(facility: Facility, *, heirs: bool) -> Decision:
    """Whether a unit may be merged (`heirs`: a successor takes over) or closed.

    The lead of a consortium cannot go before another leads it; a unit that is closed must manage nobody and host
    no service point, for nobody would be left to answer for them.
    """
    if facility.memberships.filter(role=Membership.Role.LEAD, valid_until__isnull=True).exists():
        return impossible("leads-consortium", _("该机构是医共体牵头医院，请先更换牵头医院。"))
    if heirs:
        return ALLOWED
    if facility.managed.exclude(status__in=FINAL).exists():
        return impossible("manages-units", _("该机构仍管理其他机构，请先调整隶属关系。"))
    if facility.service_points.exclude(status__in=FINAL).exists():
        return impossible("hosts-points", _("该机构仍有服务点，请先关闭服务点。"))
    return ALLOWED


def can_succeed(successor: Facility, facility: Facility) -> Decision:
    """Whether a unit may take over another: a different one, open, of a kind that treats where the other did."""
    if successor.pk == facility.pk:
        return impossible("own-successor", _("机构不能合并到自己。"))
    if successor.status == Status.MERGED:
        return impossible("successor-merged", _("承接机构本身已合并，请选择合并后的机构。"))
    if successor.status != Status.OPEN:
        return impossible("successor-not-open", _("承接机构须在运行中。"))
    if successor.kind == Facility.Kind.SERVICE_POINT and facility.kind != Facility.Kind.SERVICE_POINT:
        return impossible("successor-is-point", _("服务点不能承接机构。"))
    if successor.manager_id == facility.pk or successor.host_id == facility.pk:
        return impossible("successor-below", _("承接机构隶属于被合并机构，请先调整隶属关系。"))
    return ALLOWED


def can_take_equipment_step(equipment: Equipment, to: str) -> Decision:
    """Whether a piece of equipment may go to this state."""
    if to == equipment.state or to in EQUIPMENT_STEPS[equipment.state]:
        return ALLOWED
    return impossible("equipment-retired", _("已报废的设备不能恢复使用，请另行登记。"))
