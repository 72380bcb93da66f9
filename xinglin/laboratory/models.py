"""Specimens, boxes on their way, results in versions, and what was released."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.laboratory.data import Flag, Source
from xinglin.laboratory.states import ShipmentStatus, SpecimenStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class Shipment(models.Model):
    """One row: a box of specimens from a unit to a centre, with who gave it, who carried it and who took it."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    from_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey("diagnostics.Centre", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=ShipmentStatus.choices, default=ShipmentStatus.ON_THE_WAY)
    status_changed_at = models.DateTimeField()
    box = models.CharField(max_length=40, blank=True)
    courier_name = models.CharField(max_length=40)
    low = models.DecimalField(max_digits=4, decimal_places=1)  # °C allowed for what is inside: the narrowest of them
    high = models.DecimalField(max_digits=4, decimal_places=1)
    is_breached = models.BooleanField(default=False)
    handed_over_at = models.DateTimeField()
    handed_over_by = models.BigIntegerField(null=True)
    handed_over_by_name = models.CharField(max_length=40)
    arrived_at = models.DateTimeField(null=True)
    arrived_by = models.BigIntegerField(null=True)
    arrived_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["centre", "-handed_over_at"], name="shipment_centre"),
            models.Index(fields=["from_facility", "-handed_over_at"], name="shipment_sender"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True, arrived_by__isnull=True)
                | Q(arrived_at__isnull=False, arrived_by__isnull=False),
                name="shipment_arrived_pair",
            ),
            models.CheckConstraint(condition=Q(low__lte=models.F("high")), name="shipment_range"),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentStatusChange(StatusChange):
    """One row: a box left or arrived."""

    subject = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="status_changes")


class TemperatureReading(models.Model):
    """One row: how warm it was in a box at a moment, as somebody read it or a logger wrote it."""

    class Way(models.TextChoices):
        HAND = "HAND", _("手工读数")
        LOGGER = "LOGGER", _("温度记录仪")

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="readings")
    celsius = models.DecimalField(max_digits=4, decimal_places=1)
    read_at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.HAND)
    is_outside = models.BooleanField(default=False)
    noted_by = models.BigIntegerField(null=True)
    noted_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shipment", "read_at", "celsius"], name="one_reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.celsius}"


class Specimen(models.Model):
    """One row: one container. Its barcode is the same from the label to its disposal."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    barcode = models.CharField(max_length=24, unique=True)
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, related_name="specimens")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    from_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey("diagnostics.Centre", on_delete=models.PROTECT, related_name="+")
    tube = models.CharField(max_length=20)
    panels = models.JSONField(default=list)  # codes of what is measured in it
    status = models.CharField(max_length=12, choices=SpecimenStatus.choices, default=SpecimenStatus.LABELLED)
    status_changed_at = models.DateTimeField()
    labelled_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True)
    collected_by = models.BigIntegerField(null=True)
    collected_by_name = models.CharField(max_length=40, blank=True)
    remark = models.CharField(max_length=200, blank=True)  # of who collected: fasting, infusion, medicines
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, null=True, related_name="specimens")
    received_at = models.DateTimeField(null=True)
    received_by = models.BigIntegerField(null=True)
    received_by_name = models.CharField(max_length=40, blank=True)
    refusal = models.CharField(max_length=20, blank=True)  # of definitions/reject-reasons
    position = models.CharField(max_length=40, blank=True)  # refrigerator, rack, place
    keep_until = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["from_facility", "-labelled_at"], name="specimen_sender"),
            models.Index(
                fields=["centre", "keep_until"], condition=Q(status__in=["STORED", "REFUSED"]), name="specimen_kept"
            ),
            models.Index(
                fields=["centre", "collected_at"],
                condition=Q(status__in=["COLLECTED", "HANDED_OVER"]),
                name="specimen_coming",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(collected_at__isnull=True, collected_by__isnull=True)
                | Q(collected_at__isnull=False, collected_by__isnull=False),
                name="specimen_collected_pair",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True, received_by__isnull=True)
                | Q(received_at__isnull=False, received_by__isnull=False),
                name="specimen_received_pair",
            ),
            models.CheckConstraint(
                condition=~Q(status="REFUSED") | ~Q(refusal=""), name="specimen_refused_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.barcode


class SpecimenStatusChange(StatusChange):
    """One row: a specimen went on: collected, handed over, received or refused, kept, disposed of."""

    subject = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="status_changes")


class Result(models.Model):
    """One row: one version of one item of a request, judged as of the day it was taken. Never changed: the database
    refuses it. A correction is the next version, with its reason.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, related_name="results")
    specimen = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="results")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    analyte = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=60)
    number = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    comparator = models.CharField(max_length=2, blank=True)
    unit = models.CharField(max_length=20, blank=True)  # as it is written
    flag = models.CharField(max_length=2, choices=Flag.choices)
    range_known = models.BooleanField()
    low = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    high = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    critical = models.CharField(max_length=40, blank=True)  # code of the list of critical values
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    change = models.DecimalField(max_digits=16, decimal_places=4, null=True)  # from the person's last released one
    change_percent = models.DecimalField(max_digits=12, decimal_places=1, null=True)
    delta_failed = models.BooleanField(default=False)
    definition = models.CharField(max_length=60)  # version of the definition it was judged by
    source = models.CharField(max_length=12, choices=Source.choices)
    source_key = models.CharField(max_length=60, blank=True)  # the connection and place of a message
    instrument = models.CharField(max_length=40, blank=True)
    measured_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.BigIntegerField(null=True)
    entered_by_name = models.CharField(max_length=80)
    reason = models.CharField(max_length=200, blank=True)  # of a correction

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["resident", "analyte", "-measured_at"], name="result_of_person"),
            models.Index(fields=["request"], condition=Q(version__gt=1), name="result_corrected"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "analyte", "version"], name="one_result_version"),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="result_corrected_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.analyte} version {self.version}"


class Release(models.Model):
    """One row: results were let out in a report: by a person, or by the rules, which `rule_set` then names.

    `reasons` is why the rules did not: codes by item, as they stood when the person decided.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, related_name="releases")
    report = models.OneToOneField("diagnostics.Report", on_delete=models.PROTECT, related_name="release")
    is_partial = models.BooleanField(default=False)
    rule_set = models.CharField(max_length=60, blank=True)
    reasons = models.JSONField(default=list)
    remark = models.CharField(max_length=200, blank=True)
    released_at = models.DateTimeField()
    released_by = models.BigIntegerField(null=True)
    released_by_name = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["request", "released_at"], name="release_of_request")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.released_at:%Y-%m-%d %H:%M}"


class ReleasedResult(models.Model):
    """One row: a result version stands in a release."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="rows")
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="released_in")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "result"], name="a_result_once_in_a_release")
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.result_id}"
