"""Who is in which programme, what each visit found, and who is due."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.programmes.data import (
    AlertAnswer,
    AlertLevel,
    Because,
    Channel,
    CheckResult,
    FoundBy,
    VisitKind,
    WhyUnreached,
)
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.words import Text
from xinglin.programmes.states import ACTIVE, Status
from xinglin.residents.data import TenantDefault


class Enrolment(models.Model):
    """One row: a resident and one programme, from being found to the end. A resident has at most one that is not over
    in each programme. `version` names the definition it runs by until somebody moves it to a newer one.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=40)  # slug of the definition
    version = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CANDIDATE)
    status_changed_at = models.DateTimeField()
    found_by = models.CharField(max_length=10, choices=FoundBy.choices)
    evidence = models.JSONField(default=list)  # why this person was found, by code and value: `evidence.py`
    basis = models.TextField(blank=True)  # what the person who confirmed relied on
    grade = models.CharField(max_length=40, blank=True)  # of the latest visit
    is_controlled = models.BooleanField(null=True)  # by the reporting threshold; None: not measured
    on_target = models.BooleanField(null=True)  # by the clinical target
    severity = models.SmallIntegerField(choices=AlertLevel.choices, default=AlertLevel.NONE)  # of the latest visit
    n_uncontrolled = models.PositiveSmallIntegerField(default=0)  # visits in a row
    created_at = models.DateTimeField()
    enrolled_on = models.DateField(null=True)
    last_visit_on = models.DateField(null=True)
    yearly_on = models.DateField(null=True)  # of the latest yearly assessment
    next_due_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    # What a merge of registrations did, so that it can be taken back: the registration it began under, the one it ended for.
    came_from = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, null=True, related_name="+")
    joined_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident", "programme"], condition=Q(status__in=ACTIVE), name="one_active_enrolment"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ENROLLED", "GRADUATED"]) | Q(enrolled_on__isnull=False),
                name="enrolled_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="ENROLLED") | Q(next_due_on__isnull=False), name="enrolled_has_a_next_day"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["facility", "programme", "status"], name="enrolment_counts"),
            models.Index(fields=["resident", "programme"], name="enrolment_resident"),
            models.Index(fields=["facility", "status", "created_at", "id"], name="enrolment_steps"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.uuid}"


class EnrolmentStatusChange(StatusChange):
    """One row: an enrolment changed its status."""

    subject = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="status_changes")


class VersionMove(models.Model):
    """One row: somebody moved an enrolment to another version of its programme, with what that changed."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="version_moves")
    was = models.CharField(max_length=60)
    became = models.CharField(max_length=60)
    changes = models.JSONField(default=dict)
    moved_at = models.DateTimeField()
    moved_by = models.BigIntegerField(null=True)
    moved_by_name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.was} → {self.became}"


class ManagedResident(models.Model):
    """One row: a resident somebody must see regularly, for all programmes together: one line of the day list.

    It is written from the enrolments in the transaction that changes them, so that the list reads one index.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.OneToOneField("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    programmes = ArrayField(models.CharField(max_length=40), default=list)
    is_lost = models.BooleanField(default=False)
    severity = models.SmallIntegerField(choices=AlertLevel.choices, default=AlertLevel.NONE)
    next_due_on = models.DateField()
    grade_rank = models.SmallIntegerField(default=0)  # the worst grade of all programmes, 0 the mildest
    last_visit_on = models.DateField(null=True)
    n_attempts = models.PositiveSmallIntegerField(default=0)  # not reached since the last visit
    try_again_on = models.DateField(null=True)
    urgent_reading_at = models.DateTimeField(null=True)  # a device measured something dangerous, and nobody answered

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["facility", "is_lost", "-severity", "next_due_on", "-grade_rank", "id"], name="managed_list"
            ),
            models.Index(fields=["facility", "next_due_on"], name="managed_due"),
        ]

    def __str__(self) -> str:
        return f"{self.resident_id}: {self.next_due_on}"


class ProgrammeVisit(models.Model):
    """One row: one version of what one meeting found, for all programmes of the resident together. Never changed: an
    amendment is a new row that names the one it replaces, with the reason.

    `happened_at` is when it took place, `recorded_at` when it reached the server. `client_id` comes from the device
    that wrote it down: the same upload again is the same visit.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    client_id = models.UUIDField(unique=True)
    fingerprint = models.BinaryField()  # SHA-256 of what was sent under the client's id
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=VisitKind.choices, default=VisitKind.ROUTINE)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    clinician_id = models.BigIntegerField(null=True)
    clinician_name = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    advice = models.TextField(blank=True)
    note = models.TextField(blank=True)
    alert_answer = models.CharField(max_length=10, choices=AlertAnswer.choices, blank=True)
    alert_note = models.TextField(blank=True)
    call_reason = models.CharField(max_length=500, blank=True)  # why he was called a second time in one week
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    amend_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(happened_at__lte=F("recorded_at")), name="programme_visit_not_to_come"),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(amend_reason=""), name="programme_visit_amended_with_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["resident", "-happened_at"], name="pvisit_resident"),
            models.Index(fields=["facility", "-happened_at", "-id"], name="pvisit_facility"),
        ]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.happened_at:%F}"


class VisitResult(models.Model):
    """One row: what a programme visit came to in one programme, by the version of the definition named and by all that is
    known of the days up to it. What of that arrives later changes the row, with a `ResultChange`.
    """

    visit = models.ForeignKey(ProgrammeVisit, on_delete=models.PROTECT, related_name="results")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="results")
    version = models.CharField(max_length=60)
    grade = models.CharField(max_length=40, blank=True)
    is_controlled = models.BooleanField(null=True)
    on_target = models.BooleanField(null=True)
    is_complete = models.BooleanField()
    missing = models.JSONField(default=list)  # items asked for and not given
    severity = models.SmallIntegerField(choices=AlertLevel.choices, default=AlertLevel.NONE)
    advice = models.JSONField(default=list)  # codes of the definition; of rows from before, where none fits, the words
    next_due_on = models.DateField()
    findings = models.JSONField(
        null=True
    )  # codes of what wants a referral; null: kept before these were, and not judged since

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "enrolment"], name="one_result_per_programme"),
        ]
        indexes: ClassVar = [models.Index(fields=["enrolment", "-id"], name="result_enrolment")]

    def __str__(self) -> str:
        return f"{self.version} {self.grade}"

    @property
    def advice_said(self) -> list[Text]:
        """What was advised, in words; as strings they are the reader's language."""
        return [catalogue.said(self.version, "advice", each) or Text(each, each) for each in self.advice]


class ResultChange(models.Model):
    """One row: what a visit comes to was judged anew, because something of an earlier day arrived after it."""

    result = models.ForeignKey(VisitResult, on_delete=models.PROTECT, related_name="changes")
    because = models.CharField(max_length=10, choices=Because.choices)
    changed_at = models.DateTimeField()
    was = models.JSONField(default=dict)
    became = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.result_id} {self.changed_at:%F}"


class Alert(models.Model):
    """One row: a visit found something that must be acted on; open until it is answered.

    Its words are those of the definition (`version`, `code`), in the reader's language; `old_text` is what older rows were
    written with, for versions that nobody has any more. `values`: what it rests on, by item, as the visit keeps it.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    visit = models.ForeignKey(ProgrammeVisit, on_delete=models.PROTECT, related_name="alerts")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="alerts")
    code = models.CharField(max_length=60)
    level = models.SmallIntegerField(choices=AlertLevel.choices)
    version = models.CharField(max_length=60, blank=True)
    values = models.JSONField(default=dict)
    old_text = models.CharField(max_length=300, blank=True)
    channel = models.CharField(max_length=40, blank=True)  # slug of a referral channel
    criterion = models.CharField(max_length=60, blank=True)
    raised_at = models.DateTimeField()
    follow_by = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=40, blank=True)  # state of the referral, or what was done instead
    answer_note = models.CharField(max_length=500, blank=True)
    referral_uuid = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["enrolment"], condition=Q(answered_at__isnull=True), name="alert_open"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit", "code", "enrolment"], condition=Q(answered_at__isnull=True), name="an_open_alert_once"
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> Text:
        """What was found, in words; as a string it is the reader's language."""
        return catalogue.said(self.version, "alerts", self.code) or Text(self.old_text, self.old_text)


class Attempt(models.Model):
    """One row: somebody tried to reach a managed resident in vain, and says why."""

    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=12, choices=WhyUnreached.choices)
    tried_at = models.DateTimeField()
    tried_by = models.BigIntegerField(null=True)
    tried_by_name = models.CharField(max_length=40)
    try_again_on = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["resident", "-tried_at"], name="attempt_resident")]

    def __str__(self) -> str:
        return f"{self.why} {self.tried_at:%F}"


class QualityCheck(models.Model):
    """One row: a programme visit was drawn by a seeded rule, and somebody else asks the resident whether it is true."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    visit = models.ForeignKey(ProgrammeVisit, on_delete=models.PROTECT, related_name="checks")
    programme = models.CharField(max_length=40)
    seed = models.CharField(max_length=60)
    drawn_at = models.DateTimeField()
    drawn_by = models.BigIntegerField(null=True)
    drawn_by_name = models.CharField(max_length=40)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.BigIntegerField(null=True)
    checked_by_name = models.CharField(max_length=40, blank=True)
    result = models.CharField(max_length=12, choices=CheckResult.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "programme"], name="a_visit_drawn_once"),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, result="")
                | (Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(result="")),
                name="a_check_has_its_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.seed}"

    @property
    def is_open(self) -> bool:
        """Whether the resident is still to be asked: nobody has, or he was not reached."""
        return self.result in {"", CheckResult.UNREACHED}


class NightlyCheck(models.Model):
    """One row: every managed resident was judged anew by the rules, and what stands was compared with it. A check that was cut off
    goes on after `upto`.
    """

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    upto = models.BigIntegerField(default=0)  # id of the last resident that was looked at
    n_residents = models.PositiveIntegerField(default=0)  # to look at
    n_looked = models.PositiveIntegerField(default=0)
    n_changed = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.started_at:%F} {self.n_looked}/{self.n_residents}"
