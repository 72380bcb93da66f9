"""Agreements, what they promise, and what the residents say of it."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from xinglin.contracts.models.teams import Team
from xinglin.contracts.states import Status
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class Agreement(models.Model):
    """One row: a resident and a team agreed on packages for a term. At most one is in force for a resident, and one is
    signed for a day to come.

    `facility` is where he is served (the clinic that signed); `packages` are versions of definitions; `groups` the key
    groups he belonged to when they were last looked at, which is each night while it is in force; fees are fen for each year, by who bears them.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    number = models.CharField(max_length=24, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="agreements")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    packages = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    fees = models.JSONField(default=dict)
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    status_changed_at = models.DateTimeField()
    consent = models.ForeignKey("residents.Consent", on_delete=models.PROTECT, null=True, related_name="+")
    scan = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)  # who explained, and signed for the team
    signed_by_name = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="renewals")
    ended_on = models.DateField(
        null=True
    )  # the last day of a term that ran out; else the day from which it did not bind
    end_reason = models.CharField(max_length=20, blank=True)
    renewal_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(status="ACTIVE"), name="one_active_agreement_of_a_resident"
            ),
            models.UniqueConstraint(
                fields=["resident"], condition=Q(status="SIGNED"), name="one_coming_agreement_of_a_resident"
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="agreement_days_in_order"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "DISCARDED"])
                | Q(signed_at__isnull=False, signed_by_name__gt="", consent__isnull=False),
                name="in_force_means_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | ~Q(signed_by_name=""), name="agreement_signed_pair"
            ),
            models.CheckConstraint(
                condition=~Q(status="ENDED") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="ended_agreement_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["resident", "-starts_on"], name="agreement_resident"),
            models.Index(fields=["facility", "ends_on", "id"], condition=Q(status="ACTIVE"), name="agreement_place"),
            models.Index(fields=["team", "ends_on", "id"], condition=Q(status="ACTIVE"), name="agreement_team"),
            models.Index(fields=["ends_on"], condition=Q(status="ACTIVE"), name="agreement_ends"),
            GinIndex(fields=["groups"], name="agreement_groups"),
        ]

    def __str__(self) -> str:
        return self.number


class AgreementStatusChange(StatusChange):
    """One row: an agreement changed its status."""

    subject = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="status_changes")


class TeamChange(models.Model):
    """One row: an agreement went from one team to another; what was done before stays where it was done."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="team_changes")
    former = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=40)

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.former_id} → {self.team_id}"


class Promise(models.Model):
    """One row: the agreement promises an item for the `n`-th time: proofs count from `opens_on`, in time until `due_on`.

    `done_on` with `proof` says that it was done, and what proves it: a thing of this service (`proof_kind`,
    `proof_uuid`) or a record by hand with a text or a file. `team` is the one that owes or did it.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="promises")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    package = models.CharField(max_length=60)  # version of the definition
    item = models.CharField(max_length=40)
    n = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    due_on = models.DateField()
    booked_on = models.DateField(null=True)
    done_on = models.DateField(null=True)
    proof = models.CharField(max_length=40, blank=True)  # which of the item's proofs
    proof_kind = models.CharField(max_length=40, blank=True)
    proof_uuid = models.UUIDField(null=True)
    proof_text = models.CharField(max_length=500, blank=True)
    proof_file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField(null=True)
    noted_by_name = models.CharField(max_length=80, blank=True)
    dropped_on = models.DateField(null=True)  # the agreement ended before it was due

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "item", "n"], name="an_item_promised_once"),
            models.UniqueConstraint(
                fields=["agreement", "item", "proof_uuid"], condition=Q(proof_uuid__isnull=False), name="proves_once"
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, proof="") | (Q(done_on__isnull=False) & ~Q(proof="")),
                name="done_means_proved",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("opens_on")), name="promise_days_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["team", "due_on", "id"],
                condition=Q(done_on__isnull=True, dropped_on__isnull=True),
                name="promise_open_team",
            ),  # fmt: skip
            models.Index(
                fields=["agreement", "due_on", "id"],
                condition=Q(done_on__isnull=True, dropped_on__isnull=True),
                name="promise_open_agreement",
            ),  # fmt: skip
            models.Index(fields=["team", "due_on"], condition=Q(dropped_on__isnull=True), name="promise_team_due"),
            models.Index(fields=["proof_uuid"], condition=Q(proof_uuid__isnull=False), name="promise_proof"),
        ]
        ordering: ClassVar = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.item} {self.n}"


class Rating(models.Model):
    """One row: the resident says how content he is, with one item done for him or with the agreement as a whole."""

    class Score(models.IntegerChoices):
        VERY_BAD = 1, pgettext_lazy("content", "很不满意")
        BAD = 2, pgettext_lazy("content", "不满意")
        FAIR = 3, pgettext_lazy("content", "一般")
        GOOD = 4, pgettext_lazy("content", "满意")
        VERY_GOOD = 5, pgettext_lazy("content", "很满意")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="ratings")
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, null=True, related_name="ratings")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField(choices=Score.choices)
    words = models.CharField(max_length=500, blank=True)
    rated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "promise"], nulls_distinct=False, name="rated_once"),
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="rating_in_range"),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "-rated_at"], name="rating_team")]

    def __str__(self) -> str:
        return f"{self.score}"
