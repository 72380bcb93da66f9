"""Messages from and to other systems, kept as they came, and whose number is whose."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from xinglin.exchange.states import InboundStatus, OutboundStatus
from xinglin.platform.crypto import EncryptedBinaryField, EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class InboundMessage(models.Model):
    """One row: a message another system sent, stored before it was acknowledged, as the bytes it came in.

    `id` is the order of arrival. A control id stands once for each connection; a message refused at the door is kept
    apart, so that the engineer sees what was sent.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    connection = models.CharField(max_length=40, blank=True)  # slug; empty when the sender is not known
    control_id = models.CharField(max_length=199, blank=True)  # MSH-10
    message_type = models.CharField(max_length=20, blank=True)  # ADT^A08
    version = models.CharField(max_length=10, blank=True)
    charset = models.CharField(max_length=20)
    raw = EncryptedBinaryField()
    size = models.PositiveIntegerField()
    digest = models.BinaryField()  # SHA-256 of the bytes
    address = models.CharField(max_length=45, blank=True)
    answer = models.CharField(max_length=2)  # acknowledgement code given, of the original mode: AA, AE, AR
    received_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=InboundStatus.choices, default=InboundStatus.RECEIVED)
    status_changed_at = models.DateTimeField()
    n_tries = models.PositiveSmallIntegerField(default=0)
    fault_code = models.CharField(max_length=40, blank=True)
    fault_segment = models.CharField(max_length=3, blank=True)
    fault_field = models.PositiveSmallIntegerField(null=True)
    fault_component = models.PositiveSmallIntegerField(null=True)
    fault_words = models.JSONField(default=dict)  # the sentence in each language of the pages
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "control_id"], condition=~Q(status="REFUSED"), name="one_message_per_control_id"
            ),
            models.UniqueConstraint(
                fields=["connection", "control_id", "digest"],
                condition=Q(status="REFUSED"),
                name="refused_message_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "id"], condition=Q(status="RECEIVED"), name="inbound_waiting"),
            models.Index(fields=["connection", "control_id"], name="inbound_control_id"),
            models.Index(fields=["status", "-id"], name="inbound_status"),
            models.Index(fields=["connection", "-id"], name="inbound_connection"),
            models.Index(fields=["status", "status_changed_at"], name="inbound_age"),
        ]

    def __str__(self) -> str:
        return f"{self.connection} {self.control_id}"


class InboundStatusChange(StatusChange):
    """One row: a message that came in changed its status."""

    subject = models.ForeignKey(InboundMessage, on_delete=models.PROTECT, related_name="status_changes")


class ForeignIdentifier(models.Model):
    """One row: a number another system gives to a resident, under that system's assigning authority.

    `applied_id` is the newest message about the person that was applied: an older one replayed later must not undo it.
    """

    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    authority = models.CharField(max_length=40)
    number = EncryptedTextField()
    number_index = models.BinaryField()
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    applied_id = models.BigIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "number_index"], name="one_resident_per_foreign_number")
        ]
        indexes: ClassVar = [models.Index(fields=["resident", "authority"], name="foreign_number_resident")]

    def __str__(self) -> str:
        return f"{self.authority} {self.resident_id}"


class OutboundMessage(models.Model):
    """One row: a message for another system, sent until it says yes or no; always under the same control id."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    connection = models.CharField(max_length=40)
    control_id = models.CharField(max_length=20, unique=True)
    message_type = models.CharField(max_length=20)
    raw = EncryptedBinaryField()
    event_uuid = models.UUIDField()  # what it tells of: one message for each event and connection
    object_kind = models.CharField(max_length=40)
    object_uuid = models.UUIDField()
    subject_uuid = models.UUIDField(null=True)
    status = models.CharField(max_length=10, choices=OutboundStatus.choices, default=OutboundStatus.QUEUED)
    status_changed_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    n_tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, blank=True)  # of the last try: timeout, unreachable, foreign-answer …
    answer = models.CharField(max_length=2, blank=True)
    answer_raw = EncryptedBinaryField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_uuid", "connection"], name="one_message_per_event_and_connection")
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "id"], condition=Q(status="QUEUED"), name="outbound_waiting"),
            models.Index(fields=["status", "-id"], name="outbound_status"),
            models.Index(fields=["status", "status_changed_at"], name="outbound_age"),
        ]

    def __str__(self) -> str:
        return self.control_id


class OutboundStatusChange(StatusChange):
    """One row: a message that goes out changed its status."""

    subject = models.ForeignKey(OutboundMessage, on_delete=models.PROTECT, related_name="status_changes")


class Listener(models.Model):
    """One row: a process that listens for messages; it signs every few seconds while it lives."""

    address = models.CharField(max_length=60, unique=True)  # host:port
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    n_open = models.PositiveIntegerField(default=0)
    n_received = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.address
