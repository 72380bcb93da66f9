"""What is said in a case: messages, opinions with their signatures, ratings."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.consultations.models.cases import Case
from xinglin.consultations.models.experts import Expert
from xinglin.platform.ids import new_uuid


class Message(models.Model):
    """One row: a text or a file in the conversation of a case. Never changed."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=40)
    is_inviter = models.BooleanField()  # of the unit that asks, else of an expert
    text = models.TextField(blank=True)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    file_name = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="message_case")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text="") | Q(file__isnull=False), name="message_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.sent_at}"


class Opinion(models.Model):
    """One row: one version of an opinion, of one expert or of several together. Never changed once it was written.

    It stands from `completed_at`: a joint opinion when the last of its experts has signed. An amendment names what it
    `replaces` and why; the former stands until the new one does.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="opinions")
    version = models.PositiveSmallIntegerField()
    is_joint = models.BooleanField(default=False)
    author = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="+")
    findings = models.TextField()  # analysis of what was read
    diagnosis = models.TextField()  # diagnosis, or what must still be told apart
    advice = models.TextField()  # proposals; the inviting unit decides
    amend_reason = models.CharField(max_length=200, blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    written_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="opinion_version"),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(amend_reason=""), name="opinion_amended_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"


class OpinionSignature(models.Model):
    """One row: an expert signed a version of an opinion, or (`signed_at` empty) is still to sign it."""

    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="signatures")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=16, choices=Expert.Title.choices)
    unit = models.CharField(max_length=80)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["opinion", "expert"], name="one_signature_each"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion} {self.name}"


class Rating(models.Model):
    """One row: one side judged the other after the opinion: the opinion's use, or the quality of the request."""

    class Side(models.TextChoices):
        INVITER = "INVITER", _("邀请方评价意见")
        EXPERT = "EXPERT", _("专家评价申请")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="ratings")
    side = models.CharField(max_length=10, choices=Side.choices)
    score = models.PositiveSmallIntegerField()  # 1 poor … 5 excellent
    remark = models.CharField(max_length=300, blank=True)
    rated_at = models.DateTimeField()
    rated_by = models.BigIntegerField(null=True)
    rated_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "expert", "side"], name="one_rating_each"),
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="rating_of_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.score}"
