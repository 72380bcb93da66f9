"""Definitions made in the county, on their way to the day they begin; and enrolments that go over to a new version."""

import tomllib
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.programmes.rules.words import Text
from xinglin.programmes.states import EditionStatus


class Edition(models.Model):
    """One row: a text of a programme's definition made in this county. Dated, it is a version like those that ship, and its text
    never changes again. `version` and `valid_from` are empty until then.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    slug = models.CharField(max_length=40)
    title = models.CharField(max_length=200)  # as the text has it, in the language of the records
    text = models.TextField()
    checksum = models.CharField(max_length=64)  # SHA-256 of the text
    status = models.CharField(max_length=10, choices=EditionStatus.choices, default=EditionStatus.DRAFT)
    status_changed_at = models.DateTimeField()
    made_at = models.DateTimeField()
    written_by = models.BigIntegerField()  # who wrote the text as it stands
    written_by_name = models.CharField(max_length=40)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    reviewed_by_name = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=60, blank=True)
    valid_from = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version"], condition=Q(status="DATED"), name="an_edition_of_a_day"),
            models.CheckConstraint(
                condition=~Q(status__in=["APPROVED", "DATED", "WITHDRAWN"])
                | (Q(reviewed_by__isnull=False) & ~Q(reviewed_by=F("written_by"))),
                name="an_edition_is_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="edition_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(status="DATED") | (Q(valid_from__isnull=False) & ~Q(version="")),
                name="a_dated_edition_has_its_day",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "-status_changed_at"], name="edition_by_status")]

    def __str__(self) -> str:
        return self.version or f"{self.slug} {self.checksum[:8]}"

    @property
    def title_said(self) -> str:
        """The title in the reader's language, as the text has it; of a text that cannot be read, as it was kept."""
        try:
            return str(Text.of(tomllib.loads(self.text)["title"]))
        except (ValueError, KeyError, TypeError):
            return self.title


class EditionStatusChange(StatusChange):
    """One row: an edition changed its status."""

    subject = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="status_changes")


class EditionText(models.Model):
    """One row: a text that an edition had, and who wrote it. Who wrote any of them does not review it."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="texts")
    text = models.TextField()
    checksum = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    written_by = models.BigIntegerField()
    written_by_name = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["edition", "id"], name="edition_texts")]

    def __str__(self) -> str:
        return self.checksum[:8]


class EditionEffect(models.Model):
    """One row: what a text of an edition would do to the county's residents was asked. `figures` names nobody. A count that was cut
    off goes on after `upto`.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="effects")
    checksum = models.CharField(max_length=64)
    against = models.CharField(max_length=60, blank=True)  # version in force; empty: there is none
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    asked_by_name = models.CharField(max_length=40)
    ended_at = models.DateTimeField(null=True)
    upto = models.BigIntegerField(default=0)  # id of the last resident that was looked at
    n_residents = models.PositiveIntegerField(default=0)  # to look at
    n_looked = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["edition"], condition=Q(ended_at__isnull=True), name="one_effect_counted_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.n_looked}/{self.n_residents}"


class JointMove(models.Model):
    """One row: somebody moved the enrolments of one programme at one facility to a version; each has its own `VersionMove`."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    programme = models.CharField(max_length=40)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    became = models.CharField(max_length=60)
    n_counted = models.PositiveIntegerField()  # that ran by another version when it was asked
    n_moved = models.PositiveIntegerField()
    moved_at = models.DateTimeField()
    moved_by = models.BigIntegerField(null=True)
    moved_by_name = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["programme", "-moved_at"], name="joint_moves")]

    def __str__(self) -> str:
        return f"{self.became} {self.n_moved}"
