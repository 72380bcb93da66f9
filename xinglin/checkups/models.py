"""Check-ups of a one-stop health management centre: sessions, bookings, stations, values, reports."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.checkups.states import COUNTED, OPEN, StationStatus, Status
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class Session(models.Model):
    """One row: a facility examines on the morning or afternoon of a day, so many people and no more."""

    class Half(models.TextChoices):
        MORNING = "AM", _("上午")
        AFTERNOON = "PM", _("下午")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    held_on = models.DateField()
    half = models.CharField(max_length=2, choices=Half.choices)
    capacity = models.PositiveSmallIntegerField()
    n_booked = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["facility", "held_on", "half"], name="one_checkup_session"),
            models.CheckConstraint(condition=Q(n_booked__lte=F("capacity")), name="session_not_overbooked"),
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.get_half_display()}"


class Checkup(models.Model):
    """One row: a resident has a check-up of a package at a facility. At most one is open for him, and of each package one
    counts in a calendar year (`year`).
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    number = models.CharField(max_length=24, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="checkups")
    package = models.CharField(max_length=60)
    version = models.CharField(max_length=80)
    year = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    status_changed_at = models.DateTimeField()
    booked_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    laboratory = models.UUIDField(null=True)  # the request sent to a laboratory

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(status__in=OPEN), name="one_open_checkup_of_a_resident"
            ),
            models.UniqueConstraint(
                fields=["resident", "package", "year"], condition=Q(status__in=COUNTED), name="one_checkup_a_year"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["facility", "status", "id"], name="checkup_list"),
            models.Index(fields=["resident", "-id"], name="checkup_resident"),
            models.Index(fields=["session", "id"], name="checkup_session"),
        ]

    def __str__(self) -> str:
        return self.number


class CheckupStatusChange(StatusChange):
    """One row: a check-up changed its status."""

    subject = models.ForeignKey(Checkup, on_delete=models.PROTECT, related_name="status_changes")


class StationVisit(models.Model):
    """One row: a resident goes through one station of a check-up; `items` are what is asked there, as it was on arrival.
    Who is skipped goes to the end of the queue (`queued_at`).
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    checkup = models.ForeignKey(Checkup, on_delete=models.PROTECT, related_name="stations")
    station = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    items = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=StationStatus.choices, default=StationStatus.WAITING)
    status_changed_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    n_skipped = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkup", "station"], name="once_through_a_station")]
        indexes: ClassVar = [
            models.Index(fields=["station", "queued_at", "id"], condition=Q(status="WAITING"), name="station_queue")
        ]

    def __str__(self) -> str:
        return self.station


class StationVisitStatusChange(StatusChange):
    """One row: a station was done, skipped, left out or done again."""

    subject = models.ForeignKey(StationVisit, on_delete=models.PROTECT, related_name="status_changes")


class CheckupValue(models.Model):
    """One row: what a check-up found for one item: a figure in the item's unit, a choice, or a text."""

    checkup = models.ForeignKey(Checkup, on_delete=models.PROTECT, related_name="values")
    item = models.CharField(max_length=60)
    text = models.CharField(max_length=500)
    number = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    loinc = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=20, blank=True)  # "laboratory" when it was not typed here
    found_at = models.DateTimeField()
    found_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkup", "item"], name="an_item_found_once")]
        indexes: ClassVar = [models.Index(fields=["loinc", "checkup"], name="checkup_value_loinc")]

    def __str__(self) -> str:
        return self.item


class CheckupReport(models.Model):
    """One row: a doctor signed what a check-up found, in the words of that day in both languages, and what comes next.
    One withdrawn stays, and the next has a higher `version`.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    checkup = models.ForeignKey(Checkup, on_delete=models.PROTECT, related_name="reports")
    version = models.PositiveSmallIntegerField(default=1)
    findings = models.JSONField(default=list)
    plan = models.JSONField(default=list)
    conclusion = models.TextField()
    signed_at = models.DateTimeField()
    signed_by_name = models.CharField(max_length=80)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkup", "version"], name="one_report_of_a_version"),
            models.UniqueConstraint(
                fields=["checkup"], condition=Q(withdrawn_at__isnull=True), name="one_standing_report"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_why=""), name="withdrawn_report_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkup_id} v{self.version}"


class Terminal(models.Model):
    """One row: a self-service terminal of a facility. It holds a key, of which a digest is kept; wrong tries lock it.

    `stands_at` is the unit in whose hall it stands, where that unit was merged into `facility`.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    stands_at = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=60)
    key_digest = models.BinaryField()
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    n_wrong = models.PositiveSmallIntegerField(default=0)  # in a row
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label

    @property
    def corner_id(self) -> int:
        """The unit whose self-check corner is beside it."""
        return self.stands_at_id or self.facility_id


class KioskCode(models.Model):
    """One row: staff who saw a resident and his document gave him a code for a terminal of the facility, once, for minutes."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    code_digest = models.BinaryField()
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    n_wrong = models.PositiveSmallIntegerField(default=0)
    is_spent = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident", "facility"], condition=Q(is_spent=False), name="one_code_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%F %T}"


class Sitting(models.Model):
    """One row: a resident looks at his own reports at a terminal, until he leaves or does nothing for a while."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="sittings")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    token_digest = models.BinaryField()
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    is_over = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terminal"], condition=Q(is_over=False), name="one_sitting_at_a_terminal")
        ]

    def __str__(self) -> str:
        return f"{self.begun_at:%F %T}"
