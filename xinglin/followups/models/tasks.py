"""Follow-up tasks: what somebody owes a resident, and by when."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.followups import wording
from xinglin.followups.data import Level
from xinglin.followups.states import Status
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class FollowUpTask(models.Model):
    """One row: a facility owes a resident a follow-up on a day. `origin_uuid` names what it arose from; one origin,
    kind and step gives a facility one task, however often it is asked for. `level` says as which of the three levels it
    acts, `taken_over_from` from whom it took the task over who did not reach the resident.
    """

    class Kind(models.TextChoices):
        BEFORE_DISCHARGE = "BEFORE_DISCHARGE", _("预出院回访")
        AFTER_DISCHARGE = "AFTER_DISCHARGE", _("出院后随访")
        AFTER_REFERRAL = "AFTER_REFERRAL", _("下转后随访")
        PLANNED = "PLANNED", _("计划随访")

    class Risk(models.IntegerChoices):
        ORDINARY = 0, _("一般")
        RAISED = 1, _("较高")
        HIGH = 2, _("高危")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    origin_kind = models.CharField(max_length=20)
    origin_uuid = models.UUIDField()
    step = models.CharField(max_length=40, blank=True)  # of a plan with several
    level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    script = models.CharField(max_length=40, blank=True)  # slug; empty: the one of its kind
    came_from = models.ForeignKey(  # the registration it was planned for, where that was merged into another
        "residents.Resident", on_delete=models.PROTECT, null=True, related_name="+"
    )
    taken_over_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField()
    plan = models.TextField(blank=True)
    risk = models.SmallIntegerField(choices=Risk.choices, default=Risk.RAISED)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    status_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)  # the facility was told that it falls due
    n_attempts = models.PositiveSmallIntegerField(default=0)  # how often the resident was not reached
    done_at = models.DateTimeField(null=True)
    done_by = models.BigIntegerField(null=True)
    done_by_name = models.CharField(max_length=40, blank=True)
    outcome = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin_uuid", "kind", "facility", "step"], name="one_task_per_origin"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_by__isnull=False), name="followup_done_pair"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["facility", "due_on"], condition=Q(status__in=["PLANNED", "UNREACHED"]), name="followup_due"
            ),
            models.Index(fields=["facility", "-risk", "due_on", "id"], name="followup_list"),
            models.Index(
                fields=["due_on"],
                condition=Q(status__in=["PLANNED", "UNREACHED"], reminded_at__isnull=True),
                name="followup_unreminded",
            ),
            models.Index(fields=["resident", "-due_on"], name="followup_resident"),
            models.Index(
                fields=["facility", "-risk", "due_on", "id"],
                condition=Q(status__in=["PLANNED", "UNREACHED"]),
                name="followup_desk",
            ),
            models.Index(
                fields=["resident", "-risk", "due_on", "id"],
                condition=Q(status__in=["PLANNED", "UNREACHED"]),
                name="followup_head",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"

    @property
    def plan_said(self) -> str:
        """The plan in the reader's language, where a rule wrote it."""
        return wording.said(self.origin_kind, self.plan)


class FollowUpStatusChange(StatusChange):
    """One row: a follow-up task changed its status."""

    subject = models.ForeignKey(FollowUpTask, on_delete=models.PROTECT, related_name="status_changes")
