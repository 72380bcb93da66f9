"""Telephones that carry a panel of residents, what they have been told, and what they have sent."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from xinglin.platform.crypto import EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.pocket.data import Kind, Why
from xinglin.pocket.states import ChangeStatus, Status
from xinglin.residents.data import TenantDefault


class Device(models.Model):
    """One row: a person has registered a telephone that may carry the panel of one facility.

    `key_digest` is the SHA-256 of a key that only the telephone has: with it the telephone asks, without anybody being
    signed in, whether it must erase itself. `fed_with`: the rights by which it was last given a panel from its beginning.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    key_digest = models.BinaryField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_changed_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    fed_with = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "status"], name="pocket_device_user")]

    def __str__(self) -> str:
        return f"{self.name} {self.uuid}"


class DeviceStatusChange(StatusChange):
    """One row: a telephone changed its status."""

    subject = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="status_changes")


class Panel(models.Model):
    """One row: telephones of this facility carry its panel, which has come to this revision.

    Whoever writes an entry locks this row first: revisions become visible in their order, and none is skipped.
    """

    facility = models.OneToOneField("network.Facility", on_delete=models.PROTECT, related_name="+")
    revision = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facility_id}: {self.revision}"


class PanelEntry(models.Model):
    """One row: what the telephones of a facility must know of one resident changed at this revision; or he left.

    `digest` is that of what they were told. `phone_revision` and `address_revision`: when these two changed last.
    """

    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="entries")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    revision = models.BigIntegerField()
    digest = models.BinaryField()
    has_left = models.BooleanField(default=False)
    phone_digest = models.BinaryField()
    phone_revision = models.BigIntegerField()
    address_digest = models.BinaryField()
    address_revision = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["panel", "resident"], name="once_on_a_panel"),
            models.UniqueConstraint(fields=["panel", "revision"], name="one_entry_per_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id}: {self.resident_id} at {self.revision}"


class Change(models.Model):
    """One row: a telephone sent a change. Never lost: what cannot count at once waits for a person, what is refused stays.

    Three times: `noted_at` as the telephone's clock said, `happened_at` corrected by how wrong that clock was when the change
    was sent, `received_at` when it reached the server. `noted_skew_seconds`: how wrong it was at the last contact before it was noted.
    `message` is in Chinese, `message_en` in English.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    client_id = models.UUIDField(unique=True)
    fingerprint = models.BinaryField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="changes")
    sender_name = models.CharField(max_length=40)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, null=True, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")  # who looks at it
    kind = models.CharField(max_length=12, choices=Kind.choices)
    content = EncryptedTextField()
    noted_at = models.DateTimeField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    skew_seconds = models.IntegerField()
    noted_skew_seconds = models.IntegerField(null=True)
    base_revision = models.BigIntegerField()
    revision = models.BigIntegerField(null=True)  # of a correction: the panel's when it was applied
    status = models.CharField(max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.RECEIVED)
    status_changed_at = models.DateTimeField()
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=500, blank=True)
    message_en = models.CharField(max_length=500, blank=True)
    told = models.JSONField(default=list)
    object_uuid = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["facility", "id"], condition=Q(status="REVIEW"), name="pocket_review"),
            models.Index(fields=["resident", "device"], condition=Q(kind="correction"), name="pocket_corrections"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.client_id}"

    @property
    def moment_before(self) -> datetime | None:
        """When it happened by how wrong the clock was before it was noted; None where that is not known."""
        skew = self.noted_skew_seconds
        return None if skew is None else self.noted_at + timedelta(seconds=skew)

    @property
    def words(self) -> tuple[str, str]:
        """What was said of it, in Chinese and in English."""
        return self.message, self.message_en or self.message

    @property
    def said(self) -> str:
        """The same in the reader's language."""
        return self.words[1 if (get_language() or "").startswith("en") else 0]

    @property
    def why(self) -> str:
        """Why a person must look at it, in words."""
        return str(Why(self.code).label) if self.code in Why.values else self.said


class ChangeStatusChange(StatusChange):
    """One row: what a telephone sent changed its status."""

    subject = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="status_changes")
