"""Tables of the platform."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now

from xinglin.platform.ids import new_uuid


class AuditRecord(models.Model):
    """One row: somebody did, saw or was refused something. Never changed, never deleted.

    `id` is drawn by ``platform_audit_next_id()``, which first takes the transaction's own id: the sealer relies on
    that order (see `xinglin.platform.chain`). Names of actors are copied, so that a row can be read after the account
    is gone; data of residents never stand here, only their ``subject_uuid``.
    """

    id = models.BigIntegerField(primary_key=True, db_default=models.Func(function="platform_audit_next_id"))
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, default="ok")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80, blank=True)
    place = models.BigIntegerField(null=True)
    subject_uuid = models.UUIDField(null=True)
    object_kind = models.CharField(max_length=60, blank=True)
    object_key = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    emergency = models.BooleanField(default=False)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_uuid", "-id"], condition=Q(subject_uuid__isnull=False), name="audit_subject"),
            models.Index(fields=["actor_id", "-id"], condition=Q(actor_id__isnull=False), name="audit_actor"),
            models.Index(fields=["-id"], condition=Q(emergency=True), name="audit_emergency"),
            # of records about many people at once, who is among them
            GinIndex(
                KeyTransform("subjects", "detail"), condition=Q(detail__has_key="subjects"), name="audit_subjects"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.event}"


class AuditSeal(models.Model):
    """One row: a run of audit records is sealed. `leaves` holds 16 bytes for each record, in order of id.

    `digest` is taken over the former seal's digest, the bounds and the leaves, and is signed with a key that does not
    live in the database.
    """

    id = models.BigIntegerField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    n_records = models.IntegerField()
    algorithm = models.CharField(max_length=12)
    leaves = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()
    signature = models.BinaryField()
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.pk}: {self.first_id}–{self.last_id}"


class OutboxEvent(models.Model):
    """One row: something happened that others want to know. Claimed by the relay, kept a while after hand-over."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    event = models.CharField(max_length=60)
    object_uuid = models.UUIDField()
    subject_uuid = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(handed_over_at__isnull=True), name="outbox_open"),
            models.Index(fields=["handed_over_at"], condition=Q(handed_over_at__isnull=False), name="outbox_done"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.object_uuid}"


class IdempotencyKey(models.Model):
    """One row: a client has sent this key, and this was the answer. A second try gets the same answer."""

    actor_id = models.BigIntegerField()
    key = models.CharField(max_length=80)
    fingerprint = models.BinaryField()
    status = models.SmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor_id", "key"], name="one_answer_per_key")]
        indexes: ClassVar = [models.Index(fields=["used_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key


class StoredFile(models.Model):
    """One row: a file outside the database, known by its SHA-256; the same content is stored once."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)
    stored_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(size__gte=0), name="file_size_not_negative")]

    def __str__(self) -> str:
        return f"{self.media_type} {self.sha256[:12]}"
