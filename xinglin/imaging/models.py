"""The archive of images: study → series → instance, one row each; the bytes lie in the file store."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.imaging.data import Trouble, Way
from xinglin.imaging.states import StudyStatus
from xinglin.platform.crypto import EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.residents.data import TenantDefault


class DicomNode(models.Model):
    """One row: a device or system that may speak DICOM with us: its AE title, its address, and whose it is."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    ae_title = models.CharField(max_length=16)
    address = models.GenericIPAddressField()
    name = models.CharField(max_length=60)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    may_store = models.BooleanField(default=True)
    may_query = models.BooleanField(default=True)  # the modality work list, and performed steps
    is_active = models.BooleanField(default=True)
    admitted_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ae_title", "address"], condition=Q(is_active=True), name="one_node_per_title_and_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ae_title} {self.name}"


class Study(models.Model):
    """One row: one study as it was sent. Whom it shows is what the file says until it is matched.

    `signs` tells why it waits: codes of what does not agree with the request or the resident.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    study_uid = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=12, choices=StudyStatus.choices, default=StudyStatus.UNMATCHED)
    status_changed_at = models.DateTimeField()
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, null=True, related_name="+")
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, null=True, related_name="+")
    patient_name = EncryptedTextField(null=True)
    patient_id = EncryptedTextField(null=True)
    patient_born_on = models.DateField(null=True)
    patient_sex = models.CharField(max_length=1, blank=True)
    accession_number = models.CharField(max_length=16, blank=True)
    study_id = models.CharField(max_length=16, blank=True)
    description = models.CharField(max_length=64, blank=True)
    modalities = models.JSONField(default=list)
    taken_at = models.DateTimeField(null=True)
    signs = models.JSONField(default=list)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    node = models.ForeignKey(DicomNode, on_delete=models.PROTECT, null=True, related_name="studies")
    way = models.CharField(max_length=8, choices=Way.choices)
    n_series = models.PositiveIntegerField(default=0)
    n_instances = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()
    newest_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="MATCHED", resident__isnull=False)
                | (~Q(status="MATCHED") & Q(resident__isnull=True, request__isnull=True)),
                name="study_matched_names_resident",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["facility", "-received_at"], name="study_facility"),
            models.Index(fields=["-received_at"], condition=Q(status="UNMATCHED"), name="study_waiting"),
            models.Index(fields=["resident", "-received_at"], name="study_resident"),
            models.Index(fields=["request"], condition=Q(request__isnull=False), name="study_request"),
            models.Index(fields=["accession_number"], condition=~Q(accession_number=""), name="study_accession"),
        ]

    def __str__(self) -> str:
        return self.study_uid


class StudyStatusChange(StatusChange):
    """One row: a study was matched, un-matched or rejected, by whom and why."""

    subject = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="status_changes")


class Series(models.Model):
    """One row: one series of a study."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="series")
    series_uid = models.CharField(max_length=64, unique=True)
    number = models.IntegerField(null=True)
    modality = models.CharField(max_length=16)
    description = models.CharField(max_length=64, blank=True)
    body_part = models.CharField(max_length=16, blank=True)
    n_instances = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["study", "number"], name="series_of_study")]

    def __str__(self) -> str:
        return self.series_uid


class Instance(models.Model):
    """One row: one SOP instance; its file is the bytes as they were sent.

    `digest` is taken over the dataset without the file's own head, which each sender writes anew.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="instances")
    sop_uid = models.CharField(max_length=64, unique=True)
    sop_class = models.CharField(max_length=64)
    transfer_syntax = models.CharField(max_length=64)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    number = models.IntegerField(null=True)
    rows = models.PositiveIntegerField(default=0)
    columns = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=0)
    header = models.JSONField(default=dict)  # DICOM JSON of what QIDO-RS answers beside the columns
    way = models.CharField(max_length=8, choices=Way.choices)
    received_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)  # the outside archive showed the same content
    removed_at = models.DateTimeField(null=True)  # since then the bytes are there alone

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(archived_at__isnull=False), name="instance_removed_is_archived"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["series", "number"], name="instance_of_series"),
            models.Index(fields=["id"], condition=Q(archived_at__isnull=True), name="instance_not_archived"),
            models.Index(
                fields=["archived_at"],
                condition=Q(archived_at__isnull=False, removed_at__isnull=True, rows__gt=0),
                name="instance_twice_kept",
            ),
        ]

    def __str__(self) -> str:
        return self.sop_uid


class ArchiveFault(models.Model):
    """One row: what kept an instance from the outside archive when it was last tried. Gone when it is there."""

    instance = models.OneToOneField(Instance, on_delete=models.PROTECT, related_name="fault")
    code = models.CharField(max_length=12, choices=Trouble.choices)
    detail = models.CharField(max_length=80, blank=True)  # a status, a kind of error; never an address or a content
    n_tries = models.PositiveIntegerField(default=1)
    noted_at = models.DateTimeField()
    next_try_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-noted_at"], name="archive_fault_newest")]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.code}"


class Conflict(models.Model):
    """One row: an instance came whose UID is known with other content or in another study. Refused, and kept apart."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="conflicts")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=Way.choices)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.BigIntegerField(null=True)
    settled_by_name = models.CharField(max_length=80, blank=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instance", "file"], name="one_conflict_per_content"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="conflict_settled_pair",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at"], condition=Q(settled_at__isnull=True), name="conflict_open")
        ]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.file_id}"


class PerformedStep(models.Model):
    """One row: a device said that it performs an examination (MPPS), and how it ended."""

    class State(models.TextChoices):
        IN_PROGRESS = "IN PROGRESS", _("进行中")
        COMPLETED = "COMPLETED", _("已完成")
        DISCONTINUED = "DISCONTINUED", _("已中止")

    sop_uid = models.CharField(max_length=64, unique=True)
    request = models.ForeignKey("diagnostics.Request", on_delete=models.PROTECT, null=True, related_name="+")
    node = models.ForeignKey(DicomNode, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=12, choices=State.choices)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.sop_uid} {self.state}"


class Refusal(models.Model):
    """One row: something that came was not taken in, and why; for who looks after the devices."""

    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    node = models.ForeignKey(DicomNode, on_delete=models.PROTECT, null=True, related_name="refusals")
    way = models.CharField(max_length=8, choices=Way.choices)
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=300)
    sender = models.CharField(max_length=80)  # AE title and address, or the account's name
    refused_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-refused_at"], name="refusal_newest")]

    def __str__(self) -> str:
        return f"{self.sender} {self.code}"


class Opening(models.Model):
    """One row: an account opened a study, and the look was recorded; its frames read soon after are the same look."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="openings")
    user_id = models.BigIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["study", "user_id", "-opened_at"], name="opening_of_study")]

    def __str__(self) -> str:
        return f"{self.study_id} {self.user_id}"
