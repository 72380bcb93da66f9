"""Calls and other contacts of the follow-up centre, and how a resident wants to be reached."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.followups.data import Channel, Dialled
from xinglin.platform.ids import new_uuid
from xinglin.residents.data import TenantDefault


class Call(models.Model):
    """One row: somebody took a resident to contact him, once for everything that is due. At most one is open for a
    resident: whoever opens it holds him until `held_until`. Answers keep the version of the scripts they were given to.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    opened_at = models.DateTimeField()
    held_until = models.DateTimeField()
    opened_by = models.BigIntegerField()
    opened_by_name = models.CharField(max_length=40)
    #: Why it is made although there was one this week: origins of the rules, parted by commas.
    exemption = models.CharField(max_length=200, blank=True)
    scripts = models.JSONField(default=list)  # slugs with versions, from the opening on
    ended_at = models.DateTimeField(null=True)
    dialled = models.CharField(max_length=12, choices=Dialled.choices, blank=True)
    answers = models.JSONField(default=list)  # code, question, value, answer in words
    results = models.JSONField(default=list)  # by script: version, score, alerts
    satisfaction = models.PositiveSmallIntegerField(null=True)  # the lowest said; None: nobody said
    note = models.TextField(blank=True)
    again_on = models.DateField(null=True)  # next attempt, or the day the resident asked for

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(ended_at__isnull=True), name="one_open_call_per_resident"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, dialled="") | (Q(ended_at__isnull=False) & ~Q(dialled="")),
                name="an_ended_call_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="satisfaction_of_one_to_five",
            ),
            models.CheckConstraint(condition=Q(held_until__gt=F("opened_at")), name="a_call_is_held"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["resident", "-opened_at"], name="call_resident"),
            models.Index(fields=["facility", "-opened_at"], name="call_facility"),
        ]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.opened_at:%F}"


class CallPurpose(models.Model):
    """One row: one thing a call was made for, and whether it was settled by it. `source` and `key` name it; its words are
    told on reading, in the reader's language and as far as he may know.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="purposes")
    source = models.CharField(max_length=20)
    key = models.UUIDField()
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    is_critical = models.BooleanField(default=False)
    is_settled = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "source", "key"], name="a_purpose_once_in_a_call")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"


class ContactWish(models.Model):
    """One row: how a resident said he wants, or does not want, to be reached. The newest of a channel counts."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    is_agreed = models.BooleanField()
    words = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.BigIntegerField(null=True)
    noted_by_name = models.CharField(max_length=40)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["resident", "channel", "-noted_at", "-id"], name="wish_resident")]

    def __str__(self) -> str:
        return f"{self.channel} {self.is_agreed}"
