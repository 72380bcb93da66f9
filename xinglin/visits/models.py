"""Visits: what happened when a resident met a clinician."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault
from xinglin.visits.states import Status


class DiagnosisTerm(models.Model):
    """One row: a diagnosis that can be chosen. `system` is ICD-10 (national clinical edition) or TCM (GB/T 15657)."""

    system = models.CharField(max_length=10)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    initials = models.CharField(max_length=60, db_collation="C")
    rank = models.IntegerField(default=0)  # the higher, the commoner in primary care
    source = models.CharField(max_length=60)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["system", "code"], name="one_term_per_code")]
        indexes: ClassVar = [models.Index(fields=["system", "initials"], name="term_initials")]

    def __str__(self) -> str:
        return self.name

    def is_valid_on(self, day: date) -> bool:
        """Whether the code is in force on a day (half-open period)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


class Visit(models.Model):
    """One row: a resident was seen at a facility. Columns hold the vitals in their units; null means not measured.

    A signed visit is never edited: it is corrected by a voided row and a new one that names it.
    """

    class Kind(models.TextChoices):
        OUTPATIENT = "OUTPATIENT", _("门诊")
        EMERGENCY = "EMERGENCY", _("急诊")
        HOME = "HOME", _("上门")
        FOLLOWUP = "FOLLOWUP", _("随访")

    Status = Status
    #: Of a visit just written, its diagnoses, prescriptions and orders: who shows it need not ask for them.
    written_parts: "tuple[list[Diagnosis], list[Prescription], list[Order]] | None" = None

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    number = models.CharField(max_length=24, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="visits")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=10)  # of the facility at that time
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OUTPATIENT)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    status_changed_at = models.DateTimeField()
    started_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    clinician_id = models.BigIntegerField(null=True)
    clinician_name = models.CharField(max_length=40, blank=True)
    complaint = models.CharField(max_length=500, blank=True)
    history = models.TextField(blank=True)  # history of present illness
    examination = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    systolic = models.SmallIntegerField(null=True)  # mmHg
    diastolic = models.SmallIntegerField(null=True)  # mmHg
    pulse = models.SmallIntegerField(null=True)  # per minute
    respiration = models.SmallIntegerField(null=True)  # per minute
    temperature = models.DecimalField(max_digits=3, decimal_places=1, null=True)  # °C
    spo2 = models.SmallIntegerField(null=True)  # %
    glucose = models.DecimalField(max_digits=4, decimal_places=1, null=True)  # mmol/L
    glucose_when = models.CharField(max_length=10, blank=True)  # FASTING, RANDOM, TWO_HOURS
    weight = models.DecimalField(max_digits=5, decimal_places=1, null=True)  # kg
    height = models.DecimalField(max_digits=4, decimal_places=1, null=True)  # cm
    confirmed_unusual = models.BooleanField(
        default=False, db_default=False
    )  # values outside the usual range were looked at twice
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["resident", "-started_at"], name="visit_resident"),
            models.Index(fields=["facility", "-started_at"], name="visit_facility"),
            models.Index(fields=["clinician_id", "-started_at"], condition=Q(status="OPEN"), name="visit_unsigned"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(systolic__isnull=True) | Q(systolic__range=(40, 300)), name="systolic_possible"
            ),
            models.CheckConstraint(
                condition=Q(diastolic__isnull=True) | Q(diastolic__range=(20, 200)), name="diastolic_possible"
            ),
            models.CheckConstraint(condition=Q(started_at__lte=F("recorded_at")), name="visit_not_in_the_future"),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(replaces__isnull=False), name="a_visit_replaced_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VisitStatusChange(StatusChange):
    """One row: a visit changed its status."""

    subject = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="status_changes")


class Diagnosis(models.Model):
    """One row: a diagnosis made at a visit; `name` is kept as written then."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="diagnoses")
    system = models.CharField(max_length=10, default="ICD-10")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "system", "code"], name="a_diagnosis_once"),
            models.UniqueConstraint(fields=["visit"], condition=Q(is_primary=True), name="one_primary_diagnosis"),
        ]
        ordering: ClassVar = ["-is_primary", "id"]

    def __str__(self) -> str:
        return self.name


class Prescription(models.Model):
    """One row: one medicine on a visit's prescription. `days` and `quantity` as written; review comes with pharmacy."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="prescriptions")
    medicine = models.CharField(max_length=80)
    strength = models.CharField(max_length=40, blank=True)
    dose = models.CharField(max_length=30)
    route = models.CharField(max_length=20, default="口服")
    frequency = models.CharField(max_length=20)
    days = models.PositiveSmallIntegerField()
    quantity = models.CharField(max_length=20, blank=True)
    is_tcm = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.medicine


class Order(models.Model):
    """One row: something ordered at a visit that is done here (dressing, injection, a test on the spot)."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="orders")
    item = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.item
