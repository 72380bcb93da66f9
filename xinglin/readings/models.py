"""Devices at home and in self-check corners, and what they measured."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.platform.crypto import EncryptedBinaryField, EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.readings.states import DeviceStatus, ReadingStatus
from xinglin.residents.data import TenantDefault


class Device(models.Model):
    """One row: a meter of a facility. It signs what it sends; `signing_key` is the digest of the key it was given, kept
    encrypted because a signature is checked with it. Without one the device cannot speak.

    `stands_at` is the unit in whose corner it stands, where that unit was merged into `facility`: two corners stay two.
    """

    class Place(models.TextChoices):
        CORNER = "CORNER", _("自助检测区")
        LOAN = "LOAN", pgettext_lazy("place", "借给居民")
        BAG = "BAG", _("随访包")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    serial_number = models.CharField(max_length=60)
    place = models.CharField(max_length=10, choices=Place.choices)
    stands_at = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=60, blank=True)
    signing_key = EncryptedBinaryField(null=True)
    key_given_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=DeviceStatus.choices, default=DeviceStatus.IN_USE)
    status_changed_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    last_signed_ms = models.BigIntegerField(default=0)  # a request is taken only when signed later than this
    clock_skew_seconds = models.IntegerField(null=True)  # positive: the device is behind
    fault_code = models.CharField(max_length=40, blank=True)  # of the last reading refused, until one is taken
    fault_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "serial_number"], name="one_device_per_serial")
        ]
        indexes: ClassVar = [models.Index(fields=["facility", "status", "id"], name="device_of_facility")]

    def __str__(self) -> str:
        return self.label or self.serial_number

    @property
    def corner_id(self) -> int:
        """The unit in whose corner it stands, for one that stands in a corner."""
        return self.stands_at_id or self.facility_id


class DeviceStatusChange(StatusChange):
    """One row: a device changed its status."""

    subject = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="status_changes")


class Loan(models.Model):
    """One row: a device was lent to a resident, or to all of his household, until it came back."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="loans")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    for_household = models.BooleanField(default=False)
    lent_at = models.DateTimeField()
    due_back_on = models.DateField(null=True)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(returned_at__isnull=True), name="one_borrower_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(returned_at__gte=F("lent_at")), name="loan_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.lent_at:%F}"


class Seat(models.Model):
    """One row: somebody who said who he is measures himself in the self-check corner of a facility: what its devices send
    without a name in this time is his. One at a time.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    is_taken = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["facility"], condition=Q(is_taken=True), name="one_in_the_corner"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="seat_period"),
        ]
        indexes: ClassVar = [models.Index(fields=["facility", "-since"], name="seat_of_corner")]

    def __str__(self) -> str:
        return f"{self.since:%F %T}"


class Concern(models.Model):
    """One row: readings of a resident are not as they should be, and his clinic has one task about them. Later ones join
    while the task is open. `uuid` is the origin of the task.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey("followups.FollowUpTask", on_delete=models.PROTECT, null=True, related_name="+")
    rules = models.JSONField(default=list)  # slugs of what was found, in the order it was
    rules_version = models.CharField(max_length=60)
    urgent_on = models.DateField(null=True)  # somebody was told at once, at most once a day
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(closed_at__isnull=True), name="one_open_concern_per_resident"
            )
        ]

    def __str__(self) -> str:
        return f"concern {self.uuid}"


class Reading(models.Model):
    """One row: what a device measured at one moment. It stands in the record of `resident`, or waits without one.

    A device says one thing under one `record_id`; `fingerprint` is of its content. `part` is above 0 for what was split
    off. `measurement` is the same for one measurement however it came.
    """

    class Transport(models.TextChoices):
        DEVICE = "DEVICE", _("设备接口")
        FHIR = "FHIR", "FHIR"

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="readings")
    record_id = models.CharField(max_length=80)
    part = models.PositiveSmallIntegerField(default=0)
    fingerprint = models.BinaryField()
    measurement = models.BinaryField()
    transport = models.CharField(max_length=10, choices=Transport.choices)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, null=True, related_name="+")
    said_who = EncryptedTextField(null=True)  # what the device said, while nobody knows who it is
    measured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=ReadingStatus.choices)
    status_changed_at = models.DateTimeField()
    wait_code = models.CharField(max_length=40, blank=True)  # why it waits or waited
    is_dangerous = models.BooleanField(default=False, db_default=False)  # by itself, when it was taken, whosever it is
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, null=True, related_name="readings")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "record_id", "part"], name="one_reading_per_record_id"),
            models.CheckConstraint(condition=~Q(status="KEPT") | Q(resident__isnull=False), name="kept_has_resident"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["resident", "-measured_at"], condition=Q(status="KEPT"), name="reading_resident"),
            models.Index(fields=["device", "-received_at"], condition=Q(status="WAITING"), name="reading_waiting"),
            models.Index(fields=["device", "measurement"], name="reading_measurement"),
        ]

    def __str__(self) -> str:
        return f"reading {self.uuid}"


class RepeatedRecord(models.Model):
    """One row: a device said under this record id what stood already as `reading`; sent again, it gets that answer again."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="repeated_records")
    record_id = models.CharField(max_length=80)
    fingerprint = models.BinaryField()
    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="repeated_as")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "record_id"], name="one_repetition_per_record_id")
        ]

    def __str__(self) -> str:
        return self.record_id


class ReadingValue(models.Model):
    """One row: one value of a reading, in the unit it is kept in, and as the device gave it."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="values")
    item = models.CharField(max_length=40)
    loinc = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=10, decimal_places=2)
    unit = models.CharField(max_length=20)
    given_value = models.CharField(max_length=30)
    given_unit = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reading", "item"], name="once_in_a_reading")]

    def __str__(self) -> str:
        return f"{self.item} {self.unit}"


class ReadingStatusChange(StatusChange):
    """One row: a reading was kept, put off, given to somebody or thrown away, with whose record it left and entered."""

    subject = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="status_changes")
