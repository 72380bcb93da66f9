"""Who may be asked, when he has time, and the stations at which famous doctors come in person (WH-29, XC-17, WF-33)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.ids import new_uuid


class Expert(models.Model):
    """One row: an account may be asked for its opinion, by title and specialty.

    `managed_by` is the unit whose desk keeps the entry. `outside_hospital` names the hospital of an expert from outside
    the county; he then signs in with an account that sees the cases he was invited to and nothing else.
    """

    class Title(models.TextChoices):
        CHIEF = "CHIEF", _("主任医师")
        ASSOCIATE_CHIEF = "ASSOCIATE_CHIEF", _("副主任医师")
        ATTENDING = "ATTENDING", _("主治医师")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="+")
    managed_by = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    outside_hospital = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=16, choices=Title.choices)
    specialty = models.CharField(max_length=30)  # code of definitions/consultation-rules/specialties
    field = models.CharField(max_length=200, blank=True)  # what he is known for, in words
    is_native = models.BooleanField(default=False)  # an expert of this county's origin (WF-33)
    registered_at = models.DateTimeField()
    registered_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["specialty", "title", "id"], name="expert_specialty")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_by__isnull=False), name="expert_ended_pair"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def unit(self) -> str:
        """Where he comes from, for people."""
        return self.outside_hospital or str(self.managed_by)


class Station(models.Model):
    """One row: by agreement an expert comes to a unit regularly: a famous-doctor workstation."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    name = models.CharField(max_length=80)
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="stations")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    agreed_on = models.DateField()
    agreed_until = models.DateField()
    purpose = models.CharField(max_length=300)  # what was agreed: purpose, conditions, sharing of damage
    opened_at = models.DateTimeField()
    opened_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(agreed_until__gt=F("agreed_on")), name="station_agreed_period"),
        ]

    def __str__(self) -> str:
        return self.name


class StationSession(models.Model):
    """One row: what was held at a station on a day, and for how many people. Entered once, never changed."""

    class Kind(models.TextChoices):
        CLINIC = "CLINIC", _("门诊坐诊")
        ROUND = "ROUND", _("教学查房")
        OPERATION = "OPERATION", _("手术")
        TEACHING = "TEACHING", _("讲座带教")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    held_on = models.DateField()
    n_people = models.PositiveIntegerField()  # patients seen or operated on, or staff taught
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["station", "kind", "held_on"], name="one_session_of_a_kind_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.held_on} {self.kind}"


class Availability(models.Model):
    """One row: every week on this day, from `begins` to `ends`, the expert can be booked in slots of so many minutes.

    With a `station` it is the time at which he sees people there; that is told to the public, not booked here.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("周一")
        TUESDAY = 1, _("周二")
        WEDNESDAY = 2, _("周三")
        THURSDAY = 3, _("周四")
        FRIDAY = 4, _("周五")
        SATURDAY = 5, _("周六")
        SUNDAY = 6, _("周日")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="availabilities")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="availabilities")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    begins = models.TimeField()
    ends = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField(default=30)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)  # excluded

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expert", "weekday", "begins"], name="availability_week")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="availability_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=10, slot_minutes__lte=240), name="availability_slot_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert} {self.get_weekday_display()} {self.begins:%H:%M}"


class Booking(models.Model):
    """One row: a slot of an expert is taken by a case, until it is released. Two at once: the index lets one win."""

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="bookings")
    case = models.ForeignKey("consultations.Case", on_delete=models.PROTECT, related_name="bookings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    booked_at = models.DateTimeField()
    booked_by = models.BigIntegerField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["expert", "starts_at"], condition=Q(released_at__isnull=True), name="one_case_a_slot"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.expert} {self.starts_at}"
