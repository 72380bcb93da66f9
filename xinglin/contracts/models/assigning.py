"""Which team answers for which resident, whether he has signed or not."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.contracts.models.teams import Team
from xinglin.platform.ids import new_uuid
from xinglin.residents.data import TenantDefault


class Distribution(models.Model):
    """One row: residents without a team were given to teams in one go, by a rule or by a table.

    `rule` keeps what was asked for; `n_asked` how many it was about, `n_given` how many found a team.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    way = models.CharField(max_length=10)
    rule = models.JSONField(default=dict)
    n_asked = models.PositiveIntegerField()
    n_given = models.PositiveIntegerField()
    done_by = models.BigIntegerField(null=True)
    done_by_name = models.CharField(max_length=80)
    done_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-done_at", "-id"]

    def __str__(self) -> str:
        return f"{self.way} {self.n_given}/{self.n_asked}"


class Assignment(models.Model):
    """One row: a team answers for a resident from a moment until a moment. At most one stands for a resident.

    It gives no right to see him, and promises him nothing: that is his agreement. `reason` says why he came from another
    team, `end_reason` why he left this one.
    """

    class Way(models.TextChoices):
        CLAIMED = "CLAIMED", _("团队认领")
        BY_HAND = "BY_HAND", _("手工分配")
        TABLE = "TABLE", _("表格分配")
        RULE = "RULE", _("规则分配")
        HANDED = "HANDED", _("移交")
        SIGNED = "SIGNED", _("随签约")

    class End(models.TextChoices):
        RELEASED = "RELEASED", _("退回待分配")
        HANDED = "HANDED", _("移交")
        SIGNED = "SIGNED", _("与其他团队签约")
        MOVED = "MOVED", _("管理机构变更")
        LEFT = "LEFT", _("死亡或迁出")
        MERGED = "MERGED", _("档案合并")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="assignments")
    way = models.CharField(max_length=10, choices=Way.choices)
    run = models.ForeignKey(Distribution, on_delete=models.PROTECT, null=True, related_name="assignments")
    reason = models.CharField(max_length=200, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.BigIntegerField(null=True)
    assigned_by_name = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=80, blank=True)
    end = models.CharField(max_length=10, choices=End.choices, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(ended_at__isnull=True), name="one_team_of_a_resident"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="ended_assignment_says_how",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "id"], condition=Q(ended_at__isnull=True), name="assignment_team"),
            models.Index(fields=["resident", "-assigned_at"], name="assignment_resident"),
        ]
        ordering: ClassVar = ["-assigned_at", "-id"]

    def __str__(self) -> str:
        return f"{self.resident_id} → {self.team_id}"
