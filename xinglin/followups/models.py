"""Follow-up tasks: what somebody owes a resident, and by when."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from xinglin.followups.states import Status
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class FollowUpTask(models.Model):
    """One row: a facility owes a resident a follow-up on a day. `origin_uuid` names what it arose from; one origin and
    kind gives one task, however often it is asked for.
    """

    class Kind(models.TextChoices):
        AFTER_DISCHARGE = "AFTER_DISCHARGE", "出院后随访"
        AFTER_REFERRAL = "AFTER_REFERRAL", "下转后随访"
        PLANNED = "PLANNED", "计划随访"

    uuid = models.UUIDField(default=new_uuid, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    origin_kind = models.CharField(max_length=20)
    origin_uuid = models.UUIDField()
    due_on = models.DateField()
    plan = models.TextField(blank=True)
    risk = models.SmallIntegerField(default=1)  # 0 ordinary, 1 raised, 2 high
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    status_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.BigIntegerField(null=True)
    done_by_name = models.CharField(max_length=40, blank=True)
    outcome = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin_uuid", "kind", "facility"], name="one_task_per_origin"),
            models.CheckConstraint(condition=Q(done_at__isnull=True) | Q(done_by__isnull=False), name="followup_done_pair"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["facility", "due_on"], condition=Q(status__in=["PLANNED", "UNREACHED"]), name="followup_due"
            ),
            models.Index(fields=["resident", "-due_on"], name="followup_resident"),
        ]


class FollowUpStatusChange(StatusChange):
    """One row: a follow-up task changed its status."""

    subject = models.ForeignKey(FollowUpTask, on_delete=models.PROTECT, related_name="status_changes")
