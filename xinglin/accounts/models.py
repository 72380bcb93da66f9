"""Accounts, grants, tokens and emergency access."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.ids import new_uuid


class UserManager(BaseUserManager["User"]):
    """Looks accounts up; they are made by `xinglin.accounts.actions.create_user`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """One row: an account of one person. Never shared, never deleted; closed with `is_active`.

    `resident_uuid` names the person record that is the holder's own; it is set for residents and may be set for staff.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=40, blank=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    resident_uuid = models.UUIDField(null=True, unique=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    email = models.CharField(max_length=254, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name

    # allauth and Django ask for these; nobody gets rights through them.
    is_staff = False
    is_superuser = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class PasswordHistory(models.Model):
    """One row: a hash the account used before; the latest five are refused when changing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    used_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.used_until:%F}"


class Grant(models.Model):
    """One row: an account holds a role at a facility (and, if said, all below it), in a region, or everywhere.

    Exactly one of `facility`, `division_code`, `everywhere` is set. The period is half-open; revoking ends it.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=40)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    with_subordinates = models.BooleanField(default=False)
    division_code = models.CharField(max_length=12, blank=True)
    everywhere = models.BooleanField(default=False)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    granted_at = models.DateTimeField()
    granted_by = models.BigIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "valid_from"], name="grant_user")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(
                    Q(facility__isnull=False, division_code="", everywhere=False)
                    | Q(facility__isnull=True, everywhere=False) & ~Q(division_code="")
                    | Q(facility__isnull=True, division_code="", everywhere=True)
                ),
                name="grant_has_one_place",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name="grant_period"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_by__isnull=False), name="grant_revoked_pair"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiToken(models.Model):
    """One row: a program acts for an account, within `scopes`. Only the digest of the secret is kept."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=60)
    digest = models.BinaryField(unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "label"], condition=Q(revoked_at__isnull=True), name="one_token_per_label"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_period"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_by__isnull=False), name="token_revoked_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Verdict(models.TextChoices):
    """What the security administrator finds of a break-glass access."""

    JUSTIFIED = "JUSTIFIED", _("理由成立")
    UNJUSTIFIED = "UNJUSTIFIED", _("理由不成立")


class EmergencyAccess(models.Model):
    """One row: break-glass. An account reached beyond its scope for one person, with a written reason, briefly."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergencies")
    subject_uuid = models.UUIDField()
    reason = models.TextField()
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=20, blank=True, choices=Verdict)
    remark = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "subject_uuid", "ends_at"], name="emergency_open"),
            models.Index(fields=["-opened_at"], condition=Q(reviewed_at__isnull=True), name="emergency_unreviewed"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="emergency_period"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, verdict="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, verdict__in=["JUSTIFIED", "UNJUSTIFIED"]),
                name="emergency_reviewed_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.opened_at:%F %R}"


class OpenSession(models.Model):
    """One row: a signed-in browser. Ends idle after 15 minutes, after 12 hours, and when too many are open."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    session_key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.opened_at:%F %R}"
