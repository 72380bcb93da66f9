"""Funds shared among units: how each amount came about, who approved it, and what replaced it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.evaluations.states import FundStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Distribution(models.Model):
    """One row: a fund shared by a definition from a closed round and its frozen figures. `fund` is what the definition
    said, `given` the amounts it was worked out from, in fen. `pool_fen` is what is shared: the sum of its lines.

    One that was published is never changed: a correction is a new one, which names it in `replaces` and says why.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    slug = models.CharField(max_length=60)
    version = models.CharField(max_length=80)
    fund = models.JSONField()
    round = models.ForeignKey("evaluations.Round", on_delete=models.PROTECT, related_name="distributions")
    given = models.JSONField()
    pool_fen = models.BigIntegerField()
    status = models.CharField(max_length=12, choices=FundStatus.choices, default=FundStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField()
    made_by_name = models.CharField(max_length=80)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.BigIntegerField(null=True)
    approved_by_name = models.CharField(max_length=80, blank=True)
    document_number = models.CharField(max_length=40, blank=True)
    issued_by = models.CharField(max_length=60, blank=True)
    published_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pool_fen__gt=0), name="pool_of_something"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("made_by")),
                name="approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["APPROVED", "PUBLISHED", "REPLACED"]) | Q(approved_by__isnull=False),
                name="approved_before_published",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["PUBLISHED", "REPLACED"]) | Q(published_at__isnull=False) & ~Q(document_number=""),
                name="published_under_a_number",
            ),
            models.CheckConstraint(condition=Q(replaces__isnull=True) | ~Q(reason=""), name="replacement_says_why"),
            models.UniqueConstraint(
                fields=["replaces"], condition=~Q(status="DROPPED"), name="replaced_by_one"
            ),
            models.UniqueConstraint(
                fields=["slug", "round"], condition=Q(status="PUBLISHED"), name="one_fund_published_a_round"
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["-made_at", "-id"], name="distribution_newest")]

    def __str__(self) -> str:
        return self.number


class DistributionStatusChange(StatusChange):
    """One row: a distribution changed its status."""

    subject = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="status_changes")


class DistributionLine(models.Model):
    """One row: what one unit gets out of one part of the fund, and why: `weight` (an exact fraction) of the `factors` that
    were multiplied. Lines of a part add up to the part to the fen. The database refuses to change or delete a row.
    """

    distribution = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="lines")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)  # as it was called then
    part = models.CharField(max_length=20)
    factors = models.JSONField()
    weight = models.CharField(max_length=120)
    fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["distribution", "facility", "part"], name="one_line_a_part"),
            models.CheckConstraint(condition=Q(fen__gte=0), name="line_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.part}"
