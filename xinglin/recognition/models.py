"""Marks of recognition, what was shown to whom, and what was decided."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.platform.ids import new_uuid
from xinglin.recognition.data import Level, Outcome
from xinglin.residents.data import TenantDefault


class Mark(models.Model):
    """One row: results of a unit carry a mark of recognition for an item, or for all items of a kind, in a period.

    Half-open: on `valid_until` it no longer holds. It lapses by the day alone, or by what `register_validity` tells;
    withdrawing it (`ended_at`) is an act with a reason.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    item = models.CharField(max_length=40, blank=True)  # empty: every item of the kind
    level = models.CharField(max_length=10, choices=Level.choices)
    valid_from = models.DateField()
    valid_until = models.DateField()
    evidence = models.CharField(max_length=120)  # what it rests on: the certificate of an external assessment
    granted_at = models.DateTimeField()
    granted_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["facility", "kind", "valid_until"], name="mark_holder"),
            models.Index(fields=["valid_until", "id"], name="mark_until"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="mark_ends_after_start"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="mark_ended_pair",
            ),
            models.UniqueConstraint(
                fields=["facility", "kind", "item", "level", "valid_from"], condition=Q(ended_at__isnull=True),
                name="one_mark_from_a_day",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.level} {self.kind} {self.item}"


class Offer(models.Model):
    """One row: a result was shown to a doctor who was about to order the item; once a day for the same order."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")  # that orders
    kind = models.CharField(max_length=20)
    item = models.CharField(max_length=40)
    source = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey("diagnostics.Report", on_delete=models.PROTECT, related_name="+")  # the version shown
    unit = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")  # that signed it
    level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    age_days = models.PositiveIntegerField()
    rule = models.CharField(max_length=60)  # version of the definition
    shown_on = models.DateField()
    shown_at = models.DateTimeField()
    shown_to = models.BigIntegerField(null=True)
    shown_to_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shown_to", "facility", "resident", "visit", "kind", "item", "report", "shown_on"],
                nulls_distinct=False, name="offer_once_a_day",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.item} {self.shown_on}"


class Decision(models.Model):
    """One row: what a doctor decided about one item that a result could answer. Written once, never changed.

    `RECOGNISED` ends the item there: `source` and `report` are what stands for it, `fen` is what was saved. Otherwise
    `request` is the order that was placed all the same, and `reason_code` says why.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    item = models.CharField(max_length=40)
    item_title = models.CharField(max_length=60)
    source = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey("diagnostics.Report", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, null=True, related_name="+")
    age_days = models.PositiveIntegerField()
    priority = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    fen = models.PositiveIntegerField()
    rule = models.CharField(max_length=60)
    decided_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["facility", "-decided_at", "-id"], name="decision_unit"),
            models.Index(fields=["-decided_at", "-id"], name="decision_newest"),
            models.Index(fields=["resident", "-decided_at"], name="decision_resident"),
            models.Index(fields=["visit"], condition=Q(visit__isnull=False), name="decision_visit"),
            models.Index(fields=["source"], condition=Q(outcome="RECOGNISED"), name="decision_adopted"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="RECOGNISED", reason_code="", request__isnull=True)
                | (~Q(outcome="RECOGNISED") & ~Q(reason_code="") & Q(request__isnull=False)),
                name="decision_says_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.outcome}"
