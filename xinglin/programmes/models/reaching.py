"""What a screening came to, and residents handed over from one facility to another."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.ids import new_uuid
from xinglin.residents.data import TenantDefault


class Screening(models.Model):
    """One row: what a resident was asked and measured for, once for all programmes that screen. Never changed."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    screened_at = models.DateTimeField()
    screened_by = models.BigIntegerField(null=True)
    screened_by_name = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["resident", "-screened_at"], name="screening_resident")]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.screened_at:%F}"


class ScreeningResult(models.Model):
    """One row: what a screening came to for one programme. The latest of a resident and programme is marked."""

    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="results")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40)
    version = models.CharField(max_length=60)
    is_positive = models.BooleanField(null=True)  # None: not enough was answered
    is_high_risk = models.BooleanField(null=True)
    score = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)  # comparisons that decided: `evidence.py`
    missing = models.JSONField(default=list)  # items that would decide
    again_on = models.DateField(null=True)
    is_latest = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident", "programme"], condition=Q(is_latest=True), name="one_latest_screening"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["programme", "again_on", "id"], condition=Q(is_latest=True, is_high_risk=True), name="high_risk"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.is_positive}"


class Transfer(models.Model):
    """One row: residents of one facility are managed by another from now on, in one go; it can be undone once."""

    class Why(models.TextChoices):
        CLOSED = "CLOSED", _("卫生室撤并")
        REGROUPED = "REGROUPED", _("村庄合并、重新划片")
        MOVED = "MOVED", _("居民搬迁")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    former = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=12, choices=Why.choices)
    reason = models.CharField(max_length=200, blank=True)
    n_residents = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_by_name = models.CharField(max_length=40)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.BigIntegerField(null=True)
    undone_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(former=F("facility")), name="transferred_elsewhere"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="transfer_undone_pair",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-made_at", "-id"], name="transfer_newest")]

    def __str__(self) -> str:
        return f"{self.former_id} → {self.facility_id}"


class TransferredResident(models.Model):
    """One row: a resident went over with a transfer."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="people")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transfer", "resident"], name="transferred_once"),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.resident_id}"
