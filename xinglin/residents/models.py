"""Residents: who is served, where they are on a roster, and what they agreed to."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from xinglin.platform.crypto import EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class Household(models.Model):
    """One row: a family living together."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    number = models.CharField(max_length=24, unique=True)
    division_code = models.CharField(max_length=12)
    address = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.number


class Resident(models.Model):
    """One row: one person as registered. A second registration of the same person is *merged into* the first: it keeps
    its row, its visits and its rosters, and can be un-merged.

    `identity_index` makes an exact duplicate impossible: the blind index of the identity document, or, for people
    without one, of name, sex, birth date and guardian (see `xinglin.residents.identity`).
    """

    class Sex(models.TextChoices):  # GB/T 2261.1
        UNKNOWN = "0", _("未知的性别")
        MALE = "1", _("男")
        FEMALE = "2", _("女")
        UNSTATED = "9", _("未说明的性别")

    class IdKind(models.TextChoices):
        RESIDENT_ID = "RESIDENT_ID", _("居民身份证")
        HOUSEHOLD_BOOK = "HOUSEHOLD_BOOK", _("户口簿")
        PASSPORT = "PASSPORT", _("护照")
        FOREIGN_PERMIT = "FOREIGN_PERMIT", _("外国人永久居留身份证")
        HMT_PERMIT = "HMT_PERMIT", _("港澳台居民居住证")
        MILITARY = "MILITARY", _("军官证")
        BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE", _("出生医学证明")
        NONE = "NONE", _("无证件")

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("在册")
        MERGED = "MERGED", _("已合并")
        MOVED = "MOVED", _("迁出")
        DECEASED = "DECEASED", _("死亡")

    class Insurance(models.TextChoices):
        RESIDENT = "RESIDENT", _("城乡居民医保")
        EMPLOYEE = "EMPLOYEE", _("职工医保")
        COMMERCIAL = "COMMERCIAL", _("商业保险")
        NONE = "NONE", _("自费")
        UNKNOWN = "UNKNOWN", _("不详")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    number = models.CharField(max_length=24, unique=True)  # health record number
    name = models.CharField(max_length=60)
    pinyin = models.CharField(max_length=160, blank=True)  # lower case, without spaces
    initials = models.CharField(max_length=40, blank=True)
    sex = models.CharField(max_length=1, choices=Sex.choices)
    born_on = models.DateField()
    id_kind = models.CharField(max_length=20, choices=IdKind.choices, default=IdKind.RESIDENT_ID)
    id_number = EncryptedTextField(null=True)
    identity_index = models.BinaryField()
    phone = EncryptedTextField(null=True)
    phone_index = models.BinaryField(null=True)
    card_index = models.BinaryField(null=True)  # electronic health card or social-security card
    ethnicity = models.CharField(max_length=2, default="01")  # GB/T 3304
    nationality = models.CharField(max_length=3, default="CHN")  # GB/T 2659
    division_code = models.CharField(max_length=12)
    address = models.CharField(max_length=120, blank=True)
    managed_by = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="members")
    relation_to_head = models.CharField(max_length=2, blank=True)  # GB/T 4761, two digits
    insurance = models.CharField(max_length=12, choices=Insurance.choices, default=Insurance.UNKNOWN)
    allergies = models.CharField(max_length=200, blank=True)
    conditions = models.JSONField(default=list)  # slugs of long-term conditions, e.g. ["hypertension"]
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_changed_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged_here")
    died_on = models.DateField(null=True)
    registered_at = models.DateTimeField()
    registered_by = models.BigIntegerField(null=True)
    registered_at_facility = models.ForeignKey(
        "network.Facility", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["identity_index"], condition=~Q(status="MERGED"), name="one_resident_per_identity"
            ),
            models.CheckConstraint(
                condition=Q(status="MERGED", merged_into__isnull=False)
                | (~Q(status="MERGED") & Q(merged_into__isnull=True)),
                name="merged_resident_names_survivor",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(id_kind="NONE", id_number__isnull=True) | (~Q(id_kind="NONE") & Q(id_number__isnull=False)),
                name="document_has_number",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["identity_index"], name="resident_identity"),
            models.Index(fields=["phone_index"], condition=Q(phone_index__isnull=False), name="resident_phone"),
            models.Index(fields=["card_index"], condition=Q(card_index__isnull=False), name="resident_card"),
            models.Index(fields=["born_on", "sex"], name="resident_birth"),  # probable duplicates, search by birth date
            models.Index(fields=["name", "born_on"], name="resident_name"),  # probable duplicates
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="resident_merged"),
        ]

    def __str__(self) -> str:
        return self.number


class ResidentStatusChange(StatusChange):
    """One row: a resident's registration changed its status."""

    subject = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="status_changes")


class FormerResidence(models.Model):
    """One row: a facility managed a resident from a day until, and without, another, when he was handed over to the next.
    Where he lives now stands with himself.
    """

    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="former_residences")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    division_code = models.CharField(max_length=12, blank=True)
    since = models.DateField()
    until = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="former_residence_forwards")
        ]
        indexes: ClassVar = [models.Index(fields=["resident", "until"], name="former_residence")]

    def __str__(self) -> str:
        return f"{self.facility_id}: {self.resident_id} until {self.until}"


class RosterEntry(models.Model):
    """One row: a facility has this resident on its roster (名册), why, and until when.

    This is the one rule of who sees whom: staff see a resident only through a roster of a facility where they hold a
    grant. A resident stands on the roster of the clinic that manages him and of the township unit above it (basis
    MANAGED), and of each unit he visits, is referred to or is examined by. Name and initials are copied from the
    resident so that a search reads one index; `xinglin.residents.actions` keeps the copies.
    """

    class Basis(models.TextChoices):
        MANAGED = "MANAGED", _("辖区居民")
        VISIT = "VISIT", _("就诊")
        REFERRAL = "REFERRAL", _("转诊")
        REQUEST = "REQUEST", _("检查申请")
        CONTRACT = "CONTRACT", _("签约")

    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="roster_entries")
    basis = models.CharField(max_length=10, choices=Basis.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    served_at = models.DateTimeField(
        null=True
    )  # first time it was more than the managing unit: such sight outlasts a transfer
    name = models.CharField(max_length=60, db_collation="C")
    initials = models.CharField(max_length=40, db_collation="C")
    pinyin = models.CharField(max_length=160, db_collation="C")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["facility", "resident"], name="once_on_a_roster")]
        indexes: ClassVar = [
            models.Index(fields=["resident", "facility"], name="roster_resident"),
            models.Index(fields=["facility", "name", "resident"], name="roster_name"),
            models.Index(fields=["facility", "initials", "resident"], name="roster_initials"),
            models.Index(fields=["facility", "pinyin", "resident"], name="roster_pinyin"),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id}: {self.resident_id} ({self.basis})"


class Contact(models.Model):
    """One row: somebody to call for a resident."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=60)
    relation = models.CharField(max_length=20)
    phone = EncryptedTextField(null=True)
    is_guardian = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"contact {self.uuid}"


class Consent(models.Model):
    """One row: a resident (or who may sign for him) agreed to, or refused, something; may be withdrawn.

    `kind` is a slug: ``referral``, ``remote-reading``, ``record-sharing``, ``contact-by-phone``… `object_uuid` names
    the thing consented to, where it is one thing.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=30)
    agreed = models.BooleanField()
    explained_by = models.BigIntegerField(null=True)
    explained_by_name = models.CharField(max_length=40, blank=True)
    explained = models.TextField(blank=True)
    signer_name = models.CharField(max_length=60)
    signer_relation = models.CharField(max_length=20, default="本人")
    signature = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    object_uuid = models.UUIDField(null=True)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["resident", "kind", "-given_at"], name="consent_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.given_at:%F}"


class Merge(models.Model):
    """One row: two registrations were found to be one person; `undone_at` when that was taken back."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    kept = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="merges_kept")
    merged = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="merges_lost")
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.BigIntegerField(null=True)
    undo_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at__isnull=True), name="merged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"
