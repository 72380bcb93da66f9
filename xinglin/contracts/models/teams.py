"""Teams: who serves whom, from where, with whose help."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.ids import new_uuid


class Team(models.Model):
    """One row: a team of several professions. A family-doctor team signs residents; a chief-physician team looks after
    one disease over several facilities. `facility` is its home; `disease` the slug of a programme.
    """

    class Kind(models.TextChoices):
        FAMILY = "FAMILY", _("家庭医生团队")
        CHIEF = "CHIEF", _("首席医师团队")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FAMILY)
    name = models.CharField(max_length=60)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    disease = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=20, blank=True)  # empty: that of the home facility
    formed_on = models.DateField()
    ended_on = models.DateField(null=True)  # last day
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="FAMILY", disease="") | (Q(kind="CHIEF") & ~Q(disease="")),
                name="chief_team_names_disease",
            ),
            models.UniqueConstraint(
                fields=["facility", "name"], condition=Q(ended_on__isnull=True), name="team_name_once_at_home"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("formed_on")), name="team_days_in_order"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["facility", "kind"], name="team_home")]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """One row: somebody is in a team from a day until a day, in one profession. `user` is his account, if he has one."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=40)
    profession = models.CharField(max_length=40)
    is_leader = models.BooleanField(default=False)
    since = models.DateField()
    until = models.DateField(null=True)  # last day

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team"], condition=Q(is_leader=True, until__isnull=True), name="one_leader_of_a_team"
            ),
            models.UniqueConstraint(
                fields=["team", "user"], condition=Q(until__isnull=True, user__isnull=False), name="once_in_a_team"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="member_days_in_order"
            ),
        ]
        ordering: ClassVar = ["-is_leader", "since", "id"]

    def __str__(self) -> str:
        return self.name


class TeamPlace(models.Model):
    """One row: a team serves a facility (a clinic, a service point), or a village by its division; until a day."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="places")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    division_code = models.CharField(max_length=12, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)  # last day

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(facility__isnull=False, division_code="")
                | (Q(facility__isnull=True) & ~Q(division_code="")),
                name="team_place_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["team", "facility", "division_code"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="once_in_an_area",
            ),  # fmt: skip
        ]
        indexes: ClassVar = [
            models.Index(fields=["facility"], condition=Q(until__isnull=True), name="team_place_facility"),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.facility_id or self.division_code}"


class Pairing(models.Model):
    """One row: a team is paired with a unit that supports it (XC-26), from a day until a day."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="pairings")
    partner = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=80, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)  # last day

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "partner"], condition=Q(until__isnull=True), name="paired_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} – {self.partner_id}"


class SupportNote(models.Model):
    """One row: the partner unit did something for the team on a day."""

    class Kind(models.TextChoices):
        CLINIC = "CLINIC", _("坐诊")
        TEACHING = "TEACHING", _("带教培训")
        ROUND = "ROUND", _("查房会诊")
        OUTREACH = "OUTREACH", _("义诊")
        OTHER = "OTHER", _("其他")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="notes")
    done_on = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    what = models.CharField(max_length=200)
    n_served = models.PositiveIntegerField(null=True)  # null: not counted
    noted_by = models.BigIntegerField(null=True)
    noted_by_name = models.CharField(max_length=40)
    noted_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-done_on", "-id"]

    def __str__(self) -> str:
        return self.what
