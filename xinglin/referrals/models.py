"""Referrals: up, down and sideways."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.referrals.states import Status

#: Nothing runs any more in these: their deadlines are over.
_ENDED = ["CLOSED", "REJECTED", "REDIRECTED", "WITHDRAWN", "EXPIRED", "NO_SHOW"]


class Referral(models.Model):
    """One row: responsibility for a resident is to pass from one unit to another. Numbered ``R…``.

    A down-referral after an up-referral is a row of its own that names the first as its `origin`; the sender of the
    origin keeps seeing both. So does a redirected one: it names the row it replaces. `due_at` is the deadline of
    whoever's turn it is (rules 1.6); `reminded_at` and `n_escalations` tell what was done about the present deadline.
    """

    class Direction(models.TextChoices):
        UP = "UP", _("上转")
        DOWN = "DOWN", _("下转")
        SIDEWAYS = "SIDEWAYS", _("平转")

    class Hold(models.TextChoices):
        BED = "BED", _("留床")
        SLOT = "SLOT", _("留号")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    channel = models.CharField(max_length=20)  # slug of definitions/referral-channels: ordinary, emergency, down …
    from_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    to_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    to_department = models.ForeignKey("network.Department", on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.DRAFT)
    status_changed_at = models.DateTimeField()
    urgency = models.PositiveSmallIntegerField(default=1)  # 0 emergency, 1 ordinary: the order of the desk
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    n_escalations = models.PositiveSmallIntegerField(default=0)
    # The slip (rules 1.4)
    reason_code = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    criteria = models.JSONField(default=list)  # slugs of the criteria met, with the definition's version
    impression = models.CharField(max_length=200)  # first impression: diagnosis text
    impression_code = models.CharField(max_length=20, blank=True)
    summary = models.TextField(blank=True)  # present illness and reason
    past_history = models.TextField(blank=True)
    treatment = models.TextField(blank=True)
    plan = models.TextField(blank=True)  # of a down-referral: rehabilitation plan and next steps
    results = models.TextField(blank=True)  # of a down-referral: main results
    followup_days = models.PositiveSmallIntegerField(
        null=True
    )  # of a down-referral: first follow-up after so many days
    contact_phone_given = models.BooleanField(default=False)
    attachments = models.JSONField(default=list)  # [{"kind": "visit"|"request", "uuid": …}] from the record
    consent = models.ForeignKey("residents.Consent", on_delete=models.PROTECT, null=True, related_name="+")
    consent_waived = models.CharField(max_length=200, blank=True)  # emergency: treat first, sign later
    # Who and when, each step
    drafted_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.BigIntegerField(null=True)
    sent_by_name = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    hold_kind = models.CharField(max_length=10, choices=Hold.choices, blank=True)
    hold_text = models.CharField(max_length=80, blank=True)  # ward and bed, or clinic and time
    hold_until = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    admitted_at = models.DateTimeField(null=True)
    admitted_to = models.CharField(max_length=80, blank=True)  # department and bed
    discharged_at = models.DateTimeField(null=True)
    discharge_diagnosis = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["to_facility", "status", "urgency", "due_at"], name="referral_desk"),
            models.Index(fields=["to_facility", "-id"], name="referral_received"),
            models.Index(fields=["from_facility", "-id"], name="referral_sent"),
            models.Index(fields=["resident", "-id"], name="referral_resident"),
            models.Index(fields=["sent_at"], condition=Q(sent_at__isnull=False), name="referral_sent_at"),
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False) & ~Q(status__in=_ENDED),
                name="referral_deadline",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(from_facility=F("to_facility")), name="referral_goes_somewhere"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_by__isnull=False), name="referral_answered_pair"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(sent_by__isnull=False), name="referral_sent_pair"
            ),
            models.UniqueConstraint(
                fields=["resident", "from_facility", "to_facility"],
                condition=Q(status__in=["SUBMITTED", "SENT_BACK", "ACCEPTED"]),
                name="one_open_referral_per_way",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReferralStatusChange(StatusChange):
    """One row: a referral changed its status."""

    subject = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="status_changes")
