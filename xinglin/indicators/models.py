"""What is known of the extraction of facts, figures computed from it, and figures that were published."""

from typing import ClassVar

from django.db import models

from xinglin.platform.ids import new_uuid
from xinglin.platform.language import either
from xinglin.residents.data import TenantDefault

#: What the snapshots are called that monthly reports are made from.
MONTHLY, MONTHLY_EN = "月报", "Monthly report"


class FactVersion(models.Model):
    """One row: the facts as they were at a time: which file holds which month of which table. `kept_at`: when the figures
    pages open with were kept; until then pages show the version before.

    `manifest`: ``{table: {month: {"file", "rows", "mark", "implausible", "late"}}}``. A file is named by its content and
    never changed, so a version whose files are kept can be computed again to the digit.
    """

    digest = models.CharField(max_length=64, unique=True)
    manifest = models.JSONField(default=dict)
    n_rows = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.digest[:12]}"


class Extraction(models.Model):
    """One row: facts were brought up to date. `months` names the files written; nothing changed: the version before."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.ForeignKey(FactVersion, on_delete=models.CASCADE, null=True, related_name="extractions")
    months = models.JSONField(default=dict)  # fact → months rewritten
    n_rows = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id"], condition=models.Q(finished_at__isnull=False), name="extraction_finished")
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%F %R}"


class Revision(models.Model):
    """One row: a month that was already due changed in a later extraction: late rows, or rows put right."""

    version = models.ForeignKey(FactVersion, on_delete=models.CASCADE, related_name="revisions")
    table = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    rows_before = models.BigIntegerField()
    rows_after = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "table", "month"], name="one_revision_a_version")
        ]
        indexes: ClassVar = [models.Index(fields=["-found_at", "-id"], name="revision_newest")]

    def __str__(self) -> str:
        return f"{self.table} {self.month}"


class Figure(models.Model):
    """One row: what an indicator came to in a period, at each unit of a level. Made anew at any time from its version.

    `cells`: ``{unit: {"n": numerator, "d": denominator, "v": value, "why": reason of no data, "g": groups}}``. No value is
    "no data", never 0.
    """

    version = models.ForeignKey(FactVersion, on_delete=models.CASCADE, related_name="figures")
    definition = models.CharField(max_length=80)  # slug@valid_from#digest of the text
    period = models.CharField(max_length=12)  # 2026-11, 2026-Q4, 2026, 2026-11-YTD
    level = models.CharField(max_length=12)
    places = models.CharField(max_length=64)  # digest of the facilities asked about; empty: all
    cells = models.JSONField(default=dict)
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "definition", "period", "level", "places"], name="one_figure")
        ]

    def __str__(self) -> str:
        return f"{self.definition} {self.period}"


class RecordPage(models.Model):
    """One row: a page of the records behind a figure, and the first of the next page. Found anew at any time from its version.

    `part`: ``numerator``, ``denominator``, or a group; `after` the record it follows, empty for the first page. `n_elsewhere`:
    how many more the figure counts that are on no page, as they happened at places not seen.
    """

    version = models.ForeignKey(FactVersion, on_delete=models.CASCADE, related_name="record_pages")
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    definition = models.CharField(max_length=80)
    period = models.CharField(max_length=12)
    places = models.CharField(max_length=64)  # as of `Figure`
    part = models.CharField(max_length=40)
    after = models.CharField(max_length=36)
    rows = models.JSONField(default=list)
    n_elsewhere = models.PositiveIntegerField(default=0)
    found_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "definition", "period", "places", "part", "after"], name="one_record_page"
            )
        ]

    def __str__(self) -> str:
        return f"{self.definition} {self.period} {self.part}"


class Snapshot(models.Model):
    """One row: figures of a period were published. The facts' version and the definitions' texts stay, so that each can
    be computed again.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=160, blank=True)  # where the system named it
    period = models.CharField(max_length=12)
    version = models.ForeignKey(FactVersion, on_delete=models.PROTECT, related_name="snapshots")
    definitions = models.JSONField(default=dict)  # slug → what the definition said
    frozen_at = models.DateTimeField()
    frozen_by = models.BigIntegerField(null=True)
    frozen_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["title", "period"], name="one_title_a_period")]
        indexes: ClassVar = [models.Index(fields=["period", "-frozen_at"], name="snapshot_period")]

    def __str__(self) -> str:
        return f"{self.title} {self.period}"

    @property
    def said(self) -> str:
        """What it is called, in the reader's language where the system named it."""
        return either(self.title, self.title_en or self.title)


class SnapshotFigure(models.Model):
    """One row: what an indicator came to when it was published, at each unit of a level; cells as in `Figure`."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="figures")
    slug = models.CharField(max_length=60)
    level = models.CharField(max_length=12)
    cells = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["snapshot", "slug", "level"], name="one_figure_a_snapshot")
        ]

    def __str__(self) -> str:
        return f"{self.slug} {self.level}"


class ReturnBatch(models.Model):
    """One row: a return that the county does not produce itself was sent in: of a kind, for a month, by somebody. It is
    taken whole or not at all; a later one of the same kind, month and facility takes its place. `n_rows` 0 says that there
    was nothing to report.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    kind = models.CharField(max_length=40)  # slug of definitions/returns
    layout = models.CharField(max_length=60)  # version of the definition
    month = models.CharField(max_length=7)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    n_rows = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField()
    taken_by = models.BigIntegerField(null=True)
    taken_by_name = models.CharField(max_length=40)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "month", "facility"], condition=models.Q(replaced_by__isnull=True),
                nulls_distinct=False, name="one_return_a_month",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["kind", "-month", "-id"], name="return_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.month}"


class ReturnRow(models.Model):
    """One row: one line of a return. `key` is what makes it one event (the number of a settlement): the same one in two
    returns is refused, or corrects: it takes the place of the former one, so that nothing is counted twice.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    batch = models.ForeignKey(ReturnBatch, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    line = models.PositiveIntegerField()
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, null=True, related_name="+")
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, null=True, related_name="+")
    person = models.BigIntegerField(null=True)  # of somebody who is not on record: from the keyed index of his number
    happened_on = models.DateField()
    content = models.JSONField(default=dict)
    former = models.JSONField(null=True)  # what the line said, and where, that this one corrects

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "kind", "key"], name="one_line_once")]
        indexes: ClassVar = [models.Index(fields=["kind", "happened_on"], name="return_row_month")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Flow(models.Model):
    """One row: where residents were treated in a period, for one kind of care and one chapter of diagnoses (empty: all of
    them); made anew at any time, as `Figure` is. A chapter without a row, where the one of all is there, was nobody's.

    `cells`: ``{facility that manages them: {destination: n}}``; ``V<facility>`` is a clinic, ``T<facility>`` a township unit,
    ``C<facility>`` a county unit, ``X`` outside. `missing`: tables that hold nothing.
    """

    version = models.ForeignKey(FactVersion, on_delete=models.CASCADE, related_name="flows")
    period = models.CharField(max_length=12)
    kind = models.CharField(max_length=12)  # OUTPATIENT, INPATIENT
    chapter = models.CharField(max_length=8, blank=True)  # of ICD-10
    cells = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    computed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "period", "kind", "chapter"], name="one_flow_a_chapter")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period} {self.chapter}"


class Reach(models.Model):
    """One row: places that somebody reads the board of as one unit; the worker keeps their figures as those of the county.
    `digest` as in `Figure.places`.
    """

    digest = models.CharField(max_length=64, unique=True)
    facilities = models.JSONField(default=list)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]


def screen_pages() -> list[str]:
    """Pages of a wall beside its figures: those that a wall had before they could be chosen."""
    return ["work", "outpatient"]


class Screen(models.Model):
    """One row: a browser on a wall shows chosen figures and pages of one period in turn. It holds a key, of which a digest
    is kept, and sees what the person who set it up may see at that moment. `period` moves with the days (``last-month``) or
    is one (``2026-Q3``).
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    label = models.CharField(max_length=60)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    slugs = models.JSONField(default=list)
    pages = models.JSONField(default=screen_pages)
    period = models.CharField(max_length=16, default="this-month")
    language = models.CharField(max_length=10)
    key_digest = models.BinaryField()
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label


class Subscription(models.Model):
    """One row: a person wants a report of chosen figures each month, on a day of it, about the month before."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    slugs = models.JSONField(default=list)
    level = models.CharField(max_length=12)
    language = models.CharField(max_length=10)
    day = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)  # own wish: empty; "no-right"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(day__range=(1, 28)), name="subscription_day_of_any_month"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=models.Q(ended_at__isnull=True), name="subscription_running")
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.day}"


class MonthlyReport(models.Model):
    """One row: the report of a month was made for a subscription, from a snapshot: made again, it is the same."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="reports")
    month = models.CharField(max_length=7)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="reports")
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["subscription", "month"], name="one_monthly_report")]

    def __str__(self) -> str:
        return self.month
