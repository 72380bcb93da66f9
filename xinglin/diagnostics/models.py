"""Request → report: someone here asks, a centre there performs and answers. ECG is the first kind."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Centre(models.Model):
    """One row: a shared centre of the county (WH-28, WH-41): where it sits, what it reads, its promises in minutes."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)  # ECG, IMAGING, PATHOLOGY
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    serves_everyone = models.BooleanField(default=True)
    minutes_routine = models.PositiveIntegerField(default=30)
    minutes_urgent = models.PositiveIntegerField(default=10)
    minutes_critical = models.PositiveIntegerField(default=10)  # to acknowledge a critical value
    minutes_claim = models.PositiveIntegerField(default=30)  # after which a claimed request may be taken over
    two_step = models.BooleanField(
        default=False
    )  # one reader writes a preliminary report, a senior signs the final one
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Request(models.Model):
    """One row: a unit asks a centre to read an examination of a resident. Numbered ``E…`` for ECG, ``Y…`` for imaging.

    An ECG comes with its request. Images come afterwards: `items` says what to take and `modality` on which kind of
    device; `performed_at` is when they were there, and the centre's promise runs from then.
    """

    class Priority(models.TextChoices):
        ROUTINE = "ROUTINE", _("常规")
        URGENT = "URGENT", _("加急")
        EMERGENCY = "EMERGENCY", _("急诊")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=20)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    from_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="requests")
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.ROUTINE)
    priority_rank = models.SmallIntegerField(default=2)  # 0 emergency, 1 urgent, 2 routine: order of the work list
    question = models.CharField(max_length=500)
    clinical = models.CharField(max_length=500, blank=True)  # what the centre must know: complaint, pressure, medicines
    items = models.JSONField(default=list)  # [{"code", "title", "modality", "body_part"}], as of the day of the request
    modality = models.CharField(max_length=16, blank=True)
    performed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=12, choices=RequestStatus.choices, default=RequestStatus.REQUESTED)
    status_changed_at = models.DateTimeField()
    requested_at = models.DateTimeField()
    requested_by = models.BigIntegerField(null=True)
    requested_by_name = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.BigIntegerField(null=True)
    claimed_by_name = models.CharField(max_length=40, blank=True)
    reported_at = models.DateTimeField(null=True)
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeated_by")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["centre", "priority_rank", "requested_at"],
                condition=Q(status__in=["REQUESTED", "IN_PROGRESS", "PERFORMED", "CLAIMED", "PRELIMINARY"]),
                name="request_worklist",
            ),
            models.Index(fields=["centre", "-requested_at"], name="request_centre"),
            models.Index(fields=["from_facility", "-requested_at"], name="request_sender"),
            models.Index(fields=["resident", "-requested_at"], name="request_resident"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(claimed_at__isnull=True, claimed_by__isnull=True)
                | Q(claimed_at__isnull=False, claimed_by__isnull=False),
                name="request_claimed_pair",
            ),
            models.CheckConstraint(condition=~Q(repeats=F("id")), name="request_not_own_repeat"),
        ]

    def __str__(self) -> str:
        return self.number


class RequestStatusChange(StatusChange):
    """One row: a request changed its status."""

    subject = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="status_changes")


class Recording(models.Model):
    """One row: a file that belongs to a request. `summary` is what was read from it (leads, rate, measurements)."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="recordings")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=20)
    instance_uid = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)  # e.g. the file names another person
    uploaded_at = models.DateTimeField()
    uploaded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "file"], name="a_recording_once")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.format}"


class Upload(models.Model):
    """One row: a file came before its request; only the account that sent it may name it in one."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.uuid)


class Report(models.Model):
    """One row: one signed version of a report. Never changed; an amendment is a new version with its reason.

    A supplement adds to the version before it and takes nothing back.
    """

    class Stage(models.TextChoices):
        PRELIMINARY = "PRELIMINARY", _("初步报告")
        FINAL = "FINAL", _("正式报告")
        AMENDMENT = "AMENDMENT", _("更正报告")
        SUPPLEMENT = "SUPPLEMENT", _("补充报告")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="reports")
    version = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=12, choices=Stage.choices)
    findings = models.TextField()
    conclusion = models.TextField()
    codes = models.JSONField(default=list)  # coded conclusions chosen from the template
    is_abnormal = models.BooleanField(default=False)
    amend_reason = models.TextField(blank=True)
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=40)
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "version"], name="one_report_version")]

    def __str__(self) -> str:
        return f"{self.request_id} version {self.version}"


class QualityMark(models.Model):
    """One row: somebody at the centre judged how well an examination was taken: when reading it, or in a sample."""

    class Stage(models.TextChoices):
        INTAKE = "INTAKE", _("阅片时评价")
        SAMPLE = "SAMPLE", _("抽样质控")

    class Grade(models.TextChoices):
        A = "A", _("甲级")
        B = "B", _("乙级")
        C = "C", _("丙级")
        WASTE = "WASTE", _("废片")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="quality_marks")
    stage = models.CharField(max_length=8, choices=Stage.choices)
    grade = models.CharField(max_length=8, choices=Grade.choices)
    agrees = models.BooleanField(null=True)  # in a sample: whether the second reader agrees with the report
    remark = models.CharField(max_length=200, blank=True)
    marked_at = models.DateTimeField()
    marked_by = models.BigIntegerField(null=True)
    marked_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "stage"], name="one_mark_per_stage")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.stage} {self.grade}"


class CriticalValue(models.Model):
    """One row: a finding that endangers life now, with a clock: notified → confirmed (read back) → handled → closed."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="critical_values")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="critical_values")
    code = models.CharField(max_length=40)  # of the list in definitions/critical-values
    text = models.CharField(max_length=200)
    list_version = models.CharField(max_length=40)
    status = models.CharField(max_length=12, choices=CriticalStatus.choices, default=CriticalStatus.NOTIFIED)
    status_changed_at = models.DateTimeField()
    notified_at = models.DateTimeField()
    notified_by = models.BigIntegerField(null=True)
    notified_by_name = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    escalation = models.PositiveSmallIntegerField(default=0)  # the level reached; see `Escalation`
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_by_name = models.CharField(max_length=40, blank=True)
    read_back = models.TextField(blank=True)
    handled_at = models.DateTimeField(null=True)
    handled_by = models.BigIntegerField(null=True)
    handled_by_name = models.CharField(max_length=40, blank=True)
    handling = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(status="NOTIFIED"), name="critical_waiting"),
            models.Index(fields=["-notified_at"], name="critical_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_by__isnull=False), name="critical_confirmed_pair"
            ),
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True) | Q(handled_by__isnull=False), name="critical_handled_pair"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.code}"

    @property
    def is_in_time(self) -> bool | None:
        """Whether it was acknowledged within its limit; None while nobody has."""
        return None if self.confirmed_at is None else self.confirmed_at <= self.due_at


class CriticalValueStatusChange(StatusChange):
    """One row: a critical value changed its status."""

    subject = models.ForeignKey(CriticalValue, on_delete=models.PROTECT, related_name="status_changes")


class Escalation(models.Model):
    """One row: nobody acknowledged a critical value in time, so the next unit was told. One row for each level."""

    critical = models.ForeignKey(CriticalValue, on_delete=models.PROTECT, related_name="escalations")
    level = models.PositiveSmallIntegerField()
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    escalated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["critical", "level"], name="one_escalation_per_level")]

    def __str__(self) -> str:
        return f"{self.critical_id} level {self.level}"
