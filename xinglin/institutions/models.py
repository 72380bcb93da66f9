"""Institutions that are not medical, who lives there, agreements with medical units, and the rounds of each agreement."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.institutions.states import InstitutionStatus, RoundStatus, Status
from xinglin.platform.crypto import EncryptedBinaryField, EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class Institution(models.Model):
    """One row: a home, a school or the like in which people live or are looked after; never a medical facility. `keeper` is
    the unit in whose township it lies and which keeps its record. It is closed, never deleted.
    """

    class Kind(models.TextChoices):
        ELDERLY = "ELDERLY", _("养老机构")
        WELFARE = "WELFARE", _("福利院")
        DISABLED = "DISABLED", _("残疾人托养机构")
        SCHOOL = "SCHOOL", _("学校")
        NURSERY = "NURSERY", _("托育机构")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    address = models.CharField(max_length=120)
    keeper = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    beds = models.PositiveIntegerField(null=True)
    responsible = models.CharField(max_length=40)
    phone = EncryptedTextField(null=True)
    opened_on = models.DateField()
    status = models.CharField(max_length=10, choices=InstitutionStatus.choices, default=InstitutionStatus.OPEN)
    status_changed_at = models.DateTimeField()
    closed_on = models.DateField(null=True)  # last day
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["keeper", "name"], condition=Q(status="OPEN"), name="open_institution_once_in_its_place"
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", closed_on__isnull=True) | Q(status="CLOSED", closed_on__gte=F("opened_on")),
                name="closed_institution_says_when",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["keeper", "name", "id"], name="institution_keeper")]

    def __str__(self) -> str:
        return self.name


class InstitutionStatusChange(StatusChange):
    """One row: an institution was recorded, or closed with a reason."""

    subject = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="status_changes")


class Stay(models.Model):
    """One row: a resident lives in an institution from a day until a day. He lives in one at a time."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="stays")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    room = models.CharField(max_length=20, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)  # last day
    noted_at = models.DateTimeField()
    noted_by_name = models.CharField(max_length=80)
    ended_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(until__isnull=True), name="a_resident_lives_in_one_institution"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="stay_days_in_order"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["institution", "id"], name="stay_institution")]

    def __str__(self) -> str:
        return f"{self.resident_id} · {self.since}"


class CareAgreement(models.Model):
    """One row: a medical unit promised an institution what a package says, for a term. Of each kind of unit at most one is
    in force, and one signed for a day to come. `facility` is from where it is served; `package` a version of a definition.
    """

    class Unit(models.TextChoices):
        FACILITY = "FACILITY", _("医疗机构")
        TEAM = "TEAM", _("家庭医生团队")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="agreements")
    unit = models.CharField(max_length=10, choices=Unit.choices)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("contracts.Team", on_delete=models.PROTECT, null=True, related_name="+")
    package = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    status_changed_at = models.DateTimeField()
    signer_name = models.CharField(max_length=40, blank=True)  # for the institution
    signer_title = models.CharField(max_length=40, blank=True)
    scan = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.BigIntegerField(null=True)  # for the unit
    signed_by_name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="renewals")
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["institution", "unit"],
                condition=Q(status="ACTIVE"),
                name="one_active_agreement_of_a_kind_of_unit",
            ),
            models.UniqueConstraint(
                fields=["institution", "unit"],
                condition=Q(status="SIGNED"),
                name="one_coming_agreement_of_a_kind_of_unit",
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="care_agreement_days_in_order"),
            models.CheckConstraint(
                condition=Q(unit="TEAM", team__isnull=False) | Q(unit="FACILITY", team__isnull=True),
                name="care_agreement_names_its_unit",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "DISCARDED"])
                | Q(signed_at__isnull=False, signer_name__gt="", scan__isnull=False),
                name="care_agreement_in_force_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | ~Q(signed_by_name=""), name="care_agreement_signed_pair"
            ),
            models.CheckConstraint(
                condition=~Q(status="ENDED") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="ended_care_agreement_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["facility", "ends_on"], condition=Q(status="ACTIVE"), name="care_agreement_place"),
        ]

    def __str__(self) -> str:
        return self.number


class CareAgreementStatusChange(StatusChange):
    """One row: an agreement with an institution changed its status."""

    subject = models.ForeignKey(CareAgreement, on_delete=models.PROTECT, related_name="status_changes")


class Round(models.Model):
    """One row: the `n`-th time an item of an agreement is due, from `opens_on` to `due_on`; and once done, who came, when,
    what was found, and who signed for the institution: on the screen, or on paper whose picture is kept.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    agreement = models.ForeignKey(CareAgreement, on_delete=models.PROTECT, related_name="rounds")
    item = models.CharField(max_length=40)
    n = models.PositiveSmallIntegerField()
    opens_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=10, choices=RoundStatus.choices, default=RoundStatus.PLANNED)
    status_changed_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True)
    came = models.JSONField(default=list)  # names of those who came
    findings = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    signer_name = models.CharField(max_length=40, blank=True)
    signature = EncryptedBinaryField(null=True)
    scan = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by = models.BigIntegerField(null=True)
    recorded_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "item", "n"], name="round_planned_once"),
            models.CheckConstraint(condition=Q(due_on__gte=F("opens_on")), name="round_days_in_order"),
            models.CheckConstraint(
                condition=~Q(status="DONE")
                | (Q(came_at__isnull=False) & ~Q(findings="") & ~Q(signer_name="") & ~Q(recorded_by_name="")),
                name="round_done_says_what",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], condition=Q(status="PLANNED"), name="round_planned"),
            models.Index(fields=["agreement", "due_on"], name="round_agreement"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.n}"


class RoundStatusChange(StatusChange):
    """One row: a round was done, or is not owed any more."""

    subject = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="status_changes")


class Seen(models.Model):
    """One row: a resident was seen at a round. `visit` is the clinic's record of that day, if one was written: it proves what
    it proves by itself; without it the round is the proof.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="seen")
    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="+")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, blank=True)
    visit = models.ForeignKey("visits.Visit", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["round", "resident"], name="seen_once_at_a_round")]
        indexes: ClassVar = [models.Index(fields=["resident", "id"], name="seen_resident")]

    def __str__(self) -> str:
        return f"{self.resident_id} @ {self.round_id}"
