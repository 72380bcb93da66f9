"""Key groups entered by hand."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.platform.ids import new_uuid
from xinglin.residents.data import TenantDefault


class GroupEntry(models.Model):
    """One row: a resident belongs to a key group from a day until a day, and what shows it (a certificate, a card)."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField(null=True)  # last day
    evidence = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident", "group"], condition=Q(until__isnull=True), name="once_open_in_a_group"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="group_days_in_order"
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="group_has_evidence"),
        ]
        indexes: ClassVar = [models.Index(fields=["resident", "group"], name="group_entry_resident")]

    def __str__(self) -> str:
        return f"{self.group} {self.since}"
