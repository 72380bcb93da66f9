"""Rounds of assessment: sheets of units, scores of items with their evidence and changes, appeals, published rankings."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from xinglin.evaluations.states import AppealStatus, RoundStatus, SheetStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Round(models.Model):
    """One row: units are judged by a plan for a period, from figures that were frozen. `plan` is what the plan said when
    the round was opened: whatever becomes of its definition, each score can be computed again.

    `appeal_until` is set when results are told to the units, `objection_until` when the ranking is published.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    slug = models.CharField(max_length=60)
    version = models.CharField(max_length=80)
    plan = models.JSONField()
    period = models.CharField(max_length=12)
    snapshot = models.ForeignKey("indicators.Snapshot", on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=RoundStatus.choices, default=RoundStatus.SELF_CHECK)
    status_changed_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.BigIntegerField()
    opened_by_name = models.CharField(max_length=80)
    self_check_until = models.DateTimeField()
    review_until = models.DateTimeField()
    appeal_until = models.DateTimeField(null=True)
    objection_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(review_until__gte=models.F("self_check_until")), name="review_after_check"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["PUBLISHED", "CLOSED"]) | Q(objection_until__isnull=False),
                name="published_round_has_objections",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-opened_at", "-id"], name="round_newest")]

    def __str__(self) -> str:
        return self.number


class RoundStatusChange(StatusChange):
    """One row: a round changed its status."""

    subject = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="status_changes")


class Sheet(models.Model):
    """One row: one unit in one round. `units` names its figures by level (a facility's id, a township's code, a
    consortium's id). `points`: hundredths, brought to the full mark; empty while an item is open.

    `assessor`: who was asked to review it, beside those whose office it is.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="sheets")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=100)  # as it was called then
    units = models.JSONField()
    status = models.CharField(max_length=12, choices=SheetStatus.choices, default=SheetStatus.OPEN)
    status_changed_at = models.DateTimeField()
    points = models.IntegerField(null=True)
    assessor = models.BigIntegerField(null=True)
    assessor_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "facility"], name="one_sheet_a_unit"),
            models.CheckConstraint(condition=Q(points__isnull=True) | Q(points__gte=0), name="sheet_points"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["facility", "-id"], name="sheet_facility"),
            models.Index(fields=["assessor"], condition=Q(assessor__isnull=False), name="sheet_assessor"),
        ]

    def __str__(self) -> str:
        return self.name


class SheetStatusChange(StatusChange):
    """One row: a sheet changed its status."""

    subject = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="status_changes")


class ItemScore(models.Model):
    """One row: one item of a sheet. `figure` is the frozen cell it is computed from, `basis` says why it has its points,
    or none. `claimed` is what the unit gave itself, line by line in `claims`. All points are hundredths.

    `revision` counts changes: who writes says which one he saw.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=20)
    weight = models.PositiveIntegerField()
    figure = models.JSONField(null=True)
    basis = models.CharField(max_length=20)
    computed = models.IntegerField(null=True)
    points = models.IntegerField(null=True)
    claimed = models.IntegerField(null=True)
    claims = models.JSONField(default=list)
    claim_words = models.CharField(max_length=500, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    reviewed_by_name = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "code"], name="one_score_an_item"),
            models.CheckConstraint(
                condition=(Q(points__isnull=True) | Q(points__gte=0, points__lte=models.F("weight")))
                & (Q(claimed__isnull=True) | Q(claimed__gte=0, claimed__lte=models.F("weight"))),
                name="points_within_weight",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="item_reviewed_pair",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ScoreChange(models.Model):
    """One row: an item got other points than before: from what to what, by whom and why. The database refuses to change
    or delete a row.
    """

    item = models.ForeignKey(ItemScore, on_delete=models.PROTECT, related_name="changes")
    was = models.IntegerField(null=True)
    became = models.IntegerField(null=True)
    basis = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)
    changed_by_name = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["item", "id"], name="score_changes")]

    def __str__(self) -> str:
        return f"{self.was} → {self.became}"


class Evidence(models.Model):
    """One row: a file that a unit gave as proof for an item. One withdrawn stays, and says by whom."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    item = models.ForeignKey(ItemScore, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    added_at = models.DateTimeField()
    added_by = models.BigIntegerField()
    added_by_name = models.CharField(max_length=80)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "file"], condition=Q(withdrawn_at__isnull=True), name="one_proof_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="evidence_withdrawn_pair",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Appeal(models.Model):
    """One row: a unit disagrees with the points of an item; at most one is open for an item. `is_objection`: raised after
    the ranking was published. `wanted` and `given` are hundredths.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    item = models.ForeignKey(ItemScore, on_delete=models.PROTECT, related_name="appeals")
    is_objection = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    wanted = models.IntegerField()
    status = models.CharField(max_length=12, choices=AppealStatus.choices, default=AppealStatus.OPEN)
    status_changed_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    raised_by = models.BigIntegerField()
    raised_by_name = models.CharField(max_length=80)
    given = models.IntegerField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item"], condition=Q(status="OPEN"), name="one_open_appeal_an_item"),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(status="OPEN") & Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(answer=""),
                name="decided_appeal_has_an_answer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["raised_at", "id"], condition=Q(status="OPEN"), name="appeal_open"),
        ]

    def __str__(self) -> str:
        return self.reason[:40]


class AppealStatusChange(StatusChange):
    """One row: an appeal changed its status."""

    subject = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="status_changes")


class Publication(models.Model):
    """One row: the ranking of a round as it was made known, under a document number. A score that changes afterwards is
    published anew: the next revision names the one it replaces and why. The database refuses to change or delete a row.

    `lines`: ``[{"sheet", "name", "points", "place", "tied"}]``, the best first; places of those alike are shared. A unit that
    had been merged by then has ``merged_into`` (a name) and ``merged_on``, too.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="publications")
    revision = models.PositiveSmallIntegerField()
    document_number = models.CharField(max_length=40)
    issued_by = models.CharField(max_length=60)  # the office in whose name it is published
    lines = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField()
    published_by = models.BigIntegerField()
    published_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "revision"], name="one_publication_a_revision"),
            models.CheckConstraint(condition=Q(revision=1) | ~Q(reason=""), name="a_correction_says_why"),
        ]

    def __str__(self) -> str:
        return self.document_number
