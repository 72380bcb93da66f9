"""Internal quality control: instruments, control materials, targets, runs, and losses of control."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from xinglin.labcontrol.data import Organiser, Source, TargetSource, Verdict
from xinglin.labcontrol.states import BLOCKING, UNFINISHED, Status
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Instrument(models.Model):
    """One row: an analyser at a facility, judged by a set of rules. `only_warns`: a missing run warns and blocks nothing."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    equipment = models.ForeignKey("network.Equipment", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    model = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=40, blank=True)
    rules = models.CharField(max_length=40)  # slug of a definition of qc-rules
    only_warns = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["facility", "name"], condition=Q(is_active=True), name="one_instrument_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assay(models.Model):
    """One row: an instrument measures an analyte under control, at least every `interval_hours`."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="assays")
    analyte = models.CharField(max_length=24)
    title = models.CharField(
        max_length=60
    )  # as it was when it was added; the definitions' title is shown where there is one
    unit = models.CharField(max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField(default=2)
    interval_hours = models.PositiveSmallIntegerField(default=24)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instrument", "analyte"], name="one_assay_of_an_analyte"),
            models.CheckConstraint(condition=Q(interval_hours__gte=1), name="assay_interval"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.analyte}"


class ControlMaterial(models.Model):
    """One row: a lot of a control material at one level, at a facility. `open_days`: how long an opened vial keeps."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    maker = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    lot = models.CharField(max_length=40)
    level = models.CharField(max_length=8)
    expires_on = models.DateField()
    opened_on = models.DateField(null=True)
    open_days = models.PositiveSmallIntegerField(null=True)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["facility", "maker", "lot", "level"], name="one_material_of_a_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.lot}"


class Target(models.Model):
    """One row: a version of mean and SD of an assay for a lot. Never changed: a new version takes its place.

    Until it has begun it runs in parallel: values are kept and judge nothing. Mean and SD are absent only then.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    assay = models.ForeignKey(Assay, on_delete=models.PROTECT, related_name="targets")
    material = models.ForeignKey(ControlMaterial, on_delete=models.PROTECT, related_name="targets")
    version = models.PositiveSmallIntegerField()
    mean = models.DecimalField(max_digits=14, decimal_places=5, null=True)
    sd = models.DecimalField(max_digits=14, decimal_places=5, null=True)
    source = models.CharField(max_length=10, choices=TargetSource.choices)
    n_values = models.PositiveIntegerField(default=0)  # of a computed one
    left_out = models.JSONField(default=list)  # values that were left out as outliers, as texts
    note = models.CharField(max_length=200, blank=True)
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)
    set_by_name = models.CharField(max_length=40)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assay", "material", "version"], name="one_target_version"),
            models.UniqueConstraint(
                fields=["assay", "material"], condition=Q(ended_at__isnull=True), name="one_target_of_a_lot"
            ),
            models.CheckConstraint(
                condition=Q(begun_at__isnull=True) | Q(mean__isnull=False, sd__isnull=False),
                name="target_begun_with_mean",
            ),
            models.CheckConstraint(condition=Q(sd__isnull=True) | Q(sd__gt=0), name="target_sd_positive"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("set_at")), name="target_ended_after"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["assay"], condition=Q(ended_at__isnull=True), name="target_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.assay_id} {self.material_id} v{self.version}"

    def z_of(self, value: Decimal) -> Decimal | None:
        """How many SDs a value is from the mean; None while there is no mean."""
        return None if self.mean is None or self.sd is None else (value - self.mean) / self.sd


class ControlRun(models.Model):
    """One row: control materials were measured on an instrument at a moment."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="runs")
    run_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source.choices)
    note = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.BigIntegerField(null=True)
    entered_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instrument", "run_at"], name="one_run_of_a_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.run_at:%Y-%m-%d %H:%M}"


class OutOfControl(models.Model):
    """One row: an assay lost control. It blocks the release of its results until a run after the action is in control.

    `suspect_from`: the last run in control before; what patients were told since then is to be looked at.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    assay = models.ForeignKey(Assay, on_delete=models.PROTECT, related_name="losses")
    rules_broken = models.JSONField(default=list)  # codes
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    status_changed_at = models.DateTimeField()
    opened_at = models.DateTimeField()  # the moment of the run
    suspect_from = models.DateTimeField(null=True)
    cause_code = models.CharField(max_length=20, blank=True)
    cause = models.TextField(blank=True)
    caused_at = models.DateTimeField(null=True)
    caused_by = models.BigIntegerField(null=True)
    caused_by_name = models.CharField(max_length=40, blank=True)
    action_code = models.CharField(max_length=20, blank=True)
    action = models.TextField(blank=True)
    patients = models.TextField(blank=True)  # what was done about results since the last run in control
    acted_at = models.DateTimeField(null=True)
    acted_by = models.BigIntegerField(null=True)
    acted_by_name = models.CharField(max_length=40, blank=True)
    retested_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    reviewed_by_name = models.CharField(max_length=40, blank=True)
    review = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assay"], condition=Q(status__in=[each.value for each in BLOCKING]), name="one_loss_at_a_time"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{step}_at__isnull": True}) | Q(**{f"{step}_by__isnull": False}),
                    name=f"loss_{step}_pair",
                )
                for step in ("caused", "acted", "reviewed")
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["assay", "-opened_at"],
                condition=Q(status__in=[each.value for each in UNFINISHED]),
                name="loss_open",
            ),
            models.Index(fields=["-opened_at", "-id"], name="loss_list"),
        ]

    def __str__(self) -> str:
        return f"{self.assay_id} {self.opened_at:%Y-%m-%d %H:%M}"


class OutOfControlStatusChange(StatusChange):
    """One row: a loss of control changed its status."""

    subject = models.ForeignKey(OutOfControl, on_delete=models.PROTECT, related_name="status_changes")


class ControlResult(models.Model):
    """One row: what the rules said of an assay in a run. Judged once, with the rules of that day."""

    run = models.ForeignKey(ControlRun, on_delete=models.PROTECT, related_name="results")
    assay = models.ForeignKey(Assay, on_delete=models.PROTECT, related_name="results")
    run_at = models.DateTimeField()  # of the run
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    broken = models.JSONField(default=list)  # [{"code", "levels"}]
    judged_by = models.CharField(max_length=60)  # version of the rule set
    loss = models.ForeignKey(OutOfControl, on_delete=models.PROTECT, null=True, related_name="results")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "assay"], name="one_result_of_an_assay"),
        ]
        indexes: ClassVar = [models.Index(fields=["assay", "-run_at", "-id"], name="result_of_assay")]

    def __str__(self) -> str:
        return f"{self.assay_id} {self.verdict}"


class ControlValue(models.Model):
    """One row: a measured value of one lot. `counts`: its target had begun, so that the rules looked at it."""

    result = models.ForeignKey(ControlResult, on_delete=models.PROTECT, related_name="values")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="values")
    level = models.CharField(max_length=8)
    value = models.DecimalField(max_digits=14, decimal_places=5)
    counts = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["result", "target"], name="one_value_of_a_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.value}"

    @property
    def z(self) -> Decimal | None:
        """How many SDs it was from the mean of its day; None while there was no mean."""
        return self.target.z_of(self.value)


class EqaScheme(models.Model):
    """One row: a laboratory takes part in an external assessment of a year. It stands until `valid_until`."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    organiser = models.CharField(max_length=12, choices=Organiser.choices)
    organiser_name = models.CharField(max_length=60)
    title = models.CharField(max_length=80)
    year = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField()  # the first day on which it no longer stands
    certificate = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    certificate_name = models.CharField(max_length=120, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["facility", "organiser_name", "title", "year"], name="one_scheme_of_a_year"
            ),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="scheme_period"),
        ]
        indexes: ClassVar = [models.Index(fields=["facility", "-year", "-id"], name="scheme_list")]

    def __str__(self) -> str:
        return f"{self.year} {self.title}"


class EqaRound(models.Model):
    """One row: a round of a scheme, with the results of its samples."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    scheme = models.ForeignKey(EqaScheme, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    assessed_on = models.DateField()
    kept_at = models.DateTimeField()
    kept_by = models.BigIntegerField(null=True)
    kept_by_name = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "number"], name="one_round_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.number}"


class EqaScore(models.Model):
    """One row: how an analyte did in a round: how many of its samples were acceptable."""

    round = models.ForeignKey(EqaRound, on_delete=models.PROTECT, related_name="scores")
    analyte = models.CharField(max_length=24)
    n_samples = models.PositiveSmallIntegerField()
    n_acceptable = models.PositiveSmallIntegerField()
    passed = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "analyte"], name="one_score_of_an_analyte"),
            models.CheckConstraint(
                condition=Q(n_samples__gte=1, n_acceptable__lte=F("n_samples")), name="score_of_samples"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["analyte"], name="score_analyte")]

    def __str__(self) -> str:
        return f"{self.analyte} {self.n_acceptable}/{self.n_samples}"

    @property
    def percent(self) -> Decimal:
        """Share of acceptable samples, in percent."""
        return Decimal(100 * self.n_acceptable) / self.n_samples


class EqaSample(models.Model):
    """One row: a sample of an analyte in a round: own result, target, allowed range; `group_sd` and `ccv` where given."""

    score = models.ForeignKey(EqaScore, on_delete=models.PROTECT, related_name="samples")
    sample = models.CharField(max_length=20)
    own = models.DecimalField(max_digits=14, decimal_places=5)
    target = models.DecimalField(max_digits=14, decimal_places=5)
    low = models.DecimalField(max_digits=14, decimal_places=5)
    high = models.DecimalField(max_digits=14, decimal_places=5)
    group_sd = models.DecimalField(max_digits=14, decimal_places=5, null=True)
    ccv = models.DecimalField(max_digits=6, decimal_places=2, null=True)  # chosen coefficient of variation, percent
    is_acceptable = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["score", "sample"], name="one_result_of_a_sample"),
        ]

    def __str__(self) -> str:
        return f"{self.sample} {self.own}"
