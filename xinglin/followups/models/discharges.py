"""Plans made when a resident leaves a hospital."""

from typing import ClassVar

from django.db import models

from xinglin.followups.data import Discharge
from xinglin.platform.ids import new_uuid
from xinglin.residents.data import TenantDefault


class DischargePlan(models.Model):
    """One row: a hospital sends a resident home and says who follows up when, by the version of a definition. Its tasks
    name it as their origin. A resident has one plan for one day of one hospital.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    ward = models.CharField(max_length=60, blank=True)
    discharge = models.CharField(max_length=20, choices=Discharge.choices)
    diagnosis_code = models.CharField(max_length=20)
    diagnosis_name = models.CharField(max_length=120)
    discharged_on = models.DateField()
    advice = models.TextField(blank=True)
    version = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resident", "facility", "discharged_on"], name="one_plan_for_a_discharge")
        ]
        indexes: ClassVar = [models.Index(fields=["facility", "-made_at", "-id"], name="discharge_facility")]

    def __str__(self) -> str:
        return f"{self.version} {self.discharged_on}"
