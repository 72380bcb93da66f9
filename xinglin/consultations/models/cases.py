"""A case, who was invited to it, and what may be read for it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.consultations.models.experts import Expert
from xinglin.consultations.states import FINAL, InvitationStatus, Status
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class Case(models.Model):
    """One row: a unit asks experts for their opinion about a resident. Numbered ``H…``.

    The invitation states reason, aim, time, summary and the title wanted (rules 4). `due_at` is the deadline of the
    present step; `reminded_at` and `n_escalations` tell what was done about it. `pack_until` is the moment from which
    nothing of the pack can be read any more; empty while it is under way.
    """

    class Kind(models.TextChoices):
        IMMEDIATE = "IMMEDIATE", _("即时会诊")
        BOOKED = "BOOKED", _("预约会诊")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=40, db_default=TenantDefault())
    number = models.CharField(max_length=24, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    from_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    to_facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.REQUESTED)
    status_changed_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    aim = models.CharField(max_length=500)
    summary = models.TextField()
    specialty = models.CharField(max_length=30)
    title_wanted = models.CharField(max_length=16, choices=Expert.Title.choices, blank=True)
    wanted_at = models.DateTimeField(null=True)
    consent = models.ForeignKey("residents.Consent", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    n_escalations = models.PositiveSmallIntegerField(default=0)
    requested_at = models.DateTimeField()
    requested_by = models.BigIntegerField(null=True)
    requested_by_name = models.CharField(max_length=40)
    answered_at = models.DateTimeField(null=True)  # the first expert accepted
    scheduled_at = models.DateTimeField(null=True)  # when they meet
    began_at = models.DateTimeField(null=True)
    opinion_at = models.DateTimeField(null=True)  # every opinion stands
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)  # what the inviting unit decided
    pack_until = models.DateTimeField(null=True)
    room = models.CharField(max_length=64, unique=True)  # of the video: random, nobody guesses it
    video_url = models.CharField(max_length=300, blank=True)  # where the desk types the link

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["to_facility", "status", "due_at"], name="case_desk"),
            models.Index(fields=["to_facility", "-id"], name="case_received"),
            models.Index(fields=["from_facility", "-id"], name="case_sent"),
            models.Index(fields=["resident", "-id"], name="case_resident"),
            models.Index(fields=["requested_at"], name="case_requested_at"),
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False) & ~Q(status__in=sorted(FINAL)),
                name="case_deadline",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=sorted({*Status} - FINAL)) | Q(pack_until__isnull=False), name="case_pack_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseStatusChange(StatusChange):
    """One row: a case changed its status."""

    subject = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="status_changes")


class Invitation(models.Model):
    """One row: an expert was asked to a case, and what he answered."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="invitations")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="invitations")
    status = models.CharField(max_length=10, choices=InvitationStatus.choices, default=InvitationStatus.INVITED)
    status_changed_at = models.DateTimeField()
    invited_at = models.DateTimeField()
    invited_by = models.BigIntegerField(null=True)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["expert", "status", "-id"], name="invitation_expert"),
            models.Index(fields=["due_at"], condition=Q(status="INVITED"), name="invitation_due"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "expert"], condition=Q(status__in=["INVITED", "ACCEPTED"]), name="one_invitation_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.expert}"


class InvitationStatusChange(StatusChange):
    """One row: an invitation changed its status."""

    subject = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="status_changes")


class PackItem(models.Model):
    """One row: something of the record, chosen by who asks, that the experts of the case may read while it lasts.

    `object_uuid` names a visit, a request or a study; a note carries its own text or file; the record has neither.
    """

    class Kind(models.TextChoices):
        VISIT = "VISIT", _("就诊病历")
        REQUEST = "REQUEST", _("检查检验")
        STUDY = "STUDY", _("影像资料")
        RECORD = "RECORD", _("健康档案摘要")
        NOTE = "NOTE", _("补充材料")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    object_uuid = models.UUIDField(null=True)
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "object_uuid"], name="packitem_object")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["NOTE", "RECORD"], object_uuid__isnull=True)
                | Q(kind__in=["VISIT", "REQUEST", "STUDY"], object_uuid__isnull=False),
                name="packitem_names_its_object",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_by__isnull=False), name="packitem_removed_pair"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("added_at")), name="packitem_removed_later"
            ),
        ]

    def __str__(self) -> str:
        return self.title
