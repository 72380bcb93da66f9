"""The pathology case: specimen → blocks → slides → report, with a barcode on each piece."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.pathology.data import Agreement, Kind
from xinglin.pathology.states import CaseStatus
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


def _pair(moment: str, who: str, name: str) -> models.CheckConstraint:
    """A moment and its person stand together or not at all."""
    both = Q(**{f"{moment}__isnull": True, f"{who}__isnull": True})
    return models.CheckConstraint(
        condition=both | Q(**{f"{moment}__isnull": False, f"{who}__isnull": False}), name=name
    )


class NumberSeries(models.Model):
    """One row: the last pathology number a centre gave in a year."""

    centre = models.ForeignKey("diagnostics.Centre", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["centre", "year"], name="one_series_a_year")]

    def __str__(self) -> str:
        return f"{self.centre_id} {self.year} {self.last}"


class PathologyCase(models.Model):
    """One row: the material of one request. It gets its pathology number, e.g. ``2026-00123``, when it is taken in."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    request = models.OneToOneField("diagnostics.Request", on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey("diagnostics.Centre", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.CharField(max_length=16, blank=True)
    status = models.CharField(max_length=12, choices=CaseStatus.choices, default=CaseStatus.SUBMITTED)
    status_changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    received_by = models.BigIntegerField(null=True)
    received_by_name = models.CharField(max_length=40, blank=True)
    gross = models.TextField(blank=True)
    grossed_at = models.DateTimeField(null=True)
    grossed_by = models.BigIntegerField(null=True)
    grossed_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["centre", "number"], condition=~Q(number=""), name="one_case_per_pathology_number"
            ),
            _pair("received_at", "received_by", "pathology_case_received_pair"),
            _pair("grossed_at", "grossed_by", "case_grossed_pair"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["centre", "status", "submitted_at"], name="case_of_centre"),
            models.Index(fields=["centre", "-received_at"], name="pathology_case_received"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.uuid)


class PathologyCaseStatusChange(StatusChange):
    """One row: a case changed its status."""

    subject = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="status_changes")


class SpecimenPart(models.Model):
    """One row: one container of a case. What was not written down is not measured; nothing is guessed."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="parts")
    letter = models.CharField(max_length=2)
    site = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    n_pieces = models.PositiveSmallIntegerField(default=1)
    fixative = models.CharField(max_length=40)
    taken_at = models.DateTimeField(null=True)
    fixed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "letter"], name="one_part_per_letter")]

    def __str__(self) -> str:
        return f"{self.letter} {self.site}"

    @property
    def ischemia_minutes(self) -> int | None:
        """From taking to the fixative; None: not measured."""
        return _minutes(self.taken_at, self.fixed_at)

    def fixation_minutes(self, grossed_at: datetime | None) -> int | None:
        """From the fixative to grossing, when it leaves it; None: not measured."""
        return _minutes(self.fixed_at, grossed_at)


def _minutes(since: datetime | None, until: datetime | None) -> int | None:
    if since is None or until is None or until < since:
        return None
    return int((until - since).total_seconds() // 60)


class Receipt(models.Model):
    """One row: the desk looked at what came, and how it decided. Of what was held, the sender's answer stands here."""

    class Outcome(models.TextChoices):
        ACCEPTED = "ACCEPTED", _("核收")
        HELD = "HELD", _("存疑")
        REFUSED = "REFUSED", _("拒收")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="receipts")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(max_length=20, blank=True)
    remark = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=40)
    answer = models.CharField(max_length=500, blank=True)
    corrections = models.JSONField(default=list)  # [{"part", "field", "was", "became"}]
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [_pair("answered_at", "answered_by", "receipt_answered_pair")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"


class Block(models.Model):
    """One row: a block of paraffin; its code is on its cassette, e.g. ``2026-00123-A1``."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="blocks")
    part = models.ForeignKey(SpecimenPart, on_delete=models.PROTECT, related_name="blocks")
    code = models.CharField(max_length=24)
    number = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=100, blank=True)
    n_pieces = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_by_name = models.CharField(max_length=40)
    embedded_at = models.DateTimeField(null=True)
    embedded_by = models.BigIntegerField(null=True)
    embedded_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["part", "number"], name="one_block_per_number"),
            _pair("embedded_at", "embedded_by", "block_embedded_pair"),
        ]
        indexes: ClassVar = [models.Index(fields=["code"], name="block_code")]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """How people call it within its case: ``A1``."""
        return self.code.rpartition("-")[2]


class StainOrder(models.Model):
    """One row: a pathologist asked for more slides of a block: a recut, deeper levels, special stains, a panel."""

    class Way(models.TextChoices):
        RECUT = "RECUT", _("重切")
        DEEPER = "DEEPER", _("深切")
        STAIN = "STAIN", _("特殊染色")
        IHC = "IHC", _("免疫组化")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="orders")
    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="orders")
    way = models.CharField(max_length=8, choices=Way.choices)
    panel = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    ordered_at = models.DateTimeField()
    ordered_by = models.BigIntegerField(null=True)
    ordered_by_name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.block_id} {self.way}"


class Slide(models.Model):
    """One row: a slide, wanted or made; its code is on its label, e.g. ``2026-00123-A1-2``."""

    class Grade(models.TextChoices):
        A = "A", _("甲级")
        B = "B", _("乙级")
        C = "C", _("丙级")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="slides")
    part = models.ForeignKey(SpecimenPart, on_delete=models.PROTECT, related_name="slides")
    block = models.ForeignKey(Block, on_delete=models.PROTECT, null=True, related_name="slides")
    order = models.ForeignKey(StainOrder, on_delete=models.PROTECT, null=True, related_name="slides")
    code = models.CharField(max_length=28)
    number = models.PositiveSmallIntegerField()
    stain = models.CharField(max_length=40)
    wanted_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    made_by = models.BigIntegerField(null=True)
    made_by_name = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True)
    grade_remark = models.CharField(max_length=100, blank=True)
    graded_at = models.DateTimeField(null=True)
    graded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "code"], name="one_slide_per_code"),
            _pair("made_at", "made_by", "slide_made_pair"),
            _pair("graded_at", "graded_by", "slide_graded_pair"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["code"], name="slide_code"),
            models.Index(fields=["wanted_at"], condition=Q(made_at__isnull=True), name="slide_wanted"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """How people call it within its case: ``A1-2``."""
        return self.code.split("-", 2)[2]


class Picture(models.Model):
    """One row: a picture of a case. Large ones of a slide scanner are shown by tiles (`levels` above 1)."""

    class View(models.TextChoices):
        GROSS = "GROSS", _("大体")
        MICRO = "MICRO", _("镜下")
        SLIDE = "SLIDE", _("全切片")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="pictures")
    slide = models.ForeignKey(Slide, on_delete=models.PROTECT, null=True, related_name="pictures")
    view = models.CharField(max_length=8, choices=View.choices)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=24)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    levels = models.PositiveSmallIntegerField(default=1)
    microns_per_pixel = models.FloatField(null=True)
    caption = models.CharField(max_length=100, blank=True)
    added_at = models.DateTimeField()
    added_by = models.BigIntegerField(null=True)
    added_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "file"], name="a_picture_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.view}"


class Opening(models.Model):
    """One row: an account opened a picture, and the look was recorded; its tiles read soon after are the same look."""

    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="openings")
    user_id = models.BigIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["picture", "user_id", "-opened_at"], name="opening_of_picture")]

    def __str__(self) -> str:
        return f"{self.picture_id} {self.user_id}"


class Sections(models.Model):
    """One row: a signed version of a report, part by part. Its findings and conclusion are put together from these."""

    report = models.OneToOneField("diagnostics.Report", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="sections")
    gross = models.TextField(blank=True)
    microscopic = models.TextField(blank=True)
    special = models.TextField(blank=True)
    diagnosis = models.TextField()
    comment = models.TextField(blank=True)
    choices = models.JSONField(default=list)  # [{"template", "code", "title"}]
    pictures = models.JSONField(default=list)  # uuids

    def __str__(self) -> str:
        return f"{self.case_id} {self.report_id}"


class FrozenSection(models.Model):
    """One row: an answer during an operation: booked, told by telephone and read back, compared with paraffin later."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.OneToOneField(PathologyCase, on_delete=models.PROTECT, related_name="frozen")
    theatre = models.CharField(max_length=60)
    phone = models.CharField(max_length=30)  # of the theatre
    planned_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()  # promised from receipt to the answer
    answer = models.TextField(blank=True)
    told_to = models.CharField(max_length=40, blank=True)
    read_back = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    agreement = models.CharField(max_length=8, choices=Agreement.choices, blank=True)
    difference = models.CharField(max_length=500, blank=True)
    compared_at = models.DateTimeField(null=True)
    compared_by = models.BigIntegerField(null=True)
    compared_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            _pair("answered_at", "answered_by", "frozen_answered_pair"),
            _pair("compared_at", "compared_by", "frozen_compared_pair"),
        ]
        indexes: ClassVar = [models.Index(fields=["planned_at"], name="frozen_planned")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.planned_at}"


class SecondOpinion(models.Model):
    """One row: another pathologist was asked: of this centre (`to_user`), or of an outside hospital (`hospital`)."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="opinions")
    to_user = models.BigIntegerField(null=True)
    to_name = models.CharField(max_length=40)
    hospital = models.CharField(max_length=80, blank=True)
    question = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    asked_by_name = models.CharField(max_length=40)
    answer = models.TextField(blank=True)
    agreement = models.CharField(max_length=8, choices=Agreement.choices, blank=True)
    signed_by_name = models.CharField(max_length=40, blank=True)  # who gave it
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)  # who signed it here, or entered it

    class Meta:
        constraints: ClassVar = [_pair("answered_at", "answered_by", "opinion_answered_pair")]
        indexes: ClassVar = [
            models.Index(fields=["to_user"], condition=Q(answered_at__isnull=True), name="opinion_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.to_name}"


class Loan(models.Model):
    """One row: slides or blocks of a case were lent from the archive, to whom, until when, and when they came back."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    case = models.ForeignKey(PathologyCase, on_delete=models.PROTECT, related_name="loans")
    slides = models.ManyToManyField(Slide, related_name="loans")
    blocks = models.ManyToManyField(Block, related_name="loans")
    borrower = models.CharField(max_length=40)
    borrower_unit = models.CharField(max_length=80, blank=True)
    borrower_phone = models.CharField(max_length=30)
    purpose = models.CharField(max_length=200)
    deposit = models.CharField(max_length=100, blank=True)
    lent_at = models.DateTimeField()
    lent_by = models.BigIntegerField(null=True)
    lent_by_name = models.CharField(max_length=40)
    due_on = models.DateField()
    returned_at = models.DateTimeField(null=True)
    returned_by = models.BigIntegerField(null=True)
    returned_by_name = models.CharField(max_length=40, blank=True)
    condition = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [_pair("returned_at", "returned_by", "loan_returned_pair")]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], condition=Q(returned_at__isnull=True), name="loan_out"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.borrower}"

    @property
    def pieces(self) -> list[str]:
        """Codes of the blocks and slides that were lent."""
        return sorted([*(each.code for each in self.blocks.all()), *(each.code for each in self.slides.all())])
