"""Messages to staff and residents inside Xinglin, and what was handed to outside channels."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from xinglin.platform.ids import new_uuid


class Message(models.Model):
    """One row: somebody should know. Addressed to one account, or to all who hold `permission` at `facility`.

    `subject_key` and `facts` are rendered in the reader's language; no name of a resident is stored here.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    permission = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=60)  # event slug
    urgency = models.SmallIntegerField(default=0)  # 0 ordinary, 1 soon, 2 now
    facts = models.JSONField(default=dict)
    object_kind = models.CharField(max_length=40, blank=True)
    object_uuid = models.UUIDField(null=True)
    subject_uuid = models.UUIDField(null=True)  # the resident it is about; named to those who may see him
    event_uuid = models.UUIDField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event_uuid", "user", "facility", "permission"], name="told_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(facility__isnull=False), name="message_has_reader"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], condition=Q(user__isnull=False), name="message_user"),
            models.Index(
                fields=["facility", "permission", "-id"], condition=Q(facility__isnull=False), name="message_facility"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
