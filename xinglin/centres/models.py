"""How a shared centre is run: who is on duty, to whom a request was suggested, second readings, teaching cases."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.centres.states import AssignmentStatus, SecondStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Roster(models.Model):
    """One row: a centre keeps a duty roster. Who chooses a reader locks it, so that choices come one after the other.

    `minutes_start`: how long what was assigned waits for its reader before it falls to anyone; `minutes_start_urgent`
    for urgent and emergency requests. [default]

    What the head asked to be done by itself: `draws_seconds` draws the second readings of each month when it is over;
    `goes_on` copies the last week of the roster ahead, four weeks from today.
    """

    centre = models.OneToOneField("diagnostics.Centre", on_delete=models.PROTECT, related_name="roster")
    is_on = models.BooleanField(default=True)
    minutes_start = models.PositiveIntegerField(default=10)
    minutes_start_urgent = models.PositiveIntegerField(default=3)
    draws_seconds = models.BooleanField(default=False)
    goes_on = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(minutes_start__gte=1, minutes_start_urgent__gte=1), name="roster_minutes_at_least_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.centre_id}"


class Shift(models.Model):
    """One row: a reader is on duty at a centre from a moment to another, for some devices and regions of the body.

    `modalities` and `regions` empty: all. `reviews`: he signs what others wrote preliminarily.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    centre = models.ForeignKey("diagnostics.Centre", on_delete=models.PROTECT, related_name="shifts")
    reader_id = models.BigIntegerField()
    reader_name = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    modalities = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    reviews = models.BooleanField(default=True)
    entered_at = models.DateTimeField()
    entered_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["centre", "ends_at"], condition=Q(withdrawn_at__isnull=True), name="shift_standing")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="shift_withdrawn_pair",
            ),
            models.UniqueConstraint(
                fields=["centre", "reader_id", "starts_at"], condition=Q(withdrawn_at__isnull=True),
                name="one_shift_of_a_reader",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.reader_name} {self.starts_at:%Y-%m-%d %H:%M}"


class Assignment(models.Model):
    """One row: a request was suggested to the reader on duty with the least open work, until a moment.

    A suggestion, not a lock: until `until` others see whose it is, afterwards anyone is asked.
    """

    class Step(models.TextChoices):
        READ = "READ", _("阅片")
        REVIEW = "REVIEW", _("审核")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, related_name="assignments")
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="assignments")
    step = models.CharField(max_length=8, choices=Step.choices, default=Step.READ)
    reader_id = models.BigIntegerField()
    reader_name = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=AssignmentStatus.choices, default=AssignmentStatus.ASSIGNED)
    status_changed_at = models.DateTimeField()
    assigned_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["until"], condition=Q(status="ASSIGNED"), name="assignment_open"),
            models.Index(fields=["reader_id", "-assigned_at"], name="assignment_reader"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(status="ASSIGNED"), name="one_open_assignment_of_a_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.reader_name}"


class AssignmentStatusChange(StatusChange):
    """One row: an assignment changed its status."""

    subject = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="status_changes")


class SecondReading(models.Model):
    """One row: a final report was drawn for a second reading; the second reader grades before he sees the first.

    `seen_before`: he had opened the request before he graded, so the reading was not blind.
    """

    class Agreement(models.TextChoices):
        AGREES = "AGREES", _("一致")
        MINOR = "MINOR", _("轻微差异，不影响处理")
        MAJOR = "MAJOR", _("重要差异，影响处理")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.OneToOneField("diagnostics.Request", on_delete=models.PROTECT, related_name="second_reading")
    reader_id = models.BigIntegerField()
    reader_name = models.CharField(max_length=40)
    period_from = models.DateField()
    period_until = models.DateField()
    status = models.CharField(max_length=10, choices=SecondStatus.choices, default=SecondStatus.DRAWN)
    status_changed_at = models.DateTimeField()
    drawn_at = models.DateTimeField()
    graded_at = models.DateTimeField(null=True)
    grade = models.CharField(max_length=8, blank=True)  # how well it was taken: A, B, C, WASTE
    is_abnormal = models.BooleanField(null=True)
    opinion = models.TextField(blank=True)
    seen_before = models.BooleanField(default=False)
    compared_at = models.DateTimeField(null=True)
    agreement = models.CharField(max_length=8, choices=Agreement.choices, blank=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["reader_id", "-drawn_at"], name="second_reading_reader"),
            models.Index(fields=["-drawn_at"], name="second_reading_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.status}"


class SecondReadingStatusChange(StatusChange):
    """One row: a second reading changed its status."""

    subject = models.ForeignKey(SecondReading, on_delete=models.PROTECT, related_name="status_changes")


class OutsideOrder(models.Model):
    """One row: another system placed an order under a number of its own, and what became a request of ours."""

    connection = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    items = models.JSONField(default=list)
    request = models.OneToOneField("diagnostics.Request", on_delete=models.PROTECT, related_name="outside_order")
    taken_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "number"], name="one_order_of_a_number")]

    def __str__(self) -> str:
        return f"{self.connection} {self.number}"


class TeachingCase(models.Model):
    """One row: an examination kept for teaching, with nothing that says whose it was. It does not know its source."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    title = models.CharField(max_length=80)
    points = models.TextField()  # what is to be learned from it
    kind = models.CharField(max_length=20)
    modality = models.CharField(max_length=16, blank=True)
    age_group = models.CharField(max_length=10, blank=True)  # in decades: 50-59
    may_show_text = models.BooleanField(default=False)  # a device may have written into the picture
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_by_name = models.CharField(max_length=40)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-made_at"], name="teaching_case_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="teaching_case_withdrawn_pair",
            )
        ]

    def __str__(self) -> str:
        return self.title


class TeachingFile(models.Model):
    """One row: one de-identified file of a teaching case."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(TeachingCase, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveSmallIntegerField()
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    frames = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="one_teaching_file")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number}"
