"""Submissions of figures: what is due, what was made of which facts, the file that left, and what was answered."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from xinglin.platform.crypto import EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.submissions.states import Status


class Destination(models.Model):
    """One row: a server that takes data-value sets, and how we prove who we are. Forms name it by `code`."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=80)
    address = models.CharField(max_length=300)  # up to and without /api/dataValueSets
    username = models.CharField(max_length=80)
    secret = EncryptedTextField(null=True)
    is_on = models.BooleanField(default=True)
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)
    set_by_name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title


class Submission(models.Model):
    """One row: one form of one period, the first or a later `turn` of it. What was sent stays as it was sent: `file` is
    known by its checksum, `version` and `snapshot` say which facts its cells come from, and a correction is the next
    turn, with its `reason`.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    form = models.CharField(max_length=60)
    form_version = models.CharField(max_length=80)
    period = models.CharField(max_length=12)
    turn = models.PositiveSmallIntegerField(default=1)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")
    reason = models.CharField(max_length=400, blank=True)
    due_on = models.DateField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DUE)
    status_changed_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    told = models.JSONField(default=list)  # events of the calendar that were announced
    version = models.BigIntegerField(null=True)  # of the facts
    snapshot = models.UUIDField(null=True)  # the publication its cells were taken from; null: the facts of the day
    faults = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.BigIntegerField(null=True)
    checked_by_name = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_by_name = models.CharField(max_length=80, blank=True)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    file_name = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_words = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=400, blank=True)
    next_try_at = models.DateTimeField(null=True)  # of sending by itself
    n_drifted = models.PositiveIntegerField(default=0)  # cells that come out otherwise now than they were sent

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "period", "turn"], name="one_turn_of_a_form"),
            models.CheckConstraint(
                condition=Q(turn=1, corrects__isnull=True) | Q(turn__gt=1, corrects__isnull=False) & ~Q(reason=""),
                name="correction_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["CHECKED", "CONFIRMED", "SENT", "RECEIVED", "REFUSED"]) | Q(file__isnull=False),
                name="checked_means_a_file",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | ~Q(confirmed_by=models.F("checked_by"))
                | Q(confirmed_by__isnull=True),
                name="confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["CONFIRMED", "SENT", "RECEIVED", "REFUSED"]) | Q(confirmed_at__isnull=False),
                name="sent_means_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=False) | Q(checked_by__isnull=True), name="submission_checked_pair"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=False) | Q(confirmed_by__isnull=True),
                name="submission_confirmed_pair",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], name="submission_due"),
            models.Index(
                fields=["next_try_at", "id"], condition=Q(status="CONFIRMED", next_try_at__isnull=False),
                name="submission_to_send",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class SubmissionStatusChange(StatusChange):
    """One row: a submission changed its status."""

    subject = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="status_changes")


class Cell(models.Model):
    """One row: one figure of a submission at one unit, with its parts; no value says `why`. Units of many people only."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="cells")
    item = models.CharField(max_length=60)
    indicator = models.CharField(max_length=60)
    definition = models.CharField(max_length=80)  # its version
    unit = models.CharField(max_length=40)
    unit_code = models.CharField(max_length=40, blank=True)  # as the receiver knows it
    unit_name = models.CharField(max_length=120)
    place = models.PositiveIntegerField()  # in the order of the form
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    groups = models.JSONField(default=dict)
    why = models.CharField(max_length=20, blank=True)
    missing = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "item", "unit"], name="one_cell"),
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(why=""), name="cell_without_value_says_why"),
        ]
        indexes: ClassVar = [models.Index(fields=["submission", "place"], name="cell_order")]

    def __str__(self) -> str:
        return f"{self.item} {self.unit}"


class Delivery(models.Model):
    """One row: a submission was sent to a server once, and what the server said of each row. Written once."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="deliveries")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=12)  # data.Outcome
    http_status = models.PositiveSmallIntegerField(null=True)
    counts = models.JSONField(default=dict)  # imported, updated, ignored, deleted
    conflicts = models.JSONField(default=list)  # {row, object, words, code}
    words = models.CharField(max_length=400, blank=True)
    tried_at = models.DateTimeField()
    tried_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(outcome="ACCEPTED"), name="one_submission_taken_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["submission", "-id"], name="delivery_newest")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.tried_at:%F %R}"
