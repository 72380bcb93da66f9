"""Performance pay, frozen with what it was computed from."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.contracts.models.teams import Team, TeamMember
from xinglin.platform.ids import new_uuid


class PayRun(models.Model):
    """One row: a pool of one unit was shared among its teams for a period that meets no other of theirs. Never changed; one
    found wrong is voided with a reason, and another takes its place. `version` is the formula.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()  # last day
    pool_fen = models.BigIntegerField()
    version = models.CharField(max_length=60)
    frozen_at = models.DateTimeField()
    frozen_by = models.BigIntegerField(null=True)
    frozen_by_name = models.CharField(max_length=80)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.BigIntegerField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["facility", "since", "until"], condition=Q(voided_at__isnull=True), name="one_pay_of_a_period"
            ),
            models.CheckConstraint(condition=Q(pool_fen__gt=0, until__gte=F("since")), name="pay_is_possible"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | (~Q(void_reason="") & Q(voided_by__isnull=False)),
                name="voided_pay_says_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["facility", "-since", "-id"], name="pay_facility")]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"


class PayLine(models.Model):
    """One row: what a team did in the period and what it gets. `basis` names the agreements and promises behind each
    figure by id, so that it can be opened and computed again.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="lines")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    heads = models.PositiveIntegerField()
    n_key = models.PositiveIntegerField()
    n_due = models.PositiveIntegerField()
    n_done = models.PositiveIntegerField()
    points = models.CharField(max_length=40, blank=True)  # exact, as numerator/denominator; empty: no data
    amount_fen = models.BigIntegerField()
    basis = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "team"], name="a_team_paid_once")]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.amount_fen}"


class PayShare(models.Model):
    """One row: a member's part of his team's amount, by his weight (of his profession, times the days he was in it)."""

    line = models.ForeignKey(PayLine, on_delete=models.PROTECT, related_name="shares")
    member = models.ForeignKey(TeamMember, on_delete=models.PROTECT, related_name="+")
    weight = models.PositiveIntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["line", "member"], name="a_member_paid_once")]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.amount_fen}"
